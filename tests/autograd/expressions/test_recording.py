"""Rules that are written down by running a function once."""

import numpy as np
import pytest

import autograd
from autograd.expressions.recording import SymbolicNumber

x, y = SymbolicNumber("x"), SymbolicNumber("y")


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (3 * x * x, "3 * x * x"),
        ((x + 1) / (2 - y), "(x + 1) / (2 - y)"),
        (-x - -y, "-x - -y"),
        (+x, "x"),
        (x**3 + 2**x, "pow(x, 3) + pow(2, x)"),
        (x // 2 + 5 % x, "floordiv(x, 2) + mod(5, x)"),
        (abs(x), "abs(x)"),
        (round(x), "round(x, 0)"),
        (autograd.tanh(x) * x.tanh(), "tanh(x) * tanh(x)"),
        (np.exp(x) + np.float64(2) * x, "exp(x) + 2.0 * x"),
        (x.arcsin(), "asin(x)"),
        (autograd.where((x < 1) & (y >= 0) | (x == y), x, -0.5),
         "where((x < 1) & (y >= 0) | (x == y), x, -0.5)"),
        (autograd.sum([x, 2, y]), "sum([x, 2, y])"),
        (autograd.dot([x, 1], [y, 2], 3), "dot([x, 1], [y, 2], 3)"),
        (autograd.logsumexp([x, y]), "logsumexp([x, y])"),
        (x * float("inf"), "x * inf"),
    ],
)  # fmt: skip
def test_what_is_written(made, text):
    assert str(made) == text
    assert repr(made) == text


@pytest.mark.parametrize(
    "refused",
    [
        lambda: 1 if x > 0 else 2,
        lambda: x + "1",
        lambda: x * autograd.Value(2.0),
        lambda: float(x),
        lambda: autograd.take([x, y], 1) + autograd.softmax([x, y])[0],
        lambda: np.add.reduce(x),
        lambda: np.heaviside(x, 0.5),
        lambda: x ** "2",
        lambda: x.data,
        lambda: hash(x),
    ],
)
def test_what_cannot_be_written(refused):
    with pytest.raises((TypeError, AttributeError)):
        refused()
