"""`derivative`: any order of a function of one number."""

import math

import numpy as np
import pytest

import autograd
from autograd import Value, derivative, grad
from autograd.graph import topological


def test_orders_of_a_power():
    found = [derivative(lambda x: x**5, n)(2.0) for n in range(8)]
    assert found == [32.0, 80.0, 160.0, 240.0, 240.0, 120.0, 0.0, 0.0]
    assert [derivative(lambda x: x**4, n)(0.0) for n in range(6)] == [0, 0, 0, 0, 24, 0]


def test_orders_of_functions_that_are_known():
    assert [derivative(autograd.exp, n)(0.5) for n in range(6)] == [math.exp(0.5)] * 6
    cycle = [math.sin(0.7), math.cos(0.7), -math.sin(0.7), -math.cos(0.7)]
    assert [derivative(autograd.sin, n)(0.7) for n in range(8)] == pytest.approx(cycle * 2)
    inverse = [derivative(lambda x: 1 / x, n)(2.0) for n in range(9)]
    want = [(-1) ** n * math.factorial(n) / 2.0 ** (n + 1) for n in range(9)]
    assert inverse == pytest.approx(want, rel=1e-14)


def test_further_arguments_pass():
    assert derivative(lambda x, k: x**k, 2)(3.0, 3) == 18.0
    assert derivative(lambda x, k=2: k * x * x, 2)(3.0, k=5) == 10.0


def test_it_nests_and_gives_graphs():
    x = Value(2.0)
    second = derivative(lambda v: v**4, 2)(x)
    assert autograd.gradient(second, [x]) == [48.0]
    assert grad(derivative(lambda v: v**4, 2))(2.0) == 48.0
    assert derivative(derivative(lambda v: v**4, 2), 2)(2.0) == 24.0
    assert derivative(lambda x: x * derivative(lambda y: x * y)(1.0), 2)(3.0) == 2.0


def test_no_dependence_is_zero():
    assert derivative(lambda x: 3.0, 2)(1.0) == 0.0  # noqa: ARG005
    assert derivative(lambda x: 3, 0)(1.0) == 3.0  # noqa: ARG005


def test_graphs_of_higher_orders_stay_small():
    """Local derivatives are made once for all orders, however often they are used."""
    x = Value(0.5)
    sizes = [len(topological(derivative(autograd.tanh, n)(x))) for n in range(7)]
    assert sizes[6] < 1000, sizes


@pytest.mark.parametrize("n", [-1, 1.0, True, "2"])
def test_an_order_is_a_whole_number(n):
    error = ValueError if n == -1 else TypeError
    with pytest.raises(error, match=r"^n: got .*; allowed: a whole number of at least 0$"):
        derivative(abs, n)


@pytest.mark.parametrize(
    ("x", "came"), [([1.0, 2.0], "a list of 2"), (np.ones(1), "an ndarray of shape (1,)")]
)
def test_the_argument_is_one_number(x, came):
    with pytest.raises(TypeError) as caught:
        derivative(lambda x: x[0])(x)
    assert str(caught.value) == (
        f"derivative: got {came}; allowed is one number (grad, jacobian and hessian take more)"
    )


def test_the_result_is_one_number():
    with pytest.raises(TypeError, match="derivative: the function returned a list of 1"):
        derivative(lambda x: [x])(1.0)
