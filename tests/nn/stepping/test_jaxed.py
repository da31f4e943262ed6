"""Training under JAX gives what the NumPy engine gives."""

import sys
from pathlib import Path

import numpy as np
import pytest

import nn

sys.path.insert(0, str(Path(__file__).parent))
from jax_trainings import X, distance, train

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
