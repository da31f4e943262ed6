"""Reverse mode: the one law of the backward pass, and the sinks that say where cotangents go.

`backward_pass` visits results before operands. It takes a node's cotangent, the derivative of the
result with respect to it, from a sink, and sends its product with each local derivative to the
input there. A sink is a place for these sums: the nodes themselves (`Value.backward`; each kernel
has its own) or a mapping that leaves nodes as they are (`CotangentMap`). Others stand around or
upon these: the anomaly detector's, which checks every product, and that of the pictures, which
writes them down as steps.

Local derivatives are floats, or graphs (`autograd.functions.partials`) where the derivative is to
be differentiated again; sums are the same in the same order. A plain 0 is a *symbolic zero*: it
stops the pass, so that an infinite derivative in a branch not taken does not become nan.

A sink may have a fast copy of the law for floats (`CotangentSink.float_pass`); tests hold each copy
to the law, bit for bit.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from math import isfinite
from typing import Any, ClassVar, Protocol, TypeVar

from autograd.context import anomaly_detector, tracing
from autograd.graph import Node, walk
from autograd.primitives import CONSTANT, DETACHED

N = TypeVar("N", bound=Node)
PLAIN = (float, int)  # numbers that are no nodes
PendingCotangents = dict[Any, dict[int, Any]]  # by block: of each of its outputs, None until known


def backward_pass(order: Sequence[Node], sink: "CotangentSink") -> None:
    """Send cotangents from results back to what they depend on; ``order`` has operands first."""
    pending = start_pullbacks(order)
    if pending is None and sink.float_pass is not None:
        sink.float_pass(order)
        return
    for node in reversed(order):
        cotangent = sink.take(node)
        if pending is not None and (pullback := sink.pullback(node)) is not None:
            pullback.apply(node, cotangent, sink, pending)
        elif node._inputs and not is_symbolic_zero(cotangent):
            for x, d in zip(node._inputs, sink.derivatives.partials(node), strict=True):
                if sink.accepts(x):
                    sink.check(node, x, cotangent, d)
                    sink.receive(node, x, cotangent, d, scaled(cotangent, d))


class Derivatives(Protocol):
    """Local derivatives of nodes: as numbers (`floats`), or as graphs of their own."""

    def partials(self, node: Any) -> Iterable[Any]:
        """Return the local derivatives, one an input."""

    def vjp(self, node: Any, cotangent: Any) -> Sequence[Any]:
        """Return the input cotangents of a node with a custom vjp."""


class FloatDerivatives:
    """Local derivatives as numbers, as they were when the node was computed."""

    def partials(self, node: Node) -> Iterable[float]:
        """Return the local derivatives, one an input."""
        return node._partials

    def vjp(self, node: Node, cotangent: float) -> list[float]:
        """Return the input cotangents of a node with a custom vjp."""
        made: list[float] = node._pullback.vjp(cotangent)
        return made


floats = FloatDerivatives()


class CotangentSink:
    """Where the cotangents of a backward pass go; a subclass says how they are kept."""

    derivatives: Derivatives = floats
    float_pass: Callable[[Sequence[Node]], None] | None = None  # the law, for floats alone

    def take(self, node: Node) -> Any:
        """Return the sum that has come to a node: the pass is about to send it on."""
        raise NotImplementedError

    def total(self, node: Node) -> Any:
        """Return the sum that has come to a node so far."""
        raise NotImplementedError

    def add(self, node: Node, cotangent: Any) -> None:
        """Add to the cotangent of a node."""
        raise NotImplementedError

    def accepts(self, node: Node) -> bool:
        """Whether cotangents are wanted at a node."""
        return node._op != CONSTANT

    def pullback(self, node: Node) -> "Pullback | None":
        """Return the node's custom pullback, None where it has local derivatives."""
        made: Pullback | None = node._pullback
        return made

    def check(self, node: Node, x: Node, cotangent: Any, partial: Any) -> None:
        """Look at what is about to be multiplied; may raise."""

    def receive(self, node: Node, x: Node, cotangent: Any, partial: Any, term: Any) -> None:  # noqa: ARG002 - for sinks that look closer
        """Add what flows from a node to its input ``x``: ``term``, the cotangent times the partial.

        A custom vjp has no partial: None.
        """
        if not is_symbolic_zero(term):
            self.add(x, term)

    def begin(self, order: Sequence[Node]) -> None:
        """Prepare for a pass through a graph within a node."""

    def end(self) -> None:
        """Clean up after that pass."""

    def propagate(self, cotangents: Sequence[tuple[Node, Any]], stops: Sequence[Node]) -> None:
        """Send cotangents from roots through the graph between these and the stops."""
        order = walk([root for root, _ in cotangents], set(stops), DETACHED)
        self.begin(order)
        for root, cotangent in cotangents:
            self.add(root, cotangent)
        backward_pass(order, self)
        self.end()

    def unlocked(self) -> AbstractContextManager[None]:
        """Release the sink's lock, if it has one: a function of the user's is about to run."""
        return nullcontext()


class CotangentMap(CotangentSink):
    """Cotangents in a dictionary: no node changes.

    Each is let go once it was sent on, but for those at ``wrt``. Where ``among`` is given, nothing
    flows to other nodes.
    """

    def __init__(
        self,
        cotangents: Mapping[Any, Any],
        wrt: Iterable[Node],
        derivatives: Derivatives = floats,
        among: Container[Node] | None = None,
    ) -> None:
        self.cotangents: dict[Any, Any] = dict(cotangents)  # by node
        self.wrt, self.derivatives, self.among = frozenset(wrt), derivatives, among
        self.float_pass = self._float_pass if derivatives is floats else None
        self._depth = 0  # of graphs within nodes, which are new and have no part in ``among``

    def take(self, node: Node) -> Any:
        """Return the sum that has come to a node; forget it, unless it is asked for."""
        return self.total(node) if node in self.wrt else self.cotangents.pop(node, 0.0)

    def total(self, node: Node) -> Any:
        """Return the sum that has come to a node so far."""
        return self.cotangents.get(node, 0.0)

    def add(self, node: Node, cotangent: Any) -> None:
        """Add to the cotangent of a node."""
        known = self.cotangents
        known[node] = known[node] + cotangent if node in known else cotangent

    def accepts(self, node: Node) -> bool:
        """Whether cotangents are wanted at a node."""
        among = None if self._depth else self.among
        return node._op != CONSTANT and (among is None or node in among)

    def begin(self, order: Sequence[Node]) -> None:  # noqa: ARG002 - other sinks look at it
        """Prepare for a pass through a graph within a node."""
        self._depth += 1

    def end(self) -> None:
        """Clean up after that pass."""
        self._depth -= 1

    def _float_pass(self, order: Sequence[Node]) -> None:
        """Do what the law does, in a third of the time."""
        cotangents, wrt, among = self.cotangents, self.wrt, None if self._depth else self.among
        find, take = cotangents.get, cotangents.pop
        for node in reversed(order):
            g = find(node) if node in wrt else take(node, 0.0)
            if g:
                for x, d in zip(node._inputs, node._partials, strict=True):
                    if d and x._op != CONSTANT and (among is None or x in among):
                        cotangents[x] = find(x, 0.0) + g * d


def vjp(
    order: Sequence[Node],
    cotangents: Mapping[Any, Any],
    wrt: Sequence[N],
    derivatives: Derivatives,
    among: Container[Node] | None = None,
) -> list[Any]:
    """Return what cotangents of results come to at ``wrt``: 0.0 where nothing flows.

    ``order`` has the results' graph, operands before results. Where ``among`` is given, nothing
    flows to other nodes.
    """
    sink = CotangentMap(cotangents, wrt, derivatives, among)
    live = [node for node, g in cotangents.items() if not is_symbolic_zero(g)]
    backward_pass(order, checked(sink, live))
    return [sink.total(x) for x in wrt]


def checked(sink: CotangentSink, live: Iterable[Node] = ()) -> CotangentSink:
    """Return a sink as it is, or within one that checks inside `autograd.detect_anomaly`."""
    detector = anomaly_detector()
    return sink if detector is None else detector.sink(sink, live)


class Pullback:
    """What a node holds in the place of local derivatives that are not numbers.

    The law calls `apply`; who only wants numbers iterates over it. There are two: a custom vjp need
    not be a multiple of the cotangent (`autograd.engine.pullbacks`), and an output of a checkpoint
    is computed again first (`autograd.engine.checkpoint`).
    """

    __slots__ = ()

    exist: ClassVar[bool] = False  # whether one was made in this process: else none is looked for

    def __init__(self) -> None:
        Pullback.exist = True

    def start(self, pending: PendingCotangents) -> None:
        """Prepare for a backward pass in which the node takes part."""

    def apply(
        self, node: Node, cotangent: Any, sink: CotangentSink, pending: PendingCotangents
    ) -> None:
        """Send the cotangent of the node, 0 where none came, to its inputs."""
        raise NotImplementedError

    def why_no_jvp(self, node: Node, *, graphs: bool) -> str:
        """Say why forward mode cannot pass the node; an empty text where it can."""
        raise NotImplementedError

    def for_copy(self) -> Any:
        """Return what a copy of the node holds."""
        raise NotImplementedError

    def __iter__(self) -> Iterator[float]:
        raise NotImplementedError


Partials = tuple[float, ...] | Pullback  # what a node holds


def start_pullbacks(order: Sequence[Node]) -> PendingCotangents | None:
    """Prepare all pullbacks in a graph for a backward pass; return None where there are none."""
    if not Pullback.exist:
        return None
    pending: PendingCotangents | None = None
    for node in order:
        if node._pullback is not None:
            pending = {} if pending is None else pending
            node._pullback.start(pending)
    return pending


def between(leaves: Sequence[N], results: Sequence[Any]) -> list[N]:
    """Return the nodes that depend on leaves and that results depend on, operands first.

    The leaves themselves, and what lies beneath them, are not among these.
    """
    roots: list[N] = [node for node in results if hasattr(node, "_inputs")]
    reached: set[Node] = set(leaves)
    order = []
    for node in walk(roots, set(leaves)):
        if not reached.isdisjoint(node._inputs):
            reached.add(node)
            order.append(node)
    return order


def scaled(cotangent: Any, partial: Any) -> Any:
    """Return a cotangent, or a tangent, times a local derivative: what flows along an edge.

    Nothing (0.0) where either is a symbolic zero, or where a 0 meets what is not finite; while
    `autograd.compile` traces, numbers are not looked at. A graph gets no node for a factor of 1.
    """
    if vanishes(cotangent, partial):
        return 0.0
    if isinstance(cotangent, PLAIN) and cotangent == 1:
        return partial
    return cotangent if isinstance(partial, PLAIN) and partial == 1 else cotangent * partial


def vanishes(cotangent: Any, partial: Any) -> bool:
    """Whether nothing flows along an edge, whatever the product of these would be."""
    a, b = number(cotangent), number(partial)
    if a and b:
        return False
    if is_symbolic_zero(cotangent) or is_symbolic_zero(partial):
        return True
    return not tracing() and is_zero_times_nonfinite(a, b)


def is_symbolic_zero(x: Any) -> bool:
    """Whether nothing flows: a plain 0. A `Value` of 0 may still have derivatives."""
    return isinstance(x, PLAIN) and x == 0


def is_zero_times_nonfinite(a: float, b: float) -> bool:
    """Whether a 0 meets inf or nan, in either order."""
    return (a == 0 or b == 0) and not isfinite(a * b)


def number(x: Any) -> float:
    """Return the number in a `Value` or a float."""
    return x if type(x) is float else float(getattr(x, "_data", x))
