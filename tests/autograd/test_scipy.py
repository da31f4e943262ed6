"""scipy.optimize on scalar programs, in one line."""

from itertools import pairwise

import numpy as np
import pytest

import autograd
from autograd.scipy import TAKES

optimize = pytest.importorskip("scipy.optimize")
START = [1.3, 0.7, 0.8, 1.9, 1.2]


def rosen(x):
    return autograd.sum([100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in pairwise(x)])


def test_derivatives_are_those_of_scipy():
    problem = autograd.scipy(rosen, START)
    x, p = np.array(START), np.array([1.0, -2.0, 0.5, 3.0, 0.0])
    assert problem.fun(x) == pytest.approx(optimize.rosen(x))
    assert problem.value(x) == problem.fun(x)
    assert problem.jac(x) == pytest.approx(optimize.rosen_der(x))
    assert problem.hess(x) == pytest.approx(optimize.rosen_hess(x))
    assert problem.hessp(x, p) == pytest.approx(optimize.rosen_hess_prod(x, p))


@pytest.mark.parametrize("method", [None, *TAKES])
def test_each_method_gets_what_it_takes(method):
    def bowl(x):
        return autograd.cosh(x[0] - 1) + (x[0] - x[1]) ** 2 + 0.5 * (x[1] - 1) ** 2

    found = optimize.minimize(**autograd.scipy(bowl, [0.5, 1.7], method=method))
    assert found.success
    assert found.x == pytest.approx(np.ones(2), abs=5e-3)


@pytest.mark.parametrize("second", ["hess", "hessp"])
def test_second_derivatives_of_either_kind(second):
    problem = autograd.scipy(rosen, START, method="Newton-CG", second=second)
    assert set(problem) == {"fun", "x0", "method", "jac", second}
    assert len(problem) == 5
    assert optimize.minimize(**problem, tol=1e-9).x == pytest.approx(np.ones(5), abs=1e-6)


def test_value_and_gradient_are_one_run():
    runs = []

    def f(x):
        runs.append(1)
        return rosen(x)

    problem = autograd.scipy(f, START)
    calls = []
    run = problem._compiled
    problem._compiled = lambda x: calls.append(1) or run(x)
    for x in ([1.0] * 5, [2.0] * 5, [1.0] * 5):
        problem.jac(x)
        problem.fun(x)
        problem.jac(x)
    assert (len(calls), len(runs)) == (3, 1)
    problem.hessp([1.0] * 5, [1.0] * 5)
    problem.hessp([1.0] * 5, [2.0] * 5)
    problem.hess([1.0] * 5)
    assert len(runs) == 2


def test_what_is_given_out_is_not_what_is_kept():
    problem = autograd.scipy(rosen, START)
    problem.jac(START)[:] = 0
    assert problem.jac(START).any()


def test_structures():
    target = np.array([[1.0, 2.0], [3.0, 4.0]])

    def f(p):
        square = autograd.sum(
            [(w - t) ** 2 for row, wants in zip(p["w"], target, strict=True)
             for w, t in zip(row, wants, strict=True)]
        )  # fmt: skip
        return square + (p["b"][0] - 5) ** 2

    problem = autograd.scipy(f, {"w": np.zeros((2, 2)), "b": [1]}, method="trust-exact")
    found = problem.structured(optimize.minimize(**problem).x)
    assert found["w"] == pytest.approx(target)
    assert found["b"] == pytest.approx([5.0])
    assert type(found["b"]) is list


def test_kinks_are_followed():
    """Second derivatives are those of the place, not of where the program was traced."""
    problem = autograd.scipy(lambda x: autograd.relu(x[0]) ** 2 + abs(x[0]) ** 3, [1.0])
    assert problem.hess([1.0])[0, 0] == pytest.approx(2 + 6)
    assert problem.hess([-1.0])[0, 0] == pytest.approx(6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "newton"}, "scipy: got method 'newton'; allowed are nelder-mead, powell"),
        ({"method": "bfgs", "second": "hess"},
         "scipy: got second='hess'; the method 'bfgs' takes no second derivatives"),
        ({"method": "dogleg", "second": "hessp"},
         "scipy: got second='hessp'; the method 'dogleg' takes hess"),
    ],
)  # fmt: skip
def test_what_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        autograd.scipy(rosen, START, **options)


def test_only_functions_and_numbers():
    with pytest.raises(TypeError, match=r"scipy: got a list of 2; allowed is a function"):
        autograd.scipy([1, 2], START)
    with pytest.raises(TypeError, match=r"scipy: x0: got a str \('a'\); allowed"):
        autograd.scipy(rosen, ["a"])
