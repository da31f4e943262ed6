import math
import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from nn import checkpoint
from nn.checkpoint import Checkpoint
from nn.serialization import CHECKPOINT
from tests.nn.forging import entry, header, sealed

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


def file_of(settings="{}", progress="{}", entries=None, data=b"", **metadata):
    about = {"settings": settings, "progress": progress, **metadata}
    return sealed(header(CHECKPOINT, entries, **about), data)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is not a scalar-autograd checkpoint file"),
        (b"PK\x03\x04", "it is not a scalar-autograd checkpoint file"),
        (sealed(header()), "it is not a scalar-autograd checkpoint file"),
        (file_of(version="2"), "it has version '2', this library reads 1"),
        (file_of(version="\ufffd"), "it has version '\ufffd', this library reads 1"),
        (file_of().replace(b'"{}"', b'"[]"', 1), "its checksum is wrong: it is truncated or"),
        (file_of(settings=None), "it has no valid contents"),
        (file_of(progress="[" * 100_000), "it has no valid contents"),
        (file_of(progress="[1]"), "it has no valid contents"),
        (file_of(settings="1"), "it has no valid contents"),
        (file_of(settings=""), "it has no valid contents"),
        (file_of(entries={"a": entry(2)}), "it has no valid contents"),
        (file_of(entries={"a": []}), "it has no valid contents"),
        (file_of(data=b"12345678"), "it has no valid contents"),
        (file_of(data=b"1"), "it has no valid contents"),
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
    nn.Neuron(1).save(tmp_path / "model.safetensors")
    with pytest.raises(ValueError, match="it is not a scalar-autograd checkpoint file"):
        checkpoint.read(tmp_path / "model.safetensors")


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
