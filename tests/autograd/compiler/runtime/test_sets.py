"""Distinct numbers, as NumPy finds them."""

import numpy as np
import pytest

from autograd.compiler.runtime.sets import are_distinct, distinct, first_places


@pytest.mark.parametrize("runs", [1, 4])
def test_numbers_and_their_first_places_are_those_of_numpy(runs):
    random = np.random.default_rng(runs)
    for count in (0, 1, 2, 50):
        row = np.repeat(random.integers(0, 9, count), random.integers(1, runs + 1, count))
        numbers, firsts = np.unique(row, return_index=True)
        assert np.array_equal(distinct(row), numbers)
        assert np.array_equal(first_places(row), firsts)
    grid = random.integers(0, 4, (3, 5))
    assert np.array_equal(distinct(grid), np.unique(grid))


def test_nodes_are_distinct_whatever_was_in_the_scratch():
    scratch = np.full(6, 3, np.int32)
    assert are_distinct(np.array([5, 0, 3]), scratch)
    assert not are_distinct(np.array([5, 0, 5]), scratch)
    assert are_distinct(np.zeros(0, np.int32), scratch)
