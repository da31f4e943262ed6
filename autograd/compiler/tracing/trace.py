"""Run a function once on leaves, and write down what it did as flat data."""

import operator
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd._checks import float_or_none
from autograd._frames import users_line
from autograd.compiler.tracing.labels import Labels
from autograd.compiler.tracing.scalar_ir import ScalarProgram
from autograd.context import context
from autograd.errors import ConcretizationError, shown
from autograd.graph import walk
from autograd.primitives import CHECKPOINT, LEAF, TABLE
from autograd.tree_spec import NOTHING, ArraySpec, TreeSpec
from autograd.value import Value, constant, flatten, mark_live, mark_traced

SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "!=": operator.ne,
    "==": operator.eq,
}
WORDS = {
    "data": ".data",
    "grad": ".grad",
    "has_grad": ".has_grad",
    "partials": ".partials",
    "gradient": "gradient() without create_graph",
}  # how what reads a number is written
COMPUTE = "compute with the Value itself, choose with autograd.where, maximum or max"
CHOICES = {  # what to write instead
    "data": "compute with the Value itself, choose with autograd.where, autograd.maximum or "
    "autograd.max(values) instead of max(v.data for v in values)",
    "int": "choose with autograd.where, or with autograd.take(rows, i) instead of rows[int(i)], "
    "name an argument that counts or selects in compile(..., static=...)",
}
INDEXING = (
    "While a function is traced its arguments are Values, which index no plain array: if one is "
    "the index, choose with autograd.take(rows, i), or with autograd.ValueArray(rows)[i]."
)
ENDINGS = {name for name, entry in TABLE.items() if set(entry.partials) == {"0"}}  # nothing flows


@dataclass(frozen=True)
class Guard:
    """A comparison that the function made: nodes x and y, and what it said."""

    sign: str
    x: int
    y: int
    outcome: bool
    line: str


class LeafNodes(NamedTuple):
    """Leaves with their positions, in order."""

    positions: NDArray[np.int32]
    leaves: list[Value]

    def beyond(self, first: int, end: int | None = None) -> "LeafNodes":
        """Return those from one position on, before another one.

        >>> nodes = LeafNodes(np.array([0, 1, 4], "i4"), [Value(2.0), Value(3.0), Value(5.0)])
        >>> nodes.beyond(1).leaves, nodes.beyond(1, 4).leaves
        ([Value(3.0), Value(5.0)], [Value(3.0)])
        """
        start = int(np.searchsorted(self.positions, first))
        stop = None if end is None else int(np.searchsorted(self.positions, end))
        return LeafNodes(self.positions[start:stop], self.leaves[start:stop])

    def at(self, positions: NDArray[np.integer]) -> list[Value]:
        """Return the leaves at some positions.

        >>> nodes = LeafNodes(np.array([0, 1, 4], "i4"), [Value(2.0), Value(3.0), Value(5.0)])
        >>> nodes.at(np.array([4, 0]))
        [Value(5.0), Value(2.0)]
        """
        if not len(positions):
            return []
        place_of = np.zeros(int(self.positions[-1]) + 1, np.int32)
        place_of[self.positions] = np.arange(len(self.positions), dtype=np.int32)
        leaves = np.fromiter(self.leaves, object, len(self.leaves))
        found: list[Value] = leaves[place_of[positions]].tolist()
        return found

    def moved(self, where: NDArray[np.integer]) -> "LeafNodes":
        """Return leaves that stand elsewhere now, in the same order; without those at -1."""
        positions = where[self.positions].astype(np.int32)
        kept = np.flatnonzero(positions >= 0)
        return LeafNodes(positions[kept], [self.leaves[i] for i in kept.tolist()])

    def get(self, position: int) -> Value | None:
        """Return the leaf at a position; None where no leaf is."""
        found = self.beyond(position, position + 1).leaves
        return found[0] if found else None


@dataclass(frozen=True)
class Trace:
    """A traced function: its program, where its result is, what it compared, and its leaves."""

    scalars: ScalarProgram
    result: int
    guards: tuple[Guard, ...]
    roots: Sequence[Value]  # of its graph; only leaves are kept in use by a compiled program
    leaves: LeafNodes  # without constants
    labels: Labels
    # Of a function that is run forward only: all its results, the spec of what it returns, and the
    # specs of their arrays, of which those that are only watched come last.
    outputs: tuple[int, ...] = ()
    spec: TreeSpec = NOTHING
    arrays: Sequence[ArraySpec] = ()

    @property
    def nodes(self) -> list[Value]:
        """The Values that the program's nodes stand for: another walk of the graph."""
        return walk(self.roots, set())

    def closed_over(self, count: int) -> list[Value]:
        """Return the leaves beside those of the arguments, which are the first ``count``."""
        return self.leaves.beyond(count).leaves


@dataclass(eq=False)
class Tracing:
    """The tracer of one run: collects comparisons, refuses to let numbers out of the graph.

    ``roots`` are the nodes that were compared, in the order in which the function came to them.
    """

    name: str
    exact: bool = False  # whether derivatives keep the last digits of what is tiny
    compared_pairs: list[tuple[str, Value, Value, bool, str]] = field(default_factory=list)
    roots: list[Value] = field(default_factory=list)
    finite_checks: list[Value] = field(default_factory=list)
    _arguments: Sequence[Value] = ()
    _outside: Any = None
    _seen: set[Value] = field(default_factory=set)
    _dependent: set[Value] = field(default_factory=set)
    _walking: Any = field(default_factory=threading.Lock)

    def __enter__(self) -> "Tracing":
        self._outside = context.begin_trace(self)
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        context.end_trace(self, self._outside)
        if isinstance(error, IndexError):  # NumPy's does not say what came
            error.add_note(INDEXING)

    @property
    def arguments(self) -> Sequence[Value]:
        """The leaves of the function's arguments, by which other threads' reads are recognized."""
        return self._arguments

    @arguments.setter
    def arguments(self, nodes: Sequence[Value]) -> None:
        mark_traced(nodes)
        self._arguments = nodes

    def on_compare(self, sign: str, x: Any, y: Any, outcome: bool) -> None:
        """Keep a comparison; the program checks at each call that it comes out the same."""
        sides = [side if type(side) is Value else constant(side) for side in (x, y)]
        self.roots += sides
        self.compared_pairs.append((sign, sides[0], sides[1], outcome, users_line()))

    def on_sort(self, row: Sequence[Any]) -> None:
        """Learn what is put in order: which pairs are compared is then chosen by the numbers.

        The nodes stand in the program as in the row, whatever their order is.
        """
        self.roots += [x for x in row if type(x) is Value]

    def on_concretize(self, what: str, x: Any) -> None:
        """Refuse to give a number away: it would be frozen into the program."""
        if not x.is_constant:  # else it is the same number at every call
            raise ConcretizationError(self._would_freeze(what, x, ""))

    def on_mutate(self, what: str, x: Any) -> None:
        """Refuse to set a number or a gradient: the program would not do it again."""
        doing = f"setting .{what}" if what in {"data", "grad"} else f"{what}()"
        raise ConcretizationError(
            f"{self.name}: {doing} of {x!r} would happen in this one run alone, not at each call "
            f"of the program, at {users_line()}; do it outside the function, and take derivatives "
            "inside with autograd.grad or autograd.gradient(..., create_graph=True)"
        )

    def holds(self, node: Value) -> bool:
        """Whether a node depends on an argument of the function; each is looked at once."""
        if not self.arguments:
            return False
        with self._walking:
            if not self._seen:
                self._seen.update(self.arguments)
                self._dependent.update(self.arguments)
            for x in walk([node], self._seen):
                if not self._dependent.isdisjoint(x.inputs):
                    self._dependent.add(x)
            return node in self._dependent

    def on_other_thread(self, what: str, x: Any) -> None:
        """Refuse a number to another thread: its comparisons are not part of the program."""
        raise ConcretizationError(self._would_freeze(what, x, " in another thread"))

    def _would_freeze(self, what: str, x: Any, where: str) -> str:
        reading = WORDS.get(what) or (f"x {what} y" if what in SIGNS else f"{what}()")
        return (
            f"{self.name}: {reading} of {x!r}{where} would freeze its number of this one run into "
            f"the program, at {users_line()}; {CHOICES.get(what, COMPUTE)}, or take v.detach() "
            "where no gradient is wanted"
        )


def one_number(name: str, result: Any) -> Value:
    """Return what a function returned as a node: its one number may be a constant.

    >>> one_number("f", 0.5)
    Value(0.5, op='constant')
    """
    if isinstance(result, np.ndarray) and not result.shape:
        result = result.item()
    number = None if type(result) is Value else float_or_none(result)
    if number is not None:
        return constant(number)
    if type(result) is not Value:
        raise TypeError(
            f"{name}: the function returned {shown(result)}; return one Value, the number to "
            "differentiate, or compile with gradients=False"
        )
    return result


def record(
    result: Value | Sequence[Value],
    tracing: Tracing | None = None,
    frozen: Sequence[Value] = (),
    leaves: Sequence[Value] = (),
) -> Trace:
    """Write the graph of a result, or of several, and of what was compared, as flat data.

    ``frozen`` are leaves whose gradients are not wanted; ``leaves`` come first, used or not.
    """
    pairs = [] if tracing is None else tracing.compared_pairs
    roots = [] if tracing is None else tracing.roots
    results = [result] if type(result) is Value else list(result)  # type: ignore[arg-type]
    sides = [side for _, x, y, _, _ in pairs for side in (x, y)]
    graph = [*leaves, *roots, *results]
    operations, codes, starts, inputs, numbers, places, own, named = flatten(
        graph, [*frozen, *sides, *results]
    )
    operations = tuple(map(sys.intern, operations))
    program = ScalarProgram(
        operations,
        np.frombuffer(codes, np.int16),
        np.frombuffer(starts, np.int32),
        np.frombuffer(inputs, np.int32),
        np.frombuffer(numbers, np.float64),
        np.zeros(0, np.bool_),
    )
    if CHECKPOINT in operations:
        first = int(np.argmax(program.codes == operations.index(CHECKPOINT)))
        raise TypeError(
            f"{walk(graph, set())[first]!r} is the result of a checkpoint, whose nodes are not "
            "kept; lift what is computed without autograd.checkpoint, or compile the function that "
            "calls it"
        )
    unwanted, rest = places[: len(frozen)], places[len(frozen) :]
    guards = tuple(
        Guard(sign, rest[2 * i], rest[2 * i + 1], outcome, line)
        for i, (sign, _, _, outcome, line) in enumerate(pairs)
    )
    scalars = with_live(program, unwanted)
    outputs = () if type(result) is Value else tuple(rest[len(sides) :])
    by_place = LeafNodes(np.frombuffer(own[0], np.int32), own[1])
    labelled, text_of, place_of = (np.frombuffer(column, np.int32) for column in named[:3])
    labels = Labels(labelled, text_of, place_of, tuple(named[3]))
    return Trace(scalars, rest[-1], guards, graph, by_place, labels, outputs)


def with_live(scalars: ScalarProgram, unwanted: Sequence[int]) -> ScalarProgram:
    """Tell through which nodes a gradient is wanted, given the leaves whose gradients are not."""
    live = scalars.is_among({LEAF})
    live[list(unwanted)] = False
    passes = np.array([op not in ENDINGS for op in scalars.operations], np.uint8)
    mark_live(scalars.codes, scalars.starts, scalars.inputs, passes, live.view(np.uint8))
    return replace(scalars, live=live)
