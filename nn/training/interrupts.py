"""Defer a KeyboardInterrupt past the few lines that must run completely or not at all."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Any


class DeferInterrupts:
    """A context in which an interrupt within a ``block`` is deferred to the end of the block.

    Only Ctrl-C is deferred, and only in the main thread, where Python handles signals. If anything
    else is raised in a block, ``torn`` is True from then on.

    Examples
    --------
    >>> import signal
    >>> with DeferInterrupts() as guard:
    ...     try:
    ...         with guard.block:
    ...             signal.raise_signal(signal.SIGINT)
    ...             print("the block runs to its end")
    ...     except KeyboardInterrupt:
    ...         print("then comes the interrupt")
    the block runs to its end
    then comes the interrupt
    """

    def __init__(self) -> None:
        self.block = _Block(self)
        self.torn = False
        self.inside = False
        self.pending: tuple[int, FrameType | None] | None = None
        self._handler: Any = None

    def __enter__(self) -> "DeferInterrupts":
        if threading.current_thread() is threading.main_thread():
            handler = signal.getsignal(signal.SIGINT)
            if callable(handler):  # neither ignored nor left to the system
                self._handler = handler
                signal.signal(signal.SIGINT, self._defer)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._handler is not None and signal.getsignal(signal.SIGINT) == self._defer:
            signal.signal(signal.SIGINT, self._handler)

    def _defer(self, number: int, frame: FrameType | None) -> None:
        if self.inside:
            self.pending = number, frame
        else:
            self._handler(number, frame)

    def leave(self) -> None:
        """Handle an interrupt that was deferred."""
        self.inside = False  # first: from here on, an interrupt is handled at once
        if self.pending is not None:
            number, frame = self.pending
            self.pending = None
            self._handler(number, frame)


class _Block:
    """The block of a guard; it is reused, so that a step costs no new object."""

    def __init__(self, guard: DeferInterrupts) -> None:
        self.guard = guard

    def __enter__(self) -> None:
        self.guard.inside = True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.guard.torn = self.guard.torn or error is not None
        self.guard.leave()
