"""The blocked executor's own functions, against mpmath, for each instruction set."""

import numpy as np
import pytest
from numpy.typing import NDArray

mpmath = pytest.importorskip("mpmath")
blocked = pytest.importorskip("autograd.kernels.cython._blocked")
INTERVALS = {
    "exp": [(-745, -708), (-708, 709.7), (-1, 1), (-1e-5, 1e-5)],
    "log": [(0, 2), (0.7, 1.42), (0.99, 1.01), (0, 1e-300), (0, 1e-310), (1, 1e300)],
    "tanh": [(-0.5, 0.5), (0.17, 0.52), (-22, 22), (-1e-5, 1e-5), (0, 1e-300)],
    "sigmoid": [(-40, 40), (-745, -700), (-1, 1), (-1e-5, 1e-5)],
}
TRUE = {
    "exp": mpmath.exp, "log": mpmath.log, "tanh": mpmath.tanh,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
}  # fmt: skip
SPECIAL = [np.nan, np.inf, -np.inf, 0.0, -0.0, 5e-324, -5e-324, 1e308, -1e308, -745.2, 709.79]
VALUES = {
    "exp": [np.nan, np.inf, 0.0, 1.0, 1.0, 1.0, 1.0, np.inf, 0.0, 0.0, np.inf],
    "log": [np.nan, np.inf, np.nan, -np.inf, -np.inf, -744.4400719213812, np.nan,
            709.1962086421661, np.nan, np.nan, 6.564969151637525],
    "tanh": [np.nan, 1.0, -1.0, 0.0, -0.0, 5e-324, -5e-324, 1.0, -1.0, -1.0, 1.0],
    "sigmoid": [np.nan, 1.0, 0.0, 0.5, 0.5, 0.5, 0.5, 1.0, 0.0, 0.0, 1.0],
}  # fmt: skip
LEVELS = range(blocked.BEST + 1)


def applied(name: str, x: NDArray[np.float64], level: int) -> NDArray[np.float64]:
    """Return a function of a row of numbers."""
    z = np.empty_like(x)
    blocked.apply(name, z, x, level=level)
    return z


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", INTERVALS)
def test_errors_are_small(name: str, level: int) -> None:
    """At most 2 ulp with fused multiply-add, 2.5 without."""
    draw, worst = np.random.default_rng(0), 0.0
    with mpmath.workprec(160):
        for low, high in INTERVALS[name]:
            x = draw.uniform(low, high, 500)
            for a, b in zip(x.tolist(), applied(name, x, level).tolist(), strict=True):
                true = TRUE[name](mpmath.mpf(a))
                unit = mpmath.mpf(float(np.spacing(abs(float(true)))))
                worst = max(worst, float(abs(mpmath.mpf(b) - true) / unit))
    assert worst <= (2.5 if blocked.LEVELS[level] in {"x86-64-v2", "plain C"} else 2.0)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", VALUES)
def test_special_numbers(name: str, level: int) -> None:
    """Infinities, nan, signed zeros and subnormal numbers are as IEEE has them."""
    got = applied(name, np.array(SPECIAL), level)
    np.testing.assert_array_equal(got, VALUES[name])
    known = ~np.isnan(got)
    np.testing.assert_array_equal(np.signbit(got[known]), np.signbit(VALUES[name])[known])


@pytest.mark.parametrize("level", LEVELS)
def test_sigmoid_keeps_subnormal_numbers(level: int) -> None:
    """No overflow of exp(720)."""
    assert applied("sigmoid", np.array([-720.0]), level)[0] == pytest.approx(2.03223e-313, rel=1e-5)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", INTERVALS)
def test_place_does_not_matter(name: str, level: int) -> None:
    """A number has one result, wherever in a row it stands, and however long the row is."""
    x = np.full(37, 0.37)
    assert len(set(applied(name, x, level).tolist())) == 1
    assert applied(name, x[:1], level)[0] == applied(name, x, level)[0]


def test_operations_are_the_table_s() -> None:
    """An operation of several operands, with some of them one number for all."""
    z = np.empty(5)
    one = np.broadcast_to(np.array(2.0), 5)
    blocked.apply("mul", z, np.arange(5.0), one)
    assert z.tolist() == [0.0, 2.0, 4.0, 6.0, 8.0]
    blocked.apply("where", z, np.array([0.0, 1.0, 0.0, 1.0, 1.0]), np.arange(5.0), -one)
    assert z.tolist() == [-2.0, 1.0, -2.0, 3.0, 4.0]
    with pytest.raises(ValueError, match="mul: give 2 rows"):
        blocked.apply("mul", z, np.arange(5.0))
