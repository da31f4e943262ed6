"""The fit of the costs by which engines are chosen, run small; no time is ever asserted."""

import importlib.util
import math

import numpy as np
import pytest

from autograd.compiler.executors import fitted_costs
from autograd.compiler.executors.cost import FITTED, ArrayWork, Costs, RowsWork, TapeWork
from autograd.compiler.tape.choice import COMPILED
from benchmarks import __main__ as command
from benchmarks.costs.__main__ import module, verdicts
from benchmarks.costs.fit import fitted, nonnegative, solved
from benchmarks.costs.measure import Measured, prepared
from benchmarks.costs.programs import subjects

KNOWN = Costs(
    TapeWork(100.0, 3000.0, 200.0, 0.5, 1.0, 0.75, 1.25, 8.0, 16.0),
    RowsWork(1000.0, 50.0, 0.25, 6.0, 0.125, 1.0, 9.0),
    ArrayWork(1500.0, 40.0, 0.25, 20.0, 5.0, 0.0, 0.5, 2.0, 8.0, 0.125, 0.75),
    ArrayWork(1200.0, 60.0, 0.5, 30.0, 6.0, 0.0, 1.0, 3.0, 9.0, 0.5, 1.5),
    ArrayWork(3000.0, 300.0, 0.25, 700.0, 80.0, 150.0, 0.5, 4.0, 7.0, 0.25, 1.0),
)


def synthetic(rng, samples):
    """Return random work of every kind, and the times that known costs give."""
    costs = {"tape": KNOWN.tape, "numpy": KNOWN.numpy}
    costs |= {"blocked": KNOWN.blocks, "rows": KNOWN.rows} if samples else {"blocked": KNOWN.whole}
    work = {
        engine: (1.0, *rng.integers(0, 1000, len(cost) - 1).astype(float))
        for engine, cost in costs.items()
    }
    seconds = {engine: float(np.dot(work[engine], cost)) / 1e9 for engine, cost in costs.items()}
    return Measured("made", None, samples, work, seconds)


def test_known_costs_are_found_again():
    rng = np.random.default_rng(0)
    found = fitted([synthetic(rng, samples) for samples in (0, 10) for _ in range(60)])
    for got, known in zip(found, KNOWN, strict=True):
        np.testing.assert_allclose(got, known, rtol=1e-2, atol=1e-2)


def test_no_cost_is_negative_and_half_is_as_wrong_as_twice():
    work = np.array([[1.0, 10.0], [1.0, 20.0]])
    assert min(solved(work, np.array([300.0, 100.0]))) >= 0
    assert solved(np.ones((2, 1)), np.array([50.0, 200.0])) == [100.0]
    np.testing.assert_allclose(nonnegative(work, np.array([12.0, 22.0])), [2.0, 1.0], rtol=1e-6)


def test_what_is_written_is_what_the_estimate_reads(tmp_path):
    file = tmp_path / "costs.py"
    file.write_text(module(FITTED), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("costs", file)
    written = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(written)
    for name, cost in FITTED._asdict().items():
        assert (
            getattr(written, name.upper()) == getattr(fitted_costs, name.upper()) == cost._asdict()
        )


@pytest.mark.skipif(not COMPILED, reason="the tape in plain Python is never faster")
def test_costs_decide_and_a_choice_is_judged_by_times():
    one = prepared(next(one for one in subjects(quick=True) if one.name == "rosenbrock 100"))
    one.seconds.update(tape=1.0, numpy=2.0, blocked=4.0)
    dear = FITTED._replace(tape=TapeWork(*[1e9] * len(TapeWork._fields)))
    cheap = dear._replace(numpy=ArrayWork(*[0.0] * len(ArrayWork._fields)))
    free = FITTED._replace(tape=TapeWork(*[0.0] * len(TapeWork._fields)))
    for costs, expected in (
        (dear, (4.0, "blocked")),
        (cheap, (2.0, "numpy")),
        (free, (1.0, "tape")),
    ):
        (found,) = verdicts([one], costs)
        assert (found.ratio, found.chosen, found.best) == (*expected, "tape")


@pytest.mark.skipif(not COMPILED, reason="the tape in plain Python is never faster")
def test_the_command_prints_costs_and_writes_them(tmp_path, capsys):
    file = tmp_path / "costs.py"
    assert command.main(["--costs", "--quick", "--rounds", "1", "--write", str(file)]) == 0
    text = capsys.readouterr().out
    written = file.read_text(encoding="utf-8")
    assert written in text
    names: dict = {}
    exec(written, names)
    for name, cost in FITTED._asdict().items():
        own = names[name.upper()]
        assert own.keys() == cost._asdict().keys()
        assert all(x >= 0 and math.isfinite(x) for x in own.values())
    count = len(subjects(quick=True))
    assert text.startswith(f"{count} programs, ")
    assert text.count(f": of {count} programs ") == 2


@pytest.mark.skipif(COMPILED, reason="it has the compiled engines")
def test_without_compiled_engines_there_is_nothing_to_fit(capsys):
    assert command.main(["--costs"]) == 2
    assert "build the kernels" in capsys.readouterr().err
