"""NumPy's functions and arrays with `Value`s among their operands, and lists of them."""

import math
import re

import numpy as np
import pytest

import autograd
from autograd import Value
from autograd.primitives import TABLE

ANSWERED = [
    (alias, entry)
    for entry in TABLE.values()
    if not entry.variadic
    for alias in entry.numpy
    if isinstance(getattr(np, alias, None), np.ufunc)
]


def data(thing):
    """The numbers in nested lists or arrays of Values."""
    if isinstance(thing, (list, tuple)):
        return [data(x) for x in thing]
    if isinstance(thing, np.ndarray):
        return data(thing.tolist())
    return thing.data if isinstance(thing, Value) else thing


def arguments(entry):
    """A point inside the entry's domain; clip's NumPy form takes all of its arguments too."""
    return [lo + 0.7 * (hi - lo) for lo, hi in entry.domain]


@pytest.mark.parametrize(("alias", "entry"), ANSWERED, ids=[alias for alias, _ in ANSWERED])
def test_every_ufunc_of_the_table(alias, entry):
    ufunc = getattr(np, alias)
    point = arguments(entry)[: ufunc.nin]
    nodes = [Value(x) for x in point]
    scalar = ufunc(*nodes)
    assert type(scalar) is Value
    assert scalar.op == entry.name
    assert scalar.data == pytest.approx(float(ufunc(*point)), rel=1e-15)
    arrays = ufunc(np.array([nodes[0], nodes[0]], dtype=object), *nodes[1:])
    assert data(arrays) == [scalar.data] * 2
    mixed = ufunc(*nodes[:1], *(np.array([x, x]) for x in point[1:]))
    assert data(mixed) == ([scalar.data] * 2 if len(nodes) > 1 else scalar.data)


@pytest.mark.parametrize(
    "kind", [np.float64, np.float32, np.longdouble, np.int8, np.uint16, np.bool_]
)
def test_numpy_scalars_on_the_left(kind):
    v = Value(2.0)
    for result, expected in [
        (kind(1) + v, 3.0),
        (kind(1) - v, -1.0),
        (kind(1) * v, 2.0),
        (kind(1) / v, 0.5),
        (kind(1) ** v, 1.0),
        (kind(1) // v, 0.0),
        (kind(1) % v, 1.0),
        (v * kind(1), 2.0),
    ]:
        assert type(result) is Value
        assert result.data == expected
    (kind(1) / v).backward()
    assert v.grad == -0.25


@pytest.mark.parametrize(
    "kind", [np.float64, np.float32, np.longdouble, np.int8, np.uint16, np.bool_]
)
def test_numpy_scalars_on_the_left_of_a_comparison(kind):
    v = Value(2.0)
    outcomes = kind(1) < v, kind(1) <= v, kind(1) == v, kind(1) != v, kind(1) >= v, kind(1) > v
    assert outcomes == (True, True, False, True, False, False)
    assert np.longdouble("1e4000") > v


def test_arrays_of_numbers_with_a_value():
    v = Value(2.0)
    for product in (v * np.array([1.0, 3.0]), np.array([1, 3]) * v):
        assert isinstance(product, np.ndarray)
        assert product.dtype == object
        assert data(product) == [2.0, 6.0]
    (v * np.array([1.0, 3.0])).sum().backward()
    assert v.grad == 4.0
    assert data(np.ones((2, 1)) * v) == [[2.0], [2.0]]
    assert data(v - np.array(1.0)) == 1.0


def test_arrays_of_values():
    a, b = Value(2.0), Value(3.0)
    xs = np.array([a, b])
    assert data(xs * xs) == [4.0, 9.0]
    assert data(xs + a) == [4.0, 5.0]
    assert data(2**xs) == [4.0, 8.0]
    assert data(-xs) == [-2.0, -3.0]
    assert data(np.exp(xs)) == [math.exp(2.0), math.exp(3.0)]
    total = np.dot(xs, [4.0, 5.0])
    total.backward()
    assert (total.data, a.grad, b.grad) == (23.0, 4.0, 5.0)
    assert np.sum(xs).data == 5.0
    assert np.mean([a, b]).data == 2.5
    assert np.max(xs) is b
    assert np.sort(np.array([b, a])).tolist() == [a, b]
    assert np.argmax(xs) == 1


def test_matrix_products():
    ws = np.array(autograd.values([[1, 2], [3, 4]]))
    xs = np.array([5.0, 6.0])
    out = ws @ xs
    assert data(out) == [17.0, 39.0]
    assert data(np.matmul(ws, ws)) == [[7.0, 10.0], [15.0, 22.0]]
    (out[0] * out[1]).backward()
    assert ws[0, 1].grad == 6.0 * 39.0
    with pytest.raises(TypeError, match=r"np\.matmul has no derivative here"):
        np.matmul(xs, Value(1.0))


def test_statistics_of_arrays_of_values():
    a, b = Value(1.0), Value(3.0)
    spread = np.std([a, b])
    spread.backward()
    assert (spread.data, a.grad, b.grad) == (1.0, -0.5, 0.5)
    assert np.vdot([a, b], [a, b]).data == 10.0
    assert np.linalg.norm(np.array([Value(3.0), Value(4.0)])).data == 5.0


def test_the_functions_that_numpy_writes_in_python():
    v = Value(0.456)
    assert np.round(v).data == 0.0
    assert np.round(v, 2).data == pytest.approx(0.46)
    for lo, hi, expected, gradient in [(0, 1, 0.456, 1.0), (1, 2, 1.0, 0.0), (-1, 0, 0.0, 0.0)]:
        v.zero_grad()
        clipped = np.clip(v, lo, hi)
        clipped.backward()
        assert (clipped.op, clipped.data, v.grad) == ("clip", expected, gradient)
    with pytest.raises(
        TypeError, match=r"clip: got an ndarray of shape \(1,\) for out; a Value cannot"
    ):
        v.clip(0, 1, out=np.zeros(1))


def test_positive_is_the_value_itself():
    v = Value(2.0)
    assert np.positive(v) is v


def test_np_where_chooses_nodes():
    a, b = Value(1.0), Value(2.0)
    assert np.where([True, False], a, b).tolist() == [a, b]


def test_predicates():
    for number in (1.0, float("inf"), float("nan"), -0.0):
        for predicate in (np.isfinite, np.isinf, np.isnan, np.signbit):
            found = predicate(Value(number))
            assert type(found) is bool
            assert found == predicate(number)
    assert np.isclose(Value(0.5), 0.5)


def test_comparisons_with_arrays_give_masks():
    v, xs = Value(2.0), np.array([1.0, 2.0, 3.0])
    for mask, expected in [
        (xs > v, [False, False, True]),
        (v > xs, [True, False, False]),
        (xs <= v, [True, True, False]),
        (v <= xs, [False, True, True]),
        (np.less([1, 2, 3], v), [True, False, False]),
        (np.greater_equal(v, xs), [True, True, False]),
    ]:
        assert mask.dtype == bool
        assert mask.tolist() == expected
    assert xs[xs > v].tolist() == [3.0]
    assert (np.float64(1) < v) is True
    assert (v < np.float32(1)) is False


def test_equality_with_arrays_is_by_number():
    a, b = Value(1.0), Value(2.0)
    xs = np.array([a, b])
    assert (xs == a).tolist() == [True, False]
    assert (xs != a).tolist() == [False, True]
    assert (a == np.array([1.0, 3.0])).tolist() == [True, False]
    assert np.not_equal(a, [1.0, 3.0]).tolist() == [False, True]
    assert np.float64(1.0) == a
    assert np.array_equal(xs, [1.0, 2.0])


def test_divmod():
    v = Value(2.0)
    assert data(divmod(np.float64(7), v)) == [3.0, 1.0]
    assert data(np.divmod(np.array([7.0, 8.0]), v)) == [[3.0, 4.0], [1.0, 0.0]]


def test_out():
    v = Value(2.0)
    objects = np.zeros(2, dtype=object)
    assert np.multiply(v, np.array([1.0, 3.0]), out=objects) is objects
    assert data(objects) == [2.0, 6.0]
    mask = np.zeros(2, dtype=bool)
    assert np.less(np.array([1.0, 3.0]), v, out=mask) is mask
    assert mask.tolist() == [True, False]
    message = r"np\.multiply: an array of float64 cannot hold Values; make it one of dtype object"
    with pytest.raises(TypeError, match=message):
        np.multiply(v, np.ones(2), out=np.zeros(2))
    with pytest.raises(TypeError, match=r"np\.add: got a Value .* for out; allowed is an array"):
        np.add(1.0, 2.0, out=v)


def test_in_place():
    v = Value(2.0)
    objects = np.array([1.0, 3.0], dtype=object)
    objects *= v
    assert data(objects) == [2.0, 6.0]
    numbers = np.ones(2)
    with pytest.raises(TypeError, match=r"np\.add: an array of float64 cannot hold Values"):
        numbers += v
    assert numbers.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("name", ["gcd", "logaddexp", "heaviside", "modf"])
def test_a_function_without_a_derivative_is_named(name):
    ufunc = getattr(np, name)
    operands = [Value(2.0)] * ufunc.nin
    with pytest.raises(TypeError) as caught:
        ufunc(*operands)
    start = f"np.{name} has no derivative here; of NumPy's functions, a Value works with absolute"
    assert str(caught.value).startswith(start)


def test_methods_and_options_of_ufuncs():
    v = Value(2.0)
    for call, text in [
        (lambda: np.add.reduce(v), "np.add.reduce does not take a Value; put it into an array"),
        (lambda: np.add.outer([1.0], v), "np.add.outer does not take a Value"),
        (lambda: np.add.accumulate(v), "np.add.accumulate does not take a Value"),
        (lambda: np.add.at(np.zeros(1), [0], v), "np.add.at does not take a Value"),
        (lambda: np.exp(v, where=False), "np.exp with where does not take a Value"),
        (lambda: np.add(v, 1, dtype=float), "np.add with dtype does not take a Value"),
    ]:
        with pytest.raises(TypeError, match=re.escape(text)):
            call()
    assert np.add.reduce([v, v]).data == 4.0
    assert data(np.multiply.outer(np.array([v, 1.0], dtype=object), [2.0])) == [[4.0], [2.0]]


def test_wrong_operands():
    v = Value(2.0)
    with pytest.raises(
        TypeError, match=r"mul: got a complex64 .*; allowed: Values, real numbers, and"
    ):
        np.complex64(2) * v
    with pytest.raises(TypeError, match=r"add: got a str \('a'\)"):
        np.array(["a"]) + v


# --- autograd's own functions on lists and arrays --------------------------------------------


def test_lists_give_lists():
    v = Value(2.0)
    found = autograd.exp([1, v])
    assert isinstance(found, list)
    assert found[0] == math.exp(1)
    assert type(found[1]) is Value
    assert data(autograd.exp(((0.0, v), [v, 0.0]))) == [[1.0, math.exp(2)], [math.exp(2), 1.0]]
    assert autograd.exp([]) == []
    assert data(autograd.maximum([1.0, v], [[0.0], [3.0]])) == [[1.0, 2.0], [3.0, 3.0]]
    assert data(autograd.leaky_relu([-1.0, v], 0.5)) == [-0.5, 2.0]


def test_rows_of_different_lengths():
    v = Value(2.0)
    assert data(autograd.square([[1, v], [3]])) == [[1.0, 4.0], [9.0]]
    with pytest.raises(
        ValueError, match="got a list of 2 whose rows differ in length; give rows of one"
    ):
        autograd.exp([np.zeros((2, 2)), np.zeros((2, 3))])


def test_arrays_of_numbers_give_arrays_of_floats():
    for operands in [
        (np.array([1.0, 2.0]), np.float32(1.5)),
        (np.array([1.0, 2.0]), [1.5, 1]),
        (np.array([1, 2]), 1.5),
        ([1, 2], np.array(1.5)),
        (np.array([True, False]) + 1, np.array([1.5])),
    ]:
        found = autograd.maximum(*operands)
        assert found.dtype == float
        assert sorted(found.tolist()) in ([1.5, 2.0], [1.5, 1.5])
    assert float(autograd.exp(np.array(0.0))) == 1.0
    with np.errstate(all="raise"):
        assert autograd.exp(np.array([1000.0]))[0] == float("inf")


def test_arrays_with_values_give_arrays_of_objects():
    v = Value(2.0)
    found = autograd.maximum(np.array([1.0, 3.0]), [1.5, v])
    assert found.dtype == object
    assert data(found) == [1.5, 3.0]
    assert data(autograd.exp(np.array([v, 0.0], dtype=object))) == [math.exp(2.0), 1.0]
    assert data(autograd.maximum(np.array([1.0, 3.0]), v)) == [2.0, 3.0]
    assert data(autograd.maximum(np.array([0.0]), [[1.0], [2.0, v]])) == [[1.0], [2.0, 2.0]]


@pytest.mark.parametrize("thing", ["abc", None, {"a": 1}, range(3), 1j, {1.0}], ids=repr)
def test_functions_refuse_other_things(thing):
    message = r"exp: got .*; allowed: Values, real numbers, and lists and arrays of them"
    with pytest.raises(TypeError, match=message):
        autograd.exp(thing)
    with pytest.raises(TypeError, match=message):
        autograd.exp([thing, Value(1.0)])
    with pytest.raises(TypeError, match=message.replace("exp", "maximum")):
        autograd.maximum(Value(1.0), thing)
    with pytest.raises(TypeError, match=message):
        autograd.exp(np.frompyfunc(lambda _: thing, 1, 1)(np.zeros(1)))


def test_lists_that_do_not_fit_together():
    message = "operands a list of 2, a list of 3 do not fit together: .*broadcast"
    with pytest.raises(ValueError, match=message):
        autograd.maximum([1, Value(2.0)], [1, 2, 3])
    with pytest.raises(ValueError, match="broadcast"):
        autograd.maximum(np.ones(2), np.ones(3))
    message = r"operands an ndarray of shape \(2,\), a list of 3 do not"
    with pytest.raises(ValueError, match=message):
        autograd.maximum(np.array([1.0, Value(1.0)], dtype=object), [1.0] * 3)
