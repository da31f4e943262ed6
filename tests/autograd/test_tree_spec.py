"""Numbers and arrays of a tree: in a row and back, compared, described."""

from typing import Any, NamedTuple

import numpy as np
import pytest

from autograd import Value
from autograd.tree_spec import (
    NUMBER,
    ArraySpec,
    Static,
    collapsed,
    described,
    difference,
    has_values,
    listed,
    numbers_for_values,
    ravel,
    spec_of,
    values_of,
)
from autograd.value_array import array_of


class Pair(NamedTuple):
    w: Any
    b: Any


def raveled(tree):
    return ravel(tree, "x", "f: got")


def spec(tree):
    return raveled(tree)[1]


def test_numbers_in_a_row_make_the_tree_again():
    a = Value(1.0)
    tree = {"w": [a, (2, None)], "p": Pair(np.array([[1, 2]]), ()), "o": np.array([a, 3.0])}
    entries, its = raveled(tree)
    assert entries == [a, 2.0, 1.0, 2.0, a, 3.0]
    again = its.unravel(entries)
    assert list(again) == ["w", "p", "o"]
    assert again["w"] == [a, (2.0, None)]
    assert type(again["p"]) is Pair
    assert again["p"].w.dtype == float
    assert again["p"].b == ()
    assert again["o"].tolist() == [a, 3.0]
    assert hash(its) == hash(spec(tree))


def test_arrays_of_one_number_and_of_none():
    for array in (np.array(2.0), np.zeros((0, 2))):
        entries, its = raveled(array)
        assert its.unravel(entries).shape == array.shape
    assert array_of([Value(1.0), 2.0], (2, 1)).dtype == object
    assert array_of([1.0], ()).dtype == float


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ({"w": [1.0, "a"]}, r"f: got a str \('a'\) at x\['w'\]\[1\]; allowed are real numbers"),
        (Pair(1.0, 1j), r"f: got a complex \(1j\) at x\.b; allowed"),
        ([np.array([[1.0, "a"]], dtype=object)], r"got a str \('a'\) at x\[0\]\[0, 1\]; allowed"),
        (np.array(["a"]), r"f: got an ndarray of shape \(1,\) at x; allowed"),
    ],
)
def test_what_is_no_number(tree, message):
    with pytest.raises(TypeError, match=message):
        raveled(tree)


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ([1, 2], [3, 4], None),
        (1.0, [1.0], ("x", "a number", "a list of 1")),
        ([1, (2,)], [1, [2]], ("x[1]", "a tuple of 1", "a list of 1")),
        ({"a": 1}, {"b": 1}, ("x", "a dict of 'a'", "a dict of 'b'")),
        ({"a": {"b": np.ones(2)}}, {"a": {"b": np.ones(3)}},
         ("x['a']['b']", "an array of shape (2,)", "an array of shape (3,)")),
        ([None, 1], [1, 1], ("x[0]", "None", "a number")),
        (Pair(1, 2), (1, 2), ("x", "a Pair of 2", "a tuple of 2")),
        (Pair(1, 2), Pair(1, [2]), ("x.b", "a number", "a list of 1")),
        ({}, {}, None),
    ],
)  # fmt: skip
def test_the_first_difference(one, other, found):
    assert difference(spec(one), spec(other), "x") == found


def test_descriptions():
    assert described(listed(2, 3)) == "an array of shape (2, 3)"
    assert described(spec({})) == "a dict of nothing"
    assert described(NUMBER._replace(leaves=(Static("relu"),))) == "'relu'"
    assert described(spec_of(Pair, "static", [NUMBER])) == "a Pair of 1 with 'static'"


@pytest.mark.parametrize(
    ("tree", "arrays"),
    [
        ([1, 2], [("list", (2,))]),
        ([[1, 2], [3, 4]], [("list", (2, 2))]),
        ([[1, 2], [3]], [("list", (2,)), ("list", (1,))]),
        ([[[1], [2]], [[3], [4, 5]]], [("list", (2, 1)), ("list", (1,)), ("list", (2,))]),
        ([1, np.zeros(2)], [("number", ()), ("array", (2,))]),
        ([(1, 2), (3, 4)], [("number", ())] * 4),
        ({"w": [1, 2], "b": Pair([3], None)}, [("list", (2,)), ("list", (1,))]),
        ([np.array(1.0)], [("array", ())]),
        ([[], []], []),
        ([None, 1], [("number", ())]),
    ],
)
def test_full_lists_are_one_array(tree, arrays):
    its = collapsed(spec(tree))
    assert [(kind, shape) for kind, shape, _ in its.arrays] == arrays
    assert its.arrays == [leaf for leaf in its.leaves if isinstance(leaf, ArraySpec)]


def test_specs_of_children():
    parts = spec({"w": [1, 2], "n": None, "b": np.zeros(2)}).children()
    assert [part.arrays for part in parts] == [[("number", (), False)] * 2, [],
                                               [("array", (2,), False)]]  # fmt: skip


def test_values_are_found_and_turned_into_numbers():
    a, b = Value(1.0), Value(2.0)
    tree = {"x": [a, (b, "text")], "y": np.array([a, 3.0]), "z": np.array([1.0]), "p": Pair(a, 1)}
    assert values_of(tree) == [a, b, a, a]
    assert has_values(tree)
    assert not has_values([1.0, "a", {"z": np.ones(2)}])
    plain = numbers_for_values(tree)
    assert plain["x"] == [1.0, (2.0, "text")]
    assert plain["y"].dtype == float
    assert plain["z"] is tree["z"]
    assert plain["p"] == Pair(1.0, 1)
    odd = np.array([a, "text"], dtype=object)
    assert numbers_for_values(odd) is odd
