"""Metrics: of classifiers (predicted classes, accuracy, precision, ranks) and of regressions."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from autograd import Value
from autograd._checks import (
    as_float,
    checked_keywords,
    entry_of,
    error_text,
    is_masked,
    real_number,
    whole_number,
)
from nn._utils import plain
from nn.losses import ROUNDED

Items: TypeAlias = Sequence[Any] | NDArray[Any]
MAX_CLASSES = 10_000  # of a confusion matrix: 800 MB
PROBABLE = 0.5  # a probability above it is for class 1


@checked_keywords
def predict_classes(outputs: Items, threshold: float | None = None) -> list[int]:
    """Return each sample's class: of several outputs the largest, of one whether it is above 0.5.

    `outputs` is what a model returns for a batch, or `predict`: an entry a sample, (n,), (n, 1) or
    (n, k). One output a sample is a probability, class 1 above 0.5; with a `threshold` (0 for
    logits and hinge scores) any number. Whole numbers without a threshold are classes already.
    Raises ValueError for what could be meant in two ways.

    Examples
    --------
    >>> predict_classes([0.2, 0.7]), predict_classes([[0.1, 2.0, 0.3], [5.0, 1.0, 1.0]])
    ([0, 1], [1, 0])
    >>> predict_classes([-1.5, 0.2], threshold=0.0)
    [0, 1]
    >>> predict_classes([-1.5, 0.2])
    Traceback (most recent call last):
    ValueError: outputs from -1.5 to 0.2 are neither probabilities nor classes: for logits and
    scores give threshold=0
    """
    array, limit = _array(outputs, "outputs"), _limit(threshold)
    if array.ndim == 2:
        _check_one_row(array)
    classes: list[int] = _classes(array, limit).tolist()
    return classes


@checked_keywords
def accuracy(outputs: Items, targets: Items, threshold: float | None = None) -> float:
    """Return the share of samples whose class is the target's.

    Outputs become classes as in `predict_classes`, or are classes already. Targets are class
    numbers or one-hot rows; with a threshold of 0, or classes of -1 and 1, perhaps -1 and 1. Raises
    ValueError where a target is no class of these outputs, and for one row of outputs with one row
    of targets: that could be one sample of m classes, or m samples of one output.

    Examples
    --------
    >>> accuracy([0.2, 0.7, 0.9, 0.4], [0, 1, 0, 0])
    0.75
    >>> accuracy([[0.1, 2.0], [5.0, 1.0]], [1, 0])
    1.0
    >>> accuracy([2, 0, 1], [2, 2, 1])  # predicted classes
    0.6666666666666666
    >>> accuracy([0.2, 0.7], [-1, 1])
    Traceback (most recent call last):
    ValueError: target 0 is -1, the classes of these outputs are 0 and 1; for -1 and 1 give scores
    with threshold=0, or targets (Y > 0)
    """
    predicted, actual = _both_classes("accuracy", outputs, targets, threshold)
    return float(np.mean(predicted == actual))


@checked_keywords
def precision(outputs: Items, targets: Items, threshold: float | None = None) -> float:
    """Return the share of samples predicted as class 1 that are of class 1.

    For classes beyond 0 and 1, the mean of this share over all classes that occur. A class that was
    never predicted counts as 0. Outputs and targets are those of `accuracy`.

    Examples
    --------
    >>> precision([0.2, 0.7, 0.9, 0.4], [0, 1, 0, 0])
    0.5
    """
    return _over_classes("precision", outputs, targets, threshold, lambda hit, said, _: hit / said)


@checked_keywords
def recall(outputs: Items, targets: Items, threshold: float | None = None) -> float:
    """Return the share of the samples of class 1 that are predicted as such.

    For classes beyond 0 and 1, the mean of this share over all classes that occur; a class without
    samples counts as 0.

    Examples
    --------
    >>> recall([0.2, 0.7, 0.9, 0.4], [0, 1, 0, 1])
    0.5
    """
    return _over_classes("recall", outputs, targets, threshold, lambda hit, _, true: hit / true)


@checked_keywords
def f1(outputs: Items, targets: Items, threshold: float | None = None) -> float:
    """Return the harmonic mean of `precision` and `recall`; of several classes, the mean over them.

    Examples
    --------
    >>> f1([0.2, 0.7, 0.9, 0.4], [0, 1, 0, 1])
    0.5
    """
    return _over_classes(
        "f1", outputs, targets, threshold, lambda hit, said, true: 2 * hit / (said + true)
    )


@checked_keywords
def roc_auc(outputs: Items, targets: Items, threshold: float | None = None) -> float:
    """Return the probability that a sample of class 1 has a larger output than one of class 0.

    Equal outputs count half. This is the area under the receiver operating characteristic; for
    several outputs, the mean over the classes of each one against all others. Any monotone outputs
    do: probabilities, logits, scores. Raises ValueError where a class has no sample, or all.

    Examples
    --------
    >>> roc_auc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    0.75
    """
    ys, actual = _scores("roc_auc", outputs, targets, threshold)
    if ys.ndim == 1:
        return _area(ys, actual == 1, 1)
    return float(np.mean([_area(ys[:, k], actual == k, k) for k in range(ys.shape[1])]))


@checked_keywords
def top_k_accuracy(
    outputs: Items, targets: Items, threshold: float | None = None, k: int = 2
) -> float:
    """Return the share of samples whose class is among those of the k largest outputs.

    Of equal outputs, those of the first classes count as larger.

    Examples
    --------
    >>> top_k_accuracy([[0.1, 0.5, 0.4], [0.8, 0.1, 0.1]], [2, 2])
    0.5
    """
    ys, actual = _scores("top_k_accuracy", outputs, targets, threshold)
    whole_number("k", k)
    if ys.ndim == 1:
        raise ValueError("top_k_accuracy needs an output for each class, got one a sample")
    own = ys[np.arange(len(ys)), actual][:, None]
    before = np.arange(ys.shape[1]) < actual[:, None]
    return float(np.mean(((ys > own) | ((ys == own) & before)).sum(axis=1) < k))


@checked_keywords
def r2(outputs: Items, targets: Items) -> float:
    """Return the share of the targets' variance that the outputs explain: 1 if they are equal.

    0 is that of the targets' mean, and worse outputs are below. Of several targets a sample, the
    mean. For targets that are all equal it is 1 if the outputs are these, else 0.

    Examples
    --------
    >>> r2([2.5, 0.0, 2.0, 8.0], [3.0, -0.5, 2.0, 7.0])
    0.9486081370449679
    """
    ys, ts = _numbers("r2", outputs, targets)
    rest, spread = np.square(ts - ys).sum(axis=0), np.square(ts - ts.mean(axis=0)).sum(axis=0)
    with np.errstate(all="ignore"):
        explained = np.where(spread > 0, 1 - rest / spread, np.where(rest > 0, 0.0, 1.0))
    return float(np.mean(explained))


@checked_keywords
def mean_absolute_error(outputs: Items, targets: Items) -> float:
    """Return the mean of |output - target|.

    Examples
    --------
    >>> mean_absolute_error([3.0, 1.0], [1.0, 1.0])
    1.0
    """
    ys, ts = _numbers("mean_absolute_error", outputs, targets)
    return float(np.mean(np.abs(ys - ts)))


def check_class_targets(targets: NDArray[Any], threshold: float) -> None:
    """Refuse targets that are no classes, whatever the model's outputs are.

    Examples
    --------
    >>> check_class_targets(np.array([1, -1]), 0.5)
    Traceback (most recent call last):
    ValueError: target 1 is -1, but classes are whole numbers from 0; for -1 and 1 give scores
    with threshold=0, or targets (Y > 0)
    """
    array = _array(targets, "targets")
    if array.ndim == 2:
        _one_hot(array)
    elif not (threshold == 0 and _are_signs(array)):
        _refuse_first(array, array < 0, "but classes are whole numbers from 0")


@checked_keywords
def confusion_matrix(
    predicted: Items,
    actual: Items,
    classes: int | None = None,
) -> NDArray[np.int64]:
    """Count samples: row by actual class, column by predicted class.

    Examples
    --------
    >>> confusion_matrix(predicted=[0, 1, 1], actual=[0, 1, 0])
    array([[1, 1],
           [0, 1]])

    Classes are numbers or one-hot rows, as `accuracy` takes them.
    """
    columns, rows = _class_numbers(predicted, "predicted"), _class_numbers(actual, "actual")
    if len(rows) != len(columns):
        raise ValueError(f"got {len(columns)} predicted and {len(rows)} actual classes")
    size = int(max(rows.max(initial=-1), columns.max(initial=-1))) + 1
    if classes is not None and size > whole_number("classes", classes):
        raise ValueError(f"class {size - 1} is not among {classes} classes, 0 to {classes - 1}")
    if size > MAX_CLASSES:
        raise ValueError(
            f"class {size - 1} would make a matrix of {size} rows and columns, more than "
            f"{MAX_CLASSES}: number the classes from 0, such as np.unique(Y, return_inverse=True)"
        )
    matrix = np.zeros((classes or size,) * 2, dtype=np.int64)
    np.add.at(matrix, (rows, columns), 1)
    return matrix


def _class_numbers(items: Items, role: str) -> NDArray[np.intp]:
    """Return class numbers, one a sample; one-hot rows count as such."""
    array = _array(items, f"{role} classes")
    if array.ndim == 2:
        return _one_hot(array)
    wrong = (array < 0) | (array != np.floor(array))
    if wrong.any():
        index = int(wrong.argmax())
        raise ValueError(
            f"{role} class {index} is {array[index]:g}, but classes are whole numbers from 0: "
            "of outputs take predict_classes(outputs)"
        )
    return array.astype(np.intp)


def _both(name: str, outputs: Items, targets: Items) -> tuple[NDArray[np.float64], ...]:
    """Return outputs and targets as arrays, as many of both."""
    ys, ts = _array(outputs, "outputs"), _array(targets, "targets")
    if len(ys) != len(ts) or not len(ys):
        row = "; of a row of outputs, one a sample, take .ravel()" if len(ys) == 1 else ""
        raise ValueError(
            f"{name} needs as many targets as outputs (and at least one), "
            f"got {len(ys)} outputs and {len(ts)} targets{row}",
        )
    if len(ys) == 1 and ys.ndim == ts.ndim == 2:
        raise ValueError(
            f"one row of {ys.shape[1]} outputs and one row of {ts.shape[1]} targets: for one "
            "output a sample take .ravel() of both, for one sample give the target's class number",
        )
    return ys, ts


def _both_classes(
    name: str, outputs: Items, targets: Items, threshold: float | None
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the predicted and the actual classes."""
    (ys, ts), limit = _both(name, outputs, targets), _limit(threshold)
    return _classes(ys, limit), _target_classes(ys, ts, limit)


def _over_classes(
    name: str,
    outputs: Items,
    targets: Items,
    threshold: float | None,
    share: Callable[[Any, Any, Any], Any],
) -> float:
    """Return a share of class 1, or its mean over all classes, of which there are more than two.

    It is computed of how many samples of a class were predicted rightly, how many were predicted as
    of that class, and how many are.
    """
    predicted, actual = _both_classes(name, outputs, targets, threshold)
    labels = np.union1d(predicted, actual)
    labels = np.array([1]) if labels[-1] <= 1 else labels
    said, true = (
        (row[None] == labels[:, None]).sum(axis=1).astype(float) for row in (predicted, actual)
    )
    hit = ((predicted == actual) & (actual == labels[:, None])).sum(axis=1).astype(float)
    with np.errstate(all="ignore"):
        shares = np.where(hit > 0, share(hit, said, true), 0.0)
    return float(np.mean(shares))


def _scores(
    name: str, outputs: Items, targets: Items, threshold: float | None
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return outputs of any size, and the actual classes."""
    (ys, ts), limit = _both(name, outputs, targets), _limit(threshold)
    if ys.ndim == 1:
        limit = limit if _are_signs(ts) else PROBABLE  # the targets alone say what classes are
    return ys, _target_classes(ys, ts, limit)


def _area(scores: NDArray[np.float64], is_class: NDArray[np.bool_], label: int) -> float:
    """Return the share of pairs, one of a class and one of another, in the right order."""
    inside, outside = int(is_class.sum()), int((~is_class).sum())
    if not inside or not outside:
        which = "no sample is" if not inside else "all samples are"
        raise ValueError(f"roc_auc compares classes, but {which} of class {label}")
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks = (last - (counts - 1) / 2)[places]  # of equal scores, the mean of theirs
    return float((ranks[is_class].sum() - inside * (inside + 1) / 2) / (inside * outside))


def _numbers(name: str, outputs: Items, targets: Items) -> tuple[NDArray[np.float64], ...]:
    """Return outputs and targets of one shape."""
    ys, ts = _both(name, outputs, targets)
    if ys.shape != ts.shape:
        raise ValueError(f"targets of shape {ts.shape} do not fit outputs of shape {ys.shape}")
    return ys, ts


def _array(items: Items, role: str) -> NDArray[np.float64]:
    """Return one number a sample, (n,), or a row a sample, (n, k); a column is (n,)."""
    if is_masked(items):
        raise TypeError(f"{role} are masked: leave the masked samples out of both")
    if isinstance(items, np.ndarray) and items.dtype.kind in "biuf":
        array = items.astype(np.float64)
    else:
        nested = plain(items)
        if not isinstance(nested, Iterable) or isinstance(nested, str | bytes | Value):
            raise TypeError(error_text(role, items, "a list or an array, an entry a sample"))
        rows = [plain(item) for item in nested]
        widths = {len(row) if isinstance(row, list | tuple) else 0 for row in rows}
        if len(widths) > 1:
            raise ValueError(f"{role} of one shape are needed, got rows of different lengths")
        array = np.array(
            [
                [_number(item) for item in row] if isinstance(row, list | tuple) else _number(row)
                for row in rows
            ],
            dtype=np.float64,
        )
    if array.ndim not in {1, 2}:
        raise ValueError(error_text(role, items, "one number or one row a sample"))
    if np.isnan(array).any():
        raise ValueError(f"{role} hold a nan at {np.argwhere(np.isnan(array))[0].tolist()}")
    return array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array


def _classes(outputs: NDArray[np.float64], threshold: float | None) -> NDArray[np.intp]:
    """Return the class that each sample's output stands for; of equal outputs, the first."""
    if outputs.ndim == 2:
        largest: NDArray[np.intp] = outputs.argmax(axis=1)
        return largest
    if threshold is not None:
        return (outputs > threshold).astype(np.intp)
    if _are_classes(outputs):
        return outputs.astype(np.intp)
    low, high = outputs.min(), outputs.max()
    if low < 0 or high > 1:
        raise ValueError(
            f"outputs from {low:g} to {high:g} are neither probabilities nor classes: "
            "for logits and scores give threshold=0",
        )
    return (outputs > PROBABLE).astype(np.intp)


def _check_one_row(outputs: NDArray[np.float64]) -> None:
    """Refuse a single row of probabilities that are no distribution over classes."""
    if len(outputs) != 1 or outputs.min() < 0 or outputs.max() > 1:
        return
    total = outputs.sum()
    if abs(total - 1) > ROUNDED:
        raise ValueError(
            f"one row of {outputs.size} probabilities with the sum {total:g} is no distribution "
            "over classes: if each is a sample's, take .ravel(); for the largest, np.argmax",
        )


def _target_classes(
    outputs: NDArray[np.float64], targets: NDArray[np.float64], threshold: float | None
) -> NDArray[np.intp]:
    """Return the targets' classes, each of which must be one that the outputs can mean."""
    rows = outputs.ndim == 2
    if targets.ndim == 2:
        if rows and targets.shape != outputs.shape:
            raise ValueError(
                f"targets of shape {targets.shape} do not fit outputs of shape {outputs.shape}"
            )
        targets = _one_hot(targets).astype(np.float64)
    if not rows and threshold == 0 and _are_signs(targets):
        return (targets > 0).astype(np.intp)
    if not rows and threshold is None and _are_classes(outputs):
        if not (_are_signs(targets) and _are_signs(outputs)):
            _refuse_first(targets, targets < 0, "these classes are whole numbers from 0")
        return targets.astype(np.intp)
    last = outputs.shape[1] - 1 if rows else 1
    named = f"the classes of these outputs are 0 {'and' if last == 1 else 'to'} {last}"
    _refuse_first(targets, (targets < 0) | (targets > last), named)
    return targets.astype(np.intp)


def _one_hot(rows: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the classes of one-hot rows."""
    wrong = ((rows != 0) & (rows != 1)).any(axis=1) | (rows.sum(axis=1) != 1)
    if wrong.any():
        index = int(wrong.argmax())
        raise ValueError(
            f"target {index} is {rows[index].tolist()}, which is not one-hot: a sample has one "
            "class here; of several labels a sample, judge each column by itself",
        )
    ones: NDArray[np.intp] = rows.argmax(axis=1)
    return ones


def _refuse_first(targets: NDArray[np.float64], wrong: NDArray[np.bool_], allowed: str) -> None:
    """Raise ValueError for the first target that is wrong or not whole."""
    wrong = wrong | (targets != np.floor(targets))
    if wrong.any():
        index = int(wrong.argmax())
        signs = "; for -1 and 1 give scores with threshold=0, or targets (Y > 0)"
        raise ValueError(
            f"target {index} is {targets[index]:g}, {allowed}"
            f"{signs if _are_signs(targets) else ''}",
        )


def _are_classes(numbers: NDArray[np.float64]) -> bool:
    """Tell class numbers, whole from 0 or all -1 and 1, from probabilities and scores."""
    whole = np.isfinite(numbers).all() and (numbers == np.floor(numbers)).all()
    return bool(whole and ((numbers >= 0).all() or _are_signs(numbers)))


def _are_signs(numbers: NDArray[np.float64]) -> bool:
    """Tell whether all are -1 or 1."""
    return bool((np.abs(numbers) == 1).all())


def _limit(threshold: float | None) -> float | None:
    if threshold is None:
        return None
    limit = real_number("threshold", threshold, finite=False)
    if np.isnan(limit):
        raise ValueError(error_text("threshold", threshold, "a number", "no output is above nan"))
    return limit


def _number(item: Any) -> float:
    """Return the number of one output or target."""
    return item.data if isinstance(item, Value) else as_float(item, "an output or target")


Score: TypeAlias = Callable[[Items, Items], float]


@dataclass(frozen=True)
class Metric:
    """An entry of the table of metrics.

    Parameters
    ----------
    name, function
        What `fit` takes, and what it computes of the outputs and the targets of all samples.
    classes
        Whether it compares classes: `fit` then checks the targets before it trains, and the
        function takes ``threshold``, above which a single output means class 1.
    threshold
        That of the loss.

    Examples
    --------
    >>> METRICS["accuracy"]([0.2, 0.7], [0, 1])
    1.0
    """

    name: str
    function: Callable[..., float]
    classes: bool = False
    threshold: float = 0.5

    def __call__(self, outputs: Items, targets: Items) -> float:
        """Compute the metric."""
        if self.classes:
            return self.function(outputs, targets, threshold=self.threshold)
        return self.function(outputs, targets)

    def check_targets(self, targets: NDArray[np.float64]) -> None:
        """Refuse targets that are no classes, where classes are compared."""
        if self.classes:
            check_class_targets(targets, self.threshold)


METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        entry.name: entry
        for entry in (
            Metric("accuracy", accuracy, classes=True),
            Metric("precision", precision, classes=True),
            Metric("recall", recall, classes=True),
            Metric("f1", f1, classes=True),
            Metric("roc_auc", roc_auc, classes=True),
            Metric("top_k_accuracy", top_k_accuracy, classes=True),
            Metric("r2", r2),
            Metric("mae", mean_absolute_error),
        )
    }
)


def resolve_metrics(
    metrics: str | Score | Iterable[str | Score], threshold: float = 0.5
) -> dict[str, Metric]:
    """Return metrics by name: of names, functions of outputs and targets, or a mixture.

    Examples
    --------
    >>> resolve_metrics("accuracy", threshold=0.0)["accuracy"]([-1.0, 0.2], [0, 1])
    1.0
    >>> resolve_metrics(["acuracy"])
    Traceback (most recent call last):
    ValueError: metrics: got a str ('acuracy'); allowed: 'accuracy', ...; did you mean 'accuracy'?
    """
    if isinstance(metrics, str) or callable(metrics) or not isinstance(metrics, Iterable):
        metrics = [metrics]
    entries = [_entry(metric) for metric in metrics]
    return {entry.name: replace(entry, threshold=threshold) for entry in entries}


def _entry(metric: str | Score) -> Metric:
    """Return the table's entry of a name or a function, or make one of a function."""
    if not callable(metric):
        allowed = "a function of outputs and targets, or a list of these"
        return entry_of("metrics", metric, METRICS, otherwise=allowed)
    entries = (entry for entry in METRICS.values() if entry.function is metric)
    return next(entries, Metric(getattr(metric, "__name__", type(metric).__name__), metric))
