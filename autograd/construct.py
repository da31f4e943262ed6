"""Make many leaves at once."""

from typing import Any

import numpy as np

from autograd.value import Value


def values(numbers: Any, label: str | None = None) -> Any:
    """Return nested lists of leaves from nested lists or an array of numbers.

    ``label`` names them by position: ``w[0]``, ``w[1][2]``. Rows may differ in length.

    >>> values([[1, 2], [3, 4]], "w")[1][0]
    Value(3.0, label='w[1][0]')
    """
    if isinstance(numbers, (list, tuple)) or (isinstance(numbers, np.ndarray) and numbers.ndim):
        return [
            values(row, None if label is None else f"{label}[{i}]") for i, row in enumerate(numbers)
        ]
    return Value(numbers, label)
