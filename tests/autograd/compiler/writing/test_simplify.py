"""Expressions: what is known is worked out; a test that counts as a number is made one."""

import ast

import numpy as np
import pytest

import autograd
from autograd import relu
from autograd.compiler.writing.simplify import simplified


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("1.0 * (x > 0)", "1.0 * (x > 0)"),
        ("-1.0 * (x > 0)", "-(1.0 * (x > 0))"),
        ("1.0 * (x > 0) * y", "(x > 0) * y"),
        ("1.0 * (x > 0) * (y > 0)", "1.0 * (x > 0) * (y > 0)"),
        ("1.0 * ((x > 0) & (x < 1))", "1.0 * ((x > 0) & (x < 1))"),
        ("y * 1.0", "y"),
    ],
)
def test_a_factor_of_one_stays_where_it_makes_a_number(text, short):
    assert ast.unparse(simplified(ast.parse(text, mode="eval").body)) == short


@pytest.mark.parametrize(
    ("text", "number"),
    [("1 / 4.0", 0.25), ("1 / 0.0", np.inf), ("-2.0 / 0.0", -np.inf), ("0.0 / 0.0", np.nan)],
)
def test_numbers_are_divided_as_arrays_are(text, number):
    short = ast.unparse(simplified(ast.parse(text, mode="eval").body))
    assert "/" not in short
    np.testing.assert_equal(eval(short), number)


@pytest.mark.parametrize("engine", ["numpy", "tape"])
@pytest.mark.parametrize("options", [{}, {"batch": "x"}])
def test_a_division_by_a_constant_0_is_no_error(engine, options):
    w = autograd.Value(2.0, "w")
    step = autograd.compile(lambda x: (w - x) / 0 + w, engine=engine, **options)
    x = [1.0, 0.0] if options else 1.0
    for _ in range(3):
        assert step.backward(x, fresh=True) == w.grad == np.inf


@pytest.mark.parametrize(
    "program",
    [
        lambda x: sum(relu(v) for v in x) + sum(relu(v + 1) for v in x),
        lambda x: 0 - autograd.sum([relu(v) for v in x]),
        lambda x: relu(1 - x[0]),
        lambda x: autograd.sum([relu(relu(v)) - relu(v - 1) for v in x]),
        lambda x: autograd.sum([autograd.clip(v, 0, 1) + relu(v) for v in x]),
    ],
)
def test_gradients_of_weight_one_through_relu_add_up_and_change_sign(program):
    x = np.array([0.5, 1.7, -0.2])
    value, gradient = autograd.compile(program, engine="numpy")(x)
    expected, others = autograd.compile(program, engine="tape")(x)
    assert value == pytest.approx(expected, rel=1e-15)
    assert gradient.dtype == float
    assert gradient.tolist() == pytest.approx(others.tolist(), rel=1e-15)
