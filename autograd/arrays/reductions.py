"""Sums, products, extremes, norms and statistics: one node per element of the result."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd import functions
from autograd.functions.install import FUNCTIONS
from autograd.rules.numpy_dispatch import answer_to, implements, written
from autograd.value_array import Objects, ValueArray, array_of_objects, of_list

NO_VALUE = np._NoValue  # noqa: SLF001 - NumPy's default of optional arguments
_DTYPES = (None, object, float, np.dtype(float), np.dtype(object))


def rows(a: Any, axis: Any) -> tuple[list[list[Any]], tuple[int, ...], tuple[int, ...]]:
    """Return the rows to reduce, the result's shape, and its shape with ``keepdims``."""
    array = array_of_objects(a)
    axes = tuple(range(array.ndim)) if axis is None else normalize_axis_tuple(axis, array.ndim)
    rest = [i for i in range(array.ndim) if i not in axes]
    shape = tuple(array.shape[i] for i in rest)
    kept = tuple(1 if i in axes else n for i, n in enumerate(array.shape))
    moved = array.transpose(*rest, *axes)
    count = int(np.prod([array.shape[i] for i in axes], dtype=int))
    return moved.reshape(int(np.prod(shape, dtype=int)), count).tolist(), shape, kept


def reduce(
    name: str,
    function: Callable[[list[Any]], Any],
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    *,
    keepdims: Any = NO_VALUE,
    initial: Any = NO_VALUE,
    where: Any = True,
) -> Any:
    """Apply a function of lists along axes."""
    if dtype is not None and dtype not in _DTYPES:
        raise TypeError(f"np.{name}: got dtype={dtype!r}; Values are doubles")
    if where is not True and where is not NO_VALUE:
        raise TypeError(f"np.{name}: where= does not work with Values; use np.where first")
    if axis is None and out is None and keepdims is NO_VALUE and initial is NO_VALUE:
        return function(array_of_objects(a).ravel().tolist())
    lists, shape, kept = rows(a, axis)
    first = [] if initial is NO_VALUE or initial is None else [initial]
    if keepdims is not NO_VALUE and keepdims:
        shape = kept
    return written(name, of_list([function([*first, *row]) for row in lists], shape), out)


def _sum_function(name: str, function: Callable[[list[Any]], Any]) -> Callable[..., Any]:
    def call(
        a: Any,
        axis: Any = None,
        dtype: Any = None,
        out: Any = None,
        keepdims: Any = NO_VALUE,
        **more: Any,
    ) -> Any:
        return reduce(name, function, a, axis, dtype, out, keepdims=keepdims, **more)

    return call


def _extreme_function(name: str, function: Callable[[list[Any]], Any]) -> Callable[..., Any]:
    def call(
        a: Any, axis: Any = None, out: Any = None, keepdims: Any = NO_VALUE, **more: Any
    ) -> Any:
        return reduce(name, function, a, axis, None, out, keepdims=keepdims, **more)

    return call


def _reduce_method(call: Callable[..., Any]) -> Callable[..., Any]:
    """Return the implementation of ``ufunc.reduce``, whose default axis is the first."""

    def reduce_method(
        a: Any, axis: Any = 0, dtype: Any = None, out: Any = None, **more: Any
    ) -> Any:
        del dtype  # Values are doubles
        return call(a, axis, out=out, **more)

    return reduce_method


total = implements(np.sum)(_sum_function("sum", functions.sum))
product = implements(np.prod)(_sum_function("prod", functions.prod))
average = implements(np.mean)(_sum_function("mean", functions.mean))
largest = implements(np.max, np.amax)(_extreme_function("max", functions.max))
smallest = implements(np.min, np.amin)(_extreme_function("min", functions.min))
for _name, _call in (
    ("add", total), ("multiply", product), ("maximum", largest), ("minimum", smallest),
):  # fmt: skip
    answer_to(f"{_name}.reduce", _reduce_method(_call))


@implements(np.ptp)
def _ptp(a: Any, axis: Any = None, out: Any = None, keepdims: Any = NO_VALUE) -> Any:
    return written(
        "ptp", largest(a, axis, keepdims=keepdims) - smallest(a, axis, keepdims=keepdims), out
    )


@implements(np.var)
def _var(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0,
    keepdims: Any = NO_VALUE, **more: Any,
) -> Any:  # fmt: skip
    if more.pop("correction", NO_VALUE) is not NO_VALUE:
        raise TypeError("np.var: give ddof in the place of correction")
    a = ValueArray(a)
    middle = average(a, axis, dtype, keepdims=True)
    squares = FUNCTIONS["square"](a - middle)
    if ddof == 0:
        return average(squares, axis, dtype, out, keepdims, **more)
    count = a.size // max(middle.size, 1) if a.ndim else 1
    return written("var", total(squares, axis, dtype, None, keepdims, **more) / (count - ddof), out)


@implements(np.std)
def _std(*args: Any, out: Any = None, **named: Any) -> Any:
    return written("std", FUNCTIONS["sqrt"](_var(*args, **named)), out)


@implements(np.average)
def _average(
    a: Any,
    axis: Any = None,
    weights: Any = None,
    returned: bool = False,
    *,
    keepdims: Any = NO_VALUE,
) -> Any:
    if returned:
        raise TypeError("np.average: returned=True does not work with Values")
    if weights is None:
        return average(a, axis, keepdims=keepdims)
    a, weights = ValueArray(a), ValueArray(weights)
    if weights.shape != a.shape:
        if weights.ndim != 1 or not isinstance(axis, int) or len(weights) != a.shape[axis]:
            raise ValueError("np.average: weights take the shape of the array, or of one axis")
        shape = [1] * a.ndim
        shape[axis] = len(weights)
        weights = np.broadcast_to(weights.reshape(shape), a.shape)
    sums = total(a * weights, axis, keepdims=keepdims)
    return sums / total(weights, axis, keepdims=keepdims)


def _cumulative_function(name: str, step: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def call(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
        if dtype not in _DTYPES:
            raise TypeError(f"np.{name}: got dtype={dtype!r}; Values are doubles")
        array = array_of_objects(a)
        array = array.ravel() if axis is None else array
        return written(
            name, along(lambda row: _steps(row, step), array, -1 if axis is None else axis), out
        )

    return call


def _steps(row: list[Any], step: Callable[[Any, Any], Any]) -> list[Any]:
    results = row[:1]
    for x in row[1:]:
        results.append(step(results[-1], x))
    return results


def along(function: Callable[[list[Any]], list[Any]], array: Objects, axis: int) -> Any:
    """Apply a function from lists to lists along one axis."""
    moved = np.moveaxis(array, axis, -1)
    lists = [function(row) for row in moved.reshape(-1, moved.shape[-1]).tolist()]
    result = np.array(lists, dtype=object).reshape(*moved.shape[:-1], len(lists[0]) if lists else 0)
    return np.moveaxis(result, -1, axis).view(ValueArray)


cumulative_sum = implements(np.cumsum)(_cumulative_function("cumsum", FUNCTIONS["add"]))
cumulative_product = implements(np.cumprod)(_cumulative_function("cumprod", FUNCTIONS["mul"]))
answer_to(
    "add.accumulate", lambda a, axis=0, dtype=None, out=None: cumulative_sum(a, axis, dtype, out)
)
answer_to(
    "multiply.accumulate",
    lambda a, axis=0, dtype=None, out=None: cumulative_product(a, axis, dtype, out),
)


@implements(np.count_nonzero)
def _count_nonzero(a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    return np.sum(np.logical_or(a, False), axis=axis, keepdims=keepdims)


@implements(np.linalg.trace)
def _trace_of_last(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    return _trace(x, offset, -2, -1, dtype)


@implements(np.trace)
def _trace(
    a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: Any = None
) -> Any:
    return total(np.diagonal(a, offset, axis1, axis2), -1, dtype, out)


@implements(np.diff)
def _diff(
    a: Any, n: int = 1, axis: int = -1, prepend: Any = NO_VALUE, append: Any = NO_VALUE
) -> Any:
    a = ValueArray(a)
    parts = [x for x in (prepend, a, append) if x is not NO_VALUE]
    if len(parts) > 1:
        shape = list(a.shape)
        shape[axis] = 1
        a = np.concatenate(
            [x if np.ndim(x) else np.full(shape, x, dtype=object) for x in parts], axis
        )
    for _ in range(n):
        moved = np.moveaxis(a, axis, 0)
        a = np.moveaxis(moved[1:] - moved[:-1], 0, axis)
    return a


@implements(np.trapezoid)
def _trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    y = np.moveaxis(y if isinstance(y, np.ndarray) else ValueArray(y), axis, -1)
    if x is not None:
        x = ValueArray(x)
        dx = _diff(x) if x.ndim == 1 else _diff(np.moveaxis(x, axis, -1))
    return total(dx * (y[..., 1:] + y[..., :-1]) / 2.0, -1)


@implements(np.linalg.norm)
def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    x = ValueArray(x)
    if ord is None or (ord == "fro" and (x.ndim == 2 or axis is not None)):
        return reduce("linalg.norm", functions.norm, x, axis, keepdims=keepdims)
    axes = normalize_axis_tuple(range(x.ndim) if axis is None else axis, x.ndim)
    if len(axes) == 1:
        return _vector_norm(x, ord, axes[0], keepdims)
    if len(axes) == 2 and ord in (1, -1, np.inf, -np.inf):
        inner, outer = axes if abs(ord) == 1 else axes[::-1]
        sums = total(abs(x), inner, keepdims=True)
        return (largest if ord > 0 else smallest)(sums, (inner, outer), keepdims=keepdims)
    raise TypeError(f"np.linalg.norm: ord={ord!r} of shape {x.shape} has no derivative here")


def _vector_norm(x: Any, ord: Any, axis: int, keepdims: bool) -> Any:
    if ord == 2:
        return reduce("linalg.norm", functions.norm, x, axis, keepdims=keepdims)
    if ord in (np.inf, -np.inf):
        return (largest if ord > 0 else smallest)(abs(x), axis, keepdims=keepdims)
    if isinstance(ord, str) or ord == 0:
        raise TypeError(f"np.linalg.norm: ord={ord!r} has no derivative here")
    if ord == 1:
        return total(abs(x), axis, keepdims=keepdims)
    return total(abs(x) ** ord, axis, keepdims=keepdims) ** (1.0 / ord)


@implements(np.linalg.vector_norm)
def _norm_of_all(
    x: Any,
    /,
    *,
    axis: Any = None,
    keepdims: bool = False,
    ord: Any = 2,
) -> Any:
    x = ValueArray(x)
    if axis is None and not keepdims:
        return _vector_norm(x.ravel(), ord, 0, False)
    return _norm(x, ord, axis, keepdims)
