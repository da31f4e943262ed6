"""What a program's lines call: array functions, shorter and faster than the table's own.

They give up the last digits of tiny derivatives and the order of infinities; a program whose result
is not finite is run again scalar by scalar (see `autograd.compiler.executors.specialization`).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def with_largest(xs: Array) -> tuple[Array, Array]:
    """Return xs and its maximum along the first axis; where that is infinite, what has the limit.

    >>> with_largest(np.array([np.inf, 2.0, np.inf]))
    (array([  0., -inf,   0.]), array(0.))
    """
    m = xs.max(axis=0)
    if np.isfinite(m).all():
        return xs, m
    xs = np.where(m == np.inf, np.where(xs == np.inf, 0.0, -np.inf), xs)
    m = xs.max(axis=0)
    return xs, np.asarray(np.where(m == -np.inf, 0.0, m))


def softmax(xs: Array) -> Array:
    """Return exp(x) over the sum of it along the first axis."""
    xs, m = with_largest(xs)
    parts = np.exp(xs - m)
    parts /= parts.sum(axis=0)
    return np.asarray(parts)


def logsumexp(xs: Array) -> Array:
    """Return the logarithm of the sum of exp(x) along the first axis."""
    m = xs.max(axis=0)
    if not np.isfinite(m).all():
        m = np.where(np.isfinite(m), m, 0.0)
    return np.asarray(m + np.log(np.exp(xs - m).sum(axis=0)))


def cross_entropy(xs: Array, k: Array) -> Array:
    """Return -log(softmax(xs)[k]) along the first axis."""
    return cross_entropy_softmax(xs, k)[0]


def cross_entropy_softmax(xs: Array, k: Array) -> tuple[Array, Array]:
    """Return the cross-entropy, and the softmax that it is computed with."""
    xs, m = with_largest(xs)
    parts = np.exp(xs - m)
    whole = parts.sum(axis=0)
    parts /= whole
    return np.asarray((m - take(xs, k)) + np.log(whole)), parts  # of two large ones, equal


def take(xs: Array, k: Array) -> Array:
    """Return xs[k], one number for each of k; the other axes of xs go along with those of k.

    >>> take(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1, 0]))
    array([3., 2.])
    """
    if k.ndim == 1 and k.shape == xs.shape[1:]:  # one for each column: 1.4 us, not 11
        return np.asarray(xs[k, np.arange(len(k))])
    if xs.ndim == 1:
        return np.asarray(xs[k])
    xs = np.broadcast_to(xs, (xs.shape[0], *np.broadcast_shapes(xs.shape[1:], k.shape)))
    return np.asarray(np.take_along_axis(xs, np.broadcast_to(k, xs.shape[1:])[None], 0)[0])


def onehot(k: Array, xs: Array | int) -> Array:
    """Return 1 in place k of the first axis of an array like xs, or of a new one, else 0.

    >>> onehot(np.array([1, 0]), 3)
    array([[0., 1.],
           [1., 0.],
           [0., 0.]])
    """
    k = np.asarray(k)
    count, ndim = (xs, 1 + k.ndim) if isinstance(xs, int) else (len(xs), xs.ndim)
    return np.asarray(np.arange(count).reshape(-1, *[1] * (ndim - 1)) == k, dtype=float)


def add_at(index: Array, numbers: Array, count: int) -> Array:
    """Add numbers up by index: the gradient of ``x[index]``.

    >>> add_at(np.array([0, 2, 0]), np.array([1.0, 2.0, 3.0]), 3)
    array([4., 0., 2.])
    """
    rest = numbers.shape[index.ndim :]
    if not rest:
        return np.bincount(index.ravel(), numbers.ravel(), count)
    total = np.zeros((count, *rest))
    np.add.at(total, index.ravel(), numbers.reshape(-1, *rest))
    return total


def others(xs: Array) -> Array:
    """Return for each x the product of all the others, along the first axis.

    >>> others(np.array([2.0, 0.0, 5.0]))
    array([ 0., 10.,  0.])
    """
    before, after = np.ones(np.shape(xs)), np.ones(np.shape(xs))
    np.cumprod(xs[:-1], axis=0, out=before[1:])
    np.cumprod(xs[:0:-1], axis=0, out=after[::-1][1:])
    return np.asarray(before * after)


def sigmoid(x: Array) -> Array:
    """Return 1 / (1 + exp(-x)); where exp(-x) overflows, exp(x)."""
    z = np.asarray(1 / (1 + np.exp(-x)))
    return z if z.all() else np.asarray(np.where(z == 0, np.exp(x), z))


def softplus(x: Array) -> Array:
    """Return log(1 + exp(x))."""
    return np.asarray(np.logaddexp(x, 0.0))


def sigmoid_cross_entropy(x: Array, y: Array) -> Array:
    """Return -y log(sigmoid(x)) - (1 - y) log(1 - sigmoid(x))."""
    z = np.asarray(np.logaddexp(x, 0.0) - x * y)
    if np.isfinite(np.vdot(z, z)):
        return z
    share = np.where(x > 0, 1 - y, -y)
    return np.asarray(np.where(share == 0, 0.0, x * share) + np.log1p(np.exp(-np.abs(x))))


def relu(x: Array) -> Array:
    """Return the positive part."""
    return np.maximum(x, 0.0)


def less(x: Array, y: Array) -> Array:
    """Return 1 where x < y, else 0; nan where either is nan.

    >>> less(np.array([1.0, 2.0, 3.0]), np.array([2.0, 2.0, np.nan]))
    array([ 1.,  0., nan])
    """
    found = np.asarray(np.less(x, y), dtype=float)
    return np.where(np.isnan(x) | np.isnan(y), np.nan, found)


def equal(x: Array, y: Array) -> Array:
    """Return 1 where x equals y, else 0; nan where either is nan."""
    found = np.asarray(np.equal(x, y), dtype=float)
    return np.where(np.isnan(x) | np.isnan(y), np.nan, found)


def whole(k: Array) -> Array:
    """Return positions as whole numbers."""
    return np.asarray(k).astype(np.intp, copy=False)


def alike(x: Array, n: int) -> Array:
    """Repeat what all samples share along their axis, the last."""
    return np.repeat(np.asarray(x)[..., None], n, axis=-1)


_FUNCTIONS: tuple[Any, ...] = (
    with_largest, softmax, logsumexp, cross_entropy, cross_entropy_softmax, take, onehot, add_at,
    sigmoid, softplus, sigmoid_cross_entropy, relu, less, equal, others, whole, alike,
    np.maximum, np.minimum, np.square, np.einsum, np.vdot, np.concatenate, np.broadcast_to,
    np.asarray, np.zeros,
)  # fmt: skip
FUNCTIONS: dict[str, Any] = {function.__name__: function for function in _FUNCTIONS}
