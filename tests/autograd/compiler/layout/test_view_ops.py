"""Steps of a view, as they are written: forwards, with and without samples."""

import numpy as np
import pytest

from autograd.compiler.layout.view_ops import WRITERS, Step, part_text

A = np.arange(24.0).reshape(4, 6)
B = np.arange(48.0).reshape(4, 6, 2)  # with two samples
NAMES = {
    "A": A,
    "B": B,
    "index1": np.array([3, 0, 3]),
    "mask1": np.arange(24).reshape(4, 6) % 2 == 0,
    "where": np.where,
}
ALL = slice(None)


def written(name, kind, what, after, *, sample=False):
    return WRITERS[kind](name, Step(kind, what, (4, 6), after), sample)


STEPS = [
    ("reshape", (2, 12), (2, 12), "A.reshape(2, 12)", "B.reshape(2, 12, -1)"),
    ("reshape", (24,), (24,), "A.ravel()", "B.reshape(24, -1)"),
    ("index", (1, ALL), (6,), "A[1]", "B[1]"),
    ("index", (ALL, 2), (4,), "A[:, 2]", "B[:, 2]"),
    ("index", (slice(1, 3), slice(0, 4)), (2, 4), "A[1:3, :4]", "B[1:3, :4]"),
    ("transpose", (1, 0), (6, 4), "A.T", "B.transpose(1, 0, 2)"),
    ("gather", ("index1", None, 6), (3, 6), "A[index1]", "B[index1]"),
    ("mask", ("mask1", -1.0), (4, 6), "where(mask1, A, -1.0)", "where(mask1[..., None], B, -1.0)"),
]


@pytest.mark.parametrize(("kind", "what", "after", "alone", "sampled"), STEPS)
def test_a_step_is_written(kind, what, after, alone, sampled):
    assert written("A", kind, what, after) == alone
    assert written("B", kind, what, after, sample=True) == sampled


@pytest.mark.parametrize(("after", "alone", "sampled"), [step[2:] for step in STEPS])
def test_what_is_written_has_the_step_s_shape_and_samples_stay_last(after, alone, sampled):
    one, two = eval(alone, NAMES), eval(sampled, NAMES)
    assert one.shape == after
    assert two.shape == (*after, 2)
    twice = np.stack([A, A], axis=-1)
    assert np.array_equal(eval(sampled, {**NAMES, "B": twice})[..., 1], one)


def test_a_reshape_to_one_number():
    text = written("A", "reshape", (), ())
    assert text == "A.reshape(())"
    assert eval(text, {"A": np.array([5.0])}) == 5.0
    assert written("B", "reshape", (), (), sample=True) == "B.reshape(-1)"


def test_a_transpose_of_three_axes_names_them():
    assert written("A", "transpose", (2, 0, 1), (5, 2, 3)) == "A.transpose(2, 0, 1)"
    assert written("B", "transpose", (2, 0, 1), (5, 2, 3), sample=True) == "B.transpose(2, 0, 1, 3)"


def test_a_position_in_the_middle_is_kept_though_colons_after_it_are_not():
    assert written("A", "index", (ALL, 3, ALL), (4, 2)) == "A[:, 3]"


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (0, "0"),
        (slice(None), ":"),
        (slice(0, 0), ":0"),
        (slice(2, None), "2:"),
        (slice(2, 5), "2:5"),
    ],
)
def test_parts_of_an_index(part, text):
    assert part_text(part) == text


def test_a_fill_that_is_infinite_is_written_by_name():
    assert written("A", "mask", ("mask1", -np.inf), (4, 6)) == "where(mask1, A, -inf)"
