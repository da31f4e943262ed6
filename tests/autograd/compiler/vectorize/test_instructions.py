"""Instructions that levels of nodes are lowered to."""

from itertools import pairwise

import numpy as np
import pytest

import autograd
from autograd import Value
from autograd.compiler.programs.lowering import lower_program, scalar_program
from autograd.compiler.tracing.trace import record
from autograd.engine.forward import jvp
from autograd.engine.reverse import between
from autograd.functions.graph_derivatives import GraphDerivatives
from tests.helpers.networks import SAMPLES, WIDTHS


def lines(result):
    """Return an instruction each: operation, shape, nodes, whether it is a matrix product."""
    program = lower_program(scalar_program(record(result)))
    return [(s.op, s.out.shape, (s.out.ids >= 0).sum(), s.is_product) for s in program.instructions]


def parameters(name, *shape):
    values = np.empty(shape, object)
    for index in np.ndindex(*shape):
        values[index] = Value(1.0 + sum(index), name + "".join(f"[{i}]" for i in index))
    return values


def test_a_matrix_times_a_vector_and_its_bias_are_one_line():
    w, x, b = parameters("w", 3, 2), parameters("x", 2), parameters("b", 3)
    z = [w[i, 0] * x[0] + w[i, 1] * x[1] + b[i] for i in range(3)]
    first, second, *_ = lines(autograd.prod([v.tanh() for v in z]))
    assert first[:2] == ("sum", (3,))
    assert first[3]
    assert second == ("tanh", (3,), 3, False)


def test_products_place_by_place_are_no_matrix_product():
    a, b = parameters("a", 4), parameters("b", 4)
    (found,) = lines(autograd.sum([(x * y) for x, y in zip(a, b, strict=True)]))
    assert found[0] == "sum"
    (first, *_) = lines(autograd.prod([(x * y) for x, y in zip(a, b, strict=True)]))
    assert first == ("sum", (4,), 4, False)


@pytest.mark.parametrize("name", ["max", "min", "logsumexp", "prod"])
def test_lists_of_different_lengths_are_filled_up_with_a_neutral_number(name):
    a = parameters("a", 5)
    op = getattr(autograd, name)
    first, *_ = lines(op([*a[:2]]).exp() + op([*a[2:]]).exp())
    assert first[:3] == (name, (2,), 2)


def test_a_norm_is_a_line_for_each_length():
    a = parameters("a", 5)
    found = lines(autograd.norm([*a[:2]]).exp() + autograd.norm([*a[2:]]).exp())
    assert [op for op, *_ in found] == ["norm", "norm", "exp", "exp", "sum"]


def test_all_components_of_a_softmax_are_one_line():
    a = parameters("a", 3)
    first, *_ = lines(autograd.dot(list(autograd.softmax([*a])), [1.0, 2.0, 3.0]))
    assert first == ("softmax", (3,), 3, False)


def test_one_operation_alone_has_no_axis():
    a = Value(2.0, "a")
    assert lines(a.sin()) == [("sin", (), 1, False)]


def test_a_result_has_all_its_axes_where_no_operand_has_them():
    """Found by the Hessian of a network: numbers laid out with holes, read without an axis."""

    def loss(P):
        total = []
        for x, y in SAMPLES:
            a = x
            for W, b in P:
                a = [autograd.tanh(autograd.dot(w, a, c)) for w, c in zip(W, b, strict=True)]
            total.append(autograd.square(a[0] - y))
        return autograd.mean(total)

    rng = np.random.default_rng(0)
    P = [(rng.normal(size=(n, m)), rng.normal(size=n)) for m, n in pairwise(WIDTHS)]

    def columns(P):
        """Second derivatives one after another, each by a walk forward."""
        flat = [v for W, b in P for v in (*W.ravel(), *b)]
        slopes = autograd.gradient(loss(P), flat, create_graph=True)
        order = between(flat, slopes)
        return [jvp(order, {v: 1.0}, slopes, GraphDerivatives()) for v in flat]

    program = autograd.compile(columns, gradients=False, engine="numpy")
    found = np.array(program(P))
    want = autograd.hessian(loss)(P)
    assert found[0, 0] == pytest.approx(want[0][0][0][0][0, 0, 0, 0], rel=1e-12)
    assert found == pytest.approx(found.T, rel=1e-12, abs=1e-14)
    assert "broadcast_to" in program.source
