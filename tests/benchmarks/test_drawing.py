"""The drawing benchmark, run small; no time is ever asserted."""

import re

import pytest

from benchmarks import __main__ as command
from benchmarks import drawing
from viz.graph_model import GraphModel


@pytest.mark.parametrize("size", [50, 500, 5_000])
@pytest.mark.parametrize("name", drawing.BUILDERS)
def test_graphs_have_about_the_size_that_is_asked_for(name, size):
    count = len(GraphModel.build([drawing.BUILDERS[name](size)]).nodes)
    assert 0.7 * size < count < 1.4 * size


def test_the_command_prints_a_table_and_writes_it(tmp_path, capsys):
    file = tmp_path / "table.md"
    asked = ["--drawing", "--sizes", "50", "500", "--rounds", "1", "--markdown", str(file)]
    assert command.main(asked) == 0
    text = file.read_text(encoding="utf-8")
    assert text in capsys.readouterr().out
    rows = [line for line in text.splitlines() if re.match(r"\| (loss|formula)", line)]
    assert len(rows) == 4
    boxes = [int(row.split("|")[3]) for row in rows]
    assert boxes[0] == int(rows[0].split("|")[2]), "a small graph is drawn node by node"
    assert boxes[1] < 60, "a large one is folded"
