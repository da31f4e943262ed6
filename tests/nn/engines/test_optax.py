"""Optimisers of optax, under JAX: the steps of `nn`, state on devices and in files."""

import json
import subprocess
import sys

import numpy as np
import pytest

import nn
from nn.engines.jax import OptaxBackend
from tests.nn.engines.jax_trainings import around, distance, train

optax = pytest.importorskip("optax", reason="optax is not installed")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (("adam", 0.01), lambda: optax.adam(0.01)),
        (("adamw", 0.01), lambda: optax.adamw(0.01, weight_decay=0.01)),
        (("sgd", 0.1), lambda: optax.sgd(0.1)),
    ],
)
@pytest.mark.parametrize(("dtype", "bound"), [("float64", 1e-11), ("float32", 1e-4)])
def test_optax_takes_the_steps_of_ours(ours, theirs, dtype, bound):
    name, lr = ours
    engine = nn.Jax(dtype=dtype)
    expected = train("softmax", engine, optimiser=name, lr=lr, epochs=20, batch_size=8)
    found = train("softmax", engine, optimiser=theirs(), lr=None, epochs=20, batch_size=8)
    assert distance(found, expected) < bound


def test_a_schedule_multiplies_the_updates():
    settings = {"optimiser": optax.adam(0.02), "lr": None}
    found = train("linear", "jax", schedule=lambda _: 0.5, **settings)
    assert distance(found, train("linear", "jax", optimiser=optax.adam(0.01), lr=None)) < 1e-12


@pytest.mark.parametrize(
    "make",
    [
        lambda: optax.adamw(optax.cosine_decay_schedule(0.01, 50)),
        lambda: optax.chain(optax.clip_by_global_norm(0.1), optax.lamb(0.01)),
        lambda: optax.sgd(0.01, momentum=0.9, nesterov=True),
        lambda: optax.MultiSteps(optax.adam(0.01), every_k_schedule=3),
        lambda: optax.adam(0.01, mu_dtype="bfloat16"),
    ],
    ids=["schedule", "chain", "momentum", "accumulated", "bfloat16"],
)
def test_a_resumed_training_has_the_same_bits(make, tmp_path):
    settings = {"lr": None, "batch_size": 8, "checkpoint": tmp_path / "run.ckpt"}
    engine = nn.Jax(dtype="float32")
    whole = train("softmax", engine, optimiser=make(), epochs=4, batch_size=8, lr=None)
    train("softmax", engine, optimiser=make(), epochs=2, **settings)
    assert train("softmax", engine, optimiser=make(), epochs=4, resume=True, **settings) == whole


def test_another_transformation_does_not_resume(tmp_path):
    settings = {"lr": None, "checkpoint": tmp_path / "run.ckpt"}
    train("linear", "jax", optimiser=optax.adam(0.01), **settings)
    with pytest.raises(ValueError, match=r"optimiser's structure was .*ScaleByAdamState"):
        train("linear", "jax", optimiser=optax.sgd(0.01), resume=True, **settings)


def test_validation_and_callbacks_see_the_parameters():
    seen = []

    def look(_):
        seen.append(model.layers[0].neurons[0].w[0].data)

    X = np.random.default_rng(0).normal(size=(20, 3))
    model = nn.MLP(3, [4, 1], rng=0)
    history = nn.fit(
        model, X, X.sum(axis=1), validation=0.2, epochs=3, optimiser=optax.adam(0.01), rng=0,
        engine="jax", progress=False, callbacks=[look],
    )  # fmt: skip
    assert len(set(seen)) == 3
    assert history["lr"] == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    "settings", [{"engine": "compiled"}, {"engine": "eager"}, {"engine": "jax", "clip": len}]
)
def test_other_engines_and_functions_that_clip_are_refused(settings, line):
    with pytest.raises(ValueError, match="optimiser: one of optax updates arrays on JAX's devices"):
        nn.fit(*line, optimiser=optax.adam(0.01), progress=False, **settings)


def test_a_learning_rate_beside_it_is_refused(line):
    with pytest.raises(ValueError, match="lr goes with the name of an optimiser"):
        nn.fit(*line, optimiser=optax.adam(0.01), lr=0.1, engine="jax", progress=False)


def test_a_comparison_with_another_outcome_is_computed_on_the_host(monkeypatch):
    """Such a batch comes back to the `Value`s; the update is still optax's."""

    def loss(p, y):
        return (p - y) ** 2 if p > y else 2 * (p - y) ** 2

    counts = []
    inner = OptaxBackend._step
    monkeypatch.setattr(OptaxBackend, "_step", lambda self: counts.append(1) or inner(self))
    rng = np.random.default_rng(0)
    X = rng.normal(size=(12, 3))
    Y = rng.normal(size=12)
    found = []
    for optimiser in ("adam", optax.adam(0.01)):
        model = nn.MLP(3, [4, 1], rng=0)
        nn.fit(model, X, Y, loss=loss, epochs=3, batch_size=1, rng=0, optimiser=optimiser,
               engine="jax", progress=False)  # fmt: skip
        found.append(list(model.state_dict().values()))
    np.testing.assert_allclose(*found, rtol=1e-9)
    assert counts


def test_parameters_that_no_gradient_reaches_are_refused():
    class Idle(nn.Module):
        def __init__(self):
            self.used, self.idle = nn.Neuron(1, rng=0), nn.Neuron(1, rng=1)

        def __call__(self, x):
            return self.used(x)

    with pytest.raises(ValueError, match="optax's optimisers need a loss whose gradient reaches"):
        nn.fit(Idle(), [[1.0], [2.0]], [1.0, 2.0], optimiser=optax.adam(0.01), engine="jax",
               progress=False)  # fmt: skip


PROGRAM = """
import json
import optax
import nn
from tests.nn.engines.jax_trainings import distance, train
one, eight = (
    train("softmax", nn.Jax(devices=n), optimiser=optax.adam(0.01), lr=None, batch_size=16)
    for n in (1, 8)
)
print(json.dumps(distance(one, eight)))
"""


def test_eight_devices_give_the_steps_of_one():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True, env=around(8),
        timeout=300,
    )  # fmt: skip
    assert json.loads(done.stdout) < 1e-10
