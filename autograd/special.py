"""Functions that C's library lacks: digamma and its derivatives, for one float."""

import math

# Bernoulli numbers B2, B4, ..., B20; with the shift to x >= 15 the first term left out is below
# 1e-17 of the sum (Abramowitz and Stegun, 6.3.18 and 6.4.11).
BERNOULLI = (
    1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798,
    -174611 / 330,
)  # fmt: skip
SHIFT = 15.0

# The only positive root of digamma (OEIS A030169), as the sum of two floats.
ROOT = (1.4616321449683622, 9.549995429965697e-17)


def digamma(x: float) -> float:
    """Return the derivative of lgamma; -inf from the right at 0, nan at the other poles."""
    if math.isnan(x) or x == math.inf:
        return x
    if x == 0:
        return -math.copysign(math.inf, x)
    if x < 0:
        return _reflected_digamma(x)
    if abs(x - ROOT[0]) < 0.25:
        return _near_root(x)
    return _digamma_right(x)


def polygamma(n: float, x: float) -> float:
    """Return the n-th derivative of digamma, n = 0, 1, 2, ...; nan where n is anything else."""
    if n != n or n < 0 or n != int(n) or math.isnan(x) or x == -math.inf:
        return math.nan
    if n == 0:
        return digamma(x)
    order = int(n)
    if x == math.inf:
        return 0.0
    if x <= 0 and x == math.floor(x):
        return math.inf if order % 2 else math.nan
    if x < 0.5:
        return _reflected_polygamma(order, x)
    return _polygamma_right(order, x)


def _digamma_right(x: float) -> float:
    shift = 0.0
    while x < SHIFT:
        shift -= 1 / x
        x += 1
    tail = _bernoulli_sum([b / (2 * k) for k, b in enumerate(BERNOULLI, 1)], x)
    return shift + (math.log(x) - 0.5 / x - tail)


def _reflected_digamma(x: float) -> float:
    if x == math.floor(x):
        return math.nan
    return digamma(1 - x) - math.pi / math.tan(math.pi * (x - math.floor(x)))


def _near_root(x: float) -> float:
    """Expand about the root: there the direct formula has lost all its digits.

    Taylor's series, digamma(r + h) = sum over n >= 1 of polygamma(n, r) h^n / n!.
    """
    h = (x - ROOT[0]) - ROOT[1]
    total, power = 0.0, 1.0
    for coefficient in _ROOT_SERIES:
        power *= h
        total += coefficient * power
    return total


def _polygamma_right(n: int, x: float) -> float:
    """Shift x up, then sum the asymptotic series; all terms have one sign, nothing cancels."""
    sign = 1.0 if n % 2 else -1.0
    total = 0.0
    while x < SHIFT + n:
        total += _power(x, -(n + 1))
        x += 1
    factorial = math.factorial(n)
    total *= factorial
    total += factorial / n * _power(x, -n) + factorial / 2 * _power(x, -(n + 1))
    for k, b in enumerate(BERNOULLI, 1):
        total += b * math.factorial(2 * k + n - 1) / math.factorial(2 * k) * _power(x, -(2 * k + n))
    return sign * total


def _reflected_polygamma(n: int, x: float) -> float:
    """Use polygamma(n, x) = (-1)^n polygamma(n, 1 - x) - pi * (d/dx)^n cot(pi x)."""
    mirrored = (-1) ** n * _polygamma_right(n, 1 - x)
    return mirrored - math.pi ** (n + 1) * _cot_derivative(n, x)


def _cot_derivative(n: int, x: float) -> float:
    """Return the n-th derivative of cot at pi x: a polynomial in c = cot, since c' = -(1 + c^2)."""
    fraction = x - math.floor(x)
    if fraction > 0.5:  # nearest to the pole at 1: keep the small difference exact
        fraction -= 1
    c = 1 / math.tan(math.pi * fraction)
    p = [0, 1]
    for _ in range(n):
        slope = [k * a for k, a in enumerate(p)][1:]
        p = [-(a + b) for a, b in zip([*slope, 0, 0], [0, 0, *slope], strict=True)]
    total = 0.0
    for a in reversed(p):
        total = total * c + a
    return total


def _power(x: float, n: int) -> float:
    try:
        return math.pow(x, n)
    except OverflowError:
        return math.inf


def _bernoulli_sum(coefficients: list[float], x: float) -> float:
    square, total = 1 / x / x, 0.0
    for a in reversed(coefficients):
        total = (total + a) * square
    return total


# 26 terms: the series converges as (h / 1.46)^n, and (0.25 / 1.46)^26 is below 1e-19.
_ROOT_SERIES = tuple(_polygamma_right(n, ROOT[0]) / math.factorial(n) for n in range(1, 27))
