"""Make batches in a background thread, while the training uses those before."""

import threading
from collections import deque
from collections.abc import Iterator
from types import TracebackType
from typing import Generic, TypeVar

Item = TypeVar("Item")
PATIENCE = 1.0  # seconds that closing waits for the item that is being made


class Prefetched(Generic[Item]):
    """Iterate in a thread, at most `size` items ahead; size 0 needs no thread.

    The order is the iterator's. What it raises comes out where the items are asked for, with the
    iterator's own lines in the traceback. The thread ends with the block, at the latest after the
    item that it is at.

    Examples
    --------
    >>> with Prefetched(iter("abc"), size=2) as items:
    ...     list(items)
    ['a', 'b', 'c']
    """

    def __init__(self, source: Iterator[Item], size: int) -> None:
        self.source = source
        self.size = size
        self._ready: deque[Item] = deque()
        self._changed = threading.Condition()
        self._ended = self._closed = False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="nn.fit batches", daemon=True)

    def __enter__(self) -> Iterator[Item]:
        if not self.size:
            return self.source
        self._thread.start()
        return self._items()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self.size:
            self._thread.join(PATIENCE)

    def _work(self) -> None:
        """Fill the queue; runs in the thread."""
        error: BaseException | None = None
        try:
            for item in self.source:
                with self._changed:
                    self._changed.wait_for(lambda: self._closed or len(self._ready) < self.size)
                    if self._closed:
                        return
                    self._ready.append(item)
                    self._changed.notify_all()
        except BaseException as caught:  # noqa: BLE001 - of any kind: it is raised where it is waited for
            error = caught
        finally:
            with self._changed:
                self._ended, self._error = True, error
                self._changed.notify_all()

    def _items(self) -> Iterator[Item]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._ready or self._ended)
                if not self._ready:
                    break
                item = self._ready.popleft()
                self._changed.notify_all()
            yield item
        if self._error is not None:
            raise self._error
