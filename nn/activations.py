"""Activation functions by name; their formulas and derivatives are those of `autograd`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import autograd
from autograd import Value
from autograd._checks import entry_of


def linear(x: Value) -> Value:
    """Return x itself: no node is added to the graph.

    Examples
    --------
    >>> from autograd import Value
    >>> x = Value(2.0)
    >>> linear(x) is x
    True
    """
    return x


@dataclass(frozen=True)
class Activation:
    """A function and its name; ``whole`` if it takes a layer's outputs together, like softmax.

    Examples
    --------
    >>> resolve_activation("softmax").whole
    True
    """

    name: str
    function: Callable[..., object]
    whole: bool = False

    def each(self, x: Value) -> Value:
        """Apply to one number.

        Examples
        --------
        >>> from autograd import Value
        >>> resolve_activation("relu").each(Value(-2.0)).data
        0.0
        """
        return self.function(x)  # type: ignore[return-value]

    def layer(self, xs: list[Value]) -> list[Value]:
        """Apply to the outputs of a layer.

        Examples
        --------
        >>> from autograd import Value
        >>> [y.data for y in resolve_activation("softmax").layer([Value(7.0), Value(7.0)])]
        [0.5, 0.5]
        """
        if self.whole:
            return self.function(xs)  # type: ignore[return-value]
        return [self.each(x) for x in xs]


_EACH: dict[str, Callable[..., object]] = {
    "linear": linear,
    "sigmoid": autograd.sigmoid,
    "tanh": autograd.tanh,
    "relu": autograd.relu,
    "leaky_relu": autograd.leaky_relu,
    "elu": autograd.elu,
    "selu": autograd.selu,
    "gelu": autograd.gelu,
    "silu": autograd.silu,
    "softplus": autograd.softplus,
}

ACTIVATIONS: Mapping[str, Activation] = MappingProxyType(
    {
        **{name: Activation(name, function) for name, function in _EACH.items()},
        "softmax": Activation("softmax", autograd.softmax, whole=True),
    },
)


def resolve_activation(
    activation: str | Activation | Callable[[Value], Value], name: str = "activation"
) -> Activation:
    """Return an activation by name, or wrap a function of one `Value`.

    Raises ValueError for an unknown name. ``name`` is the argument's name, for the error.

    Examples
    --------
    >>> resolve_activation("tanh").name
    'tanh'
    >>> def cube(x):
    ...     return x**3
    >>> resolve_activation(cube).name
    'cube'
    >>> resolve_activation(autograd.softmax) is ACTIVATIONS["softmax"]
    True
    >>> resolve_activation("rleu")
    Traceback (most recent call last):
    ValueError: activation: got a str ('rleu'); allowed: 'linear', 'sigmoid', 'tanh', 'relu',
    'leaky_relu', 'elu', ...; did you mean 'relu'?
    """
    if isinstance(activation, Activation):
        return activation
    if callable(activation):
        known = (entry for entry in ACTIVATIONS.values() if entry.function is activation)
        own = getattr(activation, "__name__", type(activation).__name__)
        return next(known, None) or Activation(own, activation)
    return entry_of(name, activation, ACTIVATIONS, otherwise="a function of one Value")
