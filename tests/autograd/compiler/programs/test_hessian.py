"""Hessians whose equations are differentiated twice: the numbers, the lines, the edges."""

import itertools

import numpy as np
import pytest

import autograd
from autograd import Value, compile, hessian
from tests.autograd.compiler.test_forward import EDGES, KINKS

ENGINES = ["numpy", "blocked", "tape"]
X = np.random.default_rng(0).normal(size=(5, 3))
Y = [0.0, 1.0, 1.0, 0.0, 1.0]
rng = np.random.default_rng(1)
W, B, V = rng.normal(size=(4, 3)), rng.normal(size=4), rng.normal(size=4)


def loss(W, b, v):
    def sample(x, y):
        hidden = [autograd.tanh(autograd.dot(row, x) + c) for row, c in zip(W, b, strict=True)]
        return autograd.sigmoid_cross_entropy(autograd.dot(hidden, v), y)

    return autograd.mean([sample(x, y) for x, y in zip(X.tolist(), Y, strict=True)])


@pytest.mark.parametrize("argnums", [0, (2,), (0, 1, 2), (2, 0), (1, 2)])
def test_the_blocks_of_a_network(argnums):
    program = compile(hessian(loss, argnums), engine="numpy", check=True)
    got, want = program(W, B, V), hessian(loss, argnums)(W, B, V)
    if argnums == 0:
        got, want = [[got]], [[want]]
    for ours, theirs in zip(got, want, strict=True):
        for one, other in zip(ours, theirs, strict=True):
            assert np.asarray(one) == pytest.approx(np.asarray(other), rel=1e-12, abs=1e-15)


def test_products_are_found_in_a_hessian():
    program = compile(hessian(loss, (0, 1, 2)), engine="numpy")
    program(W, B, V)
    lines = program.source.splitlines()
    assert len(lines) < 45  # of a network of 20 parameters
    assert "    Z1 = C1 @ W.T + b" in lines
    assert "    dWdW = einsum('ijz,ik->jkz', dWdZ1, C1)" in lines


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", KINKS)
def test_edges_are_those_of_the_eager_engine(name, engine):
    f = KINKS[name]
    eager = hessian(lambda x: f(x[0]) * x[1] + f(x[1] * x[0]))
    for exact in (False, True):
        program = compile(eager, engine=engine, exact=exact)
        # by blocks, a * b - c is rounded once: what cancels to 0 elsewhere is 1e-16 of the product
        edges = [x for x in EDGES[::2] if not (engine == "blocked" and x == 1e200)]
        for x in itertools.product(edges, repeat=2):
            got, want = program(list(x)), eager(list(x))
            size = np.abs(want).max(initial=1.0, where=np.isfinite(want))
            np.testing.assert_allclose(got, want, rtol=0, atol=1e-9 * size)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "function",
    [
        lambda x: autograd.prod(x) * 2,
        lambda x: autograd.max([x[0], x[1] * x[2], x[2]]) * x[1],
        lambda x: autograd.logsumexp(x) * x[0],
        lambda x: autograd.cross_entropy(x, 1) ** 2,
        lambda x: autograd.dot(autograd.softmax(x), x),
        lambda x: autograd.norm(x) * x[2],
        lambda x: x[0] ** 2 if x[0] > x[1] else x[1] ** 3,
        lambda x: autograd.sum([v * w for v in x for w in x]) ** 2,
        lambda x: autograd.sum([v * v for v in x[1:]]) * autograd.exp(x[0]),
        lambda x: autograd.take(x, 2.0) * x[0] ** 2,
        lambda x: 3.0 * x[0],
        lambda x: autograd.mean(x) ** 3 + autograd.where(x[0] > 0, x[1] ** 2, x[2]),
    ],
)
@pytest.mark.parametrize("kind", [list, np.array, tuple])
def test_all_kinds_of_lists_and_structures(function, engine, kind):
    program = compile(hessian(function), engine=engine, check=True)
    for x in ([0.5, -0.3, 0.8], [-0.5, 0.3, 1.8]):
        got, want = np.array(program(kind(x))), np.array(hessian(function)(kind(x)))
        assert got == pytest.approx(want, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_a_function_closes_over_is_read_at_each_call(engine):
    w = Value(2.0, "w")
    program = compile(hessian(lambda x, k: w * x[0] ** 2 * x[1] * k), engine=engine)
    for number in (2.0, -1.0):
        w.data = number
        assert program([3.0, 4.0], 2) == [[16.0 * number, 12.0 * number], [12.0 * number, 0.0]]


def test_arguments_in_other_structures():
    f = lambda p: p["a"] ** 2 * p["b"][1] + p["b"][0]  # noqa: E731
    got = compile(hessian(f), engine="numpy")({"a": 2.0, "b": [1.0, 3.0]})
    assert got == hessian(f)({"a": 2.0, "b": [1.0, 3.0]})
