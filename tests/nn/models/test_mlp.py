import subprocess
import sys

import numpy as np
import pytest

import nn
from autograd import Value


def test_a_network_is_its_layers_one_after_the_other():
    model = nn.MLP(2, [3, 2], activation="tanh", output="sigmoid", rng=0)
    W1, W2 = (np.array([[w.data for w in n.w] for n in layer.neurons]) for layer in model.layers)
    x = np.array([0.5, -1.5])
    expected = 1 / (1 + np.exp(-W2 @ np.tanh(W1 @ x)))
    assert [y.data for y in model(x)] == pytest.approx(expected, rel=1e-14)


def test_defaults_are_relu_inside_and_linear_outside():
    model = nn.MLP(2, [16, 16, 1])
    assert [layer.activation.name for layer in model.layers] == ["relu", "relu", "linear"]
    assert len(model.parameters()) == 337


def test_a_narrow_layer_feeds_the_next():
    assert isinstance(nn.MLP(1, [1, 1, 1])(2.0), Value)


def test_activations_layer_by_layer():
    def cube(x):
        return x**3

    model = nn.MLP(1, [2, 2, 2], activation=["gelu", cube], output="softmax", rng=0)
    assert [layer.activation.name for layer in model.layers] == ["gelu", "cube", "softmax"]
    assert repr(model) == (
        "<MLP(1, [2, 2, 2], activation=['gelu', 'cube'], output='softmax'), 16 parameters>"
    )


def test_repr_of_a_network_without_hidden_layers():
    assert repr(nn.MLP(4, [1])) == "<MLP(4, [1], output='linear'), 5 parameters>"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((2, []), ValueError, r"sizes is empty: a network needs at least one layer, such as \[1\]"),
        (
            (2, 3),
            TypeError,
            r"sizes must be a list of layer sizes such as \[16, 1\], got an int \(3\)",
        ),
        ((2, [4, 0]), ValueError, r"sizes\[1\] must be at least 1, got 0"),
        ((2, [4, 1.5]), TypeError, r"sizes\[1\] must be a whole number"),
        ((0, [1]), ValueError, "nin must be at least 1, got 0"),
        ((2, [3, 1], ["relu", "relu"]), ValueError, "each of the 1 hidden layers, got a list of 2"),
        ((2, [1], "rleu"), ValueError, "no activation 'rleu', did you mean 'relu'"),
        ((2, [1], "relu", "sofmax"), ValueError, "no activation 'sofmax', did you mean 'softmax'"),
        ((2, [1], 5), TypeError, r"the activation can be linear, .*got an int \(5\)"),
        ((2, [1], "relu", "linear", None, -1), TypeError, "rng must be a seed"),
        ((2, [1], "relu", "linear", "hee"), ValueError, "no init 'hee', did you mean 'he'"),
    ],
)
def test_wrong_arguments_are_clear_errors(arguments, error, message):
    with pytest.raises(error, match=message):
        nn.MLP(*arguments)


def test_sizes_may_be_an_array():
    assert [len(layer.neurons) for layer in nn.MLP(2, np.array([3, 1])).layers] == [3, 1]


def test_the_seed_fixes_every_weight_in_every_process():
    program = (
        "import nn; m = nn.MLP(3, [4, 2], rng=12); print([p.data.hex() for p in m.parameters()])"
    )
    run = [sys.executable, "-c", program]
    outputs = {
        subprocess.run(
            run,
            check=True,
            capture_output=True,
            text=True,
            env={"PYTHONHASHSEED": s, "PYTHONPATH": ":".join(sys.path)},
        ).stdout
        for s in ("1", "2")
    }
    here = str([p.data.hex() for p in nn.MLP(3, [4, 2], rng=12).parameters()]) + "\n"
    assert outputs == {here}


def test_seeds_and_generators():
    def weights(rng):
        return nn.MLP(2, [3, 1], rng=rng).state_dict()

    assert weights(1) == weights(np.random.default_rng(1)) != weights(2)
    assert weights(None) != weights(None)
    shared = np.random.default_rng(1)
    assert weights(shared) != weights(shared)


def test_a_micrograd_program_runs():
    model = nn.MLP(3, [4, 4, 1])
    xs = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
    ys = [1.0, -1.0, -1.0, 1.0]
    losses = []
    for _ in range(40):
        inputs = [list(map(Value, row)) for row in xs]
        scores = list(map(model, inputs))
        loss = sum((score - y) ** 2 for y, score in zip(ys, scores, strict=True)) * (1.0 / len(ys))
        loss += 1e-4 * sum(p * p for p in model.parameters())
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= 0.02 * p.grad
        losses.append(loss.data)
    assert losses[-1] < losses[0]
