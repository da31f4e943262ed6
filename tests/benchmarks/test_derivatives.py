"""The benchmark of derivatives, run small; no time is ever asserted."""

import numpy as np
import pytest

import autograd
from benchmarks import __main__ as command
from benchmarks import derivatives, small


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
    assert rows[4] == "| small functions | eager | compiled | by hand |"
    assert [row.split(" | ")[0] for row in rows[6:12]] == [
        f"| {kind}, {name}" for name in small.OURS for kind in small.KINDS
    ]


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


def test_calls_stand_beside_a_bare_one(monkeypatch):
    monkeypatch.setattr(small, "calls", lambda _: {"bare": 5e-8, "J": 1e-7})
    assert derivatives.of_calls(1).splitlines()[2:] == [
        "| bare | 50.0 ns | 1.00x |",
        "| J | 100 ns | 2.00x |",
    ]


def test_what_is_called_has_the_numbers_of_the_eager_engine():
    times = small.calls(1, 3)
    assert list(times) == list(small.CALLS)
    for step, args in [*small.CALLS.values()][1:]:
        value, gradients = step(*args)
        leaves = [autograd.values(x) if isinstance(x, list) else autograd.Value(x) for x in args]
        result = step.function(*leaves)
        result.backward()
        assert value == pytest.approx(result.data, rel=1e-12)
        flat = leaves[0] if isinstance(args[0], list) else leaves
        assert list(gradients) == pytest.approx([leaf.grad for leaf in flat], rel=1e-12)
    price = small.CALLS["Black-Scholes"][0].value(100.0, 95.0, 0.5, 0.03, 0.2)
    assert price == pytest.approx(9.2510903150, rel=1e-10)


@pytest.mark.parametrize("name", small.OURS)
@pytest.mark.parametrize("kind", small.KINDS)
def test_what_is_derived_by_hand_is_right(name, kind):
    x = small.PLACES[name]
    found = {title: way(x, None) for title, way in small.ways(name, kind, with_jax=False).items()}
    assert np.allclose(found["by hand"], found["eager"], rtol=1e-12)
    assert np.allclose(found["compiled"], found["eager"], rtol=1e-12)


def test_jax_is_called_with_an_array(monkeypatch):
    pytest.importorskip("jax")
    monkeypatch.setattr(derivatives, "TURN", 1e-5)
    for name in small.OURS:
        found = small.ways(name, "gradient", with_jax=True)
        assert "jax.jit" in derivatives.measure(found, 1, small.PLACES[name])
