"""The bundled Graphviz, called in this process; `test_engines` runs it as it is used."""

import io
import os
import re
import runpy
import sys
from pathlib import Path

import pytest

from viz.rendering import _layout_worker as worker
from viz.rendering.engines import bundled

FOLDER = bundled().command[-1]


def drawn(label: str, attributes: str = "fontsize=10") -> str:
    status, svg = worker.main(FOLDER, f"digraph {{ a [label={label} {attributes}] }}".encode())
    assert status == 0
    return svg.decode()


def corners(polygon: str) -> tuple[float, float]:
    """Return the width and height of a polygon's bounding box."""
    pairs = [pair.split(",") for pair in re.findall(r"[-\d.]+,[-\d.]+", polygon)]
    xs, ys = ([float(pair[i]) for pair in pairs] for i in (0, 1))
    return max(xs) - min(xs), max(ys) - min(ys)


@pytest.mark.parametrize("text", ["abcdefgh", "−−−−−−−−", "σσσσσσσσ", "重重重重"])
def test_a_box_is_as_wide_as_its_columns_whatever_the_characters(text):
    svg = drawn(f'"{text}"', "fontsize=10, shape=box, margin=0, width=0, height=0")
    node = svg[svg.index('id="node1"') :]
    width, height = corners(re.search("<polygon[^>]*>", node)[0])
    assert width == pytest.approx(8 * 0.6 * 10, abs=0.03)
    assert height == pytest.approx(1.2 * 10, abs=0.03)


def test_a_right_aligned_number_ends_where_its_cell_ends():
    rows = "".join(
        f'<TR><TD ALIGN="RIGHT">{text}</TD></TR>' for text in ("−5.000", "3", "1.000e−05")
    )
    svg = drawn(f'<<TABLE CELLPADDING="0">{rows}</TABLE>>')
    texts = re.findall(r'<text [^>]*x="([-\d.]+)"[^>]*>([^<]*)<', svg)
    ends = [float(x) + 0.6 * 10 * len(text) for x, text in texts]
    assert len(ends) == 3
    assert ends == pytest.approx([ends[0]] * 3, abs=0.02)


def test_capitals_stand_in_the_middle_of_a_cell():
    svg = drawn(
        '<<TABLE CELLPADDING="0" CELLSPACING="0" BORDER="0" CELLBORDER="1"><TR>'
        "<TD>X</TD></TR></TABLE>>",
        "shape=plain fontsize=10",
    )
    node = svg[svg.index('id="node1"') :]
    ys = [float(y) for y in re.findall(r",(-?[\d.]+)", re.search("<polygon[^>]*>", node)[0])]
    baseline = float(re.search(r'<text [^>]*y="([-\d.]+)"', svg)[1])
    # Capitals of monospaced faces are about 0.7 em high.
    assert baseline - 0.35 * 10 == pytest.approx((min(ys) + max(ys)) / 2, abs=0.05)


@pytest.mark.parametrize(
    "text",
    ["", "digraph { a -> ", "digraph { a [label=<<B>x</TABLE>>] }", "no graph at all"],
)
def test_text_that_is_not_dot_is_refused(text, capfd):
    assert worker.main(FOLDER, text.encode()) == (worker.REFUSED, b"")
    capfd.readouterr()  # Graphviz's own message


def test_a_folder_without_libraries(tmp_path):
    status, message = worker.main(str(tmp_path), b"digraph {}")
    assert (status, message) == (worker.LOADS_NOT, f"no cgraph library in {tmp_path}\n".encode())


def test_libraries_that_are_none(tmp_path):
    for name in ("libcgraph-1.so", "libgvc-1.so"):
        (tmp_path / name).write_text("no library")
    status, message = worker.main(str(tmp_path), b"digraph {}")
    assert status == worker.LOADS_NOT
    assert b"libcgraph-1.so" in message


def test_libgvc_that_is_none_is_not_taken_for_a_lack_of_expat(tmp_path):
    (tmp_path / "libgvc-1.so").write_text("no library")
    with pytest.raises(OSError, match="libgvc-1"):
        worker._libgvc(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux wheels leave expat to the system")
def test_without_libexpat_python_s_own_is_used(monkeypatch):
    expected = drawn("<<B>bold</B> &amp; σ>")
    load, refused = worker.ctypes.CDLL, []

    def without_expat(name, *args, **kwargs):
        if "libgvc-" in str(name) and not args and "handle" not in kwargs and not refused:
            refused.append(name)
            raise OSError("libexpat.so.1: cannot open shared object file")
        return load(name, *args, **kwargs)

    monkeypatch.setattr(worker.ctypes, "CDLL", without_expat)
    assert drawn("<<B>bold</B> &amp; σ>") == expected
    assert len(refused) == 1


def test_windows_is_told_the_folder(monkeypatch):
    told = []
    monkeypatch.setattr(os, "add_dll_directory", told.append, raising=False)
    worker.Graphviz(Path(FOLDER))
    assert told == [FOLDER]


class _Standard:
    """Stand in for a standard stream."""

    def __init__(self, text=b""):
        self.buffer = io.BytesIO(text)

    def flush(self):
        """Do nothing: bytes in memory."""


@pytest.mark.parametrize(
    ("folder", "status", "out", "err"),
    [(FOLDER, 0, b"</svg>", b""), ("/nowhere", 1, b"", b"no cgraph library in /nowhere")],
)
def test_run_as_a_script(folder, status, out, err, monkeypatch):
    stdin, stdout, stderr = _Standard(b"graph { a }"), _Standard(), _Standard()
    ended = []
    monkeypatch.setattr(sys, "argv", ["worker", folder])
    monkeypatch.setattr(os, "_exit", ended.append)
    for name, stream in (("stdin", stdin), ("stdout", stdout), ("stderr", stderr)):
        monkeypatch.setattr(sys, name, stream)
    runpy.run_path(worker.__file__, run_name="__main__")
    assert ended == [status]
    assert out in stdout.buffer.getvalue()
    assert err in stderr.buffer.getvalue()


def test_an_error_while_drawing_is_a_refusal(monkeypatch):
    graphviz = worker.Graphviz(Path(FOLDER))
    monkeypatch.setattr(graphviz.gvc, "gvRenderData", lambda *_: -1)
    assert graphviz.svg(b"digraph { a }") is None
