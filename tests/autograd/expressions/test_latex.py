import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.expressions import latex
from autograd.expressions import tree as e
from autograd.primitives import TABLE
from viz.graph_model import one_line

WRITE = "{:.4g}".format
x, y = e.Symbol("x", 2.0), e.Symbol("y", -3.0)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("a", "a"),
        ("w1", "w_{1}"),
        ("w₁,₁₂", "w_{1,12}"),
        ("b⁽¹·⁰⁾", "b^{(1,0)}"),
        ("x#2", r"x^{\#2}"),
        ("w₁⁽⁰·³⁾#2", r"w_{1}^{(0,3)\#2}"),
        ("loss_fn", r"\mathrm{loss\_fn}"),
        ("log2", r"\mathrm{log2}"),
        ("2024", r"\mathrm{2024}"),
        ("ŷ", r"\hat{y}"),
        ("ā", r"\bar{a}"),
        ("λ", r"\lambda"),
        ("ς", "ς"),
        ("é", "é"),
        ("重み", r"\mathrm{重み}"),
        ("two words", r"\mathrm{two\ words}"),
        ("a-b", r"\mathrm{a{-}b}"),
        ("\u2068שלום עולם\u2069", r"\text{שלום עולם}"),
    ],
)
def test_names(name, written):
    assert latex.name(name) == written


@given(st.text(max_size=30))
def test_no_label_breaks_out(label):
    written = latex.name(one_line(label) or "x")
    assert not re.search(r"[$<>&`|%@\n]|(?<!\\)#|(?<!_)(?<!\^)\^(?!\{)", written)
    assert re.sub(r"\\[A-Za-z]+|\\[_# ]", "", written).count("\\") == 0
    depth = 0
    for c in written:
        depth += {"{": 1, "}": -1}.get(c, 0)
        assert depth >= 0
    assert depth == 0


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("−84", "-84"),
        ("1.5e−7", r"1.5 \cdot 10^{-7}"),
        ("1,200.5", "1{,}200.5"),
        ("inf", r"\infty"),
        ("−inf", r"-\infty"),
        ("nan", r"\mathrm{nan}"),
        ("<b>", r"\mathrm{‹b›}"),
    ],
)
def test_numbers(number, written):
    assert latex.number(number) == written


@pytest.mark.parametrize(
    ("formula", "written"),
    [
        (1 + x, "1 + x"),
        (1 - x, "1 - x"),
        (x - (y + 1), r"x - \left(y + 1\right)"),
        (x * (1 + y), r"x \cdot \left(1 + y\right)"),
        ((1 + y) * x, r"\left(1 + y\right) \cdot x"),
        (x * x * y, r"x^{2} \cdot y"),
        (e.number(3) * x * e.number(3), r"3 \cdot x \cdot 3"),
        (x * e.divide(1, y), r"x \cdot \frac{1}{y}"),
        (-(x + 1), r"-\left(x + 1\right)"),
        (x * e.number(-3), r"x \cdot \left(-3\right)"),
        (e.Operation("exp", (x + 1,), 0.0), "e^{x + 1}"),
        (e.Operation("square", (x + 1,), 0.0), r"\left(x + 1\right)^2"),
        (e.Operation("sigmoid", (-x,), 0.0), r"\sigma(-x)"),
        (e.Operation("abs", (-x,), 0.0), r"\left|-x\right|"),
        (e.Operation("expm1", (x,), 0.0) * y, r"\left(e^{x} - 1\right) \cdot y"),
        (e.Operation("pow", (x, y), 0.0) * y, r"{x}^{y} \cdot y"),
        (e.Operation("pow", (x, y - 1), 0.0), "{x}^{y - 1}"),
        (e.Operation("pow", (x + 1, y), 0.0), r"{\left(x + 1\right)}^{y}"),
        (e.Operation("softmax", (x, y), 0.0, "1"), r"\operatorname{softmax}(x, y)_{1}"),
        (e.Operation("norm", (x, y)), r"\lVert x, y \rVert"),
        (e.Operation("logsumexp", (x, y)), r"\log \sum_i e^{\left(x, y\right)_i}"),
        (e.Operation("max", (x, y)) * y, r"\max_i \left(x, y\right)_i \cdot y"),
        (
            e.Operation("cross_entropy", (x, y, e.number(1))),
            r"-\log \operatorname{softmax}(x, y)_{1}",
        ),
        (e.Operation("gelu_tanh′", (x,), 0.0), r"\operatorname{gelu\_tanh}'(x)"),
        (e.joined("add", [x] * 9), r"x + x + x + \dots + x"),
        (e.Derivative("J", "w1"), r"\frac{dJ}{dw_{1}}"),
        (e.Derivative("J", "a", partial=True, index="⁽²⁾"), r"\frac{\partial J}{\partial a^{(2)}}"),
        (e.Number(-2.0, literal=True) * x, r"-2 \cdot x"),
    ],
)
def test_formulas(formula, written):
    assert latex.LatexPrinter(WRITE).text(formula) == written


@pytest.mark.parametrize("name", [n for n, row in TABLE.items() if not row.variadic])
def test_every_operation_takes_compound_operands(name):
    parts = [e.Symbol(letter, 1.0) + 1 for letter in "abc"[: len(TABLE[name].arguments)]]
    written = latex.LatexPrinter(WRITE).text(e.Operation(name, tuple(parts), 1.0))
    assert written.count("{") == written.count("}")
    assert written.count(r"\left(") == written.count(r"\right)")
    assert "a + 1" in written
