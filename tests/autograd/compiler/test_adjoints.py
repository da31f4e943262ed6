"""Gradients towards what has fewer axes than the line that reads it."""

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
