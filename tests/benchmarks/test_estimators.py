"""The benchmark of estimators, run small; no time is ever asserted."""

import re
import warnings

import pytest

from benchmarks import __main__ as command
from benchmarks import estimators
from benchmarks.estimators import Task


@pytest.fixture(autouse=True)
def small(monkeypatch):
    tasks = Task("iris", (8,), 40, lr=0.01), Task("diabetes", (4,), 3, is_regression=True)
    monkeypatch.setattr(estimators, "TASKS", tasks)


def test_the_command_prints_a_table_and_writes_it(tmp_path, capsys):
    file = tmp_path / "table.md"
    assert command.main(["--estimators", "--seeds", "2", "--markdown", str(file)]) == 0
    text = file.read_text(encoding="utf-8")
    assert text in capsys.readouterr().out
    time, score = r"[\d.]+ \w+", r"(-?[\d.]+) ± [\d.]+"
    rows = rf"^\| (\w+) \| ([\d-]+) \| (\d+ x \d+) \| {score} \| {score} \| {time} \| {time} \| "
    iris, diabetes = re.findall(rows, text, re.MULTILINE)
    assert iris[:3] == ("iris", "4-8-3", "40 x 32")
    assert min(map(float, iris[3:])) > 0.9
    assert diabetes[:3] == ("diabetes", "10-4-1", "3 x 32")


def test_both_do_the_same_steps():
    for task in estimators.TASKS:
        X, y = task.load()
        ours, theirs = task.ours(0).fit(X, y), task.theirs(0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it could go on
            theirs.fit(X, y)
        assert ours.history_.epochs == theirs.n_iter_ == task.epochs
        assert [layer.W.shape[::-1] for layer in ours.model_.layers] == [
            weights.shape for weights in theirs.coefs_
        ]
