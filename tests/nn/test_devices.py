"""What can be asked of JAX's devices."""

import sys

import pytest

import nn
from autograd.errors import MissingExtraError


def test_without_jax_one_line_names_the_extra(line, monkeypatch):
    monkeypatch.setitem(sys.modules, "jax", None)
    with pytest.raises(MissingExtraError) as caught:
        nn.fit(*line, engine="jax")
    assert str(caught.value) == 'this needs jax: pip install "scalar-autograd[jax]"'


def test_settings_are_checked():
    with pytest.raises(ValueError, match="dtype can be float64 or float32, got 'half'"):
        nn.Jax(dtype="half")
    with pytest.raises(ValueError, match="devices must be at least 1, got 0"):
        nn.Jax(devices=0)
