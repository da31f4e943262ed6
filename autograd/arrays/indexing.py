"""Indexing with Values, a gather at run time, and with booleans, which become guards in a trace."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.arrays.comparisons import decided
from autograd.arrays.selection import choose
from autograd.errors import shown
from autograd.functions import reductions
from autograd.rules.numpy_dispatch import implements
from autograd.value import Value
from autograd.value_array import BooleanArray, Objects, ValueArray, array_of_objects, of_list

_getitem, _setitem = np.ndarray.__getitem__, np.ndarray.__setitem__


@implements(_getitem)
def get(array: ValueArray, index: Any) -> Any:
    """Return ``array[index]`` for an index that contains Values, which NumPy refuses."""
    entries = _entries(index)
    if not any(map(_holds_values, entries)):
        return _getitem(array, tuple(entries))  # raises again, unless it had only masks
    kind = type(array)
    result = gathered(array.view(np.ndarray), entries)
    return result.view(kind) if isinstance(result, np.ndarray) else result


@implements(_setitem)
def set_item(array: ValueArray, index: Any, item: Any) -> None:
    """Assign ``array[index] = item`` for an index that NumPy refuses: booleans in a trace."""
    whole = isinstance(index, BooleanArray) and index.shape == array.shape
    if whole and not np.ndim(item):
        _setitem(array, ..., choose(index, item, array))  # one program for all outcomes
        return
    entries = _entries(index)
    if any(map(_holds_values, entries)):
        raise TypeError(
            f"got {shown(index)} with Values to set elements of {shown(array)}: a program cannot "
            "choose where it writes; build the array with np.where"
        )
    _setitem(array, tuple(entries), item)


def _entries(index: Any) -> list[Any]:
    """Return the parts of a subscript; booleans become bools and guards."""
    parts = index if isinstance(index, tuple) else (index,)
    return [decided(part) if isinstance(part, BooleanArray) else _as_array(part) for part in parts]


def _as_array(part: Any) -> Any:
    """Convert a list of indices, perhaps with Values, to an array."""
    if isinstance(part, (list, range)):
        array = np.asarray(part, dtype=object) if part else np.asarray(part, dtype=int)
        return array if _holds_values(array) else np.asarray(part)
    return part


def _holds_values(part: Any) -> bool:
    if isinstance(part, np.ndarray) and part.dtype == object:
        return any(type(x) is Value for x in part.ravel().tolist())
    return type(part) is Value


def gathered(array: Objects, entries: Sequence[Any]) -> Any:
    """Select, by the first part with Values, among the results for each possible index."""
    at = next((i for i, part in enumerate(entries) if _holds_values(part)), None)
    if at is None:
        return array[tuple(entries)]
    axis = _axis(array, entries, at)
    wanted = array_of_objects(entries[at])
    each = [
        gathered(array, [*entries[:at], _fill_index(wanted, k), *entries[at + 1 :]])
        for k in range(array.shape[axis])
    ]
    which = _sources(array.shape, axis, entries, at, wanted)
    shape = np.shape(which)
    flat = wanted.ravel().tolist()
    columns = [array_of_objects(x).ravel().tolist() for x in each]
    items = [
        reductions.take([column[i] for column in columns], flat[source])
        for i, source in enumerate(np.ravel(which).tolist())
    ]
    return of_list(items, shape, np.ndarray)


def _fill_index(wanted: Objects, k: int) -> Any:
    return np.full(wanted.shape, k) if wanted.ndim else k


def _axis(array: Objects, entries: Sequence[Any], at: int) -> int:
    """Return the axis that a part of a subscript indexes."""
    before = sum(_axes(part) for part in entries[:at])
    if any(part is Ellipsis for part in entries[:at]):
        before += array.ndim - sum(map(_axes, entries))
    if before >= array.ndim:
        raise IndexError(f"too many indices for {shown(array)}")
    return before


def _axes(part: Any) -> int:
    if part is None or part is Ellipsis:
        return 0
    is_mask = isinstance(part, np.ndarray) and part.dtype == bool
    return part.ndim if is_mask else 1


def _sources(
    shape: tuple[int, ...], axis: int, entries: Sequence[Any], at: int, wanted: Objects
) -> Any:
    """Return, for each element of the result, the position in the index array that selects it.

    The same subscript is applied to an array of these positions, with 0 for Values in other parts.
    """
    count = wanted.size
    long = (*shape[:axis], count, *shape[axis + 1 :])
    along = np.arange(count).reshape(-1, *[1] * (len(shape) - axis - 1))
    parts = [
        _fill_index(array_of_objects(part), 0) if _holds_values(part) else part for part in entries
    ]
    parts[at] = np.arange(count).reshape(wanted.shape) if wanted.ndim else 0
    return np.broadcast_to(along, long)[tuple(parts)]


@implements(np.take)
def _take(a: Any, indices: Any, axis: Any = None, out: Any = None, mode: str = "raise") -> Any:
    if out is not None or mode != "raise":
        raise TypeError("np.take: out= and mode= do not work with Values")
    array: Any = ValueArray(a)
    array, axis = (array.reshape(-1), 0) if axis is None else (array, axis)
    index = indices if isinstance(indices, (np.ndarray, Value)) else np.asarray(indices)
    return array[(*[slice(None)] * (axis % array.ndim), index)]


@implements(np.compress)
def _compress(condition: Any, a: Any, axis: Any = None, out: Any = None) -> Any:
    if out is not None:
        raise TypeError("np.compress: out= does not work with Values")
    array: Any = ValueArray(a)
    array, axis = (array.reshape(-1), 0) if axis is None else (array, axis)
    (places,) = np.nonzero(decided(condition))
    return array[(*[slice(None)] * (axis % array.ndim), places)]


@implements(np.extract)
def _extract(condition: Any, arr: Any) -> Any:
    return _compress(np.ravel(condition), np.ravel(arr))


@implements(np.nonzero)
def _nonzero(a: Any) -> Any:
    return np.nonzero(decided(a))


@implements(np.flatnonzero)
def _flatnonzero(a: Any) -> Any:
    return np.flatnonzero(decided(a))


@implements(np.argwhere)
def _argwhere(a: Any) -> Any:
    return np.argwhere(decided(a))
