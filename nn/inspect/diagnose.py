"""Diagnosis of a network and of its training: dead neurons, vanishing gradients, a wrong rate."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd import Value
from autograd._checks import check_type, checked_keywords
from autograd.graph import topological
from nn._utils import as_array, plain
from nn.inspect.history import History
from nn.inspect.signals import Signal, signals
from nn.losses import Loss, resolve_loss
from nn.module import Module

NEARLY_ALL = 0.95  # of the samples
ALIKE = 1e-9  # of a layer's largest weight
# Where an activation counts as saturated: its derivative is below 2 % of the largest for tanh,
# below 4 % for the sigmoid.
SATURATED: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {
        "tanh": lambda A: np.abs(A) > 0.99,
        "sigmoid": lambda A: (A < 0.01) | (A > 0.99),
    }
)
FADED, GROWN = 1e-2, 1e2  # of the first hidden layer's gradients, by those of the last
SQUASHING = {"sigmoid", "softmax"}
# Of a training: how many epochs are looked at, at least; how much of the whole fall of the loss is
# in the last tenth where it was not over; by how much of itself it goes up where it jumps.
ENOUGH, FALLING, JUMPING = 10, 0.04, 0.12
NO_BETTER = 0.98  # of the loss of one prediction for all samples
SMALL = 0.02  # of the first loss: jumps below do not matter


@dataclass(frozen=True)
class Finding:
    """One problem: its kind, the layer, the neurons, and a sentence.

    The kinds are "not finite", "identical", "dead", "saturated", "no gradient", "vanishing",
    "exploding", "sigmoid twice", "not trained yet" and "learning rate too high".
    """

    kind: str
    layer: str
    neurons: tuple[int, ...]
    words: str

    def __str__(self) -> str:
        return self.words


class Diagnosis(tuple[Finding, ...]):
    """Findings, printed one per line.

    Examples
    --------
    >>> Diagnosis()
    Nothing was found: no neuron is dead, saturated or the same as another, and gradients arrive.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        if not self:
            return (
                "Nothing was found: no neuron is dead, saturated or the same as another, "
                "and gradients arrive."
            )
        return "\n".join(map(str, self))

    __str__ = __repr__


@checked_keywords
def diagnose(
    model: Module,
    X: Any,
    Y: Any,
    loss: str | Callable[[Any, Any], Any] = "mse",
    history: History | None = None,
) -> Diagnosis:
    """Diagnose a model from the signals of its layers for some samples, and its last training.

    Parameters
    ----------
    model
        A Module with layers of the class `nn.Layer`; it is not changed.
    X, Y
        Samples and targets; a hundred are enough.
    loss
        A name in `nn.LOSSES`, or a function of a prediction and a target.
    history
        What `nn.fit` returned, to be looked at, too.

    Returns
    -------
    A tuple of findings, each a sentence with layer and neurons:

    - *identical*: neurons with the same weights; if the next layer treats them alike, too, they
      stay the same forever.
    - *dead*: relu neurons that are 0 for every sample, whose weights get no gradient.
    - *saturated*: hidden neurons with abs(tanh) above 0.99, or a sigmoid outside 0.01 ... 0.99, for
      at least 95 % of the samples.
    - *no gradient*: layers whose sums get no gradient from any sample.
    - *vanishing*, *exploding*: the root mean square of the first hidden layer's gradients is below
      1/100 of the last hidden layer's, or above 100 times it.
    - *not finite*: inf or nan among a layer's sums or gradients; the only finding for that layer.
    - *sigmoid twice*: a sigmoid or softmax of what is one already.
    - *learning rate too high*: the loss of the history has risen, or jumps up and down.
    - *not trained yet*: 4 % or more of the whole fall of the loss are in the last tenth of the
      epochs; or the loss is no better than that of one prediction for all samples.

    Raises
    ------
    ValueError
        If the model has no `nn.Layer`, or X and Y do not fit.

    Examples
    --------
    >>> import nn
    >>> X, Y = [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [1.0, 0.0, 1.0]
    >>> model = nn.MLP(2, [3, 1], activation="tanh", init=nn.initializers.constant(0.5))
    >>> diagnose(model, X, Y)
    layers.0: neurons 0 to 2 are identical: the same weights, the same output. While what follows
    treats them alike, they get the same gradient and stay one neuron, 3 times over.
    """
    check_type("history", history, History | None, "the History that nn.fit returned, or None")
    observed = signals(model, X, Y, loss)
    course = [] if history is None else list(_course(history))
    if history is not None and not course:
        course = list(_constant(history, resolve_loss(loss), as_array(plain(Y))))
    return Diagnosis([*_twice(model, plain(X)[0]), *findings(observed), *course])


def _twice(model: Module, x: Any) -> Iterator[Finding]:
    """Find a sigmoid or softmax of one, in what the model computes for a sample."""
    output = model(x)
    outputs = list(output) if isinstance(output, list | tuple) else [output]
    for node in topological([y for y in outputs if isinstance(y, Value)]):
        if node.op in SQUASHING and any(x.op in SQUASHING for x in node.inputs):
            inner = next(x.op for x in node.inputs if x.op in SQUASHING)
            words = (
                f"a {node.op} is computed of what a {inner} gave, a number from 0 to 1: its result "
                "is between 0.5 and 0.73, and little gradient comes through. Leave one out."
                if node.op == "sigmoid"
                else f"a {node.op} is computed of what a {inner} gave: probabilities are taken for "
                "logits, and no class gets far ahead of the others. Leave one out."
            )
            yield Finding("sigmoid twice", "", (), words)
            return


def _constant(history: History, loss: Loss, targets: NDArray[Any] | None) -> Iterator[Finding]:
    """Find that the loss is no lower than that of one prediction for all samples."""
    if targets is None or not history.epochs:
        return
    if loss.name == "mse":
        least = float(np.var(targets, axis=0).mean())
    elif loss.targets in {"classes", "probabilities"} and targets.ndim == 1:
        _, counts = np.unique(targets, return_counts=True)
        shares = counts / counts.sum()
        least = float(-(shares * np.log(shares)).sum())
    else:
        return
    last = history["loss"][-1]
    if least and last > NO_BETTER * least:
        words = (
            f"the loss, {last:.3g}, is no better than that of one prediction for all samples, "
            f"{least:.3g}: nothing of the samples is used yet. Train for more epochs, or raise the "
            "learning rate."
        )
        yield Finding("not trained yet", "", (), words)


def _course(history: History) -> Iterator[Finding]:
    """Find in the losses of a training why it did not get further."""
    losses = np.array(history["loss"] if history.epochs else [])
    if len(losses) < ENOUGH:
        return
    rate = f"the learning rate ({history['lr'][0]:g})" if "lr" in history else "the learning rate"
    half = losses[len(losses) // 2 :]
    ups = np.diff(half).clip(min=0)
    level, risen = float(np.median(half)), losses[-1] > losses[0]
    if risen or (
        level > SMALL * losses[0] and ups[ups > 0].sum() / max((ups > 0).sum(), 1) > JUMPING * level
    ):
        course = "has risen" if risen else "jumps up and down"
        words = (
            f"the loss {course}, from {losses[0]:.3g} to {losses[-1]:.3g}, and was "
            f"{losses.min():.3g} once: {rate} is too high; try a tenth of it."
        )
        yield Finding("learning rate too high", "", (), words)
        return
    tenth = max(len(losses) // 10, 2)
    before, after = losses[-2 * tenth : -tenth].mean(), losses[-tenth:].mean()
    if history.stopped == "finished" and before - after > FALLING * (losses[0] - losses[-1]):
        words = (
            f"the training was not over: the loss was still falling, from {losses[-tenth - 1]:.3g} "
            f"to {losses[-1]:.3g} in the last {tenth} of {len(losses)} epochs. Train for more "
            f"epochs, or raise {rate}."
        )
        yield Finding("not trained yet", "", (), words)


def findings(observed: Sequence[Signal]) -> Iterator[Finding]:
    """Yield findings layer by layer, then those about several layers.

    Examples
    --------
    >>> list(findings([]))
    []
    """
    hidden = observed[:-1]
    sound = []
    for signal in observed:
        if not (np.isfinite(signal.Z).all() and np.isfinite(signal.dZ).all()):
            words = f"{signal.name}: a sum or a gradient is inf or nan; autograd.detect_anomaly "
            words += "says where it begins."
            yield Finding("not finite", signal.name, (), words)
            continue
        sound.append(signal)
        yield from _identical(signal)
        yield from _dead(signal)
        if any(signal is each for each in hidden):
            yield from _saturated(signal)
    yield from _flow([signal for signal in hidden if any(signal is each for each in sound)])


def _identical(signal: Signal) -> Iterator[Finding]:
    """Find neurons with the same weights, up to the rounding by which equal ones drift apart."""
    rows = np.column_stack([signal.W, signal.b])
    close = ALIKE * float(np.abs(rows).max())
    groups: list[list[int]] = []
    for k, row in enumerate(rows):
        near = (g for g in groups if np.abs(rows[g[0]] - row).max() <= close)
        group = next(near, None)
        if group is None:
            groups.append([k])
        else:
            group.append(k)
    for group in groups:
        if len(group) > 1:
            words = (
                f"{signal.name}: {_are(group)} identical: the same weights, the same output. While "
                "what follows treats them alike, they get the same gradient and stay one neuron, "
                f"{len(group)} times over."
            )
            yield Finding("identical", signal.name, tuple(group), words)


def _dead(signal: Signal) -> Iterator[Finding]:
    if signal.activation != "relu":
        return
    dead = _indices((signal.A == 0).all(axis=0))
    if dead:
        words = (
            f"{signal.name}: {_are(dead)} dead: 0 for every sample, so no gradient flows to "
            f"{'their' if len(dead) > 1 else 'its'} weights."
        )
        yield Finding("dead", signal.name, dead, words)


def _saturated(signal: Signal) -> Iterator[Finding]:
    if signal.activation not in SATURATED:
        return
    share = SATURATED[signal.activation](signal.A).mean(axis=0)
    full = _indices(share >= NEARLY_ALL)
    if full:
        least = share[list(full)].min()
        many = "all" if least == 1 else f"at least {least:.0%} of the"
        words = (
            f"{signal.name}: {_are(full)} saturated: {signal.activation} is at its ends for "
            f"{many} samples, where its derivative is nearly 0."
        )
        yield Finding("saturated", signal.name, full, words)


def _flow(hidden: Sequence[Signal]) -> Iterator[Finding]:
    """Compare the gradients that reach the hidden layers."""
    sizes = [_size(signal.dZ) for signal in hidden]
    for signal, size in zip(hidden, sizes, strict=True):
        if size == 0:
            words = f"{signal.name}: no gradient arrives, so its weights do not change."
            yield Finding("no gradient", signal.name, (), words)
    if len(hidden) < 2 or not sizes[0] or not sizes[-1]:
        return
    ratio, first, last = sizes[0] / sizes[-1], hidden[0].name, hidden[-1].name
    if ratio < FADED:
        words = f"{first}: gradients vanish on the way down: {_sizes(sizes)} from {last} to {first}"
        words += f", {_times(1 / ratio)} times smaller."
        yield Finding("vanishing", first, (), words)
    elif ratio > GROWN:
        words = f"{first}: gradients explode on the way down: {_sizes(sizes)} from {last} to "
        words += f"{first}, {_times(ratio)} times larger."
        yield Finding("exploding", first, (), words)


def _size(dZ: NDArray[np.float64]) -> float:
    """Return the root mean square, scaled so that squares of tiny numbers do not underflow."""
    largest = float(np.abs(dZ).max(initial=0.0))
    return largest * float(np.sqrt(np.mean((dZ / largest) ** 2))) if largest else 0.0


def _times(ratio: float) -> str:
    """Write a large factor with two digits.

    >>> _times(2698.3), _times(1.25e9)
    ('2,700', '1.2e+09')
    """
    return f"{float(f'{ratio:.2g}'):,.0f}" if ratio < 1e7 else f"{ratio:.2g}"


def _sizes(sizes: Sequence[float]) -> str:
    return f"their root mean square goes from {sizes[-1]:.2g} to {sizes[0]:.2g}"


def _indices(mask: NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(np.flatnonzero(mask).tolist())


def _are(neurons: Sequence[int]) -> str:
    """Name neurons: runs as ``0 to 3``.

    >>> _are([2]), _are([0, 1, 2, 5])
    ('neuron 2 is', 'neurons 0 to 2 and 5 are')
    """
    runs: list[list[int]] = []
    for k in neurons:
        if runs and k == runs[-1][1] + 1:
            runs[-1][1] = k
        else:
            runs.append([k, k])
    parts: list[str] = []
    for low, high in runs:
        if high - low < 2:
            parts += [str(k) for k in range(low, high + 1)]
        else:
            parts.append(f"{low} to {high}")
    *most, last = parts
    names = f"{', '.join(most)} and {last}" if most else last
    return f"neuron {names} is" if len(neurons) == 1 else f"neurons {names} are"
