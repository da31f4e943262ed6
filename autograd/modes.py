"""What is switched on where: recording off (`no_grad`), watching for bad numbers.

A mode belongs to the thread that entered it. Operations look at one shared counter first, so that
they pay a few nanoseconds while no thread is in any mode.
"""

import os
import threading
from collections.abc import Callable, Sequence
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

    def ordered(self, row: Sequence[Any]) -> None:
        """Learn what is put in order by number, before it is compared."""

    def read(self, what: str, x: Any) -> None:
        """Learn that a number leaves the graph; may raise."""

    def changed(self, what: str, x: Any) -> None:
        """Learn that a number is set, in this one run; may raise."""


class SharedTracer(Tracer, Protocol):
    """A tracer whose nodes other threads may meet, as in a function that uses a pool of them."""

    def holds(self, node: Any) -> bool:
        """Whether a node depends on an argument of the function that is traced."""

    def met(self, what: str, x: Any) -> None:
        """Learn that another thread asks for a number of this trace; raises."""


class Recording(Protocol):
    """Who keeps the nodes that are made: a list does."""

    def append(self, node: Any, /) -> None:
        """Take a new node."""


class _Here(threading.local):
    """One thread's modes: how many `no_grad` blocks, and the watchers of `detect_anomaly`.

    ``transforms`` has the leaves of the functions that are being differentiated, one inside the
    other; ``entered`` counts this thread's part of `Modes.active`.
    """

    def __init__(self) -> None:
        self.entered = 0
        self.paused = 0
        self.watchers: list[Any] = []
        self.tracer: Tracer | None = None
        self.recording: Recording | None = None
        self.transforms: list[Sequence[Any]] = []

    def note(self, node: Any) -> None:
        """Show a new node to who watches, and keep it for who records."""
        if self.watchers:
            self.watchers[-1].check(node)
        if self.recording is not None:
            self.recording.append(node)


class Outside:
    """What a thread had on when it began to trace a function; nothing of it reaches the trace."""

    def __init__(self, here: _Here) -> None:
        self.paused, here.paused = here.paused, 0
        self.watchers, here.watchers = here.watchers, []
        self.tracer = here.tracer
        self.recording, here.recording = here.recording, None
        self.transforms, here.transforms = here.transforms, []

    def restore(self, here: _Here) -> None:
        """Switch these modes on again."""
        here.paused, here.watchers, here.tracer = self.paused, self.watchers, self.tracer
        here.recording, here.transforms = self.recording, self.transforms


class Modes:
    """All threads' modes; ``active`` counts the blocks entered anywhere.

    ``transforming`` counts the derivatives that are being taken: operations need not look at it.
    ``tracers`` are those of all threads.
    """

    def __init__(self) -> None:
        self.active = 0
        self.transforming = 0
        self.tracers: tuple[SharedTracer, ...] = ()
        self.here = _Here()
        self._lock = threading.Lock()
        self._listeners: list[Callable[[int], None]] = []

    def listen(self, listener: Callable[[int], None]) -> None:
        """Tell a listener the count, now and whenever it changes."""
        self._listeners.append(listener)
        listener(self.active)

    def enter(self) -> None:
        """Count a block in."""
        self.here.entered += 1
        with self._lock:
            self._count(self.active + 1)

    def leave(self) -> None:
        """Count a block out."""
        self.here.entered -= 1
        with self._lock:
            self._count(self.active - 1)

    def begin_trace(self, tracer: SharedTracer) -> Outside:
        """Begin to trace a function in this thread, with none of its modes; return these."""
        self.enter()
        with self._lock:
            self.tracers = (*self.tracers, tracer)
        outside = Outside(self.here)
        self.here.tracer = tracer
        return outside

    def end_trace(self, tracer: SharedTracer, outside: Outside) -> None:
        """End a trace."""
        outside.restore(self.here)
        with self._lock:
            self.tracers = tuple([other for other in self.tracers if other is not tracer])
        self.leave()

    def begin_transform(self, leaves: Sequence[Any]) -> None:
        """Count in a derivative that is being taken with respect to leaves."""
        with self._lock:
            self.transforming += 1
        self.here.transforms.append(leaves)

    def end_transform(self) -> None:
        """Count a derivative out."""
        self.here.transforms.pop()
        with self._lock:
            self.transforming -= 1

    def forked(self) -> None:
        """Forget, in the child of a fork, the threads that are not there, and who held the lock."""
        self._lock = threading.Lock()
        self.transforming = len(self.here.transforms)
        self.tracers = tuple([tracer for tracer in self.tracers if tracer is self.here.tracer])
        self._count(self.here.entered)

    def _count(self, active: int) -> None:
        self.active = active
        for listener in self._listeners:
            listener(active)


modes = Modes()
after_fork: Callable[..., None] = getattr(os, "register_at_fork", lambda **_: None)
after_fork(after_in_child=modes.forked)


def compared(sign: str, x: Any, y: Any, outcome: bool) -> None:
    """Tell this thread's tracer of a comparison; kernels call it while a mode is on."""
    if modes.here.tracer is not None:
        modes.here.tracer.compared(sign, x, y, outcome)
    elif modes.tracers:
        for side in (x, y):
            _met(sign, side)


def ordered(row: Sequence[Any]) -> None:
    """Tell this thread's tracer what is put in order, before it is told of comparisons."""
    if modes.here.tracer is not None:
        modes.here.tracer.ordered(row)


def read(what: str, x: Any) -> None:
    """Tell this thread's tracer that a number leaves the graph."""
    if modes.here.tracer is not None:
        modes.here.tracer.read(what, x)
    elif modes.tracers:
        _met(what, x)


def changed(what: str, x: Any) -> None:
    """Tell this thread's tracer that a number is set."""
    if modes.here.tracer is not None:
        modes.here.tracer.changed(what, x)
    elif modes.tracers:
        _met(what, x)


def _met(what: str, x: Any) -> None:
    """Refuse what would freeze a number of a function that another thread is tracing."""
    for tracer in modes.tracers:
        if hasattr(x, "_inputs") and tracer.holds(x):
            tracer.met(what, x)


def tracing() -> bool:
    """Whether a function is being traced in this thread: numbers are not to be looked at."""
    return modes.active > 0 and modes.here.tracer is not None


def is_traced(x: Any) -> bool:
    """Whether a node's number is one of a function that is being traced, here or elsewhere."""
    if not modes.active:
        return False
    if modes.here.tracer is not None:
        return not x.is_constant
    return any(tracer.holds(x) for tracer in modes.tracers)


def watcher() -> Any:
    """Return who watches derivatives in this thread, None where nobody does.

    Those that are being traced are not watched: their numbers are of this one run alone.
    """
    here = modes.here
    return here.watchers[-1] if here.watchers and here.tracer is None else None


def transforming() -> bool:
    """Whether a derivative is being taken in this thread."""
    return modes.transforming > 0 and bool(modes.here.transforms)


class no_grad(ContextDecorator):  # noqa: N801 - named as in PyTorch, used like a function
    """Compute without recording: results inside are constants.

    While `autograd.compile` traces, they are `stop_gradient` of what was computed: nothing flows
    back, and the number is that of each call.

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
