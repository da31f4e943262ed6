import numpy as np
import pytest

import nn
from autograd import Value
from viz import graph_model as names


@pytest.mark.parametrize(
    ("name", "frames", "own"),
    [
        ("layers.0.neurons.3.w.1", ("layer 0", "neuron 3"), "w₁"),
        ("layers.0.neurons.3.b", ("layer 0", "neuron 3"), "b"),
        ("net.layers.12.w.1.10", ("net", "layer 12"), "w₁,₁₀"),
        ("w.0", (), "w₀"),
        ("encoder.b", ("encoder",), "b"),
        ("bias.0.w", ("bia 0",), "w"),
        ("is.0.w", ("is 0",), "w"),
        ("x[0]", (), "x₀"),
        ("W[1][2]", (), "W₁₂"),
        ("W[1][12]", (), "W₁,₁₂"),
        ("u", (), "u"),
        ("3.5", (), "3.5"),
        ("e.g.", (), "e.g."),
        ("f(x).y", (), "f(x).y"),
        ("", (), ""),
    ],
)
def test_split(name, frames, own):
    assert names.split(name) == (frames, own)


def test_frames_are_at_most_six_deep():
    assert len(names.split(".".join("abcdefghij"))[0]) == 6


def test_variables_takes_values_lists_arrays_and_models():
    a, b, c, d = (Value(float(k)) for k in range(4))
    model = nn.Neuron(1)
    scope = {
        "n": 3, "_": a, "__x": a, "a": a, "again": a, "row": [a, b], "grid": ((c, 1), [d]),
        "array": np.array([b, c], dtype=object), "floats": np.zeros(3), "model": model,
        "cls": nn.Neuron,
    }  # fmt: skip
    found, owned = names.variables(scope)
    assert found == {a: "a", b: "row[1]", c: "grid[0][0]", d: "grid[1][0]"}
    assert list(owned.values()) == ["w.0", "b"]


def test_variables_of_nothing():
    assert names.variables(None) == ({}, {})


def test_a_list_may_hold_itself():
    a = Value(1.0)
    ring = [a]
    ring.append(ring)
    assert names.variables({"ring": ring})[0] == {a: "ring[0]"}


def test_wrong_names():
    with pytest.raises(TypeError, match=r"names must map names to Values, as locals\(\) does, not"):
        names.variables(["a"])
    with pytest.raises(TypeError, match=r"names must have texts as its keys, not an int \(1\)"):
        names.variables({1: Value(1.0)})


def test_parameters_of_a_model_or_a_list():
    w, b = Value(1.0), Value(2.0)
    assert names.parameters(None) == {}
    assert names.parameters([w, b, w]) == {w: "", b: ""}
    assert list(names.parameters(nn.Neuron(1)).values()) == ["w.0", "b"]


@pytest.mark.parametrize("model", [3, "model", b"model", nn.Neuron, Value(1.0), {"w": Value(1.0)}])
def test_wrong_models(model):
    with pytest.raises(TypeError, match=r"model must have a method named_parameters\(\)"):
        names.parameters(model)


def test_a_parameter_that_is_no_value():
    with pytest.raises(TypeError, match=r"a parameter of the model must be a Value, not a float"):
        names.parameters([1.0])
