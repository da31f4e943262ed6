"""The optimisers against the update rules written out number by number, with `math` alone."""

import math

import pytest

import nn
from autograd import Value
from nn.optimisers import optim

STARTS = (1.0, -2.0, 0.5)
GRADIENTS = ((0.1, -3.0, 0.0), (0.2, 1.0, -1.0), (-5.0, 1e-3, 2.0), (0.3, 0.0, 0.0))


def sgd(p, gradients, *, lr, momentum=0.0, nesterov=False, weight_decay=0.0):
    velocity = None
    for g in gradients:
        d = g + weight_decay * p
        velocity = d if velocity is None else momentum * velocity + d
        p -= lr * (d + momentum * velocity if nesterov else velocity)
    return p


def rmsprop(p, gradients, *, lr, alpha=0.99, eps=1e-8, weight_decay=0.0):
    average = 0.0
    for g in gradients:
        d = g + weight_decay * p
        average = alpha * average + (1 - alpha) * d**2
        p -= lr * d / (math.sqrt(average) + eps)
    return p


def adam(p, gradients, *, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, decoupled=False):
    m = v = 0.0
    for t, gradient in enumerate(gradients, start=1):
        g = gradient if decoupled else gradient + weight_decay * p
        p *= 1 - lr * weight_decay if decoupled else 1
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        p -= lr * (m / (1 - betas[0] ** t)) / (math.sqrt(v / (1 - betas[1] ** t)) + eps)
    return p


def adamw(p, gradients, *, weight_decay=0.01, **settings):
    return adam(p, gradients, weight_decay=weight_decay, decoupled=True, **settings)


@pytest.mark.parametrize(
    ("kind", "reference", "settings"),
    [
        (nn.SGD, sgd, {"lr": 0.1}),
        (nn.SGD, sgd, {"lr": 0.1, "momentum": 0.9}),
        (nn.SGD, sgd, {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1}),
        (nn.SGD, sgd, {"lr": 0.1, "momentum": 0.5, "nesterov": True, "weight_decay": 0.1}),
        (nn.RMSprop, rmsprop, {"lr": 0.01}),
        (nn.RMSprop, rmsprop, {"lr": 0.1, "alpha": 0.5, "eps": 0.1, "weight_decay": 0.2}),
        (nn.Adam, adam, {"lr": 0.001}),
        (nn.Adam, adam, {"lr": 0.1, "betas": (0.5, 0.6), "eps": 1e-3, "weight_decay": 0.2}),
        (nn.AdamW, adamw, {"lr": 0.001}),
        (nn.AdamW, adamw, {"lr": 0.1, "betas": (0.5, 0.6), "eps": 1e-3, "weight_decay": 0.2}),
    ],
)
def test_formula(kind, reference, settings):
    parameters = [Value(start) for start in STARTS]
    optimiser = kind(parameters, **settings)
    for row in GRADIENTS:
        for parameter, g in zip(parameters, row, strict=True):
            parameter.grad = g
        optimiser.step()
    expected = [
        reference(start, column, **settings)
        for start, column in zip(STARTS, zip(*GRADIENTS, strict=True), strict=True)
    ]
    assert [p.data for p in parameters] == pytest.approx(expected, rel=1e-14)


def test_two_adam_steps_worked_out_by_hand():
    p = Value(1.0)
    optimiser = nn.Adam([p], lr=0.5, betas=(0.5, 0.75), eps=0.0)
    p.grad = 4.0
    optimiser.step()  # m = 2, v = 4; corrected 4 and 16
    assert p.data == 0.5
    p.grad = 0.0
    optimiser.step()  # m = 1, v = 3; corrected 4/3 and 48/7
    assert p.data == pytest.approx(0.5 - 0.5 * (4 / 3) / math.sqrt(48 / 7), rel=1e-15)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p: nn.SGD(p, lr=-1), "lr must be at least 0 and finite, got -1"),
        (lambda p: nn.SGD(p, lr=math.nan), "lr must be at least 0 and finite, got nan"),
        (lambda p: nn.Adam(p, lr=math.inf), "lr must be at least 0 and finite, got inf"),
        (lambda p: nn.SGD(p, momentum=1), "momentum must be at least 0 and below 1, got 1"),
        (lambda p: nn.SGD(p, nesterov=True), "nesterov needs a momentum above 0"),
        (lambda p: nn.SGD(p, weight_decay=-1), "weight_decay must be at least 0"),
        (lambda p: nn.RMSprop(p, alpha=2), "alpha must be at least 0 and below 1, got 2"),
        (
            lambda p: nn.Adam(p, betas=(0.9, 1.0)),
            r"betas\[1\] must be at least 0 and below 1, got 1",
        ),
        (lambda p: nn.Adam(p, eps=-1), "eps must be at least 0"),
    ],
)
def test_wrong_settings(make, message):
    with pytest.raises(ValueError, match=message):
        make([Value(1.0)])


def test_a_rate_must_be_a_number():
    with pytest.raises(TypeError, match=r"lr must be a number, got a str \('0\.1'\)"):
        nn.SGD([Value(1.0)], lr="0.1")


def test_names():
    assert type(optim.find("adamw", [Value(1.0)])) is nn.AdamW
    with pytest.raises(ValueError, match="lr goes with the name of an optimiser"):
        optim.find(nn.SGD([Value(1.0)]), [], lr=0.1)
