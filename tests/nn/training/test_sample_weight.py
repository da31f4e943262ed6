"""Weights of samples: in every engine, for batches and validation, with weights of classes."""

import functools

import numpy as np
import pytest

import autograd
import nn

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(40, 2))
CLASSES = RANDOM.integers(0, 3, 40)
WEIGHTS = RANDOM.uniform(0, 3, 40)
ENGINES = ["compiled", "eager", "jax"]


def fitted(X, Y=None, engine="compiled", loss="cross_entropy", **options):
    if engine == "jax":
        pytest.importorskip("jax", reason="the extra jax is not installed")
    model = nn.MLP(2, [4, 3], activation="tanh", rng=0)
    options = {"epochs": 3, "rng": 0, "lr": 0.05, "progress": False, **options}
    history = nn.fit(model, X, Y, loss=loss, engine=engine, **options)
    return history, autograd.get_data(model.parameters())


@pytest.mark.parametrize("engine", ENGINES)
def test_a_sample_counts_by_its_weight(engine):
    model = nn.MLP(2, [4, 3], activation="tanh", rng=0)
    each = [nn.cross_entropy(model(x), int(y)) for x, y in zip(X, CLASSES, strict=True)]
    history, _ = fitted(X, CLASSES, engine, sample_weight=WEIGHTS)
    mean = np.mean(WEIGHTS * [loss.data for loss in each])
    assert history["loss"][0] == pytest.approx(mean, rel=1e-13)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_whole_weight_is_so_many_samples(engine):
    counts = RANDOM.integers(0, 3, 40)
    repeated = np.repeat(np.arange(40), counts)
    _, numbers = fitted(X, CLASSES, engine, sample_weight=counts * 40 / counts.sum())
    _, others = fitted(X[repeated], CLASSES[repeated], engine)
    np.testing.assert_allclose(numbers, others, rtol=1e-9)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("batch_size", [None, 16, 1])
def test_engines_agree(engine, batch_size):
    options = {"sample_weight": WEIGHTS, "batch_size": batch_size, "clip": 0.5}
    eager, expected = fitted(X, CLASSES, "eager", **options)
    history, numbers = fitted(X, CLASSES, engine, **options)
    assert history["loss"] == pytest.approx(eager["loss"], rel=1e-12)
    np.testing.assert_allclose(numbers, expected, rtol=1e-9)


@pytest.mark.parametrize("engine", ENGINES)
def test_batches_have_weights_of_their_own(engine):
    halves = [slice(0, 20), slice(20, 40)]

    def batches():
        return iter([(X[part], CLASSES[part], WEIGHTS[part]) for part in halves])

    _, numbers = fitted(batches, None, engine)
    options = {"sample_weight": WEIGHTS, "batch_size": 20, "shuffle": False}
    _, expected = fitted(X, CLASSES, engine, **options)
    assert numbers.tobytes() == expected.tobytes()


def test_some_batches_may_have_weights():
    def batches(epoch):
        return iter([(X, CLASSES, np.ones(40))] if epoch % 2 else [(X, CLASSES)])

    _, numbers = fitted(batches)
    _, expected = fitted(X, CLASSES, shuffle=False)
    np.testing.assert_allclose(numbers, expected, rtol=1e-12)


def test_samples_of_several_lengths_have_weights():
    class Mean(nn.Module):
        def __init__(self):
            self.inner = nn.Neuron(1, "linear", rng=0)

        def __call__(self, x):
            return self.inner(autograd.mean(x))

    samples = [[1.0], [2.0, 4.0], [3.0]]
    model = Mean()
    losses = [nn.mse(model(x), 1.0).data for x in samples]
    weights = [0.5, 0.0, 2.0]
    history = nn.fit(model, samples, [1.0] * 3, epochs=1, sample_weight=weights, progress=False)
    assert history["loss"][0] == pytest.approx(np.mean(np.multiply(weights, losses)))


@pytest.mark.parametrize("engine", ENGINES)
def test_validation_is_weighted_and_metrics_are_not(engine):
    options = {"metrics": "accuracy", "lr": 1e-300}
    plain, _ = fitted(X, CLASSES, engine, validation=(X, CLASSES), **options)
    weighted, _ = fitted(
        X, CLASSES, engine, validation=(X, CLASSES, WEIGHTS), sample_weight=WEIGHTS, **options
    )
    assert weighted["validation_loss"] == pytest.approx(weighted["loss"])
    assert weighted["validation_loss"][0] != pytest.approx(plain["validation_loss"][0])
    assert weighted["validation_accuracy"] == plain["validation_accuracy"]


def test_a_share_is_held_out_with_its_weights():
    drawn = np.random.default_rng(0).permutation(40)
    held, rest = np.sort(drawn[32:]), np.sort(drawn[:32])
    share, numbers = fitted(X, CLASSES, validation=0.2, sample_weight=WEIGHTS)
    given, others = fitted(
        X[rest],
        CLASSES[rest],
        validation=(X[held], CLASSES[held], WEIGHTS[held]),
        sample_weight=WEIGHTS[rest],
    )
    assert share["validation_loss"] == given["validation_loss"]
    assert numbers.tobytes() == others.tobytes()


@pytest.mark.parametrize("engine", ENGINES)
def test_weights_of_samples_and_classes_are_multiplied(engine):
    by_class = np.array([0.5, 1.0, 3.0])
    options = {"validation": (X, CLASSES, WEIGHTS)}
    both, numbers = fitted(
        X, CLASSES, engine, sample_weight=WEIGHTS, class_weight=by_class, **options
    )
    product = WEIGHTS * by_class[CLASSES]
    options = {"validation": (X, CLASSES, product)}
    one, others = fitted(X, CLASSES, engine, sample_weight=product, **options)
    assert both["validation_loss"] == one["validation_loss"]
    assert numbers.tobytes() == others.tobytes()


def test_a_penalty_is_not_weighted():
    options = {"penalty": lambda ps: nn.l2_penalty(ps, 0.1), "sample_weight": np.full(40, 1e-300)}
    model = nn.MLP(2, [4, 3], activation="tanh", rng=0)
    history, _ = fitted(X, CLASSES, **options)
    assert history["loss"][0] == pytest.approx(nn.l2_penalty(model.parameters(), 0.1).data)


def test_a_resumed_training_needs_weights_as_before(tmp_path):
    path = tmp_path / "run.ckpt"
    fitted(X, CLASSES, sample_weight=WEIGHTS, checkpoint=path)
    with pytest.raises(ValueError, match="weights of samples was True and is False"):
        fitted(X, CLASSES, epochs=5, checkpoint=path, resume=True)
    _, numbers = fitted(X, CLASSES, epochs=5, sample_weight=WEIGHTS, checkpoint=path, resume=True)
    _, whole = fitted(X, CLASSES, epochs=5, sample_weight=WEIGHTS)
    assert numbers.tobytes() == whole.tobytes()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"sample_weight": [1.0]}, ValueError, r"a weight for each of 40 samples, .* shape \(1,\)"),
        ({"sample_weight": np.ones((40, 1))}, ValueError, r"each of 40 samples, .* \(40, 1\)"),
        ({"sample_weight": -WEIGHTS}, ValueError, r"sample_weight: got -.* for sample 0; allowed"),
        ({"sample_weight": [np.nan] * 40}, ValueError, "got nan for sample 0; allowed: finite"),
        ({"sample_weight": ["a"] * 40}, TypeError, "sample_weight"),
        (
            {"validation": (X, CLASSES, [1.0])},
            ValueError,
            "the validation weights needs a weight for each of 40",
        ),
        ({"class_weight": [1.0, 2.0]}, ValueError, "class_weight has no weight of class 2"),
    ],
)
def test_wrong_weights(options, error, message):
    with pytest.raises(error, match=message):
        fitted(X, CLASSES, **options)


def test_weights_of_an_iterable_come_with_its_batches():
    with pytest.raises(ValueError, match=r"batches have their own, \(samples, targets, weights\)"):
        fitted(lambda: iter([(X, CLASSES)]), sample_weight=WEIGHTS)
    with pytest.raises(IndexError, match="no weight of class 2, only of 2"):
        fitted(lambda: iter([(X, CLASSES)]), class_weight=[1.0, 2.0])


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("targets", ["classes", "rows"])
def test_smoothed_labels_are_soft_targets(engine, targets):
    Y = CLASSES if targets == "classes" else np.eye(3)[CLASSES]
    smooth = functools.partial(nn.cross_entropy, label_smoothing=0.3)
    given, numbers = fitted(X, Y, engine, loss=smooth, metrics="accuracy")
    soft = 0.7 * np.eye(3)[CLASSES] + 0.1
    expected, others = fitted(X, soft, engine)
    assert given["loss"] == pytest.approx(expected["loss"], rel=1e-12)
    assert (
        given["accuracy"]
        == fitted(X, CLASSES, engine, loss=smooth, metrics="accuracy")[0]["accuracy"]
    )
    np.testing.assert_allclose(numbers, others, rtol=1e-8)
