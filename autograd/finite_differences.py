"""Derivatives by central differences, each with a bound of its error that can be justified.

A difference quotient errs in two ways: what it leaves out of the Taylor series, which shrinks with
the step, and the rounding of the two numbers, which grows. Both are measured: steps from a quarter
of the argument's scale downwards are tried, each extrapolated (Richardson, 1911); what successive
ones differ by bounds the first error. The rounding of the function itself is read off a table of
differences of points that are nearly equal (Hamming, 1962; Moré and Wild, 2011). The step whose
bound is the smallest is taken.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from math import factorial, inf, isfinite, sqrt, ulp
from typing import NamedTuple

STEPS = tuple(0.25**k for k in range(1, 21))
EPSILON, UNDERFLOW = ulp(1.0), 4 * ulp(0.0)
_SPACING, _POINTS, _ORDERS = 2.0**-40, 9, (4, 5, 6)
_SURELY, _WINDOW = 24, 4  # times the rounding; steps, of which the first is 256 times the last


class Estimate(NamedTuple):
    """A derivative, and how far from the true one it may be."""

    value: float
    bound: float

    def agrees(self, claimed: float) -> bool:
        """Whether a claimed derivative may be the true one.

        >>> Estimate(2.0, 1e-9).agrees(2.0 + 1e-9), Estimate(2.0, 1e-9).agrees(2.1)
        (True, False)
        """
        return isfinite(claimed) and abs(
            claimed - self.value
        ) <= 2 * self.bound + 64 * EPSILON * abs(claimed)

    def __str__(self) -> str:
        return f"{self.value:.10g} ± {2 * self.bound:.1g}"


def slope(f: Callable[[float], float], x: float) -> Estimate | None:
    """Estimate the derivative of a function of one number; None where it is not finite around x.

    The function may raise ArithmeticError or ValueError where it is not defined.

    >>> from math import exp
    >>> found = slope(exp, 1.0)
    >>> abs(found.value - exp(1.0)) <= found.bound < 1e-9
    True
    """
    scales = _scales(x)
    if not isfinite(_at(f, x)):
        return None
    found = [estimate for scale in scales for estimate in _estimates(f, x, scale)]
    return min(found, key=lambda estimate: estimate.bound, default=None)


def has_kink(f: Callable[[float], float], x: float) -> bool:
    """Tell whether a function of one number has no derivative at x: a kink, a jump, a vertical.

    The two one-sided difference quotients of a smooth function come together as the step shrinks,
    in proportion to it. Here they do not, down to where rounding hides it, or they grow.

    >>> has_kink(abs, 0.0), has_kink(abs, 1e-9), has_kink(round, 0.5)
    (True, False, True)
    """
    return all(_is_kinked(f, x, scale) for scale in _scales(x))


def _is_kinked(f: Callable[[float], float], x: float, scale: float) -> bool:
    middle = _at(f, x)
    beside = (_POINTS // 2 + 1) * _SPACING * scale  # so that no point is on the other side
    noise = max(_noise(f, x + beside, scale), _noise(f, x - beside, scale), UNDERFLOW)
    gaps: list[float] = []  # of quotients that differ by more than rounding can make them differ
    slopes: list[float] = []
    for part in STEPS:
        high, low = x + part * scale, x - part * scale
        above, below = _at(f, high), _at(f, low)
        if not (low < x < high and isfinite(above - below) and isfinite(middle)):
            continue
        right, left = (above - middle) / (high - x), (middle - below) / (x - low)
        size = max(abs(above), abs(below), abs(middle))
        rounding = _SURELY * max(noise, 4 * EPSILON * size) / min(high - x, x - low)
        gaps.append(abs(right - left) if abs(right - left) > rounding else 0.0)
        slopes.append(max(abs(right), abs(left)) if max(abs(right), abs(left)) > rounding else 0.0)
    return _last_to_first(gaps) >= 0.5 or _last_to_first(slopes) >= 2.0


def _last_to_first(sizes: Sequence[float]) -> float:
    """Return what became of the last size that is not 0, in the four steps that led to it."""
    known = [k for k, size in enumerate(sizes) if size]
    if not known or known[-1] < _WINDOW or not all(sizes[known[-1] - _WINDOW : known[-1]]):
        return 0.0
    return sizes[known[-1]] / sizes[known[-1] - _WINDOW]


def _scales(x: float) -> list[float]:
    return list(dict.fromkeys((max(abs(x), 1.0), abs(x) or 1.0)))


def _estimates(f: Callable[[float], float], x: float, scale: float) -> Iterator[Estimate]:
    """Yield an estimate for each step that three smaller ones follow."""
    noise = _noise(f, x, scale)
    row: list[tuple[float, float, float]] = []  # step, quotient, size of the numbers
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
        left_out = max(abs(third - second), abs(second - first) / 64)
        rounding = 3 * max(noise, 4 * EPSILON * row[-1][2], UNDERFLOW) / row[-1][0]
        if isfinite(third):
            yield Estimate(third, left_out + rounding + 4 * EPSILON * abs(third))


def _noise(f: Callable[[float], float], x: float, scale: float) -> float:
    """Estimate the rounding of the function: what high differences leave of a smooth one."""
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
    """Return points that fill a box evenly, none of them round: multiples of irrational numbers.

    >>> [round(x, 3) for x, in spread([(0.0, 1.0)], 4)]
    [0.118, 0.736, 0.354, 0.972]
    """
    root = 1.0
    for _ in range(60):  # the root of r ** (n + 1) = r + 1: the golden ratio and its kin
        root = (1.0 + root) ** (1.0 / (len(domain) + 1))
    return [
        tuple(
            low + (high - low) * ((0.5 + i / root ** (k + 1)) % 1.0)
            for k, (low, high) in enumerate(domain)
        )
        for i in range(1, count + 1)
    ]
