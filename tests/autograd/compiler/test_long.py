"""Programs of more lines than Python may recurse: nothing goes deeper with the length."""

import sys

import numpy as np
import pytest

import autograd

STEPS = sys.getrecursionlimit() + 100


def summed(w, b):
    s, total = b, 0.0
    for _ in range(STEPS):
        s = s - 0.01 * b * w * s
        total = total + s
    return total


def listed(w, b):
    states = [b]
    for _ in range(STEPS):
        states.append(autograd.sin(states[-1] * w))
    return autograd.logsumexp(states)


def branching(w, b):
    s = b
    for _ in range(STEPS):
        s = 0.999 * s * w if s > -1 else s
    return s


@pytest.mark.parametrize(
    ("function", "reduce"), [(summed, "mean"), (listed, "sum"), (branching, "mean")]
)
def test_a_batch(function, reduce):
    points = [0.1, 0.3, 0.5]
    step = autograd.compile(function, wrt="w", batch="b", reduce=reduce)
    value, slope = step(0.99, np.array(points))
    pairs = [autograd.value_and_grad(function)(0.99, b) for b in points]
    gather = np.mean if reduce == "mean" else np.sum
    assert value == pytest.approx(gather([v for v, _ in pairs]), rel=1e-9)
    assert slope == pytest.approx(gather([g for _, g in pairs]), rel=1e-9)
    assert len(str(step.explain()).splitlines()) > STEPS


def test_results_of_all_steps():
    def states(w, b):
        found = [b]
        for _ in range(STEPS):
            found.append(found[-1] * w)
        return found

    run = autograd.compile(states, batch="b", gradients=False)
    found = run(0.999, np.array([1.0, 2.0]))
    assert np.asarray(found)[:, -1] == pytest.approx(np.array([1, 2]) * 0.999**STEPS)


def test_exports():
    step = autograd.compile(branching, wrt="w", engine="numpy")
    step(0.99, 0.5)
    for kind in ("numpy", "c", "latex"):
        assert len(str(step.to(kind)).splitlines()) > STEPS


def test_a_power_that_decides_is_infinite_where_the_tables_is():
    def f(x, y):
        size = (-x[0] * 1e308 * 100) ** y
        root = (-x[0] * 1e308 * 100) ** 0.5
        return x[0] * x[1] if size > 1 and root > 1 else x[1]

    for engine in ("numpy", "blocked", "tape"):
        assert autograd.compile(f, wrt="x", engine=engine)([2.0, 3.0], 0.5)[0] == 6.0
