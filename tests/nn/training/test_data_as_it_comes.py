"""Data as it comes: columns, one-hot and soft targets, shares, and what is refused."""

import math

import numpy as np
import pytest

import autograd
import nn
from nn.data import as_dataset, divided

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(40, 2))
CLASSES = RANDOM.integers(0, 3, 40)
SOFT = RANDOM.dirichlet([1, 1, 1], 40)
ENGINES = ["compiled", "eager"]


def fitted(Y, loss, output="linear", outputs=1, **options):
    model = nn.MLP(2, [4, outputs], activation="tanh", output=output, rng=0)
    options = {"epochs": 2, "batch_size": 16, "rng": 0, "lr": 0.05, "progress": False, **options}
    history = nn.fit(model, options.pop("X", X), Y, loss=loss, **options)
    return history, autograd.get_data(model.parameters())


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("loss", "output", "outputs", "Y"),
    [
        ("mse", "linear", 1, X[:, 0]),
        ("mae", "linear", 1, X[:, 0]),
        ("binary_cross_entropy", "sigmoid", 1, CLASSES % 2),
        ("binary_cross_entropy_with_logits", "linear", 1, CLASSES % 2),
        ("hinge", "linear", 1, 2 * (CLASSES % 2) - 1),
        ("cross_entropy", "softmax", 3, CLASSES),
    ],
)
def test_a_column_of_targets_is_as_good_as_a_row(loss, output, outputs, Y, engine):
    options = {"output": output, "outputs": outputs, "engine": engine, "validation": (X, Y)}
    row, numbers = fitted(Y, loss, **options)
    column, others = fitted(Y[:, None], loss, **{**options, "validation": (X, Y[:, None])})
    assert column["validation_loss"] == row["validation_loss"]
    assert others.tobytes() == numbers.tobytes()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("output", ["softmax", "linear"])
def test_one_hot_targets_are_classes(output, engine):
    options = {"output": output, "outputs": 3, "engine": engine, "metrics": "accuracy"}
    classes, numbers = fitted(CLASSES, "cross_entropy", **options)
    rows, others = fitted(np.eye(3)[CLASSES], "cross_entropy", **options)
    assert rows["loss"] == pytest.approx(classes["loss"], rel=1e-12)
    assert rows["accuracy"] == classes["accuracy"]
    np.testing.assert_allclose(others, numbers, rtol=1e-10)


@pytest.mark.parametrize("output", ["softmax", "linear"])
def test_soft_targets_are_probabilities(output):
    compiled, numbers = fitted(SOFT, "cross_entropy", output=output, outputs=3)
    eager, others = fitted(SOFT, "cross_entropy", output=output, outputs=3, engine="eager")
    assert compiled["loss"] == pytest.approx(eager["loss"], rel=1e-12)
    np.testing.assert_allclose(numbers, others, rtol=1e-9)


def test_the_loss_of_soft_targets_is_that_of_its_definition():
    logits, target = autograd.values([0.3, -1.2, 2.0]), [0.2, 0.5, 0.3]
    loss = nn.cross_entropy(logits, target)
    loss.backward()
    powers = np.exp([z.data for z in logits])
    p = powers / powers.sum()
    assert loss.data == pytest.approx(-np.dot(target, np.log(p)), rel=1e-14)
    assert [z.grad for z in logits] == pytest.approx(p - target, rel=1e-13)
    assert nn.cross_entropy(logits, [0, 0, 1]).data == nn.cross_entropy(logits, 2).data
    assert nn.cross_entropy([logits, logits], [target, target]).data == loss.data


def test_a_target_that_is_a_node_has_its_gradient_also_where_it_is_one_hot():
    logits, target = autograd.values([0.3, -1.2, 2.0]), autograd.values([0.0, 1.0, 0.0])
    nn.cross_entropy(logits, target).backward()
    whole = autograd.logsumexp([z.data for z in logits])
    assert [t.grad for t in target] == pytest.approx([whole - z.data for z in logits], rel=1e-14)


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ([[0.5, 0.2, 0.1]] * 40, r"target 0 is \[0.5, 0.2, 0.1\], of which .* add up to 1; of sev"),
        ([[1, 0, 0]] * 39 + [[1, 1, 0]], r"target 39 is \[1, 1, 0\], of which the probabilities"),
        ([[1.5, -0.5, 0.0]] * 40, "target 0 is .* add up to 1"),
    ],
)
def test_rows_that_are_no_probabilities_are_refused_before_training(targets, message):
    with pytest.raises(ValueError, match=message):
        fitted(targets, "cross_entropy", output="softmax", outputs=3)


@pytest.mark.parametrize("form", [np.asarray, np.ndarray.tolist])
def test_a_share_of_the_samples_validates(form):
    Y = X[:, 0]
    history, numbers = fitted(form(Y), "mse", X=form(X), validation=0.25)
    order = np.random.default_rng(0).permutation(40)
    rest, held = np.sort(order[:30]), np.sort(order[30:])
    expected, others = fitted(Y[rest], "mse", X=X[rest], validation=(X[held], Y[held]))
    assert history["validation_loss"] == expected["validation_loss"]
    assert numbers.tobytes() == others.tobytes()


def test_the_last_samples_validate_where_they_have_an_order():
    history, _ = fitted(X[:, 0], "mse", validation=0.25, shuffle=False)
    expected, _ = fitted(X[:30, 0], "mse", X=X[:30], validation=(X[30:], X[30:, 0]), shuffle=False)
    assert history["validation_loss"] == expected["validation_loss"]


def test_a_share_of_a_mapped_file_stays_in_the_file(tmp_path):
    np.save(tmp_path / "x.npy", X)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    with pytest.raises(ValueError, match=r"validation=0.25 of a mapped file .* or shuffle=False"):
        fitted(X[:, 0], "mse", X=mapped, validation=0.25)
    data = as_dataset("training", mapped, X[:, 0])
    for part in divided(data, 0.25, shuffle=False):
        assert np.shares_memory(part.X.items, mapped)
    history, _ = fitted(X[:, 0], "mse", X=mapped, validation=0.25, shuffle=False)
    expected, _ = fitted(X[:, 0], "mse", validation=0.25, shuffle=False)
    assert history["validation_loss"] == expected["validation_loss"]


def test_a_share_is_the_same_when_a_training_is_resumed(tmp_path):
    options = {"validation": 0.2, "early_stopping": 50, "checkpoint": tmp_path / "run.ckpt"}
    whole, numbers = fitted(X[:, 0], "mse", epochs=6, **options)
    fitted(X[:, 0], "mse", epochs=3, **options)
    resumed, others = fitted(X[:, 0], "mse", epochs=6, resume=True, **options)
    assert resumed["validation_loss"] == whole["validation_loss"]
    assert numbers.tobytes() == others.tobytes()


@pytest.mark.parametrize(
    ("share", "error", "message"),
    [
        (0.001, ValueError, r"validation=0.001 of 40 samples is 0, and 40 to train with"),
        (0.999, ValueError, r"validation=0.999 of 40 samples is 40, and 0 to train with"),
        (1.0, ValueError, r"validation: got a float \(1.0\); allowed: .* or \(samples, targets\)"),
        ("half", TypeError, "validation: got a str"),
        ((X,), TypeError, r"validation: got a tuple of 1; allowed: a share, \(samples, targets\)"),
    ],
)
def test_what_is_no_share(share, error, message):
    with pytest.raises(error, match=message):
        fitted(X[:, 0], "mse", validation=share)


def test_batches_have_no_share():
    with pytest.raises(TypeError, match=r"validation: got a float .*; a share is that of samples"):
        fitted(None, "mse", X=lambda: iter([(X, X[:, 0])]), batch_size=None, validation=0.5)


def test_a_nan_among_samples_is_refused_with_its_place():
    wrong = X.copy()
    wrong[7, 1] = math.nan
    for options in ({"X": wrong}, {"validation": (wrong, X[:, 0])}):
        with pytest.raises(
            ValueError, match=r"sample 7 has a nan at \[1\]: leave such samples out"
        ):
            fitted(X[:, 0], "mse", **options)


def test_a_model_of_ones_own_may_know_what_nan_means():
    class Filling(nn.Module):
        def __init__(self):
            self.neuron = nn.Neuron(2, activation="linear", rng=0)

        def __call__(self, x):
            return self.neuron([autograd.where(v == v, v, 0.0) for v in x])

    wrong = X.copy()
    wrong[7, 1] = math.nan
    history = nn.fit(Filling(), wrong, X[:, 0], epochs=1, engine="eager", progress=False)
    assert math.isfinite(history["loss"][0])


def test_samples_in_columns_are_recognised():
    for xs, ys in ((X.T, X[:, 0]), (X.T, X[:, :1].T)):
        with pytest.raises(ValueError, match=r"got 2 samples and \d+ targets; samples are rows"):
            fitted(ys, "mse", X=xs)


class Sparse:
    """What looks like a sparse matrix."""

    shape = (40, 2)

    def toarray(self):
        return X


def test_sparse_matrices_are_refused_in_one_line():
    message = "data: got a Sparse.*; allowed: a list or an array; of a sparse matrix take .toarray"
    with pytest.raises(TypeError, match=message):
        fitted(X[:, 0], "mse", X=Sparse())
    with pytest.raises(TypeError, match=message):
        nn.MLP(2, [1], rng=0).predict(Sparse())


NAMES = np.array(["setosa", "versicolor", "virginica"])


@pytest.mark.parametrize("form", [list, np.array, lambda texts: np.array(texts, object)])
def test_texts_are_classes_in_their_order(form):
    options = {"output": "softmax", "outputs": 3, "metrics": "accuracy"}
    texts = [str(NAMES[k]) for k in CLASSES]
    model = nn.MLP(2, [4, 3], activation="tanh", output="softmax", rng=0)
    named = {"X": X, "Y": form(texts), "validation": (X[:9], form(texts[:9]))}
    history = nn.fit(model, **named, loss="cross_entropy", lr=0.05, epochs=2, batch_size=16, rng=0,
                     metrics="accuracy", progress=False)  # fmt: skip
    expected, numbers = fitted(CLASSES, "cross_entropy", validation=(X[:9], CLASSES[:9]), **options)
    assert history["validation_accuracy"] == expected["validation_accuracy"]
    assert autograd.get_data(model.parameters()).tobytes() == numbers.tobytes()
    assert model.classes_.tolist() == NAMES.tolist()
    assert model.predict_classes(X).tolist() == NAMES[model.predict(X).argmax(axis=1)].tolist()


@pytest.mark.parametrize(
    ("loss", "output"),
    [("binary_cross_entropy", "sigmoid"), ("hinge", "linear")],
)
def test_two_texts_are_yes_and_no(loss, output):
    texts = np.where(X[:, 0] > 0, "yes", "no")
    model = nn.MLP(2, [4, 1], activation="tanh", output=output, rng=0)
    nn.fit(model, X, texts, loss=loss, lr=0.1, epochs=60, rng=0, progress=False)
    assert np.mean(model.predict_classes(X) == texts) > 0.9
    nn.fit(model, X, X[:, 0], loss="mse", epochs=1, progress=False)
    assert model.classes_ is None


@pytest.mark.parametrize(
    ("loss", "options", "error", "message"),
    [
        (
            "mse",
            {},
            TypeError,
            r"targets: got a str \('a'\); allowed: numbers; mse compares numbers",
        ),
        ("hinge", {}, ValueError, "hinge tells two classes apart, but the targets have 3"),
        (
            "cross_entropy",
            {"validation": (X[:1], ["d"])},
            ValueError,
            "the target a str .'d'., whi",
        ),
    ],
)
def test_texts_that_are_no_classes(loss, options, error, message):
    with pytest.raises(error, match=message):
        fitted(["a", "b", "c", "a"] * 10, loss, outputs=3, **options)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("loss", "output", "outputs", "Y"),
    [
        ("binary_cross_entropy", "sigmoid", 1, (X[:, 0] > 1) * 1),
        ("hinge", "linear", 1, np.where(X[:, 0] > 1, 1, -1)),
        ("cross_entropy", "softmax", 3, np.digitize(X[:, 0], [-1, 1])),
    ],
)
def test_classes_have_weights(loss, output, outputs, Y, engine):
    model = nn.MLP(2, [4, outputs], activation="tanh", output=output, rng=0)
    classes = np.unique(Y, return_inverse=True)[1]
    weights = np.linspace(0.5, 2, classes.max() + 1)
    single = [
        nn.losses.LOSSES[loss].function(model(x), y).data * weights[k]
        for x, y, k in zip(X.tolist(), Y.tolist(), classes, strict=True)
    ]
    options = {"output": output, "outputs": outputs, "engine": engine, "batch_size": None}
    given, numbers = fitted(Y, loss, class_weight=weights.tolist(), **options)
    assert given["loss"][0] == pytest.approx(np.mean(single), rel=1e-13)
    again, others = fitted(Y, loss, class_weight=dict(enumerate(weights)), **options)
    assert others.tobytes() == numbers.tobytes()
    counts = np.bincount(classes)
    balanced, _ = fitted(Y, loss, class_weight="balanced", **options)
    expected, _ = fitted(Y, loss, class_weight=40 / (len(counts) * counts), **options)
    assert balanced["loss"] == expected["loss"]
    assert balanced["loss"] != again["loss"]


def test_texts_have_weights_by_name():
    texts, weights = NAMES[CLASSES], {"setosa": 1.0, "virginica": 3.0, "versicolor": 2.0}
    options = {"output": "softmax", "outputs": 3}
    named, _ = fitted(texts, "cross_entropy", class_weight=weights, **options)
    expected, _ = fitted(CLASSES, "cross_entropy", class_weight=[1.0, 2.0, 3.0], **options)
    assert named["loss"] == expected["loss"]


@pytest.mark.parametrize(
    ("weights", "Y", "loss", "error", "message"),
    [
        ([1, 2], CLASSES, "cross_entropy", ValueError, "class_weight has no weight of class 2"),
        ({0: 1}, CLASSES % 2, "cross_entropy", ValueError, "has no weight of class 1"),
        (
            {"setosa": 1},
            NAMES[CLASSES],
            "cross_entropy",
            ValueError,
            "weight of class 'versicolor'",
        ),
        ([1, -1, 1], CLASSES, "cross_entropy", ValueError, r"class_weight: got an int \(-1\)"),
        ("even", CLASSES, "cross_entropy", ValueError, "class_weight: got a str .*'balanced'"),
        (3.0, CLASSES, "cross_entropy", TypeError, "class_weight: got a float .* or 'balanced'"),
        (
            [1, 2],
            np.eye(3)[CLASSES],
            "mse",
            ValueError,
            "is for targets that are classes; mse has others",
        ),
        ([1, 2, 3], SOFT, "cross_entropy", ValueError, "needs a class a sample, not probabilities"),
    ],
)
def test_wrong_weights(weights, Y, loss, error, message):
    with pytest.raises(error, match=message):
        fitted(Y, loss, output="softmax", outputs=3, class_weight=weights)


def test_batches_are_not_counted():
    batches = {"X": lambda: iter([(X, CLASSES)]), "batch_size": None, "epochs": 1}
    options = {"output": "softmax", "outputs": 3, **batches}
    with pytest.raises(ValueError, match="'balanced' counts samples, not an iterable's"):
        fitted(None, "cross_entropy", class_weight="balanced", **options)
    history, _ = fitted(None, "cross_entropy", class_weight=[1, 2, 3], **options)
    assert math.isfinite(history["loss"][0])
