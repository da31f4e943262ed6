"""Where a training's batches come from: samples at hand, or an iterable that makes batches."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple, Protocol

import numpy as np

from autograd.errors import shown
from nn.basics.names import count
from nn.data.columns import Data, data

EVERYTHING = slice(None)


class Batch(NamedTuple):
    """Samples and targets of one step."""

    X: Any
    Y: Any


class Source(Protocol):
    """What `fit` needs of training data."""

    def order(self, rng: np.random.Generator | None) -> Any:
        """Draw all that is random in an epoch."""

    def epoch(self, number: int, order: Any, skip: int) -> Iterator[Batch]:
        """Return the batches of an epoch (from 1) in an order, without the first few."""

    def settings(self) -> dict[str, Any]:
        """Return what must be equal for a resumed training to go on with the same batches."""


class Samples:
    """Cut samples into batches, in a new order each epoch where there is a rng.

    Examples
    --------
    >>> source = Samples(data("training", [[1.0], [2.0], [3.0]], [1, 2, 3]), batch_size=2)
    >>> [batch.Y.tolist() for batch in source.epoch(1, None, skip=0)]
    [[1, 2], [3]]
    >>> [batch.Y.tolist() for batch in source.epoch(1, None, skip=1)]
    [[3]]
    """

    def __init__(self, samples: Data, batch_size: int | None) -> None:
        self.data = samples
        self.size = min(batch_size or len(samples.X), len(samples.X))

    def order(self, rng: np.random.Generator | None) -> Any:
        """Shuffle the samples; None where they stay, or where one batch holds them all."""
        samples = len(self.data.X)
        return None if rng is None or self.size == samples else rng.permutation(samples)

    def epoch(self, number: int, order: Any, skip: int) -> Iterator[Batch]:
        """Cut the samples into batches."""
        del number
        for start in range(skip * self.size, len(self.data.X), self.size):
            places = slice(start, start + self.size)
            chosen = places if order is None else order[places]
            yield Batch(self.data.X.take(chosen), self.data.Y.take(chosen))

    def settings(self) -> dict[str, Any]:
        """Return the sizes; the numbers themselves are not compared."""
        shapes = [None if column.array is None else column.array.shape[1:] for column in self.data]
        return {
            "number of samples": len(self.data.X),
            "shapes of a sample and a target": [shape and list(shape) for shape in shapes],
            "batch_size": self.size,
        }


class Batches:
    """Take batches `(X, Y)` from an iterable, or from what a function returns for each epoch.

    An iterator gives its batches once: with `steps`, each epoch goes on where the last one ended.

    Examples
    --------
    >>> source = Batches(lambda: iter([([[1.0]], [1.0]), ([[2.0]], [2.0])]))
    >>> [batch.Y.tolist() for batch in source.epoch(1, None, skip=0)]
    [[1.0], [2.0]]
    """

    def __init__(self, given: Any, steps: int | None = None) -> None:
        self.steps = steps
        self.kind = type(given).__name__
        self.make = _maker(given)
        once = hasattr(type(given), "__next__")  # anything else can be iterated anew
        self.iterator = iter(given) if once else None
        self.drawn = 0
        self.check: Callable[[np.ndarray], None] | None = None  # refuses targets

    @property
    def once(self) -> bool:
        """Whether the batches are gone after one epoch."""
        return self.iterator is not None and self.steps is None

    def order(self, rng: np.random.Generator | None) -> None:
        """Leave the order to the iterable."""

    def epoch(self, number: int, order: Any, skip: int) -> Iterator[Batch]:
        """Start the epoch's iterator."""
        del order
        past, iterator = skip, self.iterator
        if iterator is None:
            made = self.make(number)
            if not hasattr(made, "__iter__"):
                raise TypeError(
                    f"the {self.kind} must return an iterable of batches (X, Y), got {shown(made)}",
                )
            iterator = iter(made)
        else:
            past += (number - 1) * (self.steps or 0) - self.drawn
        return self._batches(iterator, number, past, skip)

    def _batches(self, iterator: Iterator[Any], number: int, past: int, skip: int) -> Iterator[Any]:
        """Skip what was used before, then yield what is left, checked."""
        step = skip - past + sum(1 for _ in self._drawing(iterator, past))
        if step < skip:
            raise ValueError(f"{self._gave(step, number)}, where {skip} were used before")
        left = None if self.steps is None else self.steps - skip
        for item in self._drawing(iterator, left):
            step += 1
            batch = _batch(f"batch {step} of epoch {number}", item)
            if self.check is not None and isinstance(batch.Y, np.ndarray):
                self.check(batch.Y)
            yield batch
        if step < (self.steps or 1):
            wanted = f", steps_per_epoch is {self.steps}" if self.steps else ""
            raise ValueError(f"{self._gave(step, number)}{wanted}")

    def _drawing(self, iterator: Iterator[Any], most: int | None) -> Iterator[Any]:
        for item in islice(iterator, most):
            self.drawn += 1
            yield item

    def _gave(self, steps: int, number: int) -> str:
        return f"the {self.kind} gave {steps or 'no'} batches in epoch {number}"

    def settings(self) -> dict[str, Any]:
        """Return the number of steps; what batches hold is not known beforehand."""
        return {"steps_per_epoch": self.steps}


def _maker(given: Any) -> Callable[[int], Any]:
    """Return a function that starts an epoch, given its number."""
    if hasattr(type(given), "__iter__"):
        return lambda _number: given
    required = [
        argument
        for argument in inspect.signature(given).parameters.values()
        if argument.default is argument.empty
        and argument.kind in {argument.POSITIONAL_ONLY, argument.POSITIONAL_OR_KEYWORD}
    ]
    return given if required else lambda _number: given()


def _batch(name: str, item: Any) -> Batch:
    """Check a batch that somebody else made."""
    if not isinstance(item, list | tuple) or len(item) != 2:
        raise TypeError(f"{name} must be a pair (samples, targets), got {shown(item)}")
    columns = data(name, *item)
    return Batch(columns.X.take(EVERYTHING), columns.Y.take(EVERYTHING))


def find(X: Any, Y: Any, batch_size: int | None, steps_per_epoch: int | None) -> Source:
    """Return where batches come from: arrays and lists with targets, or an iterable without.

    Examples
    --------
    >>> find([[1.0]], None, None, None)
    Traceback (most recent call last):
    TypeError: the targets Y are missing: a list of 1 holds samples. Batches (X, Y) come from an
    iterable that is no list or array, or from a function that returns one: nn.fit(model, lambda:
    iter(batches))
    """
    makes = hasattr(type(X), "__iter__") or callable(X)
    if Y is not None or not makes or isinstance(X, str | bytes):
        if steps_per_epoch is not None:
            raise ValueError("steps_per_epoch goes with an iterable of batches: give batch_size")
        size = None if batch_size is None else count("batch_size", batch_size)
        return Samples(data("training", X, Y), size)
    if isinstance(X, Sequence) or hasattr(X, "__array__"):
        raise TypeError(
            f"the targets Y are missing: {shown(X)} holds samples. Batches (X, Y) come from an "
            "iterable that is no list or array, or from a function that returns one: "
            "nn.fit(model, lambda: iter(batches))",
        )
    if batch_size is not None:
        raise ValueError("batch_size goes with samples: an iterable makes its batches itself")
    steps = None if steps_per_epoch is None else count("steps_per_epoch", steps_per_epoch)
    return Batches(X, steps)
