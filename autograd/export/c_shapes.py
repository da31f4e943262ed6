"""Shapes, strides and indices of C's arrays, and how they are broadcast."""

from collections.abc import Sequence
from math import prod
from typing import Any

Index = tuple[str, ...]


def rows(shape: Sequence[int]) -> tuple[int, ...]:
    """Return the strides of an array that is stored row after row.

    >>> rows((2, 3, 4))
    (12, 4, 1)
    """
    return tuple(prod(shape[i + 1 :]) for i in range(len(shape)))


def broadcast(shapes: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """Return the shape that arrays have together."""
    ndim = max(map(len, shapes))
    full = [(1,) * (ndim - len(shape)) + shape for shape in shapes]
    return tuple(max(sizes) if 0 not in sizes else 0 for sizes in zip(*full, strict=True))


def own(shape: tuple[int, ...], index: Index) -> Index:
    """Return the index into an array that is broadcast."""
    last = index[len(index) - len(shape) :] if shape else ()
    return tuple("0" if size == 1 else i for size, i in zip(shape, last, strict=True))


def cut(
    sizes: Sequence[int], start: int, steps: Sequence[int], keys: Sequence[Any]
) -> tuple[tuple[int, ...], int, tuple[int, ...]]:
    """Return the shape, the start and the strides of slices and positions of a stored array.

    >>> cut((4, 3), 0, (3, 1), (slice(1, None), 2))
    ((3,), 5, (3,))
    """
    shape, strides, axis = [], [], 0
    for k in keys:
        if k is None:
            shape.append(1)
            strides.append(0)
            continue
        size, stride = sizes[axis], steps[axis]
        axis += 1
        if isinstance(k, int):
            start += k % size * stride
            continue
        first, last, step = k.indices(size)
        start += first * stride
        shape.append(len(range(first, last, step)))
        strides.append(step * stride)
    return tuple(shape), start, tuple(strides)
