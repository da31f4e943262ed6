"""A few of the random lifted programs, and those that once were wrong."""

import pytest

import autograd
from tests.fuzz import lifted

INF = float("inf")


@pytest.mark.parametrize("seed", [1028, 1071, 1143, *range(6)])
def test_a_lifted_program_gives_what_the_tape_and_the_eager_engine_give(seed):
    assert lifted.attempt(seed) == []


def test_a_difference_is_relative_and_a_nan_is_no_number():
    assert lifted.difference([1.0, 2.0], [1.0, 2.0]) == 0
    assert lifted.difference([1.0, 2.0], [1.0, 4.0]) == 0.5
    assert lifted.difference([float("nan")], [1.0]) == INF


@pytest.mark.parametrize("engine", ["numpy", "blocked", "auto", "tape"])
@pytest.mark.parametrize("x", [[INF, 1.0, 2.0], [1.0, INF, 2.0], [1.0, 2.0, 3.0]])
def test_padding_decides_nothing(x, engine):
    """Rows of 1, 2 and 3 factors are one product of padded rows, were it not for the branch."""

    def f(x, t):
        rows = [autograd.dot(x[: k + 1], x[: k + 1]) for k in range(3)]
        for k, row in enumerate(rows):
            t = t * (k + 2) if x[0] <= row else -t
        return t

    step = autograd.compile(f, engine=engine, wrt="t")
    assert step(x, 3.0) == autograd.value_and_grad(f, argnums=1)(x, 3.0)
