"""Structures of Values."""

from collections import namedtuple

import numpy as np

from autograd.trees import mapped

Point = namedtuple("Point", "x y")  # noqa: PYI024 - any named tuple will do


def test_each_kind_of_structure_stays():
    tree = {"a": [1, (2, Point(3, 4))], "b": np.array([[5, 6]], dtype=object), "c": "seven"}
    made = mapped(lambda x: x * 2, tree)
    assert made["a"] == [2, (4, (6, 8))]
    assert type(made["a"][1][1]) is Point
    assert made["b"].tolist() == [[10, 12]]
    assert made["c"] == "sevenseven"


def test_an_array_of_numbers_is_one_thing():
    numbers = np.array([1.0, 2.0])
    assert mapped(lambda x: x, [numbers])[0] is numbers
