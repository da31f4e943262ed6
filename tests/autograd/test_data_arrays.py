"""Numbers and gradients of many nodes at once."""

import numpy as np
import pytest

import autograd
from autograd import Value, get_data, set_data


def test_gather_reads_numbers_and_gradients():
    a, b = Value(2.0), Value(3.0)
    c = a * b
    c.backward()
    assert get_data([a, b, c]).tolist() == [2.0, 3.0, 6.0]
    assert get_data((a, b), grads=True).tolist() == [3.0, 2.0]
    assert get_data([]).shape == (0,)


def test_scatter_sets_leaves_and_gradients():
    leaves = autograd.values([1.0, 2.0])
    set_data(leaves, np.array([5, 6]))
    set_data(leaves, [0.5, -0.0], grads=True)
    assert [v.data for v in leaves] == [5.0, 6.0]
    assert [v.grad.hex() for v in leaves] == [(0.5).hex(), (-0.0).hex()]
    assert all(v.has_grad for v in leaves)


def test_scatter_takes_strided_arrays():
    leaves = autograd.values([0.0, 0.0, 0.0])
    set_data(leaves, np.arange(6.0)[::2])
    assert [v.data for v in leaves] == [0.0, 2.0, 4.0]


def test_errors():
    a = Value(1.0)
    with pytest.raises(TypeError, match=r"get_data, nodes: got a float \(1.0\); allowed: Values"):
        get_data([a, 1.0])
    with pytest.raises(ValueError, match=r"set_data: got numbers of shape \(2,\) for 1 nodes"):
        set_data([a], [1.0, 2.0])
    with pytest.raises(AttributeError, match="read-only"):
        set_data([a * 2], [1.0])
