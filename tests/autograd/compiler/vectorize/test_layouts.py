"""Shapes of groups, taken from what they read."""

import numpy as np
import pytest

from autograd.compiler.layout.buffers import Buffers
from autograd.compiler.layout.views import DONT_CARE, PADDING, Array
from autograd.compiler.vectorize.layouts import (
    from_columns,
    list_layout,
    listed,
    placed,
    spread,
    sum_layout,
)
from autograd.compiler.vectorize.packs import Pack


@pytest.fixture
def store():
    """Make a store: a 2 by 3 array of nodes 0 to 5, a 3 by 2 array of 6 to 11."""
    made = Buffers(np.zeros(20), np.zeros(20, bool), np.zeros(20, bool))
    made.add(Array("A", np.arange(6).reshape(2, 3)))
    made.add(Array("B", np.arange(6, 12).reshape(3, 2)))
    return made


def test_rows_of_products_that_fill_a_grid_are_a_matrix(store):
    xs = np.array([row for row in ([0, 1, 2], [3, 4, 5]) for _ in range(2)])
    ys = np.array([[6, 8, 10], [7, 9, 11]] * 2)
    assert sum_layout([(xs, ys)], store).tolist() == [[0, 1], [2, 3]]


def test_sums_of_single_numbers_stand_as_the_array_that_they_read(store):
    xs = np.arange(6)[::-1, None]
    assert sum_layout([(xs, None)], store).tolist() == [[5, 4, 3], [2, 1, 0]]


def test_sums_that_read_nothing_in_common_are_listed(store):
    assert sum_layout([(np.array([[12, 13], [14, 15]]), None)], store).tolist() == [0, 1]


def test_a_column_that_reads_all_of_an_array_has_its_shape(store):
    columns = [np.array([12, 13, 14, 15, 16, 17]), np.array([6, 7, 8, 9, 10, 11])]
    assert from_columns(columns, store).tolist() == [[0, 1], [2, 3], [4, 5]]


def test_lists_stand_as_their_first_numbers_do(store):
    assert list_layout(np.array([0]), store).shape == ()
    assert list_layout(np.array([0, 3]), store).shape == (2,)
    assert list_layout(np.array([12, 14, 13]), store).tolist() == [0, 1, 2]


def test_groups_are_spread_and_placed():
    group = Pack("tanh", np.array([7, 9, 8]), sample=True)
    assert listed(3).tolist() == [0, 1, 2]
    members = np.array([[0, 2], [1, PADDING]])
    rows = np.array([[10], [11], [12]])
    assert spread(rows, members)[..., 0].tolist() == [[10, 12], [11, DONT_CARE]]
    array = placed(group, members)
    assert array.ids.tolist() == [[7, 8], [9, PADDING]]
    assert array.sample
