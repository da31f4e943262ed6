"""Choose the shape of a group, and lay what it reads out in that shape."""

from collections.abc import Sequence

import numpy as np

from autograd.compiler.layout.buffers import Buffers
from autograd.compiler.layout.views import DONT_CARE, PADDING, Array, Ids
from autograd.compiler.vectorize import matrix_products as grids
from autograd.compiler.vectorize.packs import Pack


def sum_layout(rows: list[tuple[Ids, Ids | None]], store: Buffers) -> Ids:
    """Take the shape from the longest rows of products, else from what the sums read; or a list."""
    pairs = sorted([(x, y) for x, y in rows if y is not None], key=lambda r: -r[0].shape[1])
    for x, y in pairs:
        if x.shape[1] > 1:
            found = grids.grid(x, y, keep_row=_is_matrix(x[0], store))
            if found is not None:
                return found
    columns = [ids[:, 0] for pair in rows for ids in pair if ids is not None and ids.shape[1] == 1]
    found = from_columns(columns, store)
    for x, y in pairs:
        found = grids.grid(x, y) if found is None else found
    return listed(len(rows[0][0])) if found is None else found


def _is_matrix(row: Ids, store: Buffers) -> bool:
    """Whether a row is all of an array, or of a block of parameters, that has one row."""
    if (row < 0).any():
        return False
    place = int(store.where[row[0]])
    block = store.block_of(int(row[0]))
    ids = store.arrays[place].ids if place != PADDING else None if block is None else block.ids
    return ids is not None and ids.shape == (1, len(row))


def from_columns(columns: Sequence[Ids], store: Buffers) -> Ids | None:
    """Take the shape of an array that all read, one place each; else a grid of two columns."""

    def rank(ids: Ids) -> int:
        place = int(store.where[ids[0]])
        return 0 if place == PADDING else -len(store.arrays[place].shape)

    for ids in sorted(columns, key=rank):
        if (ids == PADDING).any() or store.constants[ids].all():
            continue
        places = store.where[ids]
        if places[0] != PADDING and (places == places[0]).all():
            array = store.arrays[int(places[0])]
            valid = np.flatnonzero(array.ids.reshape(-1) != PADDING)
            found = grids.inherited(store.pos[ids], array.shape, valid)
            if found is not None:
                return found
    if len(columns) > 1:
        return grids.grid(columns[0][:, None], columns[1][:, None])
    return None


def call_layout(columns: Sequence[Ids], store: Buffers) -> Ids:
    """Lay calls out as what they read stands, else as a list."""
    found = from_columns(columns, store)
    return listed(len(columns[0])) if found is None else found


def list_layout(firsts: Ids, store: Buffers) -> Ids:
    """Lay lists out as their first numbers stand; one list has no axis."""
    return call_layout([firsts], store) if len(firsts) > 1 else listed(1)


def spread(rows: Ids, members: Ids) -> Ids:
    """Lay rows out as the group's members stand; DONT_CARE where there is none."""
    spread = np.asarray(rows[np.where(members == PADDING, 0, members)])
    spread[members == PADDING] = DONT_CARE
    return spread


def listed(count: int) -> Ids:
    """Lay nodes out as a list; one has no axis."""
    return np.arange(count) if count > 1 else np.array(0)


def placed(group: Pack, members: Ids) -> Array:
    """Make the array of a group's results."""
    ids = np.where(members == PADDING, PADDING, group.nodes[members])
    return Array("", ids, group.sample)
