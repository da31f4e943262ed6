"""Training data: columns of samples, in memory or memory-mapped, and their batches.

A `Dataset` is two columns, samples and targets. A `Loader` makes the batches of an epoch: from a
dataset (`SampleLoader`), or from an iterable of the user's (`BatchLoader`). `Prefetched` runs a
loader in a background thread, some batches ahead of the training.
"""

import inspect
import mmap
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice
from types import TracebackType
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from autograd._checks import error_text, optional_whole_number, real_array, whole_number
from autograd.errors import shown
from nn._utils import as_array, plain

Item = TypeVar("Item")
PATIENCE = 1.0  # seconds that closing waits for the item under way
CHUNK = 256  # samples that are turned into lists at once
# Reading a row of a mapped file maps its pages and those around it that are in the system's cache:
# 64 kB on Linux. The mapping drops its pages whenever as much as RESIDENT may have been mapped.
AROUND, RESIDENT = 1 << 16, 1 << 25
PARTS = (2, 3)  # of data: samples and targets, weights too
WIDE = {np.dtype(kind) for kind in (np.float64, np.int64, np.bool_)}


class Column:
    """Equally shaped numbers, one entry per sample: an array, or a list, unconverted.

    Arrays are never copied whole. `take` returns numbers of 64 bits whatever the array's dtype, so
    that a training does not depend on how its numbers are stored.

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
        self.array = as_array(items)  # None where the shapes differ
        self.mapped = mapping_of(items)
        self._is_wide = self.array is not None and is_wide(self.array)
        self._touched = 0

    def __len__(self) -> int:
        return len(self.items)

    def take(self, chosen: slice | NDArray[np.intp]) -> Any:
        """Return the samples at some indices, in their order."""
        if self.array is None:
            every = range(len(self))
            indices = every[chosen] if isinstance(chosen, slice) else chosen.tolist()
            return [self.items[i] for i in indices]
        if isinstance(chosen, slice):
            part = wide(self.array[chosen])
        elif self.mapped is None:
            part = self.array.take(chosen, axis=0)  # in half the time of [chosen]
            part = part if self._is_wide else wide(part)
        else:
            order = np.argsort(chosen, kind="stable")  # a file is read from its front to its back
            part = wide(self.array[chosen[order]])[np.argsort(order)]
        if self.mapped is not None:
            self._forget(len(part), isinstance(chosen, slice))
        return part

    def part(self, chosen: slice | NDArray[np.intp]) -> "Column":
        """Return a column of some of the samples; a slice of a mapped file is still in the file."""
        if isinstance(self.items, np.ndarray) or isinstance(chosen, slice):
            return Column(self.items[chosen])
        return Column([self.items[i] for i in chosen.tolist()])

    def rows(self) -> Iterator[Any]:
        """Yield the samples one by one, arrays as lists."""
        if not isinstance(self.items, np.ndarray):
            yield from self.items
            return
        for start in range(0, len(self), CHUNK):
            yield from self.items[start : start + CHUNK].tolist()
            self._forget(CHUNK, True)

    def _forget(self, rows: int, together: bool) -> None:
        """Drop the pages of a memory map from this process; they stay in the system's cache."""
        if self.mapped is None or self.array is None:
            return
        size = self.array.nbytes // max(len(self.array), 1)
        self._touched += rows * (size + (0 if together else AROUND))
        if self._touched > RESIDENT:
            self.mapped.madvise(mmap.MADV_DONTNEED)
            self._touched = 0


class Dataset(NamedTuple):
    """Samples and their targets, and where samples count differently, their weights."""

    X: Column
    Y: Column
    weights: Column | None = None

    def columns(self) -> list[Column]:
        """List the columns that there are."""
        return [column for column in self if column is not None]

    def part(self, chosen: slice | NDArray[np.intp]) -> "Dataset":
        """Return some of the samples."""
        return Dataset(*(column.part(chosen) for column in self.columns()))


def as_dataset(role: str, X: Any, Y: Any, weights: Any = None) -> Dataset:
    """Check that samples and targets are sequences of one length, and at least one of each.

    Weights, if any, must be as many numbers that are finite and not negative.

    Examples
    --------
    >>> len(as_dataset("training", [[1.0], [2.0]], [0, 1]).X)
    2
    >>> as_dataset("training", [[1.0], [2.0]], [0])
    Traceback (most recent call last):
    ValueError: training needs as many targets as samples (and at least one), got 2 samples and 1
    targets
    """
    xs, ys = as_items(X), as_items(Y)
    for name, original, items in (("samples", X, xs), ("targets", Y, ys)):
        if not isinstance(items, Sequence | np.ndarray) or isinstance(items, str | bytes):
            raise TypeError(error_text(f"the {role} {name}", original, "a list or an array"))
    if len(xs) != len(ys) or not len(xs):
        columns = np.shape(xs)[1:2] if isinstance(xs, np.ndarray) else ()
        turned = columns and columns[0] in {len(ys), *np.shape(ys)[1:2]}
        hint = "; samples are rows here: of columns give X.T, and Y.T of rows" if turned else ""
        raise ValueError(
            f"{role} needs as many targets as samples (and at least one), "
            f"got {len(xs)} samples and {len(ys)} targets{hint}",
        )
    return Dataset(Column(xs), Column(ys), _weights(role, weights, len(xs)))


def _weights(role: str, weights: Any, count: int) -> Column | None:
    """Return the weights of samples as a column of floats."""
    if weights is None:
        return None
    name = "sample_weight" if role == "training" else f"the {role} weights"
    array = real_array(weights, name)
    if array.shape != (count,):
        got = f"got the shape {array.shape}"
        raise ValueError(f"{name} needs a weight for each of {count} samples, {got}")
    wrong = ~((array >= 0) & (array < np.inf))
    if wrong.any():
        index = int(wrong.argmax())
        raise ValueError(
            f"{name}: got {array[index]} for sample {index}; allowed: finite, and at least 0"
        )
    if not array.any():
        raise ValueError(f"{name}: every weight is zero: no sample would count")
    return Column(array)


def divided(data: Dataset, share: float, *, shuffle: bool) -> tuple[Dataset, Dataset]:
    """Divide samples into those to train with, and a share to validate with.

    These are drawn at random, always the same; without ``shuffle`` they are the last ones.

    Examples
    --------
    >>> rest, held_out = divided(as_dataset("training", np.arange(5), np.arange(5)), 0.4,
    ...                          shuffle=False)
    >>> rest.X.items.tolist(), held_out.Y.items.tolist()
    ([0, 1, 2], [3, 4])
    """
    count = len(data.X)
    held = round(share * count)
    if not 0 < held < count:
        raise ValueError(
            f"validation={share:g} of {count} samples is {held}, and {count - held} to train with"
        )
    parts: list[Any] = [slice(count - held), slice(count - held, count)]
    if shuffle:
        if any(isinstance(column.items, np.memmap) for column in data.columns()):
            raise ValueError(
                f"validation={share:g} of a mapped file would bring all of it into memory: give "
                "(samples, targets), or shuffle=False to hold out the last samples"
            )
        order = np.random.default_rng(0).permutation(count)
        parts = [np.sort(order[part]) for part in parts]
    first, second = map(data.part, parts)
    return first, second


def as_items(items: Any) -> Any:
    """Leave arrays of numbers as they are, turn other arrays into lists.

    Examples
    --------
    >>> as_items(np.arange(2)), as_items(np.array([1, "a"], object))
    (array([0, 1]), [1, 'a'])
    """
    if hasattr(items, "toarray") and not isinstance(items, np.ndarray):
        hint = "of a sparse matrix take .toarray()"
        raise TypeError(error_text("data", items, "a list or an array", hint))
    if isinstance(items, Mapping | AbstractSet):
        hint = "of columns take numpy.column_stack" if isinstance(items, Mapping) else ""
        raise TypeError(error_text("data", items, "a list or an array", hint))
    if isinstance(items, np.ndarray) and items.ndim and items.dtype.kind in "biuf":
        return items if isinstance(items, np.memmap) else np.asarray(items)
    return plain(items)


def wide(array: NDArray[Any]) -> NDArray[Any]:
    """Convert an array to 64 bits per number, as NumPy reads a list; no copy if it has them.

    Examples
    --------
    >>> [wide(np.zeros(1, kind)).dtype.name for kind in ("f4", "u1", "i8", "?", "u8")]
    ['float64', 'int64', 'int64', 'bool', 'int64']
    """
    if is_wide(array):
        return array
    if array.dtype == np.uint64:
        return np.array(array.tolist())
    kinds = {"f": np.float64, "i": np.int64, "u": np.int64, "b": np.bool_}
    return np.ascontiguousarray(array, dtype=kinds[array.dtype.kind])


def is_wide(array: NDArray[Any]) -> bool:
    """Whether an array, and what is taken from it, has 64 bits per number, next to each other."""
    return array.dtype in WIDE and array.flags.c_contiguous and type(array) is np.ndarray


def mapping_of(items: Any) -> mmap.mmap | None:
    """Return the memory map behind an array, or None if its pages must not be dropped.

    Modified pages of a map of mode "c" (copy on write) exist in memory only.

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


class Batch(NamedTuple):
    """Samples and targets of one step, with the samples' weights and masks of dropout, if any."""

    X: Any
    Y: Any
    weights: Any = None
    masks: Any = None

    def columns(self) -> tuple[Any, ...]:
        """Return what there is, a row a sample; with masks there are weights, too.

        >>> Batch([[1.0]], [2.0]).columns()
        ([[1.0]], [2.0])
        >>> Batch([[1.0]], [2.0], masks=[[0.0]]).columns()
        ([[1.0]], [2.0], array([1.]), [[0.0]])
        """
        if self.masks is not None:
            weights = np.ones(len(self.X)) if self.weights is None else self.weights
            return self.X, self.Y, weights, self.masks
        return (self.X, self.Y) if self.weights is None else (self.X, self.Y, self.weights)


class Loader(Protocol):
    """The interface of training data for `fit`: the batches of each epoch."""

    def order(self, rng: np.random.Generator | None) -> Any:
        """Draw all random numbers of an epoch."""

    def epoch(self, number: int, order: Any, skip: int) -> Iterator[Batch]:
        """Return the batches of an epoch (counted from 1) in an order, skipping the first ones."""

    def settings(self) -> dict[str, Any]:
        """Return the settings that a resumed training must share to get the same batches."""


class SampleLoader:
    """A loader that cuts samples into batches, reshuffled each epoch if there is an rng.

    Examples
    --------
    >>> dataset = as_dataset("training", [[1.0], [2.0], [3.0]], [1, 2, 3])
    >>> loader = SampleLoader(dataset, batch_size=2)
    >>> [batch.Y.tolist() for batch in loader.epoch(1, None, skip=0)]
    [[1, 2], [3]]
    >>> [batch.Y.tolist() for batch in loader.epoch(1, None, skip=1)]
    [[3]]
    """

    def __init__(self, samples: Dataset, batch_size: int | None) -> None:
        self.data, self.batch_size = samples, batch_size
        self.columns = samples.columns()
        self.size = min(batch_size or len(samples.X), len(samples.X))

    def order(self, rng: np.random.Generator | None) -> Any:
        """Shuffle the samples; None if they keep their order, or if one batch holds them all."""
        samples = len(self.data.X)
        return None if rng is None or self.size == samples else rng.permutation(samples)

    def epoch(self, number: int, order: Any, skip: int) -> Iterator[Batch]:
        """Cut the samples into batches."""
        del number
        for start in range(skip * self.size, len(self.data.X), self.size):
            part = slice(start, start + self.size)
            chosen = part if order is None else order[part]
            yield Batch(*[column.take(chosen) for column in self.columns])

    def settings(self) -> dict[str, Any]:
        """Return the sizes; the numbers themselves are not compared."""
        X, Y, weights = self.data
        shapes = [None if column.array is None else column.array.shape[1:] for column in (X, Y)]
        return {
            "weights of samples": weights is not None,
            "number of samples": len(self.data.X),
            "shapes of a sample and a target": [shape and list(shape) for shape in shapes],
            "batch_size": self.size,
        }


class BatchLoader:
    """A loader of batches ``(X, Y)`` of an iterable, or of a function that returns one per epoch.

    A batch may have its samples' weights as a third item.

    An iterator yields its batches once; with ``steps``, each epoch continues where the last ended.
    With ``accumulate``, as many batches are joined for each step.

    Examples
    --------
    >>> loader = BatchLoader(lambda: iter([([[1.0]], [1.0]), ([[2.0]], [2.0])]))
    >>> [batch.Y.tolist() for batch in loader.epoch(1, None, skip=0)]
    [[1.0], [2.0]]
    """

    def __init__(self, batches: Any, steps: int | None = None, accumulate: int = 1) -> None:
        self.steps, self.accumulate = steps, accumulate
        self.kind = type(batches).__name__
        self.make = _epoch_maker(batches)
        once = hasattr(type(batches), "__next__")  # anything else can be iterated anew
        self.iterator = iter(batches) if once else None
        self.drawn = 0
        self.check: Callable[[np.ndarray], None] | None = None  # raises for wrong targets
        self.weigh: Callable[[Dataset], Dataset] | None = None  # by the classes of targets

    @property
    def once(self) -> bool:
        """Whether the batches can be iterated only once."""
        return self.iterator is not None and self.steps is None

    def order(self, rng: np.random.Generator | None) -> None:
        """Leave the order to the iterable."""

    def epoch(self, number: int, order: Any, skip: int) -> Iterator[Batch]:
        """Start the epoch's iterator."""
        del order
        skip *= self.accumulate
        past, iterator = skip, self.iterator
        if iterator is None:
            batches = self.make(number)
            if not hasattr(batches, "__iter__"):
                raise TypeError(
                    f"the {self.kind} must return an iterable of batches (X, Y), "
                    f"got {shown(batches)}",
                )
            iterator = iter(batches)
        else:
            past += (number - 1) * (self.steps or 0) - self.drawn
        return _joined(self._batches(iterator, number, past, skip), self.accumulate)

    def _batches(self, iterator: Iterator[Any], number: int, past: int, skip: int) -> Iterator[Any]:
        """Skip the batches used before, then yield the others, checked."""
        step = skip - past + sum(1 for _ in self._drawing(iterator, past))
        if step < skip:
            raise ValueError(f"{self._gave(step, number)}, where {skip} were used before")
        left = None if self.steps is None else self.steps - skip
        for item in self._drawing(iterator, left):
            step += 1
            data = _batch(f"batch {step} of epoch {number}", item)
            if self.check is not None and data.Y.array is not None:
                self.check(data.Y.take(slice(None)))
            data = data if self.weigh is None else self.weigh(data)
            yield Batch(*[column.take(slice(None)) for column in data.columns()])
        if step < (self.steps or 1):
            expected = f", steps_per_epoch is {self.steps}" if self.steps else ""
            raise ValueError(f"{self._gave(step, number)}{expected}")

    def _drawing(self, iterator: Iterator[Any], most: int | None) -> Iterator[Any]:
        for item in islice(iterator, most):
            self.drawn += 1
            yield item

    def _gave(self, steps: int, number: int) -> str:
        return f"the {self.kind} gave {steps or 'no'} batches in epoch {number}"

    def settings(self) -> dict[str, Any]:
        """Return the number of steps; the batches themselves are not known beforehand."""
        return {"steps_per_epoch": self.steps, "accumulate": self.accumulate}


def _joined(batches: Iterator[Batch], count: int) -> Iterator[Batch]:
    """Join so many batches each; the last one may be of fewer.

    >>> pairs = [Batch(np.ones((1, 2)), np.ones(1)) for _ in range(3)]
    >>> [len(batch.X) for batch in _joined(iter(pairs), 2)]
    [2, 1]
    """
    while group := list(islice(batches, count)):
        if len(group) == 1:
            yield group[0]
            continue
        weigh = any(batch.weights is not None for batch in group)
        full = [
            batch._replace(weights=np.ones(len(batch.X)))
            if weigh and batch.weights is None
            else batch
            for batch in group
        ]
        parts = zip(*[batch.columns() for batch in full], strict=True)
        yield Batch(*map(_concatenated, parts))


def _concatenated(parts: Sequence[Any]) -> Any:
    """Return the rows of several arrays, or lists, as one: a list where their shapes differ."""
    if all(isinstance(x, np.ndarray) and x.shape[1:] == parts[0].shape[1:] for x in parts):
        return np.concatenate(parts)
    return [row for part in parts for row in plain(part)]


def _epoch_maker(batches: Any) -> Callable[[int], Any]:
    """Return a function that starts an epoch, given its number."""
    if hasattr(type(batches), "__iter__"):
        return lambda _number: batches
    required = [
        argument
        for argument in inspect.signature(batches).parameters.values()
        if argument.default is argument.empty
        and argument.kind in {argument.POSITIONAL_ONLY, argument.POSITIONAL_OR_KEYWORD}
    ]
    return batches if required else lambda _number: batches()


def _batch(name: str, item: Any) -> Dataset:
    """Check a batch of a user's iterable."""
    if not isinstance(item, list | tuple) or len(item) not in PARTS:
        raise TypeError(error_text(name, item, "(samples, targets) or (samples, targets, weights)"))
    return as_dataset(name, *item)


def resolve_loader(
    X: Any,
    Y: Any,
    batch_size: int | None,
    steps_per_epoch: int | None,
    sample_weight: Any = None,
    accumulate: int = 1,
) -> Loader:
    """Make the loader for samples with targets, or for an iterable of batches.

    With ``accumulate``, a step has the samples of so many batches.

    Examples
    --------
    >>> resolve_loader([[1.0]], None, None, None)
    Traceback (most recent call last):
    TypeError: the targets Y are missing: a list of 1 holds samples. Batches (X, Y) come from an
    iterable that is no list or array, or from a function that returns one: nn.fit(model, lambda:
    iter(batches))
    """
    accumulate = whole_number("accumulate", accumulate)
    makes = hasattr(type(X), "__iter__") or callable(X)
    if Y is not None or not makes or isinstance(X, str | bytes):
        if steps_per_epoch is not None:
            raise ValueError("steps_per_epoch goes with an iterable of batches: give batch_size")
        size = optional_whole_number("batch_size", batch_size, 1, "None for all samples")
        size = size and size * accumulate
        return SampleLoader(as_dataset("training", X, Y, sample_weight), size)
    if isinstance(X, Sequence) or hasattr(X, "__array__"):
        raise TypeError(
            f"the targets Y are missing: {shown(X)} holds samples. Batches (X, Y) come from an "
            "iterable that is no list or array, or from a function that returns one: "
            "nn.fit(model, lambda: iter(batches))",
        )
    if batch_size is not None:
        raise ValueError("batch_size goes with samples: an iterable makes its batches itself")
    if sample_weight is not None:
        raise ValueError(
            "sample_weight goes with samples: batches have their own, (samples, targets, weights)"
        )
    steps = optional_whole_number("steps_per_epoch", steps_per_epoch)
    return BatchLoader(X, steps, accumulate)


class Prefetched(Generic[Item]):
    """Iterate in a thread, at most ``size`` items ahead; size 0 needs no thread.

    The order is the iterator's. Its exceptions are raised in the consumer, with the iterator's own
    lines in the traceback. The thread ends with the block, or after the item that it is working on.

    Examples
    --------
    >>> with Prefetched(iter("abc"), size=2) as items:
    ...     list(items)
    ['a', 'b', 'c']
    """

    def __init__(self, source: Iterator[Item], size: int) -> None:
        self.source = source
        self.size = size
        if not size:
            return
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
        if not self.size:
            return
        with self._changed:
            self._closed = True
            self._changed.notify_all()
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
        except BaseException as caught:  # noqa: BLE001 - of any kind: it is raised where items are asked for
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
