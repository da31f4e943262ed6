"""Choose the engine of a program: blocks, NumPy or the tape; what each costs is estimated."""

import ast
from functools import cache
from math import inf
from typing import Any, NamedTuple

import numpy as np

from autograd.compiler.executors.blocked_engine import COMPILED as HAS_BLOCKS
from autograd.compiler.executors.blocked_engine import WIDE, Engine, array_engine
from autograd.compiler.executors.engines import NumpyEngine, TapeEngine
from autograd.compiler.ir.array_ir import count_of, walk
from autograd.compiler.ir.attributes import operation_count
from autograd.compiler.ir.builder import parsed
from autograd.compiler.programs.hessian import Derivative
from autograd.compiler.programs.lowering import canonical, differing, lower_program, results
from autograd.compiler.programs.program import Program
from autograd.compiler.tape.choice import COMPILED
from autograd.compiler.tracing.scalar_ir import ScalarProgram
from autograd.compiler.vectorize.canonicalize import CanonicalProgram, least_operations
from autograd.compiler.vectorize.instructions import NoArrayFormError
from autograd.compiler.vectorize.packs import Packer, levels
from autograd.primitives import TABLE

# Nanoseconds, fitted to 31 programs of 10 to 70,000 nodes on one core (Xeon, AVX-512); only their
# ratios matter. Where two engines take within 5 % of the same time, either may be chosen.
OPERATION, ELEMENT, GATHERED, FACTOR = 950.0, 0.5, 2.0, 0.65
SAMPLE = 5_000.0  # of a batch: its numbers are copied to the tape and back
CLEARLY = 8  # times cheaper: below, a batch is run as arrays whatever its size
RECORD = 130.0  # an operation by blocks, of the fewest samples
BLOCKED = (RECORD, 2.0, 1.3)  # with what an element costs there, and a factor
ROW = 12.0  # a record of one number, as all are of a scalar program
CALLED = 1  # the call of the program itself
CALL, NODE, EDGE, SLOW = 1050.0, 2.5, 1.15, 11.5
FORWARD = 0.5  # of that, where nothing goes back
AGAIN = 3  # times the operations of a function and its gradient, where these go back again
QUICK = {"add", "sub", "mul", "div", "neg", "sum", "mean", "dot", "square", "relu", "leaf", "take",
         "constant", "abs", "max", "min", "maximum", "minimum", "where", "clip"}  # fmt: skip


class Choice(NamedTuple):
    """A program and its engine; batches of more than ``most_samples`` are run as arrays."""

    program: Program
    engine: Engine
    most_samples: float = inf


def choose(
    program: Program,
    wish: str,
    *,
    batch: bool,
    exact: bool = False,
    derivative: Derivative | None = None,
) -> Choice:
    """Choose the engine that runs a program, which is lowered if it runs as arrays.

    It is the engine that is wished for; for "auto", the one that is estimated to cost less. Where
    the tape costs less than arrays at least do, nothing is lowered. The estimate depends on the
    program alone, and on the number of samples of a call: the same program gives the same bits each
    time. A ``derivative`` is lowered by way of its function.
    """
    if wish == "tape":
        return Choice(program, TapeEngine(program))
    if wish != "auto" or not COMPILED:
        lowered = derivative and derivative.lowered(program)
        program = lowered or lower_program(program, exact=exact)
        make = array_engine if wish == "blocked" else NumpyEngine
        return Choice(program, make(program))
    tape = tape_cost(program.scalars) * (FORWARD if program.outputs is not None else 1)
    tape += batch * SAMPLE
    limit = tape * (CLEARLY if batch else 1)
    own, again = (derivative.function, AGAIN) if derivative else (program, 1)
    each = again * (RECORD if batch and HAS_BLOCKS else OPERATION)
    normal, least = None, least_operations_of(own) * each
    if limit >= least:
        normal = canonical(own)
        operations, _ = pack_operations(own, normal, inf if batch else tape / each)
        least = (CALLED + operations) * each + again * len(normal.computed) * 3 * ELEMENT
    if limit < least:
        most = rows_cost(program.scalars) if HAS_BLOCKS else least
        return Choice(program, TapeEngine(program), int(most / tape) if batch else inf)
    lowered = derivative and derivative.lowered(program)
    try:
        program = lowered or lower_program(
            program, exact=exact, normal=None if derivative else normal
        )
    except NoArrayFormError:
        if batch:
            raise
    numpy = array_cost(program, OPERATION, ELEMENT, FACTOR)
    blocked = array_cost(program, *BLOCKED) if HAS_BLOCKS else inf
    cost = min(numpy, blocked)
    if limit < cost:
        return Choice(program, TapeEngine(program), int(cost / tape) if batch else inf)
    if not batch and numpy <= blocked:
        return Choice(program, NumpyEngine(program))
    return Choice(program, array_engine(program, most=WIDE))


def least_operations_of(program: Program) -> int:
    """Count the operations on arrays at least, whatever these look like, before any are found.

    Each level has an operation at least for each kind of node in it, and on the way back more.
    """
    roots = [*results(program), *(i for guard in program.guards for i in (guard.x, guard.y))]
    operations = least_operations(program.scalars, roots, gradients=bool(program.wanted))
    return CALLED + operations


def pack_operations(
    program: Program, normal: CanonicalProgram, most: float = inf
) -> tuple[int, int]:
    """Estimate how many operations on arrays a program has, and packs."""
    source = np.full(len(normal.constants), -3, np.int32)
    source[normal.constants] = -2
    for k, array in enumerate(program.arrays):
        source[array.ids.astype(np.int64)] = k if array.kind == "argument" else -4 - k
    live = program.scalars.live if program.wanted else np.zeros_like(program.scalars.live)
    weights = [weight for op in normal.operations for weight in vjp_operations(op)]
    packer = Packer(normal, levels(normal), source, differing(normal, program.arrays))
    return packer.operations(live, weights, len(program.arrays), most)


@cache
def vjp_operations(op: str) -> tuple[int, ...]:
    """Count the operations that send a cotangent to each of a call's first arguments, at least.

    >>> vjp_operations("tanh"), vjp_operations("add"), vjp_operations("softmax")
    ((3, 0, 0, 0), (0, 0, 0, 0), (3, 0, 0, 0))
    """
    if op not in TABLE:
        return (0, 0, 0, 0)
    entry = TABLE[op]
    if entry.variadic:
        counts = [max(_calls(rule) - 1, 1) for rule in entry.textbook or ("",)]
    else:
        counts = [
            _calls(rule) + (not rule.startswith(("1 /", "where")))  # else the cotangent is in it
            for rule in entry.textbook or entry.partials
        ]
    return (*counts, 0, 0, 0, 0)[:4]


def _calls(rule: str) -> int:
    """Count the operations that a rule writes; less than none where it writes a sign."""
    if rule in {"0", "1", "-1"}:
        return -1
    return sum(isinstance(part, (ast.BinOp, ast.Call)) for part in ast.walk(parsed(rule or "g")))


def lowered_if_short(program: Program, *, exact: bool = False) -> Program:
    """Lower a program that the tape runs, for those who read it, unless that makes it too long.

    It may have as many lines as cost as much as replaying.
    """
    normal = canonical(program)
    _, packs = pack_operations(program, normal)
    if packs > tape_cost(program.scalars) / OPERATION + 20:
        return program
    try:
        return lower_program(program, exact=exact, normal=normal)
    except NoArrayFormError:
        return program


def array_cost(program: Program, operation: float, element: float, factor: float) -> float:
    """Estimate nanoseconds: so much an operation, an element, an index."""
    if program.equations is None:
        return inf  # it was not lowered
    cost = (CALLED + operation_count(program.equations)) * operation
    if program.is_derived:
        parts = walk([equation.expression for equation in program.equations.equations])
        cost += 3 * element * sum(count_of(part.shape)[0] for part in parts)
    for step in program.instructions:
        size = step.out.ids.size
        cost += 3 * size * element
        for part in step.parts:
            inner = max(_size(part.x), _size(part.y)) if part.y is not None else _size(part.x)
            cost += 3 * inner * (factor if step.is_product else element)
    return cost + float(sum(array.size for array in program.kept.values())) * GATHERED


def _size(operand: Any) -> int:
    return int(np.prod(operand.view.shape)) if operand is not None and operand.view else 1


def rows_cost(scalars: ScalarProgram) -> float:
    """Estimate nanoseconds of the blocked executor, a row a number, for the fewest samples."""
    return CALL + (len(scalars.codes) + len(scalars.inputs)) * ROW


def tape_cost(scalars: ScalarProgram) -> float:
    """Estimate nanoseconds: so much a node and an edge, more for an elementary function."""
    slow = len(scalars.codes) - np.count_nonzero(scalars.is_among(QUICK))
    return CALL + len(scalars.codes) * NODE + len(scalars.inputs) * EDGE + slow * SLOW
