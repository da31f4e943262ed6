import math

import pytest

from autograd.expressions import END, ISOLATE
from viz.formatting import formatter, printable, shorten


def test_shorten_keeps_short_names_and_both_ends_of_long_ones():
    assert shorten("a b") == "a b"
    assert shorten("a\n b") == "a b"
    long = shorten("w" * 50 + ".1")
    assert len(long) == 24
    assert long.endswith(".1")


@pytest.mark.parametrize(
    "text",
    [r"\Gamma", "<b> &amp; 'x'", "no\u00a0break", "a\u200fb", "👩\u200d🔬", "\ue000", "two\nlines",
     f"{ISOLATE}שלום{END}", ""],
)  # fmt: skip
def test_what_can_be_shown_stays_as_typed(text):
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb", "a b"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("\x00\x1b[31m\x7f", "��[31m�"),
        ("\ud800 \udfff", "� �"),
        ("\ufdd0\uffff", "��"),
        ("\u202e turned", "� turned"),
        (f"{ISOLATE} open", "� open"),
        (f"{ISOLATE}\x00{END}", "���"),
    ],
)
def test_what_cannot_be_shown_is_exchanged(text, shown):
    assert printable(text) == shown


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (2.0, "2"), (-3.0, "−3"), (0.0, "0"), (-0.0, "0"), (0.123456, "0.1235"), (1e-5, "1e−5"),
        (-1.23456e12, "−1.235e12"), (123456.0, "1.235e5"), (math.nan, "nan"), (math.inf, "inf"),
        (-math.inf, "−inf"), (1e300, "1e300"), (5e-324, "4.941e−324"),
    ],
)  # fmt: skip
def test_numbers(x, text):
    assert formatter(4, None)(x) == text


def test_formats():
    assert formatter(2, None)(3.14159) == "3.1"
    assert formatter(4, ".1e")(-31.4159) == "−3.1e1"
    assert formatter(4, lambda x: f"{x:.0f} V")(-2.5) == "-2 V"


@pytest.mark.parametrize("digits", [0, 18, 2.0, "4", True, None])
def test_wrong_digits(digits):
    with pytest.raises(
        (TypeError, ValueError), match=r"digits: got .*; allowed: a whole number from 1 to 17"
    ):
        formatter(digits, None)


def test_wrong_formats():
    with pytest.raises(
        ValueError, match=r"format: got a str .'\.2q'.; allowed: a format of floats"
    ):
        formatter(4, ".2q")
    with pytest.raises(
        TypeError, match=r"format: got .*; allowed: a format of floats such as '\.2f', a function"
    ):
        formatter(4, 3)
