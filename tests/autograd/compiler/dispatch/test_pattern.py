"""Structures for C: what is taken from arguments, and what is put into results."""

from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd
from autograd.compiler.dispatch.pattern import PARTS, Pattern
from autograd.compiler.tape.choice import COMPILED
from autograd.tree import LEAF
from autograd.tree_spec import NUMBER, ArraySpec, Static, TreeSpec, spec_of

pytestmark = pytest.mark.skipif(not COMPILED, reason="plain Python has no calls in C")


def spec(kind, *shape, integer=False):
    return TreeSpec(LEAF, (ArraySpec(kind, shape, integer),))


def static(value):
    return TreeSpec(LEAF, (Static(value),))


WHOLE, ARRAY = spec("number", integer=True), spec("array", 2, 2)


class Pair(NamedTuple):
    """A result that has names."""

    one: Any
    two: Any


def described(pattern):
    """Return the kinds of a pattern's parts, and how many each holds."""
    return [(PARTS[kind], count) for kind, count, _ in pattern.parts]


def test_parts_come_before_what_they_hold():
    parts = [
        spec_of(list, None, [NUMBER, ARRAY]),
        spec_of(tuple, None, [NUMBER, spec("list", 2)]),
    ]
    nodes = [np.array(7), np.array([[1, 2], [3, 4]]), 9, np.array([5, 6])]
    pattern = Pattern(spec_of(dict, ("w", "b"), parts), nodes)
    assert described(pattern) == [
        ("dict", 2), ("list", 2), ("number", 0), ("array", 4), ("tuple", 2), ("number", 0),
        ("row", 2),
    ]  # fmt: skip
    assert pattern.places == [7, 1, 2, 3, 4, 9, 5, 6]
    assert pattern.things == [("w", "b"), (2, 2)]
    assert pattern.made().leaves == 8


@pytest.mark.parametrize("taken", [False, True])
def test_nested_lists_end_in_rows(taken):
    ids = np.arange(6).reshape(2, 3)
    listed = Pattern(spec("list", 2, 3), [ids], taken=taken)
    assert described(listed) == [("list", 2), ("row", 3), ("row", 3)]
    rows = Pattern(spec("tuple", 2, 3), [ids], taken=taken)
    assert described(rows) == [("tuple", 2), ("row", 3), ("row", 3)]
    numbers = Pattern(spec("tuple", 3), [ids[0]], taken=taken)
    assert described(numbers) == [("tuple", 3), *[("number", 0)] * 3]


@pytest.mark.parametrize(
    "part",
    [
        spec("array", 2, integer=True),
        spec("list", 2, integer=True),
        spec_of(dict, (1,), [NUMBER]),
        static(type("Word", (str,), {})("x")),
        spec_of(Pair, None, [NUMBER, NUMBER]),
    ],
)
def test_what_c_does_not_take(part):
    assert Pattern(part, [0] * len(part.arrays), taken=True).made() is None


def test_a_number_that_selects_is_whole():
    for part, expected in [(WHOLE, True), (NUMBER, False), (spec("array", 1, integer=True), False)]:
        pattern = Pattern(part, [np.zeros(part.arrays[0].shape, int)], {0: 3}, taken=True)
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
