import html
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

import autograd
import nn
import viz
from autograd import Value
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
    with pytest.raises(TypeError, match=r"path: got an int \(3\); allowed: the path of a file"):
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


def test_the_example_of_the_readme(graphs):
    picture = viz.draw(graphs["lecture"]())
    assert repr(picture) == "<Picture of J: 7 nodes, 6 edges; .save('J.svg'), .show()>"
    for text in (">× J<", ">−84<", ">30<", ">−9<", ">×−3<"):
        assert text in picture.svg()


@pytest.mark.parametrize("wrong", [3.0, "J", b"J", None, {"J": Value(1.0)}, object])
def test_only_values_are_drawn(wrong):
    with pytest.raises(TypeError, match=r"J: got .*; allowed: a Value or a list of Values"):
        viz.draw(wrong)


def test_lists_of_other_things():
    with pytest.raises(TypeError, match=r"J\[1\]: got a float \(3\.0\); allowed: a Value"):
        viz.draw([Value(1.0), 3.0])
    with pytest.raises(ValueError, match=r"J: got .* of 0; allowed: a Value or a list of Values"):
        viz.draw([])


def test_several_results_share_their_graph():
    a = Value(2.0, "a")
    picture = viz.draw(np.array([a * 3, a * 4], dtype=object))
    assert picture.nodes == 5
    assert picture.dot.count("class=result") == 2


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"direction": "left"}, ValueError, "direction: got .*; allowed: 'LR', 'TB', 'RL' or 'BT'"),
        ({"theme": "neon"}, ValueError, "theme: got a str .*; allowed: 'light', 'dark' or 'auto'"),
        (
            {"fold": "all"},
            ValueError,
            "fold: got .*; allowed: 'auto', 'none', 'neurons' or 'layers'",
        ),
        ({"show": "colours"}, ValueError, "show: got a str .*; allowed: 'values', .* or 'frames'"),
        ({"show": [3]}, TypeError, "show: got an int .*; allowed: 'values'"),
        ({"show": 3}, TypeError, "show: got an int .*; allowed: 'values'"),
        ({"limit": 0}, ValueError, "limit: got an int .*; allowed: a whole number of at least 1"),
        (
            {"limit": True},
            TypeError,
            "limit: got a bool .*; allowed: a whole number of at least 1",
        ),
        (
            {"limit": 3.5},
            TypeError,
            "limit: got a float .*; allowed: a whole number of at least 1",
        ),
        ({"digits": 0}, ValueError, "digits: got .*; allowed: a whole number from 1 to 17"),
        ({"format": ".2q"}, ValueError, "format: got .*; allowed: a format of floats"),
        ({"title": 3}, TypeError, "title: got an int .*; allowed: a str"),
        ({"font": 3}, TypeError, "font: got an int .*; allowed: a str of CSS font families"),
        (
            {"names": [1]},
            TypeError,
            "names: got a list of 1; allowed: a mapping of names to Values",
        ),
        ({"model": 3}, TypeError, "model: got an int .*; allowed: a model with"),
    ],
)
def test_wrong_arguments(options, error, message):
    with pytest.raises(error, match=message):
        viz.draw(Value(1.0), **options)


def test_what_is_shown(graphs):
    J = graphs["lecture"]()
    assert ">val<" in viz.draw(J, show="values").dot
    assert ">grad<" not in viz.draw(J, show="values").dot
    bare = viz.draw(J, show=()).dot
    assert ">val<" not in bare
    assert "×10" not in bare
    assert "class=constant" not in bare
    assert "cluster" not in viz.draw(graphs["loss"](), show=("values",)).dot
    assert "cluster" in viz.draw(graphs["loss"]()).dot


def test_number_formats(graphs):
    J = graphs["lecture"]()
    assert ">−84.00<" in viz.draw(J, format=".2f").dot
    assert ">−8e1<" in viz.draw(J, digits=1).dot


def test_names_of_local_variables():
    a, b = Value(1.0), Value(2.0)
    u = a * b
    x = [Value(3.0), Value(4.0, "own")]
    J = u + x[0] * x[1]
    text = viz.draw(J, names=locals()).dot
    for header in ("<B>a</B>", "<B>× u</B>", "<B>x₀</B>", "<B>own</B>", "<B>+ J</B>"):
        assert header in text


def test_a_trained_kind_of_model_is_framed():
    model = nn.MLP(2, [3, 1], activation="tanh", output="sigmoid")
    y = model([0.5, -1.0])
    loss = -autograd.log(y)
    loss.backward()
    text = viz.draw(loss).dot
    for title in ("layer 0", "layer 1", "neuron 0", "neuron 1", "neuron 2"):
        assert f'label="{title}"' in text
    assert text.count("class=parameter") == 3 * 3 + 4


def test_large_graphs_say_that_they_are_folded(graphs):
    picture = viz.draw(graphs["loss"]((4, 16, 16, 1)))
    assert picture.note == f"{picture.nodes:,} nodes folded into 9 boxes"
    assert picture.note in repr(picture)
    assert picture.note in picture.svg()
    assert viz.draw(graphs["loss"]((4, 16, 16, 1)), limit=10**4).note == ""


def test_a_picture_keeps_the_numbers_of_its_time():
    a = Value(1.0, "a")
    J = a * 2
    before = viz.draw(J).dot
    J.backward()
    after = viz.draw(J).dot
    assert before != after
    assert before.count(">–<") == 2
    assert after.count(">–<") == 0


def test_drawing_changes_nothing(graphs):
    J = graphs["lecture"]()
    before = [(v.data, v.grad, v.label) for v in autograd.graph.topological(J)]
    viz.draw(J, names={"other": J.inputs[1]}).svg()
    assert [(v.data, v.grad, v.label) for v in autograd.graph.topological(J)] == before


def test_labels_that_are_dangerous_in_svg_stay_text():
    a = Value(1.0, "<script>alert(1)</script>&\"'\\")
    picture = viz.draw(a * 2, title="<script>")
    svg = picture.svg()
    assert "<script" not in svg
    assert re.search(r"&lt;script&gt;", svg)


TYPED = [
    r"\Gamma", r"\N \E \T \H \L", r"a\lb\rc\n", "\\", r"\\", r"\\Gamma", r"\&amp;", r"\g<1>\1",
    "&amp; &lt;", "<b>x</b>", "\"q\" 'p'", "{a|b}", "]]> -->", "a\u200fb", "$x$",
]  # fmt: skip


@pytest.mark.parametrize("typed", TYPED)
def test_backslashes_in_labels_are_drawn_as_typed(typed):
    J = Value(2.0, typed) * 3
    J.label = typed + "."
    J.backward()
    svg = viz.draw(J, title=typed + "!").svg()
    texts = [html.unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]
    assert {typed, f"× {typed}.", typed + "!"} <= set(texts)
    tooltips = [html.unescape(text) for text in re.findall(r"<title>([^<]*)</title>", svg)]
    assert f"{typed}: input\nvalue 2.0\ngradient 3.0" in tooltips
    assert f"{typed}.: mul\nvalue 6.0\ngradient 1.0" in tooltips


def test_labels_of_several_lines_tabs_and_spaces():
    J = Value(2.0, "two\n lines\tof text") * Value(3.0, " ")
    texts = re.findall(r">([^<\n]*)</text>", viz.draw(J, title="a\tb\r\nc").svg())
    assert {"two lines of text", "input", "a b", "c"} <= set(texts)


def test_a_lone_surrogate_is_replaced_in_all_that_is_written(tmp_path):
    J = Value(2.0, "\ud800x") * 3
    J.label = "\udfff"
    J.backward()
    picture = viz.draw(J, {"a": J}, title="\udabc")
    for ending in ("svg", "png", "pdf", "dot"):
        picture.save(tmp_path / f"a.{ending}")
    viz.explore(J).save(tmp_path / "a.html")
    viz.animate(J, scale=0.5).save(tmp_path / "b.html")
    explained, listed = viz.explain(J, J.inputs[0]), viz.ledger(J)
    written = [
        *(repr(picture), picture.html(), picture._repr_html_()),
        *(str(explained), explained.markdown, str(listed), listed.markdown, listed.html),
        *(viz.text(J).render(encoding="utf-8"), viz.text(J).render(colour=True)),
    ]
    for text in written:
        assert text.encode()
    assert "\ufffdx" in picture.svg()
    assert picture.name == "\ufffd"


def test_a_gradient_that_its_arrows_do_not_add_up_to_says_so(graphs):
    J = graphs["lecture"]()
    assert "*" not in viz.draw(J).dot
    J.backward()
    svg = viz.draw(J, title="Twice").svg()
    assert svg.count(">grad*</text>") == 3  # a, b, c; those between are computed afresh
    assert svg.count(">grad</text>") == 3
    note = (
        "* not the sum of what flows back here: other backward calls added to it; see zero_grad()"
    )
    assert f">{note}</text>" in svg
    assert "gradient 60.0&#10;what flows back here: 30.0" in svg
    folded = viz.draw(graphs["loss"](), fold="layers")
    assert "grad*" not in folded.dot
    twice = graphs["loss"]()
    twice.backward()
    folded = viz.draw(twice, fold="layers")
    assert "max |grad|*" in folded.dot
    assert note in folded.svg()
    assert "*" not in viz.draw(twice, show=("values",)).dot
    assert "*" not in viz.explore(J)._drawing.dot  # computed afresh


def test_the_name_is_that_of_the_first_result_though_another_node_has_its_number():
    a = Value(2.0, "a")
    J = a * 1.0
    assert viz.draw(J, {"J": J}).name == "J"
    assert viz.draw([J, a], {"J": J}).name == "J"
