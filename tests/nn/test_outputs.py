"""What a model's outputs mean: probabilities and classes, as the history has them."""

import pickle

import numpy as np
import pytest

import autograd
import nn
from nn.outputs import OutputKind

X = np.random.default_rng(0).normal(size=(60, 2))
TWO = (X[:, 0] + X[:, 1] > 0.2).astype(int)
THREE = np.digitize(X[:, 0], [-0.4, 0.4])


def trained(output, loss, targets=TWO, outputs=1, **options):
    model = nn.MLP(2, [5, outputs], activation="tanh", output=output, rng=0)
    history = nn.fit(model, X, targets, loss=loss, lr=0.1, epochs=3, rng=0, progress=False,
                     metrics="accuracy", validation=(X, targets), **options)  # fmt: skip
    return model, history


@pytest.mark.parametrize(
    ("output", "loss", "targets"),
    [
        ("sigmoid", "binary_cross_entropy", TWO),
        ("linear", "binary_cross_entropy_with_logits", TWO),
        ("linear", "hinge", 2 * TWO - 1),
        ("linear", "mse", TWO),
        ("sigmoid", "mse", TWO),
    ],
)
def test_classes_of_one_output_are_those_of_the_history(output, loss, targets):
    model, history = trained(output, loss, targets)
    classes = model.predict_classes(X)
    assert classes.dtype == np.intp
    assert np.mean(classes == (targets > 0)) == history["validation_accuracy"][-1]


@pytest.mark.parametrize("output", ["softmax", "linear"])
def test_classes_and_probabilities_of_several_outputs(output):
    model, history = trained(output, "cross_entropy", THREE, 3)
    assert np.mean(model.predict_classes(X) == THREE) == history["validation_accuracy"][-1]
    rows = model.predict_proba(X)
    assert rows.shape == (60, 3)
    assert np.allclose(rows.sum(axis=1), 1.0, rtol=1e-14)
    expected = [[y.data for y in autograd.softmax(model(x))] for x in X.tolist()]
    assert np.allclose(rows, model.predict(X) if output == "softmax" else expected, rtol=1e-13)


def test_probabilities_of_one_output_are_of_both_classes():
    for output, loss in (
        ("sigmoid", "binary_cross_entropy"),
        ("linear", "binary_cross_entropy_with_logits"),
    ):
        model, _ = trained(output, loss)
        rows = model.predict_proba(X)
        found = model.predict(X)
        ones = found if output == "sigmoid" else 1 / (1 + np.exp(-found))
        assert np.allclose(rows[:, 1], ones, rtol=1e-13)
        assert np.allclose(rows.sum(axis=1), 1.0, rtol=1e-14)


class Own(nn.Module):
    """A model of one's own, whose last operation is known when it is run."""

    def __init__(self, last):
        self.layer = nn.Layer(2, 3, activation="linear", rng=0)
        self.last = last

    def __call__(self, x):
        return self.last(self.layer(x))


def test_a_model_of_ones_own_says_by_its_last_operation_what_it_returns():
    softmax = Own(autograd.softmax)
    nn.fit(softmax, X, THREE, loss="cross_entropy", epochs=1, progress=False)
    assert np.array_equal(softmax.predict_proba(X), softmax.predict(X))
    logits = Own(list)
    with pytest.raises(ValueError, match="outputs of this Own are unknown, not probabilities"):
        logits.predict_proba(X)
    nn.fit(logits, X, THREE, loss="cross_entropy", epochs=1, progress=False)
    assert np.allclose(logits.predict_proba(X).sum(axis=1), 1.0)
    with autograd.no_grad():
        assert np.array_equal(softmax.predict_proba(X), softmax.predict(X))


def test_what_has_no_probabilities_or_threshold():
    model, _ = trained("linear", "hinge", 2 * TWO - 1)
    with pytest.raises(ValueError, match=r"outputs of this MLP are scores, not .* cross-entropy"):
        model.predict_proba(X)
    fresh = nn.MLP(2, [1], rng=0)
    with pytest.raises(ValueError, match=r"MLP has one output, .* give the threshold"):
        fresh.predict_classes(X)
    assert set(fresh.predict_classes(X, threshold=-1e300)) == {1}
    with pytest.raises(TypeError, match="threshold: got a str"):
        fresh.predict_classes(X, threshold="half")


def test_any_container_is_taken_and_extreme_logits_are_probabilities():
    model = nn.Neuron(1, activation="linear", init="zeros")
    nn.fit(model, [[0.0]], [1], loss="binary_cross_entropy_with_logits", epochs=1, progress=False)
    model.w[0].data, model.b.data = 1.0, 0.0
    for rows in ([[-1e4], [1e4]], np.array([[-10000], [10000]]), ((-1e4,), (1e4,))):
        assert model.predict_proba(rows).tolist() == [[1.0, 0.0], [0.0, 1.0]]
        assert model.predict_classes(rows).tolist() == [0, 1]
        assert model.predict(rows).tolist() == [-1e4, 1e4]
    assert model.predict_classes([]).tolist() == []


def test_what_outputs_mean_is_copied_and_pickled_and_no_parameter():
    model, _ = trained("linear", "binary_cross_entropy_with_logits")
    again = pickle.loads(pickle.dumps(model))
    assert again.output_kind == model.output_kind == OutputKind("logits", 0.0)
    assert np.array_equal(again.predict_classes(X), model.predict_classes(X))
    assert list(model.state_dict()) == [name for name, _ in model.named_parameters()]
