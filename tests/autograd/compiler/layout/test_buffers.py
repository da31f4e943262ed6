"""Where nodes live, and how instructions read them."""

import numpy as np
import pytest

from autograd.compiler.ir.forward import operand_text
from autograd.compiler.layout.buffers import Buffers
from autograd.compiler.layout.views import DONT_CARE, PADDING, Array


@pytest.fixture
def store():
    """Make a store of 12 nodes: a matrix of 0 to 5, parameters 6 to 9, constants 10 and 11."""
    numbers = np.arange(12.0)
    made = Buffers(numbers, numbers >= 10, np.zeros(12, bool))
    made.add(Array("X", np.arange(6).reshape(2, 3)))
    return made


def read(store, ids, axes, fill=0.0, **options):
    found = store.operand(np.array(ids), axes, fill, **options)
    return operand_text(found, store.kept), found.axes


def test_an_array_is_read_whole_in_part_and_turned(store):
    assert read(store, [[0, 1, 2], [3, 4, 5]], "ij") == ("X", "ij")
    assert read(store, [1, 4], "i") == ("X[:, 1]", "i")
    assert read(store, [[0, 3], [1, 4], [2, 5]], "ij") == ("X", "ji"), "letters say it, no .T"
    assert read(store, [0, 1, 2, 3, 4, 5], "i") == ("X.ravel()", "i")
    assert read(store, [5, 0, 3], "i") == ("X.ravel()[index1]", "i")
    assert store.kept["index1"].tolist() == [5, 0, 3]


def test_an_axis_that_makes_no_difference_is_left_out(store):
    assert read(store, [[0, 0], [3, 3]], "ij") == ("X[:, 0]", "i")
    assert read(store, [[0, DONT_CARE], [3, 3]], "ij") == ("X[:, 0]", "i"), (
        "any number serves there"
    )


def test_parameters_get_an_array_when_they_are_read(store):
    assert read(store, [6, 7], "i") == ("x", "i")
    assert store.arrays[-1].kind == "parameter"
    assert read(store, [7], "i") == ("x[1]", "")


def test_parameters_that_labels_join_are_stored_together(store):
    block = Array("W", np.array([[6, 7], [8, 9]]), kind="parameter")
    store.expect(block)
    assert read(store, [6, 8], "i") == ("W[:, 0]", "i")
    assert store.arrays[-1].ids.tolist() == [[6, 7], [8, 9]]


def test_a_bias_that_meets_columns_is_a_column(store):
    found = store.operand(np.array([6, 7]), "i", 0.0, column=True)
    assert (operand_text(found, store.kept), found.axes, found.unit) == ("x", "i", True)
    assert store.arrays[-1].shape == (2, 1)


def test_constants_are_numbers_or_kept_arrays(store):
    assert read(store, [10, 10], "i") == ("10.0", "")
    assert read(store, [10, 11], "i") == ("C1", "i")
    assert read(store, [10, 11], "i") == ("C1", "i"), "kept once"
    assert store.kept["C1"].tolist() == [10.0, 11.0]


def test_places_that_are_not_there_read_a_neutral_number(store):
    found = store.operand(np.array([[10, 11], [10, PADDING]]), "ij", -np.inf)
    assert store.kept[operand_text(found, store.kept)].tolist() == [[10.0, 11.0], [10.0, -np.inf]]


def test_nodes_of_two_arrays_are_read_one_after_another(store):
    store.add(Array("Y", np.array([6, 7])))
    assert read(store, [6, 7, 0, 1, 2, 3, 4, 5], "i")[1] == "i"
    text, _ = read(store, [0, 6], "i")
    arrays = {"X": np.arange(6.0).reshape(2, 3), "Y": np.array([6.0, 7.0])}
    names = {**arrays, **store.kept, "concatenate": np.concatenate}
    assert eval(text, names).tolist() == [0.0, 6.0]


def test_a_node_is_read_as_the_array_that_holds_it_alone(store):
    store.add(Array("J", np.array(7)))
    assert operand_text(store.root(7), store.kept) == "J"
    assert operand_text(store.root(4), store.kept) == "X[1, 1]"


def test_sources_tell_arrays_blocks_constants_and_others_apart(store):
    store.expect(Array("b", np.array([8]), kind="parameter"))
    assert store.sources()[[0, 10, 8, 9]].tolist() == [0, -2, -4, -3]


def test_of_two_axes_that_each_seem_to_make_no_difference_one_stays(store):
    """In a sparse grid each row and each column may hold one number only."""
    found = store.operand(np.array([[0, DONT_CARE], [DONT_CARE, 4]]), "ij", None)
    assert found.axes in {"i", "j"}
    found = store.operand(np.array([[0, DONT_CARE, 3], [DONT_CARE, 0, 3]]), "ij", None)
    assert found.axes == "j"


def test_zeros_of_both_signs_are_two_constants():
    store = Buffers(np.array([0.0, -0.0]), np.array([True, True, False]), np.zeros(3, bool))
    assert operand_text(store.operand(np.array([0, 1]), "i", None), store.kept) == "C1"
    assert store.keep(np.array([0.0])) != store.keep(np.array([-0.0]))
