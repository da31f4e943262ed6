"""Modes, per thread: recording off (`no_grad`), anomaly detection, tracing, transforms.

A mode belongs to the thread that entered it. Operations look at one shared counter first, so that
they pay a few nanoseconds while no thread is in any mode.
"""

import os
import threading
from collections.abc import Callable, Sequence
from contextlib import ContextDecorator
from typing import Any, Protocol


class Tracer(Protocol):
    """Hears of what the graph alone does not show, while `autograd.compile` traces a function."""

    @property
    def exact(self) -> bool:
        """Whether traced derivatives use the exact rules, not the textbook's."""

    @property
    def finite_checks(self) -> list[Any]:
        """Nodes that must be finite for the textbook's rule of a derivative to hold."""

    def on_compare(self, sign: str, x: Any, y: Any, outcome: bool) -> None:
        """Record a comparison and its outcome."""

    def on_sort(self, row: Sequence[Any]) -> None:
        """Record that a list is about to be sorted by its numbers."""

    def on_concretize(self, what: str, x: Any) -> None:
        """Record that a number is read as a float, which loses its gradient; may raise."""

    def on_mutate(self, what: str, x: Any) -> None:
        """Record that a number is set, which only this run sees; may raise."""


class SharedTracer(Tracer, Protocol):
    """A tracer whose nodes may reach other threads, as in a function that uses a thread pool."""

    def holds(self, node: Any) -> bool:
        """Whether a node depends on an argument of the function that is traced."""

    def on_other_thread(self, what: str, x: Any) -> None:
        """Refuse another thread that asks for a number of this trace; raises."""


class NodeRecorder(Protocol):
    """Where new nodes are appended: a list does."""

    def append(self, node: Any, /) -> None:
        """Append a new node."""


class _ThreadState(threading.local):
    """One thread's modes, innermost last.

    ``transforms`` has the leaves of the functions that are being differentiated, one inside the
    other; ``active`` is this thread's part of `Context.active`.
    """

    def __init__(self) -> None:
        self.active = 0
        self.no_grad_depth = 0
        self.anomaly_detectors: list[Any] = []
        self.tracer: Tracer | None = None
        self.recording: NodeRecorder | None = None
        self.transforms: list[Sequence[Any]] = []

    def on_new_node(self, node: Any) -> None:
        """Show a new node to the anomaly detector, and append it to the recording."""
        if self.anomaly_detectors:
            self.anomaly_detectors[-1].check(node)
        if self.recording is not None:
            self.recording.append(node)


class SavedState:
    """A thread's modes from before it traced a function: the trace starts with none of them."""

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
    """All threads' modes; ``active`` counts the modes entered in any thread.

    ``transforming`` counts the transforms that are running: no part of ``active``, as operations
    need not look at them. ``tracers`` are those of all threads.
    """

    def __init__(self) -> None:
        self.active = 0
        self.transforming = 0
        self.tracers: tuple[SharedTracer, ...] = ()
        self.thread = _ThreadState()
        self._lock = threading.Lock()
        self._listeners: list[Callable[[int], None]] = []

    def listen(self, listener: Callable[[int], None]) -> None:
        """Call a listener with ``active``, now and whenever it changes."""
        self._listeners.append(listener)
        listener(self.active)

    def enter(self) -> None:
        """Enter a mode in this thread."""
        self.thread.active += 1
        with self._lock:
            self._count(self.active + 1)

    def leave(self) -> None:
        """Leave a mode in this thread."""
        self.thread.active -= 1
        with self._lock:
            self._count(self.active - 1)

    def begin_trace(self, tracer: SharedTracer) -> SavedState:
        """Begin a trace in this thread, with its modes switched off; return these."""
        self.enter()
        with self._lock:
            self.tracers = (*self.tracers, tracer)
        outside = SavedState(self.thread)
        self.thread.tracer = tracer
        return outside

    def end_trace(self, tracer: SharedTracer, outside: SavedState) -> None:
        """End a trace and switch the thread's modes on again."""
        outside.restore(self.thread)
        with self._lock:
            self.tracers = tuple([other for other in self.tracers if other is not tracer])
        self.leave()

    def begin_transform(self, leaves: Sequence[Any]) -> None:
        """Begin a transform with respect to leaves."""
        with self._lock:
            self.transforming += 1
        self.thread.transforms.append(leaves)

    def end_transform(self) -> None:
        """End the innermost transform."""
        self.thread.transforms.pop()
        with self._lock:
            self.transforming -= 1

    def forked(self) -> None:
        """Reset what belongs to other threads, in the child of a fork: it has this one alone."""
        self._lock = threading.Lock()
        self.transforming = len(self.thread.transforms)
        self.tracers = tuple([tracer for tracer in self.tracers if tracer is self.thread.tracer])
        self._count(self.thread.active)

    def _count(self, active: int) -> None:
        self.active = active
        for listener in self._listeners:
            listener(active)


context = Context()
after_fork: Callable[..., None] = getattr(os, "register_at_fork", lambda **_: None)
after_fork(after_in_child=context.forked)


def on_compare(sign: str, x: Any, y: Any, outcome: bool) -> None:
    """Tell this thread's tracer of a comparison; kernels call it while ``context.active``."""
    if context.thread.tracer is not None:
        context.thread.tracer.on_compare(sign, x, y, outcome)
    elif context.tracers:
        for side in (x, y):
            _refuse_other_thread(sign, side)


def on_sort(row: Sequence[Any]) -> None:
    """Tell this thread's tracer that a list is about to be sorted by its numbers."""
    if context.thread.tracer is not None:
        context.thread.tracer.on_sort(row)


def on_concretize(what: str, x: Any) -> None:
    """Tell this thread's tracer that a number is read as a float."""
    if context.thread.tracer is not None:
        context.thread.tracer.on_concretize(what, x)
    elif context.tracers:
        _refuse_other_thread(what, x)


def on_mutate(what: str, x: Any) -> None:
    """Tell this thread's tracer that a number is set."""
    if context.thread.tracer is not None:
        context.thread.tracer.on_mutate(what, x)
    elif context.tracers:
        _refuse_other_thread(what, x)


def _refuse_other_thread(what: str, x: Any) -> None:
    """Raise for a node of a function that another thread is tracing: its number would be frozen."""
    for tracer in context.tracers:
        if hasattr(x, "_inputs") and tracer.holds(x):
            tracer.on_other_thread(what, x)


def tracing() -> bool:
    """Whether a function is being traced in this thread: control flow must not read numbers."""
    return context.active > 0 and context.thread.tracer is not None


def is_traced(x: Any) -> bool:
    """Whether a node's number is one of a function that is being traced, here or elsewhere."""
    if not context.active:
        return False
    if context.thread.tracer is not None:
        return not x.is_constant
    return any(tracer.holds(x) for tracer in context.tracers)


def anomaly_detector() -> Any:
    """Return this thread's innermost anomaly detector, None outside `detect_anomaly`.

    There is none in a trace either: its numbers are of this one run alone.
    """
    thread = context.thread
    return (
        thread.anomaly_detectors[-1] if thread.anomaly_detectors and thread.tracer is None else None
    )


def transforming() -> bool:
    """Whether a transform is running in this thread."""
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
