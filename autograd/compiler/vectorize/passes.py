"""The passes in use: compiled, over arrays, where there is a kernel; else Python, over lists."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autograd.kernels.selection import kernel, missing

TEXT = Path(__file__).with_name("scalar_passes.py")
COMPILED = kernel == "native" and not missing("autograd.kernels.cython._passes", text=TEXT)

if TYPE_CHECKING or not COMPILED:
    from autograd.compiler.vectorize import scalar_passes as passes
else:
    from autograd.kernels.cython import _passes as passes

__all__ = ["COMPILED", "filled", "given", "passes"]

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
