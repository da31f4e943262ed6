"""Names of arguments and labels that programs use themselves make no difference to numbers."""

import numpy as np
import pytest

import autograd
from autograd import Value


def agree(function, *args):
    numpy = autograd.compile(function, engine="numpy")
    value, gradients = numpy(*args)
    leaves = autograd.values(args)
    result = function(*leaves)
    result.backward()
    assert value == pytest.approx(result.data, rel=1e-14)
    assert gradients == pytest.approx([leaf.grad for leaf in leaves], rel=1e-13)
    return numpy.source


@pytest.mark.parametrize(
    "function",
    [
        lambda x, dx: autograd.tanh(x * dx) * autograd.sin(x) + dx * x,
        lambda dT1, x: autograd.tanh(dT1 * x) * dT1,
        lambda tanh, exp: autograd.tanh(tanh) * autograd.exp(exp * tanh),
        lambda n, J: autograd.sin(n) * J,
        lambda np, math: autograd.erf(np) * math,
        lambda d_1, d_2: autograd.logsumexp([d_1 * d_2, d_2, d_1, 0.5]) * d_1,
    ],
)
def test_arguments_named_as_programs_name_things(function):
    agree(function, 0.7, 1.3)


def test_arguments_named_as_constants_and_positions_are():
    def function(C1, index1, mask1):
        rows = [C1[0], index1[2], C1[1], mask1[0], index1[1]]
        ragged = [autograd.logsumexp(rows[: i + 2]) for i in range(3)]
        return autograd.dot(ragged, [0.5, 0.25, 3.0]) + autograd.dot(C1, [1.0, 2.0, 3.0])

    args = [np.array([0.1, 0.5, 0.9]) * k for k in (1, 2, 3)]
    numpy = autograd.compile(function, engine="numpy")
    tape = autograd.compile(function, engine="tape")
    (value, slopes), (expected, others) = numpy(*args), tape(*args)
    assert value == pytest.approx(expected, rel=1e-14)
    np.testing.assert_allclose(np.array(slopes), np.array(others), rtol=1e-12, atol=1e-15)


def test_an_argument_named_as_the_softmax_that_is_kept():
    step = autograd.compile(
        lambda P1, y: autograd.cross_entropy([v * v for v in P1], y) * P1[0], engine="numpy"
    )
    tape = autograd.compile(
        lambda P1, y: autograd.cross_entropy([v * v for v in P1], y) * P1[0], engine="tape"
    )
    args = np.array([0.3, -1.0, 0.8]), 1
    assert step(*args)[0] == pytest.approx(tape(*args)[0], rel=1e-14)
    np.testing.assert_allclose(step(*args)[1], tape(*args)[1], rtol=1e-12)


@pytest.mark.parametrize("label", ["tanh", "x", "lambda", "n", "index1", "dx"])
def test_parameters_labelled_as_programs_name_things(label):
    w = Value(2.0, label)
    step = autograd.compile(lambda x: autograd.tanh(w * x) * x, engine="numpy", wrt="x")
    value, slope = step(0.3)
    assert value == pytest.approx(np.tanh(0.6) * 0.3, rel=1e-14)
    assert slope == pytest.approx(np.tanh(0.6) + 0.6 * (1 - np.tanh(0.6) ** 2), rel=1e-13)
    w.zero_grad()
    step.backward(0.3)
    assert w.grad == pytest.approx(0.09 * (1 - np.tanh(0.6) ** 2), rel=1e-13)


def test_leaves_of_one_label_are_told_apart():
    a, b = Value(2.0, "a"), Value(3.0, "a")
    lifted = autograd.lift(a * a * b, wrt=[a, b], engine="numpy")
    assert lifted(2.0, 3.0) == (12.0, [12.0, 4.0])
    assert lifted.source.startswith("def program(a, a_2):")
