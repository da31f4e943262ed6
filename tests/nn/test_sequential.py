"""`Sequential`, and layers without a bias."""

import copy
import pickle

import numpy as np
import pytest

import autograd
import nn
import viz

X = np.random.default_rng(0).normal(size=(6, 3))
Y = np.array([0, 1, 2, 0, 1, 2])


class Doubled(nn.Module):
    """A module of the user's."""

    def __init__(self):
        self.factor = autograd.Value(2.0)

    def __call__(self, x):
        return [self.factor * signal for signal in x]


def layers(**options):
    return nn.Layer(3, 4, "tanh", rng=0, **options), nn.Layer(4, 3, "linear", rng=1, **options)


@pytest.mark.parametrize("bias", [True, False])
def test_it_is_an_mlp_of_the_same_layers(bias):
    model = nn.Sequential(*layers(bias=bias))
    other = nn.MLP(3, [4, 3], activation="tanh", bias=bias)
    other.load_state_dict(model.state_dict())
    assert (model.predict(X) == other.predict(X)).all()
    assert [y.data for y in model(X[0])] == [y.data for y in other(X[0])]
    histories = [nn.fit(m, X, Y, loss="cross_entropy", epochs=3, rng=0, progress=False)["loss"]
                 for m in (model, other)]  # fmt: skip
    assert histories[0] == histories[1]


def test_items():
    first, second = layers()
    model = nn.Sequential(first, "relu", second, autograd.exp, Doubled())
    assert len(model) == 5
    assert model[0] is first
    assert model[-1].factor.label == "layers.4.factor"
    assert [*model][2] is second
    assert model.architecture() == (
        "Sequential(Layer(3, 4, 'tanh'), 'relu', Layer(4, 3, 'linear'), 'exp', Doubled())"
    )
    hidden = np.maximum(first.predict(X), 0)
    np.testing.assert_allclose(model.predict(X), 2 * np.exp(second.predict(hidden)), rtol=1e-12)


def test_nested_and_copied(tmp_path):
    inner = nn.Sequential(*layers())
    model = nn.Sequential(inner, nn.Sequential("tanh", Doubled()))
    assert model[0][0].neurons[0].w[0].label == "layers.0.layers.0.neurons.0.w.0"
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert (other.predict(X) == model.predict(X)).all()
    model.save(tmp_path / "model.safetensors")
    other = nn.Sequential(nn.Sequential(*layers()), nn.Sequential("tanh", Doubled()))
    other[0][0].W = np.zeros((4, 3))
    other.load(tmp_path / "model.safetensors")
    assert (other.predict(X) == model.predict(X)).all()


def test_functions_of_autograd_are_activations_by_name():
    model = nn.Sequential(*layers(), autograd.softmax)
    assert model.architecture().endswith("'softmax')")
    np.testing.assert_allclose(model.predict(X).sum(axis=1), 1)
    assert nn.Layer(2, 1, autograd.tanh).architecture() == "Layer(2, 1, 'tanh')"


def test_one_signal_and_batches():
    model = nn.Sequential(nn.Neuron(3, "linear", rng=0), "sigmoid")
    assert model.predict(X).shape == (6,)
    np.testing.assert_allclose([y.data for y in model(X)], model.predict(X), rtol=1e-15)
    assert model.predict_proba(X).shape == (6, 2)


@pytest.mark.parametrize(
    ("items", "loss", "message"),
    [
        (["sigmoid"], "cross_entropy", "cross_entropy needs logits, .* output is sigmoid"),
        ([], "binary_cross_entropy", "needs probabilities, .* output is linear"),
        ([nn.Dropout()], "binary_cross_entropy", "needs probabilities, .* output is linear"),
        ([nn.Sequential("relu")], "cross_entropy", "needs logits, .* is relu: .* never negative"),
    ],
)
def test_fit_sees_the_output(items, loss, message):
    model = nn.Sequential(*layers(), *items)
    with pytest.raises(ValueError, match=message):
        nn.fit(model, X, Y % 2, loss=loss, progress=False)


def test_fit_sees_the_number_of_outputs():
    with pytest.raises(IndexError, match="allowed are the whole numbers 0 to 2"):
        nn.fit(nn.Sequential(*layers(), nn.Dropout(0.5)), X, Y + 1, loss="cross_entropy")


def test_an_output_that_is_never_negative_is_no_logit():
    with pytest.raises(ValueError, match=r"output is relu: its numbers are never negative. Take"):
        nn.fit(nn.Neuron(3), X, Y % 2, loss="binary_cross_entropy_with_logits")


def test_signals_of_each_layer():
    model = nn.Sequential(*layers(bias=False))
    hidden, output = nn.signals(model, X, np.eye(3)[Y])
    assert (hidden.name, hidden.b.tolist()) == ("layers.0", [0.0] * 4)
    np.testing.assert_allclose(hidden.Z, X @ model[0].W.T)
    np.testing.assert_allclose(output.dZ, 2 * (model.predict(X) - np.eye(3)[Y]) / 3)
    assert viz.text(autograd.sum(model(X[0])))


def test_without_a_bias():
    neuron = nn.Neuron(2, "linear", bias=False)
    assert neuron.b is None
    assert neuron.architecture() == "Neuron(2, 'linear', bias=False)"
    assert len(neuron.parameters()) == 2
    assert neuron([0.0, 0.0]).data == 0.0
    layer = nn.Layer(2, 3, "softmax", bias=False)
    assert layer.b is None
    assert len(layer.parameters()) == 6
    model = nn.MLP(2, [3, 1], bias=False)
    assert model.architecture().endswith("output='linear', bias=False)")
    assert model.predict([[0.0, 0.0]]) == 0.0
    with pytest.raises(
        ValueError, match=r"^b of layers.0: Layer\(2, 3, 'relu', bias=False\): the layer has"
    ):
        model[0].b = [1.0, 2.0, 3.0]
    with pytest.raises(ValueError, match=r"unexpected layers.0.neurons.0.b"):
        model.load_state_dict(nn.MLP(2, [3, 1]).state_dict())


def test_errors_name_the_layer():
    model = nn.Sequential(*layers(bias=False))
    with pytest.raises(ValueError, match=r"layers.0: Layer\(3, 4, 'tanh', bias=False\) expects 3"):
        model([1.0])


def test_what_it_refuses():
    with pytest.raises(ValueError, match=r"^Sequential needs one module at least$"):
        nn.Sequential()
    with pytest.raises(ValueError, match=r"^item 1: got a str \('thnh'\); allowed: .*mean 'tanh'"):
        nn.Sequential(nn.Neuron(2), "thnh")
    with pytest.raises(TypeError, match=r"^item 0: got an int \(3\); allowed: "):
        nn.Sequential(3)
