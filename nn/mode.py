"""Whether modules train or predict, and the masks of dropout for the sample under way.

A training step says that it trains, and supplies the masks; what predicts says so too. Elsewhere
each module does as it was told by `Module.train` and `Module.eval`.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol


class MaskSource(Protocol):
    """The interface of where a dropout layer gets its masks from."""

    def take(self, count: int, rate: float) -> Sequence[Any] | None:
        """Return 0 or 1 / (1 - rate) for each of so many signals; None leaves them as they are."""


class _Mode(threading.local):
    is_training: bool | None = None  # None: as each module says
    masks: MaskSource | None = None


mode = _Mode()


@contextmanager
def running(*, training: bool, masks: MaskSource | None = None) -> Iterator[None]:
    """Have all modules train, with masks from a source, or predict, whatever they were told.

    >>> with running(training=True):
    ...     mode.is_training
    True
    """
    before = mode.is_training, mode.masks
    mode.is_training, mode.masks = training, masks
    try:
        yield
    finally:
        mode.is_training, mode.masks = before
