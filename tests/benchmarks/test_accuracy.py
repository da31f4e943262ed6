"""The committed table of errors is whole, and this library is as exact as it says."""

import math
import re
from pathlib import Path

import pytest

from autograd.primitives import TABLE
from benchmarks import __main__ as command
from benchmarks.accuracy import __main__ as accuracy
from benchmarks.accuracy import nist
from benchmarks.accuracy.library import Library
from benchmarks.accuracy.measure import Worst, worst
from benchmarks.accuracy.points import points
from benchmarks.accuracy.references import differentiated, ulps

PAGE = Path(__file__).parents[2] / "docs" / "accuracy.md"
ROW = re.compile(r"^\| (\w+) \| (\d+) \| ([^|]+) \| ([^|]+) \|", re.MULTILINE)
ROWS = ROW.findall(PAGE.read_text("utf-8").partition(nist.HEADING)[0])
SAMPLE = 12  # points of each primitive that are measured again
# Another C library may round otherwise than the one that the table was measured on.
SLACK = 1.0


def number(cell):
    """Read a cell of the table."""
    return math.inf if cell == "*wrong*" else 0.0 if cell == "–" else float(cell)


def test_the_table_has_every_primitive():
    assert [row[0] for row in ROWS] == accuracy.NAMES


@pytest.mark.parametrize(("name", "count", "value", "slope"), ROWS)
def test_this_library_keeps_to_its_column(name, count, value, slope):
    assert int(count) > SAMPLE
    every = max(1, len(points(name)) // (SAMPLE // (1 + TABLE[name].variadic)))
    for error, cell in zip(worst(name, accuracy.OURS, every), (value, slope), strict=True):
        assert error is None or error.ulp <= number(cell) + SLACK, f"{name} {error.place}"


def test_few_errors_are_large_and_none_is_wrong():
    large = {name for name, _, *cells in ROWS if max(map(number, cells)) > 4}
    assert large <= LARGE
    assert all(math.isfinite(number(cell)) for _, _, *cells in ROWS for cell in cells)


# What is above 4 ulp, and why.
LARGE = {
    "gelu_tanh",  # in the tail the rounding of its polynomial is multiplied by its size
    "prod",  # thirty factors, multiplied from left to right
    "softmax",  # thirty numbers, added from left to right
    "polygamma",
    "mish",
}


def test_a_wrong_library_is_found():
    def at(name, some):
        return [(float("nan"), dict.fromkeys(differentiated(name, xs), 1.0)) for xs in some]

    value, slope = worst("exp", Library("wrong", "1", at), 20)
    assert accuracy.shown(value) == "*wrong*"
    assert slope.ulp > 1e6


@pytest.mark.parametrize(
    ("got", "want", "error"),
    [(1.0, 1.0, 0.0), (1.0 + 2**-52, 1.0, 1.0), (math.inf, 1.0, math.inf), (0.0, 1e-310, 0.0)],
)
def test_errors_are_counted_in_units_of_the_last_place(got, want, error):
    assert ulps(got, want, 0.0) == error


def test_the_command_writes_a_page(tmp_path, capsys):
    file = tmp_path / "page.md"
    asked = ["--accuracy", "--only", "clip", "--peers", "--markdown", str(file)]
    assert command.main(asked) == 0
    text = file.read_text("utf-8")
    assert text in capsys.readouterr().out
    assert "| clip | " in text


def test_rows_that_are_not_measured_stay(tmp_path):
    file = tmp_path / "page.md"
    for name in ("clip", "floor"):
        accuracy.main(["--only", name, "--peers", "--markdown", str(file)])
    assert [row[0] for row in ROW.findall(file.read_text("utf-8"))] == ["clip", "floor"]


def test_either_part_of_the_page_stays_while_the_other_is_measured(tmp_path, monkeypatch):
    file = tmp_path / "page.md"
    monkeypatch.setattr(nist, "MODELS", {"DanWood": nist.MODELS["DanWood"]})
    accuracy.main(["--only", "clip", "nist", "--peers", "--markdown", str(file)])
    whole = file.read_text("utf-8")
    assert re.search(r"\| DanWood \| 6 \| 2 \| 1\d\.\d \|", whole)
    for part in ("clip", "nist"):
        accuracy.main(["--only", part, "--peers", "--markdown", str(file)])
        assert file.read_text("utf-8") == whole
    accuracy.main(["--only", "floor", "--peers", "--markdown", str(file)])
    text, heading, section = file.read_text("utf-8").partition(nist.HEADING)
    assert [row[0] for row in ROW.findall(text)] == ["clip", "floor"]
    assert whole.endswith(heading + section)


def test_large_errors_are_printed_with_their_place(monkeypatch, capsys):
    bad = [("exp", [(Worst(7.0, "at (1.0,)"), None)])]
    monkeypatch.setattr(accuracy, "compare", lambda *_: bad)
    accuracy.main(["--only", "clip", "--peers"])
    assert "exp, scalar-autograd: 7 ulp at (1.0,)" in capsys.readouterr().out
