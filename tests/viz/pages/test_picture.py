"""The picture that a page steps through: ids, room for other numbers, no old ones."""

import re

from autograd import Value
from viz.colours import AUTO
from viz.formatting import formatter
from viz.graph_model import node_names
from viz.graph_model import GraphModel
from viz.html.explore import drawing

WRITE = formatter(4, None)


def draw(J):
    graph = GraphModel.build([J])
    return drawing(graph, node_names(graph, WRITE), WRITE, "LR")


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
