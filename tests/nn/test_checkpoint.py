"""A training that is stopped and gone on with gives the same bits as one that was not."""

import json
import zlib
from datetime import timedelta
import numpy as np
import pytest
import nn
from nn import checkpoint
from nn import checkpoint as checkpointer
import itertools
import os
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path
from hypothesis import given, settings
from hypothesis import strategies as st
from autograd import Value
from trainings import (
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
import math
from hypothesis import given
from nn.checkpoint import Checkpoint


X, Y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0]], [0.0, 1.0, 1.0]


def fit(path, model=None, data=(X, Y), **options):
    model = nn.MLP(2, [2, 1], rng=0) if model is None else model
    fixed = {"batch_size": 2, "rng": 0, "epochs": 2, "progress": False, "checkpoint": path}
    nn.fit(model, *data, **fixed | options)
    return model


@pytest.fixture
def path(tmp_path):
    fit(tmp_path / "run.ckpt")
    return tmp_path / "run.ckpt"


class Other(nn.Module):
    """As many parameters as the network, under other names."""

    def __init__(self):
        self.inner = nn.MLP(2, [2, 1], rng=0)

    def __call__(self, x):
        return self.inner(x)

    def architecture(self):
        return self.inner.architecture()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 1}, "batch_size was 2 and is 1"),
        ({"loss": "mae", "engine": "eager"}, "loss was 'mse' and is 'mae'; engine was 'compiled'"),
        ({"lr": 0.5}, r"optimiser's lr was 0\.001 and is 0\.5"),
        ({"optimiser": "sgd"}, "optimiser's kind was 'Adam' and is 'SGD'; "),
        ({"data": (X[:2], Y[:2])}, "number of samples was 3 and is 2"),
        ({"data": ([[1.0]] * 3, Y)}, r"target was \[\[2\], \[\]\] and is \[\[1\], \[\]\]"),
        ({"shuffle": False}, "shuffle was 'PCG64' and is None"),
        (
            {"schedule": nn.schedules.Exponential(0.5)},
            r"was None and is 'Exponential\(rate=0\.5\)'",
        ),
        ({"clip": 1.0}, r"clip was None and is 1\.0"),
        ({"penalty": nn.l2_penalty}, "penalty was None and is 'l2_penalty'"),
        ({"metrics": "accuracy"}, r"metrics was \[\] and is \['accuracy'\]"),
        ({"record": 1}, "record was None and is 1"),
        ({"validation": (X, Y)}, "number of validation samples was 0 and is 3"),
        ({"data": (lambda: [(X, Y)],), "batch_size": None}, "number of samples was 3 and is None"),
        (
            {"model": nn.MLP(2, [3, 1], rng=0)},
            r"parameters was '9 with .* and is '13 with",
        ),
        ({"model": Other()}, r"parameters was '9 with the names .*' and is '9 with"),
    ],
)
def test_another_training_is_an_error_that_says_what_differs(path, options, message):
    model = options.pop("model", nn.MLP(2, [2, 1], rng=0))
    before, kept = model.state_dict(), path.read_bytes()
    pattern = r"^cannot resume from .*run\.ckpt: it is of another training: .*" + message
    with pytest.raises(ValueError, match=pattern):
        fit(path, model, resume=True, **options)
    assert model.state_dict() == before
    assert path.read_bytes() == kept, "the checkpoint of the other training is still there"


def test_how_long_it_goes_on_may_change(path):
    fit(path, epochs=3, resume=True, callbacks=[lambda _history: False], prefetch=2)
    assert checkpoint.read(path).progress["steps"] == 6


def update(path, **changes):
    """Write a checkpoint again, sealed, with other contents."""
    first, text, numbers = path.read_bytes().split(b"\n", 2)
    body = json.loads(text)
    for name, item in changes.items():
        body[name] = {**body[name], **item}
    content = json.dumps(body).encode() + b"\n" + numbers
    path.write_bytes(first[:-8] + b"%08x\n" % zlib.crc32(content) + content)


@pytest.mark.parametrize(
    "changes",
    [
        {"progress": {"place": {"total": "one"}}},
        {"progress": {"place": {"total": "0x1p0", "more": 1}}},
        {"progress": {"best": None}},
        {"progress": {"best": {"loss": "inf", "epochs_since": None}}},
        {"progress": {"columns": ["loss"]}},
        {"progress": {"columns": None}},
        {"progress": {"steps": "many"}},
        {"progress": {"recorded": [0]}},
        {"progress": {"random": {}}},
        {"progress": {"random": {"now": {"bit_generator": "PCG64"}, "drawn_from": None}}},
        {"progress": {"optimiser": {"optimiser": "Adam", "lr": -1.0, "steps": 3}}},
        {"progress": {"optimiser": {}}},
        {"arrays": {"parameters": [8], "best": [1]}},
        {"arrays": {"parameters": [9, 1]}},
        {"arrays": {"optimiser.mean": [3, 3]}},
    ],
)
def test_contents_that_do_not_fit_change_nothing(path, changes):
    change(path, **changes)
    model, rng = nn.MLP(2, [2, 1], rng=1), np.random.default_rng(5)
    optimiser = nn.Adam(model.parameters())
    before = model.state_dict(), optimiser.state_dict(), rng.bit_generator.state
    with pytest.raises(ValueError, match=r"^cannot resume from .*run\.ckpt: it has no valid cont"):
        fit(path, model, optimiser=optimiser, rng=rng, resume=True)
    assert (model.state_dict(), optimiser.state_dict(), rng.bit_generator.state) == before


def test_a_truncated_file_changes_nothing(path):
    path.write_bytes(path.read_bytes()[:-3])
    model = nn.MLP(2, [2, 1], rng=1)
    before = model.state_dict()
    with pytest.raises(ValueError, match="its checksum is wrong: it is truncated or was changed"):
        fit(path, model, resume=True)
    assert model.state_dict() == before


def test_without_resume_a_training_begins_anew(path):
    fit(path, epochs=1)
    assert checkpoint.read(path).progress["steps"] == 2


def test_auto_begins_where_there_is_no_file_and_goes_on_where_there_is(tmp_path):
    path = tmp_path / "run.ckpt"
    once = fit(path, epochs=3).state_dict()
    path.unlink()
    fit(path, epochs=1, resume="auto")
    assert fit(path, epochs=3, resume="auto").state_dict() == once


def test_a_missing_file_is_an_error_where_it_must_be_there(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"cannot resume: No such file.*run\.ckpt"):
        fit(tmp_path / "run.ckpt", resume=True)


def test_a_missing_folder_is_noticed_before_the_training(tmp_path):
    model = nn.MLP(2, [2, 1], rng=1)
    before = model.state_dict()
    with pytest.raises(FileNotFoundError, match="cannot write the checkpoint: No such file or dir"):
        fit(tmp_path / "no" / "run.ckpt", model)
    assert model.state_dict() == before


def test_a_disk_that_is_full_meanwhile_ends_the_training_with_its_error(tmp_path, monkeypatch):
    def full(_path, _kept, calls=iter(range(9))):  # noqa: B008 - counts the calls
        if next(calls) > 1:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint, "write", full)
    with pytest.raises(OSError, match="No space left on device"):
        fit(tmp_path / "run.ckpt", checkpoint_every=1)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"resume": True, "checkpoint": None},
            ValueError,
            "need the file's name: give checkpoint=",
        ),
        (
            {"checkpoint_every": 3, "checkpoint": None},
            ValueError,
            "checkpoint_every and resume need",
        ),
        (
            {"resume": "yes"},
            ValueError,
            r"resume can be True, False or 'auto', got a str \('yes'\)",
        ),
        ({"resume": []}, ValueError, "resume can be True, False or 'auto', got a list of 0"),
        ({"checkpoint": 3}, TypeError, r"checkpoint must be the name of a file, got an int \(3\)"),
        ({"checkpoint_every": 0}, ValueError, "checkpoint_every must be at least 1, got 0"),
        (
            {"checkpoint_every": 1.5},
            TypeError,
            r"a number of steps or a datetime\.timedelta, got a float \(1\.5\)",
        ),
        (
            {"checkpoint_every": timedelta(seconds=-1)},
            ValueError,
            "checkpoint_every must not be negative, got -1 day, 23:59:59",
        ),
    ],
)
def test_wrong_arguments(tmp_path, options, error, message):
    with pytest.raises(error, match=message):
        fit(**{"path": tmp_path / "run.ckpt"} | options)


def test_nothing_is_described_where_nothing_is_written():
    def describe():
        raise AssertionError

    assert make_checkpointer(None, None, False, describe) is None


sys.path.insert(0, str(Path(__file__).parents[1]))

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
import trainings

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
    around = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
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


ARRAY = np.array([0.1, -0.0, math.inf, -math.inf, math.nan, 5e-324, 1.7976931348623157e308])
KEPT = Checkpoint({"loss": "mse"}, {"steps": 3, "state": 2**127 + 1}, {"a": ARRAY, "b": ARRAY[:0]})


@pytest.fixture
def path(tmp_path):
    checkpoint.write(tmp_path / "run.ckpt", KEPT)
    return tmp_path / "run.ckpt"


def test_a_checkpoint_comes_back_bit_for_bit(path):
    got = checkpoint.read(path)
    assert (got.settings, got.progress) == (KEPT.settings, KEPT.progress)
    assert {name: array.tobytes() for name, array in got.arrays.items()} == {
        "a": ARRAY.tobytes(),
        "b": b"",
    }


@given(st.lists(st.lists(st.floats(width=64), min_size=2, max_size=2)))
def test_any_rows_come_back(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("any") / "run.ckpt"
    array = np.array(rows).reshape(-1, 2)
    checkpoint.write(path, Checkpoint({}, {}, {"rows": array}))
    got = checkpoint.read(path).arrays["rows"]
    assert got.shape == array.shape
    assert got.tobytes() == array.tobytes()


def test_every_truncation_is_an_error(path):
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"^cannot resume from .*run\.ckpt: it"):
            checkpoint.read(path)


def test_every_changed_bit_is_an_error(path):
    whole = path.read_bytes()
    for position in range(len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= 1 << position % 8
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"^cannot resume from .*run\.ckpt: it"):
            checkpoint.read(path)


def sealed(content):
    return b"scalar-autograd checkpoint 1 %08x\n" % zlib.crc32(content) + content


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is not a scalar-autograd checkpoint file"),
        (b"PK\x03\x04", "it is not a scalar-autograd checkpoint file"),
        (b'{"format": "scalar-autograd model"}', "it is not a scalar-autograd checkpoint file"),
        (b"scalar-autograd checkpoint 2 00000000\n", "it has version '2', this library reads 1"),
        (b"scalar-autograd checkpoint \xff", "it has version '\ufffd', this library reads 1"),
        (b"scalar-autograd checkpoint 1 00000000\n{", "its checksum is wrong: it is truncated or"),
        (sealed(b""), "it has no valid contents"),
        (sealed(b"[" * 100_000), "it has no valid contents"),
        (sealed(b"[]"), "it has no valid contents"),
        (sealed(b"{}"), "it has no valid contents"),
        (sealed(b'{"settings": {}, "progress": {}, "arrays": []}'), "it has no valid contents"),
        (sealed(b'{"settings": 1, "progress": {}, "arrays": {}}\n'), "it has no valid contents"),
        (sealed(b'{"settings": {}, "progress": {}, "arrays": {"a": [2]}}\n'), "it has no valid"),
        (sealed(b'{"settings": {}, "progress": {}, "arrays": {"a": ["2"]}}\n'), "it has no valid"),
        (sealed(b'{"settings": {}, "progress": {}, "arrays": {}}\n12345678'), "it has no valid"),
        (sealed(b'{"settings": {}, "progress": {}, "arrays": {}}\n1'), "it has no valid contents"),
    ],
)
def test_foreign_and_malformed_files(tmp_path, content, message):
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(ValueError, match=f"^cannot resume from .*file: {message}"):
        checkpoint.read(tmp_path / "file")


def test_an_endless_foreign_file_is_not_read_to_its_end():
    with pytest.raises(ValueError, match="it is not a scalar-autograd checkpoint file"):
        checkpoint.read("/dev/zero")


def test_a_model_file_is_no_checkpoint(tmp_path):
    nn.Neuron(1).save(tmp_path / "model.json")
    with pytest.raises(ValueError, match="it is not a scalar-autograd checkpoint file"):
        checkpoint.read(tmp_path / "model.json")


def test_a_failed_write_leaves_the_old_file_and_no_other(path, monkeypatch):
    before = path.read_bytes()

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="cannot write the checkpoint: No space left on device"):
        checkpoint.write(path, Checkpoint({}, {}, {}))
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["run.ckpt"]


def test_the_draft_of_a_killed_process_is_written_over(path):
    draft = path.with_name(".run.ckpt.draft")
    draft.write_bytes(b"half a" * 1000)
    checkpoint.write(path, Checkpoint({}, {"steps": 4}, {}))
    assert checkpoint.read(path).progress == {"steps": 4}
    assert not draft.exists()


def test_a_link_stays_a_link(path):
    link = path.with_name("latest")
    link.symlink_to(path)
    checkpoint.write(link, Checkpoint({}, {"steps": 4}, {}))
    assert link.is_symlink()
    assert checkpoint.read(path).progress == {"steps": 4}
