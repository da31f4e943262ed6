"""Dropout: the layer, and the masks that a training draws for its samples.

The mask of a sample is drawn before the step, as one row for all dropout layers that the sample
comes through, and enters the step's program as inputs beside the sample. So a compiled program
stays the same, and each engine sees the same masks. The draws of a step depend on the training's
seed and the step's number alone: a training that is resumed draws the same ones.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn, TypeAlias

import numpy as np
from numpy.typing import NDArray

import autograd
from autograd._checks import checked_keywords, real_number
from autograd.compiler.cache import Uncaptured
from autograd.context import tracing
from autograd.errors import ConcretizationError
from nn import initializers
from nn._utils import as_array, plain
from nn.layers import Output, PerSample, Rng
from nn.mode import mode, running
from nn.module import Module, modules_of

Rates: TypeAlias = NDArray[np.float64]  # of 0, a number a signal


class _Generator(Uncaptured):
    """A random generator, which programs do not depend on."""

    def __init__(self, rng: Rng) -> None:
        self.rng = initializers.make_rng(rng)


@checked_keywords
class Dropout(PerSample):
    """Set each signal to 0 with a probability while training, and scale the others up.

    `nn.fit` draws a new mask for each sample and step, from its own ``rng``, whatever the engine;
    what predicts, validates or measures uses all signals. A call of the model itself does so too,
    until ``model.train()`` says that it trains: masks then come from the layer's ``rng``.

    Parameters
    ----------
    rate
        The probability of 0, at least 0 and below 1. Other signals are multiplied by
        1 / (1 - rate), so that the mean stays the same (Srivastava et al. 2014, "inverted").
    rng
        A seed, a NumPy Generator, or None for a random seed: of calls outside of `nn.fit`.

    Examples
    --------
    >>> layer = Dropout(0.5, rng=1)
    >>> layer([1.0, 2.0, 3.0])
    [1.0, 2.0, 3.0]
    >>> layer.train()([1.0, 2.0, 3.0, 4.0])
    [0.0, 4.0, 6.0, 8.0]
    """

    is_unit = True

    def __init__(self, rate: float = 0.5, rng: Rng = None) -> None:
        self.rate = real_number("rate", rate, 0, 1)
        self._generator = _Generator(rng)

    def forward(self, sample: object) -> Output:
        """Drop some signals of one sample; outside of training return it as it is.

        Examples
        --------
        >>> Dropout(0.9).forward([1.0, 2.0])
        [1.0, 2.0]
        """
        signals = plain(sample)
        if not self.training:
            return signals  # type: ignore[no-any-return]
        if not isinstance(signals, list | tuple):
            (signal,) = self._dropped([signals])
            return signal  # type: ignore[no-any-return]
        return self._dropped(signals)

    def _dropped(self, signals: Sequence[Any]) -> list[Any]:
        mask: Sequence[Any] | None = self._mask(len(signals))
        return (
            list(signals) if mask is None else [x * m for x, m in zip(signals, mask, strict=True)]
        )

    def _mask(self, count: int) -> Sequence[Any] | None:
        if mode.masks is not None:
            return mode.masks.take(count, self.rate)
        if mode.is_training:
            raise RuntimeError(
                f"this {self.architecture()} is not found in the model that is trained: set it as "
                "an attribute of a Module, or put it in a list or dict there"
            )
        if tracing():
            raise ConcretizationError(
                f"{self.architecture()} draws anew in each call, and a compiled function would "
                "repeat one draw: train with nn.fit, which gives it the masks, or call model.eval()"
            )
        rates = np.full(count, self.rate)
        return [float(m) for m in drawn(self._generator.rng, 1, rates)[0]]

    def architecture(self) -> str:
        """Describe the layer.

        Examples
        --------
        >>> Dropout(0.25).architecture()
        'Dropout(0.25)'
        """
        return f"Dropout({self.rate:g})"


def drawn(rng: np.random.Generator, count: int, rates: Rates) -> NDArray[np.float64]:
    """Draw masks, a row a sample: 0 at a rate of its own in each column, else 1 / (1 - rate).

    >>> drawn(np.random.default_rng(0), 2, np.array([0.0, 0.5, 0.5]))
    array([[1., 2., 2.],
           [1., 0., 0.]])
    """
    kept = rng.random((count, len(rates)), dtype=np.float32) >= rates.astype(np.float32)
    return kept * (1 / (1 - rates))


class Masks:
    """The masks of a model's dropout layers.

    The rates of the signals that a sample of some shape brings to dropout layers, in the order in
    which they come, are found by running the model once on such a sample.

    >>> layer = Dropout(0.5)
    >>> Masks(layer, [layer]).draw([[1.0, 2.0], [3.0, 4.0]], seed=0, step=0).shape
    (2, 2)
    """

    def __init__(self, model: Module, layers: Sequence[Dropout]) -> None:
        self.model, self.layers = model, layers
        self._known: dict[tuple[int, ...], Rates] = {}
        self._drawn: list[Rates] = []  # of the last step: of all samples, or of each

    def draw(self, X: Any, seed: int, step: int) -> Any:
        """Return the masks of a step: a row a sample; of samples of different shapes, a list."""
        rng = np.random.Generator(np.random.Philox(key=np.array([seed, step], np.uint64)))
        array = as_array(X)
        if array is not None:
            if array.shape[1:] not in self._known:
                self._known[array.shape[1:]] = self._rates(array[0])
            self._drawn = [self._known[array.shape[1:]]]
            return drawn(rng, len(array), self._drawn[0])
        self._drawn = [self._rates(x) for x in X]
        return [drawn(rng, 1, rates)[0].tolist() for rates in self._drawn]

    @contextmanager
    def supplied(self, row: Sequence[Any], index: int = 0) -> Iterator[None]:
        """Train with the masks of one of the samples that they were drawn for last."""
        rates = self._drawn[index if len(self._drawn) > 1 else 0]
        supply = _Supply(row, rates)
        with running(training=True, masks=supply):
            yield
        if supply.used != len(rates):
            supply.refuse(supply.used)

    def _rates(self, x: Any) -> Rates:
        counter = _Counter()
        with running(training=True, masks=counter), autograd.no_grad():
            self.model(plain(x))
        return np.array(counter.rates)


def masks_of(model: object) -> Masks | None:
    """Return the masks of a model, None where it has no dropout layers."""
    if not isinstance(model, Module):
        return None
    layers = [module for module in modules_of(model) if isinstance(module, Dropout)]
    return Masks(model, layers) if layers else None


class _Counter:
    """A source that notes what would be asked for."""

    def __init__(self) -> None:
        self.rates: list[float] = []

    def take(self, count: int, rate: float) -> None:
        self.rates += [rate] * count


class _Supply:
    """A source that gives out a sample's masks in order."""

    def __init__(self, row: Sequence[Any], rates: Rates) -> None:
        self.row, self.rates = row, rates
        self.used = 0

    def take(self, count: int, rate: float) -> Sequence[Any]:
        start, self.used = self.used, self.used + count
        if self.used > len(self.rates) or (self.rates[start : self.used] != rate).any():
            self.refuse(self.used)
        return self.row[start : self.used]

    def refuse(self, used: int) -> NoReturn:
        """Raise RuntimeError: other signals came than in the sample that was counted."""
        raise RuntimeError(
            f"a sample came with {used} signals to the dropout layers where another one of its "
            f"shape came with {len(self.rates)}, or in another order: a model with dropout must "
            "take the same way through them for all samples of one shape"
        )
