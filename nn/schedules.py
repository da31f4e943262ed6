"""Learning rate schedules: a factor, as a function of the number of steps done.

One that looks at the history has a method ``for_epoch(history)``, which returns the schedule of the
epoch that comes next.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import cos, inf, pi
from typing import Any

from autograd._checks import check_type, checked_keywords, real_number, whole_number

Schedule = Callable[[int], float]


@checked_keywords
@dataclass(frozen=True)
class Constant:
    """Keep the learning rate.

    Examples
    --------
    >>> Constant()(1000)
    1.0
    """

    def __call__(self, step: int) -> float:
        """Return 1."""
        del step
        return 1.0


@checked_keywords
@dataclass(frozen=True)
class StepDecay:
    """Multiply by ``factor`` after every ``every`` steps.

    Examples
    --------
    >>> [StepDecay(every=2, factor=0.5)(step) for step in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """

    every: int
    factor: float = 0.1

    def __post_init__(self) -> None:
        whole_number("every", self.every)
        real_number("factor", self.factor, 0)

    def __call__(self, step: int) -> float:
        """Return the factor after a number of steps."""
        return float(self.factor) ** (step // self.every)


@checked_keywords
@dataclass(frozen=True)
class Exponential:
    """Multiply by ``rate`` after every step.

    Examples
    --------
    >>> [Exponential(0.5)(step) for step in range(3)]
    [1.0, 0.5, 0.25]
    """

    rate: float

    def __post_init__(self) -> None:
        real_number("rate", self.rate, 0)

    def __call__(self, step: int) -> float:
        """Return the factor after a number of steps."""
        return float(self.rate) ** step


@checked_keywords
@dataclass(frozen=True)
class Cosine:
    """Decay from 1 to ``floor`` along half a cosine in ``total`` steps, then stay there.

    Source: Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts, 2017.

    Examples
    --------
    >>> [round(Cosine(total=4)(step), 3) for step in range(6)]
    [1.0, 0.854, 0.5, 0.146, 0.0, 0.0]
    """

    total: int
    floor: float = 0.0

    def __post_init__(self) -> None:
        whole_number("total", self.total)
        real_number("floor", self.floor, 0)

    def __call__(self, step: int) -> float:
        """Return the factor after a number of steps."""
        done = min(step / self.total, 1.0)
        return self.floor + (1 - self.floor) * (1 + cos(pi * done)) / 2


@checked_keywords
@dataclass(frozen=True)
class OneCycle:
    """Rise from ``start`` to 1 and fall to ``end`` within ``total`` steps, then stay there.

    Both along half a cosine; ``peak`` is the share of the steps after which 1 is reached. The
    numbers are those of PyTorch's OneCycleLR, whose ``max_lr`` is the learning rate. Source: Smith
    and Topin, Super-convergence: very fast training of neural networks using large learning rates,
    2018.

    Examples
    --------
    >>> [round(OneCycle(total=10, start=0.1, end=0.0)(step), 3) for step in range(0, 12, 2)]
    [0.1, 1.0, 0.812, 0.389, 0.05, 0.0]
    """

    total: int
    peak: float = 0.3
    start: float = 0.04
    end: float = 4e-6

    def __post_init__(self) -> None:
        whole_number("total", self.total, 2)
        real_number("peak", self.peak, 0, 1)
        real_number("start", self.start, 0)
        real_number("end", self.end, 0)

    def __call__(self, step: int) -> float:
        """Return the factor after a number of steps."""
        top = max(self.peak * self.total - 1, 0.0)  # the step of the peak
        if step < top:
            return 1 + (self.start - 1) * (1 + cos(pi * step / top)) / 2
        done = min((step - top) / (self.total - 1 - top), 1.0)
        return self.end + (1 - self.end) * (1 + cos(pi * done)) / 2


@checked_keywords
@dataclass(frozen=True)
class WarmUp:
    """Rise linearly to 1 in the first ``steps`` steps, then follow the schedule ``then``.

    Examples
    --------
    >>> [WarmUp(4, then=Exponential(0.5))(step) for step in range(6)]
    [0.25, 0.5, 0.75, 1.0, 1.0, 0.5]
    """

    steps: int
    then: Schedule = field(default_factory=Constant)

    def __post_init__(self) -> None:
        whole_number("steps", self.steps)
        check_type("then", self.then, Callable, "a schedule, such as nn.schedules.Cosine(1000)")

    def __call__(self, step: int) -> float:
        """Return the factor after a number of steps."""
        if step < self.steps:
            return (step + 1) / self.steps
        return self.then(step - self.steps)

    def for_epoch(self, history: Any) -> Schedule:
        """Return the schedule of the epoch after those of a history.

        Examples
        --------
        >>> plateau = ReduceOnPlateau(factor=0.5, patience=0)
        >>> WarmUp(2, then=plateau).for_epoch({"loss": [1.0, 1.0]})(2)
        0.5
        """
        return WarmUp(self.steps, then=for_epoch(self.then, history))


@checked_keywords
@dataclass(frozen=True)
class ReduceOnPlateau:
    """Multiply by ``factor`` after each plateau: epochs without a new lowest loss.

    The loss is that of the validation data, if there are any. It is new where it is lower than the
    lowest by the share ``threshold``; the rate is reduced after more than ``patience`` epochs
    without such a one, but not below ``floor`` times the learning rate. The numbers are those of
    PyTorch's ReduceLROnPlateau. They follow from the history, so that a resumed training has the
    same ones.

    Examples
    --------
    >>> losses = {"loss": [1.0, 0.5, 0.5, 0.5, 0.5]}
    >>> ReduceOnPlateau(factor=0.1, patience=1).for_epoch(losses)(0)
    0.1
    """

    factor: float = 0.1
    patience: int = 10
    threshold: float = 1e-4
    floor: float = 0.0

    def __post_init__(self) -> None:
        real_number("factor", self.factor, 0, 1)
        whole_number("patience", self.patience, 0)
        real_number("threshold", self.threshold, 0, 1)
        real_number("floor", self.floor, 0, 1)

    def __call__(self, step: int) -> float:
        """Return 1, the factor of the first epoch."""
        del step
        return 1.0

    def for_epoch(self, history: Any) -> Schedule:
        """Return the schedule of the epoch after those of a history.

        Examples
        --------
        >>> ReduceOnPlateau(patience=0).for_epoch({"loss": [1.0, 1.0, 1.0]})(0)
        0.010000000000000002
        """
        name = "validation_loss" if "validation_loss" in history else "loss"
        lowest, waited, scale = inf, 0, 1.0
        for loss in history.get(name, ()):
            waited += 1
            if loss < lowest * (1 - self.threshold):
                lowest, waited = loss, 0
            if waited > self.patience:
                scale, waited = max(scale * self.factor, self.floor), 0
        return lambda _step: scale


def for_epoch(schedule: Schedule, history: Any) -> Schedule:
    """Return the schedule of the next epoch: another one where it looks at the history.

    Examples
    --------
    >>> for_epoch(Constant(), {"loss": [1.0]})(0)
    1.0
    """
    follow: Callable[[Any], Schedule] | None = getattr(schedule, "for_epoch", None)
    return schedule if follow is None else follow(history)
