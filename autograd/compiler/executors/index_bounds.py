"""Positions that select: numbers of arguments and parameters that `autograd.take` counts with."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.compiler.layout.views import Ids
from autograd.compiler.programs.program import Program
from autograd.primitives import LEAF, TABLE

# An array's number, places in it, from how many they select, and its size without samples.
Bound = tuple[int | None, list[int], int, int]
INDEX_OPS = {op for op, entry in TABLE.items() if entry.arguments == ("xs", "k")}


def bounds_of(program: Program, rows: Sequence[tuple[int | None, Ids]]) -> list[Bound]:
    """Find what selects.

    The number is that of an argument's array, None for the row of all parameters.
    """
    scalars = program.scalars
    if INDEX_OPS.isdisjoint(scalars.operations):
        return []
    limits: dict[int, int] = {}
    for i in np.flatnonzero(scalars.is_among(INDEX_OPS)).tolist():
        inputs = scalars.inputs[scalars.starts[i] : scalars.starts[i + 1]]
        index = int(inputs[-1])
        if scalars.operations[scalars.codes[index]] == LEAF:
            limits[index] = min(limits.get(index, len(inputs)), len(inputs) - 1)
    found = []
    for place, nodes in rows:
        places = np.flatnonzero(np.isin(nodes, list(limits))).tolist()
        bounds = [(j, limits[int(nodes[j])]) for j in places]
        size = len(nodes)
        found += [
            (place, [j for j, other in bounds if other == bound], bound, size)
            for bound in dict.fromkeys(bound for _, bound in bounds)
        ]
    return found


def check_index(array: Any, places: list[int], bound: int, size: int) -> None:
    """Refuse what is no position, before a program reads the wrong number.

    ``places`` are those among ``size`` numbers that must be below ``bound``; an array of samples
    has so many in each.
    """
    every = len(places) == size and array.dtype == np.int64
    if every and array.view(np.uint64).max() < bound:  # below 0 is large there; 2 us in place of 10
        return
    chosen = array.reshape(-1, size)[:, places]
    wrong = (chosen < 0) | (chosen >= bound)
    if array.dtype.kind == "f":
        wrong |= chosen != np.floor(chosen)
    if wrong.any():
        raise IndexError(
            f"an argument or a parameter, such as a class, selects with {chosen[wrong][0]}; "
            f"allowed are the whole numbers 0 to {bound - 1}"
        )
