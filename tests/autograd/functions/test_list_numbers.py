"""Functions of lists: values, gradients, second derivatives, against mpmath and at the edges."""

import itertools
import math
from math import inf, nan

import pytest
from mpmath import mp

import autograd
from autograd import Value, gradient
from autograd.primitives import TABLE
from autograd.rules.backends import FLOATS


def _softmax(xs):
    parts = [mp.exp(x) for x in xs]
    return [part / mp.fsum(parts) for part in parts]


# name: (what is called on a list, the same in mpmath)
FUNCTIONS = {
    "sum": (autograd.sum, mp.fsum),
    "mean": (autograd.mean, lambda xs: mp.fsum(xs) / len(xs)),
    "prod": (autograd.prod, mp.fprod),
    "dot": (
        lambda xs: autograd.dot(xs, xs[::-1], xs[0]),
        lambda xs: mp.fdot(xs, xs[::-1]) + xs[0],
    ),
    "max": (autograd.max, max),
    "min": (autograd.min, min),
    "logsumexp": (autograd.logsumexp, lambda xs: mp.log(mp.fsum(mp.exp(x) for x in xs))),
    "softmax": (lambda xs: autograd.softmax(xs)[-1], lambda xs: _softmax(xs)[-1]),
    "cross_entropy": (
        lambda xs: autograd.cross_entropy(xs, 0),
        lambda xs: -mp.log(_softmax(xs)[0]),
    ),
    "take": (
        lambda xs: autograd.take(xs, Value(len(xs) - 1.0) if type(xs[0]) is Value else len(xs) - 1),
        lambda xs: xs[-1],
    ),
    "norm": (autograd.norm, lambda xs: mp.sqrt(mp.fsum(x * x for x in xs))),
}
LISTS = (
    (0.7,),
    (-1.3, 2.1),
    (0.4, -0.9, 3.3),
    (1e-20, 2.0, -5.0),
    (30.5, -40.0, 20.0, 1.0),
    (300.0, -350.0),
    (700.0, 690.0, -1.0),
    (1e-8, 1e-9, -3e-9),
)
H = mp.mpf(10) ** -30


def slope(f, xs, *wrt):
    """Derivative with respect to one argument, or two, as central differences of mpmath numbers."""
    if not wrt:
        return f(xs)
    i, *rest = wrt
    up, down = ([*xs[:i], xs[i] + s * H, *xs[i + 1 :]] for s in (1, -1))
    return (slope(f, up, *rest) - slope(f, down, *rest)) / (2 * H)


def ulps(got, want, size=0.0):
    error = abs(mp.mpf(got) - want)
    return 0.0 if error < 2.3e-308 else float(error / math.ulp(max(abs(float(want)), size)))


CASES = pytest.mark.parametrize(
    ("name", "numbers"), [(name, xs) for name in FUNCTIONS for xs in LISTS]
)


def test_every_function_of_lists_is_here():
    assert FUNCTIONS.keys() == {name for name, entry in TABLE.items() if entry.variadic}


@CASES
def test_value_and_gradient_are_exact(name, numbers):
    function, exact = FUNCTIONS[name]
    xs = [Value(x) for x in numbers]
    z = function(xs)
    terms = sum(map(abs, numbers)) if name in {"sum", "mean"} else 0.0
    if name == "dot":  # of terms that cancel
        products = zip(numbers, numbers[::-1], strict=True)
        terms = sum(abs(a * b) for a, b in products) + abs(numbers[0])
    with mp.workdps(900):
        exact_numbers = [mp.mpf(x) for x in numbers]
        assert ulps(z.data, exact(exact_numbers), terms) <= 4
        for i, got in enumerate(gradient(z, xs)):
            assert ulps(got, slope(exact, exact_numbers, i)) <= 8
    assert function(list(numbers)) == z.data


@CASES
def test_second_derivatives_are_exact(name, numbers):
    function, exact = FUNCTIONS[name]
    xs = [Value(x) for x in numbers]
    slopes = gradient(function(xs), xs, create_graph=True)
    found = [gradient(g, xs) for g in slopes]
    with mp.workdps(900):
        exact_numbers = [mp.mpf(x) for x in numbers]
        places = list(itertools.product(range(len(xs)), repeat=2))
        wanted = {(i, j): slope(exact, exact_numbers, i, j) for i, j in places}
        size = max(*map(abs, wanted.values()), mp.mpf(1e-300))
        for i, j in places:
            assert abs(mp.mpf(found[i][j]) - wanted[i, j]) / size < 1e-9


AT_40 = 4.248354255291589e-18  # exp(-40) / (1 + exp(-40))
EDGES = [
    ("sum", [1.0, inf], inf, [1.0, 1.0]),
    ("sum", [inf, -inf], nan, [1.0, 1.0]),
    ("sum", [1.0, nan], nan, [1.0, 1.0]),
    ("sum", [1e16, 1.0, -1e16], 0.0, [1.0, 1.0, 1.0]),
    ("mean", [5.0], 5.0, [1.0]),
    ("mean", [inf, 1.0], inf, [0.5, 0.5]),
    ("prod", [2.0, 0.0, 5.0], 0.0, [0.0, 10.0, 0.0]),
    ("prod", [0.0, 0.0, 5.0], 0.0, [0.0, 0.0, 0.0]),
    ("prod", [0.0], 0.0, [1.0]),
    ("prod", [inf, 0.0], nan, [0.0, inf]),
    ("prod", [nan, 2.0], nan, [2.0, nan]),
    ("prod", [1e200, 1e200, 1e-200], inf, [1.0, 1.0, inf]),
    ("max", [2.0, 2.0, 1.0], 2.0, [0.5, 0.5, 0.0]),
    ("max", [0.0, -0.0], 0.0, [0.5, 0.5]),
    ("max", [1.0, nan, 3.0], nan, [0.0, 1.0, 0.0]),
    ("max", [nan, 1.0, nan], nan, [0.5, 0.0, 0.5]),
    ("max", [-inf, -inf], -inf, [0.5, 0.5]),
    ("min", [2.0, 1.0, 1.0, 1.0, 1.0], 1.0, [0.0, 0.25, 0.25, 0.25, 0.25]),
    ("min", [inf, nan], nan, [0.0, 1.0]),
    ("logsumexp", [3.0], 3.0, [1.0]),
    ("logsumexp", [1000.0, 1000.0], 1000.6931471805599, [0.5, 0.5]),
    ("logsumexp", [-1000.0, -1000.0], -999.3068528194401, [0.5, 0.5]),
    ("logsumexp", [0.0, -1000.0], 0.0, [1.0, 0.0]),
    ("logsumexp", [inf, 1.0], inf, [1.0, 0.0]),
    ("logsumexp", [-inf, 1.0], 1.0, [0.0, 1.0]),
    ("logsumexp", [-inf, -inf], -inf, [nan, nan]),
    ("logsumexp", [nan, 1.0], nan, [nan, nan]),
    ("softmax", [7.0], 1.0, [0.0]),
    ("softmax", [0.0, 1000.0], 1.0, [0.0, 0.0]),
    ("softmax", [40.0, 0.0], AT_40, [-AT_40, AT_40]),
    ("softmax", [-inf, 0.0], 1.0, [0.0, 0.0]),
    ("softmax", [nan, 0.0], nan, [nan, nan]),
    ("cross_entropy", [7.0], 0.0, [0.0]),
    ("cross_entropy", [0.0, 800.0], 800.0, [-1.0, 1.0]),
    ("cross_entropy", [40.0, 0.0], AT_40, [-AT_40, AT_40]),
    ("cross_entropy", [inf, 0.0], 0.0, [0.0, 0.0]),
    ("cross_entropy", [0.0, inf], inf, [-1.0, 1.0]),
    ("cross_entropy", [nan, 0.0], nan, [nan, nan]),
    ("norm", [-3.0], 3.0, [-1.0]),
    ("norm", [0.0, 0.0], 0.0, [0.0, 0.0]),
    ("norm", [3e200, 4e200], 5e200, [0.6, 0.8]),
    ("norm", [3e-200, 4e-200], 5e-200, [0.6, 0.8]),
    ("norm", [5e-324, 0.0], 5e-324, [1.0, 0.0]),
    ("norm", [nan, 1.0], nan, [nan, nan]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "numbers", "value", "slopes"), EDGES)
def test_edges(name, numbers, value, slopes):
    xs = [Value(x) for x in numbers]
    z = FUNCTIONS[name][0](xs)
    assert z.data == pytest.approx(value, rel=4e-16, abs=0, nan_ok=True)
    assert gradient(z, xs) == pytest.approx(slopes, rel=1e-15, abs=0, nan_ok=True)
    z.backward()
    assert [x.grad for x in xs] == pytest.approx(slopes, rel=1e-15, abs=0, nan_ok=True)


SPECIAL = (0.0, -0.0, 1.0, -800.0, 1e300, inf, -inf, nan)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_nothing_raises_for_any_numbers(name):
    function = FUNCTIONS[name][0]
    for numbers in itertools.chain(*(itertools.product(SPECIAL, repeat=n) for n in (1, 2, 3))):
        xs = [Value(x) for x in numbers]
        z = function(xs)
        z.backward()
        slopes = gradient(z, xs)
        assert [x.grad for x in xs] == pytest.approx(slopes, rel=0, abs=0, nan_ok=True)
        for g in gradient(z, xs, create_graph=True):
            assert len(gradient(g, xs)) == len(xs)


def test_second_derivative_of_a_product_with_zeros():
    xs = [Value(x) for x in (0.0, 0.0, 5.0)]
    slopes = gradient(autograd.prod(xs), xs, create_graph=True)
    assert [gradient(g, xs) for g in slopes] == [[0, 5, 0], [5, 0, 0], [0, 0, 0]]


def test_the_same_node_twice_in_a_list():
    x = Value(3.0)
    for function, want in (
        (autograd.sum, 2.0), (autograd.mean, 1.0), (autograd.prod, 6.0), (autograd.max, 1.0),
        (autograd.logsumexp, 1.0), (autograd.norm, math.sqrt(2)),
    ):  # fmt: skip
        z = function([x, x])
        assert z.inputs == (x, x)
        assert gradient(z, [x]) == pytest.approx([want], rel=1e-15)
    assert gradient(autograd.dot([x], [x]), [x]) == [6.0]


def test_one_softmax_and_logsumexp_for_floats_and_values():
    xs = [0.1, -2.0, 31.0]
    assert [p.data for p in autograd.softmax([Value(x) for x in xs])] == FLOATS["softmax"](xs)
    total = autograd.sum(autograd.softmax([Value(x) for x in xs]))
    assert total.data == pytest.approx(1.0, rel=1e-15)
