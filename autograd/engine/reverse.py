"""Send derivatives along a recorded graph: back from results, or forward from inputs.

Both ways take local derivatives as floats, or as graphs (`autograd.functions.partials`); the sums
are the same in the same order. Nothing flows along a derivative that is exactly 0.
"""

from collections.abc import Callable, Container, Iterable, Sequence
from math import isfinite
from typing import Any

from autograd.anomaly import TangentWatch, ZeroWatch
from autograd.context import anomaly_detector, tracing
from autograd.engine.pullbacks import Way, refusal, waiting_for
from autograd.graph import Node, walk
from autograd.primitives import CONSTANT
from autograd.value import Value

Partials = Callable[[Any], Iterable[Any]]  # of a node


def floats(node: Node) -> Iterable[float]:
    """Return a node's local derivatives as numbers, as they were when it was computed."""
    return node._partials


def pull(
    order: Sequence[Value],
    seeds: dict[Value, Any],
    wrt: Sequence[Value],
    partials_of: Partials,
    among: Container[Value] | None = None,
) -> list[Any]:
    """Send what flows into results back to what they depend on; return what reaches ``wrt``.

    ``order`` has the results' graph, operands before results; ``seeds`` says what flows into which
    node. Where ``among`` is given, nothing flows to other nodes. What nothing reaches gets 0.0.
    """
    way = Collected(seeds, partials_of, among)
    way.send(order)
    return [way.grads.get(x, 0.0) for x in wrt]


class Collected(Way):
    """A way back whose gradients are in a dictionary: no node changes."""

    def __init__(
        self,
        seeds: dict[Value, Any],
        partials_of: Partials,
        among: Container[Value] | None = None,
    ) -> None:
        self.grads: dict[Any, Any] = dict(seeds)  # by node
        self.partials_of, self.among = partials_of, among
        self.graphs = partials_of is not floats or any(type(g) is Value for g in seeds.values())
        self.detector = anomaly_detector()
        live = [node for node, g in seeds.items() if not is_zero(g)]
        self.zeros = ZeroWatch(self.detector, live) if self.detector else None
        self.lost = _never if tracing() else is_lost

    def add(self, x: Node, flow: Any) -> None:
        """Add to the gradient of a node."""
        if self.zeros:
            self.zeros.live.add(x)
        self.grads[x] = self.grads[x] + flow if x in self.grads else flow

    def through(self, flows: Sequence[tuple[Node, Any]], stops: Sequence[Node]) -> None:
        """Send gradients from roots through the graph between these and the stops."""
        for root, g in flows:
            self.add(root, g)
        order = walk([root for root, _ in flows], set(stops))
        among, self.among = self.among, None  # of nodes that are made for this way back
        self.send(order)
        self.among = among
        for node in order:  # let them go
            self.grads.pop(node, None)

    def send(self, order: Sequence[Node]) -> None:
        """Send gradients back, results before operands."""
        waiting = waiting_for(order)
        if waiting is None and not self.graphs and self.detector is None:
            _pull_floats(order, self.grads, self.among)
            return
        for node in reversed(order):
            g = self.grads.get(node)
            if self.zeros:
                self.zeros.check(node, 0.0 if g is None else number(g), self.among)
            if waiting is not None and node._later is not None:
                node._later.back(node, 0.0 if g is None else g, waiting, self)
            elif g is not None and node._inputs and not is_zero(g):
                self._spread(node, g)

    def _spread(self, node: Node, g: Any) -> None:
        """Send a gradient along a node's edges."""
        for x, d in zip(node._inputs, self.partials_of(node), strict=True):
            if x._op == CONSTANT or (self.among is not None and x not in self.among):
                continue
            if not is_zero(d) and not self.lost(g, d):
                if self.detector:
                    self.detector.check_flow(node, x, number(g), number(d))
                flow = product(g, d)
                self.add(x, flow)
                if self.detector:
                    self.detector.check_sum(node, x, number(self.grads[x]), number(flow))


def _pull_floats(
    order: Sequence[Node], grads: dict[Any, float], among: Container[Value] | None
) -> None:
    """Do what `pull` does where all are floats, in a third of the time."""
    find = grads.get
    for node in reversed(order):
        g = find(node)
        if g:
            for x, d in zip(node._inputs, node._partials, strict=True):
                if d and x._op != CONSTANT and (among is None or x in among):
                    grads[x] = find(x, 0.0) + g * d


def push(
    order: Sequence[Value],
    tangents: dict[Value, Any],
    results: Sequence[Value],
    partials_of: Partials,
) -> list[Any]:
    """Send what inputs change by forward along a graph; return what results change by.

    ``tangents`` says by how much inputs change. ``order`` has what depends on them, operands first.
    Raises TypeError at a node that only has a way back.
    """
    moved = dict(tangents)
    graphs = partials_of is not floats or any(type(t) is Value for t in moved.values())
    if why := refusal(order, graphs=graphs):
        raise TypeError(why)
    watch = None
    if (watched := anomaly_detector()) is not None:
        moving = [node for node, t in moved.items() if not is_zero(t)]
        watch = TangentWatch(watched, order, results, moving)
    if not graphs and watch is None:
        _push_floats(order, moved)
        return [moved.get(node, 0.0) for node in results]
    lost = _never if tracing() else is_lost
    for node in order:
        if watch:
            watch.check(node, {x: number(moved.get(x, 0.0)) for x in node._inputs})
        total: Any = 0.0
        for x, d in zip(node._inputs, partials_of(node), strict=True):
            t = moved.get(x, 0.0)
            if not is_zero(t) and not is_zero(d) and not lost(t, d):
                flow = product(t, d)
                total = flow if is_zero(total) else total + flow
        if not is_zero(total):
            moved[node] = total
    return [moved.get(node, 0.0) for node in results]


def _push_floats(order: Sequence[Value], moved: dict[Value, float]) -> None:
    """Do what `push` does where all are floats."""
    find = moved.get
    for node in order:
        total = 0.0
        for x, d in zip(node._inputs, node._partials, strict=True):
            t = find(x)
            if t and d:
                total += t * d
        if total:
            moved[node] = total


def between(leaves: Sequence[Value], results: Sequence[Any]) -> list[Value]:
    """Return the nodes that depend on leaves and that results depend on, operands first.

    The leaves themselves, and what lies beneath them, are not among these.
    """
    roots = [node for node in results if type(node) is Value]
    reached = set(leaves)
    order = []
    for node in walk(roots, set(leaves)):
        if not reached.isdisjoint(node._inputs):
            reached.add(node)
            order.append(node)
    return order


def is_zero(g: Any) -> bool:
    """Whether nothing flows: a plain 0. A `Value` of 0 may still have derivatives."""
    return type(g) is not Value and g == 0


def is_lost(g: Any, d: Any) -> bool:
    """Whether a 0 meets what is not finite: nothing flows there, as in `Value.backward`."""
    a, b = number(g), number(d)
    return (a == 0 and not isfinite(b)) or (b == 0 and not isfinite(a))


def _never(g: Any, d: Any) -> bool:  # noqa: ARG001 - in the place of is_lost
    """Look at no number: a compiled program gets others (see `autograd.compiler.forward`)."""
    return False


def product(g: Any, d: Any) -> Any:
    """Multiply, without a node for a factor of 1."""
    if type(g) is not Value and g == 1:
        return d
    return g if type(d) is not Value and d == 1 else g * d


def number(x: Any) -> float:
    """Return the number in a `Value` or a float."""
    return x._data if type(x) is Value else float(x)
