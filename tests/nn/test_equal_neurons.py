"""Neurons that start equal stay equal for ever, to the last bit: the lecture's own statement."""

import numpy as np
import pytest

import nn
from autograd import get_data
from autograd.compiler.executors.blocked_engine import COMPILED

pytestmark = pytest.mark.skipif(not COMPILED, reason="BLAS adds rows in orders of its own")

XOR = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0.0, 1.0, 1.0, 0.0])


def samples(n, nin):
    """Return points and on which side of a curve they are."""
    X = np.random.default_rng(n).normal(size=(n, nin))
    return X, (X[:, 0] > X[:, -1] ** 2) * 1.0


def are_equal(layer):
    """Whether all neurons of a layer have the same parameters, bit by bit."""
    rows = [get_data(neuron.parameters()).tobytes() for neuron in layer.neurons]
    return len(set(rows)) == 1


@pytest.mark.parametrize("start", ["zeros", nn.initializers.constant(0.3)], ids=["zeros", "0.3"])
@pytest.mark.parametrize(
    ("sizes", "data", "optimiser"),
    [
        ([3, 1], XOR, "sgd"),
        ([8, 1], XOR, "adam"),
        ([9, 1], XOR, "adam"),
        ([33, 1], XOR, "rmsprop"),
        ([5, 7, 1], samples(130, 3), "adam"),
        ([16, 17, 1], samples(9, 5), "sgd"),
    ],
)
def test_equal_neurons_stay_equal(start, sizes, data, optimiser):
    X, Y = data
    model = nn.MLP(X.shape[1], sizes, activation="tanh", output="sigmoid", init=start)
    nn.fit(
        model, X, Y, loss="binary_cross_entropy", optimiser=optimiser, lr=0.05, epochs=5000,
        progress=False,
    )  # fmt: skip
    assert all(map(are_equal, model.layers[:-1]))
    if start != "zeros":  # from there nothing flows to the hidden layers
        assert abs(model.layers[0].neurons[0].w[0].data - 0.3) > 1e-3


def test_a_network_of_zeros_does_not_learn_xor():
    X, Y = XOR
    model = nn.MLP(2, [3, 1], activation="tanh", output="sigmoid", init="zeros")
    history = nn.fit(model, X, Y, loss="binary_cross_entropy", lr=0.1, epochs=800, progress=False)
    assert history["loss"][-1] == pytest.approx(np.log(2), abs=1e-6)
