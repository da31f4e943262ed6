"""Labels of nodes: which are copied, and which texts stay."""

import numpy as np

from autograd.compiler.tracing.labels import Labels

LABELS = Labels.of([(2, "a"), (4, "b"), (5, "c"), (9, "d")])


def test_labels_one_after_another_are_not_copied():
    marked = LABELS.chosen(np.array([False, True, True, False]))
    assert marked.by_node() == {4: "b", 5: "c"}
    assert np.shares_memory(marked.nodes, LABELS.nodes)
    some = LABELS.among(np.array([3, 4, 5]))
    assert some.by_node() == {4: "b", 5: "c"}
    assert np.shares_memory(some.nodes, LABELS.nodes)


def test_labels_apart_and_in_another_order_are_chosen():
    assert list(LABELS.among(np.array([9, 2])).by_node().items()) == [(9, "d"), (2, "a")]
    assert LABELS.chosen(np.array([True, False, True, False])).by_node() == {2: "a", 5: "c"}
    assert LABELS.chosen(np.zeros(4, np.bool_)).by_node() == {}


def test_texts_out_of_use_are_left_out():
    assert LABELS.chosen(np.array([1, 3])).compact().texts == ("b", "d")
    assert LABELS.compact() is LABELS
