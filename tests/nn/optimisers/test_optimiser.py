import json
import math

import pytest

import autograd
import nn
from autograd import Value, constant


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ([], ValueError, "at least one parameter, got none"),
        ([1.0], TypeError, r"needs the Values of model\.parameters\(\), got a float"),
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
        ({"lr": -1.0}, "lr must be at least 0"),
        ({"steps": -1}, "steps must be at least 0, got -1"),
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
    with pytest.raises(TypeError, match=r"needs the Values of model.parameters\(\), got a Neuron"):
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
    assert [state[name][1] for name in both.remembers] == [one.memory[n][0] for n in one.remembers]
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
