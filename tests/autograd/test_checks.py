"""What counts as one real number (`Value`'s tests have the whole list)."""

import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from autograd._checks import as_float, checked_label, float_or_none


@pytest.mark.parametrize(
    "thing",
    [3, True, 0.5, np.float32(0.5), np.array(2), np.bool_(False), Fraction(1, 3), Decimal("0.1")],
    ids=repr,
)
def test_numbers(thing):
    assert type(as_float(thing, "here")) is float
    assert as_float(thing, "here") == float_or_none(thing) == float(thing)


@pytest.mark.parametrize(
    "thing", [None, "1", 1j, [1], np.array([1.0]), np.array("1"), Decimal("sNaN")], ids=repr
)
def test_everything_else(thing):
    assert float_or_none(thing) is None
    with pytest.raises(
        TypeError, match=r"^here: got .*; allowed: one real number: an int, float, bool, Fraction"
    ):
        as_float(thing, "here")


def test_a_message_may_allow_more():
    with pytest.raises(TypeError, match=re.escape("exp: got None; allowed: numbers and lists")):
        as_float(None, "exp", "numbers and lists")


def test_a_huge_int():
    message = re.escape(
        "here: got an int (of 1329 bits), beyond the largest float (1.8e308); scale it down"
    )
    with pytest.raises(OverflowError, match=message):
        as_float(10**400, "here")
    assert as_float(10**308, "here") == 1e308


def test_labels():
    assert checked_label("w") == "w"
    with pytest.raises(TypeError, match=r"^label: got an int \(3\); allowed: a str or None$"):
        checked_label(3)


@pytest.mark.parametrize(
    ("thing", "where", "advice"),
    [
        ([1.0, 2.0], "Value", "; autograd.values makes a Value of each number of a list"),
        (np.ones(3), "Value", "; autograd.values makes a Value of each number of a list"),
        (np.array("a"), "Value", ""),
        ([1.0, 2.0], "here", ""),
        (None, "grad", "; zero_grad() resets a gradient"),
        (None, "Value", ""),
    ],
)
def test_what_was_probably_meant_is_said(thing, where, advice):
    with pytest.raises(TypeError) as caught:
        as_float(thing, where, "floats")
    assert str(caught.value).partition("; allowed: floats")[2] == advice
