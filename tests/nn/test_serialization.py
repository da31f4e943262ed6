import json
import math
import os
import stat
import struct
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from nn import serialization
from tests.nn.forging import entry, header, sealed

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
    model.save(tmp_path / "model.safetensors")
    return tmp_path / "model.safetensors"


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
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"truncated|is not a scalar-autograd model file"):
            other.load(path)
    assert other.state_dict() == before


def test_every_changed_byte_is_an_error_and_changes_nothing(path):
    whole = path.read_bytes()
    other = nn.MLP(2, [3, 1], activation="tanh", rng=1)
    before = other.state_dict()
    for position in range(0, len(whole), 7):
        damaged = bytearray(whole)
        damaged[position] ^= 1
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"^cannot load .*model\.safetensors: "):
            other.load(path)
    assert other.state_dict() == before


ARCHITECTURE = {"architecture": "A()"}
TWICE = json.dumps(header(**ARCHITECTURE), separators=(",", ":"))[:-1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is not a scalar-autograd model file"),
        (b"PK\x03\x04 pickled or zipped", "it is not a scalar-autograd model file"),
        (b'{"format": "scalar-autograd model"}', "it is not a scalar-autograd model file"),
        (sealed({"w": entry()}, bytes(8)), "it is not a scalar-autograd model file"),
        (sealed(header(serialization.CHECKPOINT)), "it is not a scalar-autograd model file"),
        (sealed(TWICE + ',"a":' + "[" * 100_000), "it is truncated or corrupt"),
        (sealed(TWICE + ',"a":' + "1" * 5000 + "}"), "it is truncated or corrupt"),
        (sealed(header(version="2", **ARCHITECTURE)), "it has version '2', this library reads 1"),
        (sealed(header(version=None)), "it is not a scalar-autograd model file"),
        (sealed(header(a=1)), "it has no valid contents"),
        (sealed(header(**ARCHITECTURE)).replace(b"A()", b"B()"), "its checksum is wrong"),
        (
            sealed(header(**ARCHITECTURE)).replace(b'ksum":"', b'ksum":"x'),
            "its checksum is wrong",
        ),
        (sealed(header()), "it has no valid parameters"),
        (
            sealed(header(entries={"w": entry(1, 1)}, **ARCHITECTURE), bytes(8)),
            "it has no valid param",
        ),
        (
            sealed(
                header(entries={"w": entry(1), "w.0": entry(start=8)}, **ARCHITECTURE), bytes(16)
            ),
            "it has no valid parameters",
        ),
        (
            sealed(header(entries={"w": entry(0, 2**70)}, **ARCHITECTURE)),
            "it has no valid contents",
        ),
        (sealed(header(entries={"w": 1.5}, **ARCHITECTURE)), "it has no valid contents"),
        (sealed(header(entries={"w": {}}, **ARCHITECTURE)), "it has no valid contents"),
        (sealed(header(entries={"w": entry()}, **ARCHITECTURE)), "it has no valid contents"),
        (sealed(header(entries={"w": entry()}, **ARCHITECTURE), bytes(9)), "it has no valid con"),
        (sealed(header(entries={"w": entry()}, **ARCHITECTURE), bytes(16)), "it has no valid con"),
        (
            sealed(header(entries={"w": entry(), "v": entry()}, **ARCHITECTURE), bytes(8)),
            "it has no valid contents",
        ),
        (
            sealed(header(entries={"w": entry(start=8)}, **ARCHITECTURE), bytes(16)),
            "it has no valid contents",
        ),
        (
            sealed(header(entries={"w": {**entry(), "dtype": "F32"}}, **ARCHITECTURE), bytes(8)),
            "it has no valid contents",
        ),
        (
            sealed(header(entries={"w": entry(2**62, 4, end=0)}, **ARCHITECTURE)),
            "it has no valid contents",
        ),
        (
            sealed(header(entries={"w": entry(-1, end=-8)}, **ARCHITECTURE)),
            "it has no valid contents",
        ),
    ],
)
def test_foreign_and_malformed_files(tmp_path, content, message):
    (tmp_path / "file").write_bytes(content)
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
    assert files(path.parent) == ["model.safetensors"]


def test_an_interrupted_write_leaves_no_other_file(path, monkeypatch):
    def interrupt(_descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        nn.MLP(2, [3, 1], rng=5).save(path)
    assert files(path.parent) == ["model.safetensors"]


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


def test_other_programs_read_the_numbers(tmp_path, path, model):
    library = pytest.importorskip("safetensors.numpy")
    arrays = library.load_file(path)
    first = arrays["layers.0.neurons.2.w"]
    assert (first.dtype, first.tolist()) == (
        np.dtype("f8"),
        [w.data for w in model.layers[0].neurons[2].w],
    )
    assert arrays["layers.1.neurons.0.b"].item() == 0.0
    assert sum(array.size for array in arrays.values()) == len(model.parameters())
    serialization.write(tmp_path / "odd", "Odd()", {f"p{i}": x for i, x in enumerate(ODD)})
    arrays = library.load((tmp_path / "odd").read_bytes())
    assert [arrays[f"p{i}"].tobytes()[::-1] for i in range(len(ODD))] == [*map(bits, ODD)]


def test_other_programs_read_a_checkpoint(tmp_path):
    library = pytest.importorskip("safetensors.numpy")
    model = nn.Neuron(2, rng=0)
    nn.fit(model, [[1.0, 2.0]] * 3, [0.0] * 3, epochs=2, record=1, progress=False,
           checkpoint=tmp_path / "run.ckpt")  # fmt: skip
    arrays = library.load_file(tmp_path / "run.ckpt")
    assert arrays["parameters"].tolist() == list(model.state_dict().values())
    assert (arrays["history"].shape, arrays["snapshots"].shape) == ((2, 3), (3, 3))


def test_the_same_state_gives_the_same_bytes(tmp_path, model):
    contents = set()
    for i in range(2):
        model.save(tmp_path / str(i))
        contents.add((tmp_path / str(i)).read_bytes())
    assert len(contents) == 1


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("__metadata__", "an array cannot be named '__metadata__', which the file format uses"),
        ("w" * serialization.MAX_HEADER, "cannot save the model: the names take 1.* bytes"),
    ],
)
def test_names_that_the_format_cannot_hold_are_refused(path, name, message):
    before = path.read_bytes()
    with pytest.raises(ValueError, match=message):
        serialization.write(path, "A()", {name: 1.0})
    assert path.read_bytes() == before


def test_names_and_texts_that_look_like_a_checksum_do_no_harm(tmp_path):
    text = '"checksum":"00000000"'
    serialization.write(tmp_path / "file", text, {text: 1.0, "checksum": 2.0})
    assert serialization.read(tmp_path / "file") == (text, {text: 1.0, "checksum": 2.0})


@given(
    st.lists(
        st.sampled_from(
            ["w", "w.0", "w.1", "w.2", "w.0.0", "w.0.1", "w.00", "b", "b.0", ".0", "0", "1", "w.10",
             "__metadata__.0"]
        ),
        unique=True,
    )
)  # fmt: skip
def test_names_with_numbers_at_their_end_come_back_in_order(tmp_path_factory, names):
    path = tmp_path_factory.mktemp("any") / "state"
    state = {name: float(i) for i, name in enumerate(names)}
    serialization.write(path, "Any()", state)
    assert list(serialization.read(path)[1].items()) == list(state.items())


@pytest.mark.parametrize("state", [{1: 1.0}, [("w", 1.0)], None])
def test_a_state_without_names_is_refused(path, state):
    before = path.read_bytes()
    with pytest.raises(
        TypeError, match=r"state: got .*; allowed: (a dict of names and numbers|names that are str)"
    ):
        serialization.write(path, "A()", state)
    assert path.read_bytes() == before
