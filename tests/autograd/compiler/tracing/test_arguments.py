"""Arguments taken apart into arrays, and gradients given their structure."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd.compiler.tracing.arguments import as_given, check_specs, flatten, samples
from autograd.tree_spec import NUMBER, ArraySpec


@pytest.mark.parametrize(
    ("argument", "text", "arrays"),
    [
        (2.0, "*", [("number", (), False)]),
        (2, "*", [("number", (), True)]),
        (np.float64(2.0), "*", [("number", (), False)]),
        (True, "*", [("number", (), True)]),
        (np.zeros((2, 3)), "*", [("array", (2, 3), False)]),
        (np.zeros(3, int), "*", [("array", (3,), True)]),
        ([1.0, 2.0], "*", [("list", (2,), False)]),
        (([1.0], [2.0]), "*", [("tuple", (2, 1), False)]),
        ([[1.0], [2.0, 3.0]], "[*, *]", [("list", (1,), False), ("list", (2,), False)]),
        ({"w": 1.0, "b": [2.0]}, "{'w': *, 'b': *}",
         [("number", (), False), ("list", (1,), False)]),
        ((1.0, "relu", None), "(*, *, None)", [("number", (), False)]),
        ([], "[]", []),
    ],
)  # fmt: skip
def test_the_structure_of_an_argument(argument, text, arrays):
    found = []
    spec = flatten("p", argument, found)
    assert str(spec.treedef) == text
    assert spec.arrays == arrays
    assert len(found) == len(arrays)
    assert hash(spec) == hash(flatten("p", argument, []))


nested = st.recursive(
    st.floats(allow_nan=False) | st.lists(st.floats(allow_nan=False), min_size=1, max_size=3),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
)


@given(nested)
def test_what_is_taken_apart_is_put_together_again(argument):
    arrays = []
    spec = flatten("p", argument, arrays)
    again = spec.unflatten(
        [as_given(one.kind, array) for one, array in zip(spec.arrays, arrays, strict=True)]
    )
    assert _as_lists(again) == _as_lists(argument)


def _as_lists(thing):
    """Tuples of numbers come back as lists: as one array."""
    if isinstance(thing, dict):
        return {key: _as_lists(item) for key, item in thing.items()}
    return [_as_lists(item) for item in thing] if isinstance(thing, (list, tuple)) else thing


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ([1.0, object()], r"p\[1\]: got an object .*; allowed are real numbers, arrays"),
        ({"w": 1j}, r"p\['w'\]: got a complex \(1j\); allowed are real numbers"),
        (np.array(["a"]), "p: got an array of <U1; allowed are real numbers"),
        (
            autograd.Value(1.0),
            r"p: got a Value .*are its parameters\)\. A call with Values gives a Value",
        ),
    ],
)
def test_what_is_no_argument(argument, message):
    with pytest.raises(TypeError, match=message):
        flatten("p", argument, [])


def test_a_batch_is_an_array_of_samples():
    arrays = []
    assert samples("x", [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], arrays).leaves == (
        ArraySpec("array", (2,)),
    )
    assert arrays[0].shape == (3, 2)


@pytest.mark.parametrize("batch", [2.0, [], "ab", [[1.0], [1j]], np.zeros((0, 2))])
def test_what_is_no_batch(batch):
    with pytest.raises(TypeError, match=r"x: got .*; a batch is an array of numbers with the samp"):
        samples("x", batch, [])


def test_a_program_is_for_one_structure():
    one = flatten("p", {"w": 1.0, "b": 2.0}, [])
    check_specs("f", [one], [flatten("p", {"w": 1, "b": 2}, [])])  # of whole numbers just as well
    for other in (NUMBER, flatten("p", {"b": 2.0, "w": 1.0}, []), flatten("p", {"w": [1.0]}, [])):
        with pytest.raises(TypeError, match="f: argument 1 has another structure or shape than"):
            check_specs("f", [one], [other])
