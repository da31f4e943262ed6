"""Snapshots of a training: when they are taken, that they are exact, and what copies keep."""

import copy
import pickle

import numpy as np
import pytest

import autograd
import nn
from nn import History, losses


def trained(XOR, **options):
    model = nn.MLP(2, [3, 1], activation="tanh", output="sigmoid", rng=3)
    options = {"epochs": 5, "lr": 0.1, "record": 1, "progress": False, **options}
    return model, nn.fit(model, *XOR, loss="binary_cross_entropy", **options)


@pytest.mark.parametrize(
    ("every", "epochs", "kept"),
    [(1, 3, [0, 1, 2, 3]), (2, 4, [0, 2, 4]), (2, 5, [0, 2, 4, 5]), (9, 0, [0])],
)
def test_every_so_many_epochs_the_first_and_the_last(XOR, every, epochs, kept):
    _, history = trained(XOR, epochs=epochs, record=every)
    assert list(history.snapshots) == kept


def test_the_ends_are_the_model_before_and_after(XOR):
    before = nn.MLP(2, [3, 1], activation="tanh", output="sigmoid", rng=3)
    model, history = trained(XOR)
    first, *_, last = history.snapshots.values()
    assert first.tolist() == autograd.get_data(before.parameters()).tolist()
    assert last.tolist() == autograd.get_data(model.parameters()).tolist()
    assert last.dtype == np.float64


def test_recording_does_not_change_the_training(XOR):
    with_record, _ = trained(XOR)
    without, history = trained(XOR, record=None)
    assert with_record.state_dict() == without.state_dict()
    assert history.snapshots == {}


def test_states_are_copies(XOR):
    model, history = trained(XOR)
    before, grads = model.state_dict(), [p.grad for p in model.parameters()]
    seen = []
    for epoch, past in history.states():
        seen.append((epoch, autograd.get_data(past.parameters()).tolist()))
        for p in past.parameters():
            p.data = 99.0
    assert seen == [(e, numbers.tolist()) for e, numbers in history.snapshots.items()]
    assert model.state_dict() == before
    assert [p.grad for p in model.parameters()] == grads


def test_early_stopping_ends_with_the_best_but_records_what_happened(XOR):
    model, history = trained(XOR, validation=([[0.0, 0.0]], [1]), epochs=6, early_stopping=6)
    losses = history["validation_loss"]
    best = int(np.argmin(losses)) + 1
    assert autograd.get_data(model.parameters()).tolist() == history.snapshots[best].tolist()
    assert list(history.snapshots) == list(range(7))


def test_an_interrupt_keeps_whole_epochs(XOR):
    def stop(history):
        if history.epochs == 2:
            raise KeyboardInterrupt

    _, history = trained(XOR, callbacks=[stop])
    assert list(history.snapshots) == [0, 1, 2]


@pytest.mark.parametrize("again", [copy.deepcopy, lambda h: pickle.loads(pickle.dumps(h))])
def test_copies_keep_the_numbers_and_ask_for_the_model(XOR, again):
    model, history = trained(XOR)
    history.recording.loss = losses.resolve_loss(lambda p, t: p - t)  # which no pickle takes
    other = again(history)
    assert repr(other) == repr(history)
    assert {e: n.tolist() for e, n in other.snapshots.items()} == {
        e: n.tolist() for e, n in history.snapshots.items()
    }
    with pytest.raises(ValueError, match=r"copied without its model: give model="):
        list(other.states())
    assert len(list(other.states(model))) == 6
    with pytest.raises(ValueError, match=r"copied without its loss: give loss="):
        next(other.signals(*XOR, model=model))
    assert len(next(other.signals(*XOR, model=model, loss="mse"))[1]) == 2


def test_a_model_that_does_not_fit(XOR):
    _, history = trained(XOR)
    with pytest.raises(ValueError, match="the snapshots have 13 parameters, the model has 17"):
        list(history.states(nn.MLP(2, [4, 1])))
    with pytest.raises(TypeError, match=r"model: got a str .*; allowed: a Module"):
        list(history.states("model"))


def test_without_a_recording(XOR):
    _, history = trained(XOR, record=None)
    for ask in (history.states, lambda: next(history.signals(*XOR)), lambda: history.animate(*XOR)):
        with pytest.raises(ValueError, match=r"nothing was recorded: .*record=1"):
            ask()


@pytest.mark.parametrize(("record", "error"), [(0, ValueError), (True, TypeError)])
def test_record_is_a_number_of_epochs(XOR, record, error):
    with pytest.raises(
        error, match=r"record: got .*; allowed: a whole number of at least 1, or None"
    ):
        trained(XOR, record=record)


@pytest.fixture
def history():
    history = History()
    history.add({"loss": 0.5, "lr": 1})
    history.add({"loss": 0.125, "lr": 0.5})
    return history


def test_columns_and_rows(history):
    assert dict(history) == {"loss": [0.5, 0.125], "lr": [1.0, 0.5]}
    assert list(history.keys()) == ["loss", "lr"]
    assert len(history) == 2
    assert history.rows()[1] == {"epoch": 2, "loss": 0.125, "lr": 0.5}


def test_a_column_that_is_not_there(history):
    with pytest.raises(KeyError, match=r"the history has no 'accuracy', it has \['loss', 'lr'\]"):
        history["accuracy"]
    assert "accuracy" not in history


def test_epochs_must_be_alike(history):
    with pytest.raises(ValueError, match=r"an epoch has \['loss'\], those before \['loss', 'lr'\]"):
        history.add({"loss": 0.5})
    assert history.epochs == 2


def test_repr(history):
    assert repr(history) == "<History of 2 epochs, running: loss 0.5 → 0.125, lr 1 → 0.5>"
    empty = History()
    empty.stopped = "interrupted"
    assert repr(empty) == "<History of 0 epochs, interrupted>"
    empty.add({"loss": 1.0})
    assert repr(empty).startswith("<History of 1 epoch, ")
    assert empty.interrupted
    assert not history.interrupted
    assert (list(History()), len(History())) == ([], 0)
