"""The benchmark of training at scale, run small; no time is ever asserted."""

import re

from benchmarks import __main__ as command
from benchmarks import training


def test_the_command_prints_two_tables_and_writes_them(tmp_path, capsys):
    file = tmp_path / "table.md"
    asked = ["--training", "--megabytes", "3", "--sizes", "10", "500", "--rounds", "1"]
    assert command.main([*asked, "--markdown", str(file)]) == 0
    text = file.read_text(encoding="utf-8")
    assert text in capsys.readouterr().out
    for way in training.WAYS:
        assert re.search(rf"^\| {way} \| [\d.]+ \w+ \| [\d,]+ \|$", text, re.MULTILINE)
    kilobytes = [int(size) for size in re.findall(r"^\| [\d,]+ \| (\d+) kB", text, re.MULTILINE)]
    assert kilobytes == [1, 13], "24 bytes a parameter, and what is said about them"


def test_an_iterable_gives_all_samples():
    batches = list(training.slices(*[list(range(2500))] * 2))
    assert [len(X) for X, _ in batches] == [1024, 1024, 452]
    assert sum(sum(Y) for _, Y in batches) == sum(range(2500))
