"""How a training run ends: patience, callbacks, interrupts, numbers that are not finite."""

import itertools
import math
import re
from pathlib import Path

import pytest

import nn
from autograd import Value
from nn.training import loop
from nn.training.loop import ProgressBar

HERE = Path(__file__).name


def test_early_stopping_restores_the_best_parameters(line):
    model, X, Y = line
    states = []
    history = nn.fit(
        model,
        X,
        Y,
        optimiser="sgd",
        lr=0.3,
        epochs=200,
        validation=([[1.0]], [0.5]),
        early_stopping=3,
        progress=False,
        callbacks=[lambda _history: states.append(model.state_dict())],
    )
    losses = history["validation_loss"]
    best = losses.index(min(losses))
    assert history.stopped == "early stopping"
    assert history.epochs == best + 1 + 3
    assert model.state_dict() == states[best]


def test_a_run_that_was_not_stopped_ends_with_the_best_too(line):
    model, X, Y = line
    history = nn.fit(
        model,
        X,
        Y,
        optimiser="sgd",
        lr=0.3,
        epochs=4,
        validation=([[1.0]], [0.0]),
        early_stopping=100,
        progress=False,
    )
    assert history.stopped == "finished"
    assert nn.mse(model([1.0]), 0.0).data == min(history["validation_loss"])


def test_a_callback_can_end_the_run_and_all_are_called(line):
    called = []
    history = nn.fit(
        *line,
        epochs=10,
        progress=False,
        callbacks=[
            lambda history: history.epochs == 2,
            lambda history: called.append(history["loss"][-1]),
        ],
    )
    assert history.stopped == "callback"
    assert called == history["loss"]
    assert history.epochs == 2


def test_an_interrupt_keeps_what_was_learnt(line):
    model, X, Y = line
    calls = []

    def loss(prediction, target):
        calls.append(target)
        if len(calls) == 4 * 5 + 2:  # the second sample of the sixth epoch
            raise KeyboardInterrupt
        return nn.mse(prediction, target)

    reference = nn.Neuron(1, activation="linear", init="zeros")
    expected = nn.fit(reference, X, Y, lr=0.1, epochs=5, progress=False, engine="eager")
    history = nn.fit(model, X, Y, loss=loss, lr=0.1, epochs=100, progress=False, engine="eager")
    assert history.interrupted
    assert history.stopped == "interrupted"
    assert history["loss"] == expected["loss"]
    assert model.state_dict() == reference.state_dict()


def test_an_interrupt_before_the_first_epoch_ends(line):
    def interrupt(*_):
        raise KeyboardInterrupt

    history = nn.fit(*line, loss=interrupt, progress=False, validation=line[1:], early_stopping=1)
    assert (history.interrupted, history.epochs) == (True, 0)


def test_an_infinite_loss_is_explained(line):
    model, X, Y = line
    with pytest.raises(FloatingPointError) as caught:
        nn.fit(model, X, Y, optimiser="sgd", lr=1e90, epochs=10, progress=False)
    assert str(caught.value).startswith(
        "training stopped in epoch 3, step 3: the loss is inf. square("
    )
    assert HERE in str(caught.value)
    assert all(math.isfinite(p.data) for p in model.parameters())


def test_the_explanation_names_inputs_and_the_line_of_the_users_own_loss(line):
    def loss(prediction, target):
        return (prediction - target).log()

    model, X, Y = line
    before = model.state_dict()
    with pytest.raises(FloatingPointError) as caught:
        nn.fit(model, X, Y, loss=loss, progress=False, batch_size=1, shuffle=False)
    text = str(caught.value)
    assert text.startswith("training stopped in epoch 1, step 2: the loss is nan. log(")
    assert f"{HERE}:" in text
    assert "return (prediction - target).log()" in text
    assert before != model.state_dict(), "the first step went well and is kept"


class Own(nn.Module):
    """A model of one's own, which may know what nan means."""

    def __init__(self, neuron):
        self.neuron = neuron

    def __call__(self, x):
        return self.neuron(x)


def test_a_nan_in_the_data_names_the_weights_it_met(line):
    model, _, Y = line
    with pytest.raises(
        FloatingPointError, match=r"the loss is nan\. dot\(neuron\.w\.0=0\.0, nan, neuron\.b=0\.0\)"
    ):
        nn.fit(Own(model), [[1.0], [math.nan], [2.0], [3.0]], Y, progress=False)


def test_a_gradient_that_is_not_finite_is_explained_too(line):
    def loss(prediction, target):
        return prediction.sqrt() + target

    with pytest.raises(FloatingPointError, match=r"step 1: a gradient is not finite\. .* sqrt\("):
        nn.fit(*line, loss=loss, progress=False)


def test_a_bad_number_that_no_operation_made(line):
    with pytest.raises(FloatingPointError, match="the loss is nan, though no operation made it"):
        nn.fit(
            *line, loss=lambda _prediction, _target: Value(math.nan), batch_size=1, progress=False
        )


def test_the_rate_is_restored_after_an_error(line):
    optimiser = nn.SGD(line[0].parameters(), lr=1e90)
    with pytest.raises(FloatingPointError):
        nn.fit(*line, optimiser=optimiser, schedule=lambda step: 1 / (step + 1), progress=False)
    assert optimiser.lr == 1e90


def test_a_nan_validation_loss_is_no_improvement(line):
    model, X, Y = line
    history = nn.fit(
        Own(model),
        X,
        Y,
        lr=0.1,
        epochs=9,
        validation=([[math.nan]], [0.0]),
        early_stopping=3,
        progress=False,
    )
    assert history.epochs == 3
    assert all(math.isnan(loss) for loss in history["validation_loss"])
    assert model.w[0].data != 0.0


def test_samples_a_second_are_those_of_the_steps(monkeypatch, capfd):
    clock = itertools.count(100)  # a second from each look at the clock to the next
    monkeypatch.setattr(loop, "perf_counter", lambda: next(clock))
    with ProgressBar(2, 0, shown=True) as bar:
        bar.step(5000, 1, 0.5)
        bar.step(5000, 2, 0.25)
        next(clock)  # the validation
        bar.epoch({"loss": 0.25, "seconds": 3.0})
    shown = capfd.readouterr().err
    assert "step=1, loss=0.5, samples/s=5,000" in shown
    assert "step=2, loss=0.25, samples/s=5,000" in shown
    assert "1/2" in shown
    assert "seconds" not in shown


def test_a_training_shows_its_throughput(line, capfd):
    nn.fit(*line, epochs=3)
    assert re.search(r"samples/s=\d", capfd.readouterr().err)


def test_a_bar_goes_on_where_the_training_does(line, tmp_path, capfd):
    kept = {"checkpoint": tmp_path / "run.ckpt"}
    nn.fit(*line, epochs=3, progress=False, **kept)
    nn.fit(*line, epochs=3, resume=True, **kept)
    shown = capfd.readouterr().err
    assert "3/3" in shown
    assert "0/3" not in shown
