"""`values` makes nested lists of leaves."""

import numpy as np
import pytest

import autograd
from autograd import Value, values


def test_nested_lists_and_labels():
    w = values([[1, 2], [3, 4]], "w")
    assert [[v.data for v in row] for row in w] == [[1.0, 2.0], [3.0, 4.0]]
    assert [[v.label for v in row] for row in w] == [["w[0][0]", "w[0][1]"], ["w[1][0]", "w[1][1]"]]
    assert all(v.is_leaf and not v.is_constant for row in w for v in row)
    assert values([1.0])[0].label is None


@pytest.mark.parametrize("kind", [float, np.float32, np.int64, bool])
def test_arrays(kind):
    xs = values(np.ones((2, 3, 1), dtype=kind), "x")
    assert len(xs) == 2
    assert [len(row) for row in xs] == [3, 3]
    assert xs[1][2][0].data == 1.0
    assert xs[1][2][0].label == "x[1][2][0]"


def test_one_number_and_none():
    v = values(3, "v")
    assert (type(v), v.data, v.label) == (Value, 3.0, "v")
    assert values(np.array(2.0)).data == 2.0
    assert values([]) == []
    assert values([[], [1]])[0] == []


def test_rows_may_differ_in_length():
    rows = values([[1, 2], (3,), np.array([4.0, 5.0])])
    assert [[v.data for v in row] for row in rows] == [[1.0, 2.0], [3.0], [4.0, 5.0]]


@pytest.mark.parametrize("thing", ["abc", ["a"], [None], [[1j]], [Value(1.0)], {"a": 1}], ids=repr)
def test_other_things_are_refused(thing):
    with pytest.raises(TypeError, match=r"^Value: got .*; allowed: one real number: an int"):
        values(thing)


def test_a_label_is_checked():
    with pytest.raises(TypeError, match="label: got an int"):
        values(1.0, 3)


def test_read_only_numbers_can_be_set():
    numbers = np.array([1.0, 2.0])
    numbers.flags.writeable = False
    nodes = autograd.values([0.0, 0.0])
    autograd.set_data(nodes, numbers)
    autograd.set_data(nodes, np.broadcast_to(3.0, 2), grads=True)
    assert [(x.data, x.grad) for x in nodes] == [(1.0, 3.0), (2.0, 3.0)]
