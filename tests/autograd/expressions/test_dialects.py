import pytest

from autograd.expressions import tree as e
from viz.basics.numbers import formatter


@pytest.mark.parametrize("label", ["ŷ", "w₁⁽⁰·³⁾", "layers.0.w", "x'", "x[0]", "重み", "x#2"])
def test_names_that_hold_together(label):
    assert bracketed(label) == label


@pytest.mark.parametrize("label", ["a b", "a+b", "a−b", "f(x)", "y=1", "<b>", "50%", "a/b"])
def test_names_that_would_fall_apart(label):
    assert bracketed(label) == f"[{label}]"


def test_numbers_are_written_by_the_format():
    half = e.number(0.5)
    assert text(half * e.Symbol("x", 1.0), formatter(4, ".3f")) == "0.500 * x"
    assert strength(half, formatter(4, None)) == ATOM
    assert strength(half, formatter(4, "+.1f")) == SUM
