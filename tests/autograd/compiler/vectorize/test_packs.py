"""Groups: what does the same, from the same arrays, becomes one instruction."""

import numpy as np
import pytest

import autograd


def test_terms_of_the_first_array_are_not_taken_for_products_with_it():
    def program(xs):
        return autograd.tanh(xs[0] + xs[2]) + 0.5 * (xs[1] * xs[2]) + (xs[0] + xs[1] * xs[1]).exp()

    xs = np.array([0.3, -0.7, 1.1])
    value, gradient = autograd.compile(program, engine="numpy")(xs)
    leaves = [autograd.Value(x) for x in xs]
    result = program(leaves)
    result.backward()
    assert value == pytest.approx(result.data, rel=1e-14)
    assert gradient == pytest.approx([leaf.grad for leaf in leaves], rel=1e-14)
