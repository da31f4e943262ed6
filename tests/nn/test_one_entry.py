"""A loss, a metric, an optimiser, an initializer, a schedule: one entry or one class each."""

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pytest

import autograd
import nn
from nn import initializers, losses, metrics, optim

X = np.random.default_rng(0).normal(size=(12, 2))
Y = (X[:, 0] > X[:, 1]).astype(float)


def log_cosh(prediction, target):
    """Return log(cosh(prediction - target))."""
    return autograd.log(autograd.cosh(prediction - target))


def dice(outputs, targets, threshold=0.5):
    """Return twice the share of what both have in common."""
    predicted, actual = np.ravel(outputs) > threshold, np.ravel(targets) > 0.5
    return 2 * float((predicted & actual).sum()) / max(1, int(predicted.sum() + actual.sum()))


class Adagrad(nn.Optimiser):
    """Divide by the root of all squared gradients so far."""

    elementwise = True
    state_names = ("squares",)
    nonnegative = ("squares", optim.MISSED)

    def __init__(self, parameters, lr=0.1):
        super().__init__(parameters, lr)

    def update(self, p, g):
        """Return the new numbers."""
        self.state["squares"] = self.state["squares"] + g * g
        return p - self.lr * g / (self.xp.sqrt(self.state["squares"]) + 1e-8)


@dataclass(frozen=True)
class Halved:
    """Half the learning rate after some steps."""

    steps: int

    def __call__(self, step):
        """Return the factor."""
        return 1.0 if step < self.steps else 0.5


def narrow(rng, nin, nout):
    """Return normal numbers of variance 1 / nin."""
    return rng.normal(0.0, nin**-0.5, (nout, nin))


@pytest.fixture(autouse=True)
def entries(monkeypatch):
    """Add an entry to each table."""

    def add(module, table, **more):
        monkeypatch.setattr(module, table, MappingProxyType({**getattr(module, table), **more}))

    add(losses, "LOSSES", log_cosh=losses.Loss("log_cosh", log_cosh, targets="numbers"))
    add(metrics, "METRICS", dice=metrics.Metric("dice", dice, classes=True))
    add(optim, "OPTIMISERS", adagrad=Adagrad)
    add(initializers, "INITIALIZERS", narrow=narrow)


def fitted(engine, targets=Y, **options):
    model = nn.MLP(2, [3, 1], activation="tanh", init="narrow", rng=0)
    settings = {
        "loss": "log_cosh",
        "metrics": "dice",
        "optimiser": "adagrad",
        "schedule": Halved(4),
    }
    history = nn.fit(
        model, X, targets, epochs=3, batch_size=4, rng=0, engine=engine, progress=False,
        **{**settings, **options},
    )  # fmt: skip
    return model, history


@pytest.mark.parametrize("engine", ["eager", "compiled"])
def test_each_is_known_by_its_name(engine):
    model, history = fitted(engine)
    assert history["loss"][-1] < history["loss"][0]
    assert 0 <= history["dice"][-1] <= 1
    reference, _ = fitted("eager")
    np.testing.assert_allclose(
        autograd.get_data(model.parameters()), autograd.get_data(reference.parameters()), rtol=1e-9
    )


def test_an_engine_may_give_an_elementwise_optimiser_all_numbers_at_once():
    assert Adagrad.is_elementwise()
    assert not type("Own", (Adagrad,), {}).is_elementwise()  # its update may be another


@pytest.mark.parametrize("metric", ["dice", dice], ids=["by name", "by function"])
def test_a_metric_of_classes_gets_the_threshold_of_the_loss_and_looks_at_targets_first(metric):
    signs = np.where(Y > 0.5, 1.0, -1.0)
    _, history = fitted("compiled", signs, loss="hinge", metrics=metric)
    assert max(history["dice"]) > 0.5  # above 0, not 0.5, an output means class 1
    model = nn.MLP(2, [3, 1], init="narrow", rng=0)
    before = autograd.get_data(model.parameters()).tolist()
    with pytest.raises(ValueError, match=r"target"):
        nn.fit(model, X, signs / 2 + 0.1, epochs=1, metrics=metric, loss="mse", progress=False)
    assert autograd.get_data(model.parameters()).tolist() == before


def test_a_word_that_is_near_is_suggested():
    with pytest.raises(ValueError, match="did you mean 'adagrad'"):
        fitted("eager", optimiser="adagard")
    with pytest.raises(ValueError, match="did you mean 'narrow'"):
        nn.MLP(2, [1], init="narow")
