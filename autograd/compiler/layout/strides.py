"""Recognise strided access: places in an array as nested counting, and its axes split to suit."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]


def without_holes(places: Ids, valid: NDArray[np.bool_]) -> Ids | None:
    """Guess the places of holes from what each axis adds; None where that does not hold."""
    base = places.reshape(-1)[int(np.argmax(valid))]
    total = np.full(places.shape, int(base), dtype=np.int64)
    first = np.unravel_index(int(np.argmax(valid)), places.shape)
    for axis in range(places.ndim):
        here = np.moveaxis(places, axis, 0).reshape(places.shape[axis], -1)
        known = np.moveaxis(valid, axis, 0).reshape(places.shape[axis], -1)
        at = first[axis]
        both = known & known[at]
        if not both.any(axis=1).all():
            return None
        column = both.argmax(axis=1)
        adds = here[np.arange(len(here)), column] - here[at, column]
        shape = [1] * places.ndim
        shape[axis] = -1
        total = total + adds.reshape(shape)
    return total if np.array_equal(total[valid], places[valid]) else None


def along(axis: int, ndim: int) -> tuple[Any, ...]:
    """Select one axis, at the first place of every other."""
    return tuple(slice(None) if i == axis else 0 for i in range(ndim))


def digits(line: Ids) -> list[tuple[int, int]] | None:
    """Write a line of offsets as nested counting: (extent, stride) pairs, the slowest first.

    >>> digits(np.array([0, 1, 10, 11, 20, 21]))
    [(3, 10), (2, 1)]
    """
    count = len(line)
    if count == 1:
        return []
    stride = int(line[1])
    breaks = np.flatnonzero(line != np.arange(count) * stride)
    if not len(breaks):
        return [(count, stride)]
    run = int(breaks[0])
    if count % run or not np.array_equal(line, (line[::run, None] + line[:run]).reshape(-1)):
        return None
    outer = digits(line[::run])
    return None if outer is None else [*outer, (run, stride)]


def rebuilt(places: Ids, digits: Sequence[tuple[int, int]]) -> Ids:
    """Write the places of nested counting, from the first one on."""
    total = np.array([int(places.flat[0])])
    for extent, stride in digits:
        total = (total[:, None] + np.arange(extent) * stride).reshape(-1)
    return total


def split_axes(
    size: int, shape: tuple[int, ...], digits: list[tuple[int, int]]
) -> tuple[list[int], list[int]] | None:
    """Split an array's axes so that each digit is one of them; say which digit is which axis.

    None where that is not possible.
    """
    strides = sorted((stride for _, stride in digits), reverse=True)
    if any(s <= 0 for s in strides) or len(set(strides)) < len(strides):
        return None
    own = [int(np.prod(shape[i + 1 :])) for i in range(len(shape))]
    cuts = sorted({*strides, *(o for o in own if _fits(o, strides, size)), 1}, reverse=True)
    if cuts[0] == size and size > 1:
        cuts = cuts[1:]
    radices = []
    above = size
    for cut in cuts:
        if above % cut:
            return None
        radices.append(above // cut)
        above = cut
    if 1 in radices and len(radices) > 1:
        kept = [(r, c) for r, c in zip(radices, cuts, strict=True) if r > 1 or c in strides]
        radices, cuts = [r for r, _ in kept], [c for _, c in kept]
    order = [cuts.index(stride) for _, stride in digits]
    for (extent, _), i in zip(digits, order, strict=True):
        if extent > radices[i]:
            return None
    return radices, order


def _fits(own: int, strides: list[int], size: int) -> bool:
    """Whether an array's own axis can stay: the digits' strides nest with it."""
    return 0 < own < size and all(s % own == 0 or own % s == 0 for s in strides)
