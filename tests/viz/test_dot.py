import re
from itertools import pairwise

import pytest

import autograd
import viz
from autograd import Value
from viz.colours import DARK, LIGHT
from viz.dot import (
    anchors,
    card,
    columns,
    frame_contents,
    inlets,
    markup,
    partial,
    piece,
    plain,
    tooltip,
)
from viz.folding import fold
from viz.formatting import formatter
from viz.graph_model import GraphModel
from viz.scene import Arrow, Box, LabelRow, LabelWriter, Scene, scene


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a & b", "a &amp; b"),
        ("<b>", "<b>"),
        ("a\\n", "a\\\\n"),
        ("two\nlines", "two\\nlines"),
        ("nul\x00", "nul\ufffd"),
        ("&lt;", "&amp;lt;"),
    ],
)
def test_plain(text, expected):
    assert plain(text) == expected


def test_backslashes_of_tooltips_are_read_twice():
    assert tooltip("a\\G\nb") == r"a\\\\G\nb"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<i>&\"'", "&lt;i&gt;&amp;&quot;&#x27;"),
        ("a\\n", "a\\\\n"),
        ("\ud800\x07", "\ufffd\ufffd"),
        ("重み −₁", "重み −₁"),
    ],
)
def test_markup(text, expected):
    assert markup(text) == expected


def label(role, rows=(), *, is_final=False):
    return card(Box("n0", role, "head", tuple(rows), "", (), is_final), LIGHT)


def test_roles_differ_in_more_than_colour():
    made = {
        role: label(role, [LabelRow("val", "1")])
        for role in ("input", "parameter", "operation", "result", "constant", "group")
    }
    assert 'STYLE="DASHED"' in made["constant"]
    assert 'ROWSPAN="2"' in made["parameter"]  # the bar
    assert 'BORDER="3"' in made["result"]
    assert "<HR/>" in made["operation"]
    assert made["group"].count("<TABLE") == 2  # the double border
    for mark in ('STYLE="DASHED"', "ROWSPAN", 'BORDER="3"', "<HR/>"):
        assert mark not in made["input"]
        assert sum(mark in text for text in made.values()) == 1


def test_a_group_with_a_result_has_a_thick_border():
    assert 'BORDER="3"' in label("group", is_final=True)
    assert 'BORDER="3"' not in label("group")


def test_rows_are_shaded_by_step_and_alarming_ones_red():
    assert f'BGCOLOR="{LIGHT.gradients[0]}">−1' in label("input", [LabelRow("grad", "−1", -3)])
    assert LIGHT.gradients[3] not in label("input", [LabelRow("grad", "0", 0)])
    bad = label("input", [LabelRow("val", "nan", 0, alarm=True)])
    assert f'BGCOLOR="{LIGHT.alarm_fill}"' in bad
    assert LIGHT.alarm in bad


def test_a_card_without_rows_has_no_rule():
    assert "<HR/>" not in label("operation")


def test_partials_keep_off_their_line():
    assert 'HEIGHT="7"' in partial("×1", horizontal=True)
    assert 'WIDTH="5"' in partial("×1", horizontal=False)


def test_a_piece_of_line():
    assert 'BGCOLOR="#123456" FIXEDSIZE="TRUE" WIDTH="3" HEIGHT="1"' in piece((3, 1), "#123456")


ALL = frozenset(("values", "gradients", "partials", "constants", "frames"))


def make(J, how="auto"):
    roots = J if isinstance(J, list) else [J]
    graph = GraphModel.build(roots)
    return scene(fold(graph, how, 300), LabelWriter(graph, formatter(4, None), ALL))


def box(key, role="operation", frame=()):
    return Box(key, role, key, (), "", frame)


def test_frames_hold_boxes_and_frames_in_order():
    frame = ("layer 0",)
    inner = ("layer 0", "neuron 0")
    boxes = [box("n0"), box("n1", frame=inner), box("n2", frame=frame), box("n3")]
    found = frame_contents(boxes)
    assert found[frame] == [inner, boxes[2]]
    assert found[inner] == [boxes[1]]
    assert found[()] == [boxes[3], frame, boxes[0]]  # from the last to the first, for Graphviz
    assert frame_contents(boxes[:1]) == {(): boxes[:1]}


def test_arrows_into_frames_pass_an_inlet(graphs):
    made = make(graphs["loss"]((2, 2, 1)))
    points = inlets(made)
    assert len(points) == 2 * 2 + 2
    for k in points:
        arrow = made.arrows[k]
        assert made.boxes[arrow.head].frame
        assert made.boxes[arrow.tail].frame != made.boxes[arrow.head].frame


def test_folded_boxes_need_no_inlets(graphs):
    assert inlets(make(graphs["loss"](), "neurons")) == {}


def test_leaves_stand_in_the_order_of_the_operands(graphs):
    made = make(graphs["lecture"]())
    assert columns(made, {}) == {(): [["n2", "n3"]]}


def test_neurons_stand_in_order_if_no_arrow_joins_them(graphs):
    found = columns(make(graphs["loss"](), "neurons"), {})
    assert [len(column) for column in found["layer 0",]] == [4]
    boxes = (box("n0", "group", ("layer 0",)), box("n1", "group", ("layer 0",)))
    arrow = Arrow(0, 1, "", 0, light=False, tooltip="")
    assert columns(Scene(boxes, ()), {}) == {("layer 0",): [["n0", "n1"]]}
    assert columns(Scene(boxes, (arrow,)), {}) == {}


def test_results_stand_in_a_column():
    x = Value(1.0)
    found = columns(make(autograd.softmax([x, Value(2.0)])), {})
    assert len(found[()][-1]) == 2
    y = x.exp()
    assert columns(make([y, y.log()]), {}) == {}


def test_last_layers_are_kept_in_order_by_anchors(graphs):
    made = make(graphs["network"]((2, 3, 2)))
    ((first, second),) = anchors(made, inlets(made))
    headers = {b.key: (b.header, b.frame[-1:]) for b in made.boxes}
    assert headers[first] == ("σ", ("neuron 0",))
    assert headers[second] == ("σ", ("neuron 1",))
    one = make(graphs["loss"]())
    assert anchors(one, inlets(one)) == []


def test_a_softmax_stands_in_order_and_needs_no_anchors(graphs):
    made = make(autograd.softmax(graphs["network"]((2, 2), None)))
    assert anchors(made, inlets(made)) == []
    (column,) = [c for c in columns(made, {})["layer 0",] if c[0] == made.boxes[-2].key]
    assert column == [made.boxes[-2].key, made.boxes[-1].key]


def test_nodes_are_named_by_position_and_edges_carry_partials(graphs):
    text = viz.draw(graphs["lecture"]()).dot
    assert re.findall(r"^\t(n\d) \[", text, re.MULTILINE) == [f"n{i}" for i in range(7)]
    assert re.search(r"n2 -> n4 \[label=.*×10.* class=flow3 ", text)
    assert re.search(r"n0 -> n6 \[.*class=constant .*style=dashed", text)


def test_a_square_has_two_edges():
    a = Value(3.0, "a")
    assert viz.draw(a * a).dot.count("n0 -> n1") == 2


@pytest.mark.parametrize("direction", ["LR", "TB", "RL", "BT"])
def test_directions(graphs, direction):
    picture = viz.draw(graphs["loss"]((2, 2, 1)), direction=direction)
    assert f"rankdir={direction}" in picture.dot
    before = {"LR": "w", "RL": "e", "TB": "n", "BT": "s"}[direction]
    assert re.search(rf"n\d+_\d+:{before} \[arrowhead=none", picture.dot)
    assert picture.svg().startswith("<svg")


def test_themes(graphs):
    J = graphs["lecture"]()
    assert LIGHT.ink in viz.draw(J).dot
    dark = viz.draw(J, theme="dark").dot
    assert DARK.ink in dark
    assert LIGHT.ink not in dark
    assert "class=auto" in viz.draw(J, theme="auto").dot


def test_title_and_note_stand_above(graphs):
    plain = viz.draw(graphs["lecture"]()).dot
    assert "labelloc" not in plain
    titled = viz.draw(graphs["loss"](), fold="layers", title="A network").dot
    assert 'label="A network\\l31 nodes folded into 6 boxes\\l"' in titled


def positions(svg, role):
    """Map the header of each node of a role to its place on the page."""
    found = []
    for block in re.findall(rf'class="node {role}">(.*?)</g>\n</g>', svg, re.DOTALL):
        x, y, text = re.search(
            r'<text [^>]*?x="([-\d.]+)" y="([-\d.]+)"[^>]*>([^<]+)', block
        ).groups()
        found.append((text, float(x), float(y)))
    return found


def frame(svg, title):
    """Return the left, right, top and bottom of a frame."""
    corners = re.search(rf'<title>{title}</title>\n<polygon [^>]*points="([^"]*)"', svg)[1].split()
    xs, ys = zip(*(map(float, corner.split(",")) for corner in corners), strict=True)
    return min(xs), max(xs), min(ys), max(ys)


@pytest.mark.parametrize("sizes", [(2, 4, 1), (3, 5, 2, 1), (2, 4, 3, 1), (3, 3, 3, 3, 2)])
@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_neurons_and_weights_stand_in_order(graphs, sizes, direction):
    network = graphs["network"](sizes)
    svg = viz.draw(network, direction=direction, show=("values", "frames")).svg()
    down = 2 if direction == "LR" else 1
    titles = re.findall(r'<text [^>]*?x="([-\d.]+)" y="([-\d.]+)"[^>]*>(neuron \d)<', svg)
    neurons = [(title, float(x), float(y)) for x, y, title in titles]
    assert len(neurons) == sum(sizes[1:])
    for number in range(len(sizes) - 1):
        left, right, top, bottom = frame(svg, f"layer {number}")
        inside = [n for n in neurons if left < n[1] < right and top < n[2] < bottom]
        assert len(inside) == sizes[number + 1]
        ordered = sorted(inside, key=lambda found: found[down])
        assert [title for title, *_ in ordered] == sorted(title for title, *_ in inside)
    inputs = sorted(positions(svg, "input"), key=lambda found: found[down])
    assert [text for text, *_ in inputs] == sorted(text for text, *_ in inputs)


def test_layers_line_up_from_left_to_right(graphs):
    svg = viz.draw(graphs["loss"]((2, 3, 3, 1))).svg()
    spans = [frame(svg, title) for title in ("layer 0", "layer 1", "layer 2")]
    assert all(left[1] < right[0] for left, right in pairwise(spans))


def test_arrows_reach_through_inlets_without_a_gap(graphs):
    svg = viz.draw(graphs["loss"]((2, 2, 1)), show=("values", "frames")).svg()
    paths = re.findall(r'<path [^>]*d="M([-\d.]+),([-\d.]+)C[^"]*?([-\d.]+),([-\d.]+)"', svg)
    pieces = [
        [float(x) for x in re.findall(r"(-?[\d.]+),", points)]
        for points in re.findall(r'class="node flow[^>]*>.*?points="([^"]*)"', svg, re.DOTALL)
    ]
    assert len(pieces) == 6
    starts = [float(path[0]) for path in paths]
    ends = [float(path[2]) for path in paths]
    for one in pieces:
        assert any(min(one) <= end <= max(one) for end in ends)
        assert any(min(one) <= start <= max(one) for start in starts)


def test_tooltips_have_full_precision():
    a = Value(0.1, "a")
    J = a * 3
    J.backward()
    svg = viz.draw(J).svg()
    assert "value 0.30000000000000004" in svg
    assert "local derivative 3.0" in svg
