"""Central differences: estimates with bounds that hold."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.finite_differences import Estimate, has_kink, slope, spread

CASES = {
    "exp": (math.exp, math.exp, 1.0),
    "far from zero": (math.sin, math.cos, 1e6 + 0.3),
    "near a pole": (math.log, lambda x: 1 / x, 1e-9),
    "at zero": (math.sin, math.cos, 0.0),
    "cancelling": (lambda x: (1e8 + x) - 1e8, lambda _: 1.0, 0.3),
    "steep": (lambda x: x**9, lambda x: 9 * x**8, -7.3),
    "tiny": (lambda x: 1e-200 * x * x, lambda x: 2e-200 * x, 3.0),
    "flat": (math.tanh, lambda x: 1 / math.cosh(x) ** 2, 19.3),
    "quick": (lambda x: math.sin(100 * x), lambda x: 100 * math.cos(100 * x), 1.234),
    "beside a kink": (abs, lambda _: 1.0, 0.01),
    "underflowing": (lambda x: 2e-174 * x, lambda _: 2e-174, 7e-273),
    "huge": (lambda x: x, lambda _: 1.0, 1e300),
    "the edge of what floats hold": (math.sqrt, lambda x: 0.5 / math.sqrt(x), 1e-20),
}


@pytest.mark.parametrize("name", CASES)
def test_the_bound_holds(name):
    f, derivative, x = CASES[name]
    found = slope(f, x)
    assert abs(found.value - derivative(x)) <= found.bound
    assert found.agrees(derivative(x))


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(-3, 3), st.floats(-2, 2))
def test_the_bound_holds_for_sums_of_waves(a, b, c, x):
    found = slope(lambda t: a * math.sin(b * t) + c * math.exp(t), x)
    assert found.agrees(a * b * math.cos(b * x) + c * math.exp(x))


@pytest.mark.parametrize("name", ["exp", "far from zero", "steep", "quick", "cancelling"])
def test_the_bound_is_narrow(name):
    f, derivative, x = CASES[name]
    assert slope(f, x).bound < 1e-6 * abs(derivative(x))
    assert not slope(f, x).agrees(derivative(x) * (1 + 1e-5))


def test_no_estimate_where_the_function_is_not_finite():
    assert slope(math.log, -1.0) is None
    assert slope(lambda x: 1 / x, 0.0) is None  # a pole, which no difference hits
    assert slope(lambda _: math.nan, 1.0) is None


def test_no_estimate_agrees_with_what_is_not_finite():
    assert not Estimate(1.0, 1e300).agrees(math.inf)
    assert not Estimate(1.0, 1e300).agrees(math.nan)


@pytest.mark.parametrize("name", CASES)
def test_smooth_functions_have_no_kink(name):
    f, _, x = CASES[name]
    assert not has_kink(f, x)


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(-3, 3), st.floats(-2, 2))
def test_sums_of_waves_have_no_kink(a, b, c, x):
    assert not has_kink(lambda t: a * math.sin(b * t) + c * math.exp(t) + a * t**3, x)


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
@pytest.mark.parametrize(
    ("f", "x"),
    [
        (abs, 0.0),
        (lambda x: max(x, 0.3), 0.3),
        (lambda x: max(x, 1.001 * x), 0.0),
        (lambda x: math.sin(x) + 1e-3 * abs(x - 2), 2.0),
        (math.floor, 2.0),
        (lambda x: 1.0 if x > 1 else 0.0, 1.0),
        (math.cbrt, 0.0),
        (lambda x: math.hypot(x, 0.0), 0.0),
        (lambda x: x % 1.0, 3.0),
        (lambda x: math.exp(x) if x > 0 else 1.0, 0.0),
    ],
)
def test_kinks_jumps_and_verticals_are_found(f, x, scale):
    assert has_kink(lambda t: scale * f(t), x)


@pytest.mark.parametrize("off", [1e-3, 1e-6, 1e-9, 1e-13])
def test_beside_a_kink_there_is_none(off):
    assert not has_kink(abs, off)
    assert not has_kink(lambda x: max(x, 0.0), -off)


def test_a_border_of_the_domain_is_no_kink():
    assert not has_kink(math.sqrt, 0.0)
    assert not has_kink(math.log, -1.0)


def test_an_estimate_says_its_bound():
    assert str(Estimate(4.0, 1e-12)) == "4 ± 2e-12"


def test_points_fill_the_box():
    points = spread([(0.0, 1.0), (-2.0, 2.0)], 16)
    assert len(set(points)) == 16
    assert {(x > 0.5, y > 0) for x, y in points} == {(a, b) for a in (0, 1) for b in (0, 1)}
    assert all(0 <= x < 1 and -2 <= y < 2 for x, y in points)
