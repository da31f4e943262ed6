"""Metrics of classifiers: predicted classes, accuracy, the confusion matrix."""

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

Items: TypeAlias = Sequence[Any] | NDArray[Any]
MAX_CLASSES = 10_000  # of a confusion matrix: 800 MB
PROBABLE = 0.5  # a probability above it is for class 1
ROUNDED = 1e-3  # by which the probabilities of all classes may miss 1, being printed or float32


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
    ys, ts, limit = _array(outputs, "outputs"), _array(targets, "targets"), _limit(threshold)
    if len(ys) != len(ts) or not len(ys):
        row = "; of a row of outputs, one a sample, take .ravel()" if len(ys) == 1 else ""
        raise ValueError(
            "accuracy needs as many targets as outputs (and at least one), "
            f"got {len(ys)} outputs and {len(ts)} targets{row}",
        )
    if len(ys) == 1 and ys.ndim == ts.ndim == 2:
        raise ValueError(
            f"one row of {ys.shape[1]} outputs and one row of {ts.shape[1]} targets: for one "
            "output a sample take .ravel() of both, for one sample give the target's class number",
        )
    return float(np.mean(_classes(ys, limit) == _target_classes(ys, ts, limit)))


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
    {entry.name: entry for entry in (Metric("accuracy", accuracy, classes=True),)}
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
    ValueError: metrics: got a str ('acuracy'); allowed: 'accuracy' or ...; did you mean 'accuracy'?
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
