"""The page of `explore`: what it tells and refuses, and the picture that it steps through."""

import html
import json
import re

import pytest

import viz
from autograd import Value, detect_anomaly
from tests.helpers.networks import classifier_loss
from viz.colours import AUTO
from viz.formatting import formatter
from viz.graph_model import GraphModel, node_names
from viz.html import explore as module
from viz.html.explore import draw_with_ids

NASTY = '<script>alert("x")</script>&\'"</svg>🙂\u202eابت'


@pytest.fixture
def lecture(graphs):
    return graphs["lecture"]()


def data(page):
    text = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    return json.loads(text[1])


def test_the_graph_is_not_changed():
    a = Value(2.0, "a")
    u = a * a
    J = u * a
    page = viz.explore(J)
    page.html()
    assert not a.has_grad
    assert u.label is None
    assert page.steps[-1].number == "12"


def test_nodes_edges_and_frames_have_ids_by_which_the_script_finds_them():
    page = viz.explore(classifier_loss([1.0, 0.5], 3, 1))
    text = html.unescape(page.html())
    known = data(text)
    for k, (tail, head, _) in enumerate(known["edges"]):
        assert f'id="e{k}"' in text
        assert f'id="n{tail}"' in text
        assert f'id="n{head}"' in text
    assert {"frame:layer-0", "frame:layer-0/neuron-2"} <= {f["id"] for f in known["frames"]}
    for frame in known["frames"]:
        assert f'id="{frame["id"]}"' in text
    forward = [tuple(known["edges"][k]) for step in known["steps"] for k in step["edges"]]
    assert forward == [e for step in page.steps if step.kind == "value" for e in step.edges]


def test_frames_are_in_the_order_of_their_numbers(graphs):
    frames = data(viz.explore(graphs["network"]((1, 11, 1))[0]).html())["frames"]
    inner = [frame["title"] for frame in frames if frame["parent"] == 0]
    assert inner == [f"neuron {k}" for k in range(11)]


def test_labels_are_text():
    a = Value(2.0, NASTY)
    page = viz.explore(a * Value(3.0, "</script><b>")).html()
    assert "<script>alert" not in page
    assert page.count("<script") == page.count("</script>") == 2
    assert NASTY[8:13] in html.unescape(page)


def test_the_page_asks_for_nothing_outside_itself(lecture):
    page = viz.explore(lecture).html()
    assert "default-src 'none'" in page
    links = set(re.findall(r"https?://[^\s\"'<]+", page))
    assert links <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert not re.search(r"\son\w+=", page.split("<script>")[0])


@pytest.mark.filterwarnings("ignore:the page has")
def test_a_page_of_500_nodes_is_small_beside_its_picture(graphs):
    for graph in (classifier_loss([1.0, 0.5, 0.25, 0.125], 23, 12, 1), graphs["chain"](165)):
        page = viz.explore(graph)
        text = page.html()
        assert 490 <= len(data(text)["nodes"]) <= 500
        svg = text[text.index("<svg") : text.index("</svg>")]
        assert len(text.encode()) - len(svg.encode()) < 300_000


def test_pages_are_saved_and_shown(lecture, tmp_path):
    page = viz.explore(lecture)
    assert page.save(tmp_path / "j.html").read_text(encoding="utf-8") == page.html()
    assert page._repr_html_().startswith('<iframe srcdoc="&lt;!doctype html&gt;')
    assert repr(page) == "<Exploration of J: 9 steps; .save('graph.html')>"
    with pytest.raises(ValueError, match=r"ending, \.html or \.htm, not \.svg \(in 'j.svg'\)"):
        page.save("j.svg")
    with pytest.raises(TypeError, match=r"path: got .*; allowed: the path of a file"):
        page.save(3)


def test_what_cannot_be_explored(graphs):
    with pytest.raises(ValueError, match="at most 500; this graph has 3,002: take one sample"):
        viz.explore(graphs["chain"](1000))
    with pytest.raises(TypeError, match="J: got a list of 1; allowed: a Value"):
        viz.explore([Value(1.0)])
    with pytest.raises(ValueError, match=r"direction: got .*; allowed: 'LR', 'TB', 'RL' or 'BT'"):
        viz.explore(Value(1.0) * 2, direction="up")


def test_a_large_page_warns_and_a_huge_one_is_refused(lecture, monkeypatch, tmp_path):
    page = viz.explore(lecture)
    monkeypatch.setattr(module, "SIZE_WARNING", 30_000)
    slowly = r"the page has 0\.1 MB and opens slowly: take one sample"
    for write in (page.html, lambda: page.save(tmp_path / "a.html")):
        with pytest.warns(UserWarning, match=slowly) as caught:
            write()
        assert caught[0].filename == __file__  # the user's line, however deep below it
    monkeypatch.setattr(module, "MAX_SIZE", 30_000)
    with pytest.raises(ValueError, match=r"at most 5 are sensible: .* fold it with viz\.draw"):
        page.html()


def test_why_inputs_are_fixed(lecture, monkeypatch):
    assert data(viz.explore(lecture).html())["fixed"] == ""
    assert data(viz.explore(lecture, format=".2f").html())["fixed"] == ""
    fixed = data(viz.explore(lecture, format="+.2f").html())
    assert (
        fixed["fixed"]
        == "The inputs are fixed: the page cannot repeat the format= of these numbers."
    )
    assert [30.0, "+30.00"] in fixed["texts"]
    monkeypatch.setattr("viz.html.explore.supported", lambda op: op != "mul")
    page = viz.explore(lecture)
    assert data(page.html())["fixed"] == "The inputs are fixed: the page cannot compute mul."
    assert page._operations == ()


def test_numbers_that_are_not_finite_are_text_in_the_data():
    known = data(viz.explore(Value(0.0, "a").log() * -1).html())
    assert [node["value"] for node in known["nodes"]] == [0.0, "-Infinity", -1.0, "Infinity"]


def test_lines_are_known_inside_detect_anomaly():
    def lines(page):
        return [node.get("line") for node in data(page.html())["nodes"]]

    with detect_anomaly():
        a = Value(2.0, "a")
        J = a * a
        page = viz.explore(J)
    assert lines(page) == [
        None,
        f"test_explore.py:{lines.__code__.co_firstlineno + 5}: J = a * a",
    ]
    assert lines(viz.explore(J)) == [None, None]


def test_anomalies_are_shown_and_not_raised():
    x = Value(0.0, "x")
    J = x.sqrt()
    with detect_anomaly():
        page = viz.explore(J)
    assert page.steps[-1].number == "inf"


WRITE = formatter(4, None)


def draw(J):
    graph = GraphModel.build([J])
    return draw_with_ids(graph, node_names(graph, WRITE), WRITE, "LR")


def test_each_operand_s_edge_has_its_own_id():
    a = Value(3.0, "a")
    made = draw(a * a)
    assert made.edges == ((0, 1, 0), (0, 1, 1))
    assert re.findall(r"n0 -> n1 \[.*id=(e\d)", made.dot) == ["e0", "e1"]


def test_an_arrow_into_a_frame_has_two_parts_and_a_piece(graphs):
    made = draw(graphs["loss"]((2, 2, 1)))
    svg = made.svg()
    two = re.findall(r'id="e(\d+)a"', svg)
    assert two
    for k in two:
        tail, head, _ = made.edges[int(k)]
        assert f'id="e{k}"' in svg
        assert f'id="n{head}_{k}p"' in svg
        assert tail < head


def test_every_number_has_a_cell_with_room_and_a_zero_s_colour():
    a, b = Value(2.0, "a"), Value(0.0, "b")
    made = draw(a * b).dot
    assert made.count('WIDTH="59"') == 6
    assert AUTO.gradients[3] in made


def test_no_tooltip_keeps_an_old_number(graphs):
    made = draw(graphs["loss"]())
    assert "<title>" not in made.svg()
    assert "tooltip" not in made.dot.replace('tooltip="layer', "")


def test_operands_of_a_default_are_not_drawn():
    a = Value(2.0, "a")
    assert draw(a.leaky_relu()).edges == ((0, 2, 0),)


def test_a_large_graph_is_laid_out_with_a_limit(graphs):
    assert "nslimit=0.1" in draw(graphs["chain"](40)).dot
    assert "nslimit" not in draw(graphs["chain"](10)).dot
