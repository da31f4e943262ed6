import hashlib
import json
import math
import os
import stat
import struct
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from nn import serialization

ODD_NAN = struct.unpack(">d", bytes.fromhex("7ff8000000000abc"))[0]
ZEROS = [0.0, -0.0, 5e-324, -5e-324, 2.2250738585072014e-308]
ODD = [*ZEROS, 0.1, 1.7976931348623157e308, math.inf, -math.inf, math.nan, -math.nan, ODD_NAN]


def bits(number):
    return struct.pack(">d", number)


def files(folder):
    return [path.name for path in folder.iterdir()]


@pytest.fixture
def model():
    return nn.MLP(2, [3, 1], activation="tanh", rng=0)


@pytest.fixture
def path(tmp_path, model):
    model.save(tmp_path / "model.json")
    return tmp_path / "model.json"


def test_odd_numbers_come_back_bit_for_bit(tmp_path):
    state = {f"p{i}": number for i, number in enumerate(ODD)}
    serialization.write(tmp_path / "odd", "Odd()", state)
    architecture, got = serialization.read(tmp_path / "odd")
    assert architecture == "Odd()"
    assert list(got) == list(state)
    assert [bits(number) for number in got.values()] == [bits(number) for number in ODD]


def test_a_model_of_odd_numbers_comes_back_bit_for_bit(tmp_path):
    model, other = nn.Neuron(len(ODD) - 1), nn.Neuron(len(ODD) - 1)
    for parameter, number in zip(model.parameters(), ODD, strict=True):
        parameter.data = number
    model.save(tmp_path / "odd")
    other.load(tmp_path / "odd")
    assert [bits(p.data) for p in other.parameters()] == [bits(number) for number in ODD]


@given(st.dictionaries(st.text(), st.floats(width=64)))
def test_any_state_comes_back(tmp_path_factory, state):
    path = tmp_path_factory.mktemp("any") / "state"
    serialization.write(path, "Any()", state)
    got = serialization.read(path)[1]
    assert list(got) == list(state)
    assert [bits(number) for number in got.values()] == [bits(number) for number in state.values()]


def test_a_saved_model_predicts_the_same(path, model):
    other = nn.MLP(2, [3, 1], activation="tanh", rng=1)
    other.load(path)
    assert other([0.3, 0.4]).data == model([0.3, 0.4]).data


def test_every_truncation_is_an_error_and_changes_nothing(path):
    whole = path.read_bytes()
    other = nn.MLP(2, [3, 1], activation="tanh", rng=1)
    before = other.state_dict()
    for length in range(len(whole) - 2):  # the last two bytes are the closing brace and a newline
        path.write_bytes(whole[:length])
        with pytest.raises(
            ValueError, match=r"it is truncated or corrupt|is not a scalar-autograd"
        ):
            other.load(path)
    assert other.state_dict() == before


def test_every_changed_byte_is_an_error_and_changes_nothing(path):
    whole = path.read_bytes()
    other = nn.MLP(2, [3, 1], activation="tanh", rng=1)
    before = other.state_dict()
    for position in range(0, len(whole) - 1, 7):
        damaged = bytearray(whole)
        damaged[position] ^= 1
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"^cannot load .*model\.json: "):
            other.load(path)
    assert other.state_dict() == before


def sealed(**changes):
    body = {
        "format": serialization.FORMAT,
        "version": 1,
        "architecture": "A()",
        "parameters": {},
    } | changes
    body = {name: item for name, item in body.items() if item is not None}
    checksum = hashlib.sha256(json.dumps(body).encode()).hexdigest()
    return json.dumps({**body, "checksum": checksum})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it is not a scalar-autograd model file"),
        ("PK\x03\x04 pickled or zipped", "it is not a scalar-autograd model file"),
        ('["scalar-autograd model"]', "it is not a scalar-autograd model file"),
        ('{"x": "scalar-autograd model"}', "it is not a scalar-autograd model file"),
        ('{"format": "scalar-autograd model"' + "[" * 100_000, "it is truncated or corrupt"),
        ('"scalar-autograd model"' + "1" * 5000, "it is truncated or corrupt"),
        (sealed(version=2), "it has version 2, this library reads 1"),
        (sealed(version=None), "it has version None"),
        (sealed().replace("A()", "B()"), "its checksum is wrong"),
        (sealed(parameters=None), "it has no valid parameters"),
        (sealed(parameters=[1]), "it has no valid parameters"),
        (sealed(parameters={"w": 1.5}), "it has no valid parameters"),
        (sealed(parameters={"w": "one"}), "it has no valid parameters"),
        (sealed(parameters={"w": "nan:zz"}), "it has no valid parameters"),
        (sealed(parameters={"w": "nan:00"}), "it has no valid parameters"),
        (sealed(parameters={"w": "0x1p99999999"}), "it has no valid parameters"),
        (sealed(architecture=None), "it has no valid parameters"),
    ],
)
def test_foreign_and_malformed_files(tmp_path, text, message):
    (tmp_path / "file").write_text(text)
    with pytest.raises(ValueError, match=f"cannot load .*file: {message}"):
        serialization.read(tmp_path / "file")


def test_a_binary_file_is_foreign(tmp_path):
    (tmp_path / "file").write_bytes(bytes(range(256)) * 10)
    with pytest.raises(ValueError, match="it is not a scalar-autograd model file"):
        nn.Neuron(1).load(tmp_path / "file")


def test_an_endless_foreign_file_is_not_read_to_its_end():
    with pytest.raises(ValueError, match="it is not a scalar-autograd model file"):
        serialization.read("/dev/zero")


def test_another_architecture_is_an_error_that_shows_both(path):
    other = nn.MLP(2, [3, 1], activation="relu", rng=1)
    before = other.state_dict()
    with pytest.raises(
        ValueError,
        match=r"holds MLP\(2, \[3, 1\], activation='tanh'.*this model is MLP.*activation='relu'",
    ):
        other.load(path)
    assert other.state_dict() == before
    other.load_state_dict(serialization.read(path)[1])
    assert other.state_dict() != before


def test_other_names_are_an_error(tmp_path):
    class Net(nn.Module):
        def __init__(self, size):
            self.neuron = nn.Neuron(size)

    Net(2).save(tmp_path / "net")
    with pytest.raises(ValueError, match=r"missing neuron\.w\.2$"):
        Net(3).load(tmp_path / "net")


def test_a_missing_file_is_the_systems_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        nn.Neuron(1).load(tmp_path / "nowhere")


def test_a_missing_folder_is_named(tmp_path, model):
    with pytest.raises(FileNotFoundError, match=r"cannot save the model: No such file .*no/model"):
        model.save(tmp_path / "no" / "model")


@pytest.mark.parametrize("target", ["folder", "/dev/null"])
def test_only_plain_files_are_replaced(tmp_path, monkeypatch, model, target):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(
        OSError, match="cannot save the model: there is something else than a plain"
    ):
        model.save(target)
    assert files(tmp_path) == ["folder"]


def test_a_failed_write_leaves_the_old_file_and_no_other(path, monkeypatch):
    before = path.read_bytes()

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="cannot save the model: No space left on device"):
        nn.MLP(2, [3, 1], rng=5).save(path)
    assert path.read_bytes() == before
    assert files(path.parent) == ["model.json"]


def test_an_interrupted_write_leaves_no_other_file(path, monkeypatch):
    def interrupt(_descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        nn.MLP(2, [3, 1], rng=5).save(path)
    assert files(path.parent) == ["model.json"]


def test_permissions_and_links_stay(path, model):
    path.chmod(0o640)
    link = path.with_name("link")
    link.symlink_to(path)
    model.save(link)
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_reader_meets_whole_files_only(path):
    models = [nn.MLP(2, [3, 1], activation="tanh", rng=seed) for seed in range(2)]
    allowed = [model.state_dict() for model in models]
    models[0].save(path)
    stop = threading.Event()

    def rewrite():
        while not stop.is_set():
            for model in models:
                model.save(path)

    writer = threading.Thread(target=rewrite)
    writer.start()
    try:
        assert all(serialization.read(path)[1] in allowed for _ in range(50))
    finally:
        stop.set()
        writer.join()
