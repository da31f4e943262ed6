"""Functions of elements in C: the bits of NumPy's own operations, or no program."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd.compiler.elementwise import COMPILED, elementwise

compiled = pytest.mark.skipif(not COMPILED, reason="the plain kernel has none")
SPECIAL = [0.0, -0.0, 1.0, -1.0, 5e-324, 1e308, -1e308, math.inf, -math.inf, math.nan, 0.1, 3.0]
UNARY = [lambda x: -x, abs, np.sqrt, np.abs, lambda x: x**2, np.square, np.negative]
BINARY = [
    lambda x, y: x + y, lambda x, y: x - y, lambda x, y: x * y, lambda x, y: x / y,
    np.add, np.subtract, np.multiply, np.divide,
]  # fmt: skip


def formula(choices):
    """Return a function of two arrays and two numbers, of operations that are chosen."""

    def function(p, g, lr, steps):
        found = [p, g, lr, steps, 0.1]
        for kind, i, j in choices:
            x, y = found[i % len(found)], found[j % len(found)]
            operation = (UNARY + BINARY)[kind % 15]
            found.append(operation(x) if operation in UNARY else operation(x, y))
        return [found[-1] + 0 * p, p - lr * g, found[-1] * g + (1 - 0.9**steps) * p]

    return function


@compiled
@given(
    st.lists(st.tuples(*[st.integers(0, 1000)] * 3), max_size=12),
    st.sampled_from([1, 2, 7, 8, 63, 128, 129, 1000]),
    st.integers(0, 2**32 - 1),
)
def test_bits_are_numpys(choices, size, seed):
    function = formula(choices)
    random = np.random.default_rng(seed)
    example = [random.normal(size=5) for _ in range(2)]
    with np.errstate(all="ignore"):
        run = elementwise(function, example, [0.25, 3.0])
        if run is None:  # -0.0 where numbers meet in Python alone, or a division of them by 0
            return
        p, g = random.normal(size=(2, size))
        for row in (p, g):
            chosen = random.random(size) < 0.3
            row[chosen] = random.choice(SPECIAL, chosen.sum())
        expected = function(p, g, 0.1, 7.0)
        found = [np.empty(size) for _ in expected]
        run([p, g, 0.1, 7.0], found)
    for ours, numpys in zip(found, expected, strict=True):
        is_nan = np.isnan(numpys)
        assert np.isnan(ours[is_nan]).all()
        assert ours[~is_nan].tobytes() == numpys[~is_nan].tobytes()


@compiled
def test_results_may_be_written_where_operands_are_read():
    random = np.random.default_rng(0)
    p, g, m = random.normal(size=(3, 300))

    def update(p, g, m, lr):
        return [p - lr * (0.9 * m + g), 0.9 * m + g]

    run = elementwise(update, [p, g, m], [0.1])
    expected = update(p, g, m, 0.25)
    run([p, g, m, 0.25], [p, m])
    assert [p.tobytes(), m.tobytes()] == [x.tobytes() for x in expected]


@compiled
@pytest.mark.parametrize("exponent", [-1.5, -1, -0.5, 0.5, 2, 3, 1 / 3, "steps"])
def test_powers_of_numbers_are_pythons(exponent):
    """C computes some as roots and products, which Python does not: those have no program."""

    def function(p, x, steps):
        return [p * x ** (steps if exponent == "steps" else exponent)]

    run = elementwise(function, [np.ones(1)], [0.25, 3.0])
    assert (run is None) == (exponent in {-1.5, -1, -0.5, 0.5, 2})
    if run is None:
        return
    found = np.empty(1)
    for x in np.random.default_rng(0).uniform(0.001, 3, 2000).tolist():
        run([np.ones(1), x, 2.0], [found])
        assert found.tolist() == function(1.0, x, 2.0)


def drawing(p):
    return [p * np.random.default_rng().normal()]


def counting(p, calls=[]):  # noqa: B006 - what it counts with
    calls.append(1)
    return [p * len(calls)]


w = autograd.Value(2.0)


@compiled
@pytest.mark.parametrize(
    "function",
    [
        lambda p: [p - p.mean()],  # not by itself
        lambda p: [p / np.max(p)],
        lambda p: [np.exp(p)],  # rounded otherwise
        lambda p: [p**3],
        lambda p: [p if p > 0 else -p],  # compares
        lambda p: [p * float(p)],
        lambda p: [p * w],  # rests on a node
        lambda _: [2.0 + 0 * w],
        lambda _: [1.0],
        lambda p: p[0],
        lambda _: 1 / 0,
        drawing,
        counting,
    ],
)
def test_what_cannot_be_run_so_has_no_program(function):
    assert elementwise(function, [np.arange(1.0, 5.0)], []) is None


@compiled
def test_a_result_that_no_element_changes_has_no_program():
    assert elementwise(lambda p, lr: [p * lr, lr], [np.ones(3)], [0.5]) is None
    assert elementwise(lambda p, lr: [p * lr], [np.ones(3)], [0.5]) is not None


@pytest.mark.skipif(COMPILED, reason="the compiled kernel has one")
def test_the_plain_kernel_has_none():
    assert elementwise(lambda p: [p * 2], [np.ones(3)], []) is None
