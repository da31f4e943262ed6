import pytest

import autograd
from autograd import Value, constant
from viz import folding as alike
from viz.graph_model import GraphModel


def keyed(J):
    graph = GraphModel.build([J])
    return graph, [("node", i) for i in range(len(graph.nodes))]


@pytest.fixture
def batch():
    """Three samples through one neuron, written with + and ×."""
    w, v, b = (Value(0.5, f"layers.0.neurons.0.{name}") for name in ("w.0", "w.1", "b"))
    outs = [(w * k + v * (k + 1) + b).tanh() for k in range(3)]
    return keyed((outs[0] * outs[1] * outs[2]).log())


def kinds(graph, keys):
    """Return what each operation's box holds, by the first of its nodes."""
    boxes = {}
    for node, key in zip(graph.nodes, keys, strict=True):
        if key:
            boxes.setdefault(key, []).append(node.op)
    return [(ops[0], len(ops)) for ops in boxes.values() if len(ops) > 1]


def test_twins_are_what_an_open_frame_repeats(batch):
    graph, keys = batch
    assert kinds(graph, alike.twins(graph, keys)) == [
        ("mul", 6),
        ("add", 6),
        ("tanh", 3),
        ("mul", 2),
    ]


def test_weights_of_a_frame_are_one_box(batch):
    graph, keys = batch
    assert kinds(graph, alike.weights(graph, keys)) == [("leaf", 3)]


def test_numbers_that_go_into_frames_are_one_box():
    w = [Value(0.5, f"layers.0.neurons.{k}.w.0") for k in range(2)]
    x = [constant(float(k)) for k in range(4)]
    graph, keys = keyed(autograd.sum([(a * b).tanh() for a in w for b in x]).exp())
    assert kinds(graph, alike.numbers(graph, keys)) == [], "each goes first to a product of its own"
    closed = [
        ("frame", path[:1]) if path else k for path, k in zip(graph.frames, keys, strict=True)
    ]
    assert ("constant", 4) in kinds(graph, alike.numbers(graph, closed))


def test_nothing_is_a_number_twice(batch):
    graph, keys = batch
    closed = [
        ("frame", path) if path else key for path, key in zip(graph.frames, keys, strict=True)
    ]
    assert alike.numbers(graph, closed) == closed  # the constants stand in the frame


def test_bands_keep_what_is_left_out():
    value = Value(1.0, "x")
    for _ in range(30):
        value = (value * 2.0).tanh()
    graph, keys = keyed(value)
    keys = [
        alike.LEFT_OUT if node.op == "mul" else key
        for node, key in zip(graph.nodes, keys, strict=True)
    ]
    found = alike.bands(graph, keys, 5)
    assert all(not key for node, key in zip(graph.nodes, found, strict=True) if node.op == "mul")
    assert len({key for key in found if key}) <= 6
