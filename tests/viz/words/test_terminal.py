import io
import sys

import pytest

from viz.reports import tables as terminal


class Screen(io.StringIO):
    encoding = "ascii"

    def isatty(self):
        return True


@pytest.fixture
def clean(monkeypatch):
    for name in ("NO_COLOR", "TERM", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_width(clean):
    clean.setattr(sys, "__stdout__", io.StringIO())
    assert terminal.width() == 100
    clean.setenv("COLUMNS", "57")
    assert terminal.width() == 57


def test_encoding(clean):
    assert terminal.encoding(Screen()) == "ascii"
    assert terminal.encoding(io.BytesIO()) == "utf-8"
    clean.setattr(sys, "stdout", Screen())
    assert terminal.encoding() == "ascii"


def test_colour(clean):
    assert terminal.has_colour(Screen())
    assert not terminal.has_colour(io.StringIO())
    assert not terminal.has_colour(object())
    clean.setattr(sys, "stdout", Screen())
    assert terminal.has_colour()
    clean.setenv("TERM", "dumb")
    assert not terminal.has_colour()
    clean.setenv("TERM", "xterm")
    clean.setenv("NO_COLOR", "1")
    assert not terminal.has_colour()


def test_painted():
    assert terminal.painted("x", "red") == "\x1b[1;31mx\x1b[0m"
    assert terminal.painted("x", "") == "x"
    assert terminal.painted("  ", "red") == "  "


@pytest.mark.parametrize(
    ("text", "encoding", "shown"),
    [
        ("│  ├─ w₁ … ↑", "utf-8", "│  ├─ w₁ … ↑"),
        ("│  ├─ w₁⁽⁰·³⁾ … ↑", "ascii", "|  |- w1(0.3) ... ^"),
        ("└─ × é −3", "latin-1", "`- × é -3"),
        ("└─ −", "cp437", "└─ -"),
        ("e\u0301 \u2068שלום\u2069 ∇", "ascii", "e ???? ?"),
        ("x", "no such encoding", "?"),
    ],
)
def test_shown_in(text, encoding, shown):
    assert terminal.shown_in(text, encoding) == shown


def test_cut_counts_columns():
    assert terminal.cut("重み重み", 5) == "重み…"
    assert terminal.cut("重み", 4) == "重み"
    assert terminal.cut("abc", 1) == "…"
