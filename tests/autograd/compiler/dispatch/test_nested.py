"""A compiled function in another trace, in a derivative, or called with Values, is its function."""

import copy
import inspect
import pickle

import numpy as np
import pytest

import autograd
from autograd import Value
from autograd.errors import ConcretizationError

rate = 1.0
POINT = [3.0, 4.0]


def cubic(p):
    return p[0] ** 2 * p[1] + autograd.sin(p[0] * p[1])


@autograd.compile
def decorated(x):
    return x * x * x


@pytest.fixture
def step():
    return autograd.compile(cubic)


@pytest.mark.parametrize("form", ["call", "value"])
@pytest.mark.parametrize(
    "transform",
    [
        lambda f: autograd.grad(f)(POINT),
        lambda f: autograd.value_and_grad(f)(POINT),
        lambda f: autograd.hessian(f)(POINT),
        lambda f: autograd.jvp(f, (POINT,), ([1.0, -1.0],)),
        lambda f: autograd.hvp(f, (POINT,), ([1.0, -1.0],)),
        lambda f: autograd.vjp(f, POINT)[1](2.0),
        lambda f: autograd.derivative(lambda x: f([x, 2.0]), 3)(0.5),
        lambda f: autograd.grad(lambda p: autograd.grad(f)(p)[0])(POINT),
    ],
)
def test_derivatives_are_those_of_the_function(step, transform, form):
    f = step if form == "call" else step.value
    assert transform(f) == transform(cubic)
    step(POINT), step(POINT), step(POINT)  # so that there are quick calls
    assert transform(f) == transform(cubic)


def test_the_trace_of_a_call_in_another_function_is_inlined(step):
    outer = autograd.compile(lambda p: step(p) * 2 + step.value([p[1], 1.0]))
    plain = autograd.compile(lambda p: cubic(p) * 2 + cubic([p[1], 1.0]))
    for _ in range(3):
        assert outer(POINT) == plain(POINT)
    assert outer.source == plain.source
    assert autograd.compile(step)(POINT) == step(POINT)


def test_values_give_a_value(step):
    x = Value(3.0)
    y = step([x, 4.0])
    assert isinstance(y, Value)
    y.backward()
    assert x.grad == autograd.grad(cubic)(POINT)[0]
    with pytest.raises(TypeError, match=r"A call with Values gives a Value: call backward\(\)"):
        step.backward([x, 4.0])
    assert isinstance(autograd.compile(lambda x: 1.0)(x), Value)  # noqa: ARG005 - a constant


@pytest.mark.parametrize("inner", [lambda f, x: f(x), lambda f, x: f.value(x)])
def test_parameters_of_a_call_with_numbers_keep_their_gradients(inner):
    w = Value(2.0, "w")
    line = autograd.compile(lambda x: w * x)
    for _ in range(2):  # traced within, then known from outside
        w.zero_grad()
        assert autograd.compile(lambda x: inner(line, 5.0) * x).backward(3.0) == 30.0
        assert w.grad == 15.0
        line(5.0), line.value(5.0)
        later = autograd.grad(lambda v: inner(autograd.compile(lambda x: v * x), 5.0))
        assert later(2.0) == 5.0


def test_numbers_give_numbers_where_nothing_is_lost():
    double = autograd.compile(lambda x: 2 * x)
    assert autograd.grad(lambda x: x * double(3.0)[0])(1.0) == 6.0
    assert autograd.compile(lambda x: x * double(3.0)[1])(1.0) == (2.0, 2.0)


def test_backward_is_refused_where_it_would_lose_a_gradient():
    w = Value(2.0, "w")
    line = autograd.compile(lambda x: w * x)
    with pytest.raises(ConcretizationError, match=r"call <lambda>\(...\) there, which gives a Val"):
        autograd.compile(lambda x: line.backward(5.0) * x)(3.0)
    assert not w.has_grad
    assert line(5.0)[0] == 10.0  # and is as before


@pytest.mark.parametrize("reduce", ["mean", "sum"])
def test_the_samples_of_a_batch_run_one_by_one(reduce):
    def loss(w, x, y):
        return (w * x[0] + x[1] - y) ** 2

    step = autograd.compile(loss, batch=["x", "y"], reduce=reduce)
    X, Y = np.arange(6.0).reshape(3, 2), np.ones(3)
    value, gradient = step(2.0, X, Y)
    assert autograd.value_and_grad(step)(2.0, X, Y) == pytest.approx((value, gradient))
    slopes = autograd.grad(step, argnums=1)(2.0, X, Y)
    assert slopes.shape == X.shape
    assert step(Value(2.0), X.tolist(), Y.tolist()).data == pytest.approx(value)
    assert step(2.0, [[Value(n) for n in row] for row in X], Y).data == pytest.approx(value)
    with pytest.raises(ValueError, match="3 in x, 2 in y"):
        step(Value(2.0), X, Y[:2])
    with pytest.raises(TypeError, match=r"x: got a float \(1.0\); a batch is an array"):
        step(Value(2.0), 1.0, Y)
    for ragged in ([[Value(1.0)], [2.0, 3.0]], []):
        with pytest.raises(TypeError, match="samples along its first axis"):
            step(Value(2.0), ragged, Y)


def test_results_of_a_batch_are_stacked():
    forward = autograd.compile(lambda w, x: {"y": w * x, "z": [x, w]}, batch=["x"], gradients=False)
    X = np.arange(3.0)
    jacobian = autograd.jacobian(forward)(2.0, X)
    np.testing.assert_array_equal(jacobian["y"], X)
    np.testing.assert_array_equal(jacobian["z"], [[0.0, 1.0]] * 3)
    uneven = autograd.compile(lambda w, x: [w] if x > 1 else w, batch=["x"], gradients=False)
    with pytest.raises(ValueError, match="the samples' results differ in structure"):
        uneven(Value(1.0), X)
    assert autograd.compile(lambda w: [w, w], gradients=False)(Value(1.0))[0].data == 1.0


def test_a_derivative_follows_what_its_function_reads():
    global rate  # noqa: PLW0603 - as in a notebook
    rate = 1.0
    slope = autograd.compile(autograd.grad(autograd.compile(lambda x: rate * x * x)))
    second = autograd.compile(autograd.grad(autograd.grad(lambda x: rate * x * x)))
    assert (slope(3.0), second(3.0)) == (6.0, 2.0)
    rate = 2.0
    assert (slope(3.0), second(3.0)) == (12.0, 4.0)


def test_it_looks_like_its_function(step):
    assert inspect.signature(step) == inspect.signature(cubic)
    assert step.__name__ == "cubic"
    assert repr(autograd.grad(step)) == "<grad of cubic>"


def test_a_decorated_function_is_pickled_by_name():
    assert decorated(2.0) == (8.0, 12.0)
    assert pickle.loads(pickle.dumps(decorated)) is decorated
    assert copy.deepcopy(decorated) is decorated
    other = autograd.compile(decorated.function, engine="tape")
    again = copy.deepcopy(other)
    assert again is not other
    assert again(2.0) == (8.0, 12.0)
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(autograd.compile(lambda x: x))


def test_a_nested_call_traces_nothing_of_its_own():
    count = 0

    def noted(x):
        nonlocal count
        count += 1
        return x * x

    inner = autograd.compile(noted)
    assert autograd.grad(inner)(3.0) == 6.0
    assert (count, inner.variants) == (1, {})
