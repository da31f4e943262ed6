"""The benchmark of times to a score, run small; no time is ever asserted."""

import re

import pytest

from benchmarks import __main__ as command
from benchmarks import scores
from benchmarks.scores import Task


def test_the_command_prints_a_table_and_writes_it(tmp_path, capsys, monkeypatch):
    tasks = (
        Task("moons", (8,), 0.8, "binary"),
        Task("digits", (8,), 0.5, "several"),
        Task("diabetes", (4,), 0.1, "numbers"),
    )
    monkeypatch.setattr(scores, "TASKS", tasks)
    file = tmp_path / "table.md"
    asked = ["--scores", "--seeds", "1", "--markdown", str(file), "--only"]
    assert command.main([*asked, "scalar-autograd", "scikit-learn"]) == 0
    text = file.read_text(encoding="utf-8")
    assert text in capsys.readouterr().out
    cell = r"[\d.]+ \w+ \((\d+)\)"
    rows = re.findall(rf"^\| (\w+) \| \d+ \| [\d.]+ \| {cell} \| {cell} \|$", text, re.MULTILINE)
    assert [row[0] for row in rows] == ["moons", "digits", "diabetes"]
    assert all(0 < int(epochs) < scores.EPOCHS for row in rows for epochs in row[1:])
    assert f"| lines of code |  |  | {scores.lines_of('scalar-autograd')} |" in text


@pytest.mark.parametrize("library", ["PyTorch", "Keras"])
def test_the_code_of_others_runs(library):
    pytest.importorskip(scores.MODULES[library])
    seconds, epochs = scores.run(library, Task("moons", (8,), 0.8, "binary"), 0)
    assert seconds > 0
    assert 0 < epochs < scores.EPOCHS
