"""Losses: how wrong a prediction is, as one Value; 0 is right.

Each takes a prediction (a Value or number) with its target, or equally shaped lists of both, and
then returns the mean.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import autograd
from autograd import Value
from autograd.errors import shown
from nn.inputs import plain
from nn.names import count, in_range, pick
from nn.pairs import as_value, mean_over

_SMALL = 1e-290  # below it 1/p in the gradient of log(p) comes near the largest float


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
        if not isinstance(t, Value) and t not in {-1, 1}:
            raise ValueError(f"hinge needs targets of -1 or 1, got {t}")
        return autograd.relu(1 - t * p)

    return mean_over("hinge", term, prediction, target)


def binary_cross_entropy(probability: Any, target: Any) -> Value:
    """Return the mean of -(target log p + (1 - target) log(1 - p)).

    A target of 0 or 1 leaves one logarithm, so a right prediction of exactly 0 or 1 costs 0. Where
    a sigmoid was rounded to the wrong end (from about 37 on) the loss is taken from its
    input, and is as exact as `binary_cross_entropy_with_logits`; a wrong 0 or 1 that is
    no sigmoid's costs inf. Raises ValueError for what is no probability.

    Examples
    --------
    >>> from autograd import Value
    >>> p = Value(0.5)
    >>> loss = binary_cross_entropy(p, 1)
    >>> loss.backward()
    >>> round(loss.data, 3), p.grad
    (0.693, -2.0)
    >>> binary_cross_entropy(Value(0.0), 0).data
    0.0
    """

    def term(p: Any, t: Any) -> Any:
        _check_probability("prediction", p)
        _check_probability("target", t)
        lost = (p <= 0 and t > 0) or (p >= 1 and t < 1)
        if lost and isinstance(p, Value) and p.op == "sigmoid":
            return _from_logit(p.inputs[0], t)
        return _mix(t, lambda: -autograd.log(p), lambda: -autograd.log1p(-p))

    return mean_over("binary_cross_entropy", term, probability, target)


def binary_cross_entropy_with_logits(logit: Any, target: Any) -> Value:
    """Return the mean binary cross-entropy of sigmoid(logit), exact for any logit.

    With a target y it is y softplus(-logit) + (1 - y) softplus(logit).

    Examples
    --------
    >>> from autograd import Value
    >>> z = Value(-1000.0)
    >>> loss = binary_cross_entropy_with_logits(z, 1)
    >>> loss.backward()
    >>> loss.data, z.grad
    (1000.0, -1.0)
    """

    def term(z: Any, t: Any) -> Any:
        _check_probability("target", t)
        return _from_logit(z, t)

    return mean_over("binary_cross_entropy_with_logits", term, logit, target)


def cross_entropy(logits: Any, target: Any) -> Value:
    """Return logsumexp(logits) - logits[target] for a class number, or the mean over a batch.

    One node of the graph. The outputs of a softmax are recognised: the loss is then the same
    number, -log(outputs[target]), and not a softmax of a softmax.

    Examples
    --------
    >>> from autograd import Value
    >>> logits = [Value(1000.0), Value(0.0)]
    >>> loss = cross_entropy(logits, 1)
    >>> loss.backward()
    >>> loss.data, [z.grad for z in logits]
    (1000.0, [1.0, -1.0])
    >>> cross_entropy(logits, 2)
    Traceback (most recent call last):
    ValueError: cross_entropy needs a class from 0 to 1 for 2 logits, got 2
    """
    scores, classes = plain(logits), plain(target)
    if not isinstance(scores, list | tuple) or not scores:
        raise TypeError(f"cross_entropy needs a list of logits, got {shown(logits)}")
    if not isinstance(plain(scores[0]), list | tuple):
        return _one_of_many(scores, classes)
    if not isinstance(classes, list | tuple) or len(classes) != len(scores):
        raise ValueError(
            f"cross_entropy got {len(scores)} samples, but as target {shown(target)}",
        )
    pairs = zip(scores, classes, strict=True)
    return as_value(autograd.mean([_one_of_many(plain(row), label) for row, label in pairs]))


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

    Examples
    --------
    >>> find("hinge").threshold
    0.0
    """

    name: str
    function: Callable[[Any, Any], Value]
    threshold: float = 0.5


LOSSES: Mapping[str, Loss] = MappingProxyType(
    {
        loss.name: loss
        for loss in (
            Loss("binary_cross_entropy", binary_cross_entropy),
            Loss("binary_cross_entropy_with_logits", binary_cross_entropy_with_logits, 0.0),
            Loss("cross_entropy", cross_entropy),
            Loss("mse", mse),
            Loss("mae", mae),
            Loss("huber", huber),
            Loss("hinge", hinge, 0.0),
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


def _one_of_many(logits: Sequence[Any], target: Any) -> Value:
    """Return the cross-entropy of one sample."""
    label = count("the target of cross_entropy", target, 0)
    if label >= len(logits):
        raise ValueError(
            f"cross_entropy needs a class from 0 to {len(logits) - 1} "
            f"for {len(logits)} logits, got {label}",
        )
    chosen = logits[label]
    if isinstance(chosen, Value) and chosen.op == "softmax" and len(chosen.inputs) == len(logits):
        if chosen > _SMALL:
            return as_value(-autograd.log(chosen))
        logits = chosen.inputs
    return as_value(autograd.cross_entropy(list(logits), label))


def _mix(target: Any, when_one: Callable[[], Any], when_zero: Callable[[], Any]) -> Any:
    """Return target * one + (1 - target) * zero; what a plain 0 or 1 leaves out is not computed."""
    if not isinstance(target, Value) and target in {0, 1}:
        return when_one() if target else when_zero()
    return target * when_one() + (1 - target) * when_zero()


def _from_logit(logit: Any, target: Any) -> Any:
    """Return the binary cross-entropy of sigmoid(logit)."""
    return _mix(target, lambda: autograd.softplus(-logit), lambda: autograd.softplus(logit))


def _check_probability(role: str, number: Any) -> None:
    """Refuse what is below 0 or above 1; a NaN passes, as a NaN's loss is NaN."""
    if number < 0 or number > 1:
        got = number.data if isinstance(number, Value) else number
        raise ValueError(
            f"binary cross-entropy needs a {role} from 0 to 1, got {got}; "
            "for logits there is binary_cross_entropy_with_logits, for -1 and 1 there is hinge",
        )
