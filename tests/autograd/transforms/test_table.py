"""Second and third derivatives of all smooth primitives of the table, against mpmath."""

import itertools

import numpy as np
import pytest
from mpmath import mp

import autograd
from autograd import compile, hessian, jacobian
from autograd.primitives import TABLE
from benchmarks.accuracy.references import PSI, REFERENCES, differentiable
from tests.helpers.numerics import spaced

SMOOTH = [entry.name for entry in TABLE.values() if entry.smooth]
GOAL = 1e-9


def _softmax(xs, k):
    return mp.exp(xs[k]) / mp.fsum(map(mp.exp, xs))


def _dot(xs):
    return mp.fsum(a * b for a, b in zip(xs[:2], xs[2:4], strict=True)) + xs[4]


# Functions of lists: how many numbers, the function, the reference.
LISTS = {
    "sum": (3, autograd.sum, mp.fsum),
    "mean": (3, autograd.mean, lambda xs: mp.fsum(xs) / 3),
    "prod": (4, autograd.prod, mp.fprod),
    "dot": (5, lambda xs: autograd.dot(xs[:2], xs[2:4], xs[4]), _dot),
    "logsumexp": (3, autograd.logsumexp, lambda xs: mp.log(mp.fsum(map(mp.exp, xs)))),
    "softmax": (3, lambda xs: autograd.softmax(xs)[1], lambda xs: _softmax(xs, 1)),
    "cross_entropy": (
        3, lambda xs: autograd.cross_entropy(xs, 2), lambda xs: -mp.log(_softmax(xs, 2))
    ),
    "take": (3, lambda xs: autograd.take(xs, autograd.constant(1)), lambda xs: xs[1]),
    "norm": (3, autograd.norm, lambda xs: mp.sqrt(mp.fsum(x * x for x in xs))),
}  # fmt: skip


def cases(name):
    """Give functions of a list with their references, and where to try them."""
    entry = TABLE[name]
    if entry.variadic:
        count, function, reference = LISTS[name]
        rng = np.random.default_rng(count)
        yield function, reference, [rng.uniform(-2, 2, count).tolist() for _ in range(2)]
        return
    wrt = differentiable(name)
    intervals = [entry.domain[i] for i in wrt]
    points = list(itertools.product(*(spaced(i, 5 if len(wrt) == 1 else 2) for i in intervals)))
    fixed = [1.0] if name == "polygamma" else []

    def function(xs):
        return getattr(autograd, name)(*fixed, *xs)

    yield function, lambda xs: REFERENCES[name](*fixed, *xs), points


def derivative_of(name, reference, x, orders):
    """Differentiate a reference so many times with respect to each argument."""
    if name in PSI:
        return mp.psi(sum(orders) + PSI[name]((1.0, *x)), mp.mpf(x[0]))
    function = reference if len(x) == 1 and name not in LISTS else lambda *xs: reference(xs)
    if len(x) == 1 and name not in LISTS:
        return mp.diff(lambda v: function([v]), mp.mpf(x[0]), orders[0])
    return mp.diff(function, tuple(map(mp.mpf, x)), orders)


def wanted(name, reference, x, order):
    """Return the tensor of all derivatives of an order."""
    known = {}
    tensor = np.empty((len(x),) * order)
    for index in np.ndindex(*tensor.shape):
        orders = tuple(index.count(i) for i in range(len(x)))
        if orders not in known:
            with mp.workdps(60):
                known[orders] = float(derivative_of(name, reference, x, orders))
        tensor[index] = known[orders]
    return tensor


def test_every_smooth_function_of_lists_has_a_reference():
    assert LISTS.keys() == {name for name in SMOOTH if TABLE[name].variadic}


@pytest.mark.parametrize("name", SMOOTH)
def test_second_and_third_derivatives_are_exact(name):
    for function, reference, points in cases(name):
        for x in points:
            for order, transform in ((2, hessian(function)), (3, jacobian(hessian(function)))):
                want = wanted(name, reference, x, order)
                got = np.array(transform(list(x)))
                size = max(np.abs(want).max(), 1e-10)  # below, differences of 60 digits are noise
                assert got == pytest.approx(want, rel=GOAL, abs=GOAL * size), (name, x, order)


@pytest.mark.parametrize("name", SMOOTH)
def test_compiled_derivatives_are_the_eager_ones(name):
    """The textbook's rules for a program's numbers, to 1e-12; the exact rules with exact=True."""
    for function, _, points in cases(name):
        for transform in (hessian(function), jacobian(hessian(function))):
            for exact in (False, True):
                compiled = compile(transform, engine="numpy", exact=exact)
                for x in points:
                    want, got = np.array(transform(list(x))), np.array(compiled(list(x)))
                    size = max(1.0, np.abs(want).max())
                    assert got == pytest.approx(want, rel=1e-12, abs=1e-12 * size)
                assert len(compiled.variants) == 1
