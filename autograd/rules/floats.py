"""Elementary functions of floats that follow IEEE 754 where Python's `math` raises.

`exp(1000)` is inf, `log(0)` is -inf, `sqrt(-1)` is nan. These are the names that rules may use when
they are read for floats.
"""

import functools
import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import inf, nan
from typing import Any, TypeVar

from autograd.rules.special import cbrt, digamma, lgamma, polygamma, product_error

T = TypeVar("T")


def div(x: float, y: float) -> float:
    """Divide as IEEE 754 does.

    >>> div(1, 0.0), div(1, -0.0), div(0, 0)
    (inf, -inf, nan)
    """
    try:
        return x / y
    except ZeroDivisionError:
        if x == 0 or x != x:
            return nan
        return math.copysign(inf, x) * math.copysign(1.0, y)


def pow(x: float, y: float) -> float:
    """Raise to a power; nan, never complex, for a negative x and a fractional y.

    A square is a product, correctly rounded, as NumPy's is; `math.pow` is one unit off for some.

    >>> pow(0.0, -1), pow(-0.0, -1), pow(-1, 0.5), pow(1e200, 2)
    (inf, -inf, nan, inf)
    """
    if y == 2:
        return x * x
    try:
        return math.pow(x, y)
    except OverflowError:
        return -inf if x < 0 and y % 2 == 1 else inf
    except ValueError:
        if x:
            return nan
        return math.copysign(inf, x) if y % 2 == 1 else inf


def floordiv(x: float, y: float) -> float:
    """Return Python's ``x // y``; division by zero gives what ``x / y`` gives."""
    if y == 0:
        return div(x, y)
    return x // y


def mod(x: float, y: float) -> float:
    """Return Python's ``x % y``; nan where y is zero."""
    if y == 0:
        return nan
    return x % y


def _quiet(
    function: Callable[[float], float],
    poles: Mapping[float, float] | None = None,
    overflow: Callable[[float], float] = lambda x: inf,  # noqa: ARG005 - most overflow upwards
) -> Callable[[float], float]:
    """Wrap a function of `math`: nan outside its domain, its limits at poles and on overflow."""
    limits = poles or {}

    @functools.wraps(function)
    def quiet(x: float) -> float:
        try:
            return function(x)
        except ValueError:
            return limits.get(x, nan)
        except OverflowError:
            return overflow(x)

    return quiet


def _to_integer(function: Callable[[float], int]) -> Callable[[float], float]:
    @functools.wraps(function)
    def rounded(x: float) -> float:
        return math.copysign(function(x), x) if math.isfinite(x) else x

    return rounded


def round_to(x: float, digits: float = 0.0) -> float:
    """Round half to even, to a number of decimal digits; the result stays a float."""
    if math.isfinite(x) and math.isfinite(digits):
        return round(x, int(digits))
    return nan if digits != digits else x


def sign(x: float) -> float:
    """Return -1, 0 or 1; nan for nan."""
    return x if x != x else float((x > 0) - (x < 0))


def total(xs: Iterable[float]) -> float:
    """Add from left to right: the built-in sum compensates from Python 3.12 on, this never does."""
    return functools.reduce(operator.add, xs, 0.0)


def product(xs: Iterable[float]) -> float:
    """Multiply from left to right."""
    return functools.reduce(operator.mul, xs, 1.0)


def largest(xs: Sequence[float]) -> float:
    """Return the largest; nan if any is nan."""
    best = xs[0]
    for x in xs:
        if not x <= best:
            best = x
            if x != x:
                return x
    return best


def smallest(xs: Sequence[float]) -> float:
    """Return the smallest; nan if any is nan."""
    return -largest([-x for x in xs])


def same(x: float, y: float) -> bool:
    """Return whether two numbers are equal, or both nan."""
    return x == y or (x != x and y != y)


def sum_except(xs: Iterable[float], y: float) -> float:
    """Add from left to right all but the first that equals y."""
    rest = list(xs)
    if y in rest:
        rest.remove(y)
    return total(rest)


def exp_difference(x: float, m: float) -> float:
    """Return exp(x - m) for x <= m, corrected for the rounding of the difference.

    The exponential would amplify that error: at a difference of 50, to 16 ulp (Knuth's two-sum).
    """
    d = x - m
    z = math.exp(d)
    if not d > -800:
        return z
    b = d - x
    return z + z * ((x - (d - b)) - (m + b))


def others(xs: Sequence[T]) -> list[T]:
    """Return for each x the product of all the others, without a division: zeros are allowed.

    >>> others([2.0, 0.0, 5.0])
    [0.0, 10.0, 0.0]
    """
    before: list[Any] = [1.0]
    for x in xs[:-1]:
        before.append(before[-1] * x)
    after: Any = 1.0
    for i in range(len(xs) - 1, -1, -1):
        before[i] = before[i] * after
        after = xs[i] * after
    return before


# The functions that rules of reductions are built from; for arrays, along the first axis.
FOLDS = ("sum", "prod", "max", "min", "norm", "sum_except", "others", "same", "exp_difference")
_NEVER_RAISE = ("atan", "atan2", "tanh", "asinh", "hypot", "erf", "erfc")
_RAISE = ("exp", "expm1", "sqrt", "sin", "cos", "tan", "asin", "acos", "cosh", "acosh")

FUNCTIONS: dict[str, Callable[..., object]] = {
    "div": div,
    "pow": pow,
    "floordiv": floordiv,
    "mod": mod,
    "abs": abs,
    **{name: getattr(math, name) for name in _NEVER_RAISE},
    **{name: _quiet(getattr(math, name)) for name in _RAISE},
    **{name: _quiet(getattr(math, name), {0.0: -inf}) for name in ("log", "log2", "log10")},
    "log1p": _quiet(math.log1p, {-1.0: -inf}),
    "sinh": _quiet(math.sinh, overflow=lambda x: math.copysign(inf, x)),
    "atanh": _quiet(math.atanh, {1.0: inf, -1.0: -inf}),
    "cbrt": cbrt,
    "lgamma": lgamma,
    "digamma": digamma,
    "polygamma": polygamma,
    "floor": _to_integer(math.floor),
    "ceil": _to_integer(math.ceil),
    "round": round_to,
    "sign": sign,
    "product_error": product_error,
    "sum": total,
    "prod": product,
    "max": largest,
    "min": smallest,
    "norm": lambda xs: math.hypot(*xs),
    "others": others,
    "same": same,
    "sum_except": sum_except,
    "exp_difference": exp_difference,
}
