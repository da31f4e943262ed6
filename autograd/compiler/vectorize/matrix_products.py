"""Find the shape of a group: a grid of left rows and right rows, blocks of grids, or a list.

In a group of sums of products, each node has a row of left factors and a row of right factors.
Where the pairs that occur fill a grid, the group is a matrix product. A layout has each place's
node, by its number in the group, or PADDING.
"""

import numpy as np

from autograd.compiler.layout.views import PADDING, Ids
from autograd.compiler.runtime.sets import distinct, first_places
from autograd.compiler.vectorize.canonicalize import Ints
from autograd.compiler.vectorize.packs import Addends
from autograd.compiler.vectorize.passes import filled, given, passes
from autograd.compiler.vectorize.scalar_passes import NONE

FEWEST = 12  # nodes: fewer are listed
FULL_ENOUGH = 0.45  # of a grid: computing the rest as well costs less than reading rows one by one


def grid(left: Ids, right: Ids, *, keep_row: bool = False) -> Ids | None:
    """Lay nodes out by their left and right rows; None where that does not make a grid.

    Axes of length 1 are dropped; ``keep_row`` keeps that of a single left row, as a matrix of one
    row times a matrix is a matrix of one row.

    >>> grid(np.array([[1], [1], [2], [2]]), np.array([[5], [6], [5], [6]]))
    array([[0, 1],
           [2, 3]])
    """
    rows, columns = numbered(left), numbered(right)
    p, q = int(rows.max()) + 1, int(columns.max()) + 1
    count = len(rows)
    if count > p * q or len(distinct(rows.astype(np.int64) * q + columns)) < count:
        return None
    if count == p * q and keep_row and p == 1:
        members = _filled((p, q), [rows, columns])
        return members if q > 1 else members[:, 0]
    blocks = None if count == p * q else _components(rows, columns, p, q)
    if blocks is None:
        return _fitting((p, q), [rows, columns])
    height = _ranks(rows, blocks)
    width = _ranks(columns, blocks)
    shape = tuple(int(index.max()) + 1 for index in (blocks, height, width))
    return _fitting(shape, [blocks, height, width])


def _fitting(shape: tuple[int, ...], index: list[Ints]) -> Ids | None:
    """Lay nodes out in a shape that they fill, or fill well enough."""
    count, size = len(index[0]), int(np.prod(shape))
    if count < size and (count < FULL_ENOUGH * size or count < FEWEST):
        return None
    return _trimmed(_filled(shape, index))


def numbered(rows: Ids) -> Ints:
    """Give the distinct rows numbers in the order of their first appearance.

    >>> numbered(np.array([[3, 4], [1, 2], [3, 4]])).tolist()
    [0, 1, 0]
    """
    count, width = rows.shape
    table = filled(1 << max(3, (2 * count).bit_length()), "i4", NONE)
    numbers = filled(count, "i4")
    passes.number_rows(given(rows.reshape(-1), "i8"), count, width, table, numbers)
    return np.asarray(numbers, np.int32)


def _filled(shape: tuple[int, ...], index: list[Ints]) -> Ids:
    members = np.full(shape, PADDING, dtype=np.int64)
    members[tuple(index)] = np.arange(len(index[0]))
    return members


def _trimmed(members: Ids) -> Ids:
    """Drop axes of length 1."""
    return members.reshape([n for n in members.shape if n > 1])


def _components(rows: Ints, columns: Ints, p: int, q: int) -> Ints | None:
    """Give the connected blocks of a sparse grid numbers, in order of appearance."""
    blocks = filled(len(rows), "i4")
    count = passes.find_blocks(
        given(rows, "i4"), given(columns + p, "i4"), given(np.arange(p + q), "i4"),
        filled(p + q, "i4", NONE), blocks,
    )  # fmt: skip
    return np.asarray(blocks, np.int32) if count > 1 else None


def _ranks(rows: Ints, blocks: Ints) -> Ints:
    """Give the rows numbers within their block; a row is in one block only."""
    places = first_places(rows)
    block_of_row = blocks[places]
    order = np.argsort(block_of_row, kind="stable")
    sizes = np.bincount(block_of_row)
    ranks = np.empty(len(order), np.int32)
    ranks[order] = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return ranks[rows]


def inherited(places: Ints, shape: tuple[int, ...], valid: Ids) -> Ids | None:
    """Lay nodes out as the array that they read, one place each; None where they overlap.

    ``places`` are flat places in an array of a shape, of which ``valid`` are in use.
    """
    if len(distinct(places)) < len(places):
        return None
    size = int(np.prod(shape))
    enough = len(places) >= FULL_ENOUGH * max(len(valid), size)
    if len(places) == size or (enough and len(places) >= FEWEST):
        members = np.full(size, PADDING, dtype=np.int64)
        members[places] = np.arange(len(places))
        return members.reshape(shape)
    return _trimmed(np.argsort(places).astype(np.int64))


def completed(addends: Addends) -> tuple[Ids, Ids | None]:
    """Make rows of different lengths equal: HOLEs on the left, the longest like row on the right.

    >>> rows = Addends(1.0, np.array([1, 2]), np.array([1, 2, 3]), np.array([7, 7, 8]))
    >>> completed(rows)
    (array([[ 1, -1],
           [ 2,  3]]), array([[7, 8],
           [7, 8]]))
    """
    lengths, xs, ys = addends.lengths, addends.xs, addends.ys
    width = int(lengths.max())
    if (lengths == width).all():
        shape = (len(lengths), width)
        return xs.reshape(shape), None if ys is None else ys.reshape(shape)
    left = np.full((len(lengths), width), PADDING, dtype=np.int64)
    left[np.arange(width) < lengths[:, None]] = xs
    return left, None if ys is None else _lengthened(ys, lengths, width)


def _lengthened(ys: Ids, lengths: Ids, width: int) -> Ids:
    """Make rows as long as the longest one that begins as they do, the first of several."""
    rows = [row.tolist() for row in np.split(ys, np.cumsum(lengths)[:-1])]
    sizes = sorted({*lengths.tolist()})
    longest: dict[tuple[int, ...], list[int]] = {}
    for row in sorted(rows, key=len, reverse=True):
        for size in sizes:
            if size <= len(row):
                longest.setdefault(tuple(row[:size]), row)
    right = np.full((len(rows), width), PADDING, dtype=np.int64)
    for i, row in enumerate(rows):
        whole = longest[tuple(row)]
        right[i, : len(whole)] = whole
    return right
