"""Gamma's family and exact products, against mpmath and at their poles."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

from autograd.rules.special import MAX_ORDER, cbrt, digamma, lgamma, polygamma, product_error

INF, NAN = math.inf, math.nan


def ulps(got, want):
    return float(abs(mp.mpf(got) - want) / math.ulp(float(want)))


def spread(low, high, count=60):
    return [low * (high / low) ** ((i + 0.37) / count) for i in range(count)]


@pytest.mark.parametrize("x", spread(1e-10, 1e6))
def test_positive_arguments_are_exact_to_four_ulp(x):
    with mp.workdps(50):
        assert ulps(lgamma(x), mp.loggamma(x)) <= 4
        assert ulps(digamma(x), mp.digamma(x)) <= 4
        assert ulps(polygamma(1, x), mp.psi(1, x)) <= 4
        assert ulps(polygamma(2, x), mp.psi(2, x)) <= 4


@pytest.mark.parametrize("h", [1e-15, -1e-10, 1e-5, -0.01, 0.2])
def test_no_digits_are_lost_near_roots(h):
    with mp.workdps(50):
        for root in (1.0, 2.0):
            assert ulps(lgamma(root + h), mp.loggamma(root + h)) <= 4
        assert ulps(digamma(1.4616321449683622 + h), mp.digamma(1.4616321449683622 + h)) <= 4


def test_roots():
    assert (lgamma(1.0), lgamma(2.0)) == (0.0, 0.0)
    assert lgamma(3.0) == math.log(2)


@pytest.mark.parametrize("x", [-0.3, -1.5, -2.7, -10.25, -33.1, -1e-8, -0.999])
def test_negative_arguments_are_reflected(x):
    with mp.workdps(50):
        assert lgamma(x) == pytest.approx(float(mp.re(mp.loggamma(x))), rel=1e-12, abs=1e-14)
        assert digamma(x) == pytest.approx(float(mp.digamma(x)), rel=1e-12, abs=1e-14)
        for n in (1, 2, 3, 4):
            assert polygamma(n, x) == pytest.approx(float(mp.psi(n, x)), rel=1e-11)


@pytest.mark.parametrize("n", [1, 5, 20, 50, MAX_ORDER])
@pytest.mark.parametrize("x", [0.1, 1.5, 40.0, 3000.0])
def test_high_orders(n, x):
    with mp.workdps(60):
        want = mp.psi(n, x)
    assert polygamma(n, x) == pytest.approx(float(want), rel=1e-13)


def test_orders():
    assert polygamma(0, 2.5) == digamma(2.5)
    for n in (-1, 0.5, NAN, INF, MAX_ORDER + 1):
        assert math.isnan(polygamma(n, 2.0))


@pytest.mark.parametrize(
    ("function", "x", "want"),
    [
        (lgamma, 0.0, INF), (lgamma, -0.0, INF), (lgamma, -3.0, INF), (lgamma, INF, INF),
        (lgamma, -INF, INF), (lgamma, NAN, NAN), (lgamma, 1e306, INF),
        (lgamma, 5e-324, 744.4400719213812),
        (digamma, 0.0, -INF), (digamma, -0.0, INF), (digamma, -2.0, NAN), (digamma, INF, INF),
        (digamma, -INF, NAN), (digamma, NAN, NAN), (digamma, 2.0**-999, -(2.0**999)),
        (digamma, -(2.0**-999), 2.0**999), (digamma, -1e300, NAN),
        (lambda x: polygamma(1, x), 0.0, INF), (lambda x: polygamma(1, x), -2.0, INF),
        (lambda x: polygamma(2, x), 0.0, -INF), (lambda x: polygamma(2, x), -0.0, INF),
        (lambda x: polygamma(2, x), -2.0, NAN), (lambda x: polygamma(1, x), INF, 0.0),
        (lambda x: polygamma(1, x), -INF, NAN), (lambda x: polygamma(1, x), NAN, NAN),
        (lambda x: polygamma(1, x), 1e-200, INF), (lambda x: polygamma(1, x), -5e-324, INF),
        (lambda x: polygamma(2, x), -5e-324, INF),
    ],
)  # fmt: skip
def test_poles_and_infinities(function, x, want):
    got = function(x)
    assert got == want or (math.isnan(got) and math.isnan(want))


numbers = st.floats(-1e140, 1e140).filter(lambda x: abs(x) > 1e-130)


@given(numbers, numbers)
def test_products_are_split_exactly(x, y):
    assert Fraction(x * y) + Fraction(product_error(x, y)) == Fraction(x) * Fraction(y)


@pytest.mark.parametrize(
    ("x", "y"),
    [(1e200, 1e-50), (1e-200, 1e-200), (INF, 1.0), (NAN, 1.0), (0.0, 3.0), (1e200, 1e200)],
)
def test_products_beyond_reach_have_no_rest(x, y):
    assert product_error(x, y) == 0.0


@given(st.floats(allow_infinity=False, allow_nan=False, width=64))
def test_cube_roots_are_exact_to_one_ulp(x):
    z = cbrt(x)
    assert math.copysign(1, z) == math.copysign(1, x)
    below, above = math.nextafter(z, -INF), math.nextafter(z, INF)
    assert Fraction(below) ** 3 <= Fraction(x) <= Fraction(above) ** 3


def test_cube_roots_of_cubes():
    assert [cbrt(float(n) ** 3) for n in range(-20, 20)] == list(range(-20, 20))
    assert (cbrt(INF), cbrt(-INF)) == (INF, -INF)
    assert math.isnan(cbrt(NAN))
