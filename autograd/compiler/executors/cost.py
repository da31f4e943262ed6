"""Choose the engine of a program: NumPy's arrays, or the tape; what either costs is estimated."""

from collections.abc import Callable
from functools import partial
from math import inf
from typing import Any

import numpy as np

from autograd.compiler.ir.attributes import operation_count
from autograd.compiler.programs.program import DeferredProgram, Program
from autograd.compiler.tape.choice import COMPILED
from autograd.compiler.tracing.scalar_ir import ScalarProgram
from autograd.compiler.vectorize.canonicalize import CanonicalProgram
from autograd.compiler.vectorize.packs import levels

# Nanoseconds, fitted to 31 programs of 10 to 70,000 nodes on one core (Xeon, AVX-512); only their
# ratios matter. Where both engines take within 5 % of the same time, either may be chosen.
OPERATION, ELEMENT, GATHERED, FACTOR = 950.0, 0.5, 2.0, 0.65
SAMPLE = 5_000.0  # of a batch: its numbers are copied to the tape and back
CLEARLY = 8  # times cheaper: below, a batch is run as arrays whatever its size
CALLED = 1  # the call of the program itself
CALL, NODE, EDGE, SLOW = 1050.0, 2.5, 1.15, 11.5
QUICK = {"add", "sub", "mul", "div", "neg", "sum", "mean", "dot", "square", "relu", "leaf", "take",
         "constant", "abs", "max", "min", "maximum", "minimum", "where", "clip"}  # fmt: skip


def choose(program: Program, wish: str, *, batch: bool) -> str:
    """Name the engine that runs a program: the one wished for; for "auto", the cheaper one.

    A batch is NumPy's. The estimate depends on the program alone: the same program gives the same
    bits each time.
    """
    if wish != "auto":
        return wish
    if isinstance(program, DeferredProgram):
        return "tape"  # which was chosen before
    return "numpy" if batch else cheaper(program)


def deferral(
    scalars: ScalarProgram, wish: str, *, batch: bool, gradients: bool
) -> Callable[[CanonicalProgram], bool] | None:
    """Return what tells that a program goes to the tape before it is lowered; None for never."""
    if wish == "tape":
        return lambda normal: True  # noqa: ARG005 - whatever it is
    return None if wish == "numpy" or batch else partial(is_thin, scalars, gradients=gradients)


def cheaper(program: Program) -> str:
    """Name the engine that is estimated to cost less for one sample."""
    return "tape" if tape_cost(program.scalars) < numpy_cost(program) and COMPILED else "numpy"


def most_replayed(program: Program) -> int:
    """Return up to how many samples of a batch the tape is cheaper, where that is clear; else 0.

    A call as arrays costs so much, and so much a sample; one sample is replayed after another.
    """
    one, tape = numpy_cost(program), SAMPLE + tape_cost(program.scalars)
    if not COMPILED or one < CLEARLY * tape:
        return 0
    fixed = (CALLED + operation_count(program.equations)) * OPERATION if program.equations else one
    return int(fixed / max(tape - (one - fixed), tape / 2))


def numpy_cost(program: Program) -> float:
    """Estimate nanoseconds: so much an operation, an element, an index."""
    if program.equations is None:
        return inf  # it was not lowered
    cost = (CALLED + operation_count(program.equations)) * OPERATION
    for step in program.instructions:
        size = step.out.ids.size
        cost += 3 * size * ELEMENT
        for part in step.parts:
            inner = max(_size(part.x), _size(part.y)) if part.y is not None else _size(part.x)
            cost += 3 * inner * (FACTOR if step.is_product else ELEMENT)
    return cost + float(sum(array.size for array in program.kept.values())) * GATHERED


def _size(operand: Any) -> int:
    return int(np.prod(operand.view.shape)) if operand is not None and operand.view else 1


def tape_cost(scalars: ScalarProgram) -> float:
    """Estimate nanoseconds: so much a node and an edge, more for an elementary function."""
    is_slow = np.array([op not in QUICK for op in scalars.operations], np.bool_)
    slow = np.count_nonzero(is_slow[scalars.codes])
    return CALL + len(scalars.codes) * NODE + len(scalars.inputs) * EDGE + slow * SLOW


def is_thin(scalars: ScalarProgram, normal: CanonicalProgram, *, gradients: bool) -> bool:
    """Whether NumPy would be slower whatever the arrays look like, so that none need be found.

    Each level has an operation at least for each kind of node in it, and on the way back more.
    """
    rows = levels(normal)
    live = scalars.live if gradients else np.zeros_like(scalars.live)
    least = (CALLED + rows.operations(normal, live)) * OPERATION
    return COMPILED and tape_cost(scalars) < least + len(rows.nodes) * 3 * ELEMENT


def most_instructions(scalars: ScalarProgram) -> int:
    """Return how many instructions may cost as much as replaying; beyond, lowering stops."""
    return int(tape_cost(scalars) / OPERATION) + 20
