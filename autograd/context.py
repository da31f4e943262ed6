"""Modes, per thread: recording off (`no_grad`), anomaly detection, tracing, transforms.

A mode belongs to the thread that entered it. Operations first check one counter that all threads
share, so that modes cost a few nanoseconds while no thread is in any.
"""

import os
import threading
from collections.abc import Callable, Sequence
from contextlib import ContextDecorator
from typing import Any, Protocol


class Tracer(Protocol):
    """Receives events that no graph records, while `autograd.compile` traces a function."""

    @property
    def exact(self) -> bool:
        """Whether traced derivatives use the exact rules rather than the textbook's."""

    @property
    def finite_checks(self) -> list[Any]:
        """Nodes that must be finite for a textbook rule of a derivative to hold."""

    def on_compare(self, sign: str, x: Any, y: Any, outcome: bool) -> None:
        """Record a comparison and its outcome."""

    def on_sort(self, row: Sequence[Any]) -> None:
        """Record that a list is about to be sorted by its numbers."""

    def on_concretize(self, what: str, x: Any) -> None:
        """Record that a node is read as a float, which has no gradient; may raise."""

    def on_mutate(self, what: str, x: Any) -> None:
        """Record that a node is mutated, which affects only this run; may raise."""


class SharedTracer(Tracer, Protocol):
    """A tracer whose nodes may reach other threads, as in a function that uses a thread pool."""

    def holds(self, node: Any) -> bool:
        """Whether a node depends on an argument of the traced function."""

    def on_other_thread(self, what: str, x: Any) -> None:
        """Raise: another thread reads a number of this trace."""


class NodeRecorder(Protocol):
    """Where new nodes are appended: a list does."""

    def append(self, node: Any, /) -> None:
        """Append a new node."""


# A thread's modes as flags, for the kernels: those that are on while a field is not None, or not 0.
FLAGS = {"no_grad_depth": 1, "tracer": 2, "anomaly_detectors": 4, "recording": 8}
COUNTED = {"no_grad_depth", "anomaly_detectors"}


class _ThreadState(threading.local):
    """One thread's modes, innermost last. Lists are replaced, since a change in place is not seen.

    ``transforms`` has, for each enclosing derivative, the leaves with respect to which it is taken;
    ``active`` is this thread's share of `Context.active`, ``modes`` are the modes as flags.
    """

    active = 0
    modes = 0
    no_grad_depth = 0
    tracer: Tracer | None = None
    recording: NodeRecorder | None = None
    anomaly_detectors: list[Any]
    transforms: list[Sequence[Any]]
    _on_change: Callable[[int], None]

    def __init__(self, on_change: Callable[[int], None]) -> None:
        self.__dict__.update(_on_change=on_change, anomaly_detectors=[], transforms=[])

    def __setattr__(self, name: str, field: Any) -> None:
        """Set a field and report a change of modes, of which a kernel may have a copy."""
        fields = self.__dict__
        fields[name] = field
        if name in FLAGS:
            is_on = bool(field) if name in COUNTED else field is not None
            modes = self.modes & ~FLAGS[name] | FLAGS[name] * is_on
            if modes != self.modes:
                fields["modes"] = modes
                self._on_change(modes)

    def on_new_node(self, node: Any) -> None:
        """Pass a new node to the anomaly detector, and append it to the recording."""
        if self.anomaly_detectors:
            self.anomaly_detectors[-1].check(node)
        if self.recording is not None:
            self.recording.append(node)


class SavedState:
    """A thread's modes before a trace, which starts with none of them."""

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

    ``transforming`` counts running transforms separately from ``active``, since operations need not
    check for them. ``tracers`` are those of all threads.
    """

    def __init__(self) -> None:
        self.active = 0
        self.transforming = 0
        self.tracers: tuple[SharedTracer, ...] = ()
        self._count_listeners: list[Callable[[int, int], None]] = []
        self._mode_listeners: list[Callable[[int], None]] = []
        self.thread = _ThreadState(self._report_modes)
        self._lock = threading.Lock()

    def listen(self, on_count: Callable[[int, int], None], on_modes: Callable[[int], None]) -> None:
        """Call listeners now and at each change.

        ``on_count`` gets ``active`` and the number of traces, in all threads; ``on_modes`` gets
        the modes of the thread that it is called in.
        """
        self._count_listeners.append(on_count)
        self._mode_listeners.append(on_modes)
        with self._lock:
            self._count(self.active)
        on_modes(self.thread.modes)

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
        """Begin a trace in this thread, with its other modes off; return these."""
        self.thread.active += 1
        with self._lock:
            self.tracers = (*self.tracers, tracer)
            self._count(self.active + 1)
        outside = SavedState(self.thread)
        self.thread.tracer = tracer
        return outside

    def end_trace(self, tracer: SharedTracer, outside: SavedState) -> None:
        """End a trace and switch the thread's modes on again."""
        outside.restore(self.thread)
        self.thread.active -= 1
        with self._lock:
            self.tracers = tuple([other for other in self.tracers if other is not tracer])
            self._count(self.active - 1)

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
        """Reset the state of other threads, in the child of a fork: they do not exist there."""
        self._lock = threading.Lock()
        self.transforming = len(self.thread.transforms)
        self.tracers = tuple([tracer for tracer in self.tracers if tracer is self.thread.tracer])
        self._count(self.thread.active)

    def _count(self, active: int) -> None:
        self.active = active
        for listener in self._count_listeners:
            listener(active, len(self.tracers))

    def _report_modes(self, modes: int) -> None:
        for listener in self._mode_listeners:
            listener(modes)


context = Context()
after_fork: Callable[..., None] = getattr(os, "register_at_fork", lambda **_: None)
after_fork(after_in_child=context.forked)


def on_compare(sign: str, x: Any, y: Any, outcome: bool) -> None:
    """Report a comparison to this thread's tracer; kernels call it while ``context.active``."""
    if context.thread.tracer is not None:
        context.thread.tracer.on_compare(sign, x, y, outcome)
    elif context.tracers:
        for side in (x, y):
            _refuse_other_thread(sign, side)


def on_sort(row: Sequence[Any]) -> None:
    """Report to this thread's tracer that a list is about to be sorted by its numbers."""
    if context.thread.tracer is not None:
        context.thread.tracer.on_sort(row)


def on_concretize(what: str, x: Any) -> None:
    """Report to this thread's tracer that a node is read as a float."""
    if context.thread.tracer is not None:
        context.thread.tracer.on_concretize(what, x)
    elif context.tracers:
        _refuse_other_thread(what, x)


def on_mutate(what: str, x: Any) -> None:
    """Report to this thread's tracer that a node is mutated."""
    if context.thread.tracer is not None:
        context.thread.tracer.on_mutate(what, x)
    elif context.tracers:
        _refuse_other_thread(what, x)


def _refuse_other_thread(what: str, x: Any) -> None:
    """Raise for a node of another thread's trace: its number would become a constant."""
    for tracer in context.tracers:
        if hasattr(x, "_inputs") and tracer.holds(x):
            tracer.on_other_thread(what, x)


def tracing() -> bool:
    """Whether a function is being traced in this thread: control flow must not read numbers."""
    return context.active > 0 and context.thread.tracer is not None


def is_traced(x: Any) -> bool:
    """Whether a node belongs to a trace, in this thread or another."""
    if not context.active:
        return False
    if context.thread.tracer is not None:
        return not x.is_constant
    return any(tracer.holds(x) for tracer in context.tracers)


def anomaly_detector() -> Any:
    """Return this thread's innermost anomaly detector, None outside `detect_anomaly`.

    A trace has none either: its numbers are those of this one run.
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

    While `autograd.compile` traces, results inside are wrapped in `stop_gradient`: no gradient
    flows back, and each call computes the number anew.

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
