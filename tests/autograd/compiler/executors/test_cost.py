"""The engine is chosen by what a program is, and rightly for programs whose times are known."""

from itertools import pairwise

import numpy as np
import pytest

import autograd
from autograd.compiler.tape.choice import COMPILED


def rosenbrock(x):
    return sum((1 - a) ** 2 + 100 * (b - a**2) ** 2 for a, b in pairwise(x))


def product(W, x):
    return autograd.sum([autograd.square(autograd.dot(row, x)) for row in W])


@pytest.mark.skipif(not COMPILED, reason="the tape in plain Python is never faster")
@pytest.mark.parametrize(
    ("function", "shapes", "engine"),
    [  # beside each, what the engines took in microseconds: numpy, tape
        (rosenbrock, [(30,)], "tape"),  # 22, 3.5
        (rosenbrock, [(1000,)], "numpy"),  # 38, 91
        (product, [(10, 10), (10,)], "tape"),  # 7, 2
        (product, [(100, 100), (100,)], "numpy"),  # 20, 47
    ],
)
def test_the_faster_engine_is_chosen(function, shapes, engine):
    step = autograd.compile(function)
    step(*(np.ones(shape) for shape in shapes))
    assert step.engine == engine
