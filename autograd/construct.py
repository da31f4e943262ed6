"""Make many leaves at once."""

from typing import Any

import numpy as np

from autograd.value import Value


def values(numbers: Any, label: str | None = None) -> Any:
    """Return nested lists of leaves from nested lists or an array of numbers.

    ``label`` names them by position: ``w[0]``, ``w[1][2]``.

    >>> values([[1, 2], [3, 4]], "w")[1][0]
    Value(3.0, label='w[1][0]')
    """
    array = np.asarray(numbers, dtype=object)
    leaves = np.empty(array.shape, dtype=object)
    for index in np.ndindex(array.shape):
        place = "".join(f"[{i}]" for i in index)
        leaves[index] = Value(array[index], None if label is None else label + place)
    return leaves.tolist()
