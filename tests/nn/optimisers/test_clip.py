import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import Value


def with_gradients(numbers):
    parameters = [Value(0.0, f"p{i}") for i in range(len(numbers))]
    for parameter, number in zip(parameters, numbers, strict=True):
        parameter.grad = number
    return parameters


@given(
    st.lists(st.floats(-1e308, 1e308), min_size=1, max_size=5),
    st.floats(1e-3, 1e3),
)
def test_the_norm_is_at_most_the_limit_and_the_direction_stays(numbers, limit):
    parameters = with_gradients(numbers)
    norm = nn.clip_norm(parameters, limit)
    assert norm == pytest.approx(math.hypot(*numbers), rel=1e-14)
    if norm <= limit:
        assert [p.grad for p in parameters] == numbers
        return
    assert math.hypot(*(p.grad for p in parameters)) == pytest.approx(limit, rel=1e-14)
    largest = max(map(abs, numbers))
    shares = [p.grad / max(abs(p.grad) for p in parameters) for p in parameters]
    assert shares == pytest.approx([number / largest for number in numbers], rel=1e-12, abs=1e-300)


def test_a_norm_that_overflows_is_clipped_rightly():
    parameters = with_gradients([1.7e308, -1.7e308])
    assert nn.clip_norm(parameters, 1.0) == math.inf
    assert [p.grad for p in parameters] == pytest.approx([math.sqrt(0.5), -math.sqrt(0.5)])


def test_values():
    parameters = with_gradients([-7.0, 0.25, 7.0])
    nn.clip_value(parameters, 0.5)
    assert [p.grad for p in parameters] == [-0.5, 0.25, 0.5]


def test_nothing_to_clip():
    untouched = Value(1.0)
    assert nn.clip_norm([untouched], 1.0) == 0.0
    nn.clip_value([untouched], 1.0)
    assert not untouched.has_grad


@pytest.mark.parametrize("clip", [nn.clip_norm, nn.clip_value])
def test_refusals(clip):
    with pytest.raises(ValueError, match="limit must be above 0 and finite, got 0"):
        clip(with_gradients([1.0]), 0)
    with pytest.raises(
        FloatingPointError, match="the gradient of p1 is nan: clipping cannot repair"
    ):
        clip(with_gradients([1.0, math.nan]), 1.0)
