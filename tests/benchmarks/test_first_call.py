"""First calls: all ways find the same numbers, and the command writes its table."""

import math
import mmap

import pytest

from autograd import Value
from benchmarks import __main__ as command
from benchmarks.first_call import __main__ as first_call
from benchmarks.first_call import cases, programs, run, table, ways
from benchmarks.process import PeerError
from benchmarks.runner import difference
from benchmarks.worker import make_worker

SMALL = {
    "network": cases.CASES["network"],
    "euler": lambda: cases.Case("e", programs.euler(5), ([1.5, 0.2], [1.0, 0.0])),
    "gaussian-process": lambda: cases.Case(
        "g", programs.gaussian_process, ([0.1, -0.5, -1.0], [0.1, 0.5, 1.0], [0.2, 0.4, 0.9])
    ),
    "kalman": lambda: cases.Case("k", programs.kalman, ([-1.0, -0.5], [0.3, 0.1, 0.7])),
    "hessian": cases.CASES["hessian"],
}


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    monkeypatch.setattr(ways, "LEAST", 0.0)


def numbers(way, name):
    return ways.WAYS[way]().measure(name)["numbers"]


@pytest.mark.parametrize("name", SMALL)
def test_the_compiled_function_and_casadi_find_the_eager_numbers(name, monkeypatch):
    monkeypatch.setitem(cases.CASES, name, SMALL[name])
    expected = numbers("eager", name)
    assert difference(numbers("compiled", name), expected) < 1e-9
    pytest.importorskip("casadi")
    assert difference(numbers("casadi", name), expected) < 1e-9


@pytest.mark.parametrize(
    "name", ["network", "transformer-2", "euler", "gaussian-process", "recurrent", "hessian",
             "kalman", "lorenz", "batch-of-one"],
)  # fmt: skip
def test_what_is_written_for_jax_finds_them_too(name):
    pytest.importorskip("jax")
    assert difference(numbers("jax", name), numbers("eager", name)) < 1e-9


def test_a_small_transformer_is_written_for_casadi():
    pytest.importorskip("casadi")
    assert difference(numbers("casadi", "transformer-2"), numbers("eager", "transformer-2")) < 1e-9


def test_both_engines_run_the_batch_of_one():
    expected = numbers("eager", "batch-of-one")
    for way in ("numpy", "tape"):
        found = ways.WAYS[way]().measure("batch-of-one")
        assert found["engine"] == way
        assert difference(found["numbers"], expected) < 1e-9


def test_a_trace_is_of_one_sample_and_of_all_results():
    traced = {name: ways.Traced().measure(name)["nodes"] for name in ("network", "hessian")}
    assert traced["network"] < 1000 < traced["hessian"]


def test_a_lorenz_system_without_a_step_stays_where_it_is():
    final = programs.runge_kutta(0, 0.1, programs.lorenz)(None)
    assert final([1.0, 2.0, 3.0], [1.0, 2.0, 2.0]) == 9.0


def test_lorenz_and_sir_follow_their_fields():
    assert programs.lorenz([10.0, 28.0, 2.0], [1.0, 2.0, 3.0]) == [10.0, 23.0, -4.0]
    assert programs.epidemic([0.5, 0.25], [0.5, 0.5, 0.0]) == [-0.125, 0.0, 0.125]


def test_the_peak_counts_what_has_been_freed_again():
    peak = ways.Peak()
    held = mmap.mmap(-1, 50_000_000)  # memory of its own: what was freed before may still be held
    for i in range(0, len(held), mmap.PAGESIZE):
        held[i] = 1
    held.close()
    assert 40_000_000 < peak.bytes() < 100_000_000


def test_where_the_system_has_no_status_the_peak_is_that_of_the_whole_process(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(ways.Peak, "STATUS", tmp_path / "status")
    monkeypatch.setattr(ways.Peak, "FORGET", tmp_path / "no" / "clear_refs")
    assert ways.Peak().bytes() >= 0


def test_a_worker_of_a_way_is_found_by_its_prefix():
    assert isinstance(make_worker("first-call:eager"), ways.Eager)


def test_the_demonstration_tells_its_first_calls(monkeypatch):
    monkeypatch.setattr("demos.tiny_transformer.WORDS", ["a", "b", "in"])
    found = ways.Demo().measure("2")
    assert found["lengths"] == 2
    assert found["first"] > 0
    assert found["whole"] > 0
    with pytest.raises(TypeError, match=r"^Euler, 300"):
        ways.Demo().cost(cases.CASES["batch-of-one"]())


def test_the_least_of_all_turns_counts_and_wrong_numbers_are_told():
    row = run.Row("euler")
    row.add("eager", {"eager": 2.0, "memory": 100, "nodes": 10, "numbers": [1.0]})
    row.add("eager", {"eager": 1.0, "memory": 300, "nodes": 10, "numbers": [1.0]})
    row.add("compiled", {"first": 4.0, "memory": 600, "engine": "tape", "numbers": [1.0]})
    assert (row.facts["eager"], row.facts["compiled engine"], row.nodes) == (1.0, "tape", 10)
    assert row.bytes_a_node == 50.0
    with pytest.raises(PeerError, match="wrong numbers"):
        row.add("casadi", {"casadi": 1.0, "numbers": [2.0]})
    assert run.Row("euler").bytes_a_node is None
    assert "casadi" not in row.facts


def test_a_row_tells_ratios_and_aims():
    row = run.Row("euler", {"eager": 1.0, "first": 4.0, "second": 2.0, "later": 0.5, "casadi": 8.0})
    row.problems["jax"] = "> 1 s"
    assert table.line(row) == (
        "Euler, 1,000 steps", "", "1.00 s", "", "**4.00 s**, 4.00x", "8.00 s, 0.50x", "> 1 s",
        "2.00 s, 2.00x", "500 ms, 0.50x", "", "",
    )  # fmt: skip
    network = run.Row("network", {"first": 4e-3})
    hessian = run.Row("hessian", {"first": 1.0})
    one = run.Row("batch-of-one", {"later": 3.0, "tape later": 1.0})
    assert list(table.goals([row, network, hessian, one])) == [
        ("Euler, 1,000 steps: first call 4.00x an eager run, aim at most 3x", False),
        ("2-16-16-1 network, batch of 100: first call 4.00 ms, aim at most 5.00 ms", True),
        ("Euler, 300 steps, batch of 1: call 3.00 s, tape 1.00 s", False),
    ]
    assert list(table.goals([run.Row("euler")])) == []


@pytest.mark.parametrize("name", [name for name in cases.CASES if name != "chain-1000000"])
def test_each_case_can_be_made(name):
    case = cases.CASES[name]()
    assert case.title
    assert set(case.goals) <= {"eager", "casadi", "seconds"}
    assert len(case.batch) < len(case.arguments) or not case.batch


def test_the_long_chain_is_long(monkeypatch):
    monkeypatch.setattr(cases, "chain", lambda length: length)
    assert cases.CASES["chain-1000000"]().write(None) == 1_000_000


def test_numbers_are_told_apart_by_their_sums():
    assert ways.summary((1.0, [[-3.0], {"w": 4.0}])) == [1.0, 2.0, 8.0]
    assert isinstance(ways.mapped(Value, [1.5])[0], Value)
    assert math.isfinite(ways.fastest(lambda: None))


def test_the_command_prints_a_table_and_writes_it(tmp_path, capsys, monkeypatch):
    def ask(way, _workload, limit):
        assert limit == (7.0 if way == "casadi" else run.PATIENCE)
        if way == "casadi":
            raise PeerError("not installed")
        return {"eager": 1.0, "first": 2.0, "nodes": 5, "lengths": 3, "whole": 8.0}, "1.0"

    monkeypatch.setattr(run, "ask", ask)
    file = tmp_path / "table.md"
    asked = ["--first-call", "--only", "euler", "--peers", "casadi", "--limit", "7", "--demo"]
    assert command.main([*asked, "--rounds", "2", "--markdown", str(file)]) == 0
    text = file.read_text(encoding="utf-8")
    assert text in capsys.readouterr().out
    assert "| Euler, 1,000 steps | 5 | 1.00 s |  | **2.00 s**, 2.00x | not installed |" in text
    assert "Versions: scalar-autograd 1.0. Machine: " in text
    assert "reached: Euler, 1,000 steps: first call 2.00x an eager run, aim at most 3x" in text
    assert "reached: tiny_transformer: 3 first calls 2.00 s of 8.00 s, 25%" in text


def test_a_demonstration_that_fails_is_told(capsys, monkeypatch):
    def ask(*_asked):
        raise PeerError("> 600 s")

    monkeypatch.setattr(run, "ask", ask)
    assert first_call.main(["--only", "--demo", "5"]) == 0
    assert "tiny_transformer: > 600 s" in capsys.readouterr().err


def test_a_fresh_process_measures_and_one_that_lacks_its_library_says_so(monkeypatch):
    found, version = run.ask("trace", "batch-of-one", 60.0)
    assert found["nodes"] > 1000
    assert version
    monkeypatch.setattr(run.Process, "start", lambda _: False)
    with pytest.raises(PeerError, match=r"^not installed$"):
        run.ask("casadi", "euler", 1.0)
