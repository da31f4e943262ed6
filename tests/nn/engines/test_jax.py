"""Training under JAX: its devices, what the NumPy engine gives, and numbers that stay there."""

import sys

import numpy as np
import pytest

import nn
from autograd.errors import CollectiveError, MissingExtraError
from nn import checkpoint
from nn.engines.jax import Devices, JaxBackend
from tests.nn.engines.jax_trainings import X, distance, train


def test_without_jax_one_line_names_the_extra(line, monkeypatch):
    monkeypatch.setitem(sys.modules, "jax", None)
    with pytest.raises(MissingExtraError) as caught:
        nn.fit(*line, engine="jax")
    assert str(caught.value) == 'this needs jax: pip install "scalar-autograd[jax]"'


def test_settings_are_checked():
    with pytest.raises(
        ValueError, match=r"dtype: got a str .'half'.; allowed: 'float64', 'float32' or 'bfloat16'"
    ):
        nn.Jax(dtype="half")
    with pytest.raises(
        ValueError, match=r"devices: got an int .0.; allowed: a whole number of at least 1"
    ):
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
    monkeypatch.setattr("nn.engines.jax.Devices", Four)
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


def test_what_several_processes_fail_at_is_a_collective_error(jax):
    devices = Devices(nn.Jax())
    failure = jax.errors.JaxRuntimeError("Connection closed by peer")
    with pytest.raises(jax.errors.JaxRuntimeError) as own, devices.collective():
        raise failure
    assert own.value is failure
    devices.several_processes = True
    with pytest.raises(CollectiveError) as caught, devices.collective():
        raise failure
    assert str(caught.value) == (
        "a step that several processes share failed, most likely because another of them has ended "
        "or cannot be reached: see what that one printed, and start all again (with "
        'resume="auto", from the last checkpoint). JAX says: Connection closed by peer'
    )


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


pytest.importorskip("jax", reason="the extra jax is not installed")


def test_more_devices_than_there_are(line):
    with pytest.raises(ValueError, match=r"devices=1000, but JAX has \d+ \(cpu\)"):
        nn.fit(*line, engine=nn.Jax(devices=1000))


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("sigmoid", {"optimiser": "adam", "clip": 0.1}),
        ("softmax", {"optimiser": "adamw"}),
        ("linear", {"optimiser": "rmsprop", "schedule": nn.schedules.StepDecay(2, 0.5)}),
    ],
)
def test_losses_and_parameters_are_those_of_the_numpy_engine(kind, settings):
    assert distance(train(kind, "jax", **settings), train(kind, "compiled", **settings)) < 1e-10


def test_single_precision_is_near():
    single = train("softmax", nn.Jax(dtype="float32"), optimiser="sgd")
    assert 1e-12 < distance(single, train("softmax", "compiled", optimiser="sgd")) < 1e-4


def test_a_batch_for_which_a_comparison_comes_out_differently_is_computed_by_numpy(line):
    model, xs, ys = line

    def piecewise(prediction, y):
        return (prediction - y) ** 2 if prediction > 0.5 else (prediction - y) ** 4

    def run(engine):
        model.load_state_dict({"w.0": 1.0, "b": 0.0})
        return nn.fit(
            model, xs, ys, loss=piecewise, lr=0.3, epochs=4, engine=engine, progress=False
        )["loss"]

    assert run("jax") == pytest.approx(run("compiled"), rel=1e-12)


def test_what_is_not_finite_is_explained_as_ever_and_changes_nothing(line):
    model, xs, ys = line
    told = []
    for engine in ("compiled", "jax"):
        model.load_state_dict({"w.0": 1.0, "b": 0.0})
        with pytest.raises(FloatingPointError) as caught:
            nn.fit(
                model, [*xs, [1e200]], [*ys, 0.0], lr=0.1, batch_size=5, shuffle=False,
                engine=engine, progress=False,
            )  # fmt: skip
        told.append((str(caught.value), model.state_dict()))
    assert told[0] == told[1]
    assert told[0][0].startswith("training stopped in epoch 1, step 1: the loss is inf. ")
    assert told[0][1] == {"w.0": 1.0, "b": 0.0}


def test_wrong_samples_are_refused(line):
    model, xs, ys = line
    with pytest.raises(TypeError) as caught:
        nn.fit(model, [[1.0], [1.0, 2.0]], ys[:2], engine="jax", progress=False)
    assert str(caught.value) == (
        "engine 'jax' needs numbers in samples of one shape, got a list of 2 that has others: pad "
        "them, or train with engine='compiled' or engine='eager'"
    )
    classes = nn.MLP(1, [3], output="softmax", rng=0)
    with pytest.raises(IndexError, match=r"selects with 3; allowed are .* 0 to 2"):
        nn.fit(classes, xs, [0, 1, 2, 3], loss="cross_entropy", engine="jax", progress=False)


def test_batches_of_another_structure_go_through_the_values():
    """Whole targets and others are two programs; the parameters stay where the first is."""
    whole, real = (X[:8], np.arange(8)), (X[8:], X[8:, 0])

    def run(engine):
        return train("linear", engine, data=(lambda: iter((whole, real, whole)),), epochs=2)

    assert distance(run("jax"), run("compiled")) < 1e-10


pytest.importorskip("jax", reason="the extra jax is not installed")


class Signed(nn.SGD):
    """An optimiser of a user's own, with functions that JAX cannot trace."""

    def update(self, p, g):
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


@pytest.mark.usefixtures("jax")
def test_settings_of_the_optimiser_may_change_at_any_step():
    def run(engine, when):
        model = nn.Neuron(3, activation="linear", rng=0)
        optimiser = nn.SGD(model.parameters(), lr=0.01, momentum=0.9)

        def decrease(_history):
            optimiser.momentum /= 2

        def schedule(step):
            if when == "step" and step % 3 == 1:
                optimiser.momentum /= 2
            return 1.0

        nn.fit(
            model, X, X.sum(axis=1), optimiser=optimiser, epochs=3, batch_size=10, rng=0,
            callbacks=[decrease] if when == "epoch" else [], schedule=schedule,
            engine=engine, progress=False,
        )  # fmt: skip
        return list(model.state_dict().values())

    for when in ("step", "epoch"):
        assert run("jax", when) == pytest.approx(run("compiled", when), rel=1e-12)
        assert run("jax", when) != pytest.approx(run("jax", "never"), rel=1e-3)


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
    real = JaxBackend.begin

    def begin(self, batch):
        if self.optimiser.steps == 5:
            monkeypatch.setattr(self, "jitted", lambda *_: 1 / 0)
        return real(self, batch)

    path = tmp_path / "run.ckpt"
    kept = {"batch_size": 7, "checkpoint": path, "checkpoint_every": 2}
    with monkeypatch.context() as here:
        here.setattr(JaxBackend, "begin", begin)
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


def test_bfloat16_rounds_factors_but_neither_sums_nor_parameters():
    """1 + 1/256 is no bfloat16 and becomes 1 as a factor; 256 + 1 is none either, but a sum."""
    model = nn.MLP(2, [2], activation="linear")
    model.layers[0].W = [[256.0, 1 + 2**-8]] * 2
    model.layers[0].b = [0.0, 0.0]
    before = model.layers[0].W
    settings = {"lr": 2.0**-20, "optimiser": "sgd", "progress": False, "epochs": 1}
    x, y = [[1.0, 1.0]] * 4, [[0.0, 0.0]] * 4
    history = nn.fit(model, x, y, loss="mse", engine=nn.Jax(dtype="bfloat16"), **settings)
    assert history["loss"] == [257.0**2]
    changes = model.layers[0].W - before
    assert np.all((changes < 0) & (changes > -(2.0**-8)))  # less than a bfloat16 of 256 resolves


@pytest.mark.parametrize("kind", ["sigmoid", "softmax", "linear"])
def test_bfloat16_trains_nearly_as_float32(kind):
    settings = {"epochs": 20, "batch_size": 8}
    mixed, single = (
        train(kind, nn.Jax(dtype=dtype), **settings)[0] for dtype in ("bfloat16", "float32")
    )
    assert mixed != single
    np.testing.assert_allclose(mixed, single, rtol=0.05)
