"""Shapes of groups: grids, blocks of grids, grids with holes, or no grid."""

import numpy as np

from autograd.compiler.vectorize.matrix_products import completed, grid, inherited
from autograd.compiler.vectorize.packs import Addends


def rows(numbers):
    return np.array(numbers)[:, None]


def test_blocks_of_grids():
    left, right = [0, 0, 1, 1, 2, 2, 3, 3], [0, 1, 0, 1, 2, 3, 2, 3]
    assert grid(rows(left), rows(right)).shape == (2, 2, 2)


def test_a_triangle_is_a_grid_with_holes():
    pairs = [(i, j) for i in range(6) for j in range(i + 1)]
    found = grid(rows([i for i, _ in pairs]), rows([j for _, j in pairs]))
    assert found.shape == (6, 6)
    assert (found >= 0).sum() == len(pairs)


def test_scattered_pairs_are_no_grid():
    left = [i for i in range(10) for _ in range(2)]
    right = [(i + shift) % 10 for i in range(10) for shift in (0, 3)]
    assert grid(rows(left), rows(right)) is None  # connected, and 20 of 100 full
    assert grid(rows([0, 0]), rows([1, 1])) is None  # the same pair twice


def test_a_matrix_of_one_row_keeps_it():
    assert grid(rows([0, 0, 0]), rows([1, 2, 3])).shape == (3,)
    assert grid(rows([0, 0, 0]), rows([1, 2, 3]), keep_row=True).shape == (1, 3)


def test_places_that_overlap_are_not_inherited():
    valid = np.arange(4)
    assert inherited(np.array([0, 0]), (4,), valid) is None
    assert inherited(np.array([3, 2, 1, 0]), (2, 2), valid).tolist() == [[3, 2], [1, 0]]


def test_rows_of_different_lengths_are_completed():
    xs, ys = completed(Addends(1.0, np.array([1, 2, 3]), np.arange(1, 7)))
    assert ys is None
    assert xs.tolist() == [[1, -1, -1], [2, 3, -1], [4, 5, 6]]
