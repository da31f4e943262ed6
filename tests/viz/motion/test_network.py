"""A network's drawing: which layers make a chain, and how weights look."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

import autograd
import nn
from viz.colours import LIGHT
from viz.training_animation import MOST, Drawing, columns


def names(model):
    return [name for name, _ in model.named_parameters()]


def test_columns_find_each_weight():
    model = nn.MLP(2, [3, 4, 1], rng=0)
    found, numbers = columns(names(model)), autograd.gather(model.parameters())
    assert found.sizes == (2, 3, 4, 1)
    for layer, places, biases in zip(model.layers, found.weights, found.biases, strict=True):
        weights = [[w.data for w in neuron.w] for neuron in layer.neurons]
        assert numbers[places].tolist() == weights
        assert numbers[biases].tolist() == [neuron.b.data for neuron in layer.neurons]


def test_a_layer_alone():
    assert columns(names(nn.Layer(3, 2))).sizes == (3, 2)


class Parallel(nn.Module):
    def __init__(self):
        self.left, self.right = nn.Layer(2, 3), nn.Layer(2, 3)


class More(nn.Module):
    def __init__(self):
        self.layer, self.scale = nn.Layer(2, 3), autograd.Value(1.0)


@pytest.mark.parametrize(
    "model",
    [Parallel(), More(), nn.Neuron(2), nn.MLP(2, [MOST])],
    ids=["fork", "more", "one", "wide"],
)
def test_what_is_no_chain_of_layers_is_not_drawn(model):
    assert columns(names(model)) is None


def test_a_layer_with_a_gap_is_not_drawn():
    assert columns(["neurons.0.b", "neurons.0.w.0", "neurons.0.w.2"]) is None
    assert columns([]) is None


def test_edges_have_the_colour_and_width_of_their_weights():
    numbers = np.array([-1.0, 0.001, 1.0, 0.5, 2.0, 0.0])  # two neurons: w.0, w.1, b
    found = columns([f"neurons.{k}.{p}" for k in (0, 1) for p in ("w.0", "w.1", "b")])
    drawing = Drawing(Figure().subplots(), found, 2.0)
    drawing.show(numbers)
    colours = [to_hex(c) for c in drawing.edges.get_colors()]
    assert colours == [LIGHT.flows[0], LIGHT.flows[3], LIGHT.flows[5], LIGHT.flows[6]]
    assert drawing.edges.get_linewidths() == [1.5, 0.5, 1.0, 3.0]
    ends = drawing.edges.get_segments()
    assert [segment[0][0] for segment in ends] == [0.0] * 4
    assert ends[0][1].tolist() == ends[1][1].tolist()  # both into the first neuron, on top
    assert ends[0][1][1] > ends[2][1][1]
    circles = [to_hex(c) for c in drawing.neurons.get_facecolors()]
    assert circles == [LIGHT.gradients[6], LIGHT.gradients[3]]


def test_weights_that_are_all_zero():
    found = columns(["neurons.0.w.0", "neurons.0.b"])
    drawing = Drawing(Figure().subplots(), found, 0.0)
    drawing.show(np.zeros(2))
    assert drawing.edges.get_linewidths() == [0.5]
