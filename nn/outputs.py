"""What a model's outputs mean, and the probabilities and classes that they stand for."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd._checks import real_number
from autograd.compiler.cache import Uncaptured
from nn.engines.forward import model_outputs
from nn.losses import Loss

Array = NDArray[np.float64]


@dataclass(frozen=True)
class OutputKind(Uncaptured):
    """What outputs are, and the threshold above which a single one means class 1.

    ``kind`` is "probabilities", "logits" (before a sigmoid or softmax), "scores" (whose sign says
    the class) or "numbers". ``classes`` are the names of classes, if they have any: texts, or
    numbers that are not those from 0.
    """

    kind: str
    threshold: float
    classes: tuple[Any, ...] = ()

    def probabilities(self, outputs: Array) -> Array:
        """Return a row of probabilities a sample: those of class 0 and 1 for a single output.

        >>> OutputKind("logits", 0.0).probabilities(np.array([0.0, 1000.0]))
        array([[0.5, 0.5],
               [0. , 1. ]])
        >>> OutputKind("logits", 0.0).probabilities(np.array([[0.0, 1000.0]]))
        array([[0., 1.]])
        """
        if self.kind == "logits" and outputs.ndim > 1:
            powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
            return np.asarray(powers / powers.sum(axis=1, keepdims=True))
        if outputs.ndim > 1:
            return outputs
        if self.kind == "logits":
            with np.errstate(over="ignore"):
                return np.stack([1 / (1 + np.exp(outputs)), 1 / (1 + np.exp(-outputs))], axis=1)
        return np.stack([1 - outputs, outputs], axis=1)


def kind_of_loss(loss: Loss, classes: tuple[str, ...] = ()) -> OutputKind:
    """Return what the outputs of a model are that was trained with a loss.

    >>> from nn.losses import LOSSES
    >>> kind_of_loss(LOSSES["hinge"]).kind, kind_of_loss(LOSSES["mse"]).threshold
    ('scores', 0.5)
    """
    kind = "scores" if loss.targets == "signs" else loss.takes
    return OutputKind(kind, loss.threshold, classes)


def kind_of(model: Any, op: str | None) -> OutputKind | None:
    """Return what a model's outputs are: by the operation that makes them, else by its training."""
    if op in {"sigmoid", "softmax"}:
        return OutputKind("probabilities", 0.5)
    return getattr(model, "output_kind", None)


def probabilities_for(model: Any, X: Any) -> Array:
    """Return the probabilities of a model's classes; see `Module.predict_proba`."""
    outputs, op = model_outputs(model, X)
    kind = kind_of(model, op)
    if kind is None or kind.kind not in {"probabilities", "logits"}:
        are = "unknown" if kind is None else kind.kind
        raise ValueError(
            f"the outputs of this {type(model).__name__} are {are}, not probabilities: give it "
            "output='sigmoid' or 'softmax', or train it with a cross-entropy"
        )
    return kind.probabilities(outputs)


def classes_for(model: Any, X: Any, threshold: float | None = None) -> NDArray[Any]:
    """Return the class of each sample; see `Module.predict_classes`."""
    names = getattr(model, "classes_", None)
    numbers = _class_numbers(model, X, threshold)
    return numbers if names is None else names[numbers]


def _class_numbers(model: Any, X: Any, threshold: float | None) -> NDArray[np.intp]:
    outputs, op = model_outputs(model, X)
    if outputs.ndim > 1:
        return np.asarray(outputs.argmax(axis=1))
    kind = kind_of(model, op)
    if threshold is None and kind is None:
        raise ValueError(
            f"this {type(model).__name__} has one output, which is no probability: give the "
            "threshold above which it means class 1, 0 for a logit, or train it with nn.fit"
        )
    limit = kind.threshold if threshold is None and kind else real_number("threshold", threshold)
    return np.asarray(outputs > limit, np.intp)
