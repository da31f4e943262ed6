"""Forward passes over many samples: equal to the model's own, compiled once, kept on it."""

import gc
import weakref

import numpy as np
import pytest

import autograd
import nn
from autograd.compiler.compiled import Compiled
from nn.data import Column
from nn.engines.forward import CHUNK, ForwardPass

X = np.random.default_rng(0).normal(size=(12, 2))


@pytest.fixture
def runs(monkeypatch):
    """Return a list that grows with each call of a layer."""
    seen = []
    call = nn.MLP.__call__

    def counted(self, x):
        seen.append(x)
        return call(self, x)

    monkeypatch.setattr(nn.MLP, "__call__", counted)
    return seen


@pytest.mark.parametrize("output", ["linear", "sigmoid", "softmax"])
def test_predictions_are_the_models_outputs(output):
    model = nn.MLP(2, [5, 3], output=output, rng=1)
    expected = [[y.data for y in model(x)] for x in X.tolist()]
    for samples in (X, X.tolist(), tuple(X), iter(X.tolist())):
        np.testing.assert_allclose(nn.predict(model, samples), expected, rtol=1e-14)


def test_a_second_prediction_traces_nothing_and_reads_the_parameters_of_now(monkeypatch):
    traced = []
    original = Compiled._traced
    monkeypatch.setattr(
        Compiled, "_traced", lambda self, *args: (traced.append(self), original(self, *args))[1]
    )
    model = nn.MLP(2, [3, 1], rng=0)
    first = nn.predict(model, X)
    assert len(traced) == 1
    model.layers[-1].neurons[0].b.data += 1.0
    np.testing.assert_allclose(nn.predict(model, X), first + 1.0, rtol=1e-14)
    assert len(traced) == 1
    model.layers[0].activation = nn.activations.ACTIVATIONS["tanh"]
    expected = [model(x).data for x in X.tolist()]
    np.testing.assert_allclose(nn.predict(model, X), expected, rtol=1e-14)


def test_programs_go_with_the_model():
    model = nn.MLP(2, [3, 1])
    nn.predict(model, X)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


def test_many_samples_come_in_chunks():
    count = 2 * CHUNK + 3
    forward = ForwardPass(lambda x: [x, 2 * x], lambda output, y: output[1] - y)
    outputs, losses = forward(Column(np.arange(float(count))), Column(np.zeros(count)))
    assert outputs.shape == (count, 2)
    assert outputs[-1].tolist() == [count - 1.0, 2 * (count - 1.0)]
    assert (losses == outputs[:, 1]).all()


def test_no_samples_have_no_outputs():
    assert nn.predict(nn.MLP(2, [1]), []).shape == (0,)
    assert nn.predict(nn.MLP(2, [1]), np.zeros((0, 2))).shape == (0,)


def test_what_does_not_fit_is_the_models_error():
    with pytest.raises(ValueError, match=r"expects 2 inputs, got a list of 3"):
        nn.predict(nn.MLP(2, [1]), [[1.0, 2.0, 3.0]])


def test_under_no_grad():
    model = nn.MLP(2, [3, 1], rng=0)
    with autograd.no_grad():
        inside = nn.predict(model, X)
    assert inside.tolist() == nn.predict(model, X).tolist()


@pytest.mark.parametrize("engine", ["compiled", "eager"])
def test_metrics_and_validation_of_both_engines(runs, engine):
    Y = (X[:, 0] > 0).astype(int)
    model = nn.MLP(2, [3, 1], output="sigmoid", rng=0)
    history = nn.fit(
        model, X, Y, loss="binary_cross_entropy", epochs=6, metrics="accuracy", rng=0,
        validation=(X[:5], Y[:5]), engine=engine, progress=False,
    )  # fmt: skip
    used = len(runs)
    losses = [nn.binary_cross_entropy(model(x), y).data for x, y in zip(X[:5], Y[:5], strict=True)]
    np.testing.assert_allclose(history["validation_loss"][-1], np.mean(losses), rtol=1e-13)
    assert history["accuracy"][-1] == nn.accuracy(nn.predict(model, X), Y)
    assert (used > 6 * 17) == (engine == "eager")
