"""Float functions: where `math` raises, the limit; nan outside the domain."""

import math
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd.rules import floats
from autograd.rules.backends import FLOATS

F = FLOATS
CASES = [
    ("div", (1.0, 0.0), inf), ("div", (1.0, -0.0), -inf), ("div", (-1.0, 0.0), -inf),
    ("div", (0.0, 0.0), nan), ("div", (nan, 0.0), nan), ("div", (inf, 0.0), inf),
    ("div", (inf, inf), nan), ("div", (6.0, 3.0), 2.0),
    ("pow", (0.0, -1.0), inf), ("pow", (-0.0, -1.0), -inf), ("pow", (-0.0, -2.0), inf),
    ("pow", (-0.0, -0.5), inf), ("pow", (-8.0, 1 / 3), nan), ("pow", (1e200, 2.0), inf),
    ("pow", (-1e200, 3.0), -inf), ("pow", (-1e200, 2.0), inf), ("pow", (0.0, 0.0), 1.0),
    ("pow", (nan, 0.0), 1.0), ("pow", (1.0, nan), 1.0), ("pow", (2.0, inf), inf),
    ("floordiv", (7.0, 2.0), 3.0), ("floordiv", (-7.0, 2.0), -4.0), ("floordiv", (1.0, 0.0), inf),
    ("floordiv", (0.0, 0.0), nan), ("mod", (7.0, -2.0), -1.0), ("mod", (1.0, 0.0), nan),
    ("exp", (1000.0,), inf), ("exp", (-1000.0,), 0.0), ("expm1", (1000.0,), inf),
    ("log", (0.0,), -inf), ("log", (-0.0,), -inf), ("log", (-1.0,), nan), ("log", (inf,), inf),
    ("log2", (0.0,), -inf), ("log10", (-1.0,), nan), ("log1p", (-1.0,), -inf),
    ("log1p", (-2.0,), nan), ("sqrt", (-1.0,), nan), ("sqrt", (-0.0,), -0.0),
    ("sin", (inf,), nan), ("cos", (-inf,), nan), ("tan", (inf,), nan), ("asin", (2.0,), nan),
    ("acos", (-2.0,), nan), ("acosh", (0.5,), nan), ("atanh", (1.0,), inf),
    ("atanh", (-1.0,), -inf), ("atanh", (2.0,), nan), ("sinh", (1000.0,), inf),
    ("sinh", (-1000.0,), -inf), ("cosh", (-1000.0,), inf), ("hypot", (inf, nan), inf),
    ("floor", (2.5,), 2.0), ("floor", (inf,), inf), ("floor", (nan,), nan),
    ("floor", (-0.0,), -0.0),
    ("ceil", (-0.5,), -0.0), ("ceil", (1e300,), 1e300), ("round", (2.5,), 2.0),
    ("round", (3.5, 0.0), 4.0), ("round", (1.25, 1.0), 1.2), ("round", (1234.0, -2.0), 1200.0),
    ("round", (inf, 1.0), inf), ("round", (1.5, nan), nan), ("round", (1.5, inf), 1.5),
    ("sign", (-3.0,), -1.0), ("sign", (0.0,), 0.0), ("sign", (nan,), nan), ("sign", (inf,), 1.0),
    ("sum", ([],), 0.0), ("prod", ([],), 1.0), ("max", ([1.0, nan, 2.0],), nan),
    ("max", ([-inf, -inf],), -inf), ("max", ([nan],), nan), ("min", ([3.0, nan],), nan),
    ("min", ([3.0, -1.0, 2.0],), -1.0), ("norm", ([3.0, 4.0],), 5.0),
    ("norm", ([1e200, 1e200],), math.sqrt(2) * 1e200),
    ("logsumexp", ([1000.0, 1000.0],), 1000.0 + math.log(2)), ("logsumexp", ([-inf, -inf],), -inf),
    ("logsumexp", ([inf, 1.0],), inf), ("logsumexp", ([nan, 1.0],), nan),
    ("logsumexp", ([0.0, -800.0],), 0.0), ("logsumexp", ([0.0, -50.0],), math.exp(-50)),
    ("cross_entropy", ([1000.0, 0.0], 0), 0.0), ("cross_entropy", ([0.0, -800.0], 1), 800.0),
    ("cross_entropy", ([50.0, 0.0], 0), math.exp(-50)), ("cross_entropy", ([inf, 0.0], 0), 0.0),
    ("cross_entropy", ([inf, 0.0], 1), inf), ("cross_entropy", ([inf, inf], 1), math.log(2)),
    ("cross_entropy", ([-inf, -inf], 0), nan), ("cross_entropy", ([nan, 0.0], 1), nan),
    ("cross_entropy", ([-inf, 0.0], 0), inf),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "want"), CASES)
def test_special_cases(name, arguments, want):
    got = F[name](*arguments)
    assert isinstance(got, float)
    assert got == want or (math.isnan(got) and math.isnan(want))
    assert math.isnan(want) or math.copysign(1, got) == math.copysign(1, want)


def test_wrappers_keep_their_names():
    assert (F["exp"].__name__, F["floor"].__name__) == ("exp", "floor")


LISTS = [
    ("softmax", ([0.0, 0.0],), [0.5, 0.5]),
    ("softmax", ([1000.0, 1000.0],), [0.5, 0.5]),
    ("softmax", ([inf, 1.0, inf],), [0.5, 0.0, 0.5]),
    ("softmax", ([-inf, 0.0],), [0.0, 1.0]),
    ("softmax", ([-inf, -inf],), [nan, nan]),
    ("softmax", ([nan, 0.0],), [nan, nan]),
    ("shares", ([1.0, 2.0, 2.0], 2.0), [0.0, 0.5, 0.5]),
    ("shares", ([nan, 2.0], nan), [1.0, 0.0]),
    ("others", ([2.0, 0.0, 5.0],), [0.0, 10.0, 0.0]),
    ("others", ([0.0, 0.0, 5.0],), [0.0, 0.0, 0.0]),
    ("others", ([7.0],), [1.0]),
    ("complements", ([0.25, 0.75], 1), [-0.25, 0.25]),
    ("complements", ([1.0, 1e-30], 0), [1e-30, -1e-30]),
    ("complements", ([1.0], 0), [0.0]),
]


@pytest.mark.parametrize(("name", "arguments", "want"), LISTS)
def test_lists(name, arguments, want):
    assert F[name](*arguments) == pytest.approx(want, rel=0, abs=0, nan_ok=True)


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=6))
def test_softmax_adds_up_to_one(xs):
    assert sum(FLOATS["softmax"](xs)) == pytest.approx(1.0, rel=1e-14)
    assert min(FLOATS["softmax"](xs)) >= 0


@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=6))
def test_largest_and_smallest_are_the_builtins_but_for_nan(xs):
    assert (floats.largest(xs), floats.smallest(xs)) == (max(xs), min(xs))
    assert math.isnan(floats.largest([*xs, nan]))
    assert math.isnan(floats.smallest([nan, *xs]))


def test_sums_go_from_left_to_right():
    assert floats.total([1e16, 1.0, -1e16]) == 0.0
    assert floats.product([1e300, 1e300, 0.0]) != 0.0


@pytest.mark.parametrize("x", [0.85397899262354038, -0.21690783549661458, 0.49524381257547506])
def test_a_square_is_a_product_everywhere(x):
    """With glibc's `pow`, each of these would be one unit off."""
    assert floats.pow(x, 2.0) == x * x
    assert (autograd.Value(x) ** 2).data == x * x
    assert autograd.compile(lambda a: a**2, engine="tape")(x) == (x * x, 2 * x)
    assert autograd.grad(lambda a: a**3)(x) == 3 * (x * x)
    assert autograd.compile(lambda a: a**2, engine="numpy").value(x) == x * x
