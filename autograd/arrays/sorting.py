"""Order by number: sort, the place of an extreme, medians and quantiles.

NaN comes last, as in NumPy. While a function is traced, the order that was found is guarded: what
lies side by side is compared, and another order is another variant of the program.
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
    """Return the positions in the order of the numbers, ties as they stand."""
    found: list[int] = np.argsort(numbers(row), kind="stable").tolist() if row else []
    if tracing():
        on_sort(row)
        for i, j in pairwise(found):
            _guard(row[i], row[j], strict=i > j)
        if len(found) == 1 or (found and _is_nan(row[found[-1]])):
            for i in found:
                le(row[i], row[i])  # tells the tracer whether it is a NaN
    return found


def _guard(x: Any, y: Any, *, strict: bool) -> None:
    """Tell the tracer that x stands before y; a NaN is told by itself."""
    if not (_is_nan(x) or _is_nan(y)):
        (lt if strict else le)(x, y)


def _is_nan(x: Any) -> bool:
    number = x._data if type(x) is Value else x  # noqa: SLF001 - guarded by who asks
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
    own = getattr(np, name)

    def place(row: list[Any]) -> int:
        if not row:
            raise ValueError(f"np.{name}: got an empty array")
        found = int(own(numbers(row)))
        if tracing():
            on_sort(row)
            _guard_extreme(row, found, is_largest=name == "argmax")
        return found

    def call(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = NO_VALUE) -> Any:
        lists, shape, kept = rows(a, axis)
        shape = kept if keepdims is not NO_VALUE and keepdims else shape
        found = [place(row) for row in lists]
        result = np.array(found, dtype=np.intp).reshape(shape) if shape else np.intp(found[0])
        return written(name, result, out)

    return call


def _guard_extreme(row: list[Any], found: int, *, is_largest: bool) -> None:
    """Tell the tracer which is the first of the largest, or that there is a NaN."""
    best = row[found]
    for i, x in enumerate(row):
        if _is_nan(x):
            le(x, x)  # tells the tracer that it is a NaN
            return
        if i != found and not _is_nan(best):
            one, two = (x, best) if is_largest else (best, x)
            (lt if i < found else le)(one, two)


implements(np.argmax)(_extreme("argmax"))
implements(np.argmin)(_extreme("argmin"))


def _quantile_of(row: list[Any], q: float) -> Any:
    """Return the quantile of a sorted row: NumPy's linear one; NaN where there is a NaN."""
    if _is_nan(row[-1]):
        return row[-1]
    place = q * (len(row) - 1)
    below = min(int(place), len(row) - 1)
    above = min(below + 1, len(row) - 1)
    share = place - below
    if share == 0 or below == above:
        return row[below]
    step = row[above] - row[below]
    return row[above] - step * (1 - share) if share >= 0.5 else row[below] + step * share


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
