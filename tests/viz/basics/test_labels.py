import pytest

from autograd.expressions.latex import END, ISOLATE
from viz.basics.labels import printable, shorten


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
