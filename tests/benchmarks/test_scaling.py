"""The benchmark of scaling, run small; no time is ever asserted."""

import sys

import pytest

from benchmarks import __main__ as command
from benchmarks import scaling


def test_the_command_prints_a_table_and_writes_it(tmp_path, capsys, monkeypatch):
    pytest.importorskip("jax", reason="the extra jax is not installed")
    monkeypatch.setattr(scaling, "measure", lambda job: {"ours": job.batch * 10.0, "hand": 2560.0})
    file = tmp_path / "table.md"
    asked = ["--scaling", "--devices", "1", "8", "--markdown", str(file), "--width", "256"]
    assert command.main(asked) == 0
    text = file.read_text(encoding="utf-8")
    assert text in capsys.readouterr().out
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    assert rows[1:] == [
        ["64-32-10", "2,410", "128", "1", "1", "1,280", "2,560", "2.00 x"],
        ["64-32-10", "2,410", "128", "8", "1", "1,280", "2,560", "2.00 x"],
        ["64-32-10", "2,410", "128", "1", "2", "1,280", "2,560", "2.00 x"],
        ["784-256-256-10", "269,322", "64", "1", "1", "640", "2,560", "4.00 x"],
        ["784-256-256-10", "269,322", "512", "1", "1", "5,120", "2,560", "0.50 x"],
        ["784-256-256-10", "269,322", "512", "8", "1", "5,120", "2,560", "0.50 x"],
    ]


def test_two_processes_train_and_one_tells():
    pytest.importorskip("jax", reason="the extra jax is not installed")
    found = scaling.measure(scaling.Job((3, 2), samples=8, batch=4, epochs=2, processes=2))
    assert set(found) == {"ours", "hand"}
    assert min(found.values()) > 0


def test_a_process_that_fails_is_an_error(capfd):
    pytest.importorskip("jax", reason="the extra jax is not installed")
    with pytest.raises(RuntimeError, match="a process that trains 3-0 has failed; see above"):
        scaling.measure(scaling.Job((3, 0), samples=8, batch=4, epochs=2))
    assert "Error" in capfd.readouterr().err


def test_without_jax_one_line_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "jax", None)
    assert command.main(["--scaling"]) == 1
    assert capsys.readouterr().err == 'this needs jax: pip install "scalar-autograd[jax]"\n'
