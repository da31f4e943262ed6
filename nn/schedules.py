"""Learning rate schedules: a factor, as a function of the number of steps done.

One that looks at the history has a method ``follow``, called once a training. It returns a function
of the history, which is called before each epoch and returns the schedule of that epoch.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import cos, inf, pi

from autograd._checks import check_type, checked_keywords, real_number, whole_number

Schedule = Callable[[int], float]
Following = Callable[[Mapping[str, list[float]]], Schedule]  # of the history


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

    def follow(self) -> Following:
        """Return a function of the history: this schedule, with ``then`` as of the next epoch.

        Examples
        --------
        >>> WarmUp(2, then=ReduceOnPlateau(patience=0)).follow()({"loss": [1.0, 1.0]})(2)
        0.1
        """
        then = following(self.then)
        return lambda history: replace(self, then=then(history))


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
    >>> ReduceOnPlateau(factor=0.1, patience=1).follow()(losses)(0)
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

    def follow(self) -> Following:
        """Return a function of the history: the factor of the next epoch. It keeps what it saw.

        Examples
        --------
        >>> schedule_after = ReduceOnPlateau(patience=0).follow()
        >>> schedule_after({"loss": [1.0, 1.0]})(0), schedule_after({"loss": [1.0, 1.0, 1.0]})(0)
        (0.1, 0.010000000000000002)
        """
        seen, lowest, waited, scale = 0, inf, 0, 1.0

        def schedule_after(history: Mapping[str, list[float]]) -> Schedule:
            nonlocal seen, lowest, waited, scale
            losses = history.get("validation_loss") or history.get("loss", [])
            for loss in losses[seen:]:
                waited += 1
                if loss < lowest * (1 - self.threshold):
                    lowest, waited = loss, 0
                if waited > self.patience:
                    scale, waited = max(scale * self.factor, self.floor), 0
            seen, now = len(losses), scale
            return lambda _step: now

        return schedule_after


def following(schedule: Schedule) -> Following:
    """Return a function of the history, the schedule of the next epoch; most are always the same.

    Examples
    --------
    >>> following(Constant())({"loss": [1.0]})(0)
    1.0
    """
    follow: Callable[[], Following] | None = getattr(schedule, "follow", None)
    return (lambda _history: schedule) if follow is None else follow()
