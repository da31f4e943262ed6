"""Diagnosis of a network: dead, saturated or identical neurons, vanishing gradients."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd._checks import checked_keywords
from nn.inspect.signals import Signal, signals
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


@dataclass(frozen=True)
class Finding:
    """One problem: its kind, the layer, the neurons, and a sentence.

    The kinds are "not finite", "identical", "dead", "saturated", "no gradient", "vanishing" and
    "exploding".
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
    model: Module, X: Any, Y: Any, loss: str | Callable[[Any, Any], Any] = "mse"
) -> Diagnosis:
    """Diagnose a model from the signals of its layers for some samples.

    Parameters
    ----------
    model
        A Module with layers of the class `nn.Layer`; it is not changed.
    X, Y
        Samples and targets; a hundred are enough.
    loss
        A name in `nn.LOSSES`, or a function of a prediction and a target.

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
    return Diagnosis(findings(signals(model, X, Y, loss)))


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
