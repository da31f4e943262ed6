import numpy as np
import pytest

import autograd
import nn
from autograd import Value
from viz import graph_model
from viz.formatting import formatter
from viz.graph_model import (
    END,
    ISOLATE,
    GraphModel,
    common_prefix,
    legend,
    node_names,
    one_line,
    op_symbol,
)


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
    assert graph_model.split(name) == (frames, own)


def test_frames_are_at_most_six_deep():
    assert len(graph_model.split(".".join("abcdefghij"))[0]) == 6


def test_variables_takes_values_lists_arrays_and_models():
    a, b, c, d = (Value(float(k)) for k in range(4))
    model = nn.Neuron(1)
    scope = {
        "n": 3, "_": a, "__x": a, "a": a, "again": a, "row": [a, b], "grid": ((c, 1), [d]),
        "array": np.array([b, c], dtype=object), "floats": np.zeros(3), "model": model,
        "cls": nn.Neuron,
    }  # fmt: skip
    found, owned = graph_model.named_variables(scope)
    assert found == {a: "a", b: "row[1]", c: "grid[0][0]", d: "grid[1][0]"}
    assert list(owned.values()) == ["w.0", "b"]


def test_variables_of_nothing():
    assert graph_model.named_variables(None) == ({}, {})


def test_a_list_may_hold_itself():
    a = Value(1.0)
    ring = [a]
    ring.append(ring)
    assert graph_model.named_variables({"ring": ring})[0] == {a: "ring[0]"}


def test_wrong_names():
    with pytest.raises(
        TypeError, match=r"names: got a list of 1; allowed: a mapping of names to Values"
    ):
        graph_model.named_variables(["a"])
    with pytest.raises(TypeError, match=r"a key of names: got an int \(1\); allowed: a str"):
        graph_model.named_variables({1: Value(1.0)})


def test_parameters_of_a_model_or_a_list():
    w, b = Value(1.0), Value(2.0)
    assert graph_model.model_parameters(None) == {}
    assert graph_model.model_parameters([w, b, w]) == {w: "", b: ""}
    assert list(graph_model.model_parameters(nn.Neuron(1)).values()) == ["w.0", "b"]


@pytest.mark.parametrize("model", [3, "model", b"model", nn.Neuron, Value(1.0), {"w": Value(1.0)}])
def test_wrong_models(model):
    with pytest.raises(
        TypeError, match=r"model: got .*; allowed: a model with named_parameters\(\)"
    ):
        graph_model.model_parameters(model)


def test_a_parameter_that_is_no_value():
    with pytest.raises(
        TypeError, match=r"a parameter of the model: got a float .*; allowed: a Value"
    ):
        graph_model.model_parameters([1.0])


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
    assert GraphModel.build([autograd.leaky_relu(x, Value(0.01))]).roles == [
        "input",
        "input",
        "result",
    ]
    assert GraphModel.build([autograd.cross_entropy([x, x], 1)]).roles == [
        "input",
        "setting",
        "result",
    ]
    index = autograd.constant(0.01)
    assert "setting" not in GraphModel.build([autograd.leaky_relu(x, index) * index]).roles


def test_slopes_do_not_keep_an_activation_out(graphs):
    (y,) = graphs["network"]((1, 1), Value.leaky_relu)
    assert GraphModel.build([y]).frames[-1] == ("layer 0", "neuron 0")


def test_symbols():
    x = Value(1.0)
    assert op_symbol(x) == ""
    assert op_symbol(x * x) == "×"
    assert op_symbol(x.sigmoid()) == "σ"
    assert op_symbol(autograd.softmax([x, x, x])[2]) == "softmax₂"


@pytest.mark.parametrize(
    ("paths", "expected"),
    [([("a", "b"), ("a", "c")], ("a",)), ([("a",), ()], ()), ([("a", "b")] * 2, ("a", "b"))],
)
def test_shared(paths, expected):
    assert common_prefix(paths) == expected


WRITE = formatter(4, None)


def names(*roots, **options):
    return node_names(GraphModel.build(roots, **options), WRITE)


def test_labels_variables_and_numbers():
    a, b = Value(2.0, "a"), Value(3.0)
    assert names(3 * (a + b), names={"b": b}) == ["3", "a", "b", "v₁", "J"]


def test_letters_that_are_taken_are_avoided():
    v, J = Value(1.0, "v"), Value(2.0, "J1")
    assert names(v * J + v) == ["v", "J1", "t₁", "L"]
    many = [Value(1.0, letter) for letter in "vtshq"]
    assert names(autograd.sum(many).exp())[-2:] == ["qq₁", "J"]


def test_several_results_are_numbered():
    x = Value(1.0)
    assert names(x.exp(), x.log()) == ["x₁", "J₁", "J₂"]


def test_unnamed_parameters_have_a_letter_of_their_own():
    w, x = Value(1.0), Value(2.0)
    assert names(w * x, model=[w]) == ["w₁", "x₁", "J"]


def test_names_are_told_apart():
    a, b, c = Value(1.0, "x"), Value(2.0, "x"), autograd.constant(1.0, "x")
    assert names(a * b + c) == ["x", "x#2", "v₁", "x#3", "J"]


def test_parameters_are_short_where_that_tells_them_apart():
    w, b = Value(1.0, "encoder.w.0"), Value(1.0, "encoder.b")
    assert names(w + b) == ["w₀", "b", "J"]


def test_parameters_of_a_network_carry_the_numbers_of_their_frames():
    labels = ("layers.0.neurons.3.w.1", "layers.1.neurons.0.w.1", "layers.1.neurons.0.b")
    found = names(autograd.sum([Value(1.0, label) for label in labels]))
    assert found[:3] == ["w₁⁽⁰·³⁾", "w₁⁽¹·⁰⁾", "b⁽¹·⁰⁾"]


def test_parameters_that_numbers_do_not_tell_apart_have_their_whole_name():
    labels = ("encoder.layers.0.w", "decoder.layers.0.w")
    found = names(autograd.sum([Value(1.0, label) for label in labels]))
    assert found[:2] == list(labels)


def test_legend_names_the_first_parameter_that_is_written_short():
    graph = GraphModel.build([Value(1.0, "x") * Value(1.0, "a.0.w") * Value(1.0, "a.1.w")])
    short = node_names(graph, WRITE)
    assert legend(graph, short, [0, 1]) == "w⁽⁰⁾ is a.0.w"
    assert legend(graph, short, [0]) == ""


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("two\n  lines\t", "two lines"),
        ("null\x00 and \u202e turn", "null� and � turn"),
        ("👩\u200d🔬", "👩\u200d🔬"),
        ("\ud800", "�"),
    ],
)
def test_visible(label, shown):
    assert one_line(label) == shown


def test_a_name_from_right_to_left_is_isolated():
    assert names(Value(1.0, "שלום").exp())[0] == f"{ISOLATE}שלום{END}"


def test_a_label_of_ten_thousand_signs_is_shortened_in_no_time():
    for label in ("x" * 10_000, "x[1]" * 2_500, "a." * 5_000, "[" * 10_000):
        assert len(names(Value(1.0, label).exp())[0]) <= 25
