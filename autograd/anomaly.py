"""Find where a number first stops being finite, and say so in the user's terms."""

import math
import sys
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import ContextDecorator

from autograd._frames import users_line
from autograd.context import context
from autograd.engine.pullbacks import Way, waiting_for
from autograd.graph import Node, walk
from autograd.primitives import TABLE


class detect_anomaly(ContextDecorator):  # noqa: N801 - named as in PyTorch, used like a function
    """Raise FloatingPointError at the first value or gradient inside that is inf or nan.

    So does an exact 0 that meets an infinite derivative: nothing flows there, and what the
    derivative is in truth is lost, as that of ``sqrt(x) ** 2`` at 0. A branch that `where` and its
    like did not choose is no such 0.

    The message names the operation, its inputs' labels and numbers, and the line of your program
    that computed it. Watching costs some microseconds an operation. It concerns the thread that
    entered it.

    >>> from autograd import Value, detect_anomaly
    >>> x = Value(0.0, "x")
    >>> with detect_anomaly():
    ...     y = x.log() + 1
    Traceback (most recent call last):
    FloatingPointError: log(x=0.0) gave -inf, at <doctest ...>:2: y = x.log() + 1
    """

    def __enter__(self) -> "detect_anomaly":
        context.enter()
        watchers = context.thread.anomaly_detectors
        watchers.append(watchers[-1] if watchers else AnomalyDetector())
        return self

    def __exit__(self, *exception: object) -> None:
        context.thread.anomaly_detectors.pop()
        context.leave()


class AnomalyDetector:
    """Remembers the user's line for each node, for as long as the node is in use."""

    def __init__(self) -> None:
        self.places: dict[Node, str] = {}
        self.limit = 10_000

    def check(self, node: Node) -> None:
        """Note where a node was made; raise if its number is not finite."""
        place = users_line()
        number = node._data  # noqa: SLF001 - the kernels' field: no tracer
        if not math.isfinite(number):
            raise FloatingPointError(f"{formula(node)} gave {number}, at {place}")
        self.places[node] = place
        if len(self.places) > self.limit:
            self._forget_unused()

    def propagate(self, order: list[Node]) -> None:
        """Send gradients back as the kernel does; raise at the first that is not finite."""
        self.send(order, Watched(self, ZeroWatch(self, order[-1:])))

    def send(self, order: Sequence[Node], way: "Watched") -> None:
        """Send gradients back through a graph, or through that within a node."""
        waiting = waiting_for(order)
        for node in reversed(order):
            g = node.grad
            way.zeros.check(node, g)
            if waiting is not None and node._later is not None:  # noqa: SLF001 - the kernels' field
                node._later.back(node, g, waiting, way)  # noqa: SLF001
                continue
            for x, d in zip(node.inputs, node.partials, strict=True):
                if g == 0 or d == 0:
                    continue
                self.check_flow(node, x, g, d)
                x.grad += g * d
                self.check_sum(node, x, x.grad, g * d)

    def check_flow(self, node: Node, x: Node, g: float, d: float) -> None:
        """Raise if what flows from a node to an input is not finite."""
        if not math.isfinite(g * d):
            raise FloatingPointError(
                f"the gradient {g * d} flows to {_named(x)} through {formula(node)} = {node.data}: "
                f"incoming gradient {g:.4g} times local derivative {d:.4g}, at {self._place(node)}"
            )

    def check_zero(self, node: Node, x: Node, flow: float, d: float, what: str) -> None:
        """Raise if an exact 0 meets what is not finite: a derivative there is lost."""
        if (flow == 0 and not math.isfinite(d)) or (d == 0 and not math.isfinite(flow)):
            raise FloatingPointError(
                f"0 times infinity at {_named(x)} in {formula(node)} = {node.data}: {what} "
                f"{flow:.4g} times local derivative {d:.4g} counts as 0, and what the derivative "
                f"is in truth is lost, at {self._place(node)}; write the function so that no "
                "infinite derivative is multiplied by 0, or choose a branch with where"
            )

    def check_rule(self, node: Node, x: Node, g: float, flow: float) -> None:
        """Raise if what a rule for the way back makes of a gradient is not finite."""
        if not math.isfinite(flow):
            raise FloatingPointError(
                f"the gradient {flow} flows to {_named(x)} through {formula(node)} = {node.data}: "
                f"its rule made it of the incoming gradient {g:.4g}, at {self._place(node)}"
            )

    def check_tangent(self, node: Node, total: float) -> None:
        """Raise if a node's tangent is not finite."""
        if not math.isfinite(total):
            raise FloatingPointError(
                f"the tangent {total} comes to {formula(node)} = {node.data}, at "
                f"{self._place(node)}"
            )

    def check_sum(self, node: Node, x: Node, total: float, last: float) -> None:
        """Raise if what has come together at an input is not finite."""
        if not math.isfinite(total):
            raise FloatingPointError(
                f"the gradients that reach {_named(x)} add up to {total}; the last, {last:.4g}, "
                f"came through {formula(node)}, at {self._place(node)}"
            )

    def _place(self, node: Node) -> str:
        return self.places.get(
            node, "an unknown line (build the graph inside detect_anomaly to see it)"
        )

    def _forget_unused(self) -> None:
        """Let go of nodes that nobody else holds: a training loop makes millions in one block."""
        nodes = list(self.places)
        while nodes:
            node = nodes.pop()  # newest first: results hold their inputs
            if sys.getrefcount(node) <= 3:  # this name, the argument, the key of the dictionary
                del self.places[node]
        self.limit = max(10_000, 2 * len(self.places))


def _counting(node: Node) -> Iterator[tuple[Node, float]]:
    """Yield a node's inputs and local derivatives, without constants and symbolic zeros."""
    entry = TABLE.get(node.op)  # None for a result of a checkpoint
    symbolic = entry is None or entry.symbolic_zeros
    for x, d in zip(node.inputs, node.partials, strict=True):
        if not x.is_constant and (d != 0 or not symbolic):
            yield x, d


class ZeroWatch:
    """Tell a computed 0 from a symbolic one on the way back; report where one meets infinity.

    A node is live if an edge leads to it from a live one that is no symbolic zero: the side of a
    `where` that was not chosen is dead, and all that only lies beneath it. What flows into a live
    node may be exactly 0, but was computed, so that an infinite derivative there is lost.
    """

    def __init__(self, watcher: AnomalyDetector, live: Iterable[Node]) -> None:
        self.detector, self.live = watcher, set(live)

    def check(self, node: Node, g: float, among: Container[Node] | None = None) -> None:
        """Look at the edges of a node, of which each gets the gradient ``g`` times its own."""
        if node not in self.live or (g != 0 and node._later is not None):  # noqa: SLF001
            return  # what has a rule of its own for the way back says itself what it adds
        for x, d in _counting(node):
            if among is None or x in among:
                self.detector.check_zero(node, x, g, d, "incoming gradient")
                self.live.add(x)


class TangentWatch:
    """Report tangents that are lost or not finite, at nodes that a result depends on."""

    def __init__(
        self,
        watcher: AnomalyDetector,
        order: Sequence[Node],
        results: Iterable[Node],
        moving: Iterable[Node],
    ) -> None:
        self.detector, self.live, self.moving = watcher, set(results), set(moving)
        for node in reversed(order):
            if node in self.live:
                self.live.update([x for x, _ in _counting(node)])

    def check(self, node: Node, tangents: Mapping[Node, float]) -> None:
        """Look at the edges of a node, along which its inputs' tangents come."""
        total = 0.0
        for x, d in _counting(node):
            if x in self.moving:
                self.moving.add(node)
                if node in self.live:
                    t = tangents[x]
                    self.detector.check_zero(node, x, t, d, "tangent")
                    total += t * d
        self.detector.check_tangent(node, total)


class Watched(Way):
    """The way back of `Value.backward` where it is watched, blocks of checkpoints too."""

    def __init__(self, watcher: AnomalyDetector, zeros: ZeroWatch) -> None:
        self.detector, self.zeros = watcher, zeros

    def add(self, x: Node, flow: float) -> None:
        """Add to the gradient of a node."""
        self.zeros.live.add(x)
        x.grad += flow

    def through(self, flows: Sequence[tuple[Node, float]], stops: Sequence[Node]) -> None:
        """Go through the graph within a node."""
        order = walk([root for root, _ in flows], set(stops))
        for node in order:
            if node.inputs or not node.has_grad:
                node.grad = 0.0
        for root, g in flows:
            self.add(root, g)
        self.detector.send(order, self)


def place_of(node: Node) -> str:
    """Return the line that made a node, seen by the `detect_anomaly` block around us; else "".

    >>> from autograd import Value, detect_anomaly
    >>> with detect_anomaly():
    ...     y = Value(2.0) * 3
    ...     place_of(y)
    '<doctest ...>:2: y = Value(2.0) * 3'
    >>> place_of(y)
    ''
    """
    watchers = context.thread.anomaly_detectors
    return watchers[-1].places.get(node, "") if watchers else ""


def formula(node: Node) -> str:
    """Write a node as its operation with its inputs' names and numbers; long lists are cut."""
    inputs = [_named(x) for x in node.inputs]
    if len(inputs) > 8:
        inputs = [*inputs[:7], f"… {len(inputs) - 7} more"]
    return f"{node.op}({', '.join(inputs)})"


def _named(x: Node) -> str:
    number = x._data  # noqa: SLF001 - as above
    if x.label:
        return f"{x.label}={number!r}"
    return repr(number) if x.is_leaf else f"{x.op}={number!r}"
