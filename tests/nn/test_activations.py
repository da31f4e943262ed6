import numpy as np
import pytest

import nn
from autograd import Value
from nn.activations import ACTIVATIONS, resolve_activation

SINGLE = [name for name, activation in ACTIVATIONS.items() if not activation.whole]


@pytest.mark.parametrize("name", SINGLE)
@pytest.mark.parametrize("at", [-2.0, -0.3, 0.7, 3.0])
def test_gradients_agree_with_central_differences(name, at, slope):
    x = Value(at)
    resolve_activation(name).each(x).backward()
    assert x.grad == pytest.approx(
        slope(lambda u: resolve_activation(name).each(Value(u)).data, at), abs=1e-8
    )


@pytest.mark.parametrize("chosen", [0, 1, 2])
def test_softmax_gradients_agree_with_central_differences(chosen, slope):
    xs = [Value(0.3), Value(-1.0), Value(2.0)]
    resolve_activation("softmax").layer(xs)[chosen].backward()

    def f(number):
        return (
            resolve_activation("softmax")
            .layer([Value(number), Value(-1.0), Value(2.0)])[chosen]
            .data
        )

    assert xs[0].grad == pytest.approx(slope(f, 0.3), abs=1e-9)


def test_all_names_of_the_design_are_there():
    assert list(ACTIVATIONS) == [
        "linear",
        "sigmoid",
        "tanh",
        "relu",
        "leaky_relu",
        "elu",
        "selu",
        "gelu",
        "silu",
        "softplus",
        "softmax",
    ]


def test_linear_adds_no_node():
    layer = nn.Layer(1, 1, activation="linear")
    assert layer([1.0]).op == "dot"


@pytest.mark.parametrize("function", [np.tanh, lambda x: x.tanh(), Value.tanh])
def test_functions_of_the_users_own(function):
    neuron = nn.Neuron(1, activation=function, rng=0)
    same = nn.Neuron(1, activation="tanh", rng=0)
    assert neuron([0.5]).data == pytest.approx(same([0.5]).data)


def test_an_activation_is_found_again():
    assert resolve_activation(resolve_activation("relu")) is resolve_activation("relu")


@pytest.mark.parametrize(
    ("name", "guess"),
    [
        ("ReLU", "relu"),
        ("Leaky ReLU", "leaky_relu"),
        ("sigmoyd", "sigmoid"),
        ("soft-max", "softmax"),
    ],
)
def test_an_unknown_name_gets_the_closest(name, guess):
    with pytest.raises(
        ValueError,
        match=f"activation: got a str .'{name}'.; allowed: .*; did you mean '{guess}'\\?",
    ):
        resolve_activation(name)


def test_a_name_far_from_all_gets_the_list():
    with pytest.raises(
        ValueError, match=r"activation: got a str .'xyz'.; allowed: 'linear', 'sigmoid', .* or a"
    ):
        resolve_activation("xyz")
