"""Judge a classifier: classes from outputs, accuracy, confusion matrix."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from autograd import Value, no_grad
from autograd.numbers import as_float
from nn.basics.inputs import plain
from nn.basics.names import count, pick, real

Items: TypeAlias = Sequence[Any] | NDArray[Any]


def predict(model: Any, X: Any) -> NDArray[np.float64]:
    """Return a model's outputs for a batch as numbers: shape (n,) for one output, else (n, k).

    No graph is kept.

    Examples
    --------
    >>> import nn
    >>> predict(nn.MLP(2, [3, 1], init="zeros"), [[1.0, 2.0], [3.0, 4.0]])
    array([0., 0.])
    """
    with no_grad():
        outputs = [model(sample) for sample in plain(X)]
        return np.array(
            [
                [float(y) for y in output] if isinstance(output, list | tuple) else float(output)
                for output in outputs
            ],
            dtype=np.float64,
        )


def predict_classes(outputs: Items, threshold: float = 0.5) -> list[int]:
    """Return each sample's class: of several outputs the largest, of one whether it is above.

    `outputs` is what a model returns for a batch, or `predict`. The threshold of
    probabilities is 0.5, of logits and hinge scores 0.

    Examples
    --------
    >>> predict_classes([0.2, 0.7]), predict_classes([[0.1, 2.0, 0.3], [5.0, 1.0, 1.0]])
    ([0, 1], [1, 0])
    """
    threshold = real("threshold", threshold)
    return [_class(output, threshold) for output in plain(outputs)]


def accuracy(outputs: Items, targets: Items, threshold: float = 0.5) -> float:
    """Return the share of samples whose class is the target's.

    Targets are class numbers or one-hot lists; with a single output they are 0 and 1 or, with a
    threshold of 0, perhaps -1 and 1.

    Examples
    --------
    >>> accuracy([0.2, 0.7, 0.9, 0.4], [0, 1, 0, 0])
    0.75
    >>> accuracy([[0.1, 2.0], [5.0, 1.0]], [1, 0])
    1.0
    """
    outputs, targets, threshold = plain(outputs), plain(targets), real("threshold", threshold)
    if len(outputs) != len(targets) or not len(outputs):
        raise ValueError(
            "accuracy needs as many targets as outputs (and at least one), "
            f"got {len(outputs)} outputs and {len(targets)} targets",
        )
    right = sum(
        _class(output, threshold) == _target(output, target, threshold)
        for output, target in zip(outputs, targets, strict=True)
    )
    return right / len(outputs)


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
    """
    columns = [count("a predicted class", label, 0) for label in predicted]
    rows = [count("an actual class", label, 0) for label in actual]
    if len(rows) != len(columns):
        raise ValueError(f"got {len(columns)} predicted and {len(rows)} actual classes")
    size = max([*rows, *columns], default=-1) + 1
    if classes is not None and size > count("classes", classes):
        raise ValueError(f"class {size - 1} is not among {classes} classes, 0 to {classes - 1}")
    matrix = np.zeros((classes or size,) * 2, dtype=np.int64)
    np.add.at(matrix, (rows, columns), 1)
    return matrix


def _class(output: Any, threshold: float) -> int:
    """Return the class that one sample's output stands for; of equal outputs, the first."""
    if not isinstance(output, list | tuple):
        return int(_number(output) > threshold)
    numbers = [_number(item) for item in output]
    return numbers.index(max(numbers))


def _target(output: Any, target: Any, threshold: float) -> int:
    """Return the class of a target: a number or one-hot list, or with one output, its side."""
    if isinstance(output, list | tuple):
        return (
            _class(target, threshold) if isinstance(target, list | tuple) else int(_number(target))
        )
    return int(_number(target) > threshold)


def _number(item: Any) -> float:
    """Return the number of one output or target."""
    return item.data if isinstance(item, Value) else as_float(item, "an output or target")


Metric = Callable[[Items, Items], float]
METRICS: Mapping[str, Callable[..., float]] = MappingProxyType({"accuracy": accuracy})


def find(
    metrics: str | Metric | Iterable[str | Metric],
    threshold: float = 0.5,
) -> dict[str, Metric]:
    """Return metrics by name: of names, functions of outputs and targets, or a mixture.

    Examples
    --------
    >>> find("accuracy", threshold=0.0)["accuracy"]([-1.0, 0.2], [0, 1])
    1.0
    >>> find(["acuracy"])
    Traceback (most recent call last):
    ValueError: there is no metric 'acuracy', did you mean 'accuracy'? It can be accuracy or ...
    """
    alone = isinstance(metrics, str) or callable(metrics)
    chosen: dict[str, Metric] = {}
    for metric in [metrics] if alone else metrics:  # type: ignore[union-attr]
        if callable(metric):
            chosen[getattr(metric, "__name__", type(metric).__name__)] = metric
        else:
            function = pick("metric", metric, METRICS, "a function of outputs and targets")
            chosen[str(metric)] = partial(function, threshold=threshold)
    return chosen
