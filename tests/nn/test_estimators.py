"""Classifier and Regressor: scikit-learn's own checks, and what users do with estimators."""

import os
import pickle
import subprocess
import sys
import warnings
from functools import partial

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.exceptions import DataConversionWarning, NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale
from sklearn.utils.estimator_checks import parametrize_with_checks

import nn

IRIS = load_iris(return_X_y=True)
LINE = np.linspace(-1, 1, 40)[:, None]
FAST = {"lr": 0.01, "random_state": 0}
SMALL = partial(nn.Classifier, [4], epochs=3, random_state=0)
NUMBERS = partial(nn.Regressor, [4], epochs=3, random_state=0)


# The checks of arrays of other libraries skip themselves unless SCIPY_ARRAY_API is set, those of
# pandas where it is not installed.
@parametrize_with_checks([nn.Classifier([32], lr=0.01), nn.Regressor([32], lr=0.01)])
def test_what_scikit_learn_checks_of_every_estimator(estimator, check):
    check(estimator)


# Learning


@pytest.mark.parametrize(
    "names", [None, np.array(["setosa", "versicolor", "virginica"]), np.array([-7, 3, 40])]
)
def test_classes_of_any_kind(names):
    X, y = IRIS
    labels = y if names is None else names[y]
    X, X_test, labels, labels_test = train_test_split(scale(X), labels, random_state=0)
    classifier = nn.Classifier([16], **FAST).fit(X, labels)
    assert classifier.classes_.tolist() == np.unique(labels).tolist()
    assert classifier.predict(X_test).dtype == labels.dtype
    assert classifier.score(X_test, labels_test) > 0.92
    probabilities = classifier.predict_proba(X_test)
    assert probabilities.shape == (38, 3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    chosen = classifier.classes_[probabilities.argmax(axis=1)]
    assert (chosen == classifier.predict(X_test)).all()


@pytest.mark.parametrize("labels", [[False, True], ["no", "yes"], [1, 2], [-1.0, 1.0]])
def test_two_classes_have_one_output(labels):
    X, y = load_breast_cancer(return_X_y=True)
    y = np.array(labels)[y]
    classifier = nn.Classifier([8], epochs=20, **FAST).fit(scale(X), y)
    assert repr(classifier.model_).startswith("<MLP(30, [8, 1], activation='relu', output='linear'")
    assert classifier.score(scale(X), y) > 0.97
    assert classifier.predict_proba(scale(X)).shape == (569, 2)
    assert classifier.predict_proba(scale(X))[y == labels[1], 1].mean() > 0.9


def test_weights_of_classes_are_those_of_fit():
    X, y = IRIS
    heavy = SMALL(class_weight={1: 5.0}).fit(X, y)
    model = nn.MLP(4, [4, 3], rng=(rng := rng_of(0)))
    nn.fit(
        model, X, y, loss="cross_entropy", lr=0.001, epochs=3, batch_size=32, rng=rng,
        class_weight=[1.0, 5.0, 1.0], progress=False,
    )  # fmt: skip
    assert (heavy.model_.predict(X) == model.predict(X)).all()
    rare = np.concatenate([np.arange(50), np.arange(50, 55)])
    balanced = SMALL(class_weight="balanced").fit(X[rare], y[rare])
    given = SMALL(class_weight={0: 55 / 100, 1: 55 / 10}).fit(X[rare], y[rare])
    assert (balanced.model_.predict(X) == given.model_.predict(X)).all()


def test_a_weight_counts_as_often_as_the_sample_would():
    X, y = scale(IRIS[0])[::5], IRIS[1][::5]
    weights = np.arange(len(y)) % 3
    options = {"batch_size": None, "epochs": 20, **FAST}
    for kind in (nn.Classifier, nn.Regressor):
        weighted = kind([4], **options).fit(X, y, sample_weight=10.0 * weights)
        repeated = kind([4], **options).fit(X.repeat(weights, axis=0), y.repeat(weights))
        np.testing.assert_allclose(
            weighted.model_.predict(X), repeated.model_.predict(X), rtol=1e-9, atol=1e-9
        )
        parts = kind([4], **options)
        classes = {"classes": [0, 1, 2]} if kind is nn.Classifier else {}
        parts.partial_fit(X, y, sample_weight=weights, **classes)
        once = kind([4], **(options | {"epochs": 1})).fit(X, y, weights)
        assert (parts.model_.predict(X) == once.model_.predict(X)).all()


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (
            [1.0] * 149,
            r"sample_weight needs a weight for each of 150 samples, got the shape \(149,\)",
        ),
        ([[1.0] * 150], "sample_weight needs a weight for each"),
        ([1.0] * 149 + [-1.0], "sample_weight: got -1.0.* for sample 149; allowed: finite, and at"),
        ([0.0] * 150, "sample_weight: every weight is zero: no sample would count"),
    ],
)
def test_weights_that_cannot_be(weights, message):
    with pytest.raises(ValueError, match=message):
        SMALL().fit(*IRIS, sample_weight=weights)


def rng_of(seed):
    """Return the generator that an estimator makes of its random_state."""
    return np.random.default_rng(np.random.RandomState(seed).randint(2**31 - 1))


@pytest.mark.parametrize("columns", [1, 3])
def test_a_regression_of_one_target_and_of_several(columns):
    y = np.hstack([LINE**2, LINE, np.abs(LINE)])[:, :columns]
    y = y[:, 0] if columns == 1 else y
    regressor = nn.Regressor([16], batch_size=4, **FAST).fit(LINE, y)
    assert regressor.predict(LINE).shape == y.shape
    assert regressor.score(LINE, y) > 0.95


def test_other_losses_of_a_regression():
    y = 2 * LINE[:, 0]
    y[-1] = 100.0  # an outlier, which the median does not follow
    robust = nn.Regressor([], loss="mae", batch_size=4, lr=0.1, random_state=0).fit(LINE, y)
    assert abs(robust.predict([[0.5]])[0] - 1) < 0.2
    with pytest.raises(ValueError, match=r"^loss: got a str \('mea'\); allowed: .*'mae'"):
        NUMBERS(loss="mea").fit(LINE, y)


def test_diabetes_as_its_neighbour_in_scikit_learn():
    X, y = load_diabetes(return_X_y=True)
    scores = cross_val_score(nn.Regressor([16], epochs=50, **FAST), scale(X), scale(y), cv=3)
    assert scores.mean() > 0.3


@pytest.mark.parametrize("load", [load_iris, load_breast_cancer, load_diabetes])
@pytest.mark.parametrize(("activation", "theirs"), [("tanh", "tanh"), ("sigmoid", "logistic")])
def test_from_the_same_weights_the_steps_are_those_of_scikit_learn(load, activation, theirs):
    X, y = load(return_X_y=True)
    X, is_regression = scale(X), load is load_diabetes
    y = scale(y) if is_regression else y
    kind, other = (nn.Regressor, MLPRegressor) if is_regression else (nn.Classifier, MLPClassifier)
    settings = {"hidden_layer_sizes": [5], "activation": theirs, "shuffle": False, "alpha": 0}
    settings |= {"batch_size": 32, "max_iter": 20, "n_iter_no_change": 21, "random_state": 0}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it could go on
        begin = other(**settings, learning_rate_init=1e-300).fit(X, y)
        end = other(**settings, learning_rate_init=0.01).fit(X, y)
    ours = kind([5], activation=activation, shuffle=False, early_stopping=None, epochs=1, lr=0.01)
    ours.fit(X, y)
    for layer, W, b in zip(ours.model_.layers, begin.coefs_, begin.intercepts_, strict=True):
        layer.W, layer.b = W.T, b
    ours.set_params(epochs=20, warm_start=True).fit(X, y)
    for layer, W in zip(ours.model_.layers, end.coefs_, strict=True):
        np.testing.assert_allclose(layer.W.T, W, rtol=1e-3, atol=1e-4)
    assert ours.score(X, y) == pytest.approx(end.score(X, y), abs=1e-4)


# When it ends


def test_lbfgs_ends_where_that_of_scikit_learn_does():
    X, y = IRIS[0] / 8, IRIS[1]
    whole = {"lr": None, "batch_size": None, "early_stopping": None, "random_state": 0}
    made = nn.Classifier([], optimiser="lbfgs", epochs=300, penalty={"l2": 1e-2}, **whole)
    made.fit(X, y)
    theirs = LogisticRegression(C=1 / (2 * 1e-2 * len(X)), tol=1e-8, max_iter=1000).fit(X, y)
    np.testing.assert_allclose(made.predict_proba(X), theirs.predict_proba(X), atol=1e-5)
    with pytest.raises(ValueError, match=r"^lbfgs has no learning rate: lr must be None, got .*1"):
        nn.Classifier(optimiser="lbfgs").fit(X, y)
    with pytest.raises(ValueError, match=r"^optimiser=LBFGS goes without batches"):
        nn.Classifier(optimiser="lbfgs", lr=None).fit(X, y)


def test_the_training_stops_once_its_loss_does_not_fall():
    X, y = IRIS
    history = nn.Classifier([4], tol=10.0, early_stopping=3, **FAST).fit(X, y).history_
    assert (history.epochs, history.stopped) == (4, "early stopping")
    history = nn.Classifier([4], early_stopping=None, epochs=30, tol=10.0).fit(X, y).history_
    assert (history.epochs, history.stopped) == (30, "finished")


def test_a_share_that_is_held_out_stops_it_by_the_validation_loss():
    X, y = IRIS
    classifier = nn.Classifier([16], validation=0.2, early_stopping=2, lr=0.1, random_state=0)
    history = classifier.fit(X, y).history_
    losses = history["validation_loss"]
    assert history.stopped == "early stopping"
    assert len(losses) == 3 + losses.index(min(losses))


def test_callbacks_come_beside_it():
    seen = []
    NUMBERS(callbacks=[seen.append]).fit(LINE, LINE[:, 0])
    assert len(seen) == 3
    stopped = NUMBERS(callbacks=[lambda _history: True]).fit(LINE, LINE[:, 0]).history_
    assert (stopped.epochs, stopped.stopped) == (1, "callback")


# Going on


def test_partial_fit_goes_on_with_network_and_optimiser():
    X, y = IRIS
    parts = SMALL(batch_size=None)
    for _ in range(3):
        parts.partial_fit(X, y, classes=[0, 1, 2])
    whole = SMALL(batch_size=None, early_stopping=None).fit(X, y)
    np.testing.assert_allclose(parts.model_.predict(X), whole.model_.predict(X), rtol=1e-12)
    assert repr(parts.optimiser_) == "<Adam, lr=0.001, 35 parameters, 3 steps>"
    assert parts.history_.epochs == 1
    parts.partial_fit(X[:50], y[:50])  # one class of those that are known
    assert parts.classes_.tolist() == [0, 1, 2]


def test_a_regressor_goes_on_too():
    regressor = NUMBERS()
    for _ in range(4):
        regressor.partial_fit(LINE, LINE[:, 0])
    assert "8 steps" in repr(regressor.optimiser_)


def test_warm_start_keeps_the_network():
    X, y = IRIS
    warm = SMALL(warm_start=True).fit(X, y)
    model, first = warm.model_, warm.history_["loss"]
    assert warm.fit(X, y).model_ is model
    assert warm.history_["loss"][0] < first[0]
    assert warm.set_params(warm_start=False).fit(X, y).model_ is not model
    warm.set_params(warm_start=True)
    message = r"^with warm_start the classes stay \[0, 1, 2\], y has \[0, 1\]: set warm_start=False"
    with pytest.raises(ValueError, match=message):
        warm.fit(X[y < 2], y[y < 2])


def test_a_seed_says_all_and_the_system_says_none():
    X, y = IRIS
    same = [SMALL().fit(X, y).model_.predict(X) for _ in range(2)]
    assert (same[0] == same[1]).all()
    random = np.random.RandomState(0)
    one, other = (SMALL(random_state=random).fit(X, y).model_.predict(X) for _ in range(2))
    assert (one == same[0]).all()
    assert (one != other).any()


# What scikit-learn does with estimators


def test_a_pipeline_in_a_grid_search_by_two_processes():
    X, y = IRIS
    pipeline = make_pipeline(StandardScaler(), nn.Classifier(epochs=30, **FAST))
    grid = {
        "classifier__hidden": [[], [8], (8, 8)],
        "classifier__optimiser": ["adam", partial(nn.SGD, momentum=0.9)],
    }
    search = GridSearchCV(pipeline, grid, cv=3, n_jobs=2).fit(X, y)
    assert search.best_score_ > 0.9
    assert search.cv_results_["mean_test_score"].shape == (6,)
    assert search.predict(X).shape == y.shape


def test_clone_and_parameters():
    made = nn.Classifier([8, 8], activation=["tanh", "relu"], penalty=None)
    copy = clone(made)
    assert copy is not made
    assert copy.get_params() == made.get_params()
    assert not hasattr(clone(SMALL().fit(*IRIS)), "model_")
    assert repr(made) == "Classifier(activation=['tanh', 'relu'], hidden=[8, 8])"
    assert made.set_params(lr=0.5, hidden=[3]).get_params()["lr"] == 0.5


@pytest.mark.parametrize("made", [SMALL(), NUMBERS()])
def test_pickles_predict_the_same_and_go_on_alike(made, tmp_path):
    X, y = IRIS
    made.fit(X, y)
    joblib.dump(made, tmp_path / "made.joblib")
    for copy in (pickle.loads(pickle.dumps(made)), joblib.load(tmp_path / "made.joblib")):
        assert (copy.predict(X) == made.predict(X)).all()
        original = pickle.loads(pickle.dumps(made))
        assert (copy.partial_fit(X, y).predict(X) == original.partial_fit(X, y).predict(X)).all()
        assert (copy.model_.predict(X) != made.model_.predict(X)).any()


def test_settings_of_fit_reach_it():
    X, y = IRIS
    settings = {
        "metrics": ["accuracy"],
        "schedule": nn.schedules.Exponential(0.5),
        "clip": 1.0,
        "penalty": partial(nn.l2_penalty, strength=1.0),
        "record": 1,
        "engine": "eager",
        "init": "zeros",
        "shuffle": False,
        "batch_size": None,
    }
    history = SMALL(**settings).fit(X, y).history_
    assert list(history) == ["loss", "accuracy", "lr", "seconds"]
    assert history["lr"] == [0.001, 0.0005, 0.00025]
    assert sorted(history.snapshots) == [0, 1, 2, 3]
    assert not history.snapshots[0].any()
    assert repr(SMALL(optimiser="sgd", lr=None).fit(X, y).optimiser_).startswith("<SGD, lr=0.01")


# Data


def test_containers_and_types_of_numbers_give_the_same():
    X, y = IRIS
    X = X.astype(np.float32)
    expected = SMALL().fit(X, y).predict_proba(X)
    for samples, classes in (
        (X.tolist(), y.tolist()),
        (X.astype(float), tuple(y)),
        (np.asfortranarray(X), y.astype(np.int8)),
        (X.astype(object), y.astype(float)),
    ):
        assert (SMALL().fit(samples, classes).predict_proba(samples) == expected).all()


def test_a_column_of_targets_is_flattened_with_a_warning():
    with pytest.warns(DataConversionWarning, match="column-vector y was passed"):
        assert SMALL().fit(IRIS[0], IRIS[1][:, None]).predict(IRIS[0]).shape == (150,)
    with pytest.warns(DataConversionWarning, match="column-vector y was passed"):
        assert NUMBERS().fit(LINE, LINE).predict(LINE).shape == (40,)


def test_frames_give_their_names():
    pandas = pytest.importorskip("pandas", reason="needs pandas")
    frame = pandas.DataFrame(IRIS[0], columns=["a", "b", "c", "d"])
    names = pandas.Series(IRIS[1]).map({0: "x", 1: "y", 2: "z"}).astype("category")
    classifier = SMALL().fit(frame, names)
    assert classifier.feature_names_in_.tolist() == ["a", "b", "c", "d"]
    assert set(classifier.predict(frame)) <= {"x", "y", "z"}
    with pytest.raises(ValueError, match="feature names should match"):
        classifier.predict(frame.rename(columns={"a": "e"}))
    regressor = NUMBERS().fit(frame, frame[["a", "b"]])
    assert regressor.predict(frame).shape == (150, 2)


# Errors


def test_errors_say_what_to_do():
    scipy_sparse = pytest.importorskip("scipy.sparse")
    X, y = IRIS
    cases = [
        (TypeError, r"^Sparse data was passed.*toarray", lambda: SMALL().fit(
            scipy_sparse.csr_matrix(X), y)),
        (NotFittedError, "^This Classifier instance is not fitted yet", lambda: SMALL().predict(X)),
        (ValueError, r"^Classifier needs two classes or more, y has one class: \[0\]$",
         lambda: SMALL().fit(X[:50], y[:50])),
        (ValueError, "^Unknown label type: continuous", lambda: SMALL().fit(X, X[:, 0])),
        (ValueError, "contains NaN", lambda: SMALL().fit(X * np.nan, y)),
        (ValueError, r"^the first call of partial_fit needs classes=, all that will come$",
         lambda: SMALL().partial_fit(X, y)),
        (ValueError, r"^y has the class 2, the first call had \[0, 1\]$",
         lambda: SMALL().partial_fit(X, y, classes=[0, 1])),
        (ValueError, r"^classes=\[0, 1\] are others than those of the first call, \[0, 1, 2\]$",
         lambda: SMALL().fit(X, y).partial_fit(X, y, classes=[0, 1])),
        (ValueError, r"^class_weight='balanced' counts all samples, .*: give a dict$",
         lambda: SMALL(class_weight="balanced").partial_fit(X, y, classes=[0, 1, 2])),
        (TypeError, r"^hidden: got an int \(16\); allowed: a list of layer sizes, such as \[16\]$",
         lambda: nn.Classifier(16).fit(X, y)),
        (TypeError, r"^early_stopping: got a str \('10'\); allowed: a whole number",
         lambda: SMALL(early_stopping="10").fit(X, y)),
        (ValueError, r"^tol: got .*-1", lambda: SMALL(tol=-1).fit(X, y)),
        (ValueError, r"^optimiser: got a str \('adma'\); .* did you mean 'adam'\?$",
         lambda: SMALL(optimiser="adma").fit(X, y)),
        (TypeError, r"^optimiser: got an SGD .*; allowed: .*'adam'.* or what makes an Optimiser",
         lambda: SMALL(optimiser=nn.SGD(nn.Neuron(1).parameters())).fit(X, y)),
        (ValueError, r"^epochs: got an int \(0\); allowed: a whole number of at least 1$",
         lambda: SMALL(epochs=0).fit(X, y)),
        (TypeError, r"^validation: got a tuple .*; allowed: a number above 0 and below 1, or None$",
         lambda: SMALL(validation=(X, y)).fit(X, y)),
        (ValueError, r"^class_weight: got a str \('fast'\); allowed: 'balanced' or a dict$",
         lambda: SMALL(class_weight="fast").fit(X, y)),
        (TypeError, r"^class_weight: got an ndarray .*; allowed: a dict, 'balanced' or None$",
         lambda: SMALL(class_weight=np.ones(3)).partial_fit(X, y, classes=[0, 1, 2])),
        (ValueError, "^y has 1 target a sample, the network of the last call has 4: give as many",
         lambda: NUMBERS().fit(X, X).partial_fit(X, y)),
        (ValueError, "^y has 4 targets a sample, the network of the last call has 1: give as many",
         lambda: NUMBERS(warm_start=True).fit(X, y).fit(X, X)),
        (TypeError, "positional argument", lambda: nn.Classifier([3], "tanh")),
        (TypeError, "positional argument", lambda: nn.Regressor([3], "mae")),
        (TypeError, r"^callbacks: got an int \(3\)", lambda: SMALL(callbacks=3).fit(X, y)),
        (TypeError, r"^Classifier: got the keyword learning_rate; .* did you mean 'lr'\?$",
         lambda: nn.Classifier(learning_rate=0.1)),
        (TypeError, r"^Regressor: got the keyword optimizer; .* did you mean 'optimiser'\?$",
         lambda: nn.Regressor(optimizer="sgd")),
    ]  # fmt: skip
    for kind, message, wrong in cases:
        with pytest.raises(kind, match=message):
            wrong()


WITHOUT = """
import sys

sys.modules["sklearn"] = None
from nn import *

import nn
from autograd.errors import MissingExtraError

fit(MLP(1, [1]), [[1.0]], [1.0], epochs=1, progress=False)
try:
    nn.Classifier
except MissingExtraError as error:
    print(error)
"""


def test_without_scikit_learn_all_else_works_and_the_extra_is_named():
    result = subprocess.run(
        [sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True, timeout=120,
        env={**os.environ},
    )  # fmt: skip
    assert result.stdout == 'this needs sklearn: pip install "scalar-autograd[sklearn]"\n'
