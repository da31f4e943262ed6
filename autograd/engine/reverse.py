"""Reverse mode: the one law of the backward pass, and the sinks that say where cotangents go.

`backward_pass` visits results before operands. It takes a node's cotangent, the derivative of the
result with respect to that node, from a sink, multiplies it by each local derivative, and sends the
product to the corresponding input. A sink accumulates these products: in the nodes themselves
(`Value.backward`; each kernel has its own sink) or in a mapping that leaves the nodes unchanged
(`CotangentMap`). Other sinks wrap one of these: the anomaly detector's checks every product, and
that of `viz` records the products as steps.

Local derivatives are floats, or graphs where the derivative is to be differentiated again
(`autograd.functions.graph_derivatives`); both are summed in the same order. A plain 0 is a
*symbolic zero*: it stops the pass, so that an infinite derivative in a branch not taken does not
become nan.

A sink may have a fast copy of the law for floats (`CotangentSink.float_pass`); tests compare each
copy with the law, bit for bit.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from math import isfinite
from typing import Any, ClassVar, Protocol, TypeVar

from autograd.context import anomaly_detector, tracing
from autograd.graph import Node, walk
from autograd.primitives import CONSTANT, DETACHED

N = TypeVar("N", bound=Node)
PLAIN = (float, int)  # numbers that are not nodes
PendingCotangents = dict[Any, dict[int, Any]]  # per block: its outputs' cotangents, None at first


def backward_pass(order: Sequence[Node], sink: "CotangentSink") -> None:
    """Propagate cotangents from results to what they depend on; ``order`` has operands first."""
    pending = start_pullbacks(order)
    if pending is None and sink.float_pass is not None:
        sink.float_pass(order)
        return
    accepts, check, receive = sink.accepts, sink.check, sink.receive
    for node in reversed(order):
        cotangent = sink.take(node)
        if pending is not None and (pullback := sink.pullback(node)) is not None:
            pullback.apply(node, cotangent, sink, pending)
        elif node._inputs and not is_symbolic_zero(cotangent):
            for x, d in zip(node._inputs, sink.derivatives.partials(node), strict=True):
                if accepts(x):
                    if check is not None:
                        check(node, x, cotangent, d)
                    receive(node, x, cotangent, d, scaled(cotangent, d))


class Derivatives(Protocol):
    """Local derivatives of nodes: numbers (`floats`), or graphs of their own."""

    def partials(self, node: Any) -> Iterable[Any]:
        """Return the local derivatives, one per input."""

    def vjp(self, node: Any, cotangent: Any) -> Sequence[Any]:
        """Return the input cotangents of a node with a custom vjp."""


class FloatDerivatives:
    """Local derivatives as numbers, evaluated when the node was computed."""

    def partials(self, node: Node) -> Iterable[float]:
        """Return the local derivatives, one per input."""
        return node._partials

    def vjp(self, node: Node, cotangent: float) -> list[float]:
        """Return the input cotangents of a node with a custom vjp."""
        cotangents: list[float] = node._pullback.vjp(cotangent)
        return cotangents


floats = FloatDerivatives()


class CotangentSink:
    """Where the cotangents of a backward pass accumulate; a subclass decides how."""

    derivatives: Derivatives = floats
    float_pass: Callable[[Sequence[Node]], None] | None = None  # the law, for floats only
    # Inspects a node, an input, and the two factors before they are multiplied; may raise.
    check: Callable[[Node, Node, Any, Any], None] | None = None

    def take(self, node: Node) -> Any:
        """Return a node's complete cotangent: the pass is about to propagate it."""
        raise NotImplementedError

    def total(self, node: Node) -> Any:
        """Return the cotangent accumulated at a node so far."""
        raise NotImplementedError

    def add(self, node: Node, cotangent: Any) -> None:
        """Add to the cotangent of a node."""
        raise NotImplementedError

    def accepts(self, node: Node) -> bool:
        """Whether cotangents are wanted at a node."""
        return node._op != CONSTANT

    def pullback(self, node: Node) -> "Pullback | None":
        """Return the node's pullback; None if it has local derivatives instead."""
        pullback: Pullback | None = node._pullback
        return pullback

    def receive(self, node: Node, x: Node, cotangent: Any, partial: Any, term: Any) -> None:  # noqa: ARG002 - for sinks that look closer
        """Add what flows from a node to its input ``x``: ``term``, the cotangent times the partial.

        ``partial`` is None where the term comes from a custom vjp.
        """
        if not (isinstance(term, PLAIN) and term == 0):
            self.add(x, term)

    def begin(self, order: Sequence[Node]) -> None:
        """Prepare for a pass through a graph within a node."""

    def end(self) -> None:
        """Clean up after that pass."""

    def propagate(self, cotangents: Sequence[tuple[Node, Any]], stops: Sequence[Node]) -> None:
        """Propagate cotangents from roots through the graph, as far as ``stops``."""
        order = walk([root for root, _ in cotangents], set(stops), DETACHED)
        self.begin(order)
        for root, cotangent in cotangents:
            self.add(root, cotangent)
        backward_pass(order, self)
        self.end()

    def unlocked(self) -> AbstractContextManager[None]:
        """Release the sink's lock, if it has one, while a user's function runs."""
        return nullcontext()


class CotangentMap(CotangentSink):
    """Cotangents in a dictionary; the nodes do not change.

    Each cotangent is dropped once it has been propagated, except at ``wrt``. If ``among`` is given,
    nothing flows to other nodes.
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
        self._depth = 0  # of graphs within nodes: their nodes are new and never in ``among``

    def take(self, node: Node) -> Any:
        """Return a node's complete cotangent, and drop it unless the node is in ``wrt``."""
        return self.total(node) if node in self.wrt else self.cotangents.pop(node, 0.0)

    def total(self, node: Node) -> Any:
        """Return the cotangent accumulated at a node so far."""
        return self.cotangents.get(node, 0.0)

    def add(self, node: Node, cotangent: Any) -> None:
        """Add to the cotangent of a node."""
        known = self.cotangents
        known[node] = known[node] + cotangent if node in known else cotangent

    def accepts(self, node: Node) -> bool:
        """Whether cotangents are wanted at a node."""
        among = None if self._depth else self.among
        return node._op != CONSTANT and (among is None or node in among)

    def begin(self, order: Sequence[Node]) -> None:  # noqa: ARG002 - other sinks use it
        """Prepare for a pass through a graph within a node."""
        self._depth += 1

    def end(self) -> None:
        """Clean up after that pass."""
        self._depth -= 1

    def _float_pass(self, order: Sequence[Node]) -> None:
        """Propagate as `backward_pass` does, in a third of the time."""
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
    """Return the cotangents at ``wrt``, from those of results: 0.0 where nothing flows.

    ``order`` has the results' graph, operands before results. If ``among`` is given, nothing
    flows to other nodes.
    """
    sink = CotangentMap(cotangents, wrt, derivatives, among)
    live = [node for node, g in cotangents.items() if not is_symbolic_zero(g)]
    backward_pass(order, checked(sink, live))
    return [sink.total(x) for x in wrt]


def checked(sink: CotangentSink, live: Iterable[Node] = ()) -> CotangentSink:
    """Return the sink, wrapped in one that checks it inside `autograd.detect_anomaly`."""
    detector = anomaly_detector()
    return sink if detector is None else detector.sink(sink, live)


class Pullback:
    """What a node holds instead of local derivatives where these are not stored numbers.

    `backward_pass` calls `apply`; iterating gives the local derivatives as numbers. There are two
    kinds: a custom vjp need not be a multiple of the cotangent (`autograd.engine.pullbacks`), and
    a checkpoint's output is first recomputed (`autograd.engine.checkpoint`).
    """

    __slots__ = ()

    exist: ClassVar[bool] = False  # whether this process has made one: no graph is searched before

    def __init__(self) -> None:
        Pullback.exist = True

    def start(self, pending: PendingCotangents) -> None:
        """Prepare for a backward pass that includes the node."""

    def apply(
        self, node: Node, cotangent: Any, sink: CotangentSink, pending: PendingCotangents
    ) -> None:
        """Propagate the node's cotangent, 0 if it received none, to its inputs."""
        raise NotImplementedError

    def why_no_jvp(self, node: Node, *, graphs: bool) -> str:
        """Return why forward mode cannot pass the node; an empty string if it can."""
        raise NotImplementedError

    def for_copy(self) -> Any:
        """Return what a copy of the node holds."""
        raise NotImplementedError

    def __iter__(self) -> Iterator[float]:
        raise NotImplementedError


Partials = tuple[float, ...] | Pullback  # what a node stores for its derivatives


def start_pullbacks(order: Sequence[Node]) -> PendingCotangents | None:
    """Prepare all pullbacks in a graph for a backward pass; return None if there are none."""
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

    The product is 0.0 if either is a symbolic zero, or if a 0 meets inf or nan; while
    `autograd.compile` traces, numbers are not inspected. A factor of 1 adds no node to a graph.
    """
    a, b = getattr(cotangent, "_data", cotangent), getattr(partial, "_data", partial)
    if not (a and b) and vanishes(cotangent, partial):
        return 0.0
    if a == 1 and isinstance(cotangent, PLAIN):
        return partial
    return cotangent if b == 1 and isinstance(partial, PLAIN) else cotangent * partial


def vanishes(cotangent: Any, partial: Any) -> bool:
    """Whether nothing flows along an edge, whatever the product would be."""
    if is_symbolic_zero(cotangent) or is_symbolic_zero(partial):
        return True
    return not tracing() and is_zero_times_nonfinite(number(cotangent), number(partial))


def is_symbolic_zero(x: Any) -> bool:
    """Whether nothing flows: a plain 0. A `Value` of 0 may still have derivatives."""
    return isinstance(x, PLAIN) and x == 0


def is_zero_times_nonfinite(a: float, b: float) -> bool:
    """Whether a 0 meets inf or nan, in either order."""
    return (a == 0 or b == 0) and not isfinite(a * b)


def number(x: Any) -> float:
    """Return the number in a `Value` or a float."""
    return x if type(x) is float else float(getattr(x, "_data", x))
