"""Random programs of samples and parameters agree with the eager engine, on each engine."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value
from autograd.graph import topological
from tests.helpers.random_graphs import at_jump, rounding

LABELS = (None, "w[{}]", "p[{}][0]")


def turns(r, pool, count, width):
    """Return rows of operands, as a loop reads them: shifted by as much each time."""
    by = r.choice([0, 1, width])
    return [[pool[(by * i + j) % len(pool)] for j in range(width)] for i in range(count)]


def elements(r, pool, _):
    function = getattr(autograd, r.choice(["tanh", "sigmoid", "softplus", "sin", "square"]))
    return [function(pool[i % len(pool)]) for i in range(r.randint(1, 4))]


def pairs(r, pool, _):
    function = getattr(autograd, r.choice(["add", "mul", "sub", "maximum"]))
    shared, shift = r.choice(pool), r.choice([None, *range(6)])
    rights = [shared if shift is None else pool[(i + shift) % len(pool)] for i in range(4)]
    return [function(pool[i % len(pool)], rights[i]).tanh() for i in range(r.randint(1, 4))]


def products(r, pool, _):
    width = r.randint(1, 4)
    shared, bias = [r.choice(pool) for _ in range(width)], r.choice([0.0, r.choice(pool)])
    rows = turns(r, pool, r.randint(1, 4), width)
    return [(autograd.dot(row, shared) + bias).tanh() for row in rows]


def matrices(r, pool, _):
    left = [pool[i % len(pool)] for i in range(r.randint(1, 4))]
    right = left if r.random() < 0.5 else [r.choice(pool) for _ in range(r.randint(1, 3))]
    made = [a * b for a in left for b in right]
    return [v.tanh() for v in made] if r.random() < 0.5 else [0.5 * v for v in made]


def lists(r, pool, _):
    function = getattr(autograd, r.choice(["logsumexp", "norm", "mean", "prod", "sum", "max"]))
    rows = turns(r, pool, r.randint(1, 4), r.randint(1, 4))
    return [function(row).tanh() for row in rows]


def sums(r, pool, _):
    a, b = r.choice(pool), r.choice(pool)
    shifted = [(pool[i % len(pool)], pool[(i + 1) % len(pool)]) for i in range(r.randint(1, 4))]
    return [0.5 * x - y * a + b.tanh() for x, y in shifted]


def selections(r, pool, places):
    rows = turns(r, pool, r.randint(1, 4), 3)
    chosen = places if r.random() < 0.5 else places[:1]
    found = list(enumerate(rows))
    if r.random() < 0.5:
        return [autograd.take(row, chosen[i % len(chosen)]) for i, row in found]
    return [autograd.cross_entropy(row, chosen[i % len(chosen)]).tanh() for i, row in found]


def shares(r, pool, _):
    return list(autograd.softmax(turns(r, pool, 1, r.randint(2, 5))[0]))


KINDS = (elements, pairs, products, matrices, lists, sums, selections, shares)


def program(seed, parameters, places):
    """Return a function of a sample and its positions; the same one at each call."""

    def function(x, k):
        r = random.Random(seed)
        pool, chosen = [*parameters, *x], [*places, *k]
        r.shuffle(pool)
        r.shuffle(chosen)
        for _ in range(r.randint(1, 4)):
            made = r.choice(KINDS)(r, pool, chosen)
            pool = r.choice([[*made, *pool], [*pool, *made], [*made, x[0]]])
        factor = r.choice([1.0, 2.0, x[0], parameters[0]])
        return autograd.sum([end * factor for end in pool[-r.randint(1, 8) :]])

    return function


def case(seed):
    """Return a function, what it closes over, and samples."""
    r, rng = random.Random(seed + 1), np.random.default_rng(seed)
    label = r.choice(LABELS)
    parameters = [
        Value(r.uniform(0.2, 1.5), label and label.format(i)) for i in range(r.randint(1, 5))
    ]
    places = [Value(float(r.randint(0, 2))) for _ in range(r.randint(1, 3))]
    count = r.randint(1, 4)
    X = rng.uniform(0.2, 1.5, (count, r.randint(1, 4)))
    K = rng.integers(0, 3, (count, r.randint(1, 2)))
    return program(seed, parameters, places), [*parameters, *places], X, K


@pytest.mark.parametrize("reduce", ["mean", "sum"])
@settings(max_examples=100)
@given(seed=st.integers(0, 10**9))
def test_batches_of_random_programs_agree(reduce, seed):
    function, leaves, X, K = case(seed)
    samples = [list(map(autograd.constant, x)) for x in X.tolist()]
    losses = [function(x, k) for x, k in zip(samples, K.tolist(), strict=True)]
    total = autograd.mean(losses) if reduce == "mean" else autograd.sum(losses)
    if total.is_constant or any(map(at_jump, topological(total))):
        return
    total.backward()
    if rounding(total) > 1e-12:
        return
    gradients = np.array([leaf.grad for leaf in leaves])
    scale = max(1e-3, float(np.abs(gradients).max()))
    for engine in ("numpy", "blocked", "tape"):
        step = autograd.compile(
            function, batch=("x", "k"), engine=engine, reduce=reduce, exact=True
        )
        for _ in range(2):  # the general way and the straight call
            for leaf in leaves:
                leaf.zero_grad()
            value, ours = step.backward(X, K), [leaf.grad for leaf in leaves]
            assert value == pytest.approx(total.data, rel=1e-11, abs=1e-12), step.source
            assert ours == pytest.approx(gradients, rel=1e-9, abs=1e-11 * scale), step.source
