"""What changes while a model is trained: all that the next step depends on, and what was seen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

import autograd
from autograd import Value
from nn.data.sources import Source
from nn.observing.history import History
from nn.optimisers.optimiser import Optimiser


@dataclass
class Best:
    """The parameters of the lowest validation loss so far."""

    loss: float = inf
    numbers: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    epochs_since: int = 0


@dataclass
class Place:
    """How far an epoch is: steps, samples, the sum of their losses, and the time spent."""

    steps: int = 0
    samples: int = 0
    total: float = 0.0
    seconds: float = 0.0


class Run:
    """A training under way.

    `leaves` are the model's parameters, and after them those that only the optimiser knows.

    Examples
    --------
    >>> import nn
    >>> model = nn.Neuron(1, activation="linear", init="zeros")
    >>> run = Run(model.parameters(), nn.SGD(model.parameters()), rng=None)
    >>> run.advance(samples=2, loss=0.5)
    >>> run.steps, run.mean_loss()
    (1, 0.5)
    """

    def __init__(
        self,
        parameters: Sequence[Value],
        optimiser: Optimiser,
        rng: np.random.Generator | None,
    ) -> None:
        known = set(parameters)
        self.leaves = [*parameters, *(p for p in optimiser.parameters if p not in known)]
        self.parameters = self.leaves[: len(parameters)]
        self.optimiser = optimiser
        self.rng = rng
        self.drawn_from: Any = None  # the rng's state before the order of this epoch was drawn
        self.history = History()
        self.columns: list[str] | None = None  # the history's, where they are known beforehand
        self.best = Best()
        self.place = Place()
        self.steps = 0
        self.settle: Callable[[], None] = lambda: None  # brings home what an engine has elsewhere

    def zero_grad(self) -> None:
        """Forget all gradients.

        Examples
        --------
        >>> import nn
        >>> model = nn.Neuron(1, activation="linear")
        >>> model(5.0).backward()
        >>> Run(model.parameters(), nn.SGD(model.parameters()), rng=None).zero_grad()
        >>> model.b.has_grad
        False
        """
        for parameter in self.leaves:
            parameter.zero_grad()

    def order(self, source: Source) -> Any:
        """Draw an epoch's order; of an epoch that goes on, the same as before."""
        if self.rng is None:
            return source.order(None)
        bits = self.rng.bit_generator
        now = bits.state
        if self.drawn_from is None:
            self.drawn_from = now
            return source.order(self.rng)
        bits.state = self.drawn_from
        order = source.order(self.rng)
        bits.state = now  # somebody else may draw from the same generator
        return order

    def advance(self, samples: int, loss: float) -> None:
        """Count a step."""
        self.steps += 1
        self.place.steps += 1
        self.place.samples += samples
        self.place.total += samples * loss

    def mean_loss(self) -> float:
        """Return the mean over the samples of this epoch so far."""
        return self.place.total / self.place.samples

    def end_epoch(self, row: dict[str, float], *, remember: bool) -> None:
        """Add an epoch to the history; remember the parameters where they are the best so far."""
        self.history.add(row)
        self.place, self.drawn_from = Place(), None
        if not remember:
            return
        if row["validation_loss"] < self.best.loss:
            self.best = Best(row["validation_loss"], autograd.get_data(self.parameters))
        else:
            self.best.epochs_since += 1
