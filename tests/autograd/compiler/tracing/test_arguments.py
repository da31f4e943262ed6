"""Arguments taken apart into arrays, and gradients given their structure."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd.compiler.tracing.arguments import as_given, flatten, leaves_of, rebuild, samples


@pytest.mark.parametrize(
    ("argument", "key", "count"),
    [
        (2.0, ("n", (), False), 1),
        (2, ("n", (), True), 1),
        (np.float64(2.0), ("n", (), False), 1),
        (True, ("n", (), True), 1),
        (np.zeros((2, 3)), ("a", (2, 3), False), 1),
        (np.zeros(3, int), ("a", (3,), True), 1),
        ([1.0, 2.0], ("la", (2,), False), 1),
        (([1.0], [2.0]), ("ta", (2, 1), False), 1),
        ([[1.0], [2.0, 3.0]], ("l", ("la", (1,), False), ("la", (2,), False)), 2),
        ({"w": 1.0, "b": [2.0]}, ("d", ("w", ("n", (), False)), ("b", ("la", (1,), False))), 2),
        ((1.0, "relu", None), ("t", ("n", (), False), ("s", "relu"), ("s", None)), 1),
        ([], ("l",), 0),
    ],
)
def test_the_structure_of_an_argument(argument, key, count):
    arrays = []
    assert flatten("p", argument, arrays) == key
    assert len(arrays) == len(leaves_of(key)) == count
    assert hash(key) == hash(flatten("p", argument, []))


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
    key = flatten("p", argument, arrays)
    leaves = iter(zip(leaves_of(key), arrays, strict=True))

    def take():
        (kind, *_), array = next(leaves)
        return as_given(kind, array)

    again = rebuild(key, take)
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
        (autograd.Value(1.0), r"p: got a Value .*are its parameters\)\. Inside autograd\.grad"),
    ],
)
def test_what_is_no_argument(argument, message):
    with pytest.raises(TypeError, match=message):
        flatten("p", argument, [])


def test_a_batch_is_an_array_of_samples():
    arrays = []
    assert samples("x", [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], arrays) == ("a", (2,), False)
    assert arrays[0].shape == (3, 2)


@pytest.mark.parametrize("batch", [2.0, [], "ab", [[1.0], [1j]], np.zeros((0, 2))])
def test_what_is_no_batch(batch):
    with pytest.raises(TypeError, match=r"x: got .*; a batch is an array of numbers with the samp"):
        samples("x", batch, [])
