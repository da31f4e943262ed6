"""What goes through layers, against the equations of the lecture."""

import numpy as np
import pytest

import autograd
import nn
from nn.inspect.signals import layers, signals


def test_signals_are_the_lectures_matrices():
    model = nn.MLP(2, [3, 1], activation="tanh", output="sigmoid", rng=0)
    X, Y = np.array([[0.5, -1.0], [-1.0, 0.3], [2.0, 0.8]]), np.array([1.0, 0.0, 1.0])
    hidden, output = signals(model, X, Y, "binary_cross_entropy")
    Z1 = X @ hidden.W.T + hidden.b
    Z2 = np.tanh(Z1) @ output.W.T + output.b
    dZ2 = 1 / (1 + np.exp(-Z2)) - Y[:, None]
    np.testing.assert_allclose(hidden.Z, Z1, rtol=1e-12)
    np.testing.assert_allclose(hidden.A, np.tanh(Z1), rtol=1e-12)
    np.testing.assert_allclose(output.A, 1 / (1 + np.exp(-Z2)), rtol=1e-12)
    np.testing.assert_allclose(output.dZ, dZ2, rtol=1e-12)
    np.testing.assert_allclose(hidden.dZ, dZ2 @ output.W * (1 - hidden.A**2), rtol=1e-12)


def test_softmax_layers_have_their_activations_together():
    model = nn.MLP(2, [3, 4], output="softmax", rng=0)
    output = signals(model, [[1.0, 2.0]], [2], "cross_entropy")[-1]
    assert output.A.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(output.dZ, output.A - np.eye(4)[2], atol=1e-15)


def test_the_model_and_its_gradients_stay_as_they_were():
    model = nn.MLP(2, [3, 1], rng=0)
    signals(model, [[1.0, 2.0]], [1.0])
    assert not any(p.has_grad for p in model.parameters())


class Twice(nn.Module):
    """Uses one layer two times, and has another in a dict."""

    def __init__(self):
        self.parts = {
            "core": nn.Layer(2, 2, "tanh", rng=0),
            "end": [nn.Layer(2, 1, "linear", rng=1)],
        }
        self.alias = self.parts["core"]

    def __call__(self, x):
        core = self.parts["core"]
        return self.parts["end"][0](core(core(x)))


def test_a_layer_used_twice_has_a_row_a_use():
    names = [name for name, _ in layers(Twice())]
    assert names == ["parts.core", "parts.end.0"]
    core, end = signals(Twice(), [[1.0, 2.0], [3.0, 4.0]], [0.0, 1.0])
    assert core.Z.shape == core.A.shape == core.dZ.shape == (4, 2)
    assert end.Z.shape == (2, 1)
    assert repr(core) == "<Signal of parts.core: 2 neurons (tanh), 4 rows>"


def test_a_layer_alone_and_a_layer_that_is_not_used():
    (alone,) = signals(nn.Layer(2, 1, "linear", init="zeros"), [[1.0, 2.0]], [3.0])
    assert (alone.name, alone.dZ.tolist()) == ("the layer", [[-6.0]])
    model = nn.MLP(1, [1], rng=0)
    model.spare = nn.Layer(1, 2)
    assert signals(model, [[1.0]], [1.0])[1].Z.shape == (0, 2)


@pytest.mark.parametrize(
    ("model", "X", "Y", "error", "message"),
    [
        (len, [[1.0]], [1.0], TypeError, "model: got .*; allowed: a Module"),
        (nn.MLP(1, [1]), [[1.0]], [], ValueError, "got 1 samples and 0 targets"),
        (nn.MLP(1, [1]), [], [], ValueError, "at least one"),
        (nn.Neuron(1), [[1.0]], [1.0], ValueError, r"<Neuron\(1, 'relu'\), 2 parameters> has none"),
    ],
)
def test_what_has_no_signals(model, X, Y, error, message):
    with pytest.raises(error, match=message):
        signals(model, X, Y)


def test_a_model_that_looks_at_its_numbers_is_observed_too():
    def step(z):
        return autograd.tanh(z) if z > 0 else 0.5 * z

    hidden, _ = signals(nn.MLP(1, [2, 1], activation=step, rng=0), [[1.0], [-1.0]], [0.0, 0.0])
    expected = np.where(hidden.Z > 0, np.tanh(hidden.Z), 0.5 * hidden.Z)
    np.testing.assert_allclose(hidden.A, expected, rtol=1e-15)
