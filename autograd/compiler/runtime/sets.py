"""Distinct numbers. `numpy.unique` would import `numpy.ma`, which takes 10 ms of a first call."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def distinct(numbers: ArrayLike) -> NDArray[Any]:
    """Return the distinct numbers of an array, in order.

    >>> distinct([3, 1, 3])
    array([1, 3])
    """
    row = np.ravel(numbers)
    ordered = np.sort(row[_starts(row)])
    return ordered[_starts(ordered)]


def first_places(numbers: ArrayLike) -> NDArray[np.intp]:
    """Return where each distinct number, in order, comes first.

    >>> first_places([3, 1, 3])
    array([1, 0])
    """
    row = np.ravel(numbers)
    starts = np.flatnonzero(_starts(row))
    order = starts[np.argsort(row[starts], kind="stable")]
    return order[_starts(row[order])]


def are_distinct(nodes: NDArray[np.integer], scratch: NDArray[np.integer]) -> bool:
    """Whether no node comes twice, told without sorting them.

    ``scratch`` has a place for each node, which is overwritten.

    >>> scratch = np.zeros(3, np.int32)
    >>> are_distinct(np.array([2, 0]), scratch), are_distinct(np.array([2, 2]), scratch)
    (True, False)
    """
    places = np.arange(len(nodes), dtype=scratch.dtype)
    scratch[nodes] = places
    return bool((scratch[nodes] == places).all())


def _starts(row: NDArray[Any]) -> NDArray[np.bool_]:
    """Mark where a number begins that is not the one before: only one of a run is to be sorted."""
    starts = np.ones(len(row), np.bool_)
    starts[1:] = row[1:] != row[:-1]
    return starts
