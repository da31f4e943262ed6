import pytest

from nn import History


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
