import math

import pytest

from autograd import Value
from viz.scene import mean, parts, repeats, spread
from viz.graph_model import GraphModel


def batch(graphs, samples):
    """The sum of a network's outputs for several samples, on shared parameters."""
    first = GraphModel.build([graphs["loss"]((1, 2, 1))])
    owned = {name: node for name, node in zip(first.names, first.nodes, strict=True) if name}
    total = Value(0.0, "start")
    for k in range(samples):
        hidden = [
            (owned[f"layers.0.neurons.{j}.w.0"] * k + owned[f"layers.0.neurons.{j}.b"]).tanh()
            for j in range(2)
        ]
        out = [owned[f"layers.1.neurons.0.w.{j}"] * h for j, h in enumerate(hidden)]
        total = total + (out[0] + out[1]).exp().log()
    return GraphModel.build([total])


def test_parts(graphs):
    graph = batch(graphs, 3)
    members = [i for i, path in enumerate(graph.frames) if path[:1] == ("layer 0",)]
    assert parts(graph, members) == ("neurons", 2)
    assert parts(graph, [i for i in members if graph.frames[i][1] == "neuron 0"])[1] == 0
    assert parts(graph, [i for i, path in enumerate(graph.frames) if path]) == ("layers", 2)
    mixed = GraphModel.build([Value(1.0, "encoder.w") * Value(1.0, "decoder.w")])
    assert parts(mixed, [0, 1]) == ("parts", 2)


def test_repeats(graphs):
    graph = batch(graphs, 3)
    hidden = [i for i, path in enumerate(graph.frames) if path[:1] == ("layer 0",)]
    assert repeats(graph, hidden) == 3
    assert repeats(graph, [i for i, path in enumerate(graph.frames) if not path]) == 1
    single = batch(graphs, 1)
    assert repeats(single, range(len(single.nodes))) == 1


def test_what_differs_is_no_repetition():
    w = [Value(1.0, f"layers.0.w.{k}") for k in range(2)]
    graph = GraphModel.build([w[0] * 2 - w[1] * 3])
    assert repeats(graph, range(len(graph.nodes))) == 1


def test_means():
    assert mean([1.0, 2.0, 6.0]) == 3.0
    assert mean([1e308, 1e308, -1e308]) == pytest.approx(1e308 / 3)
    assert mean([1e308, 1e308, 1e308]) == pytest.approx(1e308)
    assert spread("value", [1.0]) == ""
    assert spread("value", [1.0, math.inf]) == ""
