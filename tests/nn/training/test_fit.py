import contextlib
import math
from importlib.util import find_spec

import numpy as np
import pytest

import autograd
import nn
from autograd import Value
from nn.schedules import StepDecay


@pytest.mark.parametrize(
    ("output", "loss", "targets", "threshold"),
    [
        ("sigmoid", "binary_cross_entropy", [0, 1, 1, 0], 0.5),
        ("linear", "binary_cross_entropy_with_logits", [0, 1, 1, 0], 0.0),
        ("linear", "hinge", [-1, 1, 1, -1], 0.0),
        ("tanh", "mse", [-1, 1, 1, -1], 0.0),
        ("linear", "huber", [0, 1, 1, 0], 0.5),
        ("linear", "mae", [0, 1, 1, 0], 0.5),
    ],
)
def test_xor_is_learnt(XOR, output, loss, targets, threshold):
    X, _ = XOR
    model = nn.MLP(2, [8, 1], activation="tanh", output=output, rng=3)
    history = nn.fit(model, X, targets, loss=loss, lr=0.1, epochs=80, progress=False)
    assert nn.accuracy(model(X), targets, threshold) == 1.0
    assert history["loss"][-1] < 0.2 * history["loss"][0]
    assert history.stopped == "finished"


@pytest.mark.parametrize("output", ["linear", "softmax"])
def test_three_classes_are_learnt(output):
    rng = np.random.default_rng(0)
    centres = np.array([[0, 2], [2, -1], [-2, -1]])
    Y = np.arange(30) % 3
    X = centres[Y] + 0.3 * rng.normal(size=(30, 2))
    model = nn.MLP(2, [3], output=output, rng=0)
    history = nn.fit(
        model,
        X,
        Y,
        loss="cross_entropy",
        lr=0.1,
        epochs=30,
        batch_size=10,
        metrics="accuracy",
        rng=0,
        progress=False,
    )
    assert history["accuracy"][-1] == 1.0
    assert nn.confusion_matrix(nn.predict_classes(nn.predict(model, X)), Y).tolist() == [
        [10, 0, 0],
        [0, 10, 0],
        [0, 0, 10],
    ]


@pytest.mark.parametrize("optimiser", ["sgd", "rmsprop", "adam", "adamw"])
def test_every_optimiser_fits_a_line(line, optimiser):
    model, X, Y = line
    nn.fit(model, X, Y, optimiser=optimiser, lr=0.1, epochs=150, progress=False)
    assert model.w[0].data == pytest.approx(2, abs=0.1)
    assert model.b.data == pytest.approx(1, abs=0.1)


def test_one_full_batch_step_is_gradient_descent(line):
    model, X, Y = line
    history = nn.fit(model, X, Y, optimiser="sgd", lr=0.1, epochs=1, progress=False)
    assert history["loss"] == [pytest.approx(np.mean(np.square(Y)))]
    assert model.w[0].data == pytest.approx(0.1 * 2 * np.mean(np.ravel(X) * Y))
    assert model.b.data == pytest.approx(0.1 * 2 * np.mean(Y))


def test_the_seeds_fix_the_result_and_another_order_changes_it(XOR):
    def result(rng, **settings):
        model = nn.MLP(2, [4, 1], activation="tanh", rng=0)
        nn.fit(model, *XOR, epochs=3, batch_size=3, rng=rng, progress=False, **settings)
        return model.state_dict()

    assert result(1) == result(1) == result(np.random.default_rng(1))
    assert result(1) != result(2)
    assert result(1, shuffle=False) == result(2, shuffle=False) != result(1)


def test_every_sample_is_used_once_an_epoch(line):
    model, X, Y = line
    seen = []

    def loss(prediction, target):
        seen.append(target)
        return nn.mse(prediction, target)

    nn.fit(model, X, Y, loss=loss, epochs=2, batch_size=3, rng=0, progress=False, engine="eager")
    assert sorted(seen[:4]) == sorted(seen[4:]) == sorted(Y)
    assert seen[:4] != seen[4:]


def test_the_history_has_what_was_asked_for(XOR):
    def largest(outputs, _targets):
        return max(outputs)

    model = nn.MLP(2, [1], output="sigmoid", rng=0)
    history = nn.fit(
        model,
        *XOR,
        loss="binary_cross_entropy",
        epochs=2,
        validation=XOR,
        metrics=["accuracy", largest],
        progress=False,
    )
    assert list(history) == [
        "loss",
        "accuracy",
        "largest",
        "validation_loss",
        "validation_accuracy",
        "validation_largest",
        "lr",
        "seconds",
    ]
    assert history["validation_accuracy"] == history["accuracy"]
    assert history["largest"][-1] == max(y.data for y in model(XOR[0]))
    assert min(history["seconds"]) > 0
    # The validation loss of an epoch is the training loss before the next one's only step.
    assert history["validation_loss"][0] == pytest.approx(history["loss"][1], rel=1e-15)


def test_a_schedule_scales_the_rate_which_is_restored(line):
    optimiser = nn.SGD(line[0].parameters(), lr=0.5)
    history = nn.fit(
        *line, optimiser=optimiser, epochs=4, schedule=StepDecay(2, 0.1), progress=False
    )
    assert history["lr"] == pytest.approx([0.5, 0.5, 0.05, 0.05])
    assert optimiser.lr == 0.5


def test_an_optimiser_goes_on_in_a_second_run(line):
    optimiser = nn.Adam(line[0].parameters())
    for _ in range(2):
        nn.fit(*line, optimiser=optimiser, epochs=3, progress=False)
    assert optimiser.steps == 6


def test_clipping_by_norm_and_by_a_function(line):
    def run(clip):
        model, X, Y = nn.Neuron(1, activation="linear", init="zeros"), *line[1:]
        nn.fit(model, X, Y, optimiser="sgd", lr=1.0, epochs=1, clip=clip, progress=False)
        return [p.data for p in model.parameters()]

    assert math.hypot(*run(0.25)) == pytest.approx(0.25)
    assert run(lambda parameters: nn.clip_value(parameters, 0.125)) == [0.125, 0.125]


def test_a_penalty_keeps_weights_small(line):
    free, held = (nn.Neuron(1, activation="linear", init="zeros") for _ in range(2))
    nn.fit(free, *line[1:], lr=0.1, progress=False)
    nn.fit(held, *line[1:], lr=0.1, progress=False, penalty=lambda ps: nn.l2_penalty(ps, 10.0))
    assert abs(held.w[0].data) < 0.2 * abs(free.w[0].data)


def test_the_progress_bar_shows_epochs_and_loss(line, capfd):
    nn.fit(*line, epochs=3)
    shown = capfd.readouterr().err
    assert "3/3" in shown
    assert "loss=" in shown


def test_without_progress_nothing_is_shown(line, capfd):
    nn.fit(*line, epochs=3, progress=False)
    assert capfd.readouterr() == ("", "")


def test_no_epochs_change_nothing(line):
    before = line[0].state_dict()
    history = nn.fit(*line, epochs=0, progress=False)
    assert (history.epochs, history.stopped) == (0, "finished")
    assert line[0].state_dict() == before


def test_one_input_may_come_as_plain_numbers(line):
    model, X, Y = line
    nn.fit(model, np.ravel(X), np.array(Y), lr=0.1, epochs=1, progress=False)
    assert model.w[0].data != 0


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"X": []}, ValueError, "training needs as many targets as samples .* got 0 samples and 4"),
        ({"Y": [1.0]}, ValueError, "got 4 samples and 1 targets"),
        (
            {"X": iter([])},
            TypeError,
            "the training samples: got a list_it.*; allowed: a list or an array",
        ),
        (
            {"Y": "abcd"},
            TypeError,
            r"the training targets: got a str.*; allowed: a list or an array",
        ),
        ({"validation": ([1.0], [1.0, 2.0])}, ValueError, "validation needs as many targets"),
        (
            {"validation": [1.0]},
            TypeError,
            r"validation: got a list of 1; allowed: a share, \(samples, targets\) or None",
        ),
        ({"early_stopping": 2}, ValueError, "early_stopping watches the validation loss"),
        (
            {"early_stopping": 0, "validation": ([1.0], [1.0])},
            ValueError,
            "early_stopping: got .*; allowed: a whole number of at",
        ),
        (
            {"batch_size": 0},
            ValueError,
            "batch_size: got an int .0.; allowed: a whole number of at least 1",
        ),
        (
            {"epochs": -1},
            ValueError,
            "epochs: got an int .-1.; allowed: a whole number of at least 0",
        ),
        (
            {"epochs": 1.5},
            TypeError,
            r"epochs: got a float \(1\.5\); allowed: a whole number of at least",
        ),
        ({"loss": "msee"}, ValueError, "loss: got a str .'msee'.; allowed: .*; did you mean 'mse'"),
        (
            {"optimiser": "adamm"},
            ValueError,
            "optimiser: got a str .'adamm'.; allowed: .*; did you mean 'adam'",
        ),
        ({"lr": -0.1}, ValueError, r"lr: got .*; allowed: a finite number of at least 0"),
        ({"metrics": "acc"}, ValueError, "metrics: got a str .'acc'.; allowed: 'accuracy', "),
        ({"clip": 0}, ValueError, "clip: got .*; allowed: a finite number above 0"),
        (
            {"engine": "fortran"},
            ValueError,
            "engine: got a str .'fortran'.; allowed: 'compiled', 'eager', 'jax'",
        ),
        (
            {"rng": "seed"},
            TypeError,
            "rng: got .*; allowed: a whole number of at least 0, or a NumPy Generator",
        ),
        ({"Y": [[1.0, 2.0]] * 4}, ValueError, "mse: a target has 2 numbers, the model 1 output"),
        ({"loss": "hinge"}, ValueError, r"hinge needs targets of -1 or 1, got \S+$"),
    ],
)
def test_wrong_arguments_change_nothing(line, settings, error, message):
    model, X, Y = line
    before = model.state_dict()
    arguments = {"X": X, "Y": Y, "progress": False} | settings
    with pytest.raises(error, match=message):
        nn.fit(model, **arguments)
    assert model.state_dict() == before


@pytest.mark.parametrize("engine", ["compiled", "eager"])
@pytest.mark.parametrize("loss", ["binary_cross_entropy_with_logits", nn.binary_cross_entropy])
@pytest.mark.parametrize("where", ["samples", "validation", "batches", "rows"])
def test_targets_without_meaning_are_refused_by_every_engine(engine, loss, where):
    output = "sigmoid" if loss is nn.binary_cross_entropy else "linear"
    model = nn.MLP(1, [2, 1], activation="tanh", output=output, rng=0)
    X, good, bad = [[0.0], [1.0]], [0, 1], [-1, 1]
    given = {
        "samples": {"X": X, "Y": bad},
        "validation": {"X": X, "Y": good, "validation": (X, bad)},
        "batches": {"X": lambda: iter([(X, bad)])},
        "rows": {"X": X, "Y": [[1], [2]]},
    }[where]
    before = model.state_dict()
    with pytest.raises(ValueError, match=r"needs a target from 0 to 1, got (-1;|2: for 3 classes)"):
        nn.fit(model, loss=loss, engine=engine, progress=False, **given)
    assert model.state_dict() == before


def test_an_optimiser_of_another_model(line):
    with pytest.raises(ValueError, match="moves none of the model's parameters"):
        nn.fit(*line, optimiser=nn.SGD([Value(1.0)]), progress=False)


def test_an_optimiser_of_some_parameters_freezes_the_others(line):
    model = line[0]
    nn.fit(*line, optimiser=nn.SGD([model.b]), epochs=2, progress=False)
    assert model.w[0].data == 0.0
    assert model.b.data != 0.0


class Branched(nn.Module):
    """Parameters of two branches, of both, and of none."""

    def __init__(self):
        self.a, self.b, self.shared, self.unused = (Value(v) for v in (1.0, 0.5, 0.7, 2.0))

    def __call__(self, x):
        return self.shared * (self.a * x[0] if x[0] > 0 else self.b * x[0])


@pytest.mark.parametrize("clip", [None, 0.5])
@pytest.mark.parametrize("optimiser", [*nn.OPTIMISERS, "momentum"])
def test_parameters_are_the_same_after_each_step_of_every_engine(optimiser, clip):
    X = np.concatenate([np.linspace(0.1, 2, 12), np.linspace(-2, -0.1, 12)])[:, None]
    Y = X[:, 0] ** 2
    makers = {"momentum": lambda p: nn.SGD(p, 0.01, momentum=0.9, weight_decay=0.1)}
    seen = {}
    for engine in ("compiled", "eager"):
        model = Branched()
        parameters, rows = model.parameters(), []
        make = makers.get(optimiser, lambda p: nn.OPTIMISERS[optimiser](p, 0.01))
        made = make(parameters)

        def batches(parameters=parameters, rows=rows):
            for start in range(0, 24, 4):
                rows.append(autograd.get_data(parameters))
                yield X[start : start + 4], Y[start : start + 4]

        nn.fit(model, batches, optimiser=made, epochs=3, clip=clip, prefetch=0, engine=engine,
               progress=False)  # fmt: skip
        seen[engine] = np.array([*rows, autograd.get_data(parameters)])
        assert (seen[engine][:, 3] == 2.0).all()
        assert not any(parameter.has_grad for parameter in parameters)
    np.testing.assert_allclose(seen["compiled"], seen["eager"], rtol=1e-12)


@pytest.mark.parametrize("engine", ["compiled", "eager"])
@pytest.mark.parametrize("end", ["finished", "interrupted", "error"])
def test_no_gradients_are_left_however_it_ends(engine, end):
    model = nn.MLP(2, [3, 1], rng=0)

    def stop(history):
        if history.epochs == 2 and end != "finished":
            raise KeyboardInterrupt if end == "interrupted" else ZeroDivisionError

    with contextlib.suppress(ZeroDivisionError):
        nn.fit(model, [[0.0, 1.0], [1.0, 0.0]], [0.0, 1.0], epochs=3, callbacks=[stop],
               engine=engine, progress=False)  # fmt: skip
    assert not any(parameter.has_grad for parameter in model.parameters())


@pytest.mark.parametrize("engine", ["compiled", "eager"])
@pytest.mark.parametrize(
    ("loss", "output", "message"),
    [
        ("binary_cross_entropy", "linear", "output is linear: its numbers are logits.*with_logits"),
        ("binary_cross_entropy", "tanh", "output is tanh: its numbers can be others"),
        ("binary_cross_entropy_with_logits", "sigmoid", "needs logits, .* is sigmoid: .*'linear'"),
        ("binary_cross_entropy_with_logits", "softmax", "needs logits, .* is softmax"),
        ("hinge", "sigmoid", "hinge needs logits, .* is sigmoid"),
        ("cross_entropy", "sigmoid", "cross_entropy needs logits, .* is sigmoid"),
    ],
)
def test_outputs_that_do_not_go_with_the_loss_are_refused_before_training(
    loss, output, message, engine
):
    model = nn.MLP(1, [2, 2], output=output, rng=0)
    before = model.state_dict()
    Y = {"hinge": [[-1, 1], [1, -1]], "cross_entropy": [0, 1]}.get(loss, [[0, 1], [1, 0]])
    with pytest.raises(ValueError, match=message):
        nn.fit(model, [[0.0], [1.0]], Y, loss=loss, engine=engine, progress=False)
    assert model.state_dict() == before


class Wrapped(nn.Module):
    """A model of the user's own around a network."""

    def __init__(self, output, nout=1):
        self.inner = nn.MLP(2, [3, nout], output=output, rng=1)

    def __call__(self, x):
        return self.inner(x)


@pytest.mark.parametrize("engine", ["compiled", "eager"])
@pytest.mark.parametrize(
    ("loss", "output", "message"),
    [
        ("binary_cross_entropy", "linear", "from 0 to 1, got .*; for logits there is"),
        ("binary_cross_entropy_with_logits", "sigmoid", "got the output of a sigmoid"),
        ("hinge", "sigmoid", "got the output of a sigmoid"),
    ],
)
def test_of_a_model_of_ones_own_the_loss_looks_at_the_output(loss, output, message, engine):
    model = Wrapped(output)
    before = model.state_dict()
    X, Y = [[0.0, 0.0], [0.0, 9.0], [9.0, 0.0], [9.0, -9.0]], [1, 1, 1, 1]
    with pytest.raises(ValueError, match=message):
        nn.fit(model, X, Y, loss=loss, engine=engine, progress=False)
    assert model.state_dict() == before


def test_a_softmax_under_cross_entropy_is_recognised():
    model = nn.MLP(1, [3], output="softmax", rng=0)
    history = nn.fit(model, [[0.0], [1.0]], [0, 2], loss="cross_entropy", epochs=2, progress=False)
    assert history.epochs == 2


@pytest.mark.parametrize("engine", ["compiled", "eager"])
@pytest.mark.parametrize(
    ("loss", "Y", "error", "message"),
    [
        ("cross_entropy", [0, 3], IndexError, "target 1, .* selects with 3; allowed are .* 0 to 2"),
        ("cross_entropy", [-1, 0], IndexError, "target 0, .* selects with -1"),
        ("cross_entropy", [0.0, 1.5], IndexError, "target 1, .* selects with 1.5"),
        ("mse", [[0.0] * 3, [0.0, np.nan, 0.0]], ValueError, r"target \(1, 1\) is nan"),
        ("mse", [[0.0] * 3, [0.0, np.inf, 0.0]], ValueError, r"target \(1, 1\) is inf"),
    ],
)
def test_targets_that_are_none_are_named_before_training(loss, Y, error, message, engine):
    model = nn.MLP(1, [3], rng=0)
    before = model.state_dict()
    with pytest.raises(error, match=message):
        nn.fit(model, [[0.0], [1.0]], Y, loss=loss, engine=engine, batch_size=1, progress=False)
    assert model.state_dict() == before


def test_a_loss_of_ones_own_may_give_nan_a_meaning():
    model = nn.Neuron(1, activation="linear", init="zeros")

    def known(p, t):
        return autograd.where(np.isnan(t), 0.0, (p - t) ** 2)

    history = nn.fit(model, [[1.0], [1.0]], [1.0, np.nan], loss=known, epochs=1, engine="eager",
                     progress=False)  # fmt: skip
    assert history["loss"] == [0.5]


def test_the_loss_of_an_epoch_is_the_mean_over_its_samples():
    model = nn.Neuron(1, activation="linear", init="zeros")
    history = nn.fit(model, [[0.0]] * 3, [1.0, 1.0, 2.0], optimiser=nn.SGD(model.parameters(), 0.0),
                     batch_size=2, shuffle=False, epochs=1, progress=False)  # fmt: skip
    assert history["loss"] == [pytest.approx((1 + 1 + 4) / 3)]  # of the steps: (1 + 4) / 2


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("optimizer", "'optimiser'"),
        ("learning_rate", "'lr'"),
        ("seed", "'rng'"),
        ("batchsize", "'batch_size'"),
        ("metric", "'metrics'"),
        ("n_epochs", "'epochs'"),
        ("verbose", "'progress'"),
        ("validation_data", "'validation'"),
    ],
)
def test_a_setting_of_another_name_is_guessed(line, name, meant):
    with pytest.raises(
        TypeError, match=f"fit: got the keyword {name}; allowed: model, .*; did you mean {meant}"
    ):
        nn.fit(*line, **{name: 1})
    with pytest.raises(
        TypeError,
        match=r"fit: got the keyword qqq; allowed: model, X, Y, loss, optimiser, lr, .* resume$",
    ):
        nn.fit(*line, qqq=1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"schedule": 0.9}, "schedule: got .*; allowed: a function, such as nn.schedules"),
        (
            {"penalty": 0.1},
            "penalty: got .*; allowed: strengths by name, such as .*, a function of the",
        ),
        ({"callbacks": print}, "callbacks: got .*; allowed: a list of functions"),
        (
            {"metrics": 3},
            "metrics: got an int .*; allowed: 'accuracy', .* or a function of .*, or a list",
        ),
    ],
)
def test_a_setting_of_another_kind_is_named(line, options, message):
    with pytest.raises(TypeError, match=message):
        nn.fit(line[0], line[1], [0, 0, 0, 0], **options, progress=False)


SAMPLES = np.random.default_rng(0).normal(size=(6, 3))
CLASSES = np.array([0, 1, 2, 0, 1, 2])
TARGETS = np.arange(3.0, 9.0)


@pytest.mark.parametrize(
    ("sizes", "Y", "options", "message"),
    [
        ([2], TARGETS, {}, r"^mse: a target has 1 number, the model 2 outputs: give it one output"),
        ([2], TARGETS[:, None], {}, "^mse: a target has 1 number, the model 2 outputs"),
        ([1], np.eye(3)[CLASSES], {}, r"output for each number, as in nn.MLP\(..., \[16, 3\]\)$"),
        ([3], CLASSES % 2, {"loss": "hinge"}, "hinge needs targets of -1 or 1"),
        ([3], 2 * (CLASSES % 2) - 1, {"loss": "hinge"}, "one output, or take cross_entropy"),
        ([1], CLASSES, {"loss": "cross_entropy"}, r"the model has one output: .*\[16, 3\]\)$"),
        (
            [1], CLASSES, {"loss": "binary_cross_entropy_with_logits"},
            "got 2: for 3 classes take cross_entropy, and an output for each class$",
        ),
        ([1], TARGETS, {"output": "tanh"}, "is tanh, a number between -1 and 1, and the mean"),
        ([1], TARGETS, {"output": "sigmoid"}, "is sigmoid, a number between 0 and 1, .*scale the"),
        ([1], -TARGETS, {"output": "relu"}, "is relu, a number of at least 0, and the mean .*5.5"),
        ([2], np.eye(3)[CLASSES][:, :2] + 5, {"output": "softmax"}, "is softmax, a number between"),
    ],
)  # fmt: skip
def test_targets_that_do_not_suit_the_outputs(sizes, Y, options, message):
    model = nn.MLP(3, sizes, output=options.pop("output", "linear"))
    for X in SAMPLES, SAMPLES.tolist():
        with pytest.raises(ValueError, match=message):
            nn.fit(model, X, Y, progress=False, **options)
    held = SAMPLES, Y
    fine = np.zeros((6, sizes[0])) if sizes[0] > 1 else np.zeros(6)
    if not options:
        with pytest.raises(ValueError, match=message):
            nn.fit(model, SAMPLES, fine, validation=held, progress=False)


def test_targets_that_are_in_reach_on_the_average_are_learned():
    noisy = np.array([1.1, -0.9, 1.05, 0.2, 0.1, -1.2])
    nn.fit(nn.MLP(3, [1], output="tanh"), SAMPLES, noisy, epochs=1, progress=False)


@pytest.mark.parametrize("model", [nn.MLP(4, [1]), nn.Neuron(4), nn.Sequential(nn.LayerNorm(4))])
def test_samples_of_another_length(model):
    with pytest.raises(ValueError, match=r"^a sample has 3 numbers, the model takes 4$"):
        nn.fit(model, SAMPLES, TARGETS, progress=False)
    with pytest.raises(ValueError, match=r"takes 4; samples are rows here: of columns give X.T$"):
        nn.fit(model, SAMPLES[:4], TARGETS[:4], progress=False)
    with pytest.raises(ValueError, match=r"^a sample has 1 number, the model takes 4$"):
        nn.fit(model, TARGETS, TARGETS, progress=False)


class Margin(nn.Module):
    """A user's model with Python's max: for some samples it does not depend on the parameters."""

    def __init__(self):
        self.a, self.unused = Value(0.5), Value(3.0)

    def __call__(self, x):
        return max(self.a * x[0], 0.0)


@pytest.mark.parametrize("optimiser", ["sgd", "rmsprop", "adam", "adamw"])
@pytest.mark.parametrize("batch_size", [1, 2, None])
def test_samples_that_give_constants_train_alike_in_all_engines(optimiser, batch_size):
    X, Y = [[-1.0], [1.0], [-2.0], [-1.0], [2.0]], [1.0, 2.0, 0.0, 1.0, 3.0]

    def run(engine):
        model = Margin()
        history = nn.fit(
            model, X, Y, optimiser=optimiser, lr=0.05, epochs=3, batch_size=batch_size,
            shuffle=False, engine=engine, progress=False,
        )  # fmt: skip
        return [*model.state_dict().values(), *history["loss"]]

    eager = run("eager")
    assert eager[1] == 3.0
    assert run("compiled") == pytest.approx(eager, rel=1e-12)
    if find_spec("jax") is not None:
        assert run("jax") == pytest.approx(eager, rel=1e-12)


@pytest.mark.parametrize("engine", ["eager", "compiled"])
@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_constant_loss_that_is_not_finite_stops_the_training(line, engine, bad):
    with pytest.raises(FloatingPointError, match=f"the loss is {bad}, though no operation made it"):
        nn.fit(*line, loss=lambda _p, _y: bad, engine=engine, progress=False)
