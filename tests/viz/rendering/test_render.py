import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest

from viz.rendering import render
from viz.rendering.convert import FAMILY

TEXT = 'digraph { a [label="σ(−1)", class=input]; a -> b [label="×10"] }'


def test_svg_takes_style_family_and_engine():
    svg = render.svg(TEXT, ".input { fill: red }", family="serif", engine="bundled")
    root = ET.fromstring(svg)
    assert root[0].text == ".input { fill: red }"
    assert root.get("font-family") == "serif"


@pytest.mark.parametrize("function", [render.svg, render.png, render.pdf])
def test_the_same_text_gives_the_same_picture_in_silence(function, capfd):
    assert function(TEXT, engine="bundled") == function(TEXT, engine="bundled")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("function", "start"), [(render.svg, "<svg"), (render.png, b"\x89PNG"), (render.pdf, b"%PDF-")]
)
def test_every_format_starts_as_it_must(function, start):
    assert function(TEXT).startswith(start)


def test_png_and_pdf_are_set_in_the_face_that_comes_with_the_library(monkeypatch):
    seen = []
    monkeypatch.setattr(render.convert, "png", lambda svg, scale: seen.append((svg, scale)))
    monkeypatch.setattr(render.convert, "pdf", lambda svg: seen.append((svg, None)))
    render.png(TEXT, 3)
    render.pdf(TEXT)
    assert [scale for _, scale in seen] == [3, None]
    assert all(ET.fromstring(svg).get("font-family") == FAMILY for svg, _ in seen)


def test_scale():
    small, large = (len(render.png(TEXT, scale, engine="bundled")) for scale in (1, 4))
    assert small < large


@pytest.mark.parametrize("scale", [0, -1, float("nan"), float("inf")])
def test_a_scale_that_is_none(scale):
    with pytest.raises(ValueError, match=rf"scale must be a positive number, got {scale!r}"):
        render.png(TEXT, scale)


@pytest.mark.parametrize("function", [render.svg, render.png, render.pdf])
@pytest.mark.parametrize(("wrong", "name"), [(None, "NoneType"), (b"digraph {}", "bytes")])
def test_text_that_is_none(function, wrong, name):
    with pytest.raises(TypeError, match=f"DOT text must be a str, got a {name}"):
        function(wrong)


@pytest.mark.parametrize("bad", ["\x00", "\x1b", "\ud800", "\uffff"])
def test_characters_that_xml_has_no_place_for(bad):
    svg = render.svg(f'digraph {{ a [label="x{bad}y"] }}', engine="bundled")
    assert "x\N{REPLACEMENT CHARACTER}y" in ET.fromstring(svg).itertext()


@pytest.mark.parametrize("function", [render.svg, render.png, render.pdf])
def test_errors_of_the_engine_come_through(function):
    with pytest.raises(render.RenderError, match="cannot draw this DOT text: syntax error"):
        function("digraph {", engine="bundled")


def test_import_is_light():
    code = (
        "import sys, viz.rendering.render;"
        "print([m for m in ('fpdf', 'PIL', 'fontTools', 'resvg_py') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
