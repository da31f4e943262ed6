"""What can be asked of JAX's devices."""

import sys
from pathlib import Path

import numpy as np
import pytest

import nn
from autograd.errors import MissingExtraError
from nn.stepping import jaxed
from nn.stepping.devices import Devices

sys.path.insert(0, str(Path(__file__).parent))
from jax_trainings import distance, train


def test_without_jax_one_line_names_the_extra(line, monkeypatch):
    monkeypatch.setitem(sys.modules, "jax", None)
    with pytest.raises(MissingExtraError) as caught:
        nn.fit(*line, engine="jax")
    assert str(caught.value) == 'this needs jax: pip install "scalar-autograd[jax]"'


def test_settings_are_checked():
    with pytest.raises(ValueError, match="dtype can be float64 or float32, got 'half'"):
        nn.Jax(dtype="half")
    with pytest.raises(ValueError, match="devices must be at least 1, got 0"):
        nn.Jax(devices=0)


@pytest.fixture
def jax():
    """Skip where JAX is not there."""
    return pytest.importorskip("jax", reason="the extra jax is not installed")


@pytest.mark.usefixtures("jax")
def test_batches_are_cut_for_four_devices_of_several_processes(monkeypatch):
    """One device plays all four: 21 samples are 20 and 1, batches of 18 are 16 and 2, then 3."""

    class Four(Devices):
        def __init__(self, settings):
            super().__init__(settings)
            self.size, self.several_processes = 4, True

        def divide(self, arrays):
            parts = super().divide(arrays)
            counts.append([len(part[0]) for part in parts])
            return parts

    counts = []
    monkeypatch.setattr(jaxed, "Devices", Four)
    for size in (None, 18):
        settings = {"batch_size": size, "epochs": 2}
        expected = train("linear", "compiled", **settings)
        assert distance(train("linear", "jax", **settings), expected) < 1e-10
    assert counts == [[20, 1], [20, 1], [16, 2], [3], [16, 2], [3]]


def test_processes_with_other_numbers_are_told_from_each_other(jax, monkeypatch):
    assert jax.process_count() == 1
    devices = Devices(nn.Jax())
    devices.several_processes = True
    devices.check_same(np.zeros(3), np.arange(2))
    utilities = "jax.experimental.multihost_utils.process_allgather"
    monkeypatch.setattr(utilities, lambda own: np.stack([own, own + 1]))
    with pytest.raises(RuntimeError, match="the processes do not train the same: give all of"):
        devices.check_same(np.zeros(3))


def test_several_processes_use_all_devices(jax, monkeypatch):
    monkeypatch.setattr(jax, "process_count", lambda: 2)
    monkeypatch.setattr(jax, "devices", lambda _platform: ["one", "another"])
    with pytest.raises(ValueError, match="devices=1 of 2: with several processes all devices are"):
        Devices(nn.Jax(devices=1))


def test_the_first_process_writes(jax, line, tmp_path, monkeypatch):
    model, X, Y = line
    path = tmp_path / "run.ckpt"
    monkeypatch.setattr(jax, "process_index", lambda: 1)
    nn.fit(model, X, Y, epochs=1, engine="jax", checkpoint=path, progress=False)
    assert not path.exists()
