import logging
import re
import struct
import sys
import types
import zlib

import pytest
from fontTools.ttLib import TTFont

from viz.rendering import convert
from viz.rendering.engines import RenderError, graphviz_svg
from viz.rendering.render import finish
from viz.text_width import COLUMN


@pytest.mark.parametrize("italic", [False, True])
def test_the_face_has_the_width_that_pictures_are_laid_out_with(italic):
    with TTFont(convert.font_path(italic=italic)) as font:
        assert font["name"].getBestFamilyName() == convert.FAMILY
        widths = {font["hmtx"][name][0] for name in map(font.getBestCmap().get, b"iWm0.")}
        assert widths == {COLUMN * font["head"].unitsPerEm}
        assert {axis.axisTag for axis in font["fvar"].axes} == {"wght"}
        assert ("Italic" in convert.font_path(italic=italic).name) == italic


def test_the_stack_begins_with_the_face_and_ends_with_any_monospaced_one():
    families = convert.STACK.split(", ")
    assert families[0] == f"'{convert.FAMILY}'"
    assert families[-1] == "monospace"


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("plain\n", True),
        ("−×÷·²₁√σΣθ∂→≤≥≠∞—…‖", True),
        ("a\N{NO-BREAK SPACE}b\N{THIN SPACE}", True),
        ("重み", False),
        ("🙂", False),
    ],
)
def test_covers(text, covered):
    assert convert.font_covers(text) is covered


@pytest.mark.parametrize(
    "spec", [None, types.SimpleNamespace(submodule_search_locations=["/nowhere"])]
)
def test_without_the_font_one_line_says_what_to_install(spec, monkeypatch):
    monkeypatch.setattr(convert.importlib.util, "find_spec", lambda _: spec)
    with pytest.raises(RenderError, match="pip install fontpkg-source-code-pro; SVG and DOT text"):
        convert.font_path.__wrapped__()


DOT = """digraph {
  bgcolor="#fffefc"
  subgraph cluster_0 { label="layer 0"; style=dashed; color="#888888"
    a [shape=plain, class=input, tooltip=tip, label=<<TABLE><TR><TD BGCOLOR="#cfe2f3"><B>a</B></TD>
       <TD ALIGN="RIGHT">−5.25</TD></TR></TABLE>>] }
  a -> b [label="×10", color="forestgreen", penwidth=2, style=dashed]
}"""


def picture(dot=DOT):
    return finish(graphviz_svg(dot, engine="bundled"), family=convert.FAMILY)


def pixels(png):
    """Decode a PNG of 8-bit RGBA into its size and rows (a small reader, filters included)."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    assert (depth, kind) == (8, 6)
    data, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        data += png[at + 8 : at + 8 + length] * (png[at + 4 : at + 8] == b"IDAT")
        at += 12 + length
    return width, height, _rows(zlib.decompress(data), width, height)


def _rows(data, width, height):
    stride, rows = 4 * width, [bytearray(4 * width)]
    for y in range(height):
        start = y * (stride + 1)
        line, above = bytearray(data[start + 1 : start + 1 + stride]), rows[-1]
        for i in range(stride):
            left = line[i - 4] if i >= 4 else 0
            corner = above[i - 4] if i >= 4 else 0
            line[i] = line[i] + _predicted(data[start], left, above[i], corner) & 255
        rows.append(line)
    return rows[1:]


def _predicted(kind, left, up, corner):
    if kind < 4:
        return (0, left, up, (left + up) // 2)[kind]
    return min((left, up, corner), key=lambda near: abs(left + up - corner - near))


def test_png_has_the_size_of_the_screen_times_the_scale():
    width, height = convert.size(picture())
    for scale in (1.0, 2.0):
        pixel_width, pixel_height = struct.unpack(">II", convert.png(picture(), scale)[16:24])
        assert pixel_width == pytest.approx(width * scale * 96 / 72, abs=1)
        assert pixel_height == pytest.approx(height * scale * 96 / 72, abs=1)


def test_png_is_solid_to_its_edges():
    width, height, rows = pixels(convert.png(picture(), 1.0))
    corners = [bytes(rows[y][4 * x : 4 * x + 4]) for x in (0, width - 1) for y in (0, height - 1)]
    assert corners == [b"\xff\xfe\xfc\xff"] * 4
    assert all(set(row[3::4]) == {255} for row in rows)


def test_png_of_a_transparent_picture_stays_transparent():
    _, _, rows = pixels(convert.png(picture("digraph { bgcolor=transparent; a }"), 1.0))
    assert rows[0][3] == 0


def test_png_shows_text_without_the_machine_s_fonts():
    empty, full = (
        pixels(convert.png(picture(f'digraph {{ a [label="{label}", width=2] }}'), 1.0))[2]
        for label in (" ", "Σ∂−×")
    )
    assert sum(a != b for a, b in zip(b"".join(empty), b"".join(full), strict=True)) > 300


def test_png_and_pdf_are_deterministic():
    assert convert.png(picture()) == convert.png(picture())
    assert convert.pdf(picture()) == convert.pdf(picture())


@pytest.mark.parametrize(("label", "skipped"), [("σ(x) − 1", True), ("重み", False)])
def test_the_machine_s_fonts_are_read_only_for_characters_that_ours_lacks(
    label, skipped, monkeypatch
):
    seen = []
    fake = types.SimpleNamespace(svg_to_bytes=lambda **given: seen.append(given) or b"")
    monkeypatch.setitem(sys.modules, "resvg_py", fake)
    convert.png(picture(f'digraph {{ a [label="{label}"] }}'))
    assert [given["skip_system_fonts"] for given in seen] == [skipped]


def test_a_png_too_large_to_paint():
    with pytest.raises(RenderError, match=r"a PNG of \d+ x \d+ pixels is too large: give a scale"):
        convert.png(picture(), 1000.0)
    limit = re.search(r"scale below ([\d.e+]+)", str(_error(convert.png, picture(), 1000.0)))[1]
    assert 10 < float(limit) < 1000


def _error(function, *args):
    try:
        function(*args)
    except RenderError as error:
        return error
    raise AssertionError


def test_an_svg_that_is_not_ours():
    with pytest.raises(RenderError, match="no size in points"):
        convert.size("<svg></svg>")


def test_png_that_cannot_be_painted():
    with pytest.raises(RenderError, match=r"the PNG could not be painted \(.*\): save SVG instead"):
        convert.png('<svg width="9pt" height="9pt"><g></svg>')


def test_pdf_is_one_page_of_the_picture_s_size_with_embedded_fonts():
    pdf = convert.pdf(picture())
    width, height = convert.size(picture())
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert (float(box[1]), float(box[2])) == pytest.approx((width, height), abs=0.01)
    assert pdf.count(b"/FontFile2") == 2  # regular and bold
    assert re.search(rb"/Type /Pages\s", pdf)
    assert b"/Count 1" in pdf


@pytest.mark.parametrize(
    ("label", "faces"),
    [
        ("x", [("", 400)]),
        ("<B>x</B>", [("", 400), ("B", 700)]),
        ("<I>x</I>", [("", 400), ("I", 400)]),
        ("<I>x</I> <B>y</B> z", [("", 400), ("B", 700), ("I", 400)]),
        ("<B><I>x</I></B>", [("", 400), ("BI", 700)]),
    ],
)
def test_pdf_embeds_the_faces_that_are_used(label, faces):
    svg = picture(f"digraph {{ a [label=<{label}>] }}")
    assert convert._faces(svg) == faces
    assert convert.pdf(svg).count(b"/FontFile2") == len(faces)


def test_pdf_of_characters_that_the_font_lacks_makes_no_noise(capfd):
    assert convert.pdf(picture('digraph { a [label="重み ∇"] }')).startswith(b"%PDF-")
    assert capfd.readouterr() == ("", "")
    handlers = logging.getLogger("fpdf").handlers
    assert any(isinstance(handler, logging.NullHandler) for handler in handlers)


def test_pdf_that_cannot_be_written():
    svg = picture().replace("forestgreen", "nosuchcolour")
    with pytest.raises(RenderError, match=r"the PDF could not be written \(.*nosuchcolour"):
        convert.pdf(svg)


@pytest.mark.parametrize(
    ("convert_to", "module", "message"),
    [
        (convert.png, "resvg_py", r"PNG needs resvg-py \(.*\): pip install resvg-py; SVG and DOT"),
        (convert.pdf, "fpdf", r"PDF needs fpdf2 \(.*\): pip install fpdf2; SVG and DOT text can"),
    ],
)
def test_without_a_package_one_line_says_what_to_install(convert_to, module, message, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(RenderError, match=message) as caught:
        convert_to(picture())
    assert "\n" not in str(caught.value)
