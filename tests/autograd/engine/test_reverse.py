"""Passes along a graph: backward, forward, and the part between inputs and results."""

import math

import numpy as np
import pytest

import autograd
from autograd import Value, constant
from autograd.engine.forward import jvp
from autograd.engine.reverse import (
    between,
    floats,
    is_symbolic_zero,
    is_zero_times_nonfinite,
    number,
    scaled,
    vjp,
)
from autograd.functions.graph_derivatives import GraphDerivatives
from autograd.graph import topological


def labels(nodes):
    return [node.label or node.op for node in nodes]


def test_between_is_what_depends_on_inputs():
    a, b, c = Value(1.0, "a"), Value(2.0, "b"), Value(3.0, "c")
    beneath = c * c
    u = a * beneath
    v = b + c
    J = u * v + b
    assert labels(between([a], [J])) == ["mul", "mul", "add"]
    assert labels(between([u], [J])) == ["mul", "add"]
    assert between([a], [v, 3.0, constant(2.0)]) == []
    assert between([a], [a]) == []


@pytest.mark.parametrize("derivatives", [floats, GraphDerivatives()], ids=["floats", "graphs"])
def test_both_ways_give_the_same(derivatives):
    a, b = Value(0.5), Value(-1.5)
    J = autograd.tanh(a * b) + autograd.hypot(a, b) * 2 + a
    order = between([a, b], [J])
    back = [number(g) for g in vjp(order, {J: 1.0}, [a, b], derivatives)]
    along = [number(jvp(order, {x: 1.0}, [J], derivatives)[0]) for x in (a, b)]
    J.backward()
    assert back == pytest.approx([a.grad, b.grad], rel=1e-15)
    assert along == pytest.approx(back, rel=1e-15)
    assert vjp(order, {}, [a], derivatives) == [0.0]
    assert jvp(order, {}, [J, 3.0], derivatives) == [0.0, 0.0]


def test_nothing_flows_to_others():
    a, b = Value(2.0), Value(3.0)
    J = (a * b) * b
    assert vjp(topological(J), {J: 1.0}, [a, b], floats, {a, J.inputs[0]}) == [9.0, 0.0]
    assert vjp(topological(J), {J: 1.0}, [a, b], GraphDerivatives(), {a, J.inputs[0]})[1] == 0.0
    k = constant(5.0)
    assert vjp(topological(a * k), {a * k: 1.0}, [k], floats) == [0.0]


def test_what_is_nothing_and_what_is_zero_times_nonfinite():
    assert is_symbolic_zero(0.0)
    assert is_symbolic_zero(-0.0)
    assert not is_symbolic_zero(Value(0.0))
    assert not is_symbolic_zero(math.nan)
    assert is_zero_times_nonfinite(0.0, math.inf)
    assert is_zero_times_nonfinite(math.nan, 0.0)
    assert not is_zero_times_nonfinite(0.0, 3.0)
    assert not is_zero_times_nonfinite(2.0, math.inf)
    a = Value(3.0)
    assert scaled(1, a) is a
    assert scaled(a, 1.0) is a
    assert scaled(a, a).data == 9.0


def test_a_tangent_of_zero_sends_nothing_on():
    a = Value(0.0)
    J = autograd.sqrt(a)
    assert jvp([J], {a: 0.0}, [J], floats) == [0.0]
    assert jvp([J], {a: constant(0.0)}, [J], GraphDerivatives()) == [0.0]
    assert jvp([J], {a: 1.0}, [J], floats) == [np.inf]
