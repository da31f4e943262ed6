"""Networks of layers."""

from collections.abc import Sequence
from itertools import pairwise

from autograd.errors import shown
from nn import initialise
from nn.basics.inputs import plain
from nn.basics.names import count
from nn.models import activations
from nn.models.activations import Activation
from nn.models.layers import Function, Init, Layer, Output, PerSample, Rng


class MLP(PerSample):
    """Stack layers: a multi-layer perceptron.

    Parameters
    ----------
    nin
        The number of inputs.
    sizes
        The number of neurons of each layer, the last one being the output.
    activation
        Of the hidden layers; a name, a function of one Value, or a list of these, one a hidden
        layer.
    output
        The activation of the last layer.
    init, rng
        As for `Neuron`. The same arguments and seed give the same weights, bit for bit.

    Examples
    --------
    >>> model = MLP(2, [16, 16, 1], rng=0)
    >>> model
    <MLP(2, [16, 16, 1], activation='relu', output='linear'), 337 parameters>
    >>> model.layers[0].neurons[3].w[1].label
    'layers.0.neurons.3.w.1'
    >>> len(model([[0.0, 0.0], [0.0, 1.0], [1.0, 1.0]]))
    3
    """

    def __init__(
        self,
        nin: int,
        sizes: Sequence[int],
        activation: Function | Sequence[Function] = "relu",
        output: Function = "linear",
        init: Init = None,
        rng: Rng = None,
    ) -> None:
        widths = [count("nin", nin), *_sizes(sizes)]
        functions = [*_hidden(activation, len(widths) - 2), output]
        rng = initialise.generator(rng)
        self.layers = [
            Layer(nin, nout, function, init, rng)
            for (nin, nout), function in zip(pairwise(widths), functions, strict=True)
        ]

    def forward(self, sample: object) -> Output:
        """Compute the output for one sample.

        Examples
        --------
        >>> MLP(2, [3, 1], init="zeros").forward([1.0, 2.0]).data
        0.0
        """
        first, *others = self.layers
        signal = first.forward(sample)
        for layer in others:
            signal = layer.forward(signal)
        return signal

    def architecture(self) -> str:
        """Describe the network apart from its numbers.

        Examples
        --------
        >>> MLP(2, [3, 3, 1], activation=["relu", "tanh"]).architecture()
        "MLP(2, [3, 3, 1], activation=['relu', 'tanh'], output='linear')"
        """
        sizes = [len(layer.neurons) for layer in self.layers]
        *hidden, output = [layer.activation.name for layer in self.layers]
        shape = f"{len(self.layers[0].neurons[0].w)}, {sizes}"
        inner = f"activation={hidden[0] if len(set(hidden)) == 1 else hidden!r}, " if hidden else ""
        return f"MLP({shape}, {inner}output={output!r})"


def _sizes(sizes: object) -> list[int]:
    """Check a network's sizes."""
    given = plain(sizes)
    if not isinstance(given, list | tuple):
        raise TypeError(f"sizes must be a list of layer sizes such as [16, 1], got {shown(sizes)}")
    if not given:
        raise ValueError("sizes is empty: a network needs at least one layer, such as [1]")
    return [count(f"sizes[{position}]", size) for position, size in enumerate(given)]


def _hidden(activation: Function | Sequence[Function], layers: int) -> list[Function]:
    """Return one activation for each hidden layer."""
    if isinstance(activation, str | Activation) or not isinstance(activation, Sequence):
        activations.find(activation)  # a wrong one is an error even where no layer is hidden
        return [activation] * layers
    if len(activation) != layers:
        raise ValueError(
            f"activation must have one entry for each of the {layers} hidden layers, "
            f"got {shown(activation)}; the last layer has its own argument, output",
        )
    return list(activation)
