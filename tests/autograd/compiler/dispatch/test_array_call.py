"""The call of one specialization: what it checks, and what it reckons with."""

import itertools

import numpy as np
import pytest

import autograd
from autograd import Value


@pytest.mark.parametrize("wrong", [-1, 3])
def test_an_array_that_selects_is_checked_at_each_call(wrong):
    step = autograd.compile(lambda w, x, y: autograd.cross_entropy([w * v for v in x], y),
                            batch=("x", "y"))  # fmt: skip
    x = np.array([[0.1, 0.2, 0.3], [0.3, 0.1, 0.0]])
    first = step(2.0, x, np.array([0, 2]))
    assert step(2.0, x, np.array([0, 2])) == first
    with pytest.raises(IndexError, match=f"selects with {wrong}; allowed are .* 0 to 2"):
        step(2.0, x, np.array([0, wrong]))


PROGRAMS = {
    "x ** y": lambda x, y: x**y,
    "x / y": lambda x, y: x / y,
    "x ** 3 * y ** 2.5": lambda x, y: x**3 * y**2.5,
    "log(x) / abs(y)": lambda x, y: autograd.log(x) / autograd.abs(y),
    "where(y, log(x), x)": lambda x, y: autograd.where(y, autograd.log(x), x),
}
AWKWARD = [0.0, -0.0, 1.0, -2.0, 2.5, 1e200, -1e200, 1e-320, np.inf, -np.inf, np.nan]


@pytest.mark.parametrize("engine", ["numpy", "blocked", "tape"])
@pytest.mark.parametrize("text", PROGRAMS)
def test_floats_do_not_raise_where_arrays_would_not(text, engine):
    f = PROGRAMS[text]
    step = autograd.compile(f, engine=engine, wrt=["x", "y"])
    for x, y in itertools.product(AWKWARD, AWKWARD):
        a, b = Value(x), Value(y)
        J = f(a, b)
        J.backward()
        value, gradients = step(x, y)
        assert value == pytest.approx(J.data, rel=1e-12, nan_ok=True)
        assert gradients == pytest.approx((a.grad, b.grad), rel=1e-12, nan_ok=True)


WHOLE = {
    "x * (y * y)": (lambda x, y: x * (y * y), np.uint8([200, 3])),
    "x * -y": (lambda x, y: x * -y, np.array([True, False])),
    "x + y ** -1": (lambda x, y: x + y**-1, np.int64([2, 4])),
    "exp(y) * x": (lambda x, y: autograd.exp(y) * x, np.int8([0, 1])),
}


@pytest.mark.parametrize("text", WHOLE)
def test_whole_numbers_are_reckoned_with_as_floats(text):
    function, y = WHOLE[text]
    x = np.array([1.5, 2.5])
    expected = np.mean([function(Value(a), float(b)).data for a, b in zip(x, y, strict=True)])
    step = autograd.compile(function, batch=["x", "y"], engine="numpy")
    assert [step(x, y)[0] for _ in range(3)] == [expected] * 3
    shared = autograd.compile(function, batch=["x"], engine="numpy")
    assert shared(x, y[0])[0] == shared(x, y[0])[0] == step(x, y[[0, 0]])[0]


def test_positions_that_are_reckoned_with_too_are_both():
    step = autograd.compile(
        lambda x, k: autograd.take([x, 2 * x], k) * k * k, batch=["x", "k"], engine="numpy"
    )
    x, k = np.array([1.5, 2.5]), np.uint8([0, 1])
    assert [step(x, k)[0] for _ in range(2)] == [2.5] * 2
