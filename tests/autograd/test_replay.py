"""A replayed graph gives each sample what the graph of that sample alone gives."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
import nn
from autograd import Value
from autograd.ops import TABLE
from autograd.replay import NotReplayableError, Replay

UNARY = sorted(
    name for name, entry in TABLE.items() if entry.arguments == ("x",) and not entry.variadic
)
LISTS = ("sum", "mean", "prod", "max", "min", "logsumexp", "norm")


@pytest.mark.parametrize("name", UNARY)
def test_functions_of_one_number(name):
    low, high = TABLE[name].domain[0]
    X = np.linspace(low, high, 7)[:, None]
    function = getattr(autograd, name)
    expected = [function(x) for x in X[:, 0].tolist()]
    replayed = Replay(lambda x: function(x[0]), [X[3, 0]])(X)
    np.testing.assert_allclose(replayed[:, 0], expected, rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize("name", LISTS)
def test_functions_of_lists_with_constants_among_them(name):
    function = getattr(autograd, name)
    X = np.array([[0.5, -1.0], [2.0, 3.0], [-4.0, 0.25]])
    replayed = Replay(lambda x: function([x[0], 1.5, x[1]]), [0.0, 0.0])(X)
    expected = [function([a, 1.5, b]) for a, b in X.tolist()]
    np.testing.assert_allclose(replayed[:, 0], expected, rtol=1e-12)


@settings(max_examples=15, deadline=None)
@given(
    activation=st.sampled_from(["tanh", "relu", "sigmoid", "gelu", "leaky_relu"]),
    output=st.sampled_from(["linear", "sigmoid", "softmax"]),
    seed=st.integers(0, 99),
)
def test_networks(activation, output, seed):
    model = nn.MLP(3, [4, 2], activation=activation, output=output, rng=seed)
    X = np.random.default_rng(seed).normal(size=(5, 3))
    np.testing.assert_allclose(Replay(model, X[0])(X), nn.predict(model, X), rtol=1e-12, atol=1e-14)


def test_leaves_are_read_afresh_and_nothing_is_changed():
    w = Value(2.0)
    replay = Replay(lambda x: w * x[0], [1.0])
    w.data = 3.0
    assert replay([[2.0], [4.0]]).tolist() == [[6.0], [12.0]]
    assert not w.has_grad


def test_what_depends_on_no_sample_is_the_same_for_all():
    w = Value(2.0)
    replay = Replay(lambda x: [autograd.sum([w, 1.0]), 5.0, x[0]], [0.0])
    assert replay([[1.0], [2.0]]).tolist() == [[3.0, 5.0, 1.0], [3.0, 5.0, 2.0]]


def test_infinities_are_results_and_no_warnings():
    assert Replay(lambda x: [x[0].exp(), x[0].log()], [1.0])([[1000.0], [0.0]]).tolist() == [
        [np.inf, np.log(1000.0)],
        [1.0, -np.inf],
    ]


@pytest.mark.parametrize("function", [lambda x: x[0] if x[0] > 0 else x[1], lambda x: x[0].data])
def test_a_function_that_looks_at_its_numbers_is_refused(function):
    with pytest.raises(NotReplayableError):
        Replay(function, [1.0, 2.0])


def test_other_errors_come_through():
    with pytest.raises(TypeError, match="unsupported operand"):
        Replay(lambda x: x[0] + "a", [1.0])


def test_samples_of_another_length():
    with pytest.raises(ValueError, match=r"expected samples of shape \(n, 1\), got a list of 1"):
        Replay(lambda x: x[0], [1.0])([[1.0, 2.0]])
