"""A program on rows: what it computes, and where it has nothing to say."""

from itertools import chain

import numpy as np
import pytest

import autograd
from autograd import Value
from autograd.compiler.executors.blocked_engine import COMPILED
from autograd.compiler.executors.engines import TapeEngine

X = np.random.default_rng(0).normal(size=(7, 3))
Y = np.array([0, 1, 2, 0, 1, 2, 1])


def network(engine="auto"):
    """Return the step of a small network with a scalar among its parameters, and all of these."""
    W = autograd.values([[0.1 * (i + 1) * (j - 1) for j in range(3)] for i in range(4)], "W")
    V = autograd.values([[0.2 * i - 0.1 * j for j in range(4)] for i in range(3)], "V")
    scale, unused = Value(1.5, "scale"), Value(9.0, "unused")

    def loss(x, y):
        hidden = [autograd.tanh(autograd.dot(row, x)) * scale for row in W]
        return autograd.cross_entropy([autograd.dot(row, hidden) for row in V], y)

    parameters = [scale, *chain(*W), unused, *chain(*V)]
    return autograd.compile(loss, batch=["x", "y"], engine=engine), parameters


def taken(step):
    """Return the rows of a step, with the numbers of now."""
    rows = step.rows()
    rows.numbers[:] = autograd.get_data(rows.leaves)
    return rows


def test_value_and_gradients_are_those_of_backward_to_the_last_bit():
    step, parameters = network()
    value = step.backward(X, Y, fresh=True)
    rows = taken(step)
    assert step.rows() is rows
    assert rows(X, Y) == value
    assert rows.gradients.tobytes() == autograd.get_data(rows.leaves, grads=True).tobytes()
    assert set(parameters) - set(rows.leaves) == {parameters[13]}
    rows.numbers += 0.25  # no copy is between the row and the program
    autograd.set_data(rows.leaves, rows.numbers)
    assert rows(X[:2], Y[:2]) == step.value(X[:2], Y[:2])


def test_gradients_of_arguments_are_left_out_of_the_row():
    w = Value(2.0, "w")
    step = autograd.compile(lambda a, x: w * a * x, batch=["x"], engine="numpy")
    step(3.0, X[:, 0])
    rows = taken(step)
    rows(3.0, X[:, 0])
    assert rows.gradients.tolist() == [pytest.approx(3 * X[:, 0].mean())]


def test_what_needs_another_program_is_refused():
    step, _ = network()
    step.backward(X, Y)
    rows = taken(step)
    others = [(X, Y * 1.0), (X[:, :2], Y), (X[:3], Y), (X.tolist(), Y), (X,)]
    assert [rows(*args) for args in others] == [None] * 5
    with pytest.raises(IndexError, match=r"selects with 3; allowed are .* 0 to 2"):
        step.backward(X, Y + 1)
    if COMPILED:
        assert rows(X, Y + 1) is None, "blocks leave the error to the call itself"


def test_a_comparison_that_comes_out_differently_is_refused():
    w = Value(1.0, "w")
    step = autograd.compile(
        lambda x: w * x if w * x > 0 else w * x * x, batch=["x"], engine="numpy"
    )
    step.backward([1.0, 2.0])
    rows = taken(step)
    assert rows(np.array([1.0, 3.0])) == 2.0
    assert rows(np.array([1.0, -3.0])) is None


@pytest.mark.parametrize("engine", ["numpy", "blocked"])
def test_what_is_not_finite_is_refused(engine):
    step, _ = network(engine)
    step.backward(X, Y)
    rows = taken(step)
    rows.numbers[0] = np.nan
    assert rows(X, Y) is None


def test_programs_that_have_no_rows():
    step, _ = network()
    with pytest.raises(RuntimeError, match="loss was not called yet"):
        step.rows()
    step.value(X, Y)
    assert step.rows() is None, "without gradients"
    step, _ = network("tape")
    step.backward(X, Y)
    assert step.rows() is None
    k, w = Value(1.0, "k"), Value(1.0, "w")
    chosen = autograd.compile(lambda x: autograd.take([w * x, x * x, w], k), engine="numpy")
    chosen.backward(2.0)
    assert chosen.rows() is None, "a parameter selects"


@pytest.mark.skipif(not COMPILED, reason="the plain kernel runs batches as arrays")
def test_a_thin_program_has_rows_for_batches_that_the_tape_does_not_run():
    w = autograd.values([0.5, -0.25], "w")

    def swing(x):
        for _ in range(40):
            x = [x[0] + 0.1 * x[1], x[1] - 0.1 * w[0] * autograd.sin(x[0]) + w[1] * 0.1]
        return x[0] * x[0]

    step = autograd.compile(swing, batch=["x"])
    X = np.random.default_rng(0).normal(size=(300, 2))
    value = step.backward(X, fresh=True)
    assert step.engine == "blocked"
    assert isinstance(step.last.engine, TapeEngine), "of smaller batches"
    rows = taken(step)
    assert rows(X) == value
    assert rows.gradients.tobytes() == autograd.get_data(w, grads=True).tobytes()
    assert rows(X[:1]) is None
    assert rows(X[:1].tolist()) is None
    assert rows() is None
