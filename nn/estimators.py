"""Networks as scikit-learn estimators: `Classifier` and `Regressor`.

Each builds an `MLP` that suits the data, and trains it with `fit`. Needs scikit-learn (the extra
sklearn); nothing else in the package imports it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from math import inf
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from autograd import Value
from autograd._checks import (
    check_type,
    checked_keywords,
    one_of,
    real_array,
    real_number,
    whole_number,
)
from autograd.errors import require
from nn.engines.jax import Jax
from nn.inspect.history import History
from nn.layers import MLP, Function, Init
from nn.metrics import Score
from nn.optim import Optimiser, make_optimiser, optimiser_named
from nn.schedules import Schedule
from nn.training.fit import fit

base: Any = require("sklearn.base", extra="sklearn")
class_weights: Any = require("sklearn.utils.class_weight", extra="sklearn")
multiclass: Any = require("sklearn.utils.multiclass", extra="sklearn")
utils: Any = require("sklearn.utils", extra="sklearn")
checks: Any = require("sklearn.utils.validation", extra="sklearn")

Array = NDArray[np.float64]

# The parameters of an estimator that `fit` takes as they are.
PASSED = (
    *("batch_size", "shuffle", "metrics", "schedule", "clip", "penalty"),
    *("progress", "engine", "record"),
)


@dataclass
class Plateau:
    """A callback of `fit` that ends the training once the loss has stopped falling.

    ``patience`` is the number of epochs in a row without a loss that is lower than the lowest one
    by more than ``tol``.

    Examples
    --------
    >>> plateau, history = Plateau(patience=2, tol=0.1), History()
    >>> for loss in (1.0, 0.5, 0.45, 0.44):
    ...     history.add({"loss": loss})
    ...     print(plateau(history))
    False
    False
    False
    True
    """

    patience: int
    tol: float
    lowest: float = inf
    epochs_since: int = 0

    def __post_init__(self) -> None:
        self.patience = whole_number("early_stopping", self.patience, otherwise="None")
        self.tol = real_number("tol", self.tol, 0)

    @property
    def is_reached(self) -> bool:
        """Whether the loss has not fallen for long enough."""
        return self.epochs_since >= self.patience

    def __call__(self, history: History) -> bool:
        """Return whether to end the training."""
        loss = history["loss"][-1]
        self.epochs_since = 0 if loss < self.lowest - self.tol else self.epochs_since + 1
        self.lowest = min(loss, self.lowest)
        return self.is_reached


@dataclass(eq=False, repr=False)
class Network(base.BaseEstimator):  # type: ignore[misc]
    """The parameters of both estimators; how they build and train a network."""

    hidden: Sequence[int] = (100,)
    _: KW_ONLY
    activation: Function | Sequence[Function] = "relu"
    init: Init = None
    optimiser: str | Callable[..., Optimiser] = "adam"
    lr: float | None = 0.001
    epochs: int = 200
    batch_size: int | None = 32
    shuffle: bool = True
    validation: float | None = None
    early_stopping: int | None = 10
    tol: float = 1e-4
    metrics: str | Score | Iterable[str | Score] = ()
    callbacks: Iterable[Callable[[History], object]] = ()
    schedule: Schedule | None = None
    clip: float | Callable[[list[Value]], object] | None = None
    penalty: Mapping[str, float] | Callable[[list[Value]], Any] | None = None
    progress: bool = False
    engine: str | Jax = "compiled"
    record: int | None = None
    warm_start: bool = False
    random_state: Any = None

    def __sklearn_is_fitted__(self) -> bool:
        """Return whether there is a trained network."""
        return hasattr(self, "history_")

    def _goes_on(self) -> bool:
        """Return whether `fit` continues with the network of the last call."""
        return bool(self.warm_start) and self.__sklearn_is_fitted__()

    def _begin(self, inputs: int, outputs: int) -> None:
        """Build the network."""
        check_type(
            "hidden", self.hidden, Sequence | np.ndarray, "a list of layer sizes, such as [16]"
        )
        seed = utils.check_random_state(self.random_state).randint(2**31 - 1)
        self._rng = np.random.default_rng(seed)
        sizes = [*self.hidden, outputs]
        self.model_ = MLP(inputs, sizes, self.activation, init=self.init, rng=self._rng)

    def _begin_training(self) -> None:
        """Make the optimiser."""
        otherwise = "what makes an Optimiser of parameters and lr, such as nn.SGD"
        kind: Any = self.optimiser
        if not callable(kind):
            kind = optimiser_named(kind, otherwise=otherwise)
        self.optimiser_ = make_optimiser(kind, self.model_.parameters(), self.lr)

    def _train(self, X: Array, Y: Any, weights: Any, **options: Any) -> None:
        """Train until the epochs are done or the loss has stopped falling."""
        epochs = whole_number("epochs", self.epochs)
        if self.validation is not None:
            share = self.validation
            real_number("validation", share, 0, 1, open_low=True, otherwise="None")
        if self.early_stopping is None or self.validation is not None:
            patience = {"validation": self.validation, "early_stopping": self.early_stopping}
            self._run(X, Y, weights, epochs=epochs, **patience, **options)
            return
        plateau = Plateau(self.early_stopping, self.tol)
        self._run(X, Y, weights, plateau, epochs=epochs, **options)
        if self.history_.stopped == "callback" and plateau.is_reached:
            self.history_.stopped = "early stopping"

    def _run(
        self,
        X: Array,
        Y: Any,
        weights: Any,
        *callbacks: Callable[[History], object],
        **options: Any,
    ) -> None:
        """Call `nn.fit`, the one place where an estimator trains."""
        check_type("callbacks", self.callbacks, Iterable, "a list of functions of the history")
        if weights is not None:  # the mean is over the sum of weights, as in scikit-learn
            weights = real_array(weights, "sample_weight")
            weights = weights * (weights.size / (weights.sum() or 1))
        self.history_ = fit(
            self.model_,
            X,
            Y,
            optimiser=self.optimiser_,
            sample_weight=weights,
            rng=self._rng,
            callbacks=(*self.callbacks, *callbacks),
            **{name: getattr(self, name) for name in PASSED},
            **options,
        )

    def _samples(self, X: Any) -> Array:
        """Check samples to predict."""
        checks.check_is_fitted(self)
        return np.asarray(checks.validate_data(self, X, dtype=np.float64, reset=False))


@checked_keywords
@dataclass(eq=False, repr=False, kw_only=True)
class Classifier(base.ClassifierMixin, Network):  # type: ignore[misc]
    """A multi-layer perceptron that classifies, as a scikit-learn estimator.

    It takes part in pipelines, grid searches and cross-validation. Two classes have one output,
    trained with the binary cross-entropy of a sigmoid, more have one each, with that of a softmax.

    Parameters
    ----------
    hidden
        The number of neurons of each hidden layer; ``[]`` is a logistic regression.
    activation, init
        As for `MLP`.
    optimiser, lr
        A name in `nn.OPTIMISERS`, or what makes an Optimiser of parameters and ``lr``, such as
        ``functools.partial(nn.AdamW, weight_decay=0.1)``; the learning rate, of None the
        optimiser's own. "lbfgs" goes with ``lr=None`` and ``batch_size=None``.
    epochs
        The largest number of passes over the samples.
    validation
        The share of the samples that is held out, such as 0.1.
    early_stopping, tol
        Stop after this many epochs in a row without a new lowest validation loss, and take the
        parameters of the lowest one; without ``validation``, once the loss of the training has not
        fallen by more than ``tol`` for so long. None trains for all epochs.
    batch_size, shuffle, metrics, callbacks, schedule, clip, penalty, progress, engine, record
        As for `nn.fit`.
    warm_start
        Whether `fit` goes on with the network of its last call, instead of a new one.
    random_state
        The seed of initial weights and of the samples' order, as everywhere in scikit-learn.
    class_weight
        By how much a sample's loss counts, by its class: a dict, or "balanced". A class that the
        dict leaves out counts once.

    Attributes
    ----------
    classes_
        The classes, sorted.
    model_
        The trained `MLP`, whose outputs are logits.
    history_
        The `History` of the last training.
    optimiser_
        The Optimiser, with which `partial_fit` goes on.
    n_features_in_, feature_names_in_
        The number of features, and their names where the samples have some.

    Examples
    --------
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], ["same", "other", "other", "same"]
    >>> classifier = Classifier([8], activation="tanh", lr=0.1, random_state=0).fit(X, y)
    >>> classifier.predict(X).tolist(), classifier.score(X, y)
    (['same', 'other', 'other', 'same'], 1.0)
    """

    class_weight: Any = None

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train a network on samples and their classes: numbers, texts or truth values.

        ``sample_weight`` has a weight for each sample, at least 0; the losses of the training are
        then means over the sum of the weights, so that their scale does not matter.

        Examples
        --------
        >>> Classifier([4], epochs=2, random_state=0).fit([[0.0], [1.0]], [0, 1]).model_
        <MLP(1, [4, 1], activation='relu', output='linear'), 13 parameters>
        """
        goes_on = self._goes_on()
        X, y = self._labelled(X, y, reset=not goes_on)
        classes = np.unique(y)
        if goes_on and not np.array_equal(classes, self.classes_):
            raise ValueError(
                f"with warm_start the classes stay {self.classes_.tolist()}, y has "
                f"{classes.tolist()}: set warm_start=False, or give samples of all classes"
            )
        if not goes_on:
            self._begin_classes(X, classes)
        self._begin_training()
        options = {"loss": self._loss(), "class_weight": self._weights(y)}
        self._train(X, self._numbers(y), sample_weight, **options)
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Train for one epoch, going on from the last call.

        The first call needs ``classes``, all that will ever come.

        Examples
        --------
        >>> classifier = Classifier([4], random_state=0)
        >>> for batch in (0.0, 1.0), (0.2, 0.9), (0.1, 0.8):
        ...     _ = classifier.partial_fit([[x] for x in batch], [0, 1], classes=[0, 1])
        >>> classifier.optimiser_
        <Adam, lr=0.001, 13 parameters, 3 steps>
        """
        first = not self.__sklearn_is_fitted__()
        if first and classes is None:
            raise ValueError("the first call of partial_fit needs classes=, all that will come")
        known = None if classes is None else np.unique(np.asarray(classes))
        if not first and known is not None and not np.array_equal(known, self.classes_):
            raise ValueError(
                f"classes={known.tolist()} are others than those of the first call, "
                f"{self.classes_.tolist()}"
            )
        X, y = self._labelled(X, y, reset=first)
        if first:
            assert known is not None
            self._begin_classes(X, known)
            self._begin_training()
        options = {"loss": self._loss(), "class_weight": self._weights(y, has_all=False)}
        self._run(X, self._numbers(y), sample_weight, epochs=1, **options)
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the class of each sample.

        Examples
        --------
        >>> classifier = Classifier([], lr=0.1, random_state=0).fit([[-1], [1]], ["no", "yes"])
        >>> classifier.predict([[-2], [2]]).tolist()
        ['no', 'yes']
        """
        samples = self._samples(X)
        return np.asarray(self.classes_[self.model_.predict_classes(samples)])

    def predict_proba(self, X: Any) -> Array:
        """Return the probability of each class, in the order of ``classes_``, a row a sample.

        Examples
        --------
        >>> classifier = Classifier([], lr=0.1, random_state=0).fit([[-1], [1]], ["no", "yes"])
        >>> classifier.predict_proba([[-9], [9]]).round(1)
        array([[1., 0.],
               [0., 1.]])
        """
        samples = self._samples(X)
        return self.model_.predict_proba(samples)

    def _loss(self) -> str:
        is_binary = len(self.classes_) == 2
        return "binary_cross_entropy_with_logits" if is_binary else "cross_entropy"

    def _labelled(self, X: Any, y: Any, *, reset: bool) -> tuple[Array, NDArray[Any]]:
        """Check samples and their classes."""
        X, y = checks.validate_data(self, X, y, dtype=np.float64, reset=reset)
        multiclass.check_classification_targets(y)
        return X, y

    def _begin_classes(self, X: Array, classes: NDArray[Any]) -> None:
        """Build the network for some classes."""
        if len(classes) < 2:
            raise ValueError(
                f"{type(self).__name__} needs two classes or more, y has one class: "
                f"{classes.tolist()}"
            )
        self.classes_ = classes
        self._begin(X.shape[1], 1 if len(classes) == 2 else len(classes))

    def _weights(self, y: NDArray[Any], *, has_all: bool = True) -> list[float] | None:
        """Return the weight of each class; ``has_all`` says whether y are all samples."""
        weights = self.class_weight
        if weights is None:
            return None
        if isinstance(weights, str):
            one_of("class_weight", weights, ("balanced",), otherwise="a dict")
        else:
            check_type("class_weight", weights, Mapping, "a dict, 'balanced' or None")
        if weights == "balanced" and not has_all:
            raise ValueError(
                "class_weight='balanced' counts all samples, which partial_fit does not have: "
                "give a dict"
            )
        computed = class_weights.compute_class_weight(weights, classes=self.classes_, y=y)
        return [float(weight) for weight in computed]

    def _numbers(self, y: NDArray[Any]) -> NDArray[np.intp]:
        """Return the number of each sample's class."""
        known = np.isin(y, self.classes_)
        if not known.all():
            other, *_ = y[~known].tolist()
            raise ValueError(
                f"y has the class {other!r}, the first call had {self.classes_.tolist()}"
            )
        return np.searchsorted(self.classes_, y)


@checked_keywords
@dataclass(eq=False, repr=False, kw_only=True)
class Regressor(base.RegressorMixin, Network):  # type: ignore[misc]
    """A multi-layer perceptron that predicts numbers, as a scikit-learn estimator.

    Targets are learned as they are: where they are far from 1 in size, standardise them with
    ``sklearn.compose.TransformedTargetRegressor``. Targets of several columns have an output each.

    Parameters
    ----------
    loss
        A name in `nn.LOSSES` that compares numbers, or a function of a prediction and a target.
    hidden and others
        As for `Classifier`; so are the attributes.

    Examples
    --------
    >>> X = [[x / 10] for x in range(-10, 11)]
    >>> y = [x * x for (x,) in X]
    >>> regressor = Regressor([16], lr=0.01, batch_size=4, random_state=0).fit(X, y)
    >>> regressor.score(X, y) > 0.95
    True
    """

    loss: str | Callable[[Any, Any], Any] = "mse"

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train a network on samples and their targets: numbers, or rows of some.

        Examples
        --------
        >>> Regressor([4], epochs=2, random_state=0).fit([[0.0], [1.0]], [[0, 1], [1, 0]]).model_
        <MLP(1, [4, 2], activation='relu', output='linear'), 18 parameters>
        """
        goes_on = self._goes_on()
        X, y = self._pairs(X, y, reset=not goes_on)
        self._begin_training()
        self._train(X, y, sample_weight, loss=self.loss)
        return self

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train for one epoch, going on from the last call.

        Examples
        --------
        >>> regressor = Regressor([4], random_state=0).partial_fit([[0.0], [1.0]], [0, 1])
        >>> regressor.partial_fit([[0.5]], [0.5]).optimiser_
        <Adam, lr=0.001, 13 parameters, 2 steps>
        """
        first = not self.__sklearn_is_fitted__()
        X, y = self._pairs(X, y, reset=first)
        if first:
            self._begin_training()
        self._run(X, y, sample_weight, epochs=1, loss=self.loss)
        return self

    def predict(self, X: Any) -> Array:
        """Return the prediction for each sample, a row where there are several outputs.

        Examples
        --------
        >>> regressor = Regressor([4], epochs=2, random_state=0).fit([[0.0], [1.0]], [0, 1])
        >>> regressor.predict([[0.5], [0.25]]).shape
        (2,)
        """
        samples = self._samples(X)
        return self.model_.predict(samples)

    def _pairs(self, X: Any, y: Any, *, reset: bool) -> tuple[Array, Array]:
        """Check samples and targets; build the network for them where ``reset``."""
        options = {"multi_output": True, "y_numeric": True, "dtype": np.float64, "reset": reset}
        X, y = checks.validate_data(self, X, y, **options)
        y = checks.column_or_1d(y, warn=True) if y.ndim > 1 and y.shape[1] == 1 else y
        columns = y.shape[1] if y.ndim > 1 else 1
        if reset:
            self._begin(X.shape[1], columns)
        outputs = len(self.model_.layers[-1].neurons)
        if columns != outputs:
            raise ValueError(
                f"y has {columns} target{'s' if columns > 1 else ''} a sample, the network of the "
                f"last call has {outputs}: give as many, or train a new one"
            )
        return X, np.asarray(y, np.float64)
