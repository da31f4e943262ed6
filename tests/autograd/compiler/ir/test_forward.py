"""Instructions as equations: operands meet by their axes; results have all axes."""

import numpy as np
import pytest

import autograd
from autograd import Value
from autograd.compiler.ir.builder import Builder
from autograd.compiler.ir.forward import Lowering
from autograd.compiler.ir.numpy_source import NumpyPrinter
from autograd.compiler.layout.buffers import Operand
from autograd.compiler.layout.views import Array, View
from autograd.compiler.vectorize.instructions import Instruction


def operand(name, axes, *, unit=False):
    shape = (2,) * len(axes) + (1,) * unit
    return Operand(View(Array(name, np.zeros(shape, int), kind="argument")), axes, unit=unit)


def broadcast(operand, axes):
    return NumpyPrinter().text(Lowering(Builder(), {}, []).broadcast(operand, axes))


def value(op, *operands, axes="ij"):
    step = Instruction(Array("Z", np.zeros((2,) * len(axes), int)), op, axes, [], list(operands))
    return NumpyPrinter().text(Lowering(Builder(), {}, []).value(step, axes))


def test_operands_meet_element_by_element():
    assert broadcast(operand("A", "ij"), "ij") == "A"
    assert broadcast(operand("A", "i"), "ij") == "A[:, None]"
    assert broadcast(Operand(None, "", 2.0), "ij") == "2.0"
    assert broadcast(operand("b", "i", unit=True), "in") == "b", "a column is one already"
    assert broadcast(operand("b", "i", unit=True), "i") == "b[..., 0]"


@pytest.mark.parametrize(
    ("op", "text"),
    [("add", "A + B"), ("sub", "A - B"), ("mul", "A * B"), ("div", "A / B"),
     ("atan2", "atan2(A, B)")],
)  # fmt: skip
def test_values_read_as_arithmetic_or_by_their_name(op, text):
    assert value(op, operand("A", "ij"), operand("B", "ij")) == text


def test_arguments_that_have_their_default_are_left_out():
    A = operand("A", "ij")
    assert value("leaky_relu", A, Operand(None, "", 0.01)) == "leaky_relu(A)"
    assert value("leaky_relu", A, Operand(None, "", 0.2)) == "leaky_relu(A, 0.2)"


@pytest.mark.parametrize("engine", ["numpy", "blocked", "tape"])
def test_a_product_of_a_sample_made_twice(engine):
    """The same number at both places: the line repeated it without the samples' axis."""
    w, X = Value(0.5), np.array([0.25, 1.0, -2.0])
    function = lambda x: autograd.sum([v.tanh() for v in (w * x, x * w)]) * x  # noqa: E731
    step = autograd.compile(function, batch=["x"], engine=engine)
    for count in (3, 1, 2):
        w.zero_grad()
        value = step.backward(X[:count])
        ours = w.grad
        w.zero_grad()
        mean = autograd.mean([function(x) for x in X[:count].tolist()])
        mean.backward()
        assert value == pytest.approx(mean.data, rel=1e-14)
        assert ours == pytest.approx(w.grad, rel=1e-14)
