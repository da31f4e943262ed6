"""Norms of vectors and matrices; those that need singular values have no derivative here."""

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd.arrays.reductions import largest, reduce, smallest, total
from autograd.functions import nary
from autograd.table.ufuncs import implements
from autograd.value_array import ValueArray


@implements(np.linalg.norm)
def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    x = ValueArray(x)
    if ord is None or (ord == "fro" and (x.ndim == 2 or axis is not None)):
        return reduce("linalg.norm", nary.norm, x, axis, keepdims=keepdims)
    axes = normalize_axis_tuple(range(x.ndim) if axis is None else axis, x.ndim)
    if len(axes) == 1:
        return _vector_norm(x, ord, axes[0], keepdims)
    if len(axes) == 2 and ord in (1, -1, np.inf, -np.inf):
        inner, outer = axes if abs(ord) == 1 else axes[::-1]
        sums = total(abs(x), inner, keepdims=True)
        return (largest if ord > 0 else smallest)(sums, (inner, outer), keepdims=keepdims)
    raise TypeError(f"np.linalg.norm: ord={ord!r} of shape {x.shape} has no derivative here")


def _vector_norm(x: Any, ord: Any, axis: int, keepdims: bool) -> Any:
    if ord == 2:
        return reduce("linalg.norm", nary.norm, x, axis, keepdims=keepdims)
    if ord in (np.inf, -np.inf):
        return (largest if ord > 0 else smallest)(abs(x), axis, keepdims=keepdims)
    if isinstance(ord, str) or ord == 0:
        raise TypeError(f"np.linalg.norm: ord={ord!r} has no derivative here")
    if ord == 1:
        return total(abs(x), axis, keepdims=keepdims)
    return total(abs(x) ** ord, axis, keepdims=keepdims) ** (1.0 / ord)


@implements(np.linalg.vector_norm)
def _norm_of_all(
    x: Any,
    /,
    *,
    axis: Any = None,
    keepdims: bool = False,
    ord: Any = 2,
) -> Any:
    x = ValueArray(x)
    if axis is None and not keepdims:
        return _vector_norm(x.ravel(), ord, 0, False)
    return _norm(x, ord, axis, keepdims)
