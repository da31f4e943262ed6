"""A checkpoint that somebody made up: one clear error, and nothing is changed."""

import copy
import json
import math

import numpy as np
import pytest

import nn
from autograd import get_data
from nn.serialization import CHECKPOINT
from tests.nn.forging import header, opened, sealed

X = np.linspace(-1, 1, 6)[:, None]
Y = X[:, 0] ** 2
FOREIGN = [None, "x", -1, 0.5, [], {}, True, float("inf"), [[1, 2], 3]]
DROPPED = object()


class Run:
    """A training that can be begun, interrupted and gone on with."""

    def __init__(self):
        self.model = nn.Neuron(1, activation="tanh", rng=0)
        self.optimiser = nn.Adam(self.model.parameters(), lr=0.1)
        self.rng = np.random.default_rng(1)

    def fit(self, path, schedule=None, **options):
        return nn.fit(
            self.model, X, Y, optimiser=self.optimiser, rng=self.rng, epochs=3, batch_size=2,
            validation=(X, Y), early_stopping=5, record=1, progress=False, checkpoint=path,
            schedule=schedule or steady, **options,
        )  # fmt: skip

    def state(self):
        numbers = get_data(self.model.parameters()).tolist()
        return numbers, self.optimiser.state_dict(), self.rng.bit_generator.state


def steady(_step):
    return 1.0


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """Return the contents of a checkpoint that was written in the middle of an epoch."""
    path = tmp_path_factory.mktemp("forged") / "run.ckpt"

    def stop(step):
        if step == 4:
            raise KeyboardInterrupt
        return 1.0

    stop.__qualname__ = "steady"
    Run().fit(path, stop)
    head, numbers = opened(path.read_bytes())
    about = head.pop("__metadata__")
    shapes = {name: entry["shape"] for name, entry in head.items()}
    tree = {name: json.loads(about[name]) for name in ("settings", "progress")}
    return {**tree, "arrays": shapes}, numbers


def write(path, tree, numbers):
    """Write a file of settings, progress and the shapes of arrays, as far as they are there."""
    texts = {name: json.dumps(tree[name]) for name in ("settings", "progress") if name in tree}
    head, start = header(CHECKPOINT, **texts), 0
    arrays = tree.get("arrays")
    for name, shape in arrays.items() if isinstance(arrays, dict) else ():
        try:
            size = 8 * math.prod(shape)
            head[name] = {"dtype": "F64", "shape": shape, "data_offsets": [start, start + size]}
            start += size
        except TypeError:
            head[name] = {"dtype": "F64", "shape": shape, "data_offsets": [start, start]}
    path.write_bytes(sealed(head, numbers))


def fields(tree, above=()):
    """Yield the path of every field, those that hold others included."""
    for key in tree if isinstance(tree, dict) else range(len(tree)):
        yield (*above, key)
        if isinstance(tree[key], dict | list):
            yield from fields(tree[key], (*above, key))


def changed(tree, where, item):
    tree = copy.deepcopy(tree)
    inner = tree
    for key in where[:-1]:
        inner = inner[key]
    if item is DROPPED:
        del inner[where[-1]]
    else:
        inner[where[-1]] = item
    return tree


def refused(path):
    """Assert that the file is refused, and that all is as before."""
    run = Run()
    before = run.state()
    with pytest.raises(ValueError, match=r"cannot resume from .*run\.ckpt: ") as caught:
        run.fit(path, resume=True)
    assert run.state() == before
    return str(caught.value)


def test_the_file_itself_is_good(parts, tmp_path):
    whole, resumed = Run(), Run()
    write(tmp_path / "run.ckpt", *parts)
    resumed.fit(tmp_path / "run.ckpt", resume=True)
    whole.fit(tmp_path / "other.ckpt")
    assert resumed.state() == whole.state()


def test_every_field_that_is_missing_or_of_another_type_is_an_error(parts, tmp_path):
    head, numbers = parts
    path = tmp_path / "run.ckpt"
    tried = 0
    for where in fields(head):
        now = head
        for key in where:
            now = now[key]
        for item in (DROPPED, *FOREIGN):
            if item == now and (type(item) is type(now) or where[0] == "settings"):
                continue
            if item is DROPPED and now is None and where[0] == "settings":
                continue  # none is none
            if item == 0.5 and type(now) is float and where[0] == "progress":
                continue  # another number may be right
            if item == -1 and where[-1] == "has_uint32":
                continue  # NumPy takes it as yes
            write(path, changed(head, where, item), numbers)
            try:
                refused(path)
            except BaseException as error:
                raise AssertionError(f"{where} as {item!r}") from error
            tried += 1
    assert tried > 300


@pytest.mark.parametrize(
    ("where", "item", "message"),
    [
        (
            ("progress", "columns", 1),
            "loss",
            "a list of 4 as columns, not loss, validation_loss, lr",
        ),
        (("progress", "steps"), 10**30, "steps, 1 of them with 2 samples in an epoch"),
        (("progress", "steps"), 1, "cannot be after 1 epochs"),
        (("progress", "epoch", "samples"), 3, "with 3 samples in an epoch"),
        (("progress", "epoch", "steps"), 4, "4 of them with 2 samples"),
        (("progress", "epoch", "total"), "nan", "a loss of nan, cannot be"),
        (("progress", "recorded", 1), 7, "1 epochs cannot have recorded a list of 2"),
        (("progress", "recorded", 1), 0, "1 epochs cannot have recorded a list of 2"),
        (("progress", "best", "loss"), "nan", "a best validation loss of nan is none of"),
        (("progress", "best", "loss"), "inf", "a best validation loss of inf is none of"),
        (("progress", "best", "epochs_since"), 2, "a best validation loss of"),
        (("progress", "optimiser", "steps"), 2**53 + 1, "9007199254740993 steps cannot be"),
        (("progress", "stopped"), "paused", "a training is never a str"),
        (("progress", "epoch", "total"), "0x1p99999", "valid contents"),
        (("progress", "random", "now", "state", "state"), 2**128, "valid contents"),
        (("progress", "random", "before_shuffle", "bit_generator"), "MT19937", "valid contents"),
        (
            ("progress", "optimiser", "lr"),
            float("nan"),
            "lr: got a float (nan); allowed: a finite number of at least 0",
        ),
        (("progress", "optimiser", "optimiser"), "SGD", "the state is of SGD"),
        (("arrays", "optimiser.mean"), [1, 2], "one a parameter"),
        (("arrays", "parameters"), [-2], "valid contents"),
        (("arrays", "parameters"), [float("nan")], "valid contents"),
        (("settings", "loss"), "mae", "of another training: loss was 'mae'"),
    ],
)
def test_what_is_wrong_is_said(parts, tmp_path, where, item, message):
    head, numbers = parts
    write(tmp_path / "run.ckpt", changed(head, where, item), numbers)
    assert message in refused(tmp_path / "run.ckpt")


def test_a_flipped_byte_anywhere_is_an_error(parts, tmp_path):
    path = tmp_path / "run.ckpt"
    write(path, *parts)
    content = path.read_bytes()
    for place in range(0, len(content), 37):
        path.write_bytes(content[:place] + bytes([content[place] ^ 8]) + content[place + 1 :])
        refused(path)


def test_a_model_file_that_does_not_fit_is_named(tmp_path):
    path = tmp_path / "line.safetensors"
    nn.serialization.write(path, "Neuron(1, 'relu')", {"w.0": 1.0})
    neuron = nn.Neuron(1, rng=0)
    before = neuron.state_dict()
    with pytest.raises(ValueError, match=r"cannot load .*line\.safetensors: .*missing b"):
        neuron.load(path)
    assert neuron.state_dict() == before


@pytest.mark.parametrize(
    ("name", "number", "message"),
    [
        ("parameters", np.nan, "its parameters hold nan"),
        ("best", np.nan, "a best validation loss of"),
        ("optimiser.mean", np.nan, "mean holds nan"),
        ("optimiser.square", -1.0, "square holds -1, which it never is"),
    ],
)
def test_numbers_that_cannot_be_are_refused(parts, tmp_path, name, number, message):
    head, numbers = parts
    flat = np.frombuffer(numbers).copy()
    place = 0
    for other, shape in head["arrays"].items():
        if other == name:
            break
        place += int(np.prod(shape))
    flat[place] = number
    write(tmp_path / "run.ckpt", head, flat.tobytes())
    assert message in refused(tmp_path / "run.ckpt")


def test_steps_of_an_optimiser_that_missed_more_than_it_did_are_refused():
    neuron = nn.Neuron(1)
    optimiser = nn.SGD(neuron.parameters())
    with pytest.raises(ValueError, match="0 steps cannot be"):
        optimiser.load_state_dict({**optimiser.state_dict(), "missed": [1.0, 0.0]})
