"""The straight call of a variant: what it checks."""

import numpy as np
import pytest

import autograd


@pytest.mark.parametrize("wrong", [-1, 3])
def test_an_array_that_selects_is_checked_at_each_call(wrong):
    step = autograd.compile(lambda w, x, y: autograd.cross_entropy([w * v for v in x], y),
                            batch=("x", "y"))  # fmt: skip
    x = np.array([[0.1, 0.2, 0.3], [0.3, 0.1, 0.0]])
    first = step(2.0, x, np.array([0, 2]))
    assert step(2.0, x, np.array([0, 2])) == first
    with pytest.raises(IndexError, match=f"selects with {wrong}; allowed are .* 0 to 2"):
        step(2.0, x, np.array([0, wrong]))
