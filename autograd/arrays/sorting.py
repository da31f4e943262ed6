"""Functions of the order of numbers: sort, argsort, argmax, medians and quantiles.

NaN comes last, as in NumPy. While a function is traced, neighbours in the resulting order are
compared. These comparisons become guards: for another order, the function is traced again.
"""

from itertools import pairwise
from operator import le, lt
from typing import Any

import numpy as np

from autograd.arrays.reductions import NO_VALUE, along, rows
from autograd.context import on_sort, tracing
from autograd.rules.numpy_dispatch import implements, written
from autograd.value import Value
from autograd.value_array import ValueArray, array_of_objects, numbers, of_list, wrapped


def order_of(row: list[Any]) -> list[int]:
    """Return the indices that sort a row, stably."""
    order: list[int] = np.argsort(numbers(row), kind="stable").tolist() if row else []
    if tracing():
        on_sort(row)
        for i, j in pairwise(order):
            _guard(row[i], row[j], strict=i > j)
        if len(order) == 1 or (order and _is_nan(row[order[-1]])):
            for i in order:
                le(row[i], row[i])  # reports to the tracer whether it is NaN
    return order


def _guard(x: Any, y: Any, *, strict: bool) -> None:
    """Report to the tracer that x comes before y; NaNs are reported separately."""
    if not (_is_nan(x) or _is_nan(y)):
        (lt if strict else le)(x, y)


def _is_nan(x: Any) -> bool:
    number = x._data if type(x) is Value else x  # noqa: SLF001 - callers add the guards
    return bool(number != number)


@implements(np.argsort)
def _argsort(a: Any, axis: Any = -1, *_: Any, **__: Any) -> Any:
    array = array_of_objects(a)
    array, axis = (array.ravel(), -1) if axis is None else (array, axis)
    return np.asarray(along(order_of, array, axis)).astype(np.intp)


def _sorted_row(row: list[Any]) -> list[Any]:
    return [row[i] for i in order_of(row)]


@implements(np.sort)
def _sort(a: Any, axis: Any = -1, *_: Any, **__: Any) -> Any:
    array = array_of_objects(a)
    array, axis = (array.ravel(), -1) if axis is None else (array, axis)
    return along(_sorted_row, array, axis)


def sort(self: ValueArray, axis: Any = -1, **_: Any) -> None:
    """Sort in place, by number."""
    self[...] = _sort(self, axis)


ValueArray.sort = sort  # type: ignore[method-assign,assignment]


def _extreme(name: str) -> Any:
    numpy_function = getattr(np, name)

    def position(row: list[Any]) -> int:
        if not row:
            raise ValueError(f"np.{name}: got an empty array")
        index = int(numpy_function(numbers(row)))
        if tracing():
            on_sort(row)
            _guard_extreme(row, index, is_largest=name == "argmax")
        return index

    def call(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = NO_VALUE) -> Any:
        lists, shape, kept = rows(a, axis)
        shape = kept if keepdims is not NO_VALUE and keepdims else shape
        indices = [position(row) for row in lists]
        result = np.array(indices, dtype=np.intp).reshape(shape) if shape else np.intp(indices[0])
        return written(name, result, out)

    return call


def _guard_extreme(row: list[Any], index: int, *, is_largest: bool) -> None:
    """Report to the tracer which is the first extreme number, or that there is a NaN."""
    best = row[index]
    for i, x in enumerate(row):
        if _is_nan(x):
            le(x, x)  # reports to the tracer that it is NaN
            return
        if i != index and not _is_nan(best):
            one, two = (x, best) if is_largest else (best, x)
            (lt if i < index else le)(one, two)


implements(np.argmax)(_extreme("argmax"))
implements(np.argmin)(_extreme("argmin"))


def _quantile_of(row: list[Any], q: float) -> Any:
    """Return a quantile of a sorted row, by linear interpolation; NaN if there is a NaN."""
    if _is_nan(row[-1]):
        return row[-1]
    position = q * (len(row) - 1)
    below = min(int(position), len(row) - 1)
    above = min(below + 1, len(row) - 1)
    fraction = position - below
    if fraction == 0 or below == above:
        return row[below]
    step = row[above] - row[below]
    if fraction >= 0.5:
        return row[above] - step * (1 - fraction)
    return row[below] + step * fraction


@implements(np.quantile)
def _quantile(
    a: Any, q: Any, axis: Any = None, out: Any = None, *, method: str = "linear",
    keepdims: bool = False, **more: Any,
) -> Any:  # fmt: skip
    if method != "linear" or any(x is not None and x is not False for x in more.values()):
        raise TypeError("np.quantile: Values are taken with method='linear' alone")
    wanted = np.asarray(q)
    if wanted.dtype == object:
        raise TypeError("np.quantile: got q with Values; the order of a quantile is a plain number")
    if ((wanted < 0) | (wanted > 1) | np.isnan(wanted)).any():
        raise ValueError("np.quantile: q lies between 0 and 1")
    lists, shape, kept = rows(a, axis)
    ordered = [_sorted_row(row) for row in lists]
    items = [_quantile_of(row, p) for p in wanted.ravel().tolist() for row in ordered]
    return written("quantile", of_list(items, (*wanted.shape, *(kept if keepdims else shape))), out)


@implements(np.percentile)
def _percentile(a: Any, q: Any, *args: Any, **named: Any) -> Any:
    return _quantile(a, np.asarray(q) / 100, *args, **named)


@implements(np.median)
def _median(
    a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: bool = False
) -> Any:
    del overwrite_input
    lists, shape, kept = rows(a, axis)
    items = [_middle(_sorted_row(row)) for row in lists]
    return written("median", of_list(items, kept if keepdims else shape), out)


def _middle(row: list[Any]) -> Any:
    if not row:
        raise ValueError("np.median: got an empty array")
    if _is_nan(row[-1]):
        return row[-1]
    half = len(row) // 2
    return row[half] if len(row) % 2 else (row[half - 1] + row[half]) / 2.0


@implements(np.take_along_axis)
def _take_along_axis(arr: Any, indices: Any, axis: Any = -1) -> Any:
    return wrapped(np.take_along_axis(array_of_objects(arr), np.asarray(indices), axis))
