"""Arrays of parameters, read off labels."""

import numpy as np
import pytest

import autograd
from autograd.compiler.layout.parameter_arrays import blocks_of
from autograd.compiler.tracing.labels import ALONE, Labels


def read(labels):
    return blocks_of(Labels.of([(i, label) for i, label in enumerate(labels) if label]))


def found(*labels):
    return [(block.name, block.ids.tolist()) for block in read(labels)]


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
        (["x23", "x24"], [("x23", 0), ("x24", 1)]),
        (["w\n[0]", "w\n[1]"], [("w", [0, 1])]),
        (["w[\0]", "w[0]", "w[1]"], [("w", 0), ("w", [1, 2])]),
    ],
)
def test_labels_say_which_parameters_are_one_array(labels, blocks):
    assert found(*labels) == blocks


def test_indices_too_large_for_one_number_are_put_in_order():
    places = ["999999999][999999999][1", "999999999][999999999][0", "3][0][0", "999999999][0][0"]
    ids = [ids for _, ids in found(*(f"w[{place}]" for place in places))]
    assert ids == [[[2]], [3], [1, 0]]


def test_what_is_no_full_array_is_cut_along_its_first_axis():
    assert found("w[0][0]", "w[0][1]", "w[1][0]") == [("w1", [0, 1]), ("w2", [2])]


def test_rows_are_read_as_the_labels_that_they_stand_for():
    texts = ("l.1.w", "l.0.w", "b", "l.0.w.2", "l.1.w.2")
    rows = [(0, 1), (0, 0), (1, 0), (1, 1), (2, ALONE), (3, ALONE), (4, ALONE)]
    numbers, places = np.array(rows, np.int32).T
    labels = Labels(np.arange(3, 10, dtype=np.int32), numbers, places, texts)
    ((name, ids), other) = [(block.name, block.ids.tolist()) for block in blocks_of(labels)]
    assert (name, ids) == ("W", [[5, 6, 8], [4, 3, 9]])
    assert other == ("b", 7)
    written = blocks_of(Labels.of(labels.by_node().items()))
    assert [(block.name, block.ids.tolist()) for block in written] == [(name, ids), other]


@pytest.mark.parametrize("seed", range(40))
def test_rows_in_pieces_and_twice_are_read_as_if_they_were_written_out(seed):
    random = np.random.default_rng(seed)
    texts = ("l.0.w", "l.1.w", "l.1.w.2", "v", "v[1]", "l.0")
    numbers = random.integers(0, len(texts), 6)
    rows = []
    for number in numbers.tolist():
        if random.random() < 0.7:
            start, end = sorted(random.integers(0, 5, 2).tolist())
            rows += [(number, place) for place in range(start, end)]
        else:
            rows.append((number, ALONE))
    numbers, places = np.array(rows, np.int32).reshape(-1, 2).T
    labels = Labels(np.arange(len(rows), dtype=np.int32), numbers, places, texts)
    written = Labels.of([(int(node), labels.chosen(np.array([node])).by_node()[node])
                         for node in labels.nodes.tolist()])  # fmt: skip
    both = [
        [(block.name, block.ids.tolist()) for block in blocks_of(own)] for own in (labels, written)
    ]
    assert both[0] == both[1]


def test_two_parameters_of_one_label_are_no_array():
    assert found("b[0]", "b[0]") == []
    assert found("b[0]", "b[0]", "c[0]") == [("c", [2])]


@pytest.mark.parametrize(
    "labels",
    [
        ("layer 1", "layer #"), ("layer #", "layer 0"), ("w 99999999999", "w 0"), ("w -1", "w 0"),
        ("w " + "9" * 5000, "w 0"), ("w 4294967295 4294967295", "w 0 0"), ("w[1]", "w[01]"),
        ("w[٣]", "w[3]"), ("w[0]", "w[#]"), ("²x", "৴2"), ("w 4294967296[4294967296]", "w 1[1]"),
    ],
)  # fmt: skip
def test_no_text_of_a_label_makes_a_wrong_array(labels):
    w, v = autograd.Value(2.0, labels[0]), autograd.Value(3.0, labels[1])
    step = autograd.compile(lambda x: w * x + v * v, engine="numpy")
    assert step(5.0) == (19.0, 2.0)
    nodes = [node for block in read(labels) for node in block.ids.ravel().tolist()]
    assert len(nodes) == len(set(nodes))
