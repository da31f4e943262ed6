import re
from itertools import pairwise

import pytest

import viz
from autograd import Value
from viz.colours import DARK, LIGHT


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
    for piece in pieces:
        assert any(min(piece) <= end <= max(piece) for end in ends)
        assert any(min(piece) <= start <= max(piece) for start in starts)


def test_tooltips_have_full_precision():
    a = Value(0.1, "a")
    J = a * 3
    J.backward()
    svg = viz.draw(J).svg()
    assert "value 0.30000000000000004" in svg
    assert "local derivative 3.0" in svg
