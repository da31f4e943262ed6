"""Both passes in words."""

import pytest

import autograd
import viz
from autograd import Value
from autograd.ops import TABLE
from viz.formatting import formatter
from viz.formulas.symbolic import Rules
from viz.graph_model import node_names
from viz.graph_model import GraphModel
from viz.reports.narration import told as told_with
from viz.reports.narration import steps


def all_steps(J, write, **names):
    graph = GraphModel.build([J], names)
    return list(steps(Rules(graph, node_names(graph, write), write)))


def told(J, **names):
    return [(s.kind, s.words) for s in all_steps(J, formatter(4, None), **names)]


def test_the_lecture_s_graph(graphs):
    assert [s.words for s in viz.explore(graphs["lecture"]()).steps] == [
        "u = b * c = −3 * 10 = −30",
        "v = a + u = 2 − 30 = −28",
        "J = 3 * v = 3 * (−28) = −84",
        "dJ/dJ = 1: the result changes as much as itself.",
        "dJ/dv = dJ/dJ * dJ/dv = 1 * 3 = 3",
        "dJ/da = dJ/dv * dv/da = 3 * 1 = 3",
        "dJ/du = dJ/dv * dv/du = 3 * 1 = 3",
        "dJ/db = dJ/du * du/db = 3 * 10 = 30",
        "dJ/dc = dJ/du * du/dc = 3 * (−3) = −9",
    ]


def test_gradients_add_up_where_a_node_is_used_twice():
    a = Value(3.0, "a")
    assert told(a * a)[2:] == [
        ("gradient", "dJ/dJ * ∂J/∂a⁽¹⁾ = 1 * 3 = 3; dJ/da starts with 3"),
        ("gradient", "dJ/dJ * ∂J/∂a⁽²⁾ = 1 * 3 = 3; dJ/da is now 6"),
    ]


def test_functions_and_lists_have_their_numbers_filled_in():
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    (kind, words), *_ = told(autograd.max([a, b]))
    assert kind == "value"
    assert words == "J = max(a, b) = max(2, −3) = 2"


@pytest.mark.parametrize("x", ["inf", "nan"])
def test_numbers_that_are_not_finite_are_told(x):
    assert told(Value(float(x), "a") * 2) == [
        ("value", f"J = a * 2 = {x} * 2 = {x}"),
        ("seed", "dJ/dJ = 1: the result changes as much as itself."),
        ("gradient", "dJ/da = dJ/dJ * dJ/da = 1 * 2 = 2"),
    ]


def test_the_last_number_of_each_node_is_its_gradient():
    a, b = Value(0.3, "a"), Value(0.7, "b")
    J = (a * b + a.sin()).tanh() * b
    J.backward()
    last = {s.node: s.number for s in all_steps(J, repr) if s.kind != "value"}
    for i, node in enumerate(GraphModel.build([J]).nodes):
        if not node.is_constant:
            assert float(last[i]) == node.grad


@pytest.mark.parametrize("op", [op for op in TABLE if op != "take"])
def test_words_with_slots_hold_for_other_numbers(op, applied):
    before, after = applied(op, 0.05), applied(op, 0.95)
    values = [node.data for node in GraphModel.build([after]).nodes]
    write = formatter(4, None)
    expected = [s.words for s in all_steps(after, write) if s.kind == "value"]
    assert [
        told_with(s.sentences, lambda key: values[int(key[1:])], write)
        for s in all_steps(before, write)
        if s.kind == "value"
    ] == expected


def test_an_edge_is_told_by_the_operand_s_place():
    a = Value(3.0, "a")
    assert [s.edges for s in all_steps(a * a, repr)] == [
        ((0, 1, 0), (0, 1, 1)),
        (),
        ((0, 1, 0),),
        ((0, 1, 1),),
    ]
