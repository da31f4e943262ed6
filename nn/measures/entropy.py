"""The cross-entropies: how improbable a prediction makes the target, exact at the edges."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

import autograd
from autograd import Value
from autograd.context import tracing
from autograd.errors import shown
from nn.basics.inputs import plain
from nn.basics.names import count
from nn.measures.pairs import as_value, mean_over

_LOW = 1e-300  # below it 1/p, in the gradient of log(p), can overflow
_HIGH = 0.999  # above it 1 - p loses more than 3 digits of 16: all of them at a logit of 37


def binary_cross_entropy(probability: Any, target: Any) -> Value:
    """Return the mean of -(target log p + (1 - target) log(1 - p)).

    A target of 0 or 1 leaves one logarithm, so a right prediction of exactly 0 or 1 costs 0. Where
    a sigmoid is sure and wrong (above 0.999, or below 1e-300) the loss is taken from its input,
    and is as exact as `binary_cross_entropy_with_logits`; a wrong 0 or 1 that is
    no sigmoid's costs inf. Raises ValueError for what is no probability. Targets that are Values,
    as in a compiled function, give the same numbers.

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
        if tracing() and isinstance(p, Value) and p.op == "sigmoid":
            return autograd.sigmoid_cross_entropy(p.inputs[0], t)  # the same at every target
        _check_probability("prediction", p)
        _check_probability("target", t)
        if isinstance(p, Value) and p.op == "sigmoid":
            lost = (p < _LOW and t > 0) or (p > _HIGH and t < 1)
            if lost:
                return _from_logit(p.inputs[0], t)
        if isinstance(t, Value) and (tracing() or p in (0, 1)):
            return _exact_at_ends(p, t)
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

    Raises ValueError for the output of a sigmoid or softmax, which is a probability already.
    """

    def term(z: Any, t: Any) -> Any:
        check_is_logit("binary_cross_entropy_with_logits", z)
        if isinstance(t, Value) and tracing():
            return autograd.sigmoid_cross_entropy(z, t)
        _check_probability("target", t)
        return _from_logit(z, t)

    return mean_over("binary_cross_entropy_with_logits", term, logit, target)


def cross_entropy(logits: Any, target: Any) -> Value:
    """Return logsumexp(logits) - logits[target] for a class number, or the mean over a batch.

    One node of the graph. The outputs of a softmax are recognised: the loss is then
    -log(outputs[target]), computed from their logits, and not a softmax of a softmax.

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
        alone = "; for one output a sample there is binary_cross_entropy_with_logits"
        raise TypeError(
            f"cross_entropy needs a list of logits, got {shown(logits)}"
            f"{alone if isinstance(scores, Value | float | int) else ''}"
        )
    if not isinstance(plain(scores[0]), list | tuple):
        return _one_of_many(scores, classes)
    if not isinstance(classes, list | tuple) or len(classes) != len(scores):
        raise ValueError(
            f"cross_entropy got {len(scores)} samples, but as target {shown(target)}",
        )
    pairs = zip(scores, classes, strict=True)
    return as_value(autograd.mean([_one_of_many(plain(row), label) for row, label in pairs]))


def _one_of_many(logits: Sequence[Any], target: Any) -> Value:
    """Return the cross-entropy of one sample."""
    if getattr(logits[0], "op", "") == "sigmoid":
        check_is_logit("cross_entropy", logits[0])
    if isinstance(target, Value):  # known when a compiled program runs
        whole = getattr(logits[0], "op", "") == "softmax"
        scores = logits[0].inputs[:-1] if whole else logits
        return as_value(autograd.cross_entropy(list(scores), target))
    if isinstance(target, list | tuple) and len(target) == len(logits):
        raise TypeError(
            f"the target of cross_entropy must be a whole number, got {shown(target)}; "
            "of one-hot rows take the positions of the ones: np.argmax(Y, axis=1)",
        )
    if isinstance(target, bool) or (isinstance(target, float) and target.is_integer()):
        target = int(target)  # a class read from a table of floats, or made by a comparison
    label = count("the target of cross_entropy", target, 0)
    if label >= len(logits):
        raise ValueError(
            f"cross_entropy needs a class from 0 to {len(logits) - 1} "
            f"for {len(logits)} logits, got {label}",
        )
    chosen = logits[label]
    if isinstance(chosen, Value) and chosen.op == "softmax":
        *logits, position = chosen.inputs  # so that a probability rounded to 0 costs no inf
        label = int(position.data)
    return as_value(autograd.cross_entropy(list(logits), label))


def _mix(target: Any, when_one: Callable[[], Any], when_zero: Callable[[], Any]) -> Any:
    """Return target * one + (1 - target) * zero; what a plain 0 or 1 leaves out is not computed."""
    if not isinstance(target, Value) and target in {0, 1}:
        return when_one() if target else when_zero()
    return target * when_one() + (1 - target) * when_zero()


def _from_logit(logit: Any, target: Any) -> Any:
    """Return the binary cross-entropy of sigmoid(logit)."""
    return _mix(target, lambda: autograd.softplus(-logit), lambda: autograd.softplus(logit))


def _exact_at_ends(probability: Any, target: Value) -> Any:
    """Return the loss where 0 log(0) may be met, which counts as 0: for numbers not known yet.

    The logarithm of a sure and right prediction is taken of 1: both numbers are at least 0, so
    their sum is 0 where both are.
    """
    p, q = probability, 1 - probability
    one = autograd.log(autograd.where(target + p, p, 1.0))
    zero = autograd.log1p(-autograd.where((1 - target) + q, p, 0.0))
    return -(target * one + (1 - target) * zero)


def check_is_logit(name: str, score: Any) -> None:
    """Refuse a probability where a logit is needed: the loss would take its sigmoid once more.

    Examples
    --------
    >>> from autograd import Value
    >>> check_is_logit("hinge", autograd.sigmoid(Value(0.0)))
    Traceback (most recent call last):
    ValueError: hinge needs logits, got the output of a sigmoid, which is a probability: take
    binary_cross_entropy, or output='linear'
    """
    made = score.op if isinstance(score, Value) else ""
    if made in {"sigmoid", "softmax"}:
        instead = "cross_entropy" if made == "softmax" else "binary_cross_entropy"
        raise ValueError(
            f"{name} needs logits, got the output of a {made}, which is a probability: "
            f"take {instead}, or output='linear'",
        )


def check_probabilities(targets: NDArray[Any], outputs: int | None = None) -> None:
    """Refuse targets of which one is below 0 or above 1.

    Examples
    --------
    >>> import numpy as np
    >>> check_probabilities(np.array([0, 1, -1]))
    Traceback (most recent call last):
    ValueError: binary cross-entropy needs a target from 0 to 1, got -1; ...
    """
    del outputs
    for number in targets.min(initial=0), targets.max(initial=1):
        _check_probability("target", number.item())


def check_classes(targets: NDArray[Any], outputs: int | None = None) -> None:
    """Refuse targets of which one is not the number of a class; `outputs` is how many there are.

    It is an IndexError, as where a program selects with it.

    Examples
    --------
    >>> import numpy as np
    >>> check_classes(np.array([0, 2, 3]), outputs=3)
    Traceback (most recent call last):
    IndexError: target 2, a class, selects with 3; allowed are the whole numbers 0 to 2
    """
    wrong = (targets < 0) | (targets != np.floor(targets))
    allowed = "from 0"
    if outputs is not None and outputs > 1 and targets.ndim == 1:
        wrong |= targets >= outputs
        allowed = f"0 to {outputs - 1}"
    if wrong.any():
        place = np.argwhere(wrong)[0].tolist()
        where = place[0] if len(place) == 1 else tuple(place)
        raise IndexError(
            f"target {where}, a class, selects with {targets[tuple(place)].item()}; "
            f"allowed are the whole numbers {allowed}"
        )


def _check_probability(role: str, number: Any) -> None:
    """Refuse what is below 0 or above 1; a NaN passes, as a NaN's loss is NaN."""
    if number < 0 or number > 1:
        if isinstance(number, Value):  # whose number a trace does not give away
            got = "one that is not" if tracing() else f"{number.data}"
        else:
            got = f"{number}"
        raise ValueError(
            f"binary cross-entropy needs a {role} from 0 to 1, got {got}; for logits there is "
            "binary_cross_entropy_with_logits, for -1 and 1 there is hinge, or (Y + 1) / 2",
        )
