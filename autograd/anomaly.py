"""Find where a number first stops being finite, and say so in the user's terms."""

import linecache
import math
import os
import sys
from collections.abc import Sequence
from contextlib import ContextDecorator
from pathlib import Path

import numpy as np

from autograd.graph import walk
from autograd.later import Way, waiting_for
from autograd.modes import modes
from autograd.node import Node

_HERE = Path(__file__).parent
_NUMPY = Path(np.__file__).parent  # np.mean runs Python code, and so do those beside it
_FOLDERS = (_HERE, _HERE.parent / "nn", _NUMPY, *map(_NUMPY.with_name, ("pandas", "scipy")))
_NOT_THE_USERS = (
    *(f"{folder}{os.sep}" for folder in _FOLDERS),
    "<autograd ",
    "<__array_function__",
)


class detect_anomaly(ContextDecorator):  # noqa: N801 - named as in PyTorch, used like a function
    """Raise FloatingPointError at the first value or gradient inside that is inf or nan.

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
        modes.enter()
        watchers = modes.here.watchers
        watchers.append(watchers[-1] if watchers else Watcher())
        return self

    def __exit__(self, *exception: object) -> None:
        modes.here.watchers.pop()
        modes.leave()


class Watcher:
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
        waiting, way = waiting_for(order), Watched(self)
        for node in reversed(order):
            g = node.grad
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

    def check_rule(self, node: Node, x: Node, g: float, flow: float) -> None:
        """Raise if what a rule for the way back makes of a gradient is not finite."""
        if not math.isfinite(flow):
            raise FloatingPointError(
                f"the gradient {flow} flows to {_named(x)} through {formula(node)} = {node.data}: "
                f"its rule made it of the incoming gradient {g:.4g}, at {self._place(node)}"
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


class Watched(Way):
    """The way back of `Value.backward` where it is watched, blocks of checkpoints too."""

    def __init__(self, watcher: Watcher) -> None:
        self.watcher = watcher

    def add(self, x: Node, flow: float) -> None:
        """Add to the gradient of a node."""
        x.grad += flow

    def through(self, flows: Sequence[tuple[Node, float]], stops: Sequence[Node]) -> None:
        """Go through the graph within a node."""
        order = walk([root for root, _ in flows], set(stops))
        for node in order:
            if node.inputs or not node.has_grad:
                node.grad = 0.0
        for root, g in flows:
            root.grad += g
        self.watcher.propagate(order)


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
    watchers = modes.here.watchers
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


def users_line() -> str:
    """Find the innermost line that is not this library's."""
    frame = sys._getframe(1)  # noqa: SLF001 - a traceback without an exception
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_NOT_THE_USERS):
        frame = frame.f_back
    name, number = frame.f_code.co_filename, frame.f_lineno
    source = linecache.getline(name, number, frame.f_globals).strip()
    return f"{Path(name).name}:{number}" + (f": {source}" if source else "")
