"""Where the numbers of a blocked program are: buffers, and operands, which are strided views.

Places and strides count doubles. How many samples S a block has is known when the program is run:
the integer ``a + b * SAMPLES`` stands for ``a + b * S``, and a place in the rows of a block has the
mark `ROWS` besides.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.ir.array_ir import SAMPLES as SAMPLE_AXIS
from autograd.compiler.ir.array_ir import Dim, Shape, full_parts

SAMPLES = 1 << 40
ROWS = 1 << 62
ALIGNED = 8  # doubles, a cache line
BEFORE, BLOCK, AFTER = 0, 1, 2  # when a number is known: before any block, in each, after the last


class UnsupportedError(Exception):
    """A program that the blocked executor does not run."""


@dataclass(eq=False)
class Buffer:
    """Numbers that are computed together; ``holds`` counts who still reads them.

    ``size`` counts doubles of a shared buffer, rows of a batched one.
    """

    offset: int
    size: int
    phase: int
    batched: bool
    holds: int = 1


@dataclass(frozen=True, eq=False)
class Operand:
    """A view of a buffer: a place, a shape, and a stride for each axis."""

    buffer: Buffer
    offset: int
    shape: Shape
    strides: tuple[int, ...]

    @property
    def phase(self) -> int:
        """When its numbers are known."""
        return self.buffer.phase


def extent(size: Dim) -> int:
    """Return the length of an axis."""
    return SAMPLES if isinstance(size, str) else size


def is_batched(shape: Shape) -> bool:
    """Whether a shape has samples."""
    return SAMPLE_AXIS in shape


def known(shape: Shape) -> tuple[int, ...]:
    """Return the axes of a shape but for that of the samples.

    >>> known((2, "n"))
    (2,)
    """
    return tuple([size for size in shape if isinstance(size, int)])


def row_strides(shape: Shape) -> tuple[int, ...]:
    """Return the strides of a new array: the samples are next to each other.

    >>> row_strides((2, 3)), row_strides((2, 3, "n")) == (3 * SAMPLES, SAMPLES, 1)
    ((3, 1), True)
    """
    step = SAMPLES if is_batched(shape) else 1
    strides = []
    for size in reversed(shape):
        strides.append(1 if isinstance(size, str) else step)
        step *= 1 if isinstance(size, str) else size
    return tuple(reversed(strides))


def broadcast(x: Operand, shape: Shape) -> tuple[int, ...]:
    """Return the strides with which an operand meets arrays of a shape."""
    missing = len(shape) - len(x.shape)
    own = [0 if size == 1 else stride for size, stride in zip(x.shape, x.strides, strict=True)]
    return (*[0] * missing, *own)


def collapsed(
    extents: Sequence[int], strides: Sequence[Sequence[int]]
) -> tuple[list[int], list[list[int]]]:
    """Join axes that each operand goes through as through one.

    >>> collapsed([2, 1, 3], [[3, 0, 1], [3, 5, 1]]), collapsed([2, 3], [[3, 1], [0, 1]])
    (([6], [[1], [1]]), ([2, 3], [[3, 1], [0, 1]]))
    """
    lengths: list[int] = []
    steps: list[list[int]] = [[] for _ in strides]
    for axis, length in enumerate(extents):
        if length == 1:
            continue
        own = [stride[axis] for stride in strides]
        joined = lengths and all(
            step[-1] == stride * length for step, stride in zip(steps, own, strict=True)
        )
        if joined:
            lengths[-1] *= length
            for step, stride in zip(steps, own, strict=True):
                step[-1] = stride
        else:
            lengths.append(length)
            for step, stride in zip(steps, own, strict=True):
                step.append(stride)
    return lengths, steps


def offsets(extents: Iterable[int], strides: Iterable[int]) -> list[int]:
    """Return the offsets of all points of some axes, in order.

    >>> offsets([2, 2], [10, 1])
    [0, 1, 10, 11]
    """
    axes = [[i * s for i in range(n)] for n, s in zip(extents, strides, strict=True)]
    return [sum(point) for point in product(*axes)]


def viewed(x: Operand, primitive: str, attribute: Any) -> Operand | None:
    """Return a view of an operand; None where its numbers must be copied first."""
    if primitive == "transpose":
        return _of(x, x.offset, [(x.shape[i], x.strides[i]) for i in attribute])
    if primitive == "broadcast_to":
        return Operand(x.buffer, x.offset, attribute, broadcast(x, attribute))
    if primitive == "repeat_samples":
        return Operand(x.buffer, x.offset, (*x.shape, SAMPLE_AXIS), (*x.strides, 0))
    if primitive == "index":
        return _indexed(x, attribute)
    if not is_contiguous(x):
        return None
    return Operand(x.buffer, x.offset, attribute, row_strides(attribute))


def _of(x: Operand, offset: int, axes: Sequence[tuple[Dim, int]]) -> Operand:
    return Operand(x.buffer, offset, tuple([n for n, _ in axes]), tuple([s for _, s in axes]))


def _indexed(x: Operand, parts: Sequence[Any]) -> Operand:
    own = iter(zip(x.shape, x.strides, strict=True))
    offset = x.offset
    axes: list[tuple[Dim, int]] = []
    for part in full_parts(parts, len(x.shape)):
        if part is None:
            axes.append((1, 0))
            continue
        size, stride = next(own)
        if isinstance(part, slice):
            start = part.start or 0
            offset += start * stride
            length = size if part.stop is None else part.stop - start
            axes.append((length, stride))
        else:
            offset += part * stride
    return _of(x, offset, axes)


def is_contiguous(x: Operand) -> bool:
    """Whether an operand's numbers lie as in a new array, samples last."""
    if is_batched(x.shape[:-1]):
        return False
    rows = zip(x.shape, x.strides, row_strides(x.shape), strict=True)
    return all(size == 1 or stride == new for size, stride, new in rows)


def settled(code: NDArray[np.int64], samples: int, size: int) -> NDArray[np.int64]:
    """Return records for blocks of so many samples, whose rows come after the shared numbers."""
    rows = code >= ROWS
    code = np.where(rows, code - ROWS + size, code)
    return code % SAMPLES + code // SAMPLES * samples


def rounded(size: int) -> int:
    """Return a size in whole cache lines."""
    return -(-size // ALIGNED) * ALIGNED


def room(shape: Shape) -> int:
    """Return the doubles of a shared array, or the rows of a batched one."""
    return prod(known(shape)) if is_batched(shape) else rounded(prod(known(shape)))
