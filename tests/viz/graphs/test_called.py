import pytest

import autograd
from autograd import Value
from viz.formatting import formatter
from viz.graph_model import END, ISOLATE, node_names, legend, one_line
from viz.graph_model import GraphModel

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
