"""The instruction sets of the blocked executor here, and how near its results are to others."""

import numpy as np
import pytest

from autograd.compiler.executors.blocked_engine import COMPILED

LEVELS = range(1)
if COMPILED:
    from autograd.kernels.cython import _blocked

    LEVELS = range(_blocked.BEST + 1)


def agree(found, expected, within=1e-13):
    """Compare two results, relative to the largest gradient, or 1e-3 if all are tiny."""
    assert found[0] == pytest.approx(expected[0], rel=1e-13, abs=1e-13)
    largest = max([1e-3, *(np.abs(g).max() for g in expected[1])])
    for ours, theirs in zip(found[1], expected[1], strict=True):
        assert np.shape(ours) == np.shape(theirs)
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=within * largest)
    for ours, theirs in zip(found[2], expected[2], strict=True):
        np.testing.assert_array_equal(ours, theirs)
