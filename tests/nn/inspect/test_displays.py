"""What notebooks show: escaped, without scripts, in the notebook's own colours."""

import math
from xml.etree import ElementTree as ET

import pytest

import autograd
import nn
from autograd.compiler.programs import display
from nn.inspect.displays import curves_svg, table_html


def svg_of(html):
    start, end = html.index("<svg"), html.index("</svg>") + len("</svg>")
    return ET.fromstring(html[start:end])


def words(root):
    return [text for text in root.itertext() if text.strip()]


def test_a_model_is_its_summary():
    model = nn.Sequential(nn.Layer(2, 3, bias=False), "tanh", nn.Layer(3, 1))
    model[0].freeze()
    html = model._repr_html_()
    table = ET.fromstring(html)
    rows = [["".join(cell.itertext()) for cell in row] for row in table.iter("tr")]
    assert rows == [
        ["name", "module", "parameters"],
        ["layers.0", "Layer(2, 3, 'relu', bias=False)", "6"],
        ["layers.2", "Layer(3, 1, 'relu')", "4"],
        ["total", "", "10"],
        ["frozen", "", "6"],
    ]
    assert model.architecture() in words(table)[0]
    for word in ("script", "color:#", "background:#"):
        assert word not in html


def test_text_is_escaped():
    assert "<b>" not in table_html("<b>", [("<b>", "&")], 0)
    svg = curves_svg("<b>", {"<b>": [1.0, 2.0]})
    assert "<b>" not in svg
    assert "<b>" in words(ET.fromstring(svg))


def test_a_history_is_its_curves():
    history = nn.History()
    assert history._repr_html_() is None
    for k in range(1, 11):
        history.add({"loss": 1 / k, "validation_loss": 2 / k, "lr": 0.1})
    root = svg_of(history._repr_html_())
    lines = [e for e in root.iter() if e.tag.endswith("polyline")]
    assert [len(line.get("points").split()) for line in lines] == [10, 10]
    assert {"loss", "validation_loss", "epoch", "1", "10", "2", "0.1"} <= set(words(root))
    ys = [float(p.split(",")[1]) for p in lines[0].get("points").split()]
    assert ys == sorted(ys), "a loss that falls goes down"
    assert repr(history).replace("<", "&lt;").replace(">", "&gt;") in history._repr_html_()


def test_small_and_large_losses_are_on_a_logarithmic_scale():
    svg = curves_svg("", {"loss": [1e4, 1e2, 1.0]})
    assert "epoch, loss on a logarithmic scale" in svg
    points = ET.fromstring(svg).find(".//{*}polyline").get("points").split()
    ys = [float(point.split(",")[1]) for point in points]
    assert ys[1] - ys[0] == pytest.approx(ys[2] - ys[1], abs=0.2)


@pytest.mark.parametrize(
    ("losses", "runs"),
    [
        ([1.0], [2]),
        ([1.0, 1.0], [2]),
        ([1.0, math.nan, 2.0, 3.0], [2, 2]),
        ([math.inf, math.nan], []),
        ([0.0, 1.0], [2]),
        ([-1.0, 1e6], [2]),
    ],
)
def test_odd_losses(losses, runs):
    root = ET.fromstring(curves_svg("", {"loss": losses}))
    lines = [e for e in root.iter() if e.tag.endswith("polyline")]
    assert [len(line.get("points").split()) for line in lines] == runs
    assert "nan" not in ET.tostring(root, encoding="unicode")


def test_a_compiled_function_is_its_program(monkeypatch):
    step = autograd.compile(lambda x, y: autograd.tanh(x) * y)
    assert step._repr_html_() is None
    step(1.0, 2.0)
    html = step._repr_html_()
    assert "&lt;compiled &lt;lambda&gt;(x, y), 1 variant&gt;" in html
    assert "".join(step.source.split()) in "".join("".join(ET.fromstring(html).itertext()).split())
    monkeypatch.setattr(display, "MAX_LINES", 2)
    assert "lines more: .source" in step._repr_html_()
    monkeypatch.setattr(display, "MAX_NODES", 2)
    assert step._repr_html_() is None


def test_a_lifted_program_is_its_text():
    x = autograd.Value(2.0, "x")
    lifted = autograd.lift(x * x, wrt=[x])
    assert "def program(x):" in lifted._repr_html_()
