"""Special functions of one float that libm lacks, or computes less accurately than is needed.

Python's own lgamma is off by 200 ulp near 2, where it has a root; glibc's cbrt by 3 ulp.
"""

import math

# Bernoulli numbers B2, B4, ..., B20; with the shift to x >= 15 the first term left out is below
# 1e-17 of the sum (Abramowitz and Stegun, 6.3.18 and 6.4.11).
BERNOULLI = (
    1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798,
    -174611 / 330,
)  # fmt: skip
SHIFT = 15.0
HALF_LOG_TWO_PI = 0.9189385332046728
SPLIT = 2.0**27 + 1  # Dekker's constant: splits a 53-bit number into two halves of 26 bits
MAX_ORDER = 100  # of polygamma: beyond, its factorials leave the range of floats

# The only positive root of digamma (OEIS A030169), as the sum of two floats.
ROOT = (1.4616321449683622, 9.549995429965697e-17)


def cbrt(x: float) -> float:
    """Return the cube root to 1 ulp: glibc's, off by up to 3, after one exact Newton step.

    >>> cbrt(-27.0)
    -3.0
    """
    if not 1e-200 < abs(x) < 1e200:
        if x == 0 or not math.isfinite(x):
            return x
        scale = 2.0**100 if abs(x) < 1 else 2.0**-100
        return cbrt(x * scale * scale * scale) / scale
    z = math.cbrt(x)
    square = z * z
    cube = square * z
    error = (cube - x) + (product_error(square, z) + product_error(z, z) * z)
    return z - error / (3 * square)


def product_error(x: float, y: float) -> float:
    """Return the rounding error of ``x * y``, exactly (Dekker 1971); 0 beyond 1e150.

    >>> product_error(0.1, 0.1) == float(__import__("fractions").Fraction(0.1) ** 2
    ...     - __import__("fractions").Fraction(0.1 * 0.1))
    True
    """
    z = x * y
    if not (1e-280 < abs(z) < math.inf and abs(x) < 1e150 and abs(y) < 1e150):
        return 0.0
    x1 = SPLIT * x - (SPLIT * x - x)
    y1 = SPLIT * y - (SPLIT * y - y)
    x2, y2 = x - x1, y - y1
    return ((x1 * y1 - z) + x1 * y2 + x2 * y1) + x2 * y2


def lgamma(x: float) -> float:
    """Return the logarithm of the absolute value of the gamma function; inf at its poles."""
    if x != x or abs(x) == math.inf:
        return abs(x)
    if x <= 0:
        return math.inf if x == math.floor(x) else math.lgamma(x)
    if x >= SHIFT:
        return _stirling(x)
    if x < 1.5:
        return _near_two(x - 1) - (math.log1p(x - 1) if x > 0.5 else math.log(x))
    factors = 1.0
    while x > 2.5:
        x -= 1
        factors *= x
    return _near_two(x - 2) + math.log(factors)


def digamma(x: float) -> float:
    """Return the derivative of lgamma; -inf from the right at 0, nan at the other poles."""
    if math.isnan(x) or x == math.inf:
        return x
    if x == -math.inf:
        return math.nan
    if x == 0:
        return -math.copysign(math.inf, x)
    if x < 0:
        return _reflected_digamma(x)
    return _digamma_right(x)


def polygamma(n: float, x: float) -> float:
    """Return the n-th derivative of digamma, n = 0, 1, ..., 100; nan where n is anything else."""
    if not (0 <= n <= MAX_ORDER and n == math.floor(n)) or math.isnan(x) or x == -math.inf:
        return math.nan
    if n == 0:
        return digamma(x)
    order = int(n)
    if x == math.inf:
        return 0.0
    if x <= 0 and x == math.floor(x):
        return _at_pole(order, x)
    if x < 0:
        return _reflected_polygamma(order, x)
    return _polygamma_right(order, x)


def _stirling(x: float) -> float:
    """Sum the asymptotic series of lgamma (Abramowitz and Stegun, 6.1.41); inf past 2.5e305."""
    tail = x * _bernoulli_sum([b / (2 * k * (2 * k - 1)) for k, b in enumerate(BERNOULLI, 1)], x)
    return x * (math.log(x) - 1) + (HALF_LOG_TWO_PI - 0.5 * math.log(x) + tail)


def _near_two(h: float) -> float:
    """Return lgamma(2 + h) by Taylor's series: 0 at h = 0, with all its digits nearby."""
    total = 0.0
    for coefficient in reversed(_SERIES_AT_TWO):
        total = (total + coefficient) * h
    return total


def _digamma_right(x: float) -> float:
    if x >= SHIFT:
        tail = _bernoulli_sum([b / (2 * k) for k, b in enumerate(BERNOULLI, 1)], x)
        return math.log(x) - 0.5 / x - tail
    if x < 1:
        return _near_root(x + 1) - 1 / x
    shift = 0.0
    while x > 2:
        x -= 1
        shift += 1 / x
    return _near_root(x) + shift


def _reflected_digamma(x: float) -> float:
    if x == math.floor(x):
        return math.nan
    return digamma(1 - x) - math.pi / math.tan(math.pi * (x - round(x)))


def _near_root(x: float) -> float:
    """Expand about the root, for x in 1 ... 2: there a direct formula has lost all its digits.

    Taylor's series, digamma(r + h) = sum over n >= 1 of polygamma(n, r) h^n / n!.
    """
    h = (x - ROOT[0]) - ROOT[1]
    total = 0.0
    for coefficient in reversed(SERIES_AT_ROOT):
        total = (total + coefficient) * h
    return total


def _at_pole(n: int, x: float) -> float:
    """Return the limit at a pole: both sides agree for odd n; at 0 its sign gives the side."""
    if n % 2:
        return math.inf
    return math.nan if x else -math.copysign(math.inf, x)


def _polygamma_right(n: int, x: float) -> float:
    """Shift x up, then sum the asymptotic series; all terms have one sign, nothing cancels."""
    sign = 1.0 if n % 2 else -1.0
    shifted = []
    while x < SHIFT + n:
        shifted.append(_factorial_over_power(n, x) / x)
        x += 1
    scale = _factorial_over_power(n, x)
    tail, power = 1 / n + 0.5 / x, 1.0
    for k, b in enumerate(BERNOULLI, 1):
        power /= x * x
        ratio = math.factorial(2 * k + n - 1) // math.factorial(n)
        tail += b * (ratio / math.factorial(2 * k)) * power
    total = scale * tail
    for term in reversed(shifted):  # the smallest first
        total += term
    return sign * total


def _factorial_over_power(n: int, x: float) -> float:
    """Return n! / x^n factor by factor: either alone may leave the range of floats."""
    result = 1.0
    for k in range(1, n + 1):
        result *= k / x
    return result


def _reflected_polygamma(n: int, x: float) -> float:
    """Use polygamma(n, x) = (-1)^n polygamma(n, 1 - x) - pi * (d/dx)^n cot(pi x)."""
    mirrored = _polygamma_right(n, 1 - x)
    return (-mirrored if n % 2 else mirrored) - math.pi ** (n + 1) * _cot_derivative(n, x)


def _cot_derivative(n: int, x: float) -> float:
    """Return the n-th derivative of cot at pi x: a polynomial in c = cot, since c' = -(1 + c^2)."""
    c = 1 / math.tan(math.pi * (x - round(x)))  # from the nearest pole: the difference is exact
    p = [0, 1]
    for _ in range(n):
        slope = [k * a for k, a in enumerate(p)][1:]
        p = [-(a + b) for a, b in zip([*slope, 0, 0], [0, 0, *slope], strict=True)]
    total = float(p[-1])
    for a in reversed(p[:-1]):
        total = total * c + a
    return total


def _bernoulli_sum(coefficients: list[float], x: float) -> float:
    square, total = 1 / x / x, 0.0
    for a in reversed(coefficients):
        total = (total + a) * square
    return total


# The series converges as (h / 1.46)^n, and (0.54 / 1.46)^40 is below 1e-17.
SERIES_AT_ROOT = [_polygamma_right(n, ROOT[0]) / math.factorial(n) for n in range(1, 41)]
# 1 - Euler's constant, then polygamma(n - 1, 2) / n!: for |h| <= 1 the 52nd term is below 1e-17.
_SERIES_AT_TWO = [
    0.42278433509846713,
    *[_polygamma_right(n - 1, 2.0) / math.factorial(n) for n in range(2, 53)],
]
