"""The optimisers against the update rules written out number by number, with `math` alone."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
import nn
from autograd import Value, constant
from nn import optim


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ([], ValueError, "parameters: got a list of 0; allowed: one at least"),
        ([1.0], TypeError, r"parameters: got a float.*; allowed: the Values of model\.parameters"),
        ([constant(1.0)], ValueError, "a result or a constant: only leaves"),
        ([Value(1.0) * 2], ValueError, "a result or a constant: only leaves"),
    ],
)
def test_what_cannot_be_optimised(parameters, error, message):
    with pytest.raises(error, match=message):
        nn.SGD(parameters)


def test_a_parameter_given_twice():
    w = Value(1.0)
    with pytest.raises(ValueError, match="given to the optimiser twice"):
        nn.SGD([w, w])


def test_parameters_without_gradient_stay():
    a, b = Value(1.0), Value(1.0)
    (a * 3).backward()
    nn.SGD([a, b], lr=1.0).step()
    assert (a.data, b.data) == (-2.0, 1.0)


def test_infinite_gradients_raise_no_warning():
    w = Value(1.0)
    w.grad = float("inf")
    nn.Adam([w]).step()
    assert math.isnan(w.data)


@pytest.mark.parametrize("kind", [nn.SGD, nn.RMSprop, nn.Adam, nn.AdamW])
def test_a_state_that_went_through_json_continues_bit_for_bit(kind):
    def steps(optimiser, w, count):
        for _ in range(count):
            optimiser.zero_grad()
            (w * w * w).backward()
            optimiser.step()

    w = Value(1.0)
    optimiser = kind([w])
    steps(optimiser, w, 3)
    other = Value(w.data)
    continued = kind([other], lr=0.5)
    continued.load_state_dict(json.loads(json.dumps(optimiser.state_dict())))
    steps(optimiser, w, 3)
    steps(continued, other, 3)
    assert other.data == w.data
    assert repr(continued) == repr(optimiser)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"optimiser": "SGD"}, "this is an optimiser Adam, the state is of SGD"),
        ({"mean": [1.0, 2.0]}, "mean must have 1 numbers, one a parameter, got a list of 2"),
        ({"lr": -1.0}, "lr: got .*; allowed: a finite number of at least 0"),
        ({"steps": -1}, "steps: got an int .-1.; allowed: a whole number of at least 0"),
    ],
)
def test_a_wrong_state_changes_nothing(change, message):
    optimiser = nn.Adam([Value(1.0)])
    before = optimiser.state_dict()
    with pytest.raises(ValueError, match=message):
        optimiser.load_state_dict({**before, "lr": 0.5, **change})
    assert optimiser.state_dict() == before


def test_an_incomplete_state():
    with pytest.raises(ValueError, match="the state of Adam lacks lr, steps, square"):
        nn.Adam([Value(1.0)]).load_state_dict({"optimiser": "Adam", "mean": [0.0]})


def test_an_interrupted_step_is_finished(monkeypatch):
    a, b = Value(1.0), Value(1.0)
    (a + b).backward()
    set_data, calls = autograd.set_data, []

    def interrupted_once(parameters, numbers):
        calls.append(1)
        if len(calls) == 1:
            set_data(parameters[:1], numbers[:1])
            raise KeyboardInterrupt
        set_data(parameters, numbers)

    monkeypatch.setattr(autograd, "set_data", interrupted_once)
    with pytest.raises(KeyboardInterrupt):
        nn.SGD([a, b], lr=0.25).step()
    assert (a.data, b.data) == (0.75, 0.75)


def test_change_must_be_defined():
    with pytest.raises(NotImplementedError):
        nn.Optimiser([Value(1.0)], lr=0.1).step()


def test_a_model_in_place_of_its_parameters():
    with pytest.raises(
        TypeError, match=r"parameters: got a Neuron.*; allowed: the Values of model\.parameters"
    ):
        nn.Adam(nn.Neuron(1))


KINDS = [
    (nn.SGD, {"momentum": 0.9, "weight_decay": 0.1}),
    (nn.SGD, {"momentum": 0.9, "nesterov": True}),
    (nn.RMSprop, {"weight_decay": 0.1}),
    (nn.Adam, {"weight_decay": 0.1}),
    (nn.AdamW, {}),
]


@pytest.mark.parametrize(("kind", "options"), KINDS)
def test_a_parameter_without_a_gradient_is_as_if_the_step_had_not_been(kind, options):
    a, b, alone = Value(1.0), Value(2.0), Value(2.0)
    both, one = kind([a, b], lr=0.1, **options), kind([alone], lr=0.1, **options)
    for step in range(6):
        for value in (a, b, alone):
            value.zero_grad()
        (a * a).backward()
        if step % 3 == 1:
            (b * b * b).backward()
            (alone * alone * alone).backward()
            one.step()
        both.step()
        assert b.data == pytest.approx(alone.data, rel=1e-15)
    assert a.data != 1.0
    state = both.state_dict()
    assert state["missed"] == [0.0, 4.0]
    assert [state[name][1] for name in both.state_names] == [
        one.state[n][0] for n in one.state_names
    ]
    again = kind([Value(0.0), Value(0.0)], lr=0.1, **options)
    again.load_state_dict(state)
    assert again.state_dict() == state


def test_a_gradient_of_0_is_a_gradient():
    w = Value(1.0)
    (w * 0.0).backward()
    assert w.has_grad
    nn.AdamW([w], lr=0.5, weight_decay=0.5).step()
    assert w.data == 0.75


def test_a_step_without_any_gradient_changes_nothing():
    w = Value(1.0)
    nn.AdamW([w], lr=0.5, weight_decay=0.5).step()
    assert w.data == 1.0


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
        (lambda p: nn.SGD(p, lr=-1), "lr: got .*; allowed: a finite number of at least 0"),
        (lambda p: nn.SGD(p, lr=math.nan), "lr: got .*; allowed: a finite number of at least 0"),
        (lambda p: nn.Adam(p, lr=math.inf), "lr: got .*; allowed: a finite number of at least 0"),
        (
            lambda p: nn.SGD(p, momentum=1),
            "momentum: got .*; allowed: a number of at least 0 and below 1",
        ),
        (lambda p: nn.SGD(p, nesterov=True), "nesterov needs a momentum above 0"),
        (
            lambda p: nn.SGD(p, weight_decay=-1),
            "weight_decay: got .*; allowed: a finite number of at least 0",
        ),
        (
            lambda p: nn.RMSprop(p, alpha=2),
            "alpha: got .*; allowed: a number of at least 0 and below 1",
        ),
        (
            lambda p: nn.Adam(p, betas=(0.9, 1.0)),
            r"betas\[1\]: got .*; allowed: a number of at least 0 and below 1",
        ),
        (lambda p: nn.Adam(p, eps=-1), "eps: got .*; allowed: a finite number of at least 0"),
    ],
)
def test_wrong_settings(make, message):
    with pytest.raises(ValueError, match=message):
        make([Value(1.0)])


def test_a_rate_must_be_a_number():
    with pytest.raises(
        TypeError, match=r"lr: got a str \('0\.1'\); allowed: a finite number of at least 0"
    ):
        nn.SGD([Value(1.0)], lr="0.1")


def test_names():
    assert type(optim.resolve_optimiser("adamw", [Value(1.0)])) is nn.AdamW
    with pytest.raises(ValueError, match="lr goes with the name of an optimiser"):
        optim.resolve_optimiser(nn.SGD([Value(1.0)]), [], lr=0.1)


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
    with pytest.raises(ValueError, match=r"limit: got .*; allowed: a finite number above 0"):
        clip(with_gradients([1.0]), 0)
    with pytest.raises(
        FloatingPointError, match="the gradient of p1 is nan: clipping cannot repair"
    ):
        clip(with_gradients([1.0, math.nan]), 1.0)
