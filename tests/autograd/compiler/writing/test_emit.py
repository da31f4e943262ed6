"""Lines have all axes of what they compute."""

import numpy as np
import pytest

import autograd
from autograd import Value


@pytest.mark.parametrize("engine", ["numpy", "tape"])
def test_a_product_of_a_sample_made_twice(engine):
    """The same number at both places: the line repeated it without the samples' axis."""
    w, X = Value(0.5), np.array([0.25, 1.0, -2.0])
    function = lambda x: autograd.sum([v.tanh() for v in (w * x, x * w)]) * x  # noqa: E731
    step = autograd.compile(function, batch=["x"], engine=engine)
    for count in (3, 1, 2):
        w.zero_grad()
        value = step.backward(X[:count])
        ours = w.grad
        w.zero_grad()
        mean = autograd.mean([function(x) for x in X[:count].tolist()])
        mean.backward()
        assert value == pytest.approx(mean.data, rel=1e-14)
        assert ours == pytest.approx(w.grad, rel=1e-14)
