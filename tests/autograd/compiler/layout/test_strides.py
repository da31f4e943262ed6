"""Strided access: places as nested counting, and an array's axes split to suit."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from autograd.compiler.ir.forward import operand_text
from autograd.compiler.layout.buffers import Operand
from autograd.compiler.layout.strides import along, digits, rebuilt, split_axes, without_holes
from autograd.compiler.layout.views import Array, view_of


def text_of(places, shape):
    """Write the view that reads flat places of an array of a shape."""
    size = int(np.prod(shape))
    array = Array("A", np.arange(size).reshape(shape))
    view = view_of(np.array(places), array, np.arange(size + 1), 0.0, lambda _: "index1")
    return operand_text(Operand(view, ""), {"index1": np.array(places)})


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ([0], []),
        ([0, 1, 2], [(3, 1)]),
        ([0, 2, 4], [(3, 2)]),
        ([0, 0, 0], [(3, 0)]),
        ([0, -1, -2], [(3, -1)]),
        ([0, 1, 10, 11], [(2, 10), (2, 1)]),
        ([0, 0, 1, 1, 2, 2], [(3, 1), (2, 0)]),
        ([0, 1, 2, 0, 1, 2], [(2, 0), (3, 1)]),
        ([0, 1, 4, 5, 20, 21, 24, 25], [(2, 20), (2, 4), (2, 1)]),
    ],
)
def test_a_line_is_nested_counting(line, expected):
    assert digits(np.array(line)) == expected


@pytest.mark.parametrize(
    "line",
    [
        [0, 1, 3],  # no run that repeats
        [0, 1, 10, 11, 20],  # the last run is short
        [0, 1, 10, 12],  # runs that differ
        [0, 1, 5, 6, 12, 13],  # runs alike, but their starts do not count evenly
    ],
)
def test_a_line_that_does_not_count(line):
    assert digits(np.array(line)) is None


DIGITS = st.lists(st.tuples(st.integers(1, 4), st.integers(-3, 12)), max_size=3)


@given(st.integers(0, 50), DIGITS)
def test_counting_that_was_recognised_gives_the_same_places(start, counting):
    places = rebuilt(np.array([start]), counting)
    found = digits(places - places[0])
    if found is not None:
        assert np.array_equal(rebuilt(places, found), places)


@given(st.integers(0, 9), st.integers(1, 5), st.integers(1, 6), st.integers(1, 6))
def test_evenly_spaced_rows_are_always_recognised(start, rows, width, gap):
    places = (start + np.arange(rows)[:, None] * (width + gap) + np.arange(width)).ravel()
    found = digits(places - start)
    assert found is not None
    assert int(np.prod([extent for extent, _ in found])) == rows * width


@pytest.mark.parametrize(
    ("size", "shape", "counting", "expected"),
    [
        (8, (8,), [(3, 2)], ([4, 2], [0])),  # every second of eight: a column of pairs
        (12, (3, 4), [(3, 4)], ([3, 4], [0])),  # a column of a matrix
        (12, (3, 4), [(4, 1), (3, 4)], ([3, 4], [1, 0])),  # its transpose
        (12, (3, 4), [(2, 2)], ([3, 2, 2], [1])),  # every second of a row
        (12, (12,), [(6, 1)], ([12], [0])),
        (1, (), [], ([1], [])),
    ],
)
def test_axes_are_split_so_that_each_digit_is_one(size, shape, counting, expected):
    assert split_axes(size, shape, counting) == expected


@pytest.mark.parametrize(
    ("size", "shape", "counting"),
    [
        (8, (8,), [(3, 0)]),  # again and again the same
        (8, (8,), [(3, -1)]),  # backwards
        (8, (8,), [(2, 1), (2, 1)]),  # a diagonal
        (7, (7,), [(3, 2)]),  # two does not divide seven
        (8, (8,), [(3, 2), (3, 1)]),  # rows that overlap
        (12, (3, 4), [(6, 1)]),  # more than a row
    ],
)
def test_axes_that_cannot_be_split(size, shape, counting):
    assert split_axes(size, shape, counting) is None


@pytest.mark.parametrize(
    ("places", "shape", "text"),
    [
        ([3, 5, 7], (8,), "A.reshape(4, 2)[1:4, 1]"),
        ([0, 4, 8], (12,), "A.reshape(3, 4)[:, 0]"),
        ([4, 5, 6, 7], (3, 4), "A[1]"),
        ([2, 3, 4, 5], (3, 4), "A.ravel()[2:6]"),  # the end of a row and the next one's beginning
        ([1, 2, 3, 4, 5, 6], (3, 4), "A.ravel()[1:7]"),
        ([3, 5, 7], (11,), "A[index1]"),
    ],
)
def test_places_become_slices(places, shape, text):
    assert text_of(places, shape) == text


@given(st.data())
def test_a_slice_picks_the_same_places_as_the_index_array(data):
    shape = tuple(data.draw(st.lists(st.integers(1, 5), min_size=1, max_size=3)))
    size = int(np.prod(shape))
    cut = tuple(
        slice(start, data.draw(st.integers(start + 1, n)), data.draw(st.integers(1, 2)))
        for n in shape
        for start in [data.draw(st.integers(0, n - 1))]
    )
    turned = data.draw(st.permutations(range(len(shape))))
    places = np.arange(size).reshape(shape)[cut].transpose(turned)
    if data.draw(st.booleans()):
        places = places.reshape(-1)
    text = text_of(places, shape)
    names = {"A": np.arange(size).reshape(shape), "index1": places}
    assume("index1" not in text)
    assert np.array_equal(eval(text, names), places)


def test_one_axis_is_selected_at_the_first_place_of_the_others():
    places = np.arange(24).reshape(2, 3, 4)
    assert places[along(1, 3)].tolist() == [0, 4, 8]


def test_holes_take_the_places_that_the_axes_say():
    places = np.array([[0, 1, 2], [3, 4, 0], [6, 0, 0]])
    valid = np.array([[1, 1, 1], [1, 1, 0], [1, 0, 0]], dtype=bool)
    assert without_holes(places, valid).tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]


def test_holes_are_not_guessed_where_a_row_shares_no_column_with_the_first():
    valid = np.array([[1, 0], [0, 1]], dtype=bool)
    assert without_holes(np.array([[0, 0], [0, 3]]), valid) is None


def test_holes_are_not_guessed_where_the_axes_do_not_add_up():
    valid = np.array([[1, 1, 0], [1, 1, 1]], dtype=bool)
    assert without_holes(np.array([[0, 1, 0], [3, 7, 5]]), valid) is None
