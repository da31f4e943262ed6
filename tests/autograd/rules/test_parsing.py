"""Rules: what is refused, and how floats, arrays and Values read the same line."""

import ast
import math

import pytest

from autograd import Value
from autograd.engine.reverse import number
from autograd.rules import floats, parsing

SAMPLES = [
    "1 - z*z",
    "where(x < 0, nan, 1 / x)",
    "where((x > 1) & (y <= 2), x / (1 + y), y / (2 * x))",
    "[x / len(xs) for x in xs]",
    "1 / x / (x * y) / 2",
]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "x ** 2",
            r"uses \*\*, which floats and arrays read differently; use pow\(x, y\)$",
        ),
        ("x // y", r"uses //, .*; use floordiv\(x, y\)$"),
        ("x % y", r"uses %, .*; use mod\(x, y\)$"),
        ("x > 0 and y > 0", "uses and, .*; use &$"),
        ("x or y", r"uses or, .*; use \|$"),
        ("not x", "uses not, .*; use where$"),
        ("x if y else 0", r"uses if, .*; use where\(condition, x, y\)$"),
        ("1 +", "is not an expression"),
        ("x = 1", "is not an expression"),
    ],
)
def test_what_reads_differently_is_refused(text, message):
    with pytest.raises(ValueError, match=message) as caught:
        parsing.parse(text, "owner")
    assert str(caught.value).startswith(f"owner: the rule {text!r} ")


def test_unknown_names_are_named():
    parsing.check("where(x < 0, len(xs), sum([y for y in xs]))", "f", ["x", "xs", "where", "sum"])
    with pytest.raises(NameError, match=r"^f: the rule 'x \+ yy' names 'yy', which is unknown$"):
        parsing.check("x + yy", "f", ["x"])
    with pytest.raises(NameError, match="names 'open'"):
        parsing.check("open(x)", "f", ["x"])


def test_floats_divide_in_place_unless_by_zero():
    assert parsing.for_floats("x / 2") == "x / 2.0"
    assert parsing.for_floats("x / 0") == "div(x, 0.0)"
    assert parsing.for_floats("x / y") == "x / y if y else div(x, y)"
    text = parsing.for_floats("1 / (x - y) / (x + y)")
    for x, y in ((3.0, 2.0), (1.0, 1.0), (1.0, -1.0), (0.0, 0.0), (math.inf, 1.0)):
        want = floats.div(floats.div(1, x - y), x + y)
        got = eval(text, {"div": floats.div, "x": x, "y": y})
        assert got == want or (got != got and want != want)


def test_floats_are_written_as_floats():
    assert parsing.for_floats("where(x > 0, 1, 0)") == "1.0 if x > 0.0 else 0.0"


def test_a_choice_is_lazy_for_scalars():
    for reading in (parsing.for_floats, parsing.for_values):
        text = reading("where(x > 0, log(x), 0)")
        assert eval(text, {"x": -1.0, "number": float}) == 0


def test_values_are_compared_by_number():
    text = parsing.for_values("where((x == y) | (1 < x), x / y, 0)")
    assert text == "div(x, y) if (number(x) == number(y)) | (1 < number(x)) else 0"
    x, y = Value(2.0), Value(2.0)
    made = eval(text, {"x": x, "y": y, "number": number, "div": lambda a, b: a / b})
    assert (made.data, made.inputs) == (1.0, (x, y))


@pytest.mark.parametrize("text", SAMPLES)
@pytest.mark.parametrize("reading", [parsing.for_floats, parsing.for_values])
def test_every_reading_is_an_expression_and_leaves_no_plain_choice(text, reading):
    tree = ast.parse(reading(text), mode="eval")
    called = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call)}
    assert "where" not in called


def test_numbers_that_are_no_integers_stay():
    assert parsing.for_floats("0.5 * x") == "0.5 * x"
    assert parsing.for_values("2 * x") == "2 * x"


def test_traces_compare_and_choose_by_nodes():
    assert parsing.for_traces("where(x < y, 1, 0)") == "choose(less(x, y), 1, 0)"
    assert parsing.for_traces("where(x > y, 1, 0)") == "choose(less(y, x), 1, 0)"
    assert parsing.for_traces("where(x <= 0, z, 0)") == "choose(negated(less(0, x)), z, 0)"
    assert parsing.for_traces("where(x >= 0, z, 0)") == "choose(negated(less(x, 0)), z, 0)"
    assert parsing.for_traces("where((x == 0) & (y != 0), 1 / x, -z)") == (
        "choose(both(equal(x, 0), unequal(y, 0)), div(1, x), -z)"
    )
