"""scipy.optimize on scalar programs, in one line."""

import importlib
from itertools import pairwise

import numpy as np
import pytest

import autograd
from autograd import hessian
from autograd.scipy_problem import TAKES

scipy = importlib.import_module("autograd.scipy_problem")

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
    run = problem._programs.value
    problem._programs.value = lambda x: calls.append(1) or run(x)
    for x in ([1.0] * 5, [2.0] * 5, [1.0] * 5):
        problem.jac(x)
        problem.fun(x)
        problem.jac(x)
    assert (len(calls), len(runs)) == (3, 2), "the second call traces again"
    problem._programs.value = run
    problem.hessp([1.0] * 5, [1.0] * 5)
    problem.hessp([1.0] * 5, [2.0] * 5)
    problem.hess([1.0] * 5)
    assert len(runs) == 5, "each second call of a program traces again"


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


def norm(x):
    return autograd.sqrt(x[0] ** 2 + x[1] ** 2) ** 3 if x[0] > 0 else autograd.exp(x[0]) * x[1] ** 2


def mixed(p):
    return autograd.tanh(p["w"][0][0] * p["w"][0][1]) + p["b"][0] ** 3 * p["w"][0][0]


@pytest.mark.parametrize("largest", [0, scipy.MAX_COMPILED])
@pytest.mark.parametrize(
    ("f", "x0", "places"),
    [
        (rosen, START, [START, [0.0] * 5, [1e3] * 5]),
        (rosen, np.array(START), [START, [-1.0, 2.0, 0.5, 1.0, 3.0]]),
        (norm, [1.0, 1.0], [[1.0, 2.0], [-1.0, 2.0], [3.0, -4.0], [-1.0, 0.0]]),
        (mixed, {"w": np.ones((1, 2)), "b": (1,)}, [[1.0, 2.0, 3.0], [0.5, -1.0, 2.0]]),
        (lambda x: autograd.sin(x), 1.0, [[1.0], [2.0]]),  # noqa: PLW0108 - of a number alone
        (lambda x: x[0] ** 1.5, [1.0], [[4.0], [0.0], [1.0]]),
    ],
)
def test_second_derivatives_are_the_eager_ones(f, x0, places, largest, monkeypatch):
    """Compiled or, of a function that is too large, as graphs."""
    monkeypatch.setattr(scipy, "MAX_COMPILED", largest)
    problem = autograd.scipy(f, x0)
    for x in [np.array(place) for place in (*places, *places)]:
        eager = hessian(lambda row: f(problem._programs.unravel(row)))(x)
        p = np.arange(len(x)) - 1.0
        with np.errstate(invalid="ignore"):
            product = eager @ p
        assert problem.hess(x) == pytest.approx(eager, rel=1e-12, abs=1e-12)
        assert problem.hessp(x, p) == pytest.approx(product, rel=1e-12, abs=1e-9, nan_ok=True)
    assert problem._is_eager == (largest == 0)


def test_a_function_that_cannot_be_traced_has_second_derivatives():
    problem = autograd.scipy(lambda x: x[0] ** 3 * (2.0 if x[0].data > 0 else 1.0), [1.0])
    with pytest.raises(TypeError, match="would freeze"):
        problem.fun([1.0])
    assert problem.hess([2.0]).tolist() == [[24.0]]
    assert problem.hess([-2.0]).tolist() == [[-12.0]]
    assert problem.hessp([2.0], [0.5]).tolist() == [12.0]


def test_the_function_gets_what_x0_is():
    def vectorised(x):
        return autograd.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

    for method in ("bfgs", "trust-exact", "newton-cg", "nelder-mead"):
        problem = autograd.scipy(vectorised, np.array(START[:3]), method=method)
        found = optimize.minimize(**problem, tol=1e-10)
        assert found.x == pytest.approx(np.ones(3), abs=1e-4)


@pytest.mark.parametrize("name", ["value", "fun", "jac", "hess", "structured"])
def test_a_vector_of_another_length_is_refused(name):
    problem = autograd.scipy(rosen, START)
    with pytest.raises(ValueError, match=r"scipy: x has shape \(1,\); allowed is a row of 5, a nu"):
        getattr(problem, name)([1.0])
    with pytest.raises(ValueError, match=r"scipy: x has shape \(\); allowed is a row of 5"):
        getattr(problem, name)(1.0)
    with pytest.raises(TypeError, match=r"scipy: x: got a str \('ab'\); allowed: real numbers"):
        getattr(problem, name)("ab")
    with pytest.raises(ValueError, match=r"scipy: p has shape \(1,\); allowed is a row of 5"):
        problem.hessp(START, [1.0])
    assert not problem._is_eager


def test_parameters_are_read_anew():
    w = autograd.Value(2.0)
    problem = autograd.scipy(lambda x: w * x[0] ** 2, [1.0])
    assert problem.hess([1.0]).tolist() == [[4.0]]
    w.data = 3.0
    assert problem.hess([1.0]).tolist() == [[6.0]]
    assert problem.hessp([1.0], [2.0]).tolist() == [12.0]


def test_a_structure_is_the_callers_own():
    for x0 in (START, np.array(START), {"a": np.array(START)}):
        problem, x = autograd.scipy(lambda x: x, x0), np.array(START)
        made = problem.structured(x)
        made = made["a"] if isinstance(made, dict) else made
        made[0] = 7.0
        assert x.tolist() == START


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "newton"}, "method: got a str .'newton'.; allowed: 'nelder-mead', 'powell'"),
        ({"method": "bfgs", "second": "hess"},
         "second: got a str .'hess'.; allowed: None; that is what the method 'bfgs' takes"),
        ({"method": "dogleg", "second": "hessp"},
         "second: got a str .'hessp'.; allowed: 'hess' or None; that is what the method 'dogleg'"),
    ],
)  # fmt: skip
def test_what_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        autograd.scipy(rosen, START, **options)


def test_only_functions_and_numbers():
    with pytest.raises(TypeError, match=r"f: got a list of 2; allowed: a function"):
        autograd.scipy([1, 2], START)
    with pytest.raises(TypeError, match=r"scipy: x0: got a str \('a'\); allowed"):
        autograd.scipy(rosen, ["a"])
