"""Functions of lists: what they take and what they refuse."""

import numpy as np
import pytest

import autograd
from autograd import Value
from autograd.functions import reductions

LISTS = [autograd.sum, autograd.mean, autograd.prod, autograd.max, autograd.min, autograd.norm,
         autograd.logsumexp, autograd.softmax]  # fmt: skip


@pytest.mark.parametrize("function", LISTS, ids=lambda f: f.__name__)
def test_any_ordered_collection_will_do(function):
    a, b = Value(1.5), Value(0.5)
    expected = function([a, b, 2.0])
    for xs in ((a, b, 2.0), np.array([a, b, 2.0]), (x for x in [a, b, 2.0]), iter([a, b, 2])):
        found = function(xs)
        if function is autograd.softmax:
            assert [p.data for p in found] == [p.data for p in expected]
            found, expected_one = found[0], expected[0]
        else:
            expected_one = expected
        assert (found.data, found.partials) == (expected_one.data, expected_one.partials)
        assert found.inputs[:2] == (a, b)
    numbers = function(np.array([1.5, 0.5]))
    assert isinstance(numbers, list if function is autograd.softmax else float)


@pytest.mark.parametrize("function", LISTS, ids=lambda f: f.__name__)
@pytest.mark.parametrize(
    ("thing", "message"),
    [
        (
            Value(1.0),
            r"got a Value \(Value\(1\.0\)\); allowed is a list of Values and real numbers",
        ),
        (1.0, r"got a float \(1\.0\); allowed is a list"),
        ("12", r"got a str \('12'\); allowed is a list"),
        (None, "got None; allowed is a list"),
        (np.ones((2, 2)), r"got an ndarray of shape \(2, 2\); allowed is a list"),
        (np.float64(1), "got a float64 .*; allowed is a list"),
        ({1.0, 2.0}, "got a set of 2, whose order is not that of a list; allowed is a list"),
        ({1.0: "a"}, "got a dict of 1, whose order"),
        ([1.0, "a"], r"got a str \('a'\); allowed: one real number"),
        ([Value(1.0), "a"], r"got a str \('a'\) in the list; allowed are Values and real numbers"),
        ([Value(1.0), [1.0]], "got a list of 1 in the list"),
    ],
    ids=repr,
)
def test_other_things_are_refused(function, thing, message):
    with pytest.raises(TypeError, match=rf"^{function.__name__}: {message}"):
        function(thing)


def test_empty_lists():
    assert (autograd.sum([]), autograd.prod([]), autograd.norm([]), autograd.dot([], [])) == (
        0,
        1,
        0,
        0,
    )
    for function in (
        autograd.mean,
        autograd.max,
        autograd.min,
        autograd.logsumexp,
        autograd.softmax,
    ):
        message = f"{function.__name__}: got an empty list; give one number or Value at least"
        with pytest.raises(ValueError, match=message):
            function([])
    with pytest.raises(ValueError, match="cross_entropy: got an empty list"):
        autograd.cross_entropy([], 0)


def test_dot():
    w, x, b = [Value(2.0), Value(3.0)], [Value(5.0), 7.0], Value(1.0)
    z = autograd.dot(w, x, b)
    assert (z.data, z.op, z.inputs[:3], z.inputs[-1]) == (32.0, "dot", (*w, x[0]), b)
    assert z.partials == (5.0, 7.0, 2.0, 0.0, 1.0)
    assert autograd.dot([1, 2], [3, 4]) == 11.0
    assert autograd.dot([1, 2], [3, 4], 5) == 16.0
    assert autograd.dot([1, 2], [3, 4], b).partials == (0.0,) * 4 + (1.0,)
    assert autograd.dot([], [], b).data == 1.0
    with pytest.raises(ValueError, match="dot: got lists of 2 and 1; give two of one length"):
        autograd.dot([1, 2], [3])
    with pytest.raises(TypeError, match=r"dot: got a str \('b'\) in the list"):
        autograd.dot(w, x, "b")


def test_cross_entropy_targets():
    logits = [Value(1.0), 2.0, 3.0]
    for target in (2, 2.0, np.int64(2), np.array(2)):
        assert autograd.cross_entropy(logits, target).data == pytest.approx(0.40760596444438)
    for target in (3, -1, 0.5, float("nan"), float("inf")):
        with pytest.raises(
            ValueError, match=r"got target .* for 3 logits; allowed are the whole numbers 0 to 2"
        ):
            autograd.cross_entropy(logits, target)
    with pytest.raises(
        TypeError, match="cross_entropy's target: got None; allowed: one real number"
    ):
        autograd.cross_entropy(logits, None)


def test_split():
    assert reductions.split("sum", [1, 2]) == ([1, 2],)
    assert reductions.split("dot", [1, 2]) == ([1], [2], 0.0)
    assert reductions.split("dot", [1, 2, 3]) == ([1], [2], 3)
    assert reductions.split("cross_entropy", [1, 2, 0]) == ([1, 2], 0)


def test_a_row_of_an_array_is_an_array():
    rows = np.arange(12.0).reshape(3, 2, 2)
    assert autograd.take(rows, 1).tolist() == rows[1].tolist()
    chosen = autograd.take(rows, Value(2.0))
    assert (chosen.shape, [v.data for v in chosen.flat]) == ((2, 2), [8.0, 9.0, 10.0, 11.0])
    with pytest.raises(ValueError, match="got index 3 for 3 rows"):
        autograd.take(rows, 3)
