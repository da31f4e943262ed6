"""Losses: how wrong a prediction is, as one Value; 0 is right.

Each takes a prediction (a Value or number) with its target, or equally shaped lists of both, and
then returns the mean.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

import autograd
from autograd import Value
from nn.basics.names import in_range, pick
from nn.measures.entropy import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    check_classes,
    check_is_logit,
    check_probabilities,
    cross_entropy,
)
from nn.measures.pairs import as_value, mean_over


def mse(prediction: Any, target: Any) -> Value:
    """Return the mean of (prediction - target)².

    Examples
    --------
    >>> from autograd import Value
    >>> mse(Value(3.0), 1.0).data, mse([Value(3.0), Value(0.0)], [1.0, 0.0]).data
    (4.0, 2.0)
    """
    return mean_over("mse", lambda p, t: autograd.square(p - t), prediction, target)


def mae(prediction: Any, target: Any) -> Value:
    """Return the mean of |prediction - target|; its gradient where both are equal is 0.

    Examples
    --------
    >>> from autograd import Value
    >>> mae(Value(3.0), 1.0).data
    2.0
    """
    return mean_over("mae", lambda p, t: autograd.abs(p - t), prediction, target)


def huber(prediction: Any, target: Any, delta: float = 1.0) -> Value:
    """Return the mean of d²/2 where |d| <= delta, else of delta (|d| - delta/2).

    Here d = prediction - target. Source: Huber, Robust estimation of a location parameter, 1964.

    Examples
    --------
    >>> from autograd import Value
    >>> huber(Value(1.5), 1.0).data, huber(Value(4.0), 1.0).data
    (0.125, 2.5)
    """
    delta = in_range("delta", delta, open_low=True)

    def term(p: Any, t: Any) -> Any:
        d = p - t
        near = autograd.clip(d, -delta, delta)
        return near * (d - near / 2)  # both cases at once, so that the graph is always the same

    return mean_over("huber", term, prediction, target)


def hinge(prediction: Any, target: Any) -> Value:
    """Return the mean of max(0, 1 - target * prediction); the targets are -1 and 1.

    Examples
    --------
    >>> from autograd import Value
    >>> hinge(Value(0.25), 1).data, hinge(Value(3.0), 1).data
    (0.75, 0.0)
    """

    def term(p: Any, t: Any) -> Any:
        check_is_logit("hinge", p)
        if not isinstance(t, Value):
            _check_signs(np.array([t]))
        return autograd.relu(1 - t * p)

    return mean_over("hinge", term, prediction, target)


def _check_signs(targets: NDArray[Any], outputs: int | None = None) -> None:
    """Refuse targets of hinge that are neither -1 nor 1."""
    del outputs
    wrong = targets[np.abs(targets) != 1]
    if wrong.size:
        raise ValueError(f"hinge needs targets of -1 or 1, got {wrong[0].item()}")


def l2_penalty(parameters: Sequence[Value], strength: float) -> Value:
    """Return strength times the sum of the squares of the parameters.

    Its gradient is 2 strength p; an optimiser's `weight_decay` of 2 strength does the same to SGD.

    Examples
    --------
    >>> from autograd import Value
    >>> l2_penalty([Value(3.0), Value(4.0)], 0.1).data
    2.5
    """
    strength = in_range("strength", strength)
    return as_value(strength * autograd.dot(list(parameters), list(parameters)))


@dataclass(frozen=True)
class Loss:
    """A loss, its name, and the threshold above which one output means class 1 under it.

    `takes` says what a prediction is: "probabilities", "logits" or any "numbers". `check` raises
    ValueError for an array of targets that the loss has no meaning for, given how many outputs the
    model has where that is known: a program that was traced does not look at them. A function of
    the user's own may give targets any meaning, nan too, and has no check.

    Examples
    --------
    >>> find("hinge").threshold
    0.0
    """

    name: str
    function: Callable[[Any, Any], Value]
    threshold: float = 0.5
    takes: str = "numbers"
    check: Callable[[NDArray[Any], int | None], None] | None = None


def _any_number(targets: NDArray[Any], outputs: int | None = None) -> None:
    """Accept all finite targets."""
    del targets, outputs


LOSSES: Mapping[str, Loss] = MappingProxyType(
    {
        loss.name: loss
        for loss in (
            Loss(
                "binary_cross_entropy",
                binary_cross_entropy,
                takes="probabilities",
                check=check_probabilities,
            ),
            Loss(
                "binary_cross_entropy_with_logits",
                binary_cross_entropy_with_logits,
                0.0,
                "logits",
                check_probabilities,
            ),
            Loss("cross_entropy", cross_entropy, takes="logits", check=check_classes),
            Loss("mse", mse, check=_any_number),
            Loss("mae", mae, check=_any_number),
            Loss("huber", huber, check=_any_number),
            Loss("hinge", hinge, 0.0, "logits", _check_signs),
        )
    },
)


def find(loss: str | Callable[[Any, Any], Value]) -> Loss:
    """Return the loss of a name, or make one of a function of a prediction and a target.

    Examples
    --------
    >>> find("mse").function is mse
    True
    >>> find("mes")
    Traceback (most recent call last):
    ValueError: there is no loss 'mes', did you mean 'mse'? It can be binary_cross_entropy, ...
    """
    if not callable(loss):
        return pick("loss", loss, LOSSES, "a function of a prediction and a target")
    named = (known for known in LOSSES.values() if known.function is loss)
    return next(named, Loss(getattr(loss, "__name__", "loss"), loss))
