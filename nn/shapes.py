"""What a model takes and gives, as far as its layers tell it without a call."""

from typing import NamedTuple

from nn.activations import Activation
from nn.dropout import Dropout
from nn.layers import Layer, Neuron, Sequential
from nn.normalization import LayerNorm


class Outputs(NamedTuple):
    """What makes a model's outputs: an activation, and how many there are, None where unknown."""

    activation: Activation
    size: int | None


def outputs_of(model: object) -> Outputs | None:
    """Return what makes a model's outputs; None where only a call could tell.

    Examples
    --------
    >>> import nn
    >>> activation, size = outputs_of(nn.Sequential(nn.Layer(2, 3), nn.Dropout(), "softmax"))
    >>> activation.name, size
    ('softmax', 3)
    """
    if isinstance(model, Layer) and type(model).forward is Layer.forward:
        return Outputs(model.activation, len(model.neurons))
    if isinstance(model, Neuron) and type(model).forward is Neuron.forward:
        return Outputs(model.activation, 1)
    if not isinstance(model, Sequential) or type(model).forward is not Sequential.forward:
        return None
    *others, last = (item for item in model.layers if not isinstance(item, Dropout))
    if not isinstance(last, Activation):
        return outputs_of(last)
    before = outputs_of(others[-1]) if others else None
    return Outputs(last, before and before.size)


def inputs_of(model: object) -> int | None:
    """Return how many numbers a model takes a sample; None where only a call could tell.

    Examples
    --------
    >>> import nn
    >>> inputs_of(nn.Sequential(nn.Dropout(), nn.LayerNorm(3), nn.Layer(3, 1)))
    3
    """
    if isinstance(model, Layer | Neuron):
        neuron = model.neurons[0] if isinstance(model, Layer) else model
        return len(neuron.w)
    if isinstance(model, LayerNorm):
        return len(model.gain)
    if not isinstance(model, Sequential) or type(model).forward is not Sequential.forward:
        return None
    first = next((x for x in model.layers if not isinstance(x, Activation | Dropout)), None)
    return inputs_of(first)
