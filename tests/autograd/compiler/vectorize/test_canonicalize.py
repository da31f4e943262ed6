"""Sums take in what only they use; equal nodes are one; constants are folded."""

import math

import numpy as np

import autograd
from autograd import Value
from autograd.compiler.tracing.trace import Tracing, record
from autograd.compiler.vectorize.canonicalize import Term, canonicalize, reached


def normal(result):
    trace = record(result)
    return trace, canonicalize(trace.scalars, [trace.result])


def sums(found):
    """Return the terms of each sum, operands first."""
    return [found.terms(node) for node in found.computed if found.terms(node)]


def calls(found):
    """Return the operation and the inputs of each call, operands first."""
    return [found.call(node) for node in found.computed if found.call(node)]


def test_additions_and_products_become_one_sum():
    a, b, c = Value(2.0), Value(3.0), Value(4.0)
    trace, found = normal(a * b - (c + a) + autograd.mean([b, c]))
    (terms,) = sums(found)
    number = {node: i for i, node in enumerate(trace.nodes)}
    i, j, k = (number[v] for v in (a, b, c))
    assert terms == [Term(1.0, i, j), Term(-1.0, k), Term(-1.0, i), Term(0.5, j), Term(0.5, k)]
    assert calls(found) == []


def test_what_two_use_stays_a_node():
    a = Value(2.0)
    shared = a + 1.0
    _, found = normal(shared * shared + autograd.exp(shared))
    assert len(sums(found)) == 2
    assert [op for op, _ in calls(found)] == ["exp"]


def test_equal_nodes_are_one():
    a = Value(2.0)
    _, found = normal(autograd.exp(a) * autograd.exp(a))
    assert len(calls(found)) == 1
    assert np.count_nonzero(found.same != np.arange(len(found.same))) == 1


def test_a_long_chain_is_one_sum():
    a = Value(1.0)
    total = a
    for _ in range(100_000):
        total = total + a
    _, found = normal(total)
    (terms,) = sums(found)
    assert len(terms) == 100_001


def test_a_choice_that_a_constant_makes_is_what_it_chooses():
    step = autograd.compile(lambda x: autograd.where(x > 0, x.exp(), 0.0) * 2.0, engine="numpy")
    assert step(1.0) == (2 * math.e, 2 * math.e)
    assert "where" not in step.source
    assert step(-1.0) == (0.0, 0.0)
    assert "exp" not in step.source


def test_a_sum_of_one_number_is_that_number():
    """So derivatives inside derivatives mark where they begin; a program has no line for it."""
    a = Value(2.0)
    _, found = normal(autograd.exp(autograd.sum([autograd.sum([a])])))
    assert not sums(found)
    assert [op for op, _ in calls(found)] == ["exp"]


def leaves_of(trace):
    return np.flatnonzero(reached(trace.scalars, trace.result)).tolist()


def test_leaves_that_are_only_compared_are_not_reached():
    x, y, z = Value(2.0), Value(3.0), Value(4.0)
    with Tracing("f") as tracing:
        result = x * z if y > 1 else -x
    found = record(result, tracing)
    assert {found.nodes[i] for i in leaves_of(found)} == {x, z}
    stopped = record(x * autograd.stop_gradient(z * y))
    assert {stopped.nodes[i] for i in leaves_of(stopped)} == {x}
