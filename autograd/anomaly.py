"""Find where a number first stops being finite, and say so in the user's terms."""

import math
import sys
from contextlib import ContextDecorator
from pathlib import Path
from typing import TYPE_CHECKING
import linecache

from autograd.modes import modes

if TYPE_CHECKING:
    from autograd.value import Value

_OURS = (str(Path(__file__).parent), str(Path(__file__).parent.parent / "nn"), "<autograd ")


class detect_anomaly(ContextDecorator):  # noqa: N801 - named as in PyTorch, used like a function
    """Raise FloatingPointError at the first value or gradient inside that is inf or nan.

    The message names the operation, its inputs' labels and numbers, and the line of your program
    that computed it. Watching costs some microseconds an operation.

    >>> from autograd import Value, detect_anomaly
    >>> x = Value(0.0, "x")
    >>> with detect_anomaly():
    ...     y = x.log() + 1
    Traceback (most recent call last):
    FloatingPointError: log(x=0.0) gave -inf, at <doctest ...>:2: y = x.log() + 1
    """

    def __init__(self) -> None:
        self.places: dict[Value, str] = {}

    def __enter__(self) -> "detect_anomaly":
        modes.enter()
        modes.here.watchers.append(self)
        return self

    def __exit__(self, *exception: object) -> None:
        modes.here.watchers.remove(self)
        self.places.clear()
        modes.leave()

    def check(self, node: "Value") -> None:
        """Note where a node was made; raise if its number is not finite."""
        place = _users_line()
        self.places[node] = place
        if not math.isfinite(node.data):
            raise FloatingPointError(f"{formula(node)} gave {node.data}, at {place}")

    def propagate(self, order: "list[Value]") -> None:
        """Send gradients back as the kernel does; raise at the first that is not finite."""
        for node in reversed(order):
            g = node.grad
            for x, d in zip(node.inputs, node.partials, strict=True):
                if g == 0 or d == 0:
                    continue
                flow = g * d
                if not math.isfinite(flow):
                    raise FloatingPointError(self._gradient_message(node, x, g, d, flow))
                x.grad += flow
                if not math.isfinite(x.grad):
                    raise FloatingPointError(
                        f"the gradients that reach {_named(x)} add up to {x.grad}; the last, {flow:.4g}, "
                        f"came through {formula(node)}, at {self._place(node)}"
                    )

    def _gradient_message(self, node: "Value", x: "Value", g: float, d: float, flow: float) -> str:
        return (
            f"the gradient {flow} flows to {_named(x)} through {formula(node)} = {node.data}: "
            f"incoming gradient {g:.4g} times local derivative {d:.4g}, at {self._place(node)}"
        )

    def _place(self, node: "Value") -> str:
        return self.places.get(node, "an unknown line (build the graph inside detect_anomaly to see it)")


def formula(node: "Value") -> str:
    """Write a node as its operation with its inputs' names and numbers; long lists are cut."""
    inputs = [_named(x) for x in node.inputs]
    if len(inputs) > 8:
        inputs = [*inputs[:7], f"… {len(inputs) - 7} more"]
    return f"{node.op}({', '.join(inputs)})"


def _named(x: "Value") -> str:
    if x.label:
        return f"{x.label}={x.data!r}"
    return repr(x.data) if x.is_leaf else f"{x.op}={x.data!r}"


def _users_line() -> str:
    """Find the innermost line that is not this library's."""
    frame = sys._getframe(1)  # noqa: SLF001 - a traceback without an exception
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_OURS):
        frame = frame.f_back
    name, number = frame.f_code.co_filename, frame.f_lineno
    source = linecache.getline(name, number, frame.f_globals).strip()
    return f"{Path(name).name}:{number}" + (f": {source}" if source else "")
