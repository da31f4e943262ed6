"""Numbers stay on the devices while nobody looks, and are here whenever somebody does."""

import sys
from pathlib import Path

import numpy as np
import pytest

import nn
from nn.checkpoints import checkpoint
from nn.stepping.ondevices import OnDevices

sys.path.insert(0, str(Path(__file__).parent))
from jax_trainings import X, train

pytest.importorskip("jax", reason="the extra jax is not installed")


class Signed(nn.SGD):
    """An optimiser of a user's own, with functions that JAX cannot trace."""

    def change(self, p, g):
        return p - self.lr * np.sign(g)


def test_optimisers_and_clipping_of_one_s_own_see_the_gradients():
    seen = []

    def run(engine):
        loss, model = "mse", nn.Neuron(3, activation="linear", rng=0)
        parameters = model.parameters()
        nn.fit(
            model, X, X.sum(axis=1), loss=loss, optimiser=Signed(parameters, lr=0.1), epochs=3,
            clip=lambda ps: seen.append([p.grad for p in ps]), engine=engine, progress=False,
        )  # fmt: skip
        return [parameter.data for parameter in parameters]

    assert run("jax") == pytest.approx(run("compiled"), rel=1e-12)
    assert np.array(seen[:3]) == pytest.approx(np.array(seen[3:]), rel=1e-12)


def test_an_optimiser_of_some_parameters_leaves_the_others():
    def run(engine):
        model = nn.Neuron(3, activation="linear", rng=0)
        some = nn.SGD(model.parameters()[:2], lr=0.1)
        nn.fit(model, X, X.sum(axis=1), optimiser=some, epochs=3, engine=engine, progress=False)
        return [parameter.data for parameter in model.parameters()]

    assert run("jax") == pytest.approx(run("compiled"), rel=1e-12)


def test_callbacks_see_and_change_the_numbers_of_now():
    def run(engine):
        model, seen = nn.Neuron(3, activation="linear", rng=0), []

        def halve(_history):
            seen.append([parameter.data for parameter in model.parameters()])
            model.b.data /= 2

        targets = X.sum(axis=1)
        nn.fit(model, X, targets, epochs=3, callbacks=[halve], engine=engine, progress=False)
        return seen

    assert np.array(run("jax")) == pytest.approx(np.array(run("compiled")), rel=1e-12)


def test_a_resumed_training_has_the_same_bits(tmp_path):
    stops = [4]

    def schedule(step):
        if step in stops:
            raise KeyboardInterrupt
        return 1.0

    fixed = {"batch_size": 7, "schedule": schedule}
    kept = {**fixed, "checkpoint": tmp_path / "run.ckpt", "checkpoint_every": 3}
    train("linear", "jax", **kept)
    assert checkpoint.read(kept["checkpoint"]).progress["steps"] == stops.pop()
    resumed = train("linear", nn.Jax(devices=1), resume=True, **kept)
    assert resumed == train("linear", "jax", **fixed)


def test_devices_that_fail_leave_the_steps_before(tmp_path, monkeypatch):
    real = OnDevices.begin

    def begin(self, batch):
        if self.optimiser.steps == 5:
            monkeypatch.setattr(self, "jitted", lambda *_: 1 / 0)
        return real(self, batch)

    path = tmp_path / "run.ckpt"
    kept = {"batch_size": 7, "checkpoint": path, "checkpoint_every": 2}
    with monkeypatch.context() as here:
        here.setattr(OnDevices, "begin", begin)
        with pytest.raises(ZeroDivisionError):
            train("linear", "jax", **kept)
    assert checkpoint.read(path).progress["steps"] == 5
    assert train("linear", "jax", resume=True, **kept) == train("linear", "jax", batch_size=7)


def test_a_bad_step_is_told_by_its_number_and_changes_nothing():
    told = []
    samples = np.vstack([X, [[1e200, 1.0, 1.0]], X])
    for engine in ("compiled", "jax"):
        model = nn.Neuron(3, activation="linear", rng=0)
        with pytest.raises(FloatingPointError) as caught:
            nn.fit(model, samples, np.zeros(len(samples)), batch_size=5, shuffle=False,
                   engine=engine, progress=False)  # fmt: skip
        told.append((str(caught.value).partition(". ")[0], model.state_dict()))
    assert told[0][0] == "training stopped in epoch 1, step 5: the loss is inf"
    assert told[1][0] == told[0][0]
    assert told[1][1] == pytest.approx(told[0][1], rel=1e-12)


def failing_batches(seen, model):
    """Yield three batches, and note the model's numbers before each; then fail."""
    for _ in range(3):
        seen.append(model.b.data)
        yield X, X.sum(axis=1)
    raise OSError("the disk is gone")


@pytest.mark.parametrize("ahead", [0, 2])
def test_batches_that_end_in_an_error_leave_all_steps_before(ahead):
    found = []
    for engine in ("compiled", "jax"):
        model, seen = nn.Neuron(3, activation="linear", rng=0), []
        optimiser = nn.SGD(model.parameters(), lr=0.1)
        with pytest.raises(OSError, match="the disk is gone"):
            nn.fit(model, lambda m=model, s=seen: failing_batches(s, m), optimiser=optimiser,
                   prefetch=ahead, engine=engine, progress=False)  # fmt: skip
        assert optimiser.steps == 3
        assert len(set(seen)) == 3 or ahead
        found.append([*model.state_dict().values(), *(seen if not ahead else [])])
    assert found[1] == pytest.approx(found[0], rel=1e-12)


def test_programs_of_several_structures_take_the_numbers_in_turn():
    whole, real = (X[:8], np.arange(8)), (X[8:], X[8:, 0])

    def run(engine):
        model = nn.Neuron(3, activation="linear", rng=0)
        nn.fit(model, lambda: iter([whole, real, whole]), epochs=2, engine=engine, progress=False)
        return list(model.state_dict().values())

    assert run("jax") == pytest.approx(run("compiled"), rel=1e-12)
