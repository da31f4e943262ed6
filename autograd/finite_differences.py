"""Derivatives by central differences, each with a justified error bound.

A difference quotient has two errors: truncation of the Taylor series, which shrinks with the step,
and rounding, which grows as the step shrinks. Both are measured. Steps from a quarter of the
argument's scale downwards are tried, with Richardson extrapolation (1911); the difference of
successive extrapolations bounds the truncation error. The rounding noise of the function is read
off a difference table of nearly equal points (Hamming, 1962; Moré and Wild, 2011). The estimate
with the smallest bound wins.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from math import factorial, inf, isfinite, sqrt, ulp
from typing import NamedTuple

STEPS = tuple(0.25**k for k in range(1, 21))
EPSILON, UNDERFLOW = ulp(1.0), 4 * ulp(0.0)
_SPACING, _POINTS, _ORDERS = 2.0**-40, 9, (4, 5, 6)
_SIGNIFICANT = 24  # times the rounding error, what is no rounding
_WINDOW = 4  # steps, of which the first is 256 times the last


class Estimate(NamedTuple):
    """An estimated derivative with a bound of its error."""

    value: float
    bound: float

    def agrees(self, claimed: float) -> bool:
        """Return whether a claimed derivative lies within the error bound.

        >>> Estimate(2.0, 1e-9).agrees(2.0 + 1e-9), Estimate(2.0, 1e-9).agrees(2.1)
        (True, False)
        """
        return isfinite(claimed) and abs(
            claimed - self.value
        ) <= 2 * self.bound + 64 * EPSILON * abs(claimed)

    def __str__(self) -> str:
        return f"{self.value:.10g} ± {2 * self.bound:.1g}"


def slope(f: Callable[[float], float], x: float) -> Estimate | None:
    """Estimate the derivative of a function of one number; None if it is not finite around x.

    The function may raise ArithmeticError or ValueError where it is not defined.

    >>> from math import exp
    >>> estimate = slope(exp, 1.0)
    >>> abs(estimate.value - exp(1.0)) <= estimate.bound < 1e-9
    True
    """
    scales = _scales(x)
    if not isfinite(_at(f, x)):
        return None
    estimates = [estimate for scale in scales for estimate in _estimates(f, x, scale)]
    return min(estimates, key=lambda estimate: estimate.bound, default=None)


def has_kink(f: Callable[[float], float], x: float) -> bool:
    """Return whether a function has no derivative at x: a kink, a jump, a vertical tangent.

    The one-sided difference quotients of a smooth function converge to each other, in proportion to
    the step. At a kink they do not, down to steps where rounding hides it; at a jump they grow.

    >>> has_kink(abs, 0.0), has_kink(abs, 1e-9), has_kink(round, 0.5)
    (True, False, True)
    """
    return all(_is_kinked(f, x, scale) for scale in _scales(x))


def _is_kinked(f: Callable[[float], float], x: float, scale: float) -> bool:
    middle = _at(f, x)
    beside = (_POINTS // 2 + 1) * _SPACING * scale  # so that all points are on one side
    noise = max(_noise(f, x + beside, scale), _noise(f, x - beside, scale), UNDERFLOW)
    gaps: list[float] = []  # between the quotients; 0 where rounding can explain them
    slopes: list[float] = []
    for part in STEPS:
        high, low = x + part * scale, x - part * scale
        above, below = _at(f, high), _at(f, low)
        if not (low < x < high and isfinite(above - below) and isfinite(middle)):
            continue
        right, left = (above - middle) / (high - x), (middle - below) / (x - low)
        size = max(abs(above), abs(below), abs(middle))
        rounding = _SIGNIFICANT * max(noise, 4 * EPSILON * size) / min(high - x, x - low)
        gaps.append(abs(right - left) if abs(right - left) > rounding else 0.0)
        slopes.append(max(abs(right), abs(left)) if max(abs(right), abs(left)) > rounding else 0.0)
    return _last_to_first(gaps) >= 0.5 or _last_to_first(slopes) >= 2.0


def _last_to_first(sizes: Sequence[float]) -> float:
    """Return the ratio of the last size that is not 0 to the one `_WINDOW` steps before it."""
    known = [k for k, size in enumerate(sizes) if size]
    if not known or known[-1] < _WINDOW or not all(sizes[known[-1] - _WINDOW : known[-1]]):
        return 0.0
    return sizes[known[-1]] / sizes[known[-1] - _WINDOW]


def _scales(x: float) -> list[float]:
    return list(dict.fromkeys((max(abs(x), 1.0), abs(x) or 1.0)))


def _estimates(f: Callable[[float], float], x: float, scale: float) -> Iterator[Estimate]:
    """Yield an estimate for each four successive steps."""
    noise = _noise(f, x, scale)
    row: list[tuple[float, float, float]] = []  # step, quotient, magnitude of the values
    for part in STEPS:
        high, low = x + part * scale, x - part * scale
        above, below = _at(f, high), _at(f, low)
        if not (high > low and isfinite(above - below)):
            row.clear()
            continue
        row.append((high - low, (above - below) / (high - low), max(abs(above), abs(below))))
        if len(row) < 4:
            continue
        first, second, third = (
            (16 * fine[1] - coarse[1]) / 15
            for coarse, fine in zip(row[-4:-1], row[-3:], strict=True)
        )
        truncation = max(abs(third - second), abs(second - first) / 64)
        rounding = 3 * max(noise, 4 * EPSILON * row[-1][2], UNDERFLOW) / row[-1][0]
        if isfinite(third):
            yield Estimate(third, truncation + rounding + 4 * EPSILON * abs(third))


def _noise(f: Callable[[float], float], x: float, scale: float) -> float:
    """Estimate the rounding noise of a function: what remains in high-order differences."""
    row = [_at(f, x + (i - _POINTS // 2) * _SPACING * scale) for i in range(_POINTS)]
    worst = 0.0
    for order in range(1, max(_ORDERS) + 1):
        row = [b - a for a, b in pairwise(row)]
        if order in _ORDERS:
            weight = factorial(order) ** 2 / factorial(2 * order)
            worst = max(worst, sqrt(weight * sum(d * d for d in row) / len(row)))
    return 4 * worst if isfinite(worst) else 0.0


def _at(f: Callable[[float], float], x: float) -> float:
    try:
        return f(x)
    except (ArithmeticError, ValueError):
        return inf


def spread(domain: Sequence[tuple[float, float]], count: int) -> list[tuple[float, ...]]:
    """Return a low-discrepancy sequence of points in a box: multiples of irrational numbers.

    >>> [round(x, 3) for x, in spread([(0.0, 1.0)], 4)]
    [0.118, 0.736, 0.354, 0.972]
    """
    root = 1.0
    for _ in range(60):  # the root of r ** (n + 1) = r + 1, the golden ratio for n = 1
        root = (1.0 + root) ** (1.0 / (len(domain) + 1))
    return [
        tuple(
            low + (high - low) * ((0.5 + i / root ** (k + 1)) % 1.0)
            for k, (low, high) in enumerate(domain)
        )
        for i in range(1, count + 1)
    ]
