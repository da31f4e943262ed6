"""Samples and targets in memory or in a mapped file, read in parts."""

import mmap
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd.errors import shown
from nn.basics.inputs import as_array, plain

CHUNK = 256  # samples that are turned into lists at once
# A row of a mapped file brings in its pages, and those around it that the system has at hand: 64 kB
# on Linux. The mapping is told to forget its pages whenever so much may have come in.
AROUND, RESIDENT = 1 << 16, 1 << 25


class Column:
    """Equally shaped numbers, one entry a sample: an array, or a list as it is.

    Arrays are never copied whole. The part that `take` returns has 64 bits a number, whatever the
    array's type is, so that the same numbers train alike however they are stored.

    Examples
    --------
    >>> column = Column(np.arange(6, dtype=np.uint8).reshape(3, 2))
    >>> column.take(np.array([2, 0]))
    array([[4, 5],
           [0, 1]])
    >>> list(column.rows())
    [[0, 1], [2, 3], [4, 5]]
    """

    def __init__(self, items: Any) -> None:
        self.items = items
        self.array = as_array(items)  # None where the items are not regular
        self.mapped = mapping_of(items)
        self._touched = 0

    def __len__(self) -> int:
        return len(self.items)

    def take(self, chosen: slice | NDArray[np.intp]) -> Any:
        """Return the chosen samples, in the order in which they are asked for."""
        if self.array is None:
            every = range(len(self))
            places = every[chosen] if isinstance(chosen, slice) else chosen.tolist()
            return [self.items[i] for i in places]
        if isinstance(chosen, slice):
            part = wide(self.array[chosen])
        elif self.mapped is None:
            part = wide(self.array.take(chosen, axis=0))  # in half the time of [chosen]
        else:
            order = np.argsort(chosen, kind="stable")  # a file is read from its front to its back
            part = wide(self.array[chosen[order]])[np.argsort(order)]
        if self.mapped is not None:
            self._forget(len(part), isinstance(chosen, slice))
        return part

    def rows(self) -> Iterator[Any]:
        """Yield the samples one by one, arrays as lists."""
        if not isinstance(self.items, np.ndarray):
            yield from self.items
            return
        for start in range(0, len(self), CHUNK):
            yield from self.items[start : start + CHUNK].tolist()
            self._forget(CHUNK, True)

    def _forget(self, rows: int, together: bool) -> None:
        """Let go of a mapped file's pages: they stay in the system's cache, not in this process."""
        if self.mapped is None or self.array is None:
            return
        size = self.array.nbytes // max(len(self.array), 1)
        self._touched += rows * (size + (0 if together else AROUND))
        if self._touched > RESIDENT:
            self.mapped.madvise(mmap.MADV_DONTNEED)
            self._touched = 0


class Data(NamedTuple):
    """Samples and their targets."""

    X: Column
    Y: Column


def data(role: str, X: Any, Y: Any) -> Data:
    """Check that samples and targets are sequences of one length, and at least one of each.

    Examples
    --------
    >>> len(data("training", [[1.0], [2.0]], [0, 1]).X)
    2
    >>> data("training", [[1.0], [2.0]], [0])
    Traceback (most recent call last):
    ValueError: training needs as many targets as samples (and at least one), got 2 samples and 1
    targets
    """
    xs, ys = _numbers(X), _numbers(Y)
    for name, given, items in (("samples", X, xs), ("targets", Y, ys)):
        if not isinstance(items, Sequence | np.ndarray) or isinstance(items, str | bytes):
            raise TypeError(f"the {role} {name} must be a list or an array, got {shown(given)}")
    if len(xs) != len(ys) or not len(xs):
        raise ValueError(
            f"{role} needs as many targets as samples (and at least one), "
            f"got {len(xs)} samples and {len(ys)} targets",
        )
    return Data(Column(xs), Column(ys))


def _numbers(items: Any) -> Any:
    """Leave arrays of numbers as they are, turn other arrays into lists."""
    if isinstance(items, np.ndarray) and items.ndim and items.dtype.kind in "biuf":
        return items if isinstance(items, np.memmap) else np.asarray(items)
    return plain(items)


def wide(array: NDArray[Any]) -> NDArray[Any]:
    """Return numbers as 64 bits each, as NumPy reads a list of them; an array that is so already.

    Examples
    --------
    >>> [wide(np.zeros(1, kind)).dtype.name for kind in ("f4", "u1", "i8", "?", "u8")]
    ['float64', 'int64', 'int64', 'bool', 'int64']
    """
    if array.dtype == np.float64 and array.flags.c_contiguous and type(array) is np.ndarray:
        return array
    if array.dtype == np.uint64:
        return np.array(array.tolist())
    kinds = {"f": np.float64, "i": np.int64, "u": np.int64, "b": np.bool_}
    return np.ascontiguousarray(array, dtype=kinds[array.dtype.kind])


def mapping_of(items: Any) -> mmap.mmap | None:
    """Return the mapped file behind an array or a view of one; None where pages may not be dropped.

    Changed pages of a mapping of mode "c" are nowhere else than in memory.

    Examples
    --------
    >>> mapping_of(np.zeros(3)) is None
    True
    """
    if not hasattr(mmap, "MADV_DONTNEED"):  # Windows
        return None
    shared = False
    while isinstance(items, np.ndarray):
        shared = shared or (isinstance(items, np.memmap) and items.mode != "c")
        items = items.base
    return items if shared and isinstance(items, mmap.mmap) else None
