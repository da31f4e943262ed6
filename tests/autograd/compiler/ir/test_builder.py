"""Expressions: what is known is worked out as they are made; equal ones are one object."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import relu
from autograd.compiler.ir.array_ir import ArrayProgram, Variable
from autograd.compiler.ir.builder import Builder, rebuilt
from autograd.compiler.ir.evaluate import started
from autograd.compiler.ir.numpy_source import NumpyPrinter
from autograd.errors import LoweringError
from autograd.rules.backends import ARRAYS

X, Y = Variable("x", (3,), "argument"), Variable("y", (3,), "argument")
A = Variable("A", (3, 4), "argument")


def text(x):
    return NumpyPrinter().text(x)


@pytest.mark.parametrize(
    ("rule", "short"),
    [
        ("1.0 * (x > 0)", "1.0 * (x > 0)"),
        ("-1.0 * (x > 0)", "-(1.0 * (x > 0))"),
        ("1.0 * (x > 0) * y", "(x > 0) * y"),
        ("1.0 * (x > 0) * (y > 0)", "1.0 * (x > 0) * (y > 0)"),
        ("1.0 * ((x > 0) & (x < 1))", "1.0 * ((x > 0) & (x < 1))"),
        ("y * 1.0", "y"),
        ("x + -y", "x - y"),
        ("x - -y", "x + y"),
        ("-(x - y)", "y - x"),
        ("-(-x)", "x"),
        ("0 + x - 0", "x"),
        ("2 + 3 * 4", "14.0"),
        ("(1 / sqrt(x)) * y", "y / sqrt(x)"),
        ("pow(x, 2)", "square(x)"),
        ("pow(x, 1)", "x"),
        ("pow(x, -3)", "x ** (-3)"),
        ("where(2 < 1, x, y)", "y"),
        ("(2 > 1) & (x > 0)", "x > 0"),
        ("(x > 0) | (y > 0)", "(x > 0) | (y > 0)"),
        ("x / 1", "x"),
        ("(x - y) * x / (y * x)", "(x - y) * x / (y * x)"),
        ("x - (y - x)", "x - (y - x)"),
        ("exp(-x * inf)", "exp(-(x * inf))"),
    ],
)
def test_what_is_known_is_worked_out(rule, short):
    assert text(Builder().rule(rule, {"x": X, "y": Y})) == short


@pytest.mark.parametrize(
    ("rule", "number"),
    [("1 / 4.0", 0.25), ("1 / 0.0", np.inf), ("-2.0 / 0.0", -np.inf), ("0.0 / 0.0", np.nan)],
)
def test_numbers_are_divided_as_arrays_are(rule, number):
    found = text(Builder().rule(rule, {}))
    assert "/" not in found
    np.testing.assert_equal(eval(found, {"inf": math.inf, "nan": math.nan}), number)


def test_equal_expressions_are_one_object():
    build = Builder()
    assert build.add(X, build.mul(X, Y)) is build.add(X, build.mul(X, Y))
    assert build.number(1) is not build.number(1.0)  # they are written differently
    assert build.number(0.0) is not build.number(-0.0)


def test_axes_that_are_turned_twice_are_not_turned():
    build = Builder()
    assert build.transpose(build.transpose(A, (1, 0)), (1, 0)) is A
    assert build.reshape(build.reshape(A, (12,)), (3, 4)) is A
    assert build.index(build.index(X, (slice(None), None)), (Ellipsis, 0)) is X
    column = Variable("b", (3, 1), "argument")
    assert build.index(build.index(column, (Ellipsis, 0)), (slice(None), None)) is column
    kept = build.reduce_sum(A, (1,), keepdims=True)
    assert text(build.index(kept, (Ellipsis, 0))) == "A.sum(axis=1)"
    assert text(build.index(build.index(A, (slice(1, 3),)), (None,))) == "A[1:3][None]"


def test_a_function_that_an_equation_computes_is_read_by_its_name():
    build, Z = Builder(), Variable("A1", (3,), "result")
    build.named[build.call("tanh", X)] = Z
    assert build.call("tanh", X) is Z
    assert build.call("exp", build.call("tanh", X)).operands == (Z,)


def test_other_expressions_are_put_in_the_place_of_variables():
    build = Builder()
    x = build.mul(X, build.add(X, Y))
    assert rebuilt(build, x, {Y: build.number(0.0)}) is build.mul(X, X)
    assert rebuilt(build, x, {A: X}) is x


def test_shapes_that_do_not_fit_are_told():
    build = Builder()
    with pytest.raises(LoweringError, match="do not broadcast"):
        build.add(X, Variable("z", (4,), "argument"))
    with pytest.raises(LoweringError, match="einsum ik,k->i: k is 4 and 3"):
        build.make("einsum", A, X, attributes=("ik,k->i",))
    with pytest.raises(LoweringError, match="reshape"):
        build.reshape(A, (5,))
    with pytest.raises(LoweringError, match="transpose"):
        build.transpose(A, (0, 0))
    with pytest.raises(LoweringError, match="index: 3 of an axis of 3"):
        build.index(X, (3,))
    with pytest.raises(LoweringError, match="axis of 3"):
        build.index(X, (slice(1, 5),))
    with pytest.raises(LoweringError, match="broadcast_to"):
        build.broadcast_to(A, (4,))
    with pytest.raises(LoweringError, match="an operand has"):
        build.make("einsum", A, X, attributes=("i,k->i",))
    with pytest.raises(LoweringError, match="concatenate"):
        build.make("concatenate", A, X)


SIZES = {"h": 2, "i": 3, "j": 4, "k": 5, "n": 6}
AXES = st.lists(st.sampled_from("hijkn"), min_size=0, max_size=3, unique=True).map("".join)


@given(AXES, AXES, st.data())
def test_products_are_what_einsum_says(a, b, data):
    both = "".join(dict.fromkeys(a + b))
    chosen = sorted(data.draw(st.sets(st.sampled_from(both)))) if both else []
    out = "".join(data.draw(st.permutations(chosen)))
    rng = np.random.default_rng(0)
    build = Builder()
    x, y = (
        Variable(name, tuple(SIZES[axis] for axis in axes), "argument")
        for name, axes in (("x", a), ("y", b))
    )
    numbers = [rng.normal(size=v.shape) for v in (x, y)]
    product = build.contract(x, a, y, b, out)
    want = np.einsum(f"{a},{b}->{out}", *numbers)
    names = {"x": numbers[0], "y": numbers[1], "einsum": np.einsum, "vdot": np.vdot}
    run = started(ArrayProgram((x, y), {}, []), numbers, {**ARRAYS, "einsum": np.einsum})
    for got in (eval(text(product), names), run.of(product)):
        assert np.allclose(np.broadcast_to(got, want.shape), want)


def test_leading_axes_need_no_name():
    b = Variable("b", (3,), "argument")
    assert Builder().expanded(b, "j", "ij") is b


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


@pytest.mark.parametrize("engine", ["numpy", "blocked", "tape"])
@pytest.mark.parametrize("options", [{}, {"batch": "x"}])
def test_a_division_by_a_constant_0_is_no_error(engine, options):
    w = autograd.Value(2.0, "w")
    step = autograd.compile(lambda x: (w - x) / 0 + w, engine=engine, **options)
    x = [1.0, 0.0] if options else 1.0
    for _ in range(3):
        assert step.backward(x, fresh=True) == w.grad == np.inf
