"""Static arguments: whole numbers that stay ints, each with programs of its own."""

import copy

import numpy as np
import pytest

import autograd
from autograd import Value

ROWS = [autograd.values([0.5, 1.0]), autograd.values([2.0, 3.0])]


def power(x, n):
    return autograd.prod([x for _ in range(n)]) * len(range(n))


@pytest.mark.parametrize("engine", ["numpy", "blocked", "tape"])
def test_each_number_is_a_program_of_its_own(engine):
    step = autograd.compile(power, static="n", engine=engine)
    for _ in range(4):  # traced, checked, then by quick calls
        for n in (2, 3, 300):
            value, slope = step(1.01, n)
            assert value == pytest.approx(n * 1.01**n)
            assert slope == pytest.approx(n * n * 1.01 ** (n - 1))
    assert step(1.01, np.int64(3)) == step(1.01, n=3)
    assert repr(step) == "<compiled power(x, n), 3 variants>"
    assert step.value(2.0, 2) == 8.0
    assert copy.deepcopy(step)(2.0, 2) == (8.0, 8.0)


def test_it_selects_as_a_list_index_does():
    step = autograd.compile(lambda i, x: autograd.dot(ROWS[i], x), static=["i"])
    assert [step(i, [1.0, 2.0])[0] for i in (0, 1, -1)] == [2.5, 8.0, 8.0]
    with pytest.raises(IndexError):
        step(2, [1.0, 2.0])
    step = autograd.compile(lambda i: ROWS[i][0] * 2, static="i")
    assert step.backward(1) == 4.0
    assert ROWS[1][0].grad == 2.0
    ROWS[1][0].zero_grad()


def test_with_a_batch_and_forward():
    step = autograd.compile(lambda x, n: x**n, static="n", batch="x", gradients=False)
    for _ in range(3):
        assert step(np.array([1.0, 2.0]), 3).tolist() == [1.0, 8.0]
        assert step(np.array([1.0, 2.0]), 2).tolist() == [1.0, 4.0]
    double = autograd.compile(lambda x, n: [x * n], static="n", gradients=False)
    assert [double(2.0, n) for n in (1, 2, 1, 2, 1)] == [[2.0], [4.0], [2.0], [4.0], [2.0]]


@pytest.mark.parametrize("wrong", [2.0, True, "2", [2], Value(2.0)])
def test_only_whole_numbers_are_static(wrong):
    step = autograd.compile(lambda n: Value(1.0) * n, static="n")
    with pytest.raises(TypeError, match=r"n: got .*; allowed for a static argument is a whole n"):
        step.backward(wrong)


def test_wrong_names():
    with pytest.raises(ValueError, match="static: got a str \\('m'\\)"):
        autograd.compile(power, static="m")
    with pytest.raises(ValueError, match="static arguments have no gradients"):
        autograd.compile(power, static="n", wrt="n")
    with pytest.raises(ValueError, match="static: "):
        autograd.compile(power, static="n", batch="n")
    assert autograd.compile(autograd.grad(power), static="n")(2.0, 2) == 8.0
