"""Estimate what a program costs on either engine."""

from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.compiler.scalars import Scalars
from autograd.compiler.tape import COMPILED

if TYPE_CHECKING:
    from autograd.compiler.program import Program

# Nanoseconds, measured on one core at 2.9 GHz; only their ratios matter.
LINE, ELEMENT, GATHERED, FLOP = 1500.0, 2.0, 8.0, 0.4
CALL, NODE, EDGE, SLOW = 1500.0, 2.0, 1.5, 40.0
QUICK = {"add", "sub", "mul", "div", "neg", "sum", "mean", "dot", "square", "relu", "leaf", "take",
         "constant", "abs", "max", "min", "maximum", "minimum", "where", "clip"}  # fmt: skip


def cheaper(program: "Program") -> str:
    """Name the engine that is estimated to cost less for one sample.

    The estimate depends on the program alone: the same program gives the same bits each time.
    """
    return "tape" if tape_cost(program.scalars) < numpy_cost(program) and COMPILED else "numpy"


def numpy_cost(program: "Program") -> float:
    """Estimate nanoseconds: so much a line, so much an element, less in matrix products."""
    if not program.instructions:
        return inf  # it was not lowered
    lines = program.source.count("\n")
    cost = lines * LINE
    for step in program.instructions:
        size = step.out.ids.size
        cost += 3 * size * ELEMENT
        for part in step.parts:
            inner = max(_size(part.x), _size(part.y)) if part.y is not None else _size(part.x)
            cost += 3 * inner * (FLOP if step.is_product else ELEMENT)
    return cost + float(sum(array.size for array in program.kept.values())) * GATHERED


def _size(operand: Any) -> int:
    return int(np.prod(operand.view.shape)) if operand is not None and operand.view else 1


def tape_cost(scalars: Scalars) -> float:
    """Estimate nanoseconds: so much a node and an edge, more for an elementary function."""
    ops = scalars.ops
    slow = sum(op not in QUICK for op in ops)
    return CALL + len(ops) * NODE + len(scalars.inputs) * 2 * EDGE + slow * SLOW


def most_instructions(scalars: Scalars) -> int:
    """Return how many instructions may cost as much as replaying; beyond, lowering stops."""
    return int(tape_cost(scalars) / LINE) + 20
