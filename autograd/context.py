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

    def on_compare(self, sign: str, x: Any, y: Any, outcome: bool) -> None:
        """Learn what a comparison said."""

    def on_sort(self, row: Sequence[Any]) -> None:
        """Learn what is put in order by number, before it is compared."""

    def on_concretize(self, what: str, x: Any) -> None:
        """Learn that a number leaves the graph; may raise."""

    def on_mutate(self, what: str, x: Any) -> None:
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


class _ThreadState(threading.local):
    """One thread's modes: how many `no_grad` blocks, and the watchers of `detect_anomaly`.

    ``transforms`` has the leaves of the functions that are being differentiated, one inside the
    other; ``entered`` counts this thread's part of `Context.active`.
    """

    def __init__(self) -> None:
        self.entered = 0
        self.no_grad_depth = 0
        self.anomaly_detectors: list[Any] = []
        self.tracer: Tracer | None = None
        self.recording: Recording | None = None
        self.transforms: list[Sequence[Any]] = []

    def note(self, node: Any) -> None:
        """Show a new node to who watches, and keep it for who records."""
        if self.anomaly_detectors:
            self.anomaly_detectors[-1].check(node)
        if self.recording is not None:
            self.recording.append(node)


class SavedState:
    """What a thread had on when it began to trace a function; nothing of it reaches the trace."""

    def __init__(self, thread: _ThreadState) -> None:
        self.no_grad_depth, thread.no_grad_depth = thread.no_grad_depth, 0
        self.anomaly_detectors, thread.anomaly_detectors = thread.anomaly_detectors, []
        self.tracer = thread.tracer
        self.recording, thread.recording = thread.recording, None
        self.transforms, thread.transforms = thread.transforms, []

    def restore(self, thread: _ThreadState) -> None:
        """Switch these modes on again."""
        thread.no_grad_depth, thread.anomaly_detectors, thread.tracer = (
            self.no_grad_depth,
            self.anomaly_detectors,
            self.tracer,
        )
        thread.recording, thread.transforms = self.recording, self.transforms


class Context:
    """All threads' modes; ``active`` counts the blocks entered anywhere.

    ``transforming`` counts the derivatives that are being taken: operations need not look at it.
    ``tracers`` are those of all threads.
    """

    def __init__(self) -> None:
        self.active = 0
        self.transforming = 0
        self.tracers: tuple[SharedTracer, ...] = ()
        self.thread = _ThreadState()
        self._lock = threading.Lock()
        self._listeners: list[Callable[[int], None]] = []

    def listen(self, listener: Callable[[int], None]) -> None:
        """Tell a listener the count, now and whenever it changes."""
        self._listeners.append(listener)
        listener(self.active)

    def enter(self) -> None:
        """Count a block in."""
        self.thread.entered += 1
        with self._lock:
            self._count(self.active + 1)

    def leave(self) -> None:
        """Count a block out."""
        self.thread.entered -= 1
        with self._lock:
            self._count(self.active - 1)

    def begin_trace(self, tracer: SharedTracer) -> SavedState:
        """Begin to trace a function in this thread, with none of its modes; return these."""
        self.enter()
        with self._lock:
            self.tracers = (*self.tracers, tracer)
        outside = SavedState(self.thread)
        self.thread.tracer = tracer
        return outside

    def end_trace(self, tracer: SharedTracer, outside: SavedState) -> None:
        """End a trace."""
        outside.restore(self.thread)
        with self._lock:
            self.tracers = tuple([other for other in self.tracers if other is not tracer])
        self.leave()

    def begin_transform(self, leaves: Sequence[Any]) -> None:
        """Count in a derivative that is being taken with respect to leaves."""
        with self._lock:
            self.transforming += 1
        self.thread.transforms.append(leaves)

    def end_transform(self) -> None:
        """Count a derivative out."""
        self.thread.transforms.pop()
        with self._lock:
            self.transforming -= 1

    def forked(self) -> None:
        """Forget, in the child of a fork, the threads that are not there, and who held the lock."""
        self._lock = threading.Lock()
        self.transforming = len(self.thread.transforms)
        self.tracers = tuple([tracer for tracer in self.tracers if tracer is self.thread.tracer])
        self._count(self.thread.entered)

    def _count(self, active: int) -> None:
        self.active = active
        for listener in self._listeners:
            listener(active)


context = Context()
after_fork: Callable[..., None] = getattr(os, "register_at_fork", lambda **_: None)
after_fork(after_in_child=context.forked)


def on_compare(sign: str, x: Any, y: Any, outcome: bool) -> None:
    """Tell this thread's tracer of a comparison; kernels call it while a mode is on."""
    if context.thread.tracer is not None:
        context.thread.tracer.on_compare(sign, x, y, outcome)
    elif context.tracers:
        for side in (x, y):
            _met(sign, side)


def on_sort(row: Sequence[Any]) -> None:
    """Tell this thread's tracer what is put in order, before it is told of comparisons."""
    if context.thread.tracer is not None:
        context.thread.tracer.on_sort(row)


def on_concretize(what: str, x: Any) -> None:
    """Tell this thread's tracer that a number leaves the graph."""
    if context.thread.tracer is not None:
        context.thread.tracer.on_concretize(what, x)
    elif context.tracers:
        _met(what, x)


def on_mutate(what: str, x: Any) -> None:
    """Tell this thread's tracer that a number is set."""
    if context.thread.tracer is not None:
        context.thread.tracer.on_mutate(what, x)
    elif context.tracers:
        _met(what, x)


def _met(what: str, x: Any) -> None:
    """Refuse what would freeze a number of a function that another thread is tracing."""
    for tracer in context.tracers:
        if hasattr(x, "_inputs") and tracer.holds(x):
            tracer.met(what, x)


def tracing() -> bool:
    """Whether a function is being traced in this thread: numbers are not to be looked at."""
    return context.active > 0 and context.thread.tracer is not None


def is_traced(x: Any) -> bool:
    """Whether a node's number is one of a function that is being traced, here or elsewhere."""
    if not context.active:
        return False
    if context.thread.tracer is not None:
        return not x.is_constant
    return any(tracer.holds(x) for tracer in context.tracers)


def anomaly_detector() -> Any:
    """Return who watches derivatives in this thread, None where nobody does.

    Those that are being traced are not watched: their numbers are of this one run alone.
    """
    thread = context.thread
    return (
        thread.anomaly_detectors[-1] if thread.anomaly_detectors and thread.tracer is None else None
    )


def transforming() -> bool:
    """Whether a derivative is being taken in this thread."""
    return context.transforming > 0 and bool(context.thread.transforms)


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
        context.enter()
        context.thread.no_grad_depth += 1
        return self

    def __exit__(self, *exception: object) -> None:
        context.thread.no_grad_depth -= 1
        context.leave()
