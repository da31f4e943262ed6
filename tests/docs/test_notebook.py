"""The notebook of the guide runs, shows what it says, and was written by the code of today."""

import ast
import importlib.util
import json
import re
from pathlib import Path

import pytest

pytest.importorskip("nbclient", reason="needs the extra notebook")
nbformat = pytest.importorskip("nbformat")

DOCS = Path(__file__).parent.parent.parent / "docs"
FILE = DOCS / "backpropagation.ipynb"
SHOWN = {  # what a cell's last statement calls, and the kinds of output that a notebook gets for it
    "viz.draw": {"image/svg+xml", "text/html"},
    "viz.draw_program": {"image/svg+xml", "text/html"},
    "viz.explain": {"text/latex", "text/markdown"},
    "viz.ledger": {"text/html"},
    "viz.program_nodes": {"text/html"},
    "viz.text": {"text/plain"},
    "viz.explore": {"text/html"},
    "viz.explore_program": {"text/html"},
    "viz.animate": {"text/html"},
    "history.animate": {"text/html"},
    "viz.plot_distributions": {"image/png"},
    "plot_activations": {"image/png"},
    "plot_history": {"image/png"},
    "plot_decision_boundary": {"image/png"},
}
FRAMED = ("viz.explore", "viz.explore_program", "viz.animate", "history.animate")


def script():
    spec = importlib.util.spec_from_file_location("notebook", DOCS / "notebook.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def executed():
    """The notebook, run in a new kernel; a cell that fails fails this."""
    return script().run(nbformat.read(FILE, as_version=4))


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def called(cell):
    """Return what a cell's last statement calls, where the cell shows something."""
    last = ast.parse(cell.source).body[-1]
    is_call = isinstance(last, ast.Expr) and isinstance(last.value, ast.Call)
    return ast.unparse(last.value.func) if is_call else ""


def test_each_cell_shows_what_it_calls(executed):
    met = set()
    for cell in code(executed):
        name = called(cell)
        assert [o for o in cell.outputs if o.get("name") == "stderr"] == []
        if name == "print":
            assert [output.output_type for output in cell.outputs] == ["stream"]
        elif name in SHOWN:
            met.add(name)
            (output,) = cell.outputs
            assert set(output.data) >= SHOWN[name] | {"text/plain"}, cell.source
            assert ("<iframe srcdoc=" in output.data.get("text/html", "")) == (name in FRAMED)
        else:
            assert cell.outputs == []
    assert met == set(SHOWN)


def content(output):
    """Return what an output says, the same on all machines: not how it is laid out or painted."""
    if "data" not in output:
        return output["text"]
    data = dict(output["data"])
    if "image/svg+xml" in data:
        data["image/svg+xml"] = sorted(re.findall(r"<text [^>]*>([^<]*)", data["image/svg+xml"]))
    if "image/png" in data:
        data["image/png"] = "a picture"
    return json.dumps(data, sort_keys=True)


def test_the_outputs_that_are_written_are_those_of_today(executed):
    today = script().cleaned(executed)
    written = nbformat.read(FILE, as_version=4)
    for cell, other in zip(code(written), code(today), strict=True):
        assert list(map(content, cell.outputs)) == list(map(content, other.outputs)), (
            f"{cell.source}\nshows something else now; python docs/notebook.py writes it anew"
        )


def test_the_file_is_valid_and_small():
    nbformat.validate(nbformat.read(FILE, as_version=4))
    assert FILE.stat().st_size < 800_000
    text = FILE.read_text(encoding="utf-8")
    assert "<iframe" not in text
    assert 'execution_count": null' in text
