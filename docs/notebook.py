"""Run the guide's notebook and write it again with what it shows: ``python docs/notebook.py``.

What is written is small and the same in every run: no times, no counters, one picture of each.
"""

import os
import re
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from autograd import files

HERE = Path(__file__).parent
FILE = HERE / "backpropagation.ipynb"
SECONDS = 120  # that one cell may take
# A page in a frame is large and runs nowhere but in a notebook; a picture is there as SVG too.
_TIP = re.compile(r"<title>[^<]*</title>\n?")  # an image shows no tooltips; a fifth of its text
KEPT = ("image/svg+xml", "image/png", "text/markdown", "text/latex", "text/html", "text/plain")


def run(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Execute all cells in a new kernel, from the folder of the repository.

    Raises `nbclient.exceptions.CellExecutionError` at the first cell that fails.
    """
    where = {"metadata": {"path": str(HERE.parent)}}
    env = {**os.environ, "COLUMNS": "100"}  # texts are as wide as the terminal; here is none
    done: nbformat.NotebookNode = NotebookClient(
        notebook, timeout=SECONDS, kernel_name="python3", resources=where
    ).execute(env=env)
    return done


def kept(output: dict[str, Any]) -> dict[str, Any]:
    """Return an output as it is written: the kind that tells most, and one line of text."""
    if "data" not in output:
        return {"output_type": "stream", "name": output["name"], "text": output["text"]}
    data = output["data"]
    best = next(kind for kind in KEPT if kind in data and "<iframe" not in data[kind])
    chosen = {kind: data[kind] for kind in dict.fromkeys([best, "text/plain"]) if kind in data}
    if best == "image/svg+xml":
        chosen[best] = _TIP.sub("", chosen[best])
    return {"output_type": "display_data", "metadata": {}, "data": chosen}


def cleaned(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Leave out what differs from run to run and what is not needed to read the notebook."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        cell.metadata = {}
        if cell.cell_type == "code":
            cell.execution_count = None
            cell.outputs = [nbformat.from_dict(kept(output)) for output in cell.outputs]
    return notebook


def main() -> None:
    """Run and write."""
    notebook = cleaned(run(nbformat.read(FILE, as_version=4)))
    nbformat.validate(notebook)
    text = nbformat.writes(notebook, ensure_ascii=False, indent=1) + "\n"
    files.write(FILE, text.encode(), action="write the notebook")


if __name__ == "__main__":
    main()
