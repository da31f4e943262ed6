"""The signals of a network's layers: sums, activations, and the gradients of the sums."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import autograd
from autograd import Value
from autograd._checks import check_type, checked_keywords
from autograd.graph import topological
from nn._utils import plain
from nn.layers import Layer
from nn.losses import as_value, resolve_loss
from nn.module import Module, children

Array = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Signal:
    """The signals of one layer, a row per sample (and per use, if it is used more than once).

    ``Z`` are the sums w . x + b, ``A`` their activations, ``dZ`` the gradients of each sample's own
    loss with respect to Z; all have shape (samples, neurons). ``W`` has the weights, a row per
    neuron, ``b`` the biases.
    """

    name: str
    activation: str
    Z: Array
    A: Array
    dZ: Array  # noqa: N815 - the lecture's name
    W: Array
    b: Array

    def __repr__(self) -> str:
        rows, neurons = self.Z.shape
        return f"<Signal of {self.name}: {neurons} neurons ({self.activation}), {rows} rows>"


@checked_keywords
def signals(
    model: Module, X: Any, Y: Any, loss: str | Callable[[Any, Any], Any] = "mse"
) -> list[Signal]:
    """Return the signals of every `nn.Layer` of a model for some samples, in order.

    The computation runs on a copy; the model and its gradients are not changed. The graph of each
    sample is built, so pass a hundred samples rather than all.

    Raises
    ------
    TypeError
        If the model is no Module.
    ValueError
        If it has no `nn.Layer`, if there are no samples, or if there are not as many targets.

    Examples
    --------
    >>> import nn
    >>> model = nn.MLP(2, [3, 1], activation="tanh", init="zeros")
    >>> hidden, output = signals(model, [[1.0, 2.0], [0.0, 1.0]], [1.0, 0.0])
    >>> hidden
    <Signal of layers.0: 3 neurons (tanh), 2 rows>
    >>> output.dZ.ravel()
    array([-2.,  0.])
    """
    check_type("model", model, Module, "a Module")
    return observe(copy.deepcopy(model), X, Y, resolve_loss(loss).function)


def observe(model: Module, X: Any, Y: Any, loss: Callable[[Any, Any], Any]) -> list[Signal]:
    """Like `signals`, but overwrite the gradients of the model instead of copying it.

    Examples
    --------
    >>> import nn
    >>> len(observe(nn.MLP(1, [2, 1]), [[1.0]], [0.0], nn.mse))
    2
    """
    samples, targets = plain(X), plain(Y)
    if not len(samples) or len(samples) != len(targets):
        raise ValueError(
            "signals needs as many targets as samples (and at least one), "
            f"got {len(samples)} samples and {len(targets)} targets"
        )
    named = list(layers(model))
    if not named:
        raise ValueError(f"signals looks at each nn.Layer of a model, and {model!r} has none")
    rows: list[list[tuple[Array, Array]]] = [[] for _ in named]
    for x, y in zip(samples, targets, strict=True):
        result = as_value(loss(model(x), y))
        result.backward()
        sums = _consumers(result)
        for (_, layer), signal_rows in zip(named, rows, strict=True):
            uses = zip(*[sums.get(neuron.w[0], []) for neuron in layer.neurons], strict=True)
            signal_rows += [
                (autograd.get_data(zs), autograd.get_data(zs, grads=True)) for zs in uses
            ]
    return [_signal(*each, signal_rows) for each, signal_rows in zip(named, rows, strict=True)]


def layers(model: Module) -> Iterator[tuple[str, Layer]]:
    """Yield a model's layers with their names, in the order of their parameters.

    Examples
    --------
    >>> import nn
    >>> [name for name, _ in layers(nn.MLP(1, [2, 1]))]
    ['layers.0', 'layers.1']
    """
    seen: dict[int, object] = {}
    stack: list[tuple[str, object]] = [("", model)]
    while stack:
        name, item = stack.pop()
        if id(item) in seen:
            continue
        seen[id(item)] = item
        if isinstance(item, Layer):
            yield name or "the layer", item
        else:
            stack += [(f"{name}.{key}".lstrip("."), part) for key, part in children(item)[::-1]]


def _consumers(result: Value) -> dict[Value, list[Value]]:
    """Return the sums of products of a graph by their first factor, in order."""
    sums: dict[Value, list[Value]] = {}
    for node in topological(result):
        if node.op == "dot":
            sums.setdefault(node.inputs[0], []).append(node)
    return sums


def _signal(name: str, layer: Layer, rows: list[tuple[Array, Array]]) -> Signal:
    """Put a layer's rows together, and compute its activations."""
    count = len(layer.neurons)
    Z, dZ = (np.array([row[k] for row in rows]).reshape(-1, count) for k in (0, 1))
    with autograd.no_grad():
        A = [[float(a) for a in layer.activation.layer([Value(z) for z in row])] for row in Z]
    b = np.zeros(count) if layer.b is None else layer.b
    return Signal(name, layer.activation.name, Z, np.array(A).reshape(Z.shape), dZ, layer.W, b)
