"""Templates of words: what is filled in reads as what is written directly."""

import pytest
from viz.formulas.expression import Expression, call, name, number
from viz.formulas.inline import text

import viz
from autograd import Value
from viz.basics.numbers import formatter
from viz.words.slots import filled, slot, template, with_slots

WRITE = formatter(4, None)


def trees(x):
    """Yield formulas that hold ``x`` wherever brackets and signs depend on it."""
    a = name("a", 1.0)
    for kind in ("sum", "product", "quotient"):
        yield Expression(kind, (x, a))
        yield Expression(kind, (a, x))
        yield Expression(kind, (x, x))
    yield Expression("negative", (x,))
    yield Expression("sum", (a, Expression("negative", (x,))))
    yield Expression("sum", (a, Expression("product", (x, a)), Expression("quotient", (x, a))))
    yield Expression("quotient", (a, Expression("product", (x, a))))
    yield call("exp", [x], 0.0)
    yield call("gelu_tanh′", [x], 0.0)
    yield call("max", [x, a, x], 0.0)
    yield call("pow", [x, number(2)], 0.0)
    yield call("pow", [number(2), x], 0.0)
    yield call("floordiv", [a, x], 0.0)


@pytest.mark.parametrize("value", [3.0, -3.0, -0.25, float("inf"), float("-inf"), float("nan")])
def test_what_is_filled_in_reads_as_what_is_written(value):
    made = [template(tree, WRITE) for tree in trees(slot("v1"))]
    assert [filled(one, lambda key: {"v1": value}[key], WRITE) for one in made] == [
        text(tree, WRITE) for tree in trees(number(value))
    ]


def test_a_plain_text_is_a_template_without_slots():
    assert template("dJ/da", WRITE) == ("dJ/da",)


def test_names_become_slots_where_they_have_one():
    x = Expression("sum", (name("a", 1.0), name("b", 2.0)))
    assert template(with_slots(x, {"a": "v0"}), WRITE) == ("", "v0", " + 2")


def test_a_label_cannot_forge_a_slot():
    a = Value(2.0, "\ufdd0v0\ufdd1")
    assert "\ufffdv0\ufffd * 3 = 2 * 3 = 6" in viz.explore(a * 3).steps[0].words
