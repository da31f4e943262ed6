"""The table's rules as program text."""

import numpy as np
import pytest

from autograd.compiler.layout.buffers import Operand
from autograd.compiler.layout.views import Array, View
from autograd.compiler.vectorize.instructions import Instruction
from autograd.compiler.writing.rules import broadcast, gradient_text, value_text


def operand(name, axes, *, unit=False):
    return Operand(View(Array(name, np.zeros((2,) * (len(axes) + unit), int))), axes, unit=unit)


def call(op, *operands, axes="ij"):
    return Instruction(Array("Z", np.zeros((2,) * len(axes), int)), op, axes, [], list(operands))


def test_operands_meet_element_by_element():
    assert broadcast(operand("A", "ij"), "ij") == "(A)"
    assert broadcast(operand("A", "i"), "ij") == "(A[:, None])"
    assert broadcast(Operand(None, "", 2.0), "ij") == "(2.0)"
    assert broadcast(operand("b", "i", unit=True), "in") == "b", "a column is one already"


@pytest.mark.parametrize(
    ("op", "text"),
    [("add", "A + B"), ("sub", "A - B"), ("mul", "A * B"), ("div", "A / B"), ("atan2", "atan2")],
)
def test_values_read_as_arithmetic_or_by_their_name(op, text):
    found = value_text(call(op, operand("A", "ij"), operand("B", "ij")), "ij")
    assert found.startswith(text)


def test_arguments_that_have_their_default_are_left_out():
    slope = Operand(None, "", 0.01)
    assert value_text(call("leaky_relu", operand("A", "ij"), slope), "ij") == "leaky_relu((A))"
    assert "0.2" in value_text(call("leaky_relu", operand("A", "ij"), Operand(None, "", 0.2)), "ij")


def test_the_textbook_s_derivative_and_the_exact_one():
    tanh = call("tanh", operand("A", "ij"))
    assert gradient_text(tanh, 0, "g", "ij", "ij", exact=False) == ("(g) * (1 - Z * Z)", "ij")
    exact, _ = gradient_text(tanh, 0, "g", "ij", "ij", exact=True)
    assert "Z * Z" not in exact
    assert "A" in exact


def test_a_derivative_has_the_axes_that_it_needs_and_no_more():
    add = call("add", operand("A", "ij"), operand("b", "j"))
    assert gradient_text(add, 1, "g", "", "ij", exact=False)[1] == ""
    mul = call("mul", operand("A", "i"), operand("b", "j"))
    assert gradient_text(mul, 1, "g", "", "ij", exact=False)[1] == "i"
