"""Equations in LaTeX: the lecture's, and whatever programs there are, with balanced braces."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value
from autograd.export import ExportError
from autograd.export.targets.latex import number
from tests.helpers.export_cases import (
    PRIMITIVES,
    RESULTS,
    WHOLE,
    compared,
    forward,
    primitive,
    random_program,
    whole,
)


def lines(text):
    first, *rows, last = text.splitlines()
    assert (first, last) == (r"\begin{aligned}", r"\end{aligned}")
    return [re.sub(r" \\\\(\[1ex\])?$", "", row) for row in rows]


def check(text):
    """Check what LaTeX would stumble over: braces, pairs, columns, double marks."""
    depth = 0
    for sign in re.findall(r"(?<!\\)[{}]", text):
        depth += 1 if sign == "{" else -1
        assert depth >= 0, text
    assert depth == 0, text
    assert text.count(r"\left") == text.count(r"\right")
    assert text.count(r"\begin{cases}") == text.count(r"\end{cases}")
    for line in lines(text):
        outside = re.sub(r"\\begin\{cases\}.*\\end\{cases\}", "", line)
        assert outside.count("&") == 1, line
        assert not re.search(r"[_^]\{[^{}]*\}\s*(?:_\{[^{}]*\}\s*_|\^\{[^{}]*\}\s*\^)", line), line
    assert not re.search(r"\b(?:inf|nan)\b", text.replace(r"\mathrm{nan}", ""))


@pytest.mark.parametrize("name", PRIMITIVES)
def test_every_primitive_is_written(name):
    check(primitive(name)[0].to("latex"))


@pytest.mark.parametrize("name", WHOLE)
def test_whole_programs_are_written(name):
    check(whole(name)[0].to("latex"))


@settings(max_examples=10)
@given(seed=st.integers(0, 10**6))
def test_random_programs_are_written(seed):
    made = random_program(seed)
    if made is not None:
        check(made[0].to("latex"))


def test_the_lecture_s_network():
    step, _ = whole("network")
    assert lines(step.to("latex")) == [
        "Z_{1} &= W_{1} x + b_{1}",
        r"A_{1} &= \tanh(Z_{1})",
        "Z_{2} &= W_{2} A_{1} + b_{2}",
        r"T_{1} &= H(y, \sigma(Z_{2}))",
        r"J &= \frac{1}{n} \sum_n T_{1}",
        r"dZ_{2} &= \frac{\sigma(Z_{2}) - y}{n}",
        r"dZ_{1} &= W_{2}^\top dZ_{2} \odot \left(1 - A_{1}^{\odot 2}\right)",
        r"dW_{1} &= dZ_{1} x^\top",
        r"db_{1} &= \sum_{n} dZ_{1}",
        r"dW_{2} &= dZ_{2} A_{1}^\top",
        r"db_{2} &= \sum_{n} dZ_{2}",
    ]


def test_three_classes():
    text = lines(whole("classes")[0].to("latex"))
    assert text[3:5] == [
        r"P_{1} &= \operatorname{softmax}(Z_{2})",
        r"T_{1} &= -\log (P_{1})_{y}",
    ]
    assert r"dZ_{2} &= \frac{P_{1} - \operatorname{onehot}(y)}{n}" in text
    assert r"dZ_{1} &= W_{2}^\top dZ_{2} \odot [Z_{1} > 0]" in text


def test_a_scalar_graph_is_one_formula():
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    lifted = autograd.lift(3 * (a + b * c), wrt=[a, b, c])
    assert lines(lifted.to("latex")) == [
        r"J &= 3 \left(a + b c\right)",
        r"\frac{\partial J}{\partial a} &= 3",
        r"\frac{\partial J}{\partial b} &= 3 c",
        r"\frac{\partial J}{\partial c} &= 3 b",
    ]
    assert lines(lifted.to("latex", formula=False)) == [
        "T_{1} &= a + b c",
        r"T_{2} &= 3 T_{1}",
        "J &= T_{2}",
        "db &= 3 c",
        "dc &= 3 b",
        "da &= 3",
    ]


def test_a_long_formula_is_written_in_steps_unless_asked_for():
    x = Value(0.3, "x")
    y = x
    for _ in range(8):
        y = autograd.sin(y) * x
    lifted = autograd.lift(y, wrt=[x], engine="numpy")
    assert lines(lifted.to("latex"))[0].startswith("T_{1} &=")
    formula = lifted.to("latex", formula=True)
    assert lines(formula)[0].startswith("J &=")
    check(formula)


def test_a_batch_s_formula():
    step, _ = whole("logistic")
    assert lines(step.to("latex", formula=True))[:2] == [
        r"J &= \sum H(y, \sigma(w x + b))",
        r"\frac{\partial J}{\partial w} &= \left(\sigma(w x + b) - y\right) x^\top",
    ]


def test_a_formula_that_doubles_at_each_step_is_refused_not_written():
    y = x = Value(0.3, "x")
    for _ in range(60):
        y = autograd.sin(y) * autograd.cos(y)
    lifted = autograd.lift(y, wrt=[x], engine="numpy")
    check(lifted.to("latex"))
    with pytest.raises(ExportError) as caught:
        lifted.to("latex", formula=True)
    assert str(caught.value) == (
        "latex: the steps do not go into one formula, or it would be too long; leave formula out"
    )


def test_comparisons_are_stated():
    step = autograd.compile(compared, engine="numpy")
    step(1.0, 2.0)
    assert r"&\text{where } x < w" in lines(step.to("latex"))
    step(3.0, 2.0)
    assert r"&\text{where not } x < w" in lines(step.to("latex"))


@pytest.mark.parametrize(
    ("function", "args", "line"),
    [
        (lambda x: autograd.sum([a * b for a in x for b in x]), 3, "dx"),
        (lambda x: (x[0] - (x[1] - x[2])) * 2.0 / 1e-7, 3, r"\frac{"),
        (lambda x: autograd.where(x[0] > 1, x[1], -x[2]) ** 2.5, 3, "2.5"),
        (lambda x: autograd.max(x) ** (x[0] + 1), 3, r"\max_i x_i"),
    ],
)
def test_expressions(function, args, line):
    step = autograd.compile(function, engine="numpy")
    step(np.arange(1.0, args + 1))
    text = step.to("latex")
    check(text)
    assert line in text


@pytest.mark.parametrize(
    ("x", "text"),
    [(3.0, "3"), (-2.5, "-2.5"), (1e-5, "10^{-5}"), (2.5e30, r"2.5 \cdot 10^{30}"),
     (np.inf, r"\infty"), (-np.inf, r"-\infty"), (np.nan, r"\mathrm{nan}")],
)  # fmt: skip
def test_numbers(x, text):
    assert number(x).text == text


@pytest.mark.parametrize("name", RESULTS)
def test_several_results_are_written(name):
    step, _, expected = forward(name)
    text = step.to("latex")
    check(text)
    count = len(expected)
    assert ("J &=" if count == 1 else f"J_{{{count}}} &=") in text
