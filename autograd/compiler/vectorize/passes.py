"""The passes in use: compiled, over arrays, where there is a kernel; else Python, over lists."""

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autograd.kernels.selection import kernel, missing

TEXT = Path(__file__).with_name("scalar_passes.py")
COMPILED = kernel == "native" and not missing("autograd.kernels.cython._passes", text=TEXT)

NAME = "autograd.kernels.cython._passes" if COMPILED else f"{__package__}.scalar_passes"
passes: Any = import_module(NAME)

Numbers = Any  # an array or a list, as the passes in use read and write it


def filled(count: int, dtype: str, fill: float = 0) -> Numbers:
    """Return numbers that a pass may write."""
    if not COMPILED:
        return [fill] * count
    return np.full(count, fill, dtype) if fill else np.zeros(count, dtype)  # takes a third as long


def given(numbers: ArrayLike, dtype: str) -> Numbers:
    """Return numbers that a pass reads."""
    array: NDArray[Any] = np.ascontiguousarray(numbers, dtype)
    return array if COMPILED else array.tolist()
