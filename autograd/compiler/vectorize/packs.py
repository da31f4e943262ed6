"""Gather nodes that do the same at the same depth: each group becomes one instruction."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.vectorize.canonicalize import NONE, CanonicalProgram
from autograd.primitives import TABLE
from autograd.rules.loop_lowering import kinds

MAX_SOURCES = 6  # beyond so many, terms from different arrays are read by one index array

Key = tuple[object, ...]


@dataclass
class Addends:
    """Terms of one coefficient whose factors come from the same arrays: rows, one a node."""

    coefficient: float
    xs: list[list[int]] = field(default_factory=list)
    ys: list[list[int]] | None = None


@dataclass
class Pack:
    """Nodes of one depth that do the same.

    ``segments`` for sums; else ``rows`` has for each node the lists that its operation reads: one
    number an argument, or for a function of a list that list, and then its position.
    """

    op: str
    nodes: list[int]
    sample: bool
    segments: list[Addends] = field(default_factory=list)
    rows: list[tuple[list[int], ...]] = field(default_factory=list)


def levels(normal: CanonicalProgram) -> list[list[int]]:
    """Sort the nodes that compute by the longest path from what they start from."""
    depth: dict[int, int] = {}
    rows: list[list[int]] = []
    for node in normal.order:
        if node in normal.sums or node in normal.calls:
            d = max([depth.get(j, -1) for j in normal.operands(node)]) + 1
            depth[node] = d
            if d == len(rows):
                rows.append([])
            rows[d].append(node)
    return rows


def groups(
    level: Sequence[int],
    normal: CanonicalProgram,
    source: Callable[[int], int],
    sample: NDArray[np.bool_],
) -> Iterator[Pack]:
    """Group a level's nodes by what they do and where their inputs come from; sums come first."""
    found: dict[Key, Pack] = {}
    for node in level:
        if node in normal.sums:
            _join_sum(found, node, normal, source, bool(sample[node]))
    for node in level:
        if node in normal.calls:
            op, inputs = normal.calls[node]
            rows = split_inputs(op, list(inputs))
            key: Key = (op, bool(sample[node]), *(_sources(row, source) for row in rows))
            group = found.setdefault(key, Pack(op, [], bool(sample[node])))
            group.nodes.append(node)
            group.rows.append(rows)
    yield from found.values()


def split_inputs(op: str, inputs: list[int]) -> tuple[list[int], ...]:
    """Divide inputs among a rule's arguments, each as a list.

    >>> split_inputs("hypot", [7, 8]), split_inputs("softmax", [5, 6, 0])
    (([7], [8]), ([5, 6], [0]))
    """
    arguments = TABLE[op].arguments
    if not TABLE[op].variadic:
        return tuple([i] for i in inputs)
    _, ends = kinds(arguments)
    return (inputs[:-1], inputs[-1:]) if ends else (inputs,)


def _sources(row: list[int], source: Callable[[int], int]) -> tuple[int, ...]:
    found = tuple(dict.fromkeys([source(j) for j in row]))
    return found if len(found) <= MAX_SOURCES else ()


def _join_sum(
    found: dict[Key, Pack],
    node: int,
    normal: CanonicalProgram,
    source: Callable[[int], int],
    sample: bool,
) -> None:
    """Sort a sum's terms into segments, and the sum to those with the same segments."""
    parts: dict[tuple[float, int, int], tuple[list[int], list[int]]] = {}
    for c, x, y in normal.sums[node]:
        sx = source(x)
        if y == NONE:
            key = (c, sx, NONE)  # 0 would be the first array
        else:
            sy = source(y)
            if sy < -3 < sx or (sy < 0 <= sx):  # parameters, and constants, stand left
                x, y, sx, sy = y, x, sy, sx  # noqa: PLW2901
            key = (c, sx, sy)
        xs, ys = parts.setdefault(key, ([], []))
        xs.append(x)
        if y != NONE:
            ys.append(y)
    if len(parts) > MAX_SOURCES:
        parts = _mixed(parts)
    key_of_group: Key = ("sum", sample, *parts)
    if node in normal.deciding:  # 0 times inf is nan, and where this decides, nothing would show
        key_of_group += tuple(len(xs) for xs, ys in parts.values() if ys)
    group = found.get(key_of_group)
    if group is None:
        group = found[key_of_group] = Pack("sum", [], sample)
        group.segments = [
            Addends(c, [], [] if ys else None) for (c, _, _), (_, ys) in parts.items()
        ]
    group.nodes.append(node)
    for segment, (xs, ys) in zip(group.segments, parts.values(), strict=True):
        segment.xs.append(xs)
        if segment.ys is not None:
            segment.ys.append(ys)


def _mixed(
    parts: dict[tuple[float, int, int], tuple[list[int], list[int]]],
) -> dict[tuple[float, int, int], tuple[list[int], list[int]]]:
    """Forget where terms come from; only coefficients and the number of factors count."""
    mixed: dict[tuple[float, int, int], tuple[list[int], list[int]]] = {}
    for (c, _, _), (xs, ys) in parts.items():
        into = mixed.setdefault((c, -1, -1 if ys else 0), ([], []))
        into[0].extend(xs)
        into[1].extend(ys)
    return mixed
