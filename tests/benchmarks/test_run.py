"""Run a small benchmark for real; no time is ever asserted."""

import sys

import pytest

from benchmarks import __main__ as command
from benchmarks import runner
from benchmarks.peers import PEERS, Entry
from benchmarks.process import PeerError, Process
from benchmarks.table import markdown
from benchmarks.worker import trouble
from benchmarks.workloads import find

HASTY = runner.Settings(rounds=2, turn=1e-6, limit=60.0)


@pytest.fixture
def plain():
    process = Process(PEERS["python"])
    yield process
    process.stop()


def test_the_command_prints_a_table_and_writes_it(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(command, "QUICK", HASTY)
    file = tmp_path / "table.md"
    asked = ["--quick", "--only", "product", "--peers", "python", "--markdown", str(file)]
    assert command.main(asked) == 0
    assert "J = 3 (a + b c): 7 nodes\n  plain kernel" in capsys.readouterr().out
    text = file.read_text(encoding="utf-8")
    assert text.startswith("| | nodes | plain kernel |\n|---|--:|--:|\n| J = 3 (a + b c) | 7 | **")
    assert "Versions: scalar-autograd " in text


def test_an_unknown_workload_ends_the_command(capsys):
    assert command.main(["--only", "sort"]) == 2
    assert "workload 'sort': allowed are" in capsys.readouterr().err


def test_a_peer_that_is_not_installed_is_named(tmp_path):
    entry = Entry("ghost", "Ghost", "ghost.Ghost", "pip install ghost")
    # An unknown peer's process ends at once: its class is looked up in the registry.
    found, missing = command.start([entry, PEERS["python"]], None)
    try:
        assert list(found) == ["python"]
        assert missing["ghost"] == "pip install ghost (stopped (1))"
    finally:
        found["python"].stop()
    nowhere = str(tmp_path / "python")
    assert "No such file" in command.start([PEERS["hips"]], nowhere)[1]["hips"]


def test_our_library_is_not_taken_for_the_other_autograd():
    entry = Entry("hips", "HIPS autograd", "hips.Hips", "see --hips-python")
    process = Process(entry, sys.executable)
    assert not process.start()
    assert process.missing == "this autograd is another one"


def test_a_gradient_that_is_wrong_is_reported_and_not_timed(plain, monkeypatch):
    monkeypatch.setattr(runner, "difference", lambda *_: 0.5)
    row = runner.measure(find("product"), {"python": plain}, plain, HASTY, lambda _: None)
    assert row.outcomes["python"] == runner.Outcome(problem="wrong gradient (off by 5.0e-01)")
    assert "wrong gradient" in list(markdown([row]))[-1]


def test_every_step_of_the_progress_bar_is_taken(plain):
    steps = []
    row = runner.measure(find("product"), {"python": plain}, plain, HASTY, steps.append)
    assert row.outcomes["python"].seconds is not None
    assert sum(steps) == HASTY.rounds + 1


def test_a_run_that_takes_too_long_ends_the_process(plain):
    plain.ask("load", 60.0, workload="chain-1000000")
    with pytest.raises(PeerError, match=r"^> 0.01 s$"):
        plain.ask("gradient", 0.01)
    assert plain.child is None
    assert plain.ask("count", 60.0, workload="product") == {"nodes": 7}  # started again


def test_a_failure_in_a_peer_comes_back_as_words(plain):
    with pytest.raises(PeerError, match=r"^AssertionError: load a workload first$"):
        plain.ask("gradient", 60.0)
    assert plain.child is not None


def test_a_deep_recursion_has_a_short_name():
    assert trouble(RecursionError("maximum recursion depth exceeded")) == "recursion error"


def test_a_difference_that_is_no_number_counts_as_wrong():
    assert runner.difference([float("nan")], [1.0]) == float("inf")


def test_imports_are_compared_with_numpys(capsys):
    assert command.main(["--imports", "--rounds", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["numpy", "autograd", "nn", "viz"]
    assert all(line.endswith("x") for line in lines[1:])
