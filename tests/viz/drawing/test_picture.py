import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import viz
from viz import picture as module
from viz.picture import Picture
from viz.rendering import render


@pytest.fixture
def picture(graphs):
    return viz.draw(graphs["lecture"]())


@pytest.fixture
def broken():
    return Picture("digraph {", "J", 1, 0)


@pytest.mark.parametrize(
    ("ending", "start"),
    [(".svg", b"<svg"), (".png", b"\x89PNG"), (".pdf", b"%PDF"), (".dot", b"digraph"),
     (".SVG", b"<svg")],
)  # fmt: skip
def test_saving(picture, tmp_path, ending, start):
    path = picture.save(tmp_path / f"J{ending}")
    assert path == tmp_path / f"J{ending}"
    assert path.read_bytes().startswith(start)


def test_saved_dot_is_the_text(picture, tmp_path):
    assert picture.save(str(tmp_path / "J.dot")).read_text(encoding="utf-8") == picture.dot


def test_scale_of_png(picture, tmp_path):
    small = picture.save(tmp_path / "small.png", scale=1.0).read_bytes()
    large = picture.save(tmp_path / "large.png", scale=3.0).read_bytes()
    widths = [int.from_bytes(png[16:20], "big") for png in (small, large)]
    assert widths[1] == pytest.approx(3 * widths[0], abs=3)


def test_home_folder(picture, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert picture.save("~/J.dot") == tmp_path / "J.dot"


@pytest.mark.parametrize(
    ("name", "came"), [("J.jpg", r"\.jpg \(in '.*J\.jpg'\)"), ("J", "'.*J', which has none")]
)
def test_wrong_endings(picture, tmp_path, name, came):
    message = rf"saved by its file's ending, \.svg, \.png, \.pdf or \.dot, not {came}"
    with pytest.raises(ValueError, match=message):
        picture.save(tmp_path / name)


def test_a_path_that_is_none(picture):
    with pytest.raises(TypeError, match=r"save takes the path of a file, not an int \(3\)"):
        picture.save(3)


def test_a_missing_folder(picture, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no folder '.*no'; make it first"):
        picture.save(tmp_path / "no" / "J.svg")


def test_a_file_that_cannot_be_written(picture, tmp_path):
    (tmp_path / "J.dot").mkdir()
    with pytest.raises(OSError, match=r"cannot write a picture: .* than a plain file: '.*J\.dot'"):
        picture.save(tmp_path / "J.dot")


def test_a_failed_rendering_leaves_the_old_file(broken, tmp_path):
    old = tmp_path / "J.svg"
    old.write_text("old")
    with pytest.raises(viz.RenderError):
        broken.save(old)
    assert old.read_text() == "old"


def test_svg_is_well_formed_and_has_a_solid_background(picture):
    root = ET.fromstring(picture.svg())
    assert root.tag.endswith("svg")
    assert 'class="background"' in picture.svg()


def test_auto_theme_has_dark_rules_and_others_none(graphs):
    J = graphs["lecture"]()
    auto = viz.draw(J, theme="auto")
    assert "prefers-color-scheme: dark" in auto.svg()
    assert "prefers-color-scheme" not in viz.draw(J).svg()
    assert "prefers-color-scheme: dark) { body" in auto.html()
    assert "prefers-color-scheme" not in viz.draw(J).html()


def test_every_colour_of_an_auto_picture_turns_dark(graphs):
    svg = viz.draw(graphs["loss"](), theme="auto").svg()
    style, drawing = svg.split("</style>")
    used = set(re.findall(r'(?:fill|stroke)="(#[0-9a-f]{6})"', drawing))
    turned = set(re.findall(r'\[(?:fill|stroke)="(#[0-9a-f]{6})"\]', style))
    assert used
    assert used <= turned


def test_fonts(graphs):
    J = graphs["lecture"]()
    assert "Fira Code" in viz.draw(J, font="'Fira Code', monospace").svg()


def test_html_page(picture):
    page = picture.html()
    assert page.startswith("<!doctype html>")
    assert "<title>J</title>" in page
    assert "<svg" in page


def test_show_opens_a_file_in_the_browser(picture, tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr(module.tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(module.webbrowser, "open", lambda url: opened.append(url) or True)
    path = picture.show()
    assert opened == [path.as_uri()]
    assert "<svg" in path.read_text(encoding="utf-8")
    monkeypatch.setattr(module.webbrowser, "open", lambda _: False)
    with pytest.raises(
        RuntimeError, match=r"no browser could be opened; the picture is in '.*html'"
    ):
        picture.show()


def test_notebooks_get_html_svg_and_text(picture):
    bundle = picture._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", "image/svg+xml"}
    assert bundle["text/plain"] == repr(picture)
    assert bundle["image/svg+xml"] in bundle["text/html"]
    assert picture._repr_html_() == bundle["text/html"]
    assert picture._repr_svg_() == bundle["image/svg+xml"]
    assert set(picture._repr_mimebundle_(include={"text/html"})) == {"text/html"}
    assert "text/html" not in picture._repr_mimebundle_(exclude={"text/html"})


def test_notebooks_get_the_reason_where_nothing_can_be_drawn(broken):
    bundle = broken._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"}
    assert bundle["text/html"].startswith("<pre>")
    assert broken._repr_svg_() is None


def test_ipython_shows_a_picture(picture):
    formatters = pytest.importorskip("IPython.core.formatters")
    data, _ = formatters.DisplayFormatter().format(picture)
    assert data["text/plain"] == repr(picture)
    assert "<svg" in data["text/html"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("J", "<Picture of J: 1 nodes"),
        ("", "<Picture: 1 nodes"),
        ("a b", "<Picture of a b: 1 nodes"),
    ],
)
def test_repr(name, expected):
    text = repr(Picture("digraph {}", name, 1, 0))
    assert text.startswith(expected)
    assert (".save('J.svg')" if name == "J" else ".save('graph.svg')") in text


def test_rendering_is_left_to_render(monkeypatch, picture):
    monkeypatch.setattr(render, "png", lambda dot, scale: (dot, scale))
    assert picture.png(1.5) == (picture.dot, 1.5)
    assert Path(sys.modules["viz.picture"].__file__).name == "picture.py"
