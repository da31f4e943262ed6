"""Each thing that can be wrong is found, with its words; sound networks have nothing."""

import numpy as np
import pytest

import autograd
import nn
from nn.inspect.diagnose import diagnose, findings
from nn.inspect.signals import Signal

X = np.random.default_rng(0).normal(size=(20, 2))
Y = (X[:, 0] > 0).astype(float)


def network(sizes, **options):
    return nn.MLP(2, sizes, **{"activation": "tanh", "output": "sigmoid", "rng": 0, **options})


def found(model, kind):
    return [f for f in diagnose(model, X, Y, "binary_cross_entropy") if f.kind == kind]


def test_a_sound_network_has_nothing():
    diagnosis = diagnose(network([4, 4, 1]), X, Y, "binary_cross_entropy")
    assert diagnosis == ()
    assert str(diagnosis) == (
        "Nothing was found: no neuron is dead, saturated or the same as another, and gradients "
        "arrive."
    )


def test_zeros_make_neurons_identical_and_nothing_arrives():
    diagnosis = diagnose(network([3, 3, 1], init="zeros"), X, Y, "binary_cross_entropy")
    assert [(f.kind, f.layer, f.neurons) for f in diagnosis] == [
        ("identical", "layers.0", (0, 1, 2)),
        ("identical", "layers.1", (0, 1, 2)),
        ("no gradient", "layers.0", ()),
        ("no gradient", "layers.1", ()),
    ]
    assert str(diagnosis).splitlines()[0] == (
        "layers.0: neurons 0 to 2 are identical: the same weights, the same output. While what "
        "follows treats them alike, they get the same gradient and stay one neuron, 3 times over."
    )
    assert diagnosis[-1].words == "layers.1: no gradient arrives, so its weights do not change."


def test_only_the_neurons_that_are_identical_are_named():
    model = network([4, 1])
    for mine, other in zip(model.layers[0].neurons[3].w, model.layers[0].neurons[1].w, strict=True):
        mine.data = other.data
    (finding,) = found(model, "identical")
    assert finding.neurons == (1, 3)
    assert str(finding).startswith("layers.0: neurons 1 and 3 are identical")


def test_rounding_does_not_tell_neurons_apart():
    model = network([2, 1], init=nn.initializers.constant(0.5))
    model.layers[0].neurons[1].w[0].data += 1e-12
    assert [f.neurons for f in found(model, "identical")] == [(0, 1)]
    model.layers[0].neurons[1].w[0].data += 1e-6
    assert found(model, "identical") == []


def test_dead_relus():
    model = network([4, 1], activation="relu")
    model.layers[0].neurons[2].b.data = -100.0
    (finding,) = found(model, "dead")
    assert str(finding) == (
        "layers.0: neuron 2 is dead: 0 for every sample, so no gradient flows to its weights."
    )
    model.layers[0].neurons[0].b.data = -100.0
    (finding,) = found(model, "dead")
    assert str(finding) == (
        "layers.0: neurons 0 and 2 are dead: 0 for every sample, so no gradient flows to their "
        "weights."
    )


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
@pytest.mark.parametrize("sign", [-1, 1])
def test_saturated_neurons_but_not_a_sure_output(activation, sign):
    model = network([3, 1], activation=activation)
    for layer in model.layers:
        layer.neurons[0].b.data = sign * 50.0
    (finding,) = found(model, "saturated")
    assert str(finding) == (
        f"layers.0: neuron 0 is saturated: {activation} is at its ends for all samples, "
        "where its derivative is nearly 0."
    )


def test_vanishing_and_exploding_gradients():
    small, large = nn.initializers.normal(std=0.3), nn.initializers.normal(std=8.0)
    (finding,) = found(network([6] * 5 + [1], activation="sigmoid", init=small), "vanishing")
    assert finding.layer == "layers.0"
    assert "layers.0: gradients vanish on the way down: their root mean square goes" in str(finding)
    assert "from layers.4 to layers.0" in str(finding)
    deep = network([6] * 5 + [1], activation="linear", output="linear", init=large)
    (finding,) = diagnose(deep, X, Y)
    assert (finding.kind, "times larger." in str(finding)) == ("exploding", True)


def test_tiny_gradients_are_not_none():
    def signal(name, size):
        one = np.ones((1, 1))
        return Signal(name, "linear", one, one, size * one, np.array([[size]]), np.zeros(1))

    (finding,) = findings([signal("a", 1e-200), signal("b", 1e-190), signal("end", 1.0)])
    assert str(finding) == (
        "a: gradients vanish on the way down: their root mean square goes from 1e-190 to 1e-200 "
        "from b to a, 1e+10 times smaller."
    )


def test_what_is_not_finite_is_said_alone():
    bad = Signal("a", "tanh", np.array([[np.inf]]), np.ones((1, 1)), np.ones((1, 1)),
                 np.ones((1, 1)), np.zeros(1))  # fmt: skip
    (finding,) = findings([bad])
    assert str(finding) == (
        "a: a sum or a gradient is inf or nan; autograd.detect_anomaly says where it begins."
    )


def test_a_model_of_ones_own_with_layers():
    class Own(nn.Module):
        def __init__(self):
            self.first, self.last = nn.Layer(2, 3, "relu", rng=0), nn.Layer(3, 1, "linear", rng=1)
            for neuron in self.first.neurons:
                neuron.b.data = -100.0

        def __call__(self, x):
            return self.last(self.first(x))

    dead, none = diagnose(Own(), X, Y)
    assert (dead.layer, dead.neurons) == ("first", (0, 1, 2))
    assert none.kind == "no gradient"


XOR = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0]
LOGITS = "binary_cross_entropy_with_logits"


def kinds_after(sizes, data, loss=LOGITS, **options):
    model = nn.MLP(2, sizes, activation="tanh", rng=0)
    history = nn.fit(model, *data, loss=loss, rng=0, progress=False, **options)
    return [f.kind for f in diagnose(model, *data, loss, history) if not f.layer]


def test_a_training_that_went_well_has_nothing():
    assert kinds_after([8, 1], XOR, lr=0.05, epochs=300) == []
    assert kinds_after([4, 1], (X, Y), lr=0.05, epochs=300) == []
    assert kinds_after([4, 1], (X, Y), lr=0.01, epochs=300, batch_size=4) == []
    assert kinds_after([4, 1], (X, Y), lr=0.05, epochs=5) == []  # too short to tell


def test_a_training_that_was_not_over():
    assert kinds_after([8, 1], XOR) == ["not trained yet"]
    assert kinds_after([8, 1], XOR, lr=0.001) == ["not trained yet"]
    targets = X[:, 0] + 10
    assert kinds_after([4, 1], (X, targets), "mse", lr=0.001) == ["not trained yet"]
    classes = np.arange(20) % 3
    assert kinds_after([4, 3], (X, classes), "cross_entropy", lr=1e-6) == ["not trained yet"]


def test_the_words_of_a_training():
    history = nn.History()
    for loss in np.linspace(1.0, 0.5, 20):
        history.add({"loss": loss, "lr": 0.5})
    history.stopped = "finished"
    model = nn.MLP(2, [2, 1], rng=0)
    (finding,) = (f for f in diagnose(model, X, Y, LOGITS, history) if not f.layer)
    assert finding.words == (
        "the training was not over: the loss was still falling, from 0.553 to 0.5 in the last 2 "
        "of 20 epochs. Train for more epochs, or raise the learning rate (0.5)."
    )
    history.stopped = "early stopping"
    assert not [f for f in diagnose(model, X, Y, LOGITS, history) if not f.layer]


@pytest.mark.parametrize(
    ("losses", "course"),
    [
        (np.linspace(0.5, 2.0, 20), "the loss has risen, from 0.5 to 2, and was 0.5 once"),
        ([1.0] + [0.3, 0.5] * 10, "the loss jumps up and down, from 1 to 0.5, and was 0.3 once"),
    ],
)
def test_a_rate_that_is_too_high(losses, course):
    history = nn.History()
    for loss in losses:
        history.add({"loss": loss, "lr": 3.0})
    (finding,) = (f for f in diagnose(nn.MLP(2, [1]), X, Y, LOGITS, history) if not f.layer)
    assert finding.kind == "learning rate too high"
    assert finding.words == f"{course}: the learning rate (3) is too high; try a tenth of it."


def test_rates_of_real_trainings_that_are_too_high():
    assert kinds_after([8, 1], XOR, lr=10.0) == ["learning rate too high"]
    assert kinds_after([4, 1], (X, Y), lr=3.0, batch_size=4) == ["learning rate too high"]


class Squashed(nn.Module):
    def __init__(self, *functions):
        self.layer, self.functions = nn.Layer(2, 2, "linear", rng=0), functions

    def __call__(self, x):
        y = self.layer(x)
        for function in self.functions:
            y = function(y)
        return y


def sigmoids(ys):
    return [autograd.sigmoid(y) for y in ys]


def test_a_sigmoid_of_a_sigmoid():
    targets = np.column_stack([Y, 1 - Y])
    for functions, words in (
        (
            [sigmoids, sigmoids],
            "a sigmoid is computed of what a sigmoid gave, a number from 0 to 1",
        ),
        (
            [autograd.softmax, autograd.softmax],
            "a softmax is computed of what a softmax gave: prob",
        ),
        ([sigmoids, autograd.softmax], "a softmax is computed of what a sigmoid gave: prob"),
    ):
        (finding,) = (f for f in diagnose(Squashed(*functions), X, targets) if not f.layer)
        assert finding.kind == "sigmoid twice"
        assert finding.words.startswith(words)
    for functions in ([sigmoids], [autograd.softmax], []):
        assert not [f for f in diagnose(Squashed(*functions), X, targets) if not f.layer]


def test_a_history_is_a_history():
    with pytest.raises(
        TypeError, match=r"^history: got a list of 0; allowed: the History that nn.f"
    ):
        diagnose(nn.MLP(2, [1]), X, Y, history=[])
