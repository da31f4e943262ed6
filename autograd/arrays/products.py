"""Products of vectors and matrices: one `dot` node per element of the result."""

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd import functions
from autograd.functions.install import FUNCTIONS
from autograd.rules.numpy_dispatch import answer_to, implements, written
from autograd.value_array import Objects, ValueArray, array_of_objects, of_list

multiply = FUNCTIONS["mul"]


def contracted(left: Objects, right: Objects) -> Any:
    """Return the dot products of all rows of one array with all rows of the other.

    Rows are along the last axis; the result has the other axes of both.
    """
    if left.shape[-1] != right.shape[-1]:
        raise ValueError(
            f"shapes {left.shape} and {right.shape}: {left.shape[-1]} numbers meet "
            f"{right.shape[-1]}; give as many on both sides"
        )
    count = left.shape[-1]
    ones, others = (
        a.reshape(a.size // count if count else _rows(a), count).tolist() for a in (left, right)
    )
    items = [functions.dot(one, other) for one in ones for other in others]
    return of_list(items, (*left.shape[:-1], *right.shape[:-1]))


def _rows(a: Objects) -> int:
    return int(np.prod(a.shape[:-1], dtype=int))


@implements(np.dot)
def _dot(a: Any, b: Any, out: Any = None) -> Any:
    one, two = array_of_objects(a), array_of_objects(b)
    if not one.ndim or not two.ndim:
        return written("dot", multiply(ValueArray(one), ValueArray(two)), out)
    return written("dot", contracted(one, two if two.ndim == 1 else two.swapaxes(-1, -2)), out)


@implements(np.inner)
def _inner(a: Any, b: Any) -> Any:
    one, two = array_of_objects(a), array_of_objects(b)
    if not one.ndim or not two.ndim:
        return multiply(ValueArray(one), ValueArray(two))
    return contracted(one, two)


@implements(np.vdot)
def _vdot(a: Any, b: Any) -> Any:
    return contracted(array_of_objects(a).ravel(), array_of_objects(b).ravel())


@implements(np.outer, np.linalg.outer)
def _outer(a: Any, b: Any, out: Any = None) -> Any:
    one, two = array_of_objects(a).ravel(), array_of_objects(b).ravel()
    return written("outer", multiply(ValueArray(one[:, None]), ValueArray(two)), out)


def _matmul(a: Any, b: Any) -> Any:
    one, two = array_of_objects(a), array_of_objects(b)
    if not one.ndim or not two.ndim:
        raise TypeError("np.matmul has no derivative here for a single number: use *, or np.dot")
    if one.ndim <= 2 and two.ndim <= 2:
        return _dot(one, two)
    left = one[None, :] if one.ndim == 1 else one
    right = two[:, None] if two.ndim == 1 else two
    batch = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    left = np.broadcast_to(left, (*batch, *left.shape[-2:]))
    right = np.broadcast_to(right, (*batch, *right.shape[-2:])).swapaxes(-1, -2)
    result = np.empty((*batch, left.shape[-2], right.shape[-2]), dtype=object)
    for index in np.ndindex(*batch):
        result[index] = contracted(left[index], right[index])
    result = result[..., 0, :] if one.ndim == 1 else result
    return (result[..., 0] if two.ndim == 1 else result).view(ValueArray)


answer_to("matmul", _matmul)
implements(np.linalg.matmul)(_matmul)


def _vecdot(a: Any, b: Any) -> Any:
    one, two = (ValueArray(x) for x in (a, b))
    return _matmul(one[..., None, :], two[..., :, None])[..., 0, 0]


answer_to("vecdot", _vecdot)
answer_to("matvec", lambda a, b: _matmul(a, ValueArray(b)[..., None])[..., 0])
answer_to("vecmat", lambda a, b: _matmul(ValueArray(a)[..., None, :], b)[..., 0, :])
implements(np.linalg.vecdot)(
    lambda a, b, /, *, axis=-1: _vecdot(*[np.moveaxis(ValueArray(x), axis, -1) for x in (a, b)])
)


@implements(np.tensordot, np.linalg.tensordot)
def _tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    one, two = array_of_objects(a), array_of_objects(b)
    if isinstance(axes, int):
        axes = (range(one.ndim - axes, one.ndim), range(axes))
    ours, theirs = (
        normalize_axis_tuple(axis, array.ndim) for axis, array in zip(axes, (one, two), strict=True)
    )
    if [one.shape[i] for i in ours] != [two.shape[i] for i in theirs]:
        raise ValueError(
            f"np.tensordot: axes {axes} of shapes {one.shape} and {two.shape} differ in length"
        )
    sides = []
    for array, summed in ((one, ours), (two, theirs)):
        rest = [i for i in range(array.ndim) if i not in summed]
        shape = [array.shape[i] for i in rest]
        sides.append(array.transpose(*rest, *summed).reshape(*shape, -1))
    return contracted(*sides)


@implements(np.kron)
def _kron(a: Any, b: Any) -> Any:
    one, two = array_of_objects(a), array_of_objects(b)
    ndim = max(one.ndim, two.ndim)
    one, two = (x.reshape((1,) * (ndim - x.ndim) + x.shape) for x in (one, two))
    left = one.reshape([n for size in one.shape for n in (size, 1)])
    right = two.reshape([n for size in two.shape for n in (1, size)])
    shape = [m * n for m, n in zip(one.shape, two.shape, strict=True)]
    return multiply(ValueArray(left), ValueArray(right)).reshape(shape)


@implements(np.einsum)
def _einsum(subscripts: Any, *operands: Any, out: Any = None, optimize: Any = False) -> Any:
    del optimize  # affects only speed
    if not isinstance(subscripts, str) or "." in subscripts:
        raise TypeError(
            'np.einsum takes subscripts such as "ij,jk->ik" with Values, without an ellipsis'
        )
    before, arrow, after = subscripts.replace(" ", "").partition("->")
    inputs = before.split(",")
    arrays = [array_of_objects(x) for x in operands]
    if [len(labels) for labels in inputs] != [array.ndim for array in arrays]:
        raise ValueError(f"np.einsum: {subscripts!r} does not fit the operands' axes")
    if not arrow:
        after = "".join(sorted(x for x in set(before) - {","} if before.count(x) == 1))
    sizes: dict[str, int] = {}
    for labels, array in zip(inputs, arrays, strict=True):
        for label, size in zip(labels, array.shape, strict=True):
            if sizes.setdefault(label, size) != size:
                raise ValueError(
                    f"np.einsum: axes {label!r} have {sizes[label]} and {size} numbers"
                )
    summed = [label for label in sizes if label not in after]
    order = [*after, *summed]
    grid = dict(zip(order, np.ix_(*[range(sizes[label]) for label in order]), strict=True))
    shape = tuple(sizes[label] for label in order)
    whole = [
        np.broadcast_to(array[tuple(grid[label] for label in labels)], shape)
        for labels, array in zip(inputs, arrays, strict=True)
    ]
    return written("einsum", _sum_of_products(whole, shape[: len(after)]), out)


def _sum_of_products(factors: list[Objects], shape: tuple[int, ...]) -> Any:
    """Multiply factors of the same shape, and sum over the axes that follow those of the result."""
    *most, last = factors
    left = most[0].view(ValueArray) if most else None
    for factor in most[1:]:
        left = left * factor.view(ValueArray)
    count = int(np.prod(shape, dtype=int))
    rows = last.reshape(count, -1).tolist()
    if left is None:
        items = [row[0] if len(row) == 1 else functions.sum(row) for row in rows]
    elif last.ndim == len(shape):
        return left * last.view(ValueArray)
    else:
        items = list(map(functions.dot, left.reshape(count, -1).tolist(), rows))
    return of_list(items, shape)


@implements(np.cross, np.linalg.cross)
def _cross(a: Any, b: Any, axis: int = -1) -> Any:
    a, b = (np.moveaxis(ValueArray(x), axis, -1) for x in (a, b))
    if a.shape[-1] != 3 or b.shape[-1] != 3:
        raise ValueError("np.cross: give vectors of three numbers")
    (i, j, k), (u, v, w) = ([x[..., n] for n in range(3)] for x in (a, b))
    return np.stack([j * w - k * v, k * u - i * w, i * v - j * u], axis=axis)


def _ufunc_outer(name: str) -> Any:
    def call(a: Any, b: Any, **options: Any) -> Any:
        one, two = array_of_objects(a), array_of_objects(b)
        one = one.reshape(one.shape + (1,) * two.ndim)
        return getattr(np, name)(ValueArray(one), ValueArray(two), **options)

    return call


for _name in (
    "add",
    "subtract",
    "multiply",
    "divide",
    "power",
    "maximum",
    "minimum",
    "hypot",
    "arctan2",
):
    answer_to(f"{_name}.outer", _ufunc_outer(_name))
for _name in ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal"):
    answer_to(f"{_name}.outer", _ufunc_outer(_name))
