"""Optimisers: SGD, RMSprop, Adam and AdamW, with the formulas of their papers."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from autograd import Value
from nn.basics.names import in_range, pick
from nn.optimisers.optimiser import MISSED, Optimiser

Array = NDArray[np.float64]


class SGD(Optimiser):
    """Stochastic gradient descent: b = momentum b + g; p -= lr b.

    The first b is g. With nesterov, p -= lr (g + momentum b). `weight_decay` adds its product with
    p to g. Source: Sutskever and others, On the importance of initialization and momentum in deep
    learning, 2013.

    Examples
    --------
    >>> from autograd import Value
    >>> SGD([Value(1.0)], lr=0.1, momentum=0.9, nesterov=True)
    <SGD, lr=0.1, 1 parameters, 0 steps>
    """

    remembers = ("momentum",)

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr)
        self.momentum = in_range("momentum", momentum, 0, 1)
        self.nesterov = bool(nesterov)
        self.weight_decay = in_range("weight_decay", weight_decay)
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov needs a momentum above 0, such as momentum=0.9")

    def change(self, p: Array, g: Array) -> Array:
        """Return the new parameters.

        Examples
        --------
        >>> from autograd import Value
        >>> SGD([Value(1.0)], lr=0.5).change(np.array([1.0]), np.array([1.0]))
        array([0.5])
        """
        g = _decayed(g, self.weight_decay, p)
        b = self.memory["momentum"] = self.momentum * self.memory["momentum"] + g
        return p - self.lr * (g + self.momentum * b if self.nesterov else b)


class RMSprop(Optimiser):
    """Divide by a running mean of the gradient's size: v = alpha v + (1 - alpha) g².

    Then p -= lr g / (sqrt(v) + eps). Source: Hinton, Neural networks for machine learning,
    lecture 6e, 2012.

    Examples
    --------
    >>> from autograd import Value
    >>> RMSprop([Value(1.0)])
    <RMSprop, lr=0.01, 1 parameters, 0 steps>
    """

    remembers = ("square",)
    never_negative = ("square", MISSED)

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float = 0.01,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr)
        self.alpha = in_range("alpha", alpha, 0, 1)
        self.eps = in_range("eps", eps)
        self.weight_decay = in_range("weight_decay", weight_decay)

    def change(self, p: Array, g: Array) -> Array:
        """Return the new parameters.

        Examples
        --------
        >>> from autograd import Value
        >>> RMSprop([Value(1.0)], alpha=0, eps=0, lr=0.5).change(np.array([1.0]), np.array([9.0]))
        array([0.5])
        """
        g = _decayed(g, self.weight_decay, p)
        v = self.memory["square"] = self.alpha * self.memory["square"] + (1 - self.alpha) * g * g
        new: Array = p - self.lr * g / (self.xp.sqrt(v) + self.eps)
        return new


class Adam(Optimiser):
    """Adam: running means m of the gradient and v of its square, both corrected for their start.

    p -= lr (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps). `weight_decay` adds its product
    with p to the gradient. Source: Kingma and Ba, Adam: a method for stochastic optimization, 2015.

    Examples
    --------
    >>> from autograd import Value
    >>> Adam([Value(1.0)])
    <Adam, lr=0.001, 1 parameters, 0 steps>
    """

    remembers = ("mean", "square")
    never_negative = ("square", MISSED)

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr)
        first, second = betas
        self.betas = in_range("betas[0]", first, 0, 1), in_range("betas[1]", second, 0, 1)
        self.eps = in_range("eps", eps)
        self.weight_decay = in_range("weight_decay", weight_decay)

    def change(self, p: Array, g: Array) -> Array:
        """Return the new parameters.

        Examples
        --------
        >>> from autograd import Value
        >>> adam = Adam([Value(1.0)], lr=0.5)
        >>> adam.step()
        >>> adam.steps
        1
        """
        return self._adapt(p, _decayed(g, self.weight_decay, p))

    def _adapt(self, p: Array, g: Array) -> Array:
        beta1, beta2 = self.betas
        m = self.memory["mean"] = beta1 * self.memory["mean"] + (1 - beta1) * g
        v = self.memory["square"] = beta2 * self.memory["square"] + (1 - beta2) * g * g
        steps = self.own_steps
        correction1, correction2 = 1 - beta1**steps, 1 - beta2**steps
        new: Array = p - self.lr * (m / correction1) / (self.xp.sqrt(v / correction2) + self.eps)
        return new


class AdamW(Adam):
    """Adam with a weight decay of its own: p -= lr weight_decay p, before Adam's change.

    Source: Loshchilov and Hutter, Decoupled weight decay regularization, 2019.

    Examples
    --------
    >>> from autograd import Value
    >>> AdamW([Value(1.0)]).weight_decay
    0.01
    """

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(parameters, lr, betas, eps, weight_decay)

    def change(self, p: Array, g: Array) -> Array:
        """Return the new parameters.

        Examples
        --------
        >>> from autograd import Value
        >>> adam = AdamW([Value(1.0)], lr=0.5, weight_decay=0.5)
        >>> adam.steps = 1
        >>> adam.change(np.array([1.0]), np.array([0.0]))
        array([0.75])
        """
        return self._adapt(p - self.lr * self.weight_decay * p, g)


def _decayed(g: Array, decay: float, p: Array) -> Array:
    """Return gradients with those of a weight decay; without one, two passes fewer."""
    return g + decay * p if decay else g


OPTIMISERS: Mapping[str, type[SGD | RMSprop | Adam]] = MappingProxyType(
    {"sgd": SGD, "rmsprop": RMSprop, "adam": Adam, "adamw": AdamW},
)


def find(
    optimiser: str | Optimiser,
    parameters: Iterable[Value],
    lr: float | None = None,
) -> Optimiser:
    """Return an optimiser as it is, or make the one of a name, by default with its own rate.

    Examples
    --------
    >>> from autograd import Value
    >>> find("adam", [Value(1.0)], lr=0.05)
    <Adam, lr=0.05, 1 parameters, 0 steps>
    >>> find("adma", [Value(1.0)])
    Traceback (most recent call last):
    ValueError: there is no optimiser 'adma', did you mean 'adam'? It can be sgd, ...
    """
    if not isinstance(optimiser, Optimiser):
        kind = pick("optimiser", optimiser, OPTIMISERS, "an Optimiser such as nn.SGD(...)")
        return kind(parameters) if lr is None else kind(parameters, lr)
    if lr is not None:
        raise ValueError("lr goes with the name of an optimiser: give it to the Optimiser itself")
    return optimiser
