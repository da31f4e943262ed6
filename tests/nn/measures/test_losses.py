import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import Value
from nn.measures.losses import LOSSES, find

SINGLE = {
    "mse": (nn.mse, [0.3, -2.0, 5.0], [0.0, 1.5]),
    "mae": (nn.mae, [0.3, -2.0, 5.0], [0.0, 1.5]),
    "huber": (nn.huber, [0.3, -2.0, 5.0], [0.0, 1.4]),
    "hinge": (nn.hinge, [0.3, -2.0, 5.0], [-1, 1]),
    "binary_cross_entropy": (nn.binary_cross_entropy, [0.01, 0.3, 0.99], [0, 1, 0.25]),
    "with_logits": (nn.binary_cross_entropy_with_logits, [-3.0, 0.3, 8.0], [0, 1, 0.25]),
}
CASES = [
    (loss, at, target)
    for loss, places, targets in SINGLE.values()
    for at in places
    for target in targets
]


@pytest.mark.parametrize(("loss", "at", "target"), CASES)
def test_gradients_agree_with_central_differences(loss, at, target, slope):
    p = Value(at)
    loss(p, target).backward()
    assert p.grad == pytest.approx(
        slope(lambda u: loss(Value(u), target).data, at), rel=1e-6, abs=1e-8
    )


@pytest.mark.parametrize(("loss", "at", "target"), CASES)
def test_lists_give_the_mean(loss, at, target):
    one, other = loss(Value(at), target).data, loss(Value(0.5), target).data
    nested = loss([[Value(at)], [Value(0.5)]], np.array([[target], [target]]))
    assert loss([Value(at), 0.5], (target, target)).data == pytest.approx((one + other) / 2)
    assert nested.data == pytest.approx((one + other) / 2)


@pytest.mark.parametrize(("loss", "at", "target"), CASES)
def test_plain_numbers_give_the_same_as_a_constant(loss, at, target):
    result = loss(at, target)
    assert isinstance(result, Value)
    assert result.data == loss(Value(at), target).data


@pytest.mark.parametrize(
    ("loss", "prediction", "target", "expected", "gradient"),
    [
        (nn.mae, 2.0, 2.0, 0.0, 0.0),
        (nn.mse, 1e200, 0.0, math.inf, 2e200),
        (nn.huber, 3.0, 2.0, 0.5, 1.0),
        (nn.huber, 1.0, 2.0, 0.5, -1.0),
        (nn.huber, 2.0, 2.0, 0.0, 0.0),
        (nn.hinge, 1.0, 1, 0.0, 0.0),
    ],
)
def test_edges(loss, prediction, target, expected, gradient):
    p = Value(prediction)
    result = loss(p, target)
    result.backward()
    assert (result.data, p.grad) == (expected, gradient)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(1e-3, 1e3))
def test_huber_is_its_definition(p, t, delta):
    d = abs(p - t)
    expected = d * d / 2 if d <= delta else delta * (d - delta / 2)
    assert nn.huber(Value(p), t, delta).data == pytest.approx(expected, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("name", ["mse", "mae", "huber", "hinge", "binary_cross_entropy"])
@pytest.mark.parametrize(
    ("prediction", "target", "message"),
    [
        (
            [0.5, 0.5],
            [1.0],
            "as many targets as predictions .* got a list of 2 and as target a list of 1",
        ),
        (
            [0.5],
            1.0,
            r"as target a float \(1\.0\); for a class number .* there is cross_entropy$",
        ),
        (
            0.5,
            [1.0],
            r"target a list of 1; where .* one output, .*: Y\.ravel\(\) of a column$",
        ),
        ([], [], "at least one"),
        ([[0.5], [0.5]], [[1.0], [1.0, 1.0]], "got a list of 1 and as target a list of 2"),
    ],
)
def test_lengths_must_agree(name, prediction, target, message):
    with pytest.raises(ValueError, match=f"{name} needs .*{message}|{message}"):
        LOSSES[name].function(prediction, target)


def test_what_is_no_number_is_named():
    with pytest.raises(TypeError, match=r"mse needs numbers or Values, got a str \('a'\)"):
        nn.mse([Value(1.0)], ["a"])
    with pytest.raises(TypeError, match="mae needs numbers or Values, got None"):
        nn.mae(None, 1.0)


def test_hinge_targets():
    with pytest.raises(ValueError, match="hinge needs targets of -1 or 1, got 0"):
        nn.hinge(Value(0.5), 0)
    assert nn.hinge(Value(0.5), Value(-1.0)).data == 1.5


def test_huber_needs_a_positive_delta():
    with pytest.raises(ValueError, match="delta must be above 0 and finite, got 0"):
        nn.huber(Value(0.5), 0, delta=0)


def test_l2_penalty_and_its_gradient():
    model = nn.Neuron(2, rng=0)
    penalty = nn.l2_penalty(model.parameters(), 0.5)
    penalty.backward()
    assert penalty.data == pytest.approx(0.5 * sum(p.data**2 for p in model.parameters()))
    assert [p.grad for p in model.parameters()] == [p.data for p in model.parameters()]
    with pytest.raises(ValueError, match="strength must be at least 0 and finite, got -1"):
        nn.l2_penalty(model.parameters(), -1)


def test_losses_are_found_by_name_and_by_function():
    assert find("hinge") is find(nn.hinge)
    assert find("binary_cross_entropy_with_logits").threshold == 0.0
    own = find(lambda p, t: p - t)
    assert (own.name, own.threshold) == ("<lambda>", 0.5)
    with pytest.raises(ValueError, match="no loss 'cross_entrop', did you mean 'cross_entropy'"):
        find("cross_entrop")
    with pytest.raises(TypeError, match=r"the loss can be binary_cross_entropy, .* got None"):
        find(None)
