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


def shares(xs: Array, z: Array) -> Array:
    """Give each x that equals z an equal share of 1."""
    hits = (xs == z) | (np.isnan(xs) & np.isnan(z))
    return np.asarray(hits / np.sum(hits, axis=0))


def exp_difference(x: Array, m: Array) -> Array:
    """Return exp(x - m), as `autograd.rules.floats.exp_difference` does."""
    d = x - m
    z = np.exp(d)
    b = d - x
    return np.asarray(np.where(d > -800, z + z * ((x - (d - b)) - (m + b)), z))


def softmax(xs: Array) -> Array:
    """Return exp(x_i) over their sum, along the first axis."""
    xs = np.asarray(xs, dtype=float)
    m = np.max(xs, axis=0)
    parts = exp_difference(xs, m)
    return np.where(m == np.inf, shares(xs, m), parts / np.sum(parts, axis=0))


def logsumexp(xs: Array) -> Array:
    """Return log(sum(exp(x_i))) along the first axis."""
    xs = np.asarray(xs, dtype=float)
    m = np.max(xs, axis=0)
    return np.asarray(np.where(np.isinf(m), m, m + np.log1p(_rest(xs, m))))


def cross_entropy(xs: Array, k: float) -> Array:
    """Return -log(softmax(xs)[k]) along the first axis."""
    xs = np.asarray(xs, dtype=float)
    m = np.max(xs, axis=0)
    limit = np.log(1 / shares(xs, m)[int(k)])
    finite = (m - xs[int(k)]) + np.log1p(_rest(xs, m))
    return np.asarray(np.where(m == np.inf, limit, finite))


def _rest(xs: Array, m: Array) -> Array:
    """Sum exp(x - m) over all but the first largest."""
    parts = exp_difference(xs, m)
    first = np.arange(len(xs)).reshape(-1, *[1] * m.ndim) == np.argmax(xs, axis=0)
    return np.asarray(np.sum(np.where(first, 0.0, parts), axis=0))


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
    "shares": shares,
    "norm": norm,
    "softmax": softmax,
    "logsumexp": logsumexp,
    "cross_entropy": cross_entropy,
    "others": floats.others,
    "complements": floats.complements,
}
