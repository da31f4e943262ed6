"""The benchmark of derivatives, run small; no time is ever asserted."""

import numpy as np
import pytest

from benchmarks import __main__ as command
from benchmarks import derivatives


def test_the_command_prints_a_table_and_writes_it(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(derivatives, "TURN", 1e-4)
    file = tmp_path / "table.md"
    asked = ["--derivatives", "--samples", "1", "--rounds", "1", "--peers", "--markdown", str(file)]
    assert command.main(asked) == 0
    text = file.read_text(encoding="utf-8")
    assert text in capsys.readouterr().out
    head, _, *rows = text.splitlines()
    assert head == "| 20 parameters | eager | compiled | as NumPy | as a tape |"
    assert [row.split(",")[0] for row in rows[:3]] == [f"| {kind}" for kind in derivatives.KINDS]


def test_a_way_with_other_numbers_is_found():
    found = {"eager": lambda p, v: p * v, "other": lambda p, v: p + v}
    with pytest.raises(RuntimeError, match="other does not give the eager numbers"):
        derivatives.measure(found, 1)


def test_peers_that_are_missing_are_left_out(monkeypatch):
    def missing(kind, samples):
        raise ImportError(kind, samples)

    monkeypatch.setitem(derivatives.PEERS, "jax.jit", missing)
    assert "jax.jit" not in derivatives.ways("gradient", 1, ["jax.jit"])


def test_the_loss_of_arrays_is_the_loss_of_scalars():
    p = np.linspace(-1, 1, derivatives.PARAMETERS)
    vectorised = derivatives.vectorised(4, np.asarray, np.tanh)
    assert vectorised(p) == pytest.approx(derivatives.ours(4)(p), rel=1e-14)
