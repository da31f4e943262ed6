"""Traces: which operations are recorded, in which order, and what a traced function may not do."""

import re
from itertools import pairwise

import numpy as np
import pytest

import autograd
from autograd import Value, constant
from autograd.compiler.tracing.trace import SIGNS, Tracing, one_number, record
from autograd.context import context
from autograd.errors import ConcretizationError


def trace(name, function):
    """Run a function under a tracer; return its result and the tracer."""
    with Tracing(name) as tracing:
        result = function()
    return one_number(name, result), tracing


def edges(scalars):
    """Return each node's inputs."""
    starts = scalars.starts.tolist()
    return [scalars.inputs[a:b].tolist() for a, b in pairwise(starts)]


def test_operations_are_recorded_in_order_operands_before_results():
    a, b, c = Value(2.0), Value(3.0), Value(4.0)
    found = record(a * b + c)
    assert found.scalars.ops == ("leaf", "leaf", "mul", "leaf", "add")
    assert edges(found.scalars) == [[], [], [0, 1], [], [2, 3]]
    assert found.scalars.numbers.tolist() == [2.0, 3.0, 6.0, 4.0, 10.0]
    assert found.result == 4
    assert found.guards == ()
    assert [found.nodes[i] for i in (0, 1, 3)] == [a, b, c]


def test_an_operand_used_twice_is_two_edges():
    a = Value(3.0)
    assert edges(record(a * a).scalars) == [[], [0, 0]]


def test_a_list_is_one_node_with_all_its_edges():
    a, b = Value(1.0), Value(2.0)
    found = record(autograd.dot([a, b], [3.0, 4.0]))
    assert found.scalars.ops == ("leaf", "leaf", "constant", "constant", "dot")
    assert edges(found.scalars)[-1] == [0, 1, 2, 3]


def test_a_leaf_alone_is_a_program():
    found = record(Value(5.0))
    assert (found.scalars.ops, found.result) == (("leaf",), 0)
    assert found.scalars.starts.tolist() == [0, 0]
    assert found.scalars.inputs.tolist() == []


def test_gradients_flow_through_what_depends_on_wanted_leaves():
    a, b = Value(2.0), Value(3.0)
    found = record((a * 2.0) * (b * 3.0), frozen=[b])
    live = dict(zip(found.nodes, found.scalars.live.tolist(), strict=True))
    assert live.pop(a)
    assert not live.pop(b)
    assert [live[node] for node in found.nodes if node.op == "mul"] == [True, False, True]
    assert not any(live[node] for node in found.nodes if node.is_constant)


def test_given_leaves_come_first_also_those_that_nothing_uses():
    a, unused = Value(1.0), Value(2.0)
    found = record(a.exp(), leaves=[unused, a])
    assert found.nodes[:2] == (unused, a)
    assert found.scalars.ops == ("leaf", "leaf", "exp")


@pytest.mark.parametrize("sign", ["<", "<=", ">", ">="])
def test_a_comparison_is_kept_with_its_sides_outcome_and_line(sign):
    x, y = Value(2.0), Value(3.0)

    def function():
        return x * y if SIGNS[sign](x, y) else x

    result, tracing = trace("f", function)
    found = record(result, tracing)
    (guard,) = found.guards
    assert (guard.sign, guard.outcome) == (sign, SIGNS[sign](2.0, 3.0))
    assert (found.nodes[guard.x], found.nodes[guard.y]) == (x, y)
    assert re.fullmatch(r"test_trace.py:\d+: return x \* y if .*", guard.line)


def test_what_is_compared_with_a_number_is_compared_with_a_constant():
    x = Value(2.0)
    result, tracing = trace("f", lambda: x if x > 1 else -x)
    found = record(result, tracing)
    (guard,) = found.guards
    assert found.scalars.ops[guard.y] == "constant"
    assert found.scalars.numbers[guard.y] == 1.0


def test_a_truth_value_is_a_comparison_with_zero():
    x = Value(2.0)
    result, tracing = trace("f", lambda: x * 2 if x else -x)
    (guard,) = record(result, tracing).guards
    assert (guard.sign, guard.outcome) == ("!=", True)


def test_what_was_only_compared_is_recorded_too():
    x, y = Value(2.0), Value(3.0)
    result, tracing = trace("f", lambda: x if y.exp() > 1 else -x)
    assert "exp" in record(result, tracing).scalars.ops
    assert "exp" not in record(result).scalars.ops


def test_comparisons_after_a_trace_are_not_kept():
    x = Value(2.0)
    before = context.thread.tracer
    _, tracing = trace("f", lambda: x)
    assert x > 1
    assert tracing.compared_pairs == []
    assert context.thread.tracer is before


def test_a_trace_within_a_trace_keeps_its_own_comparisons():
    x = Value(2.0)
    inner = []

    def function():
        inner.append(trace("inner", lambda: x if x > 1 else -x)[1])
        return x if x < 5 else -x

    _, outer = trace("outer", function)
    assert [pair[0] for pair in inner[0].compared_pairs] == [">"]
    assert [pair[0] for pair in outer.compared_pairs] == ["<"]


def test_the_tracer_is_gone_after_an_error():
    before = context.thread.tracer

    def function():
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        trace("f", function)
    assert context.thread.tracer is before


def test_a_constant_s_number_may_be_read():
    x, c = Value(2.0), constant(3.0)
    result, _ = trace("f", lambda: x * c.data)
    assert result.data == 6.0


def test_a_detached_number_may_not_be_read_either():
    x = Value(2.0)
    with pytest.raises(ConcretizationError, match=r"\.data of Value\(<traced>, op='stop_grad"):
        trace("f", lambda: x * x.detach().data)


def test_a_leaf_s_number_may_not_be_read():
    x = Value(2.0, "x")
    with pytest.raises(
        TypeError, match=r"loss: \.data of Value\(<traced>, label='x'\) would freeze"
    ):
        trace("loss", lambda: x * x.data)


@pytest.mark.parametrize(
    ("returned", "shown"),
    [(None, "None"), ("1.0", r"a str \('1.0'\)"), ([Value(1.0)], "a list of 1")],
)
def test_the_result_is_one_value(returned, shown):
    with pytest.raises(TypeError, match=rf"f: the function returned {shown}; return one Value"):
        trace("f", lambda: returned)


@pytest.mark.parametrize("number", [1, 1.0, True, np.float32(1.0), np.array(1.0), constant(1.0)])
def test_a_plain_number_is_a_result(number):
    result = one_number("f", number)
    assert (result.data, result.is_constant) == (1.0, True)


def test_a_long_chain_is_recorded_without_recursion():
    x = Value(0.0)
    for _ in range(50_000):
        x = x.sin()
    found = record(x)
    assert found.result == 50_000
    assert np.array_equal(found.scalars.inputs, np.arange(50_000))


def test_several_results_are_recorded_in_order():
    a = Value(2.0)
    b, c = a * a, a + 1
    trace = record([c, b, c])
    assert [trace.scalars.ops[i] for i in trace.outputs] == ["add", "mul", "add"]
    assert record(b).outputs == ()
