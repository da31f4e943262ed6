"""The 35 problems of Moré, Garbow and Hillstrom: derivatives to second order, and minima."""

import json
import math

import numpy as np
import pytest
from mpmath import mp

import autograd
from tests.problems import references
from tests.problems.more_garbow_hillstrom import PROBLEMS

REFERENCES = json.loads(references.FILE.read_text("utf-8"))
BY_NAME = {problem.name: problem for problem in PROBLEMS}
PLACES = ("start", "moved")
FEW = [problem.name for problem in PROBLEMS if len(problem.start) < 3]


def reference(name, k):
    """Return point, value, gradient and Hessian of mpmath."""
    known = REFERENCES[f"{name} {k}"]
    hessian = np.zeros((len(known["x"]),) * 2)
    for i, row in enumerate(known["hessian"]):
        hessian[i, : i + 1] = hessian[: i + 1, i] = row
    return known["x"], known["value"], np.array(known["gradient"]), hessian


def objective(name):
    """Return the sum of squares of a problem as a function of a list of Values."""
    return lambda x: BY_NAME[name].objective(x, autograd)


def check(name, k, value, slopes, seconds):
    """Hold what was found to mpmath's numbers; residuals that cancel lose some digits."""
    _, want, gradient, hessian = reference(name, k)
    assert value == pytest.approx(want, rel=1e-12)
    np.testing.assert_allclose(slopes, gradient, atol=1e-12 * np.abs(gradient).max())
    diagonal = np.sqrt(np.abs(np.diag(hessian)))
    sizes = np.maximum(np.outer(diagonal, diagonal), np.abs(hessian))
    errors = np.abs(np.array(seconds) - hessian) / np.where(sizes, sizes, 1)
    i, j = np.unravel_index(errors.argmax(), errors.shape)
    assert errors.max() <= 1e-11, f"{seconds[i][j]} for {hessian[i, j]} at ({i}, {j})"


# Sums of squares at the standard start that others print, such as MINPACK's tests and CUTEst.
KNOWN = {
    "rosenbrock": 24.2,
    "freudenstein_roth": 400.5,
    "beale": 14.203125,
    "jennrich_sampson": 4171.306,
    "helical_valley": 2500.0,
    "bard": 41.68170,
    "gaussian": 3.888107e-6,
    "box_three_dimensional": 1031.154,
    "powell_singular": 215.0,
    "wood": 19192.0,
    "kowalik_osborne": 5.313172e-3,
    "brown_dennis": 7926693.337,
    "osborne_1": 0.8790263,
    "biggs_exp6": 0.7790701,
    "osborne_2": 2.093420,
    "watson": 30.0,
}


@pytest.mark.parametrize("name", BY_NAME)
def test_values_at_the_standard_start(name):
    problem, (x, want, _, _) = BY_NAME[name], reference(name, 0)
    assert x == problem.start
    assert want == pytest.approx(KNOWN.get(name, want), rel=1e-6)
    assert problem.objective(x, math) == pytest.approx(want, rel=1e-12)
    value = problem.objective(autograd.values(x), autograd)
    assert value.data == pytest.approx(want, rel=1e-12)


@pytest.mark.parametrize("k", [0, 1], ids=PLACES)
@pytest.mark.parametrize("name", BY_NAME)
def test_eager_derivatives(name, k):
    f, x = objective(name), reference(name, k)[0]
    value, slopes = autograd.value_and_grad(f)(x)
    check(name, k, value, slopes, autograd.hessian(f)(x))


@pytest.mark.parametrize("engine", ["numpy", "auto"])
@pytest.mark.parametrize("name", BY_NAME)
def test_compiled_derivatives(name, engine):
    f = objective(name)
    first = autograd.compile(f, engine=engine)
    second = autograd.compile(autograd.hessian(f), engine=engine)
    for k in (0, 1, 0):
        x = reference(name, k)[0]
        check(name, k, *first(x), second(x))


@pytest.mark.parametrize("name", FEW)
def test_the_references_are_what_their_script_writes(name):
    for k, point in enumerate(references.points(BY_NAME[name].start)):
        with mp.workdps(references.DIGITS):
            assert references.derivatives(BY_NAME[name], point) == REFERENCES[f"{name} {k}"]


@pytest.mark.parametrize(
    "name",
    [
        *("rosenbrock", "freudenstein_roth", "powell_badly_scaled", "beale", "jennrich_sampson"),
        *("helical_valley", "bard", "gaussian", "box_three_dimensional", "wood", "brown_dennis"),
        *("kowalik_osborne", "biggs_exp6", "watson", "penalty_1", "penalty_2", "trigonometric"),
        *("extended_rosenbrock", "discrete_integral_equation", "broyden_banded", "chebyquad"),
    ],
)
def test_minima_by_trust_regions_with_hessians(name):
    optimize = pytest.importorskip("scipy.optimize")
    problem = BY_NAME[name]
    arguments = autograd.scipy(objective(name), problem.start, method="trust-exact")
    found = optimize.minimize(**arguments, options={"gtol": 1e-9})
    published(problem, found.fun)


@pytest.mark.parametrize("name", BY_NAME)
def test_minima_by_levenberg_and_marquardt_with_jacobians(name):
    optimize = pytest.importorskip("scipy.optimize")
    problem = BY_NAME[name]

    def residuals(x):
        return problem.residuals(x, autograd)

    values = autograd.compile(residuals, gradients=False)
    jacobian = autograd.compile(autograd.jacobian(residuals))
    x, _, gradient, _ = reference(name, 1)
    slopes = 2 * np.array(values(x), dtype=float) @ np.array(jacobian(x), dtype=float)
    np.testing.assert_allclose(slopes, gradient, atol=1e-12 * np.abs(gradient).max())
    found = optimize.least_squares(
        lambda x: np.array(values(x.tolist()), dtype=float),
        problem.start,
        jac=lambda x: np.array(jacobian(x.tolist()), dtype=float),
        method="lm",
        **dict.fromkeys(("xtol", "ftol", "gtol"), 1e-14),
    )
    published(problem, 2 * found.cost)


def published(problem, least):
    """Hold a sum of squares to one of the published minima, which have six digits."""
    assert any(least == pytest.approx(want, rel=3e-5, abs=1e-12) for want in problem.minima)


@pytest.mark.parametrize("n", range(5, 14))
def test_lifted_hessians_of_the_integral_equation_of_any_length(n):
    # Each residual is two sums of a length of its own.
    f = objective("discrete_integral_equation")
    x = [0.3 * np.sin(k + 1.0) + 0.4 for k in range(n)]
    lifted = autograd.compile(autograd.hessian(f), engine="numpy")
    np.testing.assert_allclose(lifted(x), autograd.hessian(f)(x), rtol=1e-11)
