"""Run a function once on leaves, and write down what it did as flat data."""

import operator
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd._checks import float_or_none
from autograd._frames import users_line
from autograd.compiler.tracing.scalar_ir import ScalarProgram
from autograd.context import context
from autograd.errors import ConcretizationError, shown
from autograd.graph import topological, walk
from autograd.primitives import CHECKPOINT, LEAF, TABLE
from autograd.tree_spec import NOTHING, ArraySpec, TreeSpec
from autograd.value import Value, constant, get_data

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


@dataclass(frozen=True)
class Trace:
    """A traced function: its program, where its result is, what it compared, and its leaves."""

    scalars: ScalarProgram
    result: int
    guards: tuple[Guard, ...]
    nodes: tuple[Value, ...]  # node i's Value; only leaves are kept in use by a compiled program
    # Of a function that is run forward only: all its results, the spec of what it returns, and the
    # specs of their arrays, of which those that are only watched come last.
    outputs: tuple[int, ...] = ()
    spec: TreeSpec = NOTHING
    arrays: Sequence[ArraySpec] = ()


@dataclass(eq=False)
class Tracing:
    """The tracer of one run: collects comparisons, refuses to let numbers out of the graph.

    ``arguments`` are the leaves of the function's arguments, by which other threads' reads are
    known to concern this trace. ``roots`` are the nodes that were compared, in the order in which
    the function came to them.
    """

    name: str
    exact: bool = False  # whether derivatives keep the last digits of what is tiny
    compared_pairs: list[tuple[str, Value, Value, bool, str]] = field(default_factory=list)
    roots: list[Value] = field(default_factory=list)
    finite_checks: list[Value] = field(default_factory=list)
    arguments: Sequence[Value] = ()
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
    nodes = topological([*leaves, *roots, *results])
    find = {node: i for i, node in enumerate(nodes)}.__getitem__
    ops = tuple([sys.intern(node.op) for node in nodes])
    if CHECKPOINT in ops:
        raise TypeError(
            f"{nodes[ops.index(CHECKPOINT)]!r} is the result of a checkpoint, whose nodes are not "
            "kept; lift what is computed without autograd.checkpoint, or compile the function that "
            "calls it"
        )
    edges = [node.inputs for node in nodes]
    starts = np.zeros(len(nodes) + 1, dtype=np.int32)
    np.cumsum(list(map(len, edges)), out=starts[1:])
    inputs = [find(x) for row in edges for x in row]
    guards = tuple(Guard(s, find(x), find(y), out, line) for s, x, y, out, line in pairs)
    numbers = np.empty(len(nodes))
    get_data(nodes, numbers, False)
    unwanted = {find(leaf) for leaf in frozen}
    live = _live(ops, starts.tolist(), inputs, unwanted)
    scalars = ScalarProgram.of(ops, starts, np.array(inputs, dtype=np.int32), numbers, live)
    outputs = () if type(result) is Value else tuple(map(find, results))
    return Trace(scalars, find(results[-1]), guards, tuple(nodes), outputs)


def _live(
    ops: Sequence[str], starts: Sequence[int], inputs: Sequence[int], unwanted: set[int]
) -> NDArray[np.bool_]:
    """Tell through which nodes a gradient is wanted."""
    live: list[bool] = []
    for i, op in enumerate(ops):
        if op == LEAF:
            live.append(i not in unwanted)
        else:
            row = inputs[starts[i] : starts[i + 1]]
            live.append(op not in ENDINGS and any(live[j] for j in row))
    return np.array(live, dtype=bool)
