"""Random scalar programs, lifted and replayed, agree with the eager engine."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value
from autograd.graph import topological
from tests.helpers.random_graphs import at_jump, random_graph, rounding


def eager(result, leaves):
    """Return the eager engine's value and gradients."""
    for leaf in leaves:
        leaf.zero_grad()
    result.backward()
    return result.data, np.array([leaf.grad for leaf in leaves])


def test_rounding_that_grows_is_told():
    x = Value(11.0)
    for result, least, most in [(x.tanh().atanh(), 1e-8, 1e-6), (x.tanh() * x, 1e-16, 1e-14)]:
        result.backward()
        assert least < rounding(result) < most


def test_only_what_rounding_can_change_stands_at_a_jump():
    x = Value(0.3)
    noise = x + x * x - x - x * x
    assert at_jump(autograd.sign(noise))
    assert at_jump(autograd.maximum(x * x, x * x))  # two nodes, each with its own rounding
    assert not at_jump(autograd.maximum(noise, noise))
    assert at_jump(autograd.equal(x * x + 1e-15, x * x))
    assert not at_jump(autograd.equal(x * x + 1e-3, x * x))
    assert not at_jump(autograd.floor(x + 0.71))
    assert not at_jump(autograd.sign(Value(0.0)))


@pytest.mark.parametrize("engine", ["numpy", "blocked", "tape"])
@settings(max_examples=150)
@given(seed=st.integers(0, 10**9))
def test_lifted_programs_agree(engine, seed):
    result, leaves = random_graph(seed)
    if result.is_constant or any(map(at_jump, topological(result))):
        return
    value, gradients = eager(result, leaves)
    if not (math.isfinite(value) and np.isfinite(gradients).all()) or rounding(result) > 1e-12:
        return
    program = autograd.lift(result, leaves, engine=engine, exact=True)
    got, slopes = program(*[leaf.data for leaf in leaves])
    scale = max(1e-3, float(np.abs(gradients).max()))
    assert got == pytest.approx(value, rel=1e-11, abs=1e-12), program.source
    assert slopes == pytest.approx(gradients, rel=1e-9, abs=1e-11 * scale), program.source


def sample_loss(w, b, x, y):
    """A loss with shared nodes, a ragged sum and a choice."""
    z = [sum(a * v for a, v in zip(row, x, strict=True)) + c for row, c in zip(w, b, strict=True)]
    h = [autograd.tanh(v) * autograd.sigmoid(v) for v in z]
    prefix = [autograd.sum(h[: i + 1]) for i in range(len(h))]
    return autograd.logsumexp(prefix) - y * h[0] + autograd.maximum(h[-1], 0.1) * h[0]


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6), reduce=st.sampled_from(["mean", "sum"]))
def test_batches_agree_and_follow_the_parameters(seed, reduce):
    rng = np.random.default_rng(seed)
    p, k, n = (int(i) for i in rng.integers(1, 5, 3))
    w, b = rng.normal(size=(p, k)), rng.normal(size=p)
    X, Y = rng.normal(size=(n, k)), rng.normal(size=n)
    step = autograd.compile(
        sample_loss, wrt=("w", "b"), batch=("x", "y"), reduce=reduce, exact=True
    )
    for _ in range(3):  # the general way, the straight-line call, and after a change
        value, (dw, db) = step(w, b, X, Y)
        ws, bs = autograd.values(w), autograd.values(b)
        losses = [sample_loss(ws, bs, x.tolist(), float(y)) for x, y in zip(X, Y, strict=True)]
        total = autograd.mean(losses) if reduce == "mean" else autograd.sum(losses)
        total.backward()
        assert value == pytest.approx(total.data, rel=1e-12, abs=1e-13)
        assert dw == pytest.approx(np.array([[v.grad for v in row] for row in ws]), abs=1e-12)
        assert db == pytest.approx(np.array([v.grad for v in bs]), abs=1e-12)
        w = w + 0.1
