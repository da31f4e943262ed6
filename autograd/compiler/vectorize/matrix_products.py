"""Find the shape of a group: a grid of left rows and right rows, blocks of grids, or a list.

In a group of sums of products, each node has a row of left factors and a row of right factors.
Where the pairs that occur fill a grid, the group is a matrix product.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autograd.compiler.layout.views import PADDING, Ids

FEWEST = 12  # nodes: fewer are listed
FULL_ENOUGH = 0.45  # of a grid: computing the rest as well costs less than reading rows one by one


@dataclass(frozen=True)
class Layout:
    """Where the nodes of a group stand: a shape, and each place's node number, or PADDING."""

    members: Ids

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the group's shape."""
        return self.members.shape


Row = tuple[int, ...]


def grid(left: Sequence[Row], right: Sequence[Row], *, keep_row: bool = False) -> Layout | None:
    """Lay nodes out by their left and right rows; None where that does not make a grid.

    Axes of length 1 are dropped; ``keep_row`` keeps that of a single left row, as a matrix of one
    row times a matrix is a matrix of one row.

    >>> grid([(1,), (1,), (2,), (2,)], [(5,), (6,), (5,), (6,)]).members
    array([[0, 1],
           [2, 3]])
    """
    rows, columns = _numbered(left), _numbered(right)
    p, q = max(rows) + 1, max(columns) + 1
    count = len(rows)
    if len(set(zip(rows, columns, strict=True))) < count:
        return None
    if count == p * q and keep_row and p == 1:
        members = _filled((p, q), [rows, columns])
        return Layout(members if q > 1 else members[:, 0])
    blocks = None if count == p * q else _components(rows, columns, p)
    if blocks is None:
        return _fitting((p, q), [rows, columns])
    height = _ranks(rows, blocks)
    width = _ranks(columns, blocks)
    return _fitting((max(blocks) + 1, max(height) + 1, max(width) + 1), [blocks, height, width])


def _fitting(shape: tuple[int, ...], index: list[list[int]]) -> Layout | None:
    """Lay nodes out in a shape that they fill, or fill well enough."""
    count, size = len(index[0]), int(np.prod(shape))
    if count < size and (count < FULL_ENOUGH * size or count < FEWEST):
        return None
    return Layout(_trimmed(_filled(shape, index)))


def _numbered(rows: Sequence[Row]) -> list[int]:
    number: dict[Row, int] = {}
    return [number.setdefault(row, len(number)) for row in rows]


def _filled(shape: tuple[int, ...], index: list[list[int]]) -> Ids:
    members = np.full(shape, PADDING, dtype=np.int64)
    members[tuple(index)] = np.arange(len(index[0]))
    return members


def _trimmed(members: Ids) -> Ids:
    """Drop axes of length 1."""
    return members.reshape([n for n in members.shape if n > 1])


def _components(rows: list[int], columns: list[int], p: int) -> list[int] | None:
    """Give the connected blocks of a sparse grid numbers, in order of appearance."""
    parent = list(range(p + max(columns) + 1))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, j in zip(rows, columns, strict=True):
        a, b = root(i), root(p + j)
        if a != b:
            parent[max(a, b)] = min(a, b)
    number: dict[int, int] = {}
    blocks = [number.setdefault(root(i), len(number)) for i in rows]
    return blocks if len(number) > 1 else None


def _ranks(rows: list[int], blocks: list[int]) -> list[int]:
    """Give the rows numbers within their block."""
    seen: dict[int, dict[int, int]] = {}
    ranks = []
    for row, block in zip(rows, blocks, strict=True):
        own = seen.setdefault(block, {})
        ranks.append(own.setdefault(row, len(own)))
    return ranks


def inherited(places: Ids, shape: tuple[int, ...], valid: Ids) -> Layout | None:
    """Lay nodes out as the array that they read, one place each; None where they overlap.

    ``places`` are flat places in an array of a shape, of which ``valid`` are in use.
    """
    if len(np.unique(places)) < len(places):
        return None
    size = int(np.prod(shape))
    enough = len(places) >= FULL_ENOUGH * max(len(valid), size)
    if len(places) == size or (enough and len(places) >= FEWEST):
        members = np.full(size, PADDING, dtype=np.int64)
        members[places] = np.arange(len(places))
        return Layout(members.reshape(shape))
    return Layout(_trimmed(np.argsort(places).astype(np.int64)))


def completed(xs: list[list[int]], ys: list[list[int]] | None) -> tuple[Ids, Ids | None]:
    """Make rows of different lengths equal: HOLEs on the left, the longest like row on the right.

    >>> completed([[1], [2, 3]], [[7], [7, 8]])
    (array([[ 1, -1],
           [ 2,  3]]), array([[7, 8],
           [7, 8]]))
    """
    width = max(map(len, xs))
    if all(len(row) == width for row in xs):
        return np.array(xs), None if ys is None else np.array(ys)
    left = np.full((len(xs), width), PADDING, dtype=np.int64)
    for i, row in enumerate(xs):
        left[i, : len(row)] = row
    if ys is None:
        return left, None
    lengths = sorted({len(row) for row in ys})
    longest: dict[Row, list[int]] = {}
    for row in sorted(ys, key=len, reverse=True):
        for length in lengths:
            if length <= len(row):
                longest.setdefault(tuple(row[:length]), row)
    right = np.full((len(xs), width), PADDING, dtype=np.int64)
    for i, row in enumerate(ys):
        whole = longest[tuple(row)]
        right[i, : len(whole)] = whole
    return left, right
