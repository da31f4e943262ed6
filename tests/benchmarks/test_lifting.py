"""Lifted programs: all ways find the same numbers, and the command writes its table."""

import numpy as np
import pytest

import benchmarks.__main__ as command
from benchmarks.lifting import __main__ as lifting
from benchmarks.lifting import cases, run, table
from benchmarks.lifting.run import CaseRow
from benchmarks.lifting.structure import flat
from benchmarks.lifting.ways import WAYS, CaseWorker
from benchmarks.runner import Outcome, Settings, difference


def numbers(way, name):
    worker = CaseWorker(WAYS[way]())
    worker.load(name)
    return worker.found()["found"]


@pytest.mark.parametrize(
    ("name", "ways"),
    [
        ("product", ("lifted", "numpy", "tape", "alone")),
        ("hinge-5", ("lifted", "numpy", "tape", "hand", "operators")),
        ("classification-3", ("lifted", "hand", "numpy")),
        ("wide-2", ("lifted", "hand")),
        ("recurrent-3", ("lifted", "hand", "numpy")),
        ("sequences-3", ("lifted", "hand", "numpy")),
        ("oscillator-3", ("lifted", "hand")),
        ("chain-20", ("lifted", "numpy", "tape", "alone")),
        ("irregular-200", ("lifted", "numpy", "tape", "alone")),
    ],
)
def test_all_ways_find_the_eager_kernels_numbers(name, ways):
    expected = numbers("native", name)
    assert len(expected) > 1
    for way in ways:
        assert difference(numbers(way, name), expected) < 1e-12, way


@pytest.mark.parametrize(
    "name", ["hinge-5", "classification-3", "recurrent-3", "sequences-3", "oscillator-3"]
)
def test_jax_finds_them_too(name):
    pytest.importorskip("jax")
    assert difference(numbers("jax", name), numbers("hand", name)) < 1e-12


def test_the_transformer_has_some_70_000_nodes():
    _, known = WAYS["native"]().run(cases.find("transformer"))
    assert known["nodes"] == 71_045


def test_numbers_of_nested_results_come_in_order():
    assert list(flat([1.0, {"w": np.array([[2.0], [3.0]])}, (4,)])) == [1.0, 2.0, 3.0, 4.0]


@pytest.mark.parametrize("name", cases.DEFAULT)
def test_default_cases_have_names_that_can_be_found(name):
    assert name in cases.FIXED or name.partition("-")[0] in cases.SIZED


def test_an_unknown_workload_ends_the_command(capsys):
    assert command.main(["--lifted", "--only", "sort"]) == 2
    assert "lifted workload 'sort': allowed are product" in capsys.readouterr().err


def test_the_command_prints_a_table_and_writes_it(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(lifting, "QUICK", Settings(rounds=2, turn=1e-6, limit=60.0))
    file = tmp_path / "table.md"
    asked = ["--lifted", "--quick", "--only", "product", "--ways", "native", "tape"]
    assert command.main([*asked, "--markdown", str(file)]) == 0
    printed = capsys.readouterr().out
    assert "J = 3 (a + b c): 7 nodes\n  lifted " in printed
    assert "the faster engine is chosen" in printed
    text = file.read_text(encoding="utf-8")
    assert text.startswith("| | nodes | engine | tracing | first call | lifted |")
    assert "| J = 3 (a + b c) | 7 |" in text


def test_aims_that_are_missed_are_told():
    row = CaseRow(cases.find("hinge-100"))
    row.outcomes = {"lifted": Outcome(2.0), "hand": Outcome(1.0), "jax": Outcome(15.0)}
    told = dict(table.aims(row))
    assert told == {
        "0.50x faster than NumPy by hand, aim at least 2.5x": False,
        "7.50x faster than JAX jit, aim at least 5x": True,
    }
    slow = CaseRow(cases.find("transformer"), known={"lifted": {"first": 0.5}})
    slow.outcomes = {"lifted": Outcome(1e-3), "tape": Outcome(0.5e-3)}
    assert list(table.aims(slow)) == [
        ("call 1.00 ms, aim at most 500 us", False),
        ("first call 500 ms, aim at most 1.00 s", True),
        ("the faster engine is chosen", False),
    ]


def test_threads_shall_gain_where_a_call_is_long():
    for name, one, lifted, told in (
        ("hinge-1000", 80.0, 40.0, ("2.00x faster than on one thread, aim at least 1.7x", True)),
        ("hinge-1000", 80.0, 60.0, ("1.33x faster than on one thread, aim at least 1.7x", False)),
        ("hinge-100", 10.0, 10.0, ("1.00x faster than on one thread, aim at least 0.95x", True)),
        ("hinge-1000", 40.0, 50.0, ("0.80x faster than on one thread, aim at least 0.95x", False)),
    ):
        row = CaseRow(cases.find(name))
        row.outcomes = {"lifted": Outcome(lifted * 1e-6), "one": Outcome(one * 1e-6)}
        assert list(table.aims(row)) == [told]


def test_each_way_has_its_threads():
    environments = {way: process.entry.environment for way, process in run.ways(2).items()}
    for way, environment in environments.items():
        assert {environment[name] for name in run.LIBRARIES} == {"1" if way == "one" else "2"}
    assert "one" not in run.ways()


def test_a_problem_takes_the_place_of_a_time():
    row = CaseRow(cases.find("product"))
    row.outcomes = {"lifted": Outcome(problem="recursion error"), "native": Outcome(1e-6)}
    assert "recursion error" in "\n".join(table.blocks([row]))
    assert list(table.markdown([row]))[-1] == (
        "| J = 3 (a + b c) | ? |  |  |  | recursion error | 1.00 us |"
    )
