"""The operators of a Value, as written from the table for either kernel."""

import pytest

import autograd
from autograd import Value
from autograd.primitives import TABLE

BINARY = [e for e in TABLE.values() if e.operator and len(e.arguments) == 2]
UNARY = [e for e in TABLE.values() if e.operator and len(e.arguments) == 1]


def derived(function, *leaves):
    """Return a result with its gradients."""
    result = function(*leaves)
    result.backward()
    return result.op, result.data, [leaf.grad for leaf in leaves]


@pytest.mark.parametrize("entry", BINARY, ids=lambda entry: entry.name)
@pytest.mark.parametrize("other", [1.3, 2])
def test_an_operator_of_two_is_the_function_on_either_side(entry, other):
    function = getattr(autograd, entry.name)
    operator = getattr(Value, f"__{entry.operator}__")
    reflected = getattr(Value, f"__r{entry.operator}__")
    two = (Value(0.7), Value(1.7))
    assert derived(operator, *two) == derived(function, Value(0.7), Value(1.7))
    assert derived(lambda x: operator(x, other), Value(0.7)) == derived(
        lambda x: function(x, other), Value(0.7)
    )
    assert derived(lambda x: reflected(x, other), Value(0.7)) == derived(
        lambda x: function(other, x), Value(0.7)
    )


@pytest.mark.parametrize("entry", UNARY, ids=lambda entry: entry.name)
def test_an_operator_of_one_is_the_function(entry):
    operator = getattr(Value, f"__{entry.operator}__")
    function = getattr(autograd, entry.name)
    assert derived(operator, Value(-0.7)) == derived(function, Value(-0.7))


def test_a_sum_that_starts_with_zero_is_its_first_term():
    x = Value(0.7)
    assert 0 + x is x
    assert x + 0 is not x


def test_derivatives_by_constants_are_not_computed():
    """0 ** v needs no logarithm of 0 for the base's derivative, v ** 2 none of v."""
    v = Value(-2.0)
    assert (v**2).partials == (-4.0, 0.0)
    assert autograd.pow(v, 2).partials == (-4.0, 0.0)
    assert autograd.leaky_relu(v).partials == (0.01, 0.0)
