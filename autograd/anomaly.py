"""Anomaly detection: find the first value or gradient that is not finite, and the user's line."""
# ruff: noqa: SLF001 - reads fields directly: properties would report to the tracer

import math
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ContextDecorator, nullcontext
from typing import Any

from autograd._frames import users_line
from autograd.context import context
from autograd.engine.reverse import CotangentSink, is_symbolic_zero, number, vanishes
from autograd.graph import Node
from autograd.primitives import TABLE


class detect_anomaly(ContextDecorator):  # noqa: N801 - named as in PyTorch, used like a function
    """Raise FloatingPointError at the first value or gradient inside that is inf or nan.

    It also raises for an exact 0 that is multiplied by an infinite derivative: nothing flows there,
    and the true derivative is lost, as that of ``sqrt(x) ** 2`` at 0. The 0 of a branch that
    `where` and its like did not select is not reported.

    The message names the operation, its inputs' labels and numbers, and the line of your program
    that computed it. Operations take some microseconds longer, in the thread that entered it.

    >>> from autograd import Value, detect_anomaly
    >>> x = Value(0.0, "x")
    >>> with detect_anomaly():
    ...     y = x.log() + 1
    Traceback (most recent call last):
    FloatingPointError: log(x=0.0) gave -inf, at <doctest ...>:2: y = x.log() + 1
    """

    def __enter__(self) -> "detect_anomaly":
        context.enter()
        detectors = context.thread.anomaly_detectors
        innermost = detectors[-1] if detectors else AnomalyDetector()
        context.thread.anomaly_detectors = [*detectors, innermost]
        return self

    def __exit__(self, *exception: object) -> None:
        context.thread.anomaly_detectors = context.thread.anomaly_detectors[:-1]
        context.leave()


class AnomalyDetector:
    """The checks of `detect_anomaly`, and the user's line of each node that is in use."""

    def __init__(self) -> None:
        self.lines: dict[Node, str] = {}
        self.limit = 10_000

    def check(self, node: Node) -> None:
        """Record the line that made a node; raise if its number is not finite."""
        line = users_line()
        number = node._data
        if not math.isfinite(number):
            raise FloatingPointError(f"{formula(node)} gave {number}, at {line}")
        self.lines[node] = line
        if len(self.lines) > self.limit:
            self._forget_unused()

    def sink(self, sink: CotangentSink, live: Iterable[Node]) -> "AnomalySink":
        """Wrap a sink in one that checks it; ``live`` are the nodes at which a pass starts."""
        return AnomalySink(self, sink, live)

    def tangents(
        self, order: Sequence[Node], results: Iterable[Node], moving: Iterable[Node]
    ) -> "TangentCheck":
        """Return the check of a forward pass, in which the tangents of ``moving`` are not 0."""
        return TangentCheck(self, order, results, moving)

    def check_flow(self, node: Node, x: Node, g: float, d: float) -> None:
        """Raise if what flows from a node to an input is not finite."""
        if not math.isfinite(g * d):
            raise FloatingPointError(
                f"the gradient {g * d} flows to {_text(x)} through {formula(node)} = {node.data}: "
                f"incoming gradient {g:.4g} times local derivative {d:.4g}, at {self._line(node)}"
            )

    def check_zero(self, node: Node, x: Node, flow: float, d: float, what: str) -> None:
        """Raise if a computed 0 is multiplied by inf or nan: the derivative there is lost."""
        if (flow == 0 and not math.isfinite(d)) or (d == 0 and not math.isfinite(flow)):
            raise FloatingPointError(
                f"0 times infinity at {_text(x)} in {formula(node)} = {node.data}: {what} "
                f"{flow:.4g} times local derivative {d:.4g} counts as 0, and what the derivative "
                f"is in truth is lost, at {self._line(node)}; write the function so that no "
                "infinite derivative is multiplied by 0, or choose a branch with where"
            )

    def check_rule(self, node: Node, x: Node, g: float, flow: float) -> None:
        """Raise if an input cotangent from a custom vjp is not finite."""
        if not math.isfinite(flow):
            raise FloatingPointError(
                f"the gradient {flow} flows to {_text(x)} through {formula(node)} = {node.data}: "
                f"its rule made it of the incoming gradient {g:.4g}, at {self._line(node)}"
            )

    def check_tangent(self, node: Node, total: float) -> None:
        """Raise if a node's tangent is not finite."""
        if not math.isfinite(total):
            raise FloatingPointError(
                f"the tangent {total} comes to {formula(node)} = {node.data}, at {self._line(node)}"
            )

    def check_sum(self, node: Node, x: Node, total: float, last: float) -> None:
        """Raise if the sum of gradients at an input is not finite."""
        if not math.isfinite(total):
            raise FloatingPointError(
                f"the gradients that reach {_text(x)} add up to {total}; the last, {last:.4g}, "
                f"came through {formula(node)}, at {self._line(node)}"
            )

    def _line(self, node: Node) -> str:
        return self.lines.get(
            node, "an unknown line (build the graph inside detect_anomaly to see it)"
        )

    def _forget_unused(self) -> None:
        """Drop nodes that nothing else holds: a training loop makes millions in one block."""
        nodes = list(self.lines)
        while nodes:
            node = nodes.pop()  # newest first: results hold their inputs
            if sys.getrefcount(node) <= 3:  # this name, the argument, the key of the dictionary
                del self.lines[node]
        self.limit = max(10_000, 2 * len(self.lines))


def _live_edges(node: Node) -> Iterator[tuple[Node, float]]:
    """Yield a node's inputs and local derivatives, without constants and symbolic zeros."""
    entry = TABLE.get(node.op)  # None for a checkpoint's result
    symbolic = entry is None or entry.symbolic_zeros
    for x, d in zip(node.inputs, node.partials, strict=True):
        if not x.is_constant and (d != 0 or not symbolic):
            yield x, d


class AnomalySink(CotangentSink):
    """A sink around another one: it raises at the first sum or product that is not finite.

    It also distinguishes a computed 0 from a symbolic one, and reports a computed one that is
    multiplied by infinity. A node is live if a live node has an edge to it whose derivative is not
    a symbolic zero: the branch of a `where` that was not selected is dead, with all nodes that only
    it depends on. The cotangent of a live node may be exactly 0 as well, but it was computed, and
    an infinite derivative that it is multiplied by is lost.
    """

    def __init__(
        self, detector: AnomalyDetector, inner: CotangentSink, live: Iterable[Node]
    ) -> None:
        self.detector, self.inner, self.live = detector, inner, set(live)
        self.derivatives = inner.derivatives

    def take(self, node: Node) -> Any:
        """Check the zeros at a node's edges; return its complete cotangent."""
        cotangent = self.inner.take(node)
        self._check_zeros(node, number(cotangent))
        return cotangent

    def add(self, node: Node, cotangent: Any) -> None:
        """Add to the cotangent of a node."""
        self.live.add(node)
        self.inner.add(node, cotangent)

    def check(self, node: Node, x: Node, cotangent: Any, partial: Any) -> None:
        """Raise if the product of the cotangent and a local derivative is not finite."""
        if not vanishes(cotangent, partial):
            self.detector.check_flow(node, x, number(cotangent), number(partial))

    def receive(self, node: Node, x: Node, cotangent: Any, partial: Any, term: Any) -> None:
        """Add what flows from a node to its input; raise if the sum is not finite."""
        if is_symbolic_zero(term):
            return
        if partial is None:
            self.detector.check_rule(node, x, number(cotangent), number(term))
            self.add(x, term)
            return
        self.inner.add(x, term)
        self.detector.check_sum(node, x, number(self.total(x)), number(term))

    def total(self, node: Node) -> Any:
        """Return the cotangent accumulated at a node so far."""
        return self.inner.total(node)

    def accepts(self, node: Node) -> bool:
        """Whether cotangents are wanted at a node."""
        return self.inner.accepts(node)

    def begin(self, order: Sequence[Node]) -> None:
        """Prepare for a pass through a graph within a node."""
        self.inner.begin(order)

    def end(self) -> None:
        """Clean up after that pass."""
        self.inner.end()

    def unlocked(self) -> AbstractContextManager[None]:
        """Release the inner sink's lock, if it has one."""
        return self.inner.unlocked()

    def _check_zeros(self, node: Node, cotangent: float) -> None:
        if node not in self.live or (cotangent != 0 and node._pullback is not None):
            return  # a pullback's terms reach `add`, which marks their nodes as live
        with self.unlocked() if node._pullback is not None else nullcontext():
            edges = list(_live_edges(node))  # a checkpoint runs the user's function for these
        for x, d in edges:
            if self.accepts(x):
                self.detector.check_zero(node, x, cotangent, d, "incoming gradient")
                self.live.add(x)


class TangentCheck:
    """The check of a forward pass: tangents that are lost or not finite, where a result depends."""

    def __init__(
        self,
        detector: AnomalyDetector,
        order: Sequence[Node],
        results: Iterable[Node],
        moving: Iterable[Node],
    ) -> None:
        self.detector, self.live, self.moving = detector, set(results), set(moving)
        for node in reversed(order):
            if node in self.live:
                self.live.update([x for x, _ in _live_edges(node)])

    def __call__(self, node: Node, tangents: Mapping[Node, float]) -> None:
        """Check the products of a node's local derivatives and its inputs' tangents."""
        total = 0.0
        for x, d in _live_edges(node):
            if x in self.moving:
                self.moving.add(node)
                if node in self.live:
                    t = tangents[x]
                    self.detector.check_zero(node, x, t, d, "tangent")
                    total += t * d
        self.detector.check_tangent(node, total)


def place_of(node: Node) -> str:
    """Return the line that made a node, as the enclosing `detect_anomaly` recorded it; else "".

    >>> from autograd import Value, detect_anomaly
    >>> with detect_anomaly():
    ...     y = Value(2.0) * 3
    ...     place_of(y)
    '<doctest ...>:2: y = Value(2.0) * 3'
    >>> place_of(y)
    ''
    """
    detectors = context.thread.anomaly_detectors
    return detectors[-1].lines.get(node, "") if detectors else ""


def formula(node: Node) -> str:
    """Write a node as its operation with its inputs' names and numbers; long lists are cut."""
    inputs = [_text(x) for x in node.inputs]
    if len(inputs) > 8:
        inputs = [*inputs[:7], f"… {len(inputs) - 7} more"]
    return f"{node.op}({', '.join(inputs)})"


def _text(x: Node) -> str:
    """Write an input as its label, or operation, and number."""
    number = x._data
    if x.label:
        return f"{x.label}={number!r}"
    return repr(number) if x.is_leaf else f"{x.op}={number!r}"
