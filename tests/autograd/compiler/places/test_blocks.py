"""Arrays of parameters, read off labels."""

import pytest

from autograd.compiler.places.blocks import blocks_of


def found(*labels):
    return [(block.name, block.ids.tolist()) for block in blocks_of(enumerate(labels))]


@pytest.mark.parametrize(
    ("labels", "blocks"),
    [
        (["w[0][0]", "w[0][1]", "w[1][0]", "w[1][1]"], [("W", [[0, 1], [2, 3]])]),
        (["b[1]", "b[0]"], [("b", [1, 0])]),
        (["a", "b"], [("a", 0), ("b", 1)]),
        (["layers.0.neurons.0.w.0", "layers.0.neurons.0.w.1"], [("W1", [[0, 1]])]),
        (["l.0.b.0", "l.1.b.0", "l.1.b.1"], [("b1", [0]), ("b2", [1, 2])]),
        ([None, "", "b[0]"], [("b", [2])]),
        (["x2", "x3"], [("x2", 0), ("x3", 1)]),
    ],
)
def test_labels_say_which_parameters_are_one_array(labels, blocks):
    assert found(*labels) == blocks


def test_what_is_no_full_array_is_cut_along_its_first_axis():
    assert found("w[0][0]", "w[0][1]", "w[1][0]") == [("w1", [0, 1]), ("w2", [2])]


def test_two_parameters_of_one_label_are_no_array():
    assert found("b[0]", "b[0]") == []
    assert found("b[0]", "b[0]", "c[0]") == [("c", [2])]
