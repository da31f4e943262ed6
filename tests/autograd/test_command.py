"""The command line: ``python -m autograd FORMULA NAME=NUMBER ...``."""

import subprocess
import sys

import pytest

from autograd.__main__ import main


def ran(capsys, *arguments):
    """Run in this process; return the exit status and what was printed, errors last."""
    status = main(arguments)
    out, err = capsys.readouterr()
    return status, out + err


def test_the_value_the_derivatives_and_the_ledger_are_printed(capsys):
    status, text = ran(capsys, "3*(a+b*c)", "a=2", "b=3", "c=4")
    assert status == 0
    assert text.startswith("J = 42\ndJ/da = 3\ndJ/db = 12\ndJ/dc = 9\n\n")
    assert "   4  v₁    b * c   dJ/dv₁ = 3  dv₁/db = c = 4         12  dJ/db = 12\n" in text


def test_it_runs_as_a_program_and_exits_with_2_on_errors():
    run = [sys.executable, "-m", "autograd"]
    done = subprocess.run([*run, "-a * b", "a=2", "b=3"], capture_output=True, check=False)
    assert (done.returncode, done.stdout.decode().splitlines()[0]) == (0, "J = −6")
    done = subprocess.run([*run, "3*tahn(a)", "a=2"], capture_output=True, check=False, text=True)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        "error: there is no function tahn; did you mean tan or tanh? (column 3)\n"
        "  3*tahn(a)\n    ^~~~\n"
    )


def test_parts_are_named_explained_drawn_and_saved(capsys, tmp_path):
    picture, page = tmp_path / "j.svg", tmp_path / "j.html"
    status, text = ran(
        capsys, "u = b*c; 3*(a + u)", "a=2", "b=3", "c=4", "--explain", "b", "--tree",
        f"--save={picture}", "--save", str(page), "--digits", "3",
    )  # fmt: skip
    assert status == 0
    assert "dJ/db = dJ/du * du/db = 3 * c = 3 * 4 = 12" in text
    assert "└─ × u" in text
    assert text.endswith(f"saved {picture}\nsaved {page}\n")
    assert picture.read_text(encoding="utf-8").startswith("<svg")
    assert "explore" not in picture.read_text(encoding="utf-8")
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_results_are_named_and_numbers_alone_are_printed(capsys):
    assert ran(capsys, "2 + 3")[1] == "5\n"
    assert ran(capsys, "J * J", "J=3")[1].startswith("result = 9\ndresult/dJ = 6\n")
    assert ran(capsys, "cost = a * a", "a = 3")[1].startswith("cost = 9\ndcost/da = 6\n")
    assert ran(capsys, "a", "a=2")[1].startswith("a = 2\nda/da = 1\n")
    assert ran(capsys, "--", "-a", "a=2")[1].startswith("J = −2\n")


ENDING = "a picture is saved by its file's ending, .svg, .png, .pdf or .dot, not .gif (in 'j.gif')"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a*b", "a=2"], "b has no number; give one: b=2 (column 3)\n  a*b\n    ^"),
        (["a", "a=1", "b=2"], "b is not in the formula: leave b=... out"),
        (["a", "a=x"], "a must be a number as in a=2.5, not 'x'"),
        (["a", "2"], "a variable is given as in a=2, not '2'"),
        (["a", "a=1", "--explain", "b"], "--explain b: the formula has no variable of this name"),
        (["1", "--save", "x.svg"], "the formula has no variables: there is no graph to save"),
        (
            ["a", "a=1", "--digits", "0"],
            "digits: got an int (0); allowed: a whole number from 1 to 17",
        ),
        (["a*a", "a=1", "--save", "j.gif"], ENDING),
    ],
)
def test_what_is_refused(capsys, arguments, message):
    assert ran(capsys, *arguments) == (2, f"error: {message}\n")
