"""A training that is stopped and gone on with gives the same bits as one that was not."""

import itertools
import os
import signal
import subprocess
import sys
from datetime import timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from autograd import Value
from nn import checkpoint
from tests.nn.trainings import (
    EXTRAS,
    OPTIMISERS,
    STEPS,
    Stopping,
    X,
    Y,
    endless,
    pairs,
    train,
)

ROOT = Path(__file__).parents[2]
whole = cache(train)


@settings(max_examples=30)
@given(
    st.sampled_from(sorted(OPTIMISERS)),
    st.sampled_from(sorted(EXTRAS)),
    st.integers(0, STEPS),
    st.integers(1, 5),
    st.sampled_from(["compiled", "compiled", "eager"]),
)
def test_after_any_step(tmp_path_factory, optimiser, extra, at, every, engine):
    path = tmp_path_factory.mktemp("run") / "run.ckpt"
    kept = {"checkpoint": path, "checkpoint_every": every, "engine": engine}
    stopped = train(optimiser, extra, at, **kept)[2]
    assert stopped in {"interrupted", "early stopping"} or at == STEPS
    assert checkpoint.read(path).progress["steps"] in {at, STEPS} or stopped == "early stopping"
    assert train(optimiser, extra, resume=True, **kept) == whole(optimiser, extra, engine=engine)


@pytest.mark.parametrize("optimiser", sorted(OPTIMISERS))
def test_after_each_step_in_turn(tmp_path, optimiser):
    kept = {"checkpoint": tmp_path / "run.ckpt", "resume": "auto"}
    for at in range(1, STEPS):
        assert train(optimiser, "watched", at, **kept)[2] in {"interrupted", "early stopping"}
    assert train(optimiser, "watched", **kept) == whole(optimiser, "watched")


@pytest.mark.parametrize(("make", "steps"), [(pairs, None), (pairs, 2), (endless, 3)])
@pytest.mark.parametrize("at", [1, 3, 5])
def test_an_iterable_skips_what_was_used(tmp_path, make, steps, at):
    fixed = {"batch_size": None, "steps_per_epoch": steps}
    kept = {**fixed, "checkpoint": tmp_path / "run.ckpt"}
    assert train("adam", "plain", at, data=(make(),), **kept)[2] == "interrupted"
    resumed = train("adam", "plain", data=(make(),), resume=True, **kept)
    assert resumed == train("adam", "plain", data=(make(),), **fixed)


PROGRAM = """
import sys
from tests.nn import trainings

class Told(trainings.Stopping):
    def __call__(self, step):
        print(step, flush=True)
        return super().__call__(step)

trainings.Stopping = Told
trainings.train("adam", "watched", epochs=2000, early_stopping=2000,
                checkpoint=sys.argv[1], checkpoint_every=5, resume="auto")
"""


def killed(path, more):
    """Train in a process until it has told so many steps, kill it; return the first and last."""
    program = [sys.executable, "-c", PROGRAM, str(path)]
    around = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True, env=around) as child:
        first = last = int(child.stdout.readline())
        while last < first + more:
            last = int(child.stdout.readline())
        child.send_signal(signal.SIGKILL)
        whole_lines = child.stdout.read().rpartition("\n")[0].split()
    assert child.returncode == -signal.SIGKILL
    return first, max([last, *map(int, whole_lines)])


def test_a_killed_process_is_gone_on_with_and_loses_the_steps_since_the_last_checkpoint(tmp_path):
    path, last = tmp_path / "run.ckpt", 0
    for more in (7, 40, 23):
        written = checkpoint.read(path).progress["steps"] if path.exists() else 0
        first, last = killed(path, more)
        assert first == written
        assert last - 5 < checkpoint.read(path).progress["steps"] <= last + 1
    many = {"epochs": last // 3 + 10, "early_stopping": 2000}
    kept = {"checkpoint": path, "checkpoint_every": 5, "resume": True}
    assert train("adam", "watched", **many, **kept) == train("adam", "watched", **many)


class Pressed(nn.SGD):
    """An optimiser in the midst of whose third step somebody presses Ctrl-C."""

    def update(self, p, g):
        self.state["momentum"] += g
        if self.steps == 3:
            signal.raise_signal(signal.SIGINT)
        return super().update(p, g)


def test_an_interrupt_within_a_step_waits_for_its_end(tmp_path):
    def run(**kept):
        model = nn.MLP(2, [3, 1], rng=0)
        optimiser = Pressed(model.parameters(), momentum=0.5)
        fixed = {"batch_size": 4, "epochs": 2, "rng": 0, "progress": False}
        history = nn.fit(model, X, Y, optimiser=optimiser, **fixed, **kept)
        return model.state_dict(), dict(history).get("loss"), history.stopped

    kept = {"checkpoint": tmp_path / "run.ckpt"}
    assert run(**kept)[2] == "interrupted"
    assert checkpoint.read(kept["checkpoint"]).progress["steps"] == 3
    resumed = run(resume=True, **kept)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert resumed == run()
    finally:
        signal.signal(signal.SIGINT, before)


def test_an_optimiser_may_have_a_state_of_its_own(tmp_path):
    class Counting(nn.Adam):
        """An optimiser that keeps more than arrays of one number a parameter."""

        def __init__(self, parameters):
            super().__init__(parameters)
            self._norms, self._signs = [], {"plus": 0}

        def update(self, p, g):
            self._norms.append(float(g @ g))
            self._signs["plus"] += int((g > 0).sum())
            return super().update(p, g) - 0.01 * min(self._norms) * self._signs["plus"]

        def state_dict(self):
            return {**super().state_dict(), "norms": self._norms, "signs": self._signs}

        def load_state_dict(self, state):
            super().load_state_dict(state)
            assert type(state["norms"]) is list
            self._norms, self._signs = list(state["norms"]), dict(state["signs"])

    def run(epochs, **kept):
        model = nn.MLP(2, [3, 1], rng=0)
        optimiser = Counting(model.parameters())
        nn.fit(model, X, Y, optimiser=optimiser, epochs=epochs, progress=False, **kept)
        return model.state_dict(), optimiser.state_dict()

    kept = {"checkpoint": tmp_path / "run.ckpt"}
    run(2, **kept)
    assert run(5, resume=True, **kept) == run(5)


def test_a_step_that_was_torn_is_not_written(tmp_path):
    class Torn(nn.SGD):
        def update(self, p, g):
            self.state["momentum"] += g
            if self.steps == 3:
                raise MemoryError
            return super().update(p, g)

    model = nn.MLP(2, [3, 1], rng=0)
    path = tmp_path / "run.ckpt"
    with pytest.raises(MemoryError):
        nn.fit(
            model,
            X,
            Y,
            optimiser=Torn(model.parameters()),
            batch_size=4,
            checkpoint=path,
            checkpoint_every=1,
            progress=False,
        )
    assert checkpoint.read(path).progress["steps"] == 2


@pytest.mark.parametrize("interval", [timedelta(0), timedelta(hours=1), None])
def test_an_interval_may_be_a_time(tmp_path, monkeypatch, interval):
    written = []
    write = checkpoint.write
    monkeypatch.setattr(
        checkpoint, "write", lambda path, kept: (written.append(kept), write(path, kept))
    )
    train("sgd", "plain", checkpoint=tmp_path / "run.ckpt", checkpoint_every=interval)
    steps = [kept.progress["steps"] for kept in written]
    assert steps == ([0, *range(1, STEPS + 1), STEPS] if interval == timedelta(0) else [0, STEPS])


def test_a_run_that_has_ended_may_be_prolonged(tmp_path):
    kept = {"checkpoint": tmp_path / "run.ckpt"}
    assert train("adam", "plain", epochs=2, **kept)[2] == "finished"
    assert train("adam", "plain", epochs=2, resume=True, **kept) == whole("adam", "plain", epochs=2)
    assert train("adam", "plain", resume=True, **kept) == whole("adam", "plain")


def test_a_run_that_lost_its_patience_has_ended_unless_it_gets_more(tmp_path):
    path = tmp_path / "run.ckpt"
    few, many = {"epochs": 60, "early_stopping": 1}, {"epochs": 60, "early_stopping": 4}
    ended = train("momentum", "stopped", **few, checkpoint=path)
    assert ended[2] == whole("adam", "stopped")[2] == "early stopping"
    again = {"checkpoint": path, "resume": True}
    assert train("momentum", "stopped", **few, **again) == ended
    assert train("momentum", "stopped", **many, **again) == train("momentum", "stopped", **many)


def in_parts(prediction, target):
    """Return a loss of four formulas: each batch runs in parts."""
    d = prediction - target
    if d > 0.7:
        return d * 1.3
    if d > 0.2:
        return d * d * 0.7
    return d * d * d * 0.3 + d * d if d > -0.5 else -d / 3


def test_a_loss_of_several_formulas_adds_up_its_parts_in_the_same_order(tmp_path):
    rng = np.random.default_rng(0)
    samples, targets = rng.normal(size=(64, 2)), rng.normal(size=64)

    def run(epochs, **kept):
        model = nn.MLP(2, [3, 1], activation="tanh", rng=0)
        fixed = {"loss": in_parts, "batch_size": 8, "rng": 0, "progress": False}
        history = nn.fit(model, samples, targets, epochs=epochs, **fixed, **kept)
        return model.state_dict(), history["loss"]

    kept = {"checkpoint": tmp_path / "run.ckpt"}
    run(2, **kept)
    assert run(5, resume=True, **kept) == run(5)


@pytest.mark.parametrize("at", [4, 6, 11, STEPS])
def test_what_was_recorded_goes_on(tmp_path, at):
    def run(at=None, **kept):
        model = nn.MLP(2, [3, 1], rng=0)
        fixed = {"batch_size": 4, "rng": 0, "record": 2, "epochs": 5, "progress": False}
        schedule = Stopping(at, nn.schedules.Constant())
        history = nn.fit(model, X, Y, schedule=schedule, **fixed, **kept)
        return {epoch: numbers.tolist() for epoch, numbers in history.snapshots.items()}

    kept = {"checkpoint": tmp_path / "run.ckpt"}
    run(at, **kept)
    resumed = run(resume=True, **kept)
    assert list(resumed) == [0, 2, 4, 5]
    assert resumed == run(resume=True, **kept) == run()


def test_a_run_that_a_callback_ended_has_ended(tmp_path):
    kept = {"checkpoint": tmp_path / "run.ckpt", "callbacks": [lambda h: h.epochs == 2]}
    ended = train("adam", "plain", **kept)
    assert ended[2] == "callback"
    assert train("adam", "plain", resume=True, **kept) == ended


def test_a_parameter_that_only_the_optimiser_knows_is_kept(tmp_path):
    def run(epochs, **kept):
        model, scale = nn.Neuron(2, activation="linear", rng=0), Value(1.0)
        optimiser = nn.Adam([*model.parameters(), scale])
        nn.fit(
            model,
            X,
            Y,
            loss=lambda p, t: nn.mse(scale * p, t),
            optimiser=optimiser,
            epochs=epochs,
            progress=False,
            **kept,
        )
        return scale.data, model.state_dict()

    kept = {"checkpoint": tmp_path / "run.ckpt"}
    run(2, **kept)
    assert run(5, resume=True, **kept) == run(5)


def test_a_generator_that_others_draw_from_goes_on_too(tmp_path):
    def run(epochs, **kept):
        rng = np.random.default_rng(3)
        model = nn.Neuron(2, activation="linear", rng=0)
        history = nn.fit(
            model,
            X,
            Y,
            rng=rng,
            batch_size=4,
            epochs=epochs,
            progress=False,
            callbacks=[lambda _history: rng.random() < 0],
            **kept,
        )
        return model.state_dict(), history["loss"], rng.random()

    kept = {"checkpoint": tmp_path / "run.ckpt"}
    run(2, **kept)
    assert run(5, resume=True, **kept) == run(5)


def test_an_error_leaves_a_checkpoint_of_all_steps_before(tmp_path):
    def broken(epoch):
        yield from itertools.islice(pairs()(epoch), 2)
        raise OSError("the disk is gone")

    fixed = {"batch_size": None, "checkpoint": tmp_path / "run.ckpt"}
    with pytest.raises(OSError, match="the disk is gone"):
        train("adam", "plain", data=(broken,), **fixed)
    resumed = train("adam", "plain", data=(pairs(),), resume=True, **fixed)
    assert resumed == train("adam", "plain", data=(pairs(),), batch_size=None)
