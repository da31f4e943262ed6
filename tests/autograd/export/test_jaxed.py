"""Programs under JAX give the engine's numbers."""

import numpy as np
import pytest
from exported import PRIMITIVES, WHOLE, flat, primitive, whole

jax = pytest.importorskip("jax", reason="the extra jax is not installed")


def agree(step, args, rel=1e-10):
    expected, got = flat(step(*args)), flat(step.to("jax")(*args))
    scale = max(1.0, np.abs(expected).max())
    np.testing.assert_allclose(got, expected, rtol=rel, atol=1e-3 * rel * scale)


@pytest.mark.parametrize("name", PRIMITIVES)
def test_every_primitive_agrees(name):
    agree(*primitive(name))


@pytest.mark.parametrize("name", WHOLE)
def test_whole_programs_agree(name):
    agree(*whole(name))
