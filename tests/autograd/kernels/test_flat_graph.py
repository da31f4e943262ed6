"""A graph as flat arrays: what a straightforward walk would write, on both kernels."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value
from autograd.compiler.tracing.labels import Labels
from autograd.compiler.tracing.trace import record
from autograd.compiler.vectorize.canonicalize import reached
from autograd.graph import topological
from autograd.value import constant, flatten, label_row, restore
from tests.helpers.random_graphs import random_graph


def edges_of(starts, inputs):
    return [inputs[i:j].tolist() for i, j in pairwise(starts)]


def check(roots):
    """Compare with a walk in Python."""
    gradients = [repr(x._grad) for x in topological(roots)]
    operations, codes, starts, inputs, numbers, places, leaves, labels = flatten(roots, roots)
    order = topological(roots)
    at = {x: i for i, x in enumerate(order)}
    assert operations == tuple(dict.fromkeys(x.op for x in order))
    assert [operations[c] for c in np.frombuffer(codes, np.int16)] == [x.op for x in order]
    rows = edges_of(np.frombuffer(starts, np.int32), np.frombuffer(inputs, np.int32))
    assert rows == [[at[y] for y in x.inputs] for x in order]
    assert np.frombuffer(numbers).tobytes() == np.array([x._data for x in order]).tobytes()
    assert places == [at[x] for x in roots]
    positions = np.frombuffer(leaves[0], np.int32).tolist()
    assert [(i, id(x)) for i, x in zip(positions, leaves[1], strict=True)] == [
        (i, id(x)) for i, x in enumerate(order) if x.op == "leaf"
    ]
    columns = [np.frombuffer(column, np.int32) for column in labels[:3]]
    written = Labels(*columns, labels[3]).by_node()
    assert written == {i: x.label for i, x in enumerate(order) if x.label is not None}
    assert [repr(x._grad) for x in order] == gradients  # is left as it was


@given(seed=st.integers(0, 10**9))
@settings(max_examples=100)
def test_generated_programs(seed):
    result, leaves = random_graph(seed)
    check([*leaves, result])
    result.backward()
    check([result, *leaves, result])


def test_lists_shared_nodes_and_constants():
    a, b = Value(2.0, "a"), Value(3.0)
    row = [a * b, b - 1.0, autograd.where(a > b, a, b), constant(-0.0, "zero"), a]
    total = autograd.sum(row) + autograd.dot(row, row) + autograd.max(row[:1])
    check([total.detach(), autograd.stop_gradient(total), total * total])
    check([restore("sum", 0.0, None, (), (), None)])


def test_rows_that_are_labelled_at_once():
    w, v = ([Value(float(i)) for i in range(3)] for _ in range(2))
    label_row(w, "w")
    label_row(v, "v")
    v[1].label = "alone"
    check([w[1] * v[0], *v, autograd.dot(w, v)])


def test_a_long_chain():
    x = Value(0.5)
    for _ in range(20_000):
        x = x * 0.5 + x
    check([x])


def test_a_node_that_is_not_in_the_graph():
    with pytest.raises(KeyError):
        flatten([Value(1.0)], [Value(1.0)])


def test_what_a_gradient_passes():
    a, b, c = Value(2.0), Value(3.0), Value(4.0)
    result = a * autograd.stop_gradient(b) + autograd.sum([c.floor(), 1.0, 2.0])
    trace = record(result, frozen=[c], leaves=[a, b, c])
    live = [trace.scalars.ops[i] for i in np.flatnonzero(trace.scalars.live)]
    assert live == ["leaf", "leaf", "mul", "add"]
    assert np.flatnonzero(reached(trace.scalars, trace.result)).tolist() == [0, 2]
