"""Structures of numbers: taken apart, put together, compared, described."""

from typing import NamedTuple

import numpy as np
import pytest

from autograd import Value
from autograd.tree import (
    array_of,
    assemble,
    described,
    difference,
    has_values,
    leaves_of,
    mapped,
    numbers_for_values,
    rebuild,
    take_apart,
    values_of,
)


class Pair(NamedTuple):
    w: object
    b: object


def apart(thing):
    leaves = []
    return take_apart(thing, "x", leaves, "f: got"), leaves


def test_what_is_taken_apart_is_put_together_again():
    a = Value(1.0)
    thing = {"w": [a, (2, None)], "p": Pair(np.array([[1, 2]]), ()), "o": np.array([a, 3.0])}
    key, leaves = apart(thing)
    assert leaves == [a, 2.0, 1.0, 2.0, a, 3.0]
    again = assemble(key, leaves)
    assert list(again) == ["w", "p", "o"]
    assert again["w"] == [a, (2.0, None)]
    assert type(again["p"]) is Pair
    assert again["p"].w.dtype == float
    assert again["p"].b == ()
    assert again["o"].tolist() == [a, 3.0]
    assert hash(key) == hash(apart(thing)[0])


def test_arrays_of_one_number_and_of_none():
    assert assemble(*apart(np.array(2.0))).shape == ()
    assert assemble(*apart(np.zeros((0, 2)))).shape == (0, 2)
    assert array_of([Value(1.0), 2.0], (2, 1)).dtype == object
    assert array_of([1.0], ()).dtype == float


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
        (Pair(1, 2), Pair(1, [2]), ("x[1]", "a number", "a list of 1")),
        ({}, {}, None),
    ],
)  # fmt: skip
def test_the_first_difference(one, other, found):
    assert difference(apart(one)[0], apart(other)[0], "x") == found


def test_descriptions():
    assert described(("la", (2, 3), False)) == "an array of shape (2, 3)"
    assert described(("d",)) == "a dict of nothing"


def test_values_are_found_and_turned_into_numbers():
    a, b = Value(1.0), Value(2.0)
    thing = {"x": [a, (b, "text")], "y": np.array([a, 3.0]), "z": np.array([1.0]), "p": Pair(a, 1)}
    assert values_of(thing) == [a, b, a, a]
    assert has_values(thing)
    assert not has_values([1.0, "a", {"z": np.ones(2)}])
    plain = numbers_for_values(thing)
    assert plain["x"] == [1.0, (2.0, "text")]
    assert plain["y"].dtype == float
    assert plain["z"] is thing["z"]
    assert plain["p"] == Pair(1.0, 1)
    odd = np.array([a, "text"], dtype=object)
    assert numbers_for_values(odd) is odd


def test_keys_of_leaves_come_in_order():
    key = ("k", Pair, ("a", (2,), False), ("l", ("n", (), False), ("s", None)))
    assert leaves_of(key) == [("a", (2,), False), ("n", (), False)]
    assert rebuild(key, iter("xy").__next__) == Pair("x", ["y", None])


def test_each_kind_of_structure_stays():
    tree = {"a": [1, (2, Pair(3, 4))], "b": np.array([[5, 6]], dtype=object), "c": "seven"}
    made = mapped(lambda x: x * 2, tree)
    assert made["a"] == [2, (4, (6, 8))]
    assert type(made["a"][1][1]) is Pair
    assert made["b"].tolist() == [[10, 12]]
    assert made["c"] == "sevenseven"


def test_lists_in_arrays_of_objects_are_walked_too():
    array = np.empty(2, dtype=object)
    array[0], array[1] = [1, 2], [3]
    made = mapped(lambda x: x * 2, array)
    assert made.dtype == object
    assert made.tolist() == [[2, 4], [6]]


def test_an_array_of_numbers_is_one_thing():
    numbers = np.array([1.0, 2.0])
    assert mapped(lambda x: x, [numbers])[0] is numbers


def test_a_list_that_holds_itself_is_refused():
    rows = [1.0]
    rows.append(rows)
    with pytest.raises(ValueError, match="a structure: got a list of 2, nested more than 32 level"):
        mapped(abs, rows)
