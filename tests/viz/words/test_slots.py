"""Templates of words: what is filled in reads as what is written directly."""

import pytest

import viz
from autograd import Value
from autograd.expressions.dialects import TextPrinter
from autograd.expressions.tree import Operation, Symbol, number
from viz.basics.numbers import formatter
from viz.words.slots import filled, slot, template, with_slots

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
    assert [filled(one, lambda key: {"v1": value}[key], WRITE) for one in made] == [
        TextPrinter(WRITE).text(tree) for tree in trees(number(value))
    ]


def test_a_plain_text_is_a_template_without_slots():
    assert template("dJ/da", WRITE) == ("dJ/da",)


def test_names_become_slots_where_they_have_one():
    x = Operation("add", (Symbol("a", 1.0), Symbol("b", 2.0)))
    assert template(with_slots(x, {"a": "v0"}), WRITE) == ("", "v0", " + 2")


def test_a_label_cannot_forge_a_slot():
    a = Value(2.0, "\ufdd0v0\ufdd1")
    assert "\ufffdv0\ufffd * 3 = 2 * 3 = 6" in viz.explore(a * 3).steps[0].words
