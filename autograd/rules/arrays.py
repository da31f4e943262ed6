"""The names of rules, read for NumPy arrays: each works element by element and never warns.

Functions of lists (``sum``, ``softmax``, ...) take the list along the first axis.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.rules import floats
from autograd.rules.special import SPLIT

Array = NDArray[Any]


def _each(name: str, count: int) -> Callable[..., Array]:
    """Lift a float function that NumPy lacks, one call an element."""
    lifted = np.frompyfunc(floats.FUNCTIONS[name], count, 1)
    return lambda *xs: np.asarray(lifted(*xs), dtype=float)


def product_error(x: Array, y: Array) -> Array:
    """Return ``x * y`` less its rounding, as `autograd.rules.special.product_error` does."""
    z = x * y
    x1 = SPLIT * x - (SPLIT * x - x)
    y1 = SPLIT * y - (SPLIT * y - y)
    x2, y2 = x - x1, y - y1
    error = ((x1 * y1 - z) + x1 * y2 + x2 * y1) + x2 * y2
    size = np.abs(z)
    safe = (size > 1e-280) & (size < np.inf) & (np.abs(x) < 1e150) & (np.abs(y) < 1e150)
    return np.where(safe, error, 0.0)


def same(x: Array, y: Array) -> Array:
    """Tell whether numbers are equal, or both nan."""
    return np.asarray((x == y) | (np.isnan(x) & np.isnan(y)))


def exp_difference(x: Array, m: Array) -> Array:
    """Return exp(x - m), as `autograd.rules.floats.exp_difference` does."""
    d = x - m
    z = np.exp(d)
    b = d - x
    return np.asarray(np.where(d > -800, z + z * ((x - (d - b)) - (m + b)), z))


def sum_except(xs: Array, y: float) -> Array:
    """Add, along the first axis, all but the first that equals y."""
    hits = xs == y
    first = hits & (np.cumsum(hits, axis=0) == 1)
    return np.asarray(np.sum(np.where(first, 0.0, xs), axis=0))


def positions(xs: Array) -> Array:
    """Return 0, 1, ... along the first axis, to meet arrays like xs."""
    return np.arange(np.shape(xs)[0]).reshape(-1, *[1] * (np.ndim(xs) - 1))


def norm(xs: Array) -> Array:
    """Return the Euclidean length along the first axis, without overflow."""
    return np.asarray(np.hypot.reduce(np.asarray(xs, dtype=float), axis=0))


def _total(xs: Any) -> Array:
    return np.asarray(np.add.reduce(np.asarray(xs, dtype=float), axis=0))


_rounded = _each("round", 2)

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "where": np.where,
    "div": np.divide,
    "pow": np.power,
    "floordiv": np.floor_divide,
    "mod": np.mod,
    "abs": np.abs,
    **{name: getattr(np, name) for name in ("exp", "expm1", "log", "log1p", "log2", "log10")},
    **{name: getattr(np, name) for name in ("sqrt", "cbrt", "hypot", "floor", "ceil", "sign")},
    **{name: getattr(np, name) for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{f"a{name}": getattr(np, f"arc{name}") for name in ("sin", "cos", "tan", "tan2")},
    **{f"a{name}": getattr(np, f"arc{name}") for name in ("sinh", "cosh", "tanh")},
    **{name: _each(name, 1) for name in ("erf", "erfc", "lgamma", "digamma")},
    "polygamma": _each("polygamma", 2),
    "round": lambda x, digits=0.0: _rounded(x, digits),
    "product_error": product_error,
    "sum": _total,
    "prod": lambda xs: np.multiply.reduce(np.asarray(xs, dtype=float), axis=0),
    "max": lambda xs: np.max(xs, axis=0),
    "min": lambda xs: np.min(xs, axis=0),
    "norm": norm,
    "others": floats.others,
    "positions": positions,
    "same": same,
    "sum_except": sum_except,
    "exp_difference": exp_difference,
}
