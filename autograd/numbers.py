"""Turn what a user gives into the float and the label that a node stores, or say why not."""

from typing import Any

import numpy as np

from autograd.errors import shown

ALLOWED = "one int, float, bool, or a real NumPy scalar or 0-d array"


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
        raise TypeError(f"{where}: got {shown(thing)}; allowed: {allowed}")
    return number


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
    ):
        return float(thing)
    return None


def checked_label(label: Any) -> str:
    """Return the label; TypeError for what is no str."""
    if not isinstance(label, str):
        raise TypeError(f"label: got {shown(label)}; allowed are a str and None")
    return label
