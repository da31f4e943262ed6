import pytest

import autograd
import nn
from autograd import Value
from viz.graph_model import common_prefix, GraphModel, symbol


def by_name(graph):
    return {name: i for i, name in enumerate(graph.names) if name}


def test_the_lecture(graphs):
    graph = GraphModel.build([graphs["lecture"]()])
    assert graph.names == ["", "a", "b", "c", "u", "v", "J"]
    assert graph.roles == ["constant", *["input"] * 3, *["operation"] * 2, "result"]
    assert graph.inputs == [(), (), (), (), (2, 3), (1, 4), (0, 5)]
    assert graph.frames == [()] * 7


def test_a_label_wins_over_the_model_and_the_model_over_variables():
    a, b, c = Value(1.0, "own"), Value(2.0), Value(3.0)

    class Model:
        def named_parameters(self):
            return [("layer.a", a), ("layer.b", b)]

    J = a + b + c
    graph = GraphModel.build([J], {"A": a, "B": b, "C": c}, Model())
    assert graph.names == ["own", "layer.b", "", "C", ""]
    assert graph.roles[:2] == ["parameter", "parameter"]
    assert graph.roles[3] == "input"


def test_models_among_the_variables():
    model = nn.Neuron(2)
    graph = GraphModel.build([model([1.0, 2.0])], {"model": model})
    assert graph.roles.count("parameter") == 3


def test_several_results_and_a_leaf_as_result():
    a = Value(1.0, "a")
    J = a * a
    assert GraphModel.build([a, J]).roles == ["result", "result"]
    assert GraphModel.build([autograd.constant(1.0)]).roles == ["constant"]


def test_neurons_hold_sum_and_activation_and_losses_stay_outside(graphs):
    graph = GraphModel.build([graphs["loss"]((2, 2, 1))])
    places = [
        (node.op, frame)
        for node, frame in zip(graph.nodes, graph.frames, strict=True)
        if not node.is_leaf
    ]
    assert places == [
        ("dot", ("layer 0", "neuron 0")),
        ("sigmoid", ("layer 0", "neuron 0")),
        ("dot", ("layer 0", "neuron 1")),
        ("sigmoid", ("layer 0", "neuron 1")),
        ("dot", ("layer 1", "neuron 0")),
        ("sigmoid", ("layer 1", "neuron 0")),
        ("log", ()),
        ("neg", ()),
    ]
    assert graph.frames[by_name(graph)["x[0]"]] == ()


def test_a_long_sum_stays_in_its_neuron():
    w = [Value(0.5, f"layers.0.neurons.0.w.{k}") for k in range(3)]
    z = w[0] * 2 + w[1] * 3 + w[2] * 4
    graph = GraphModel.build([z.tanh() - 1])
    assert graph.frames[-3] == ("layer 0", "neuron 0")  # tanh
    assert {f for n, f in zip(graph.nodes, graph.frames, strict=True) if n.op == "add"} == {
        ("layer 0", "neuron 0")
    }
    assert graph.frames[-1] == ()


def test_a_function_of_a_shared_sum_is_no_activation(graphs):
    (z,) = graphs["network"]((2, 1), None)
    graph = GraphModel.build([z.softplus() - z])
    assert graph.frames[-2:] == [(), ()]


def test_a_penalty_on_all_layers_stands_in_none_and_of_one_layer_in_it():
    w = [Value(0.5, f"layers.{k}.neurons.{j}.w.0") for k in range(2) for j in range(2)]
    graph = GraphModel.build([autograd.sum(w), w[0] * w[1]])
    assert graph.frames[-2:] == [(), ("layer 0",)]


def test_a_softmax_stands_in_the_layer_and_cross_entropy_outside(graphs):
    logits = graphs["network"]((2, 3), None)
    graph = GraphModel.build(autograd.softmax(logits))
    placed = [f for n, f in zip(graph.nodes, graph.frames, strict=True) if n.op == "softmax"]
    assert placed == [("layer 0",)] * 3
    graph = GraphModel.build([autograd.cross_entropy(logits, 1)])
    assert graph.frames[-1] == ()


def test_constants_stand_with_their_only_users():
    w = [Value(0.5, f"layers.0.neurons.{j}.w.0") for j in range(2)]
    shared_number, own = autograd.constant(2.0), autograd.constant(3.0)
    shared_number.label, own.label = "shared", "own"
    graph = GraphModel.build([w[0] * shared_number, w[1] * shared_number + w[1] * own])
    assert graph.frames[by_name(graph)["shared"]] == ()
    assert graph.frames[by_name(graph)["own"]] == ("layer 0", "neuron 1")


def test_settings_are_defaults_and_indices_but_not_numbers_of_the_formula():
    x = Value(-1.0, "x")
    assert GraphModel.build([x.leaky_relu()]).roles == ["input", "setting", "result"]
    assert GraphModel.build([autograd.leaky_relu(x, 0.5)]).roles == ["input", "constant", "result"]
    assert GraphModel.build([autograd.leaky_relu(x, Value(0.01))]).roles == ["input", "input", "result"]
    assert GraphModel.build([autograd.cross_entropy([x, x], 1)]).roles == ["input", "setting", "result"]
    index = autograd.constant(0.01)
    assert "setting" not in GraphModel.build([autograd.leaky_relu(x, index) * index]).roles


def test_slopes_do_not_keep_an_activation_out(graphs):
    (y,) = graphs["network"]((1, 1), Value.leaky_relu)
    assert GraphModel.build([y]).frames[-1] == ("layer 0", "neuron 0")


def test_symbols():
    x = Value(1.0)
    assert symbol(x) == ""
    assert symbol(x * x) == "×"
    assert symbol(x.sigmoid()) == "σ"
    assert symbol(autograd.softmax([x, x, x])[2]) == "softmax₂"


@pytest.mark.parametrize(
    ("paths", "expected"),
    [([("a", "b"), ("a", "c")], ("a",)), ([("a",), ()], ()), ([("a", "b")] * 2, ("a", "b"))],
)
def test_shared(paths, expected):
    assert common_prefix(paths) == expected
