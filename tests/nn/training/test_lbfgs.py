"""L-BFGS: SciPy's iterations as epochs, with all that looks on."""

import sys

import numpy as np
import pytest

import autograd
import nn

optimize = pytest.importorskip("scipy.optimize")
X = np.random.default_rng(0).normal(size=(30, 3))
Y = (X[:, 0] * X[:, 1] > 0).astype(float)
LOSS = "binary_cross_entropy_with_logits"


def model():
    return nn.MLP(3, [4, 1], activation="tanh", rng=0)


def trained(made=None, **options):
    made = made or model()
    options = {"loss": LOSS, "optimiser": "lbfgs", "epochs": 15, **options}
    return made, nn.fit(made, X, Y, progress=False, **options)


@pytest.mark.parametrize("engine", ["compiled", "eager"])
def test_the_iterations_are_those_of_scipy(engine):
    made, history = trained(engine=engine, penalty={"l2": 0.01})
    other, losses = model(), []
    nodes = other.parameters()

    def loss(numbers):
        autograd.set_data(nodes, numbers)
        other.zero_grad()
        value = nn.losses.resolve_loss(LOSS).function([other(x) for x in X], list(Y))
        weights = [p for p in nodes if ".w." in p.label]
        value = value + nn.l2_penalty(weights, 0.01)
        value.backward()
        return value.data, autograd.get_data(nodes, grads=True)

    optimize.minimize(
        loss, autograd.get_data(nodes), jac=True, method="L-BFGS-B",
        callback=lambda intermediate_result: losses.append(float(intermediate_result.fun)),
        options={"maxiter": 15, "ftol": 0.0, "gtol": 1e-8},
    )  # fmt: skip
    np.testing.assert_allclose(history["loss"], losses, rtol=1e-6)
    assert history["loss"] == sorted(history["loss"], reverse=True)
    outputs = made.predict(X)
    weights = [p for p in made.parameters() if ".w." in p.label]
    final = nn.losses.resolve_loss(LOSS).function(list(outputs), list(Y)) + nn.l2_penalty(
        weights, 0.01
    )
    assert history["loss"][-1] == pytest.approx(final.data, rel=1e-12)


def test_it_ends_where_it_has_converged():
    line = nn.Neuron(3, "linear", rng=0)
    targets = X @ [1.0, -2.0, 0.5] + 3
    history = nn.fit(line, X, targets, optimiser="lbfgs", epochs=200, progress=False)
    assert history.epochs < 30
    assert history.stopped == "finished"
    np.testing.assert_allclose([w.data for w in line.w] + [line.b.data], [1, -2, 0.5, 3], atol=1e-5)


def test_no_iterations():
    made, history = trained(epochs=0)
    assert (history.epochs, history.stopped) == (0, "finished")
    assert made.state_dict() == model().state_dict()


def test_metrics_validation_and_early_stopping():
    _, history = trained(validation=0.3, metrics="accuracy", early_stopping=2, epochs=100)
    assert history.stopped == "early stopping"
    assert list(history)[:4] == ["loss", "accuracy", "validation_loss", "validation_accuracy"]
    best = int(np.argmin(history["validation_loss"]))
    assert history.epochs == best + 3


def test_callbacks_and_recordings():
    seen = []
    _, history = trained(callbacks=[lambda h: seen.append(h.epochs) or h.epochs == 4], record=2)
    assert (seen, history.stopped) == ([1, 2, 3, 4], "callback")
    assert [epoch for epoch, _ in history.states()] == [0, 2, 4]


def test_an_error_leaves_the_numbers_of_the_last_iteration():
    def fail(history):
        if history.epochs == 3:
            raise ZeroDivisionError

    made = model()
    with pytest.raises(ZeroDivisionError):
        trained(made, callbacks=[fail])
    assert made.state_dict() == trained(epochs=3)[0].state_dict()


def test_frozen_parameters_and_settings():
    made = model()
    W = made[0].freeze().W
    optimiser = nn.LBFGS(made.parameters(), memory=3, tol=1e-3)
    _, history = trained(made, optimiser=optimiser)
    assert (made[0].W == W).all()
    assert history["loss"][-1] < history["loss"][0]


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"batch_size": 4}, "batches"),
        ({"schedule": nn.schedules.Constant()}, "schedule"),
        ({"clip": 1.0}, "clip"),
        ({"checkpoint": "never.ckpt"}, "checkpoint"),
        ({"step_callbacks": [print]}, "step_callbacks"),
    ],
)
def test_what_it_goes_without(options, what):
    with pytest.raises(
        ValueError, match=f"^optimiser=LBFGS goes without {what}: its steps are SciPy"
    ):
        trained(**options)


def test_other_things_that_it_refuses(monkeypatch):
    with pytest.raises(ValueError, match=r"^lbfgs has no learning rate: lr must be None, got"):
        trained(lr=0.1)
    dropped = nn.Sequential(nn.Layer(3, 4), nn.Dropout(0.5), nn.Layer(4, 1, "linear"))
    with pytest.raises(ValueError, match="goes without Dropout"):
        trained(dropped)
    with pytest.raises(TypeError, match=r"^LBFGS has no step of its own: give it to nn.fit"):
        nn.LBFGS(model().parameters()).step()
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    with pytest.raises(ImportError, match="scipy"):
        trained()


def test_a_name_that_is_nearly_right():
    with pytest.raises(ValueError, match=r"'adamw', 'lbfgs' or .*; did you mean 'lbfgs'\?$"):
        trained(optimiser="lbgfs")
