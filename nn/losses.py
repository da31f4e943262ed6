"""Loss functions.

Each takes a prediction (a `Value` or number) and its target, or equally shaped lists of both, and
returns the loss, or the mean of the losses, as one `Value`; `cross_entropy` takes a list of logits
and a class number.

The cross-entropies are numerically stable: a probability near 0 or 1 has lost the digits that its
logarithm needs, so if a prediction is the output of a sigmoid or softmax, the loss is computed from
the input of that node, the logit.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

import autograd
from autograd import Value, constant
from autograd._checks import checked_keywords, entry_of, error_text, real_number, whole_number
from autograd.context import tracing
from autograd.errors import shown
from nn._utils import plain

Term = Callable[[Any, Any], Any]
_LOW = 1e-300  # below it 1/p, in the gradient of log(p), can overflow
ROUNDED = 1e-3  # by which probabilities of all classes may miss 1, being printed or float32
_HIGH = 0.999  # above it 1 - p loses more than 3 digits of 16: all of them at a logit of 37


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


@checked_keywords
def huber(prediction: Any, target: Any, delta: float = 1.0) -> Value:
    """Return the mean of d²/2 where |d| <= delta, else of delta (|d| - delta/2).

    Here d = prediction - target. Source: Huber, Robust estimation of a location parameter, 1964.

    Examples
    --------
    >>> from autograd import Value
    >>> huber(Value(1.5), 1.0).data, huber(Value(4.0), 1.0).data
    (0.125, 2.5)
    """
    delta = real_number("delta", delta, 0, open_low=True)

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


@checked_keywords
def l2_penalty(parameters: Sequence[Value], strength: float) -> Value:
    """Return strength times the sum of the squares of the parameters.

    Its gradient is 2 strength p, the same as that of SGD's ``weight_decay`` of 2 strength.

    Examples
    --------
    >>> from autograd import Value
    >>> l2_penalty([Value(3.0), Value(4.0)], 0.1).data
    2.5
    """
    strength = real_number("strength", strength, 0)
    return as_value(strength * autograd.dot(list(parameters), list(parameters)))


@checked_keywords
def l1_penalty(parameters: Sequence[Value], strength: float) -> Value:
    """Return strength times the sum of the absolute values of the parameters.

    Examples
    --------
    >>> from autograd import Value
    >>> l1_penalty([Value(3.0), Value(-4.0)], 0.5).data
    3.5
    """
    strength = real_number("strength", strength, 0)
    return as_value(strength * autograd.sum([autograd.abs(p) for p in parameters]))


PENALTIES: Mapping[str, Callable[[Sequence[Value], float], Value]] = MappingProxyType(
    {"l1": l1_penalty, "l2": l2_penalty}
)
# Of parameters that named penalties leave alone: they shift or scale signals, and fit no noise.
UNPENALISED = {"b", "bias", "gain"}


@dataclass(frozen=True)
class Penalty:
    """The sum of penalties by name, on all parameters but biases and gains.

    Examples
    --------
    >>> import nn
    >>> neuron = nn.Neuron(2)
    >>> neuron.w[0].data, neuron.w[1].data, neuron.b.data = 3.0, -4.0, 100.0
    >>> Penalty((("l1", 1.0), ("l2", 0.1))).of(neuron.named_parameters()).data
    9.5
    """

    strengths: tuple[tuple[str, float], ...]

    def of(self, named_parameters: Sequence[tuple[str, Value]]) -> Value:
        """Return the sum for a model's parameters, which are told apart by their names."""
        weights = [p for name, p in named_parameters if _own_name(name) not in UNPENALISED]
        terms = [PENALTIES[name](weights, strength) for name, strength in self.strengths]
        return as_value(autograd.sum(terms)) if weights else as_value(0.0)

    def __repr__(self) -> str:
        """Show the strengths, as `fit` takes them."""
        return repr(dict(self.strengths))


def _own_name(path: str) -> str:
    """Return the last word of a dotted name: ``w`` of layers.0.neurons.3.w.1."""
    *_, name = [part for part in path.split(".") if not part.isdecimal()] or [""]
    return name


def resolve_penalty(penalty: Any) -> Penalty | Callable[[list[Value]], Any] | None:
    """Return a penalty by names and strengths; leave a function, or None, as it is.

    Equal ones are one object, so that programs which were compiled with it hold.

    Examples
    --------
    >>> resolve_penalty({"l2": 1e-4}) is resolve_penalty({"l2": 1e-4})
    True
    >>> resolve_penalty({"l3": 1e-4})
    Traceback (most recent call last):
    ValueError: penalty: got a str ('l3'); allowed: 'l1' or 'l2'
    """
    if penalty is None or callable(penalty):
        return penalty  # type: ignore[no-any-return]
    allowed = 'strengths by name, such as {"l2": 1e-4}, a function of the parameters, or None'
    if not isinstance(penalty, Mapping) or not penalty:
        raise TypeError(error_text("penalty", penalty, allowed))
    for name, strength in penalty.items():
        entry_of("penalty", name, PENALTIES)
        real_number(f"penalty[{name!r}]", strength, 0)
    return _penalty(tuple((name, float(strength)) for name, strength in penalty.items()))


@cache
def _penalty(strengths: tuple[tuple[str, float], ...]) -> Penalty:
    return Penalty(strengths)


@checked_keywords
def binary_cross_entropy(probability: Any, target: Any, label_smoothing: float = 0.0) -> Value:
    """Return the mean of -(target log p + (1 - target) log(1 - p)).

    A target of 0 or 1 leaves one logarithm, so that the loss of a right prediction of exactly 0 or
    1 is 0. If a sigmoid is confidently wrong (above 0.999, or below 1e-300), the loss is computed
    from its input, as exact as `binary_cross_entropy_with_logits`; the loss of a wrong 0 or 1 from
    elsewhere is inf. Raises ValueError for a prediction that is no probability. Targets that are
    Values, as in a compiled function, give the same numbers.

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
    share = _share(label_smoothing)

    def term(p: Any, t: Any) -> Any:
        if tracing() and isinstance(p, Value) and p.op == "sigmoid":  # the same at every target
            return autograd.sigmoid_cross_entropy(p.inputs[0], _smoothed(t, share))
        _check_probability("prediction", p)
        _check_probability("target", t)
        t = _smoothed(t, share)
        if isinstance(p, Value) and p.op == "sigmoid":
            lost = (p < _LOW and t > 0) or (p > _HIGH and t < 1)
            if lost:
                return _from_logit(p.inputs[0], t)
        if isinstance(t, Value) and (tracing() or p in (0, 1)):
            return _exact_at_ends(p, t)
        return _mix(t, lambda: -autograd.log(p), lambda: -autograd.log1p(-p))

    return mean_over("binary_cross_entropy", term, probability, target)


@checked_keywords
def binary_cross_entropy_with_logits(
    logit: Any, target: Any, label_smoothing: float = 0.0
) -> Value:
    """Return the mean binary cross-entropy of sigmoid(logit), exact for any logit.

    With a target y it is y softplus(-logit) + (1 - y) softplus(logit). ``label_smoothing`` is as
    for `cross_entropy`.

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
    share = _share(label_smoothing)

    def term(z: Any, t: Any) -> Any:
        check_is_logit("binary_cross_entropy_with_logits", z)
        if isinstance(t, Value) and tracing():
            return autograd.sigmoid_cross_entropy(z, _smoothed(t, share))
        _check_probability("target", t)
        t = _smoothed(t, share)
        return _from_logit(z, t)

    return mean_over("binary_cross_entropy_with_logits", term, logit, target)


@checked_keywords
def cross_entropy(logits: Any, target: Any, label_smoothing: float = 0.0) -> Value:
    """Return logsumexp(logits) - logits[target] for a class number, or the mean over a batch.

    A target may also be a probability for each class, such as a one-hot row, or one of smoothed
    labels: the loss is then -sum of target log(p). Of a class number, it is one node of the graph.
    The outputs of a softmax are recognised: the loss is then -log(outputs[target]), computed from
    their logits, and not a softmax of a softmax.

    With ``label_smoothing``, that share of the target is spread evenly over all classes (Szegedy et
    al. 2016): ``nn.fit(..., loss=partial(nn.cross_entropy, label_smoothing=0.1))``.

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
    ValueError: the target of cross_entropy: got an int (2); allowed: a whole number from 0 to 1
    """
    scores, classes, share = plain(logits), plain(target), _share(label_smoothing)
    if not isinstance(scores, list | tuple) or not scores:
        alone = "for one output a sample there is binary_cross_entropy_with_logits"
        hint = alone if isinstance(scores, Value | float | int) else ""
        raise TypeError(error_text("logits", logits, "a list of logits", hint))
    if not isinstance(plain(scores[0]), list | tuple):
        return _one_of_many(scores, classes, share)
    if not isinstance(classes, list | tuple) or len(classes) != len(scores):
        raise ValueError(
            f"cross_entropy got {len(scores)} samples, but as target {shown(target)}",
        )
    pairs = zip(scores, classes, strict=True)
    return as_value(autograd.mean([_one_of_many(plain(row), label, share) for row, label in pairs]))


def _one_of_many(logits: Sequence[Any], target: Any, smoothed: float) -> Value:
    """Return the cross-entropy of one sample, with a share of the target spread over all classes.

    What is spread costs the mean of logsumexp(z) - z over the classes.
    """
    loss = _unsmoothed(logits, target)
    if not smoothed:
        return loss
    is_softmax = getattr(logits[0], "op", "") == "softmax"
    scores = list(logits[0].inputs[:-1] if is_softmax else logits)
    spread = autograd.logsumexp(scores) - autograd.mean(scores)
    return as_value((1 - smoothed) * loss + smoothed * spread)


def _share(label_smoothing: float) -> float:
    """Check how much of a target is spread over all classes."""
    return real_number("label_smoothing", label_smoothing, 0, 1)


def _smoothed(target: Any, share: float) -> Any:
    """Return a probability of class 1 of which a share is spread over both classes."""
    return (1 - share) * target + share / 2 if share else target


def _unsmoothed(logits: Sequence[Any], target: Any) -> Value:
    """Return the cross-entropy of one sample."""
    if getattr(logits[0], "op", "") == "sigmoid":
        check_is_logit("cross_entropy", logits[0])
    target = _of_column(target)
    whole = getattr(logits[0], "op", "") == "softmax"
    scores = list(logits[0].inputs[:-1] if whole else logits)
    if isinstance(target, list | tuple) and len(target) == len(logits):
        return _of_probabilities(scores, target)
    if isinstance(target, Value):  # known when a compiled program runs
        return as_value(autograd.cross_entropy(scores, target))
    if isinstance(target, bool) or (isinstance(target, float) and target.is_integer()):
        target = int(target)  # a class read from a table of floats, or made by a comparison
    label = whole_number("the target of cross_entropy", target, 0, len(logits) - 1)
    chosen = logits[label]
    if isinstance(chosen, Value) and chosen.op == "softmax":
        *logits, position = chosen.inputs  # a probability rounded to 0 would cost inf
        label = int(position.data)
    return as_value(autograd.cross_entropy(list(logits), label))


def _of_probabilities(logits: list[Any], target: Sequence[Any]) -> Value:
    """Return the cross-entropy for a probability of each class: -sum of t log p."""
    shares = [_numeric("the target of cross_entropy", t) for t in target]
    are_plain = not any(isinstance(t, Value) for t in shares)  # others may want a gradient
    if are_plain and sorted(shares) == [0] * (len(shares) - 1) + [1]:
        return as_value(autograd.cross_entropy(logits, shares.index(1)))
    return as_value(
        autograd.logsumexp(logits) * autograd.sum(shares) - autograd.dot(shares, logits)
    )


def _of_column(target: Any) -> Any:
    """Return the number in a list of one, as of a column of targets; others as they are."""
    return target[0] if isinstance(target, list | tuple) and len(target) == 1 else target


def _mix(target: Any, when_one: Callable[[], Any], when_zero: Callable[[], Any]) -> Any:
    """Return target * one + (1 - target) * zero, skipping the term that a plain 0 or 1 drops."""
    if not isinstance(target, Value) and target in {0, 1}:
        return when_one() if target else when_zero()
    return target * when_one() + (1 - target) * when_zero()


def _from_logit(logit: Any, target: Any) -> Any:
    """Return the binary cross-entropy of sigmoid(logit)."""
    return _mix(target, lambda: autograd.softplus(-logit), lambda: autograd.softplus(logit))


def _exact_at_ends(probability: Any, target: Value) -> Any:
    """Return the loss with 0 log(0) as 0, for numbers that are not known yet.

    The logarithm of a sure and right prediction is taken of 1: both numbers are at least 0, so
    their sum is 0 where both are.
    """
    p, q = probability, 1 - probability
    one = autograd.log(autograd.where(target + p, p, 1.0))
    zero = autograd.log1p(-autograd.where((1 - target) + q, p, 0.0))
    return -(target * one + (1 - target) * zero)


def check_is_logit(name: str, score: Any) -> None:
    """Raise ValueError for a probability in place of a logit: the sigmoid would be applied twice.

    Examples
    --------
    >>> from autograd import Value
    >>> check_is_logit("hinge", autograd.sigmoid(Value(0.0)))
    Traceback (most recent call last):
    ValueError: hinge needs logits, got the output of a sigmoid, which is a probability: take
    binary_cross_entropy, or output='linear'
    """
    op = score.op if isinstance(score, Value) else ""
    if op in {"sigmoid", "softmax"}:
        instead = "cross_entropy" if op == "softmax" else "binary_cross_entropy"
        raise ValueError(
            f"{name} needs logits, got the output of a {op}, which is a probability: "
            f"take {instead}, or output='linear'",
        )


def _check_probability(role: str, number: Any) -> None:
    """Raise ValueError below 0 or above 1; a NaN passes, as its loss is NaN."""
    if number < 0 or number > 1:
        if isinstance(number, Value):  # whose number a trace does not give away
            got = "one that is not" if tracing() else f"{number.data}"
        else:
            got = f"{number}"
        raise ValueError(
            f"binary cross-entropy needs a {role} from 0 to 1, got {got}; for logits there is "
            "binary_cross_entropy_with_logits, for -1 and 1 there is hinge, or (Y + 1) / 2",
        )


@dataclass(frozen=True)
class Loss:
    """An entry of the table of losses.

    Parameters
    ----------
    name, function
        What `fit` takes, and what it computes.
    threshold
        Above it, a single output means class 1.
    takes
        What a prediction is: "probabilities", "logits" or any "numbers".
    targets
        What a target is: "probabilities", "signs" (-1 and 1), "classes" (whole numbers from 0) or
        finite "numbers". None, for a user-defined function, allows any meaning, nan too.

    Examples
    --------
    >>> resolve_loss("hinge").threshold
    0.0
    """

    name: str
    function: Callable[[Any, Any], Value]
    threshold: float = 0.5
    takes: str = "numbers"
    targets: str | None = None

    @property
    def compares_classes(self) -> bool:
        """Whether targets may be classes: numbers from 0, or -1 and 1.

        Examples
        --------
        >>> resolve_loss("hinge").compares_classes, resolve_loss("mse").compares_classes
        (True, False)
        """
        return self.targets in {"classes", "probabilities", "signs"}

    def class_of(self, target: Any) -> Any:
        """Return the class of a target, or of an array of them, which a sign says, too.

        Examples
        --------
        >>> resolve_loss("hinge").class_of(-1), resolve_loss("cross_entropy").class_of(2)
        (0.0, 2)
        """
        return (target + 1) / 2 if self.targets == "signs" else target

    def check_targets(self, targets: NDArray[Any], outputs: int | None = None) -> None:
        """Raise an error for targets that are invalid for this loss; a traced program checks none.

        ``outputs`` is how many the model has, where that is known.

        Examples
        --------
        >>> resolve_loss("cross_entropy").check_targets(np.array([0, 2, 3]), outputs=3)
        Traceback (most recent call last):
        IndexError: target 2, a class, selects with 3; allowed are the whole numbers 0 to 2
        """
        if self.targets is None:
            return
        _check_finite(targets)
        if self.targets == "probabilities":
            _check_probabilities(targets)
        elif self.targets == "signs":
            _check_signs(targets)
        elif self.targets == "classes":
            _check_classes(targets, outputs)


LOSSES: Mapping[str, Loss] = MappingProxyType(
    {
        loss.name: loss
        for loss in (
            Loss(
                "binary_cross_entropy",
                binary_cross_entropy,
                takes="probabilities",
                targets="probabilities",
            ),
            Loss(
                "binary_cross_entropy_with_logits",
                binary_cross_entropy_with_logits,
                threshold=0.0,
                takes="logits",
                targets="probabilities",
            ),
            Loss("cross_entropy", cross_entropy, takes="logits", targets="classes"),
            Loss("mse", mse, targets="numbers"),
            Loss("mae", mae, targets="numbers"),
            Loss("huber", huber, targets="numbers"),
            Loss("hinge", hinge, threshold=0.0, takes="logits", targets="signs"),
        )
    },
)


def resolve_loss(loss: str | Callable[[Any, Any], Value]) -> Loss:
    """Return a loss by name, or wrap a function of a prediction and a target.

    A `functools.partial` of a loss in the table is that loss, with some options set.

    Examples
    --------
    >>> resolve_loss("mse").function is mse
    True
    >>> resolve_loss("mes")
    Traceback (most recent call last):
    ValueError: loss: got a str ('mes'); allowed: 'binary_cross_entropy', ...; did you mean 'mse'?
    """
    if not callable(loss):
        return entry_of("loss", loss, LOSSES, otherwise="a function of a prediction and a target")
    function = loss.func if isinstance(loss, partial) and not loss.args else loss
    for entry in LOSSES.values():
        if entry.function is function:
            return entry if loss is function else replace(entry, function=loss)
    return Loss(getattr(loss, "__name__", "loss"), loss)


def _check_finite(targets: NDArray[Any]) -> None:
    """Raise an error for nan or inf among targets."""
    wrong = ~np.isfinite(targets)
    if wrong.any():
        index = np.argwhere(wrong)[0].tolist()
        raise ValueError(
            f"target {_position(index)} is {targets[tuple(index)]}: "
            "leave such samples out, or write a loss that knows what it means",
        )


def _check_probabilities(targets: NDArray[Any]) -> None:
    """Raise an error for targets below 0 or above 1."""
    largest = targets.max(initial=1).item()
    if largest > 1 and targets.min() >= 0 and (targets == np.floor(targets)).all():
        raise ValueError(
            f"binary cross-entropy needs a target from 0 to 1, got {largest:g}: for "
            f"{largest + 1:.0f} classes take cross_entropy, and an output for each class"
        )
    for number in targets.min(initial=0), targets.max(initial=1):
        _check_probability("target", number.item())


def _check_signs(targets: NDArray[Any]) -> None:
    """Raise an error for targets that are neither -1 nor 1."""
    wrong = targets[np.abs(targets) != 1]
    if wrong.size:
        raise ValueError(f"hinge needs targets of -1 or 1, got {wrong[0].item()}")


def _check_classes(targets: NDArray[Any], outputs: int | None) -> None:
    """Refuse targets of which one is not the number of a class; ``outputs`` is how many there are.

    It is an IndexError, as where a program selects with it.
    """
    is_whole = targets == np.floor(targets)
    if targets.ndim == 2 and (targets.shape[1] == outputs or not is_whole.all()):
        _check_rows(targets)
        return
    if targets.ndim == 2 and targets.shape[1] == 1:
        targets = targets[:, 0]
    wrong = (targets < 0) | (targets != np.floor(targets))
    allowed = "from 0"
    if outputs is not None and outputs > 1 and targets.ndim == 1:
        wrong |= targets >= outputs
        allowed = f"0 to {outputs - 1}"
    if wrong.any():
        index = np.argwhere(wrong)[0].tolist()
        raise IndexError(
            f"target {_position(index)}, a class, selects with {targets[tuple(index)].item()}; "
            f"allowed are the whole numbers {allowed}"
        )


def _check_rows(targets: NDArray[Any]) -> None:
    """Refuse rows that are no probabilities of all classes."""
    wrong = (targets < 0).any(axis=1) | (np.abs(targets.sum(axis=1) - 1) > ROUNDED)
    if wrong.any():
        index = int(wrong.argmax())
        raise ValueError(
            f"target {index} is {targets[index].tolist()}, of which the probabilities of all "
            "classes should add up to 1; of several labels a sample, take binary_cross_entropy"
        )


def _position(index: list[int]) -> int | tuple[int, ...]:
    """Return an index as messages write it: a number where there is one axis."""
    return index[0] if len(index) == 1 else tuple(index)


def mean_over(name: str, term: Term, prediction: Any, target: Any) -> Value:
    """Return the mean of a term over all pairs; of a single pair, the term itself.

    Raises ValueError if the two have different shapes.

    Examples
    --------
    >>> mean_over("gap", lambda p, t: p - t, [3.0, 5.0], [1.0, 1.0]).data
    3.0
    """
    terms = [term(p, t) for p, t in _pairs(name, prediction, target)]
    return as_value(terms[0] if len(terms) == 1 else autograd.mean(terms))


def _pairs(name: str, prediction: Any, target: Any) -> Iterator[tuple[Any, Any]]:
    """Yield pairs of numbers from two equally shaped lists, nested to any depth."""
    stack = [(prediction, target)]
    while stack:
        p, t = (plain(item) for item in stack.pop())
        lists = isinstance(p, list | tuple), isinstance(t, list | tuple)
        if lists == (False, True) and len(t) == 1:  # of a column, where there is one output
            stack.append((p, t[0]))
        elif not any(lists):
            yield _numeric(name, p), _numeric(name, t)
        elif not all(lists) or len(p) != len(t) or not p:
            raise ValueError(
                f"{name} needs as many targets as predictions (and at least one), "
                f"got {shown(p)} and as target {shown(t)}{_advice(p, t)}",
            )
        else:
            stack.extend(reversed(list(zip(p, t, strict=True))))


def _advice(prediction: Any, target: Any) -> str:
    """Return a hint for an error, if one of the two is a number and the other a list."""
    if isinstance(target, list | tuple) and not isinstance(prediction, list | tuple):
        return "; where a model has one output, a target is one number"
    if not isinstance(target, list | tuple):
        return "; for a class number and an output for each class there is cross_entropy"
    return ""


def _numeric(name: str, item: Any) -> Any:
    """Return a Value or number as it is."""
    if isinstance(item, Value | int | float):
        return item
    raise TypeError(error_text(name, item, "numbers and Values"))


def as_value(result: Value | float) -> Value:
    """Return a result as a Value, even if only plain numbers went in.

    Examples
    --------
    >>> as_value(2.0).is_constant
    True
    """
    return result if isinstance(result, Value) else constant(result)
