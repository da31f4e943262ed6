"""Engines by name."""

import pytest

import nn
from nn.stepping.engines import find, identity


def test_jax_may_be_a_name_or_settings(line):
    pytest.importorskip("jax", reason="the extra jax is not installed")
    settings = nn.Jax(dtype="float32", devices=1)
    assert find("jax", line[0], nn.mse).settings == nn.Jax()
    assert find(settings, line[0], nn.mse).settings == settings
    assert identity(settings) == "jax, float32"


def test_anything_else_is_refused(line):
    with pytest.raises(TypeError, match="the engine can be compiled, eager, jax or JAX with"):
        nn.fit(*line, engine=3)
