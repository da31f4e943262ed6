"""Choose the engine of a program: blocks, NumPy or the tape; what each costs is estimated."""

import ast
from collections.abc import Sequence
from functools import cache
from itertools import chain
from math import inf
from operator import mul
from typing import NamedTuple

import numpy as np

from autograd.compiler.executors import fitted_costs
from autograd.compiler.executors.blocked_engine import COMPILED as HAS_BLOCKS
from autograd.compiler.executors.blocked_engine import WIDE, Engine, array_engine
from autograd.compiler.executors.engines import NumpyEngine, TapeEngine
from autograd.compiler.ir.array_ir import (
    COMPARISONS,
    LOGIC,
    VIEWS,
    Expression,
    Shape,
    count_of,
    walk,
)
from autograd.compiler.ir.builder import parsed
from autograd.compiler.programs.hessian import Derivative
from autograd.compiler.programs.lowering import canonical, differing, lower_program, results
from autograd.compiler.programs.program import Program
from autograd.compiler.tape.choice import COMPILED
from autograd.compiler.vectorize.canonicalize import CanonicalProgram, least_operations
from autograd.compiler.vectorize.instructions import NoArrayFormError
from autograd.compiler.vectorize.packs import Packer, levels
from autograd.primitives import TABLE

AGAIN = 3  # times the operations of a function and its gradient, where these go back again
LOWERING = 100.0  # nanoseconds an operation in each call: lowering it pays within 1,500
FEW, MANY = 8, 128  # samples: what a block has at least, and at most
GIVEN = {"leaf", "constant"}
QUICK = {"add", "sub", "mul", "div", "neg", "sum", "mean", "dot", "square", "relu", "take", "pow",
         "sqrt", "abs", "max", "min", "maximum", "minimum", "where", "clip"}  # fmt: skip
VECTORS = {"exp", "log", "tanh", "sigmoid", "softmax", "logsumexp", "cross_entropy",
           "cross_entropy_softmax"}  # fmt: skip
ARITHMETIC = QUICK | {*COMPARISONS, *LOGIC, "reduce_sum", "concatenate", "broadcast_to", "asarray"}
INDEXING = {"gather", "take", "add_at", "accumulate", "onehot"}
FREE = {"variable", "number", "size", "item", "repeat_samples"}


class TapeWork(NamedTuple):
    """What the tape does in a call; as costs, the nanoseconds of one of each."""

    call: float = 1.0
    batch: float = 0.0  # 1 where there is one
    array: float = 0.0  # of a sample, that is copied to the tape or back
    number: float = 0.0  # in these
    node: float = 0.0  # an operation
    edge: float = 0.0
    pullback: float = 0.0  # an edge that is gone back
    vector: float = 0.0  # an operation that has a vector form, such as exp
    function: float = 0.0  # another elementary function


class RowsWork(NamedTuple):
    """What blocks do in a call of a scalar program, a row a number."""

    call: float = 1.0
    array: float = 0.0
    number: float = 0.0
    record: float = 0.0  # in each block
    element: float = 0.0  # a record's number, of a sample
    vector: float = 0.0
    function: float = 0.0


class ArrayWork(NamedTuple):
    """What an engine does in a call of a program of arrays."""

    call: float = 1.0
    array: float = 0.0  # that is given or returned
    number: float = 0.0  # in these
    operation: float = 0.0  # in each block, where there are blocks
    scalar: float = 0.0  # an operation on numbers alone
    view: float = 0.0
    element: float = 0.0  # a number that an operation computes, or reads where it reduces
    vector: float = 0.0  # the same of a function that has a vector form, such as exp
    function: float = 0.0  # the same of another elementary function
    product: float = 0.0  # a multiplication in a sum of products
    indexed: float = 0.0  # a number that is read or written by its index


class Costs(NamedTuple):
    """Nanoseconds of each engine's work; only their ratios matter."""

    tape: TapeWork
    rows: RowsWork
    blocks: ArrayWork  # of samples
    whole: ArrayWork  # the same engine without a batch
    numpy: ArrayWork


FITTED = Costs(
    TapeWork(**fitted_costs.TAPE),
    RowsWork(**fitted_costs.ROWS),
    ArrayWork(**fitted_costs.BLOCKS),
    ArrayWork(**fitted_costs.WHOLE),
    ArrayWork(**fitted_costs.NUMPY),
)


def nanoseconds(work: Sequence[float], costs: Sequence[float]) -> float:
    """Estimate how long some work takes.

    >>> nanoseconds(TapeWork(node=3), TapeWork(call=100, node=2))
    106.0
    """
    return float(sum(map(mul, work, costs)))


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
    costs: Costs = FITTED,
) -> Choice:
    """Choose the engine that runs a program, which is lowered if it runs as arrays.

    It is the engine that is wished for; for "auto", the one that is estimated to cost less, with a
    batch for a whole block of samples. Where the scalar program costs less than arrays at least do,
    nothing is lowered. The estimate depends on the program alone, and on the number of samples of a
    call: the same program gives the same bits each time. A ``derivative`` is lowered by way of its
    function.
    """
    if wish == "tape":
        return Choice(program, TapeEngine(program))
    if wish != "auto" or not COMPILED:
        lowered = derivative and derivative.lowered(program)
        program = lowered or lower_program(program, exact=exact)
        make = array_engine if wish == "blocked" else NumpyEngine
        return Choice(program, make(program))
    lowered = _lowered_if_cheaper(program, costs, batch=batch, exact=exact, derivative=derivative)
    if lowered is None:
        most = _most_samples(program, scalar_cost(program, FEW, costs), costs) if batch else inf
        return Choice(program, TapeEngine(program), most)
    if batch and (most := _most_samples(program, array_cost(lowered, FEW, costs), costs)):
        return Choice(lowered, TapeEngine(lowered), most)
    numpy = nanoseconds(array_work(lowered, 0), costs.numpy)
    if not batch and numpy <= array_cost(lowered, 0, costs):
        return Choice(lowered, NumpyEngine(lowered))
    return Choice(lowered, array_engine(lowered, most=WIDE))


def _lowered_if_cheaper(
    program: Program, costs: Costs, *, batch: bool, exact: bool, derivative: Derivative | None
) -> Program | None:
    """Lower a program, unless it costs less as it is; what arrays cost at least says so early."""
    samples = FEW if batch else 0
    limit = tape_cost(program, samples, costs)
    own, again = (derivative.function, AGAIN) if derivative else (program, 1)
    arrays = (costs.blocks if batch else costs.whole) if HAS_BLOCKS else costs.numpy
    arrays = arrays._replace(operation=arrays.operation + LOWERING)
    each = again * arrays.operation
    if limit < least_operations_of(own) * each:
        return None
    normal = canonical(own)
    operations, _ = pack_operations(own, normal, limit / each)
    times, ways = max(samples, 1), 1 + bool(own.wanted)
    given, numbers = _given(own, times)
    work = tape_work(own, 0)
    least = ArrayWork(
        array=given,
        number=numbers,
        operation=operations,
        element=len(normal.computed) * ways * times,
        vector=work.vector * times,
        function=work.function * ways * times,
    )
    if limit < nanoseconds(least, arrays) * again:
        return None
    lowered = derivative and derivative.lowered(program)
    try:
        lowered = lowered or lower_program(
            program, exact=exact, normal=None if derivative else normal
        )
    except NoArrayFormError:
        if batch:
            raise
        return None
    if batch:
        samples = MANY
        limit = scalar_cost(program, samples, costs)
    return None if limit < array_cost(lowered, samples, costs) else lowered


def _most_samples(program: Program, cost: float, costs: Costs) -> int:
    """Return how many samples the tape runs for so many nanoseconds."""
    first, second = (tape_cost(program, samples, costs) for samples in (1, 2))
    return max(int(1 + (cost - first) / max(second - first, 1.0)), 0)


def least_operations_of(program: Program) -> int:
    """Count the operations on arrays at least, whatever these look like, before any are found.

    Each level has an operation at least for each kind of node in it, and on the way back more.
    """
    roots = [*results(program), *(i for guard in program.guards for i in (guard.x, guard.y))]
    return least_operations(program.scalars, roots, gradients=bool(program.wanted))


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
    if packs > tape_cost(program, 0) / FITTED.numpy.operation + 20:
        return program
    try:
        return lower_program(program, exact=exact, normal=normal)
    except NoArrayFormError:
        return program


def tape_cost(program: Program, samples: int, costs: Costs = FITTED) -> float:
    """Estimate nanoseconds of the tape; 0 samples where there is no batch."""
    return nanoseconds(tape_work(program, samples), costs.tape)


def scalar_cost(program: Program, samples: int, costs: Costs) -> float:
    """Estimate nanoseconds of a program that is not lowered: of a batch by blocks."""
    if samples and HAS_BLOCKS:
        return nanoseconds(rows_work(program, samples), costs.rows)
    return tape_cost(program, samples, costs)


def array_cost(program: Program, samples: int, costs: Costs) -> float:
    """Estimate nanoseconds of the engine that runs arrays best."""
    numpy = nanoseconds(array_work(program, samples), costs.numpy)
    if not HAS_BLOCKS:
        return numpy
    blocked = nanoseconds(blocked_work(program, samples), costs.blocks if samples else costs.whole)
    return blocked if samples else min(numpy, blocked)


def blocks_of(samples: int) -> tuple[int, int]:
    """Return how many blocks some samples are, and how many samples these have room for.

    >>> blocks_of(0), blocks_of(1), blocks_of(129)
    ((1, 1), (1, 8), (2, 144))
    """
    if not samples:
        return 1, 1
    blocks = -(-samples // MANY)
    return blocks, -(-samples // (blocks * FEW)) * FEW * blocks


def blocked_work(program: Program, samples: int) -> ArrayWork:
    """Count what blocks do, each of them every operation."""
    blocks, room = blocks_of(samples)
    work = array_work(program, room if samples else 0)
    return work._replace(operation=work.operation * blocks)


def array_work(program: Program, samples: int) -> ArrayWork:
    """Count what NumPy does; 0 samples where there is no batch."""
    assert program.equations is not None
    names = ("operation", "scalar", "view", "element", "vector", "function", "product", "indexed")
    counts, times = dict.fromkeys(names, 0.0), max(samples, 1)
    roots = [*(e.expression for e in program.equations.equations), *program.equations.results]
    for x in walk(roots):
        name = x.primitive
        if name in VIEWS:
            counts["view"] += 1
        elif name not in FREE:
            is_scalar = not x.shape and not any(y.shape for y in x.operands)
            counts["scalar" if is_scalar else "operation"] += 1
            if not is_scalar:
                counts[_kind(name)] += _points(x, times)
    arrays, numbers = _given(program, times)
    return ArrayWork(array=arrays, number=numbers, **counts)


def _kind(primitive: str) -> str:
    """Say by what kind of element a primitive is paid."""
    if primitive == "einsum":
        return "product"
    if primitive in INDEXING:
        return "indexed"
    if primitive in ARITHMETIC:
        return "element"
    return "vector" if primitive in VECTORS else "function"


def _given(program: Program, samples: int) -> tuple[float, float]:
    """Count the arrays that are given and returned, and the numbers in them."""
    arrays = [*program.arrays, *program.wanted, *(program.outputs or ())]
    return len(arrays), sum(a.ids.size * (samples if a.sample else 1.0) for a in arrays)


def _points(x: Expression, samples: int) -> float:
    """Count the numbers that an operation computes, or reads if these are more."""
    if x.primitive == "einsum":
        left, _ = x.attributes[0].split("->")
        letters = zip(left.replace(",", ""), chain(*(y.shape for y in x.operands)), strict=True)
        shapes: list[Shape] = [tuple(dict(letters).values())]
    else:
        shapes = [x.shape, *(y.shape for y in x.operands if y.dtype == "float")]
    sizes = [count_of(shape) for shape in shapes]
    return max(float(size * samples**axes) for size, axes in sizes)


def rows_work(program: Program, samples: int) -> RowsWork:
    """Count what blocks do, a row a number."""
    blocks, room = blocks_of(samples)
    once = tape_work(program, 0)
    records = once.edge + once.pullback
    arrays, numbers = _given(program, room)
    return RowsWork(
        array=arrays,
        number=numbers,
        record=records * blocks,
        element=records * room,
        vector=once.vector * room,
        function=once.function * room,
    )


def tape_work(program: Program, samples: int) -> TapeWork:
    """Count what the tape does; 0 samples where there is no batch."""
    scalars, times = program.scalars, max(samples, 1)
    read = np.repeat(~scalars.is_among({"take"}), np.diff(scalars.starts))  # that reads one of many
    back = read & scalars.live.take(scalars.inputs)
    nodes = len(scalars.codes) - np.count_nonzero(scalars.is_among(GIVEN))
    vectors = np.count_nonzero(scalars.is_among(VECTORS))
    quick = np.count_nonzero(scalars.is_among(QUICK))
    arrays, numbers = _given(program, 1)
    return TapeWork(
        batch=float(samples > 0),
        array=arrays * times if samples else 0.0,
        number=numbers * times,
        node=float(nodes * times),
        edge=float(np.count_nonzero(read) * times),
        pullback=float(np.count_nonzero(back) * times) if program.outputs is None else 0.0,
        vector=float(vectors * times),
        function=float((nodes - quick - vectors) * times),
    )
