import json
import math
from datetime import timedelta

import numpy as np
import pytest

import nn
from nn import checkpoint
from tests.nn.forging import opened, sealed

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
        ({"lr": 0.5}, r"optimiser's lr was 0\.01 and is 0\.5"),
        ({"optimiser": "sgd"}, "optimiser's kind was 'Adam' and is 'SGD'; "),
        ({"data": (X[:2], Y[:2])}, "number of samples was 3 and is 2"),
        ({"data": (X, [[y] for y in Y])}, r"target was \[\[2\], \[\]\] and is \[\[2\], \[1\]\]"),
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


def change(path, **changes):
    """Write a checkpoint again, sealed, with other contents."""
    head, data = opened(path.read_bytes())
    about = head["__metadata__"]
    about["progress"] = json.dumps({**json.loads(about["progress"]), **changes.get("progress", {})})
    for name, shape in changes.get("arrays", {}).items():
        head[name]["shape"] = shape
    start = 0
    for name in list(head)[1:]:
        size = 8 * math.prod(head[name]["shape"])
        head[name]["data_offsets"] = [start, start + size]
        start += size
    path.write_bytes(sealed(head, data))


@pytest.mark.parametrize(
    "changes",
    [
        {"progress": {"epoch": {"total": "one"}}},
        {"progress": {"epoch": {"total": "0x1p0", "more": 1}}},
        {"progress": {"best": None}},
        {"progress": {"best": {"loss": "inf", "epochs_since": None}}},
        {"progress": {"columns": ["loss"]}},
        {"progress": {"columns": None}},
        {"progress": {"steps": "many"}},
        {"progress": {"recorded": [0]}},
        {"progress": {"random": {}}},
        {"progress": {"random": {"now": {"bit_generator": "PCG64"}, "before_shuffle": None}}},
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
    optimiser = nn.Adam(model.parameters(), lr=0.01)
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
            r"resume: got a str \('yes'\); allowed: 'auto' or a bool",
        ),
        ({"resume": []}, TypeError, "resume: got a list of 0; allowed: 'auto' or a bool"),
        (
            {"checkpoint": 3},
            TypeError,
            r"checkpoint: got an int \(3\); allowed: the name of a file",
        ),
        (
            {"checkpoint_every": 0},
            ValueError,
            "checkpoint_every: got an int .0.; allowed: a whole number of at least 1",
        ),
        (
            {"checkpoint_every": 1.5},
            TypeError,
            r"checkpoint_every: got a float \(1\.5\); allowed: a whole .* or a datetime\.timedelta",
        ),
        (
            {"checkpoint_every": timedelta(seconds=-1)},
            ValueError,
            "checkpoint_every: got a timedelta .*; allowed: a timedelta of at least 0",
        ),
    ],
)
def test_wrong_arguments(tmp_path, options, error, message):
    with pytest.raises(error, match=message):
        fit(**{"path": tmp_path / "run.ckpt"} | options)


def test_nothing_is_described_where_nothing_is_written():
    def describe():
        raise AssertionError

    assert checkpoint.make_checkpointer(None, None, False, describe) is None
