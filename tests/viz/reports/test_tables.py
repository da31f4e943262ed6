import io
import sys

import pytest

from viz.reports import tables
from viz.reports.tables import TextTable


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
    assert tables.terminal_width() == 100
    clean.setenv("COLUMNS", "57")
    assert tables.terminal_width() == 57


def test_encoding(clean):
    assert tables.stream_encoding(Screen()) == "ascii"
    assert tables.stream_encoding(io.BytesIO()) == "utf-8"
    clean.setattr(sys, "stdout", Screen())
    assert tables.stream_encoding() == "ascii"


def test_colour(clean):
    assert tables.supports_colour(Screen())
    assert not tables.supports_colour(io.StringIO())
    assert not tables.supports_colour(object())
    clean.setattr(sys, "stdout", Screen())
    assert tables.supports_colour()
    clean.setenv("TERM", "dumb")
    assert not tables.supports_colour()
    clean.setenv("TERM", "xterm")
    clean.setenv("NO_COLOR", "1")
    assert not tables.supports_colour()


def test_painted():
    assert tables.styled("x", "red") == "\x1b[1;31mx\x1b[0m"
    assert tables.styled("x", "") == "x"
    assert tables.styled("  ", "red") == "  "


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
    assert tables.to_encoding(text, encoding) == shown


def test_cut_counts_columns():
    assert tables.cut("重み重み", 5) == "重み…"
    assert tables.cut("重み", 4) == "重み"
    assert tables.cut("abc", 1) == "…"


TABLE = TextTable(
    ("n", "what"), [("1", "first thing"), "7 more", ("10", "a < b | c")], right=(0,), soft=(1,)
)


def test_text():
    assert TABLE.width == 15
    assert TABLE.text(80).splitlines() == [
        " n  what", " 1  first thing", "  … 7 more", "10  a < b | c",
    ]  # fmt: skip


def test_soft_columns_are_cut_down_to_ten():
    assert TABLE.text(14).splitlines()[1] == " 1  first thi…"
    assert TABLE.text(3) == TABLE.text(14)


def test_wide_signs_count_twice():
    assert TextTable(("a", "b"), [("重み", "x")]).text(80).splitlines() == ["a     b", "重み  x"]


def test_markdown():
    assert TABLE.markdown().splitlines() == [
        "| n | what |", "| --: | --- |", "| 1 | first thing |", "| … 7 more |  |",
        "| 10 | a < b | c |",
    ]  # fmt: skip


def test_html_is_escaped():
    text = TABLE.html("a & b")
    assert "<caption>a &amp; b</caption>" in text
    assert '<td style="text-align: left"><bdi>a &lt; b | c</bdi></td>' in text
    assert '<td colspan="2">… 7 more</td>' in text
