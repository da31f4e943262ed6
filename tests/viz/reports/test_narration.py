"""Both passes in words, and templates: what is filled in reads as what is written directly."""

import pytest

import autograd
import viz
from autograd import Value
from autograd.expressions.dialects import TextPrinter
from autograd.expressions.tree import Operation, Symbol, number
from autograd.primitives import TABLE
from viz.formatting import formatter
from viz.formulas.symbolic import Rules
from viz.graph_model import GraphModel, node_names
from viz.reports.narration import fill, slot, steps, substitute_slots, template
from viz.reports.narration import fill_sentences as told_with

WRITE = formatter(4, None)


def trees(x):
    """Yield formulas that hold ``x`` wherever brackets and signs depend on it."""
    a = Symbol("a", 1.0)
    for op in ("add", "mul", "div"):
        yield Operation(op, (x, a))
        yield Operation(op, (a, x))
        yield Operation(op, (x, x))
    yield Operation("neg", (x,))
    yield Operation("add", (a, Operation("neg", (x,))))
    yield Operation("add", (a, Operation("mul", (x, a)), Operation("div", (x, a))))
    yield Operation("div", (a, Operation("mul", (x, a))))
    yield Operation("exp", (x,))
    yield Operation("gelu_tanh′", (x,))
    yield Operation("max", (x, a, x))
    yield Operation("pow", (x, number(2)))
    yield Operation("pow", (number(2), x))
    yield Operation("floordiv", (a, x))


@pytest.mark.parametrize("value", [3.0, -3.0, -0.25, float("inf"), float("-inf"), float("nan")])
def test_what_is_filled_in_reads_as_what_is_written(value):
    made = [template(tree, WRITE) for tree in trees(slot("v1"))]
    assert [fill(one, lambda key: {"v1": value}[key], WRITE) for one in made] == [
        TextPrinter(WRITE).text(tree) for tree in trees(number(value))
    ]


def test_a_plain_text_is_a_template_without_slots():
    assert template("dJ/da", WRITE) == ("dJ/da",)


def test_names_become_slots_where_they_have_one():
    x = Operation("add", (Symbol("a", 1.0), Symbol("b", 2.0)))
    assert template(substitute_slots(x, {"a": "v0"}), WRITE) == ("", "v0", " + 2")


def test_a_label_cannot_forge_a_slot():
    a = Value(2.0, "\ufdd0v0\ufdd1")
    assert "\ufffdv0\ufffd * 3 = 2 * 3 = 6" in viz.explore(a * 3).steps[0].words


def all_steps(J, write, **names):
    graph = GraphModel.build([J], names)
    return list(steps(Rules(graph, node_names(graph, write), write)))


def fill_sentences(J, **names):
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
    assert fill_sentences(a * a)[2:] == [
        ("gradient", "dJ/dJ * ∂J/∂a⁽¹⁾ = 1 * 3 = 3; dJ/da starts with 3"),
        ("gradient", "dJ/dJ * ∂J/∂a⁽²⁾ = 1 * 3 = 3; dJ/da is now 6"),
    ]


def test_functions_and_lists_have_their_numbers_filled_in():
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    (kind, words), *_ = fill_sentences(autograd.max([a, b]))
    assert kind == "value"
    assert words == "J = max(a, b) = max(2, −3) = 2"


@pytest.mark.parametrize("x", ["inf", "nan"])
def test_numbers_that_are_not_finite_are_told(x):
    assert fill_sentences(Value(float(x), "a") * 2) == [
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
