"""Callbacks of steps, and the loggers of others in the place of callbacks."""

import copy
import dataclasses
import importlib
import pickle
import subprocess
import sys

import numpy as np
import pytest

import nn

X, Y = np.random.default_rng(0).normal(size=(10, 2)), np.arange(10.0) / 10
ENGINES = ["compiled", "eager", "jax"]


def trained(engine="compiled", **options):
    if engine == "jax":
        pytest.importorskip("jax")
    model = nn.MLP(2, [3, 1], activation="tanh", rng=0)
    options = {"lr": 0.1, "epochs": 3, "batch_size": 4, "rng": 0, **options}
    return model, nn.fit(model, X, Y, engine=engine, progress=False, **options)


@pytest.mark.parametrize("engine", ENGINES)
def test_each_step_is_seen(engine):
    steps = []
    schedule = nn.schedules.Exponential(0.5)
    _, history = trained(engine, step_callbacks=[steps.append], schedule=schedule)
    assert [step.number for step in steps] == list(range(1, 10))
    assert [step.epoch for step in steps] == [1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert [step.lr for step in steps] == [0.1 * 0.5**k for k in range(9)]
    sizes = [4, 4, 2]
    for k, loss in enumerate(history["loss"]):
        losses = [step.loss for step in steps[3 * k : 3 * k + 3]]
        assert loss == pytest.approx(np.average(losses, weights=sizes), rel=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_training_is_the_same_and_the_model_that_of_the_step(engine):
    numbers = []
    model, history = trained(
        engine, step_callbacks=[lambda step: numbers.append(step.model.state_dict())]
    )
    other, plain = trained(engine)
    assert history["loss"] == plain["loss"]
    assert model.state_dict() == other.state_dict() == numbers[-1]
    for count in (1, 2):  # epochs
        assert trained(engine, epochs=count)[0].state_dict() == numbers[3 * count - 1]


@pytest.mark.parametrize("engine", ENGINES)
def test_one_may_change_the_model(engine):
    def zero(step):
        if step.number == 4:
            step.model.load_state_dict(dict.fromkeys(step.model.state_dict(), 0.0))

    losses = trained(engine, step_callbacks=[zero], shuffle=False)[1]["loss"]
    expected = trained("eager", step_callbacks=[zero], shuffle=False)[1]["loss"]
    np.testing.assert_allclose(losses, expected, rtol=1e-5)
    assert losses != trained(engine, shuffle=False)[1]["loss"]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("last", [1, 3, 5])
def test_one_that_returns_true_ends_the_training_there(engine, last):
    steps = []
    _, history = trained(engine, step_callbacks=[steps.append, lambda step: step.number == last])
    assert len(steps) == last
    assert history.stopped == "callback"
    assert history.epochs == last // 3


def test_an_end_amid_an_epoch_leaves_recordings_and_classes_right():
    texts = ["no", "yes"] * 5
    model = nn.MLP(2, [3, 1], activation="tanh", rng=0)
    before = model.state_dict()
    history = nn.fit(
        model, X, texts, loss="binary_cross_entropy_with_logits", lr=0.1, epochs=3, batch_size=4,
        record=1, progress=False, step_callbacks=[lambda _: np.True_],
    )  # fmt: skip
    assert (history.epochs, history.stopped) == (0, "callback")
    assert [(epoch, past.state_dict()) for epoch, past in history.states()] == [(0, before)]
    assert model.classes_.tolist() == ["no", "yes"]


def test_one_step_an_epoch():
    _, history = trained(batch_size=None, step_callbacks=[lambda step: step.number == 2])
    assert (history.epochs, history.stopped) == (2, "callback")


def test_a_step_that_is_kept():
    steps = []
    trained(step_callbacks=[steps.append])
    assert pickle.loads(pickle.dumps(steps)) == copy.deepcopy(steps) == steps
    assert dataclasses.asdict(steps[0])["number"] == 1
    with pytest.raises(RuntimeError, match=r"^a step has its model within its callbacks alone$"):
        _ = steps[0].model


def test_a_checkpoint_of_a_step(tmp_path):
    path = tmp_path / "run.ckpt"
    trained(checkpoint=path, step_callbacks=[lambda step: step.number == 5])
    with pytest.raises(ZeroDivisionError):
        trained(checkpoint=tmp_path / "b", step_callbacks=[lambda step: 1 / (step.number - 5)])
    model, history = trained(checkpoint=tmp_path / "b", resume=True)
    other, plain = trained()
    assert history["loss"] == plain["loss"]
    assert model.state_dict() == other.state_dict()


def test_what_is_no_callback():
    for wrong, message in ((print, "a list of functions of a step"), ([3], "functions of a step")):
        with pytest.raises(TypeError, match=f"^step_callbacks: got .*; allowed: {message}"):
            trained(step_callbacks=wrong)


class Writer:
    """TensorBoard's writer, as far as it is used here."""

    def __init__(self):
        self.scalars = []

    def add_scalar(self, tag, number, step):
        self.scalars.append((tag, number, step))


def test_tensorboards_writer():
    writer = Writer()
    trained(
        epochs=2,
        validation=0.2,
        step_callbacks=[lambda step: writer.add_scalar("loss", step.loss, step.number)],
        callbacks=[lambda h: writer.add_scalar("validation", h["validation_loss"][-1], h.epochs)],
    )
    assert [scalar[::2] for scalar in writer.scalars] == [
        ("loss", 1), ("loss", 2), ("validation", 1), ("loss", 3), ("loss", 4), ("validation", 2),
    ]  # fmt: skip


def test_mlflows_metrics():
    logged = []

    def log_metrics(metrics, step):
        logged.append((metrics, step))

    def log(history):
        log_metrics({name: numbers[-1] for name, numbers in history.items()}, step=history.epochs)

    _, history = trained(callbacks=[log])
    assert [step for _, step in logged] == [1, 2, 3]
    assert [metrics["loss"] for metrics, _ in logged] == history["loss"]


def test_the_bar_is_imported_where_it_is_shown():
    code = (
        "import sys, nn\n"
        "nn.fit(nn.Neuron(1), [[1.0]], [1.0], epochs=1, progress=False)\n"
        "assert 'tqdm' not in sys.modules\n"
        "nn.fit(nn.Neuron(1), [[1.0]], [1.0], epochs=1)\n"
        "assert 'tqdm.auto' in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    assert "epoch" in done.stderr


def test_a_notebook_without_widgets_gets_a_bar_of_text(monkeypatch, capsys):
    def refuse(**_):
        raise ImportError("IProgress not found")

    monkeypatch.setattr(importlib.import_module("tqdm.auto"), "tqdm", refuse)
    nn.fit(nn.Neuron(1), [[1.0]], [1.0], epochs=1)
    assert "epoch" in capsys.readouterr().err
