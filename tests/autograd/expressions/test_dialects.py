"""Every dialect: brackets where its language needs them, and none where it does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.expressions import MINUS
from autograd.expressions.dialects import (
    CPrinter,
    CythonPrinter,
    FormulaLevel,
    JavaScriptPrinter,
    PythonPrinter,
    TextPrinter,
)
from autograd.expressions.tree import (
    COMPARISONS,
    Derivative,
    Operation,
    Symbol,
    UnsupportedSyntaxError,
    number,
    parse,
)
from autograd.primitives import TABLE


def typeset(format):
    """Return a formatter that writes minus signs as formulas have them."""
    return lambda x: f"{x:{format}}".replace("-", MINUS)


@pytest.mark.parametrize("label", ["ŷ", "w₁⁽⁰·³⁾", "layers.0.w", "x'", "x[0]", "重み", "x#2"])
def test_names_that_hold_together(label):
    assert TextPrinter(str).text(Symbol(label)) == label


@pytest.mark.parametrize("label", ["a b", "a+b", "a−b", "f(x)", "y=1", "<b>", "50%", "a/b"])
def test_names_that_would_fall_apart(label):
    assert TextPrinter(str).text(Symbol(label)) == f"[{label}]"


def test_numbers_are_written_by_the_format():
    half = number(0.5)
    assert TextPrinter(typeset(".3f")).text(half * Symbol("x")) == "0.500 * x"
    assert TextPrinter(typeset(".4g")).write(half).strength == FormulaLevel.ATOM
    assert TextPrinter(typeset("+.1f")).write(half).strength == FormulaLevel.SIGNED


SIGNS = ["add", "sub", "mul", "div"]
leaves = st.sampled_from([Symbol("x"), Symbol("y"), Symbol("z"), number(2), number(0.5)])


def rules(signs, functions):
    """Draw rules over binary operators, and functions of so many operands."""
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            *[st.tuples(inner, inner).map(lambda p, s=s: Operation(s, p)) for s in signs],
            *[
                st.tuples(*[inner] * count).map(lambda p, f=f: Operation(f, p))
                for f, count in functions.items()
            ],
        ),
        max_leaves=8,
    )


@given(rules([*SIGNS, "&", "|", *sorted(COMPARISONS)], {"neg": 1, "exp": 1, "where": 3}))
def test_a_rule_that_is_printed_reads_back_as_the_same(rule):
    assert parse(PythonPrinter().text(rule)) == rule


@pytest.mark.parametrize(
    "text", [text for entry in TABLE.values() for text in (entry.rule, *entry.partials)]
)
def test_rules_of_the_table_read_back_as_the_same(text):
    assert parse(PythonPrinter().text(parse(text))) == parse(text)


def javascript():
    return JavaScriptPrinter(["x", "y", "z", "xs", "ys"], str)


@pytest.mark.parametrize("dialect", [CPrinter, CythonPrinter, javascript])
@given(rule=rules(SIGNS, {"neg": 1}))
def test_arithmetic_reads_back_as_the_same_in_other_languages(dialect, rule):
    text = dialect().text(rule)
    assert "--" not in text or dialect is CythonPrinter
    read = PythonPrinter().text(parse(text)).replace(".0", "")
    assert read == PythonPrinter().text(rule)


@pytest.mark.parametrize(
    ("rule", "c", "js"),
    [
        ("where(x < 0, -x, x)", "x < 0.0 ? -x : x", "x < 0 ? -x : x"),
        ("2 * where(x, 1, y)", "2.0 * (x ? 1.0 : y)", "2 * (x !== 0 ? 1 : y)"),
        ("where(where(x, y, z), 1, 2)", "(x ? y : z) ? 1.0 : 2.0",
         "(x !== 0 ? y : z) !== 0 ? 1 : 2"),
        ("where((x == 0) & (y != 1), x, y)", "(x == 0.0 && y != 1.0) ? x : y",
         "x === 0 && y !== 1 ? x : y"),
        ("(x < y) | (y < z) & (x < z)", "x < y || (y < z && x < z)",
         "Number(x < y || y < z && x < z)"),
        ("x < y < z", "x < y && y < z", "Number(x < y && y < z)"),
        ("(x < y) * x", "(x < y) * x", "Number(x < y) * x"),
        ("(x < y) == (y < z)", "(x < y) == (y < z)", "Number(Number(x < y) === Number(y < z))"),
        ("abs(x) + round(y, 0)", "fabs(x) + round_to(y, 0.0)", "abs(x) + round(y, 0)"),
        ("inf - nan", "INFINITY - NAN", "Infinity - NaN"),
    ],
)  # fmt: skip
def test_truths_and_choices(rule, c, js):
    assert CPrinter().text(parse(rule)) == c
    assert javascript().text(parse(rule)) == js


def test_lists():
    rule = "[*ys, *[x * y for x, y in zip(xs, ys)], xs[0], -sum([a for a in xs])]"
    assert PythonPrinter().text(parse(rule)) == rule
    assert javascript().text(parse(rule)) == (
        "[...ys, ...zip(xs, ys).map(([x, y]) => x * y), at(xs, 0), -sum(xs.map((a) => a))]"
    )


def test_a_dialect_says_what_it_has_no_form_for():
    with pytest.raises(UnsupportedSyntaxError, match="there is no form for dJ/dx"):
        PythonPrinter().text(Derivative("J", "x"))
    with pytest.raises(UnsupportedSyntaxError, match=r"there is no form for 'x\.T'"):
        parse("x.T")
