"""Gradients of what has fewer axes than the line that reads it."""

import numpy as np
import pytest

import autograd
from autograd import Value

X = np.array([1.0, 2.0, 5.0])


def functions():
    u, w = Value(0.5, "u"), Value(-1.5, "w")
    return [u, w], {
        "a multiple beside a sample": lambda x: 2.0 * u + x,
        "several multiples": lambda x: 2.0 * u - 0.5 * w + 3.0 * x,
        "a product beside a sample": lambda x: u * w + x,
        "a function beside a sample": lambda x: u.exp() + x,
        "a multiple in a square": lambda x: (x - 2.0 * u) ** 2 + w,
        "a constant choice": lambda x: (
            w * autograd.where(autograd.constant(0.0), autograd.sqrt(x), 2.0) + u
        ),
        "a choice by a sample": lambda x: w * autograd.where(x > 1.5, autograd.sqrt(x), 0.0) + u,
        "no sample at all": lambda x: 3.0 * u * w if x is not None else u,
    }


@pytest.mark.parametrize("reduce", ["mean", "sum"])
@pytest.mark.parametrize("name", functions()[1])
def test_numbers_that_all_samples_share(name, reduce):
    # 2.0 * u + x once gave u the gradient 2 n: its samples were counted twice.
    parameters, made = functions()
    step = autograd.compile(made[name], batch="x", reduce=reduce, engine="numpy")
    step(X)
    value = step.backward(X)
    total = autograd.sum([made[name](x) for x in X.tolist()])
    scale = 1 / len(X) if reduce == "mean" else 1.0
    ours = [p.grad for p in parameters]
    for p in parameters:
        p.zero_grad()
    total.backward()
    assert value == pytest.approx(total.data * scale, rel=1e-12)
    assert ours == pytest.approx([p.grad * scale for p in parameters], rel=1e-12)


def selections(w, places):
    """Functions of a sample of three numbers that select among numbers by parameters."""
    (k, *_), take = places, autograd.take
    columns = [[v * x for v in w] for x in (2.0, 3.0)]
    return {
        "one, of samples and parameters": lambda x: take([w[0] * x[0], x[1] * x[2], w[1]], k),
        "one, of parameters": lambda x: take(w, k) * x[0],
        "a row": lambda x: autograd.sum([take([v * c for v in w], k) for c in x]),
        "a row with a factor": lambda x: autograd.sum([take([v * c for v in w], k) for c in x])
        * x[1],
        "several places": lambda x: autograd.sum([take([v * x[0] for v in w], p) for p in places]),
        "rows at several places": lambda x: autograd.sum(
            [autograd.tanh(take([v * c for v in w], p)) * x[0] for p in places for c in x]
        ),
        "rows of parameters": lambda x: autograd.sum(
            [take(column, p) * x[0] for p in places for column in columns]
        ),
        "a list for each place": lambda x: autograd.sum(
            [take([v * c for v in w], p) for p, c in zip(places, x, strict=True)]
        ),
        "products of pairs": lambda x: autograd.sum(
            [take([v * u for v in w], p) * x[0] for p in places for u in w]
        ),
    }  # fmt: skip


@pytest.mark.parametrize("engine", ["numpy", "blocked", "tape"])
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("name", selections([1.0], [0.0]))
def test_positions_that_are_parameters(name, count, engine):
    """A gradient without the samples' axis was taken for one that has it, a column for a row."""
    w, places = autograd.values([3.0, 0.5, -2.0]), autograd.values([1.0, 2.0, 1.0])
    function = selections(w, places)[name]
    samples = np.array([[1.0, 2.0, 3.0], [0.5, -1.0, 2.5], [4.0, 0.25, -0.75]])[:count]
    step = autograd.compile(function, batch=["x"], engine=engine)
    for moved in (0.0, 2.0):  # the second call is straight; positions are read at each
        places[0].data = moved
        for v in (*w, *places):
            v.zero_grad()
        value = step.backward(samples)
        ours = [v.grad for v in (*w, *places)]
        for v in (*w, *places):
            v.zero_grad()
        mean = autograd.mean([function(x) for x in samples.tolist()])
        mean.backward()
        assert value == pytest.approx(mean.data, rel=1e-12)
        assert ours == pytest.approx([v.grad for v in (*w, *places)], rel=1e-12)


def test_a_row_that_meets_itself_as_a_column():
    """Both factors are written alike; their gradients are not the same."""
    weights = np.arange(9.0).reshape(3, 3)
    step = autograd.compile(
        lambda w, c: autograd.sum(
            [autograd.tanh(w[i] * w[j]) * c[i][j] for i in range(3) for j in range(3)]
        ),
        wrt=["w"],
        engine="numpy",
    )
    value, gradient = step([0.3, 0.5, 0.7], weights)
    w = np.array([0.3, 0.5, 0.7])
    slopes = weights * (1 - np.tanh(np.outer(w, w)) ** 2)
    assert value == pytest.approx((weights * np.tanh(np.outer(w, w))).sum(), rel=1e-14)
    assert gradient == pytest.approx((slopes + slopes.T) @ w, rel=1e-14)
