"""Derivatives of scalar programs: bit by bit those that tracing the engine's graphs records."""

import numpy as np
import pytest

import autograd
from autograd import Value, compile, grad, hessian, value_and_grad
from autograd.compiler.tape.choice import Tape
from autograd.compiler.tracing.trace import Tracing, record
from autograd.compiler.vectorize import canonicalize, derivatives, passes, scalar_passes
from autograd.compiler.vectorize.derivatives import Growing, is_derivable
from autograd.transforms import Transform
from tests.helpers.random_graphs import random_graph


def grown(result, leaves, exact):
    """Return the first two derivatives of a graph as a program, and where they are."""
    trace = record(result, None, (), leaves)
    growing = Growing(trace.scalars, exact=exact)
    wrt = range(len(leaves))
    first = growing.vjp(trace.result, wrt)
    rows = [first, *(growing.vjp(i, wrt, last=True) for i in first)]
    scalars, places = growing.program([*wrt, *(i for row in rows for i in row)])
    return scalars, places[np.array(rows)]


def traced(result, leaves, exact):
    """Return the same by way of the engine's graphs."""
    with Tracing("f", exact=exact):
        first = autograd.gradient(result, leaves, create_graph=True)
        rows = [first, *(autograd.gradient(x, leaves, create_graph=True) for x in first)]
    trace = record([x for row in rows for x in row], None, (), leaves)
    return trace.scalars, np.array(trace.outputs).reshape(len(rows), len(leaves))


def replayed(scalars, places, numbers):
    """Return what a program computes."""
    row = scalars.numbers.copy()
    row[: len(numbers)] = numbers
    Tape(scalars, len(row) - 1).run(row)
    return row[places]


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("seed", range(60))
def test_bits_are_those_of_the_engines_graphs(seed, exact):
    result, leaves = random_graph(seed)
    if result.is_constant:
        pytest.skip("nothing to differentiate")
    own, other = grown(result, leaves, exact), traced(result, leaves, exact)
    for scale in (1.0, 0.7, 0.0):
        numbers = [scale * leaf.data for leaf in leaves]
        with np.errstate(all="ignore"):
            np.testing.assert_array_equal(replayed(*own, numbers), replayed(*other, numbers))
    assert len(own[0].codes) <= len(other[0].codes)  # equal nodes are made once


@pytest.mark.parametrize("seed", range(10))
def test_both_forms_of_the_pass_find_the_same(seed, monkeypatch):
    result, leaves = random_graph(seed)
    one, places = grown(result, leaves, exact=True)
    monkeypatch.setattr(passes, "COMPILED", False)
    for module in (canonicalize, derivatives):
        monkeypatch.setattr(module, "passes", scalar_passes)
    other, others = grown(result, leaves, exact=True)
    assert str(one) == str(other)
    assert places.tolist() == others.tolist()


def test_long_lists_and_their_products():
    xs = [Value(x) for x in np.linspace(-1, 1, 300)]
    result = autograd.dot(xs, xs[::-1]) * autograd.logsumexp(xs)
    own, other = grown(result, xs[:3], exact=True), traced(result, xs[:3], exact=True)
    numbers = [0.5, 0.25, -2.0]
    np.testing.assert_array_equal(replayed(*own, numbers), replayed(*other, numbers))


def test_a_rule_of_users_is_none_of_the_tables():
    @autograd.custom_vjp(backward="g * g * 0.5")
    def halved(x):
        return x * 1.0

    x = Value(2.0)
    assert not is_derivable(record(halved(x) * x).scalars)
    assert is_derivable(record(x * x).scalars)
    f = lambda x: halved(x[0]) * x[0] ** 2  # noqa: E731
    assert compile(grad(f))([2.0]) == grad(f)([2.0])


RUNS = []


def counted(x):
    RUNS.append(x)
    return x[0] ** 2 * x[1]


@pytest.mark.parametrize("transform", [grad, value_and_grad, hessian])
def test_the_function_alone_is_run(transform, monkeypatch):
    refused = lambda *_: pytest.fail("the transform was run")  # noqa: E731
    monkeypatch.setattr(Transform, "__call__", refused)
    RUNS.clear()
    got = compile(transform(counted), engine="tape")([3.0, 4.0])
    assert len(RUNS) == 1
    monkeypatch.undo()
    assert got == transform(counted)([3.0, 4.0])


@pytest.mark.parametrize("engine", ["numpy", "blocked", "tape"])
@pytest.mark.parametrize("transform", [grad, value_and_grad, hessian])
def test_structures_arguments_and_batches(transform, engine):
    f = lambda p, x, k: autograd.log(p["a"]) * x**2 * p["b"][1] + p["b"][k] * x  # noqa: E731
    p = {"a": 2.0, "b": np.array([1.0, 3.0])}
    for argnums in (0, 1, (1, 0), -2):
        eager = transform(f, argnums)
        got = compile(eager, engine=engine, static=["k"])(p, 0.5, 1)
        for one, other in zip(
            autograd.tree.tree_leaves(got), autograd.tree.tree_leaves(eager(p, 0.5, 1)), strict=True
        ):
            assert np.asarray(one) == pytest.approx(np.asarray(other), rel=1e-12)
    batch = compile(transform(f, 1), engine=engine, static=["k"], batch=["x"])
    for n, x in enumerate((0.5, 2.0)):
        got = autograd.tree.tree_map(lambda a: a[n], batch(p, np.array([0.5, 2.0]), 1))  # noqa: B023 - used at once
        assert got == pytest.approx(transform(f, 1)(p, x, 1))


@pytest.mark.parametrize("transform", [grad, value_and_grad, hessian])
def test_what_has_no_derivation_is_traced_as_it_is(transform):
    with pytest.raises(TypeError, match=r"returned a str \('text'\)"):
        compile(transform(lambda _: "text"))([1.0])
    assert compile(hessian(lambda x: [x[0] ** 2]))([1.0]) == [[[2.0]]]
    assert compile(transform(lambda _: 2.0))([1.0]) == transform(lambda _: 2.0)([1.0])
    with autograd.detect_anomaly():
        program = compile(transform(lambda x: x[0] ** 2))
        assert program([3.0]) == transform(lambda x: x[0] ** 2)([3.0])
