"""What is switched on where: recording off (`no_grad`), watching for bad numbers.

A mode belongs to the thread that entered it. Operations look at one shared counter first, so that
they pay a few nanoseconds while no thread is in any mode.
"""

import threading
from collections.abc import Callable
from contextlib import ContextDecorator
from typing import Any, Protocol


class Tracer(Protocol):
    """Who wants to know that a number is read, or compared, while a function is traced."""

    @property
    def exact(self) -> bool:
        """Whether derivatives that are traced keep their last digits also where they are tiny."""

    @property
    def watched(self) -> list[Any]:
        """Nodes at which a short rule for a derivative holds only where they are finite."""

    def compared(self, sign: str, x: Any, y: Any, outcome: bool) -> None:
        """Learn what a comparison said."""

    def read(self, what: str, x: Any) -> None:
        """Learn that a number leaves the graph; may raise."""


class _Here(threading.local):
    """One thread's modes: how many `no_grad` blocks, and the watchers of `detect_anomaly`."""

    def __init__(self) -> None:
        self.paused = 0
        self.watchers: list[Any] = []
        self.tracer: Tracer | None = None
        self.recording: list[Any] | None = None

    def note(self, node: Any) -> None:
        """Show a new node to who watches, and keep it for who records."""
        if self.watchers:
            self.watchers[-1].check(node)
        if self.recording is not None:
            self.recording.append(node)


class Modes:
    """All threads' modes; ``active`` counts the blocks entered anywhere."""

    def __init__(self) -> None:
        self.active = 0
        self.here = _Here()
        self._lock = threading.Lock()
        self._listeners: list[Callable[[int], None]] = []

    def listen(self, listener: Callable[[int], None]) -> None:
        """Tell a listener the count, now and whenever it changes."""
        self._listeners.append(listener)
        listener(self.active)

    def enter(self) -> None:
        """Count a block in."""
        with self._lock:
            self._count(1)

    def leave(self) -> None:
        """Count a block out."""
        with self._lock:
            self._count(-1)

    def _count(self, change: int) -> None:
        self.active += change
        for listener in self._listeners:
            listener(self.active)


modes = Modes()


def compared(sign: str, x: Any, y: Any, outcome: bool) -> None:
    """Tell this thread's tracer of a comparison; kernels call it while a mode is on."""
    if modes.here.tracer is not None:
        modes.here.tracer.compared(sign, x, y, outcome)


def read(what: str, x: Any) -> None:
    """Tell this thread's tracer that a number leaves the graph."""
    if modes.here.tracer is not None:
        modes.here.tracer.read(what, x)


def tracing() -> bool:
    """Whether a function is being traced in this thread: numbers are not to be looked at."""
    return modes.active > 0 and modes.here.tracer is not None


class no_grad(ContextDecorator):  # noqa: N801 - named as in PyTorch, used like a function
    """Compute without recording: results inside are constants.

    >>> from autograd import Value, no_grad
    >>> a = Value(2.0)
    >>> with no_grad():
    ...     b = 3 * a
    >>> b.is_constant, b.inputs
    (True, ())
    """

    def __enter__(self) -> "no_grad":
        modes.enter()
        modes.here.paused += 1
        return self

    def __exit__(self, *exception: object) -> None:
        modes.here.paused -= 1
        modes.leave()
