"""Both passes in words."""

import pytest

import autograd
import viz
from autograd import Value
from viz.stepping import steps
from viz.style import formatter
from viz.survey import survey


def told(J, **names):
    return [(s.kind, s.words) for s in steps(survey([J], names), formatter(4, None))]


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
    graph = survey([J])
    last = {s.node: s.number for s in steps(graph, repr) if s.kind != "value"}
    for i, node in enumerate(graph.nodes):
        if not node.is_constant:
            assert float(last[i]) == node.grad
