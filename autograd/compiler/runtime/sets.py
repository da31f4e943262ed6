"""Distinct numbers. `numpy.unique` would import `numpy.ma`, which takes 10 ms of a first call."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def distinct(numbers: ArrayLike) -> NDArray[Any]:
    """Return the distinct numbers of an array, in order.

    >>> distinct([3, 1, 3])
    array([1, 3])
    """
    ordered = np.sort(numbers, axis=None)
    return ordered[_starts(ordered)]


def first_places(numbers: ArrayLike) -> NDArray[np.intp]:
    """Return where each distinct number, in order, comes first.

    >>> first_places([3, 1, 3])
    array([1, 0])
    """
    order = np.argsort(numbers, axis=None, kind="stable")
    return order[_starts(np.ravel(numbers)[order])]


def _starts(ordered: NDArray[Any]) -> NDArray[np.bool_]:
    starts = np.ones(len(ordered), np.bool_)
    starts[1:] = ordered[1:] != ordered[:-1]
    return starts
