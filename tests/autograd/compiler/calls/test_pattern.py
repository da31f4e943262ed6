"""Structures for C: what is taken from arguments, and what is put into results."""

from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd
from autograd.compiler.calls.pattern import PARTS, Pattern
from autograd.compiler.tape.choice import COMPILED

pytestmark = pytest.mark.skipif(not COMPILED, reason="plain Python has no calls in C")
NUMBER, WHOLE, ARRAY = ("n", (), False), ("n", (), True), ("a", (2, 2), False)


class Pair(NamedTuple):
    """A result that has names."""

    one: Any
    two: Any


def described(pattern):
    """Return the kinds of a pattern's parts, and how many each holds."""
    return [(PARTS[kind], count) for kind, count, _ in pattern.parts]


def test_parts_come_before_what_they_hold():
    pattern = Pattern({0: np.array(7), 1: np.array([[1, 2], [3, 4]]), 3: np.array([5, 6])}, 9)
    pattern.add(("d", ("w", ("l", NUMBER, ARRAY)), ("b", ("t", NUMBER, ("la", (2,), False)))))
    assert described(pattern) == [
        ("dict", 2), ("list", 2), ("number", 0), ("array", 4), ("tuple", 2), ("number", 0),
        ("row", 2),
    ]  # fmt: skip
    assert pattern.places == [7, 1, 2, 3, 4, 9, 5, 6]
    assert pattern.things == [("w", "b"), (2, 2)]
    assert pattern.made().leaves == 8


def test_nested_lists_end_in_rows():
    ids = np.arange(6).reshape(2, 3)
    listed = Pattern({0: ids}, 9)
    listed.add(("la", (2, 3), False))
    assert described(listed) == [("list", 2), ("row", 3), ("row", 3)]
    given = Pattern({0: ids}, 9)
    given.add(("ta", (2, 3), False))
    assert described(given) == [("tuple", 2), ("row", 3), ("row", 3)]
    taken = Pattern({0: ids}, 9, taken=True)
    taken.add(("ta", (2, 3), False))
    assert described(taken) == [("tuple", 2), ("row", 3), ("row", 3)]
    numbers = Pattern({0: ids[0]}, 9, taken=True)
    numbers.add(("ta", (3,), False))
    assert described(numbers) == [("tuple", 3), *[("number", 0)] * 3]


def test_what_is_skipped_is_counted():
    pattern = Pattern({0: np.array(1), 1: np.array(2), 2: np.array(3)}, 9)
    pattern.skip(("l", NUMBER, NUMBER))
    pattern.add(NUMBER)
    assert pattern.places == [3]


@pytest.mark.parametrize(
    "key",
    [
        ("a", (2,), True),
        ("la", (2,), True),
        ("d", (1, NUMBER)),
        ("s", type("Word", (str,), {})("x")),
    ],
)
def test_what_c_does_not_take(key):
    pattern = Pattern({}, 0, taken=True)
    pattern.add(key)
    assert pattern.made() is None


def test_a_number_that_selects_is_whole():
    for key, expected in [(WHOLE, True), (NUMBER, False), (("a", (1,), True), False)]:
        pattern = Pattern({0: np.zeros(key[1], int)}, 1, taken=True)
        pattern.bounds[0] = 3
        pattern.add(key)
        assert (pattern.made() is not None) == expected


@pytest.mark.parametrize(
    ("parts", "places", "things"),
    [
        ([[2, 2, 0]], [0], ()),
        ([[0, 0, 0]], [0, 0], ()),
        ([[4, 1, 0]], [], ()),
        ([[0, 0, 0], [0, 0, 0]], [0, 0], ()),
        ([[3, 2, 0]], [0, 0], ((3,),)),
        ([[3, 2, 1]], [0, 0], ((2,),)),
        ([[6, 1, 0], [0, 0, 0]], [0], (("a", "b"),)),
        ([[9, 0, 0]], [], ()),
        ([[5, -1, 0]], [], ()),
    ],
)
def test_c_checks_that_parts_go_together(parts, places, things):
    from autograd.kernels.cython._tape import Structure

    with pytest.raises(ValueError, match="do not go together"):
        Structure(np.array(parts, np.int32), np.array(places, np.int32), things)


def test_c_makes_a_structure_once():
    from autograd.kernels.cython._tape import Structure

    parts, places = np.zeros((1, 3), np.int32), np.zeros(1, np.int32)
    made = Structure(parts, places, ())
    with pytest.raises(RuntimeError, match="made once"):
        made.__init__(parts, places, ())
    with pytest.raises(ValueError, match="got node -1"):
        Structure(parts, places - 1, ())


def test_a_named_tuple_is_built_by_its_class():
    step = autograd.compile(lambda x: Pair(x, [x, None, "text"][:2]), gradients=False)
    assert step(1.0) == step(1.0) == Pair(1.0, [1.0, None])
    assert type(step(1.0)) is Pair
