"""Turn what a user gives into the float and the label that a node stores, or say why not."""

from numbers import Number
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.errors import shown

ALLOWED = "one int, float, bool, or a real NumPy scalar or 0-d array"
CONTAINERS = (list, tuple, dict, np.ndarray)
DEEPEST = 32  # levels of lists: as many as NumPy's arrays had axes for twenty years


def as_float(thing: Any, where: str, allowed: str = ALLOWED) -> float:
    """Return the float; TypeError for what is no real number, OverflowError for a huge int.

    >>> as_float(True, "Value"), as_float(np.float32(0.5), "Value")
    (1.0, 0.5)
    >>> as_float("abc", "Value")
    Traceback (most recent call last):
    TypeError: Value: got a str ('abc'); allowed: one int, float, bool, or a real NumPy scalar or
    0-d array
    """
    number = float_or_none(thing, where)
    if number is None:
        raise TypeError(f"{where}: got {shown(thing)}; allowed: {allowed}{_advice(thing, where)}")
    return number


def _advice(thing: Any, where: str) -> str:
    """Say what does what was probably meant."""
    several = isinstance(thing, (list, tuple)) or (isinstance(thing, np.ndarray) and thing.ndim)
    if where == "Value" and several:
        return "; autograd.values makes a Value of each number of a list"
    return "; zero_grad() resets a gradient" if where == "grad" and thing is None else ""


def float_or_none(thing: Any, where: str = "operand") -> float | None:
    """Return the float, or None for what is no real number."""
    if isinstance(thing, (float, int)):
        try:
            return float(thing)
        except OverflowError:
            raise OverflowError(
                f"{where}: got {shown(thing)}, beyond the largest float (1.8e308); scale it down"
            ) from None
    if (
        isinstance(thing, (np.generic, np.ndarray))
        and thing.ndim == 0
        and thing.dtype.kind in "biuf"
        and not isinstance(thing, np.ma.MaskedArray)
    ):
        return float(thing)
    return None


def comparable(thing: Any) -> Any:
    """Return what a float can be compared with, as itself or as a float; None for no number.

    >>> from fractions import Fraction
    >>> comparable(10**400) == 10**400, comparable(Fraction(1, 3)), comparable("1")
    (True, Fraction(1, 3), None)
    """
    if isinstance(thing, (float, int)):
        return thing  # ints of any size
    number = float_or_none(thing)
    return thing if number is None and isinstance(thing, Number) else number


def real_array(numbers: Any, where: str) -> NDArray[np.float64]:
    """Return an array of floats; TypeError for what is none, complex numbers included.

    >>> real_array([1, 2], "set_data")
    array([1., 2.])
    >>> real_array([1j], "set_data")
    Traceback (most recent call last):
    TypeError: set_data: got a list of 1; allowed are real numbers, in rows of one length
    """
    try:
        array = np.asarray(numbers)
        if array.dtype.kind == "O":  # Python's whole numbers of any size, among others
            array = np.array([as_float(x, where) for x in array.flat]).reshape(array.shape)
    except OverflowError:
        raise
    except (TypeError, ValueError) as error:
        raise _no_array(numbers, where) from error
    if array.dtype.kind not in "biuf" or isinstance(array, np.ma.MaskedArray):
        raise _no_array(numbers, where)
    with np.errstate(over="ignore"):  # a long double beyond all floats is inf
        return np.ascontiguousarray(array, dtype=float).reshape(array.shape)


def _no_array(numbers: Any, where: str) -> TypeError:
    return TypeError(
        f"{where}: got {shown(numbers)}; allowed are real numbers, in rows of one length"
    )


def checked_nesting(thing: Any, where: str) -> None:
    """Raise ValueError for lists nested deeper than arrays can be, or that hold themselves.

    The walk goes level by level and meets each container once, so that it ends, and does not
    recurse.

    >>> rows = [1.0]
    >>> rows.append(rows)
    >>> checked_nesting(rows, "values")
    Traceback (most recent call last):
    ValueError: values: got a list of 2, nested more than 32 levels deep or holding itself; give
    numbers in 32 levels of lists at most
    """
    level = [thing]
    for _ in range(DEEPEST):
        level = list({id(inner): inner for item in level for inner in _containers(item)}.values())
        if not level:
            return
    raise ValueError(
        f"{where}: got {shown(thing)}, nested more than {DEEPEST} levels deep or holding itself; "
        f"give numbers in {DEEPEST} levels of lists at most"
    )


def _containers(item: Any) -> list[Any]:
    """Return the containers among the items of one; the types tell at once where there are none."""
    if isinstance(item, np.ndarray):
        items = item.ravel().tolist() if item.dtype.kind == "O" else []
    else:
        items = list(item.values() if isinstance(item, dict) else item)
    if not any(issubclass(kind, CONTAINERS) for kind in set(map(type, items))):
        return []
    return [inner for inner in items if isinstance(inner, CONTAINERS)]


def checked_label(label: Any) -> str:
    """Return the label as a plain str, as a `np.str_` is one; TypeError for what is none."""
    if not isinstance(label, str):
        raise TypeError(f"label: got {shown(label)}; allowed are a str and None")
    return str.__str__(label)
