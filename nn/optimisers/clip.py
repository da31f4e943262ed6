"""Gradient clipping: keep one wild sample from throwing the parameters far away."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

import autograd
from autograd import Value
from autograd.errors import shown
from nn.basics.names import in_range


def clip_norm(parameters: Iterable[Value], limit: float) -> float:
    """Shrink all gradients together so that their Euclidean norm is at most limit.

    Returns the norm before. Raises FloatingPointError where a gradient is not finite. Source:
    Pascanu and others, On the difficulty of training recurrent neural networks, 2013.

    Examples
    --------
    >>> from autograd import Value
    >>> a, b = Value(1.0), Value(1.0)
    >>> (3 * a + 4 * b).backward()
    >>> clip_norm([a, b], 1.0), round(a.grad, 12), round(b.grad, 12)
    (5.0, 0.6, 0.8)
    """
    limit = in_range("limit", limit, open_low=True)
    given = list(parameters)
    reached = _reached(given)
    if not reached:
        return 0.0
    g = autograd.get_data(given, grads=True)
    norm, [shrunk] = _clipped(limit, [g], np)
    if norm > limit:
        places = [i for i, parameter in enumerate(given) if parameter.has_grad]
        autograd.set_data(reached, shrunk[places], grads=True)
    return float(norm)


@dataclass(frozen=True)
class ClipNorm:
    """Clip by the norm, either the gradients of parameters or arrays of gradients.

    Examples
    --------
    >>> import numpy as np
    >>> [g.round(12).tolist() for g in ClipNorm(1.0).arrays([np.array([3.0]), np.array([4.0])], np)]
    [[0.6], [0.8]]
    """

    limit: float

    def __call__(self, parameters: Iterable[Value]) -> float:
        """Shrink the gradients of parameters; see `clip_norm`."""
        return clip_norm(parameters, self.limit)

    def arrays(self, gradients: list[Any], xp: Any) -> list[Any]:
        """Return gradients, shrunk in the same way; `xp` is the namespace of their arrays."""
        return _clipped(self.limit, gradients, xp)[1]


def _clipped(limit: float, gradients: list[Any], xp: Any) -> tuple[Any, list[Any]]:
    """Return the norm of all gradients, and the gradients as clipping leaves them."""
    with np.errstate(all="ignore"):
        largest = xp.max(xp.stack([xp.max(xp.abs(g)) for g in gradients]))
        unit = xp.where(largest == 0, 1.0, largest)
        # Relative to the largest, since the norm of finite gradients (1e308 twice) can be inf.
        relative = xp.sqrt(sum(xp.sum(xp.square(g / unit)) for g in gradients))
        wide = unit * relative > limit
        shrunk = [xp.where(wide, g / unit * (limit / relative), g) for g in gradients]
        return unit * relative, shrunk


def clip_value(parameters: Iterable[Value], limit: float) -> None:
    """Bring each gradient into [-limit, limit].

    Raises FloatingPointError where a gradient is not finite.

    Examples
    --------
    >>> from autograd import Value
    >>> a, b = Value(1.0), Value(1.0)
    >>> (3 * a + 0.5 * b).backward()
    >>> clip_value([a, b], 1.0)
    >>> a.grad, b.grad
    (1.0, 0.5)
    """
    limit = in_range("limit", limit, open_low=True)
    for parameter in _reached(parameters):
        parameter.grad = min(max(parameter.grad, -limit), limit)


def _reached(parameters: Iterable[Value]) -> list[Value]:
    """List the parameters that have a gradient, which must be finite."""
    given = list(parameters)
    for parameter in given:
        if not isinstance(parameter, Value):
            raise TypeError(
                f"clipping needs the Values of model.parameters(), got {shown(parameter)}"
            )
    reached = [parameter for parameter in given if parameter.has_grad]
    for parameter in reached:
        if not isfinite(parameter.grad):
            raise FloatingPointError(
                f"the gradient of {parameter.label or 'a parameter'} is {parameter.grad}: clipping "
                "cannot repair that; autograd.detect_anomaly() shows where it comes from",
            )
    return reached
