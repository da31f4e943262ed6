"""Neurons, layers of neurons, and networks of layers: `Sequential`, `MLP`."""

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from itertools import pairwise
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

import autograd
from autograd import Value, dot
from autograd._checks import checked_keywords, error_text, real_array, whole_number
from nn import initializers
from nn._utils import plain, sample_of, samples_of
from nn.activations import ACTIVATIONS, Activation, resolve_activation
from nn.module import Module

Function: TypeAlias = str | Activation | Callable[[Value], Value]
Init: TypeAlias = str | initializers.Initializer | None
Rng: TypeAlias = int | np.random.Generator | None
Output: TypeAlias = Value | list[Value]
Array: TypeAlias = NDArray[np.float64]
INTERCHANGE = "nn.interchange"  # which stands above this file


class PerSample(Module):
    """A module that is called with one sample, or with a batch of samples.

    A sample is a list, tuple or 1-D array of numbers or Values (or one number, if one is
    expected); a batch is a list, tuple or 2-D array of samples, for which a list of outputs is
    returned. Subclasses define ``forward(sample)``.

    Examples
    --------
    >>> class Mean(PerSample):
    ...     def forward(self, sample):
    ...         return sum(sample) / len(sample)
    >>> Mean()([1.0, 3.0]), Mean()([[1.0, 3.0], [5.0, 5.0]])
    (2.0, [2.0, 5.0])
    """

    def __call__(self, x: Any) -> Any:
        """Compute the output for one sample, or a list of them for a batch."""
        batch = samples_of(x)
        if batch is None:
            return self.forward(x)
        return [self.forward(sample) for sample in batch]

    def forward(self, sample: object) -> Output:
        """Compute the output for one sample; subclasses define it."""
        raise NotImplementedError


@checked_keywords
class Neuron(PerSample):
    """A neuron: activation(w . x + b) of ``nin`` inputs.

    Parameters
    ----------
    nin
        The number of inputs.
    activation
        A name (see `nn.ACTIVATIONS`) or a function of one Value.
    init
        A name (see `nn.initializers`), an initializer, or None for the one that suits the
        activation: He for relu, leaky_relu, gelu and silu, Xavier for all others. The bias starts
        at 0.
    rng
        A seed, a NumPy Generator, or None for a random seed.
    bias
        Whether there is a bias; else ``b`` is None.

    Examples
    --------
    >>> neuron = Neuron(2, activation="sigmoid", rng=0)
    >>> neuron.w[0].data, neuron.w[1].data = 1.0, -1.0
    >>> neuron([3.0, 3.0]).data
    0.5
    """

    is_unit = True

    def __init__(
        self,
        nin: int,
        activation: Function = "relu",
        init: Init = None,
        rng: Rng = None,
        bias: bool = True,
    ) -> None:
        nin = whole_number("nin", nin)
        self.activation = resolve_activation(activation)
        if self.activation.whole:
            raise ValueError(
                f"{self.activation.name} acts on a whole layer: "
                "give it to a Layer, not to a Neuron",
            )
        rule = initializers.resolve_initializer(init, self.activation.name)
        weights = initializers.draw_weights(rule, initializers.make_rng(rng), nin, 1)[0]
        self.w = [Value(weight) for weight in weights]
        self.b = Value(0.0) if bias else None

    def forward(self, sample: object) -> Value:
        """Compute the output for one sample.

        Examples
        --------
        >>> Neuron(2, activation="linear", init="zeros").forward([1.0, 2.0]).data
        0.0
        """
        return self.activation.each(self.sum(sample_of(sample, len(self.w), self._name)))

    def sum(self, x: list[Value]) -> Value:
        """Compute w . x + b as one node of the graph, without the activation.

        Examples
        --------
        >>> from autograd import Value
        >>> Neuron(2).sum([Value(1.0), Value(2.0)]).op
        'dot'
        """
        total: Value = dot(self.w, x) if self.b is None else dot(self.w, x, self.b)
        return total

    def _name(self) -> str:
        return f"{_prefix(self.w[0].label, 'w.0')}{self.architecture()}"

    def architecture(self) -> str:
        """Describe the neuron without its numbers.

        Examples
        --------
        >>> Neuron(2).architecture()
        "Neuron(2, 'relu')"
        """
        return f"Neuron({len(self.w)}, {self.activation.name!r}{_bias(self.b)})"


@checked_keywords
class Layer(PerSample):
    """A layer of ``nout`` neurons with the same ``nin`` inputs; returns a list, or a single output.

    Its arguments are those of `Neuron`. The softmax activation acts on all outputs together.

    Examples
    --------
    >>> layer = Layer(2, 3, activation="softmax", init="zeros")
    >>> [round(y.data, 3) for y in layer([1.0, 2.0])]
    [0.333, 0.333, 0.333]
    >>> layer([1.0, 2.0, 3.0])
    Traceback (most recent call last):
    ValueError: Layer(2, 3, 'softmax') expects 2 inputs, got a list of 3
    """

    is_unit = True

    def __init__(
        self,
        nin: int,
        nout: int,
        activation: Function = "relu",
        init: Init = None,
        rng: Rng = None,
        bias: bool = True,
    ) -> None:
        nin, nout = whole_number("nin", nin), whole_number("nout", nout)
        self.activation = resolve_activation(activation)
        if self.activation.whole and nout == 1:
            raise ValueError(
                f"{self.activation.name} over one output is always 1: use sigmoid, or more outputs",
            )
        rng = initializers.make_rng(rng)
        rows = initializers.draw_weights(
            initializers.resolve_initializer(init, self.activation.name), rng, nin, nout
        )
        self.neurons = [_neuron(row, self.activation, rng, bias) for row in rows]

    @property
    def W(self) -> Array:
        """The weights' numbers, a row a neuron: shape (nout, nin); can be set.

        The array is a copy: to change one number, set that of the `Value`, or the whole array.

        Examples
        --------
        >>> layer = Layer(2, 3, rng=0)
        >>> layer.W = [[1, 2], [3, 4], [5, 6]]
        >>> layer.W[0], layer.neurons[2].w[1].data
        (array([1., 2.]), 6.0)
        """
        return np.array([autograd.get_data(neuron.w) for neuron in self.neurons])

    @W.setter
    def W(self, numbers: ArrayLike) -> None:
        rows = self._fitting("W", numbers, (len(self.neurons), len(self.neurons[0].w)))
        for neuron, row in zip(self.neurons, rows, strict=True):
            autograd.set_data(neuron.w, row)

    @property
    def b(self) -> Array | None:
        """The biases' numbers, one a neuron: shape (nout,); can be set, as `W`. None without any.

        Examples
        --------
        >>> layer = Layer(2, 3)
        >>> layer.b = [0.5, 0, 0]
        >>> layer.b
        array([0.5, 0. , 0. ])
        """
        biases = self._biases()
        return autograd.get_data(biases) if biases else None

    @b.setter
    def b(self, numbers: ArrayLike) -> None:
        biases = self._biases()
        if not biases:
            raise ValueError(f"b of {self._name()}: the layer has no biases")
        autograd.set_data(biases, self._fitting("b", numbers, (len(biases),)))

    def _biases(self) -> list[Value]:
        return [neuron.b for neuron in self.neurons if neuron.b is not None]

    def _fitting(self, name: str, numbers: ArrayLike, shape: tuple[int, ...]) -> Array:
        """Return numbers as an array of the shape that they must have."""
        array = real_array(numbers, name)
        if array.shape != shape:
            raise ValueError(
                f"{name} of {self._name()}: got the shape {array.shape}; allowed: {shape}"
            )
        return array

    def forward(self, sample: object) -> Output:
        """Compute the outputs for one sample.

        Examples
        --------
        >>> Layer(2, 1, init="zeros").forward([1.0, 2.0]).data
        0.0
        """
        x = sample_of(sample, len(self.neurons[0].w), self._name)
        outputs = self.activation.layer([neuron.sum(x) for neuron in self.neurons])
        return outputs[0] if len(outputs) == 1 else outputs

    def _name(self) -> str:
        return f"{_prefix(self.neurons[0].w[0].label, 'neurons.0.w.0')}{self.architecture()}"

    def architecture(self) -> str:
        """Describe the layer without its numbers.

        Examples
        --------
        >>> Layer(2, 3).architecture()
        "Layer(2, 3, 'relu')"
        """
        nin, nout = len(self.neurons[0].w), len(self.neurons)
        return f"Layer({nin}, {nout}, {self.activation.name!r}{_bias(self.neurons[0].b)})"


def _neuron(
    weights: list[float], activation: Activation, rng: np.random.Generator, bias: bool
) -> Neuron:
    """Make a neuron with some weights; for a softmax layer, its linear part."""
    each = ACTIVATIONS["linear"] if activation.whole else activation
    return Neuron(len(weights), each, lambda *_: np.array([weights]), rng, bias)


def _bias(b: Value | None) -> str:
    """Return what an architecture says of a bias."""
    return ", bias=False" if b is None else ""


def _prefix(label: str | None, inner: str) -> str:
    """Return where a layer is in its model, for messages: ``layers.0: ``."""
    outer = (label or "").removesuffix(inner).removesuffix(".")
    return f"{outer}: " if outer and outer != label else ""


class Sequential(PerSample):
    """Modules one after the other: each gets what the one before it returns.

    An item is a `Module`, or an activation, which acts on each signal: a name in `nn.ACTIVATIONS`,
    such as "softmax", or a function of one Value. Items are indexed and iterated over as those of a
    list. Parameters are named as those of an `MLP`: ``layers.0.neurons.0.w.0``.

    Examples
    --------
    >>> model = Sequential(Layer(2, 8, "tanh", rng=0), Layer(8, 3, "linear", rng=1), "softmax")
    >>> model
    <Sequential(Layer(2, 8, 'tanh'), Layer(8, 3, 'linear'), 'softmax'), 51 parameters>
    >>> len(model), round(sum(y.data for y in model([1.0, 2.0])), 12)
    (3, 1.0)
    >>> model[0].W.shape
    (8, 2)
    """

    def __init__(self, *items: Module | Function) -> None:
        if not items:
            raise ValueError("Sequential needs one module at least")
        self.layers: list[Any] = [
            item if isinstance(item, Module) else resolve_activation(item, f"item {position}")
            for position, item in enumerate(items)
        ]

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self.layers)

    def __iter__(self) -> Iterator[Any]:
        """Iterate over the items."""
        return iter(self.layers)

    def __getitem__(self, position: int) -> Any:
        """Return an item by its position."""
        return self.layers[position]

    def forward(self, sample: object) -> Output:
        """Compute the output for one sample.

        Examples
        --------
        >>> Sequential(Neuron(2, "linear", init="zeros"), "sigmoid").forward([1.0, 2.0]).data
        0.5
        """
        signal: Any = sample
        for item in self.layers:
            if isinstance(item, PerSample):
                signal = item.forward(signal)
            else:
                signal = _activated(item, signal) if isinstance(item, Activation) else item(signal)
        return signal  # type: ignore[no-any-return]

    @classmethod
    def from_torch(
        cls,
        source: Any,
        activation: Function | Sequence[Function] = "relu",
        output: Function = "linear",
    ) -> Self:
        """Return a network with the weights of PyTorch's, of single precision widened to double.

        ``source`` is a ``torch.nn.Sequential`` of Linear, LayerNorm, Dropout and activations, or
        one of these; an `MLP` has Linear and activations alone. Or it is the ``state_dict`` of
        dense layers in order, which does not tell their ``activation`` and ``output``.

        Raises ExportError for a module that is not known here.

        Examples
        --------
        >>> import numpy as np
        >>> state = {"fc.weight": np.ones((2, 3)), "fc.bias": np.zeros(2)}
        >>> MLP.from_torch(state, output="softmax")
        <MLP(3, [2], output='softmax'), 8 parameters>
        """
        made: Self = import_module(INTERCHANGE).from_torch(cls, source, activation, output)
        return made

    @classmethod
    def from_onnx(cls, model: Any) -> Self:
        """Return the network of an ONNX model, a path or its bytes: a stack of dense layers.

        Raises ExportError for a node that is not known here, or for more than one path.
        """
        made: Self = import_module(INTERCHANGE).from_onnx(cls, model)
        return made

    @classmethod
    def from_sklearn(cls, estimator: Any) -> Self:
        """Return the network of a trained MLPClassifier or MLPRegressor of scikit-learn.

        Outputs are probabilities, or numbers of a regression; the names of classes come along.
        """
        made: Self = import_module(INTERCHANGE).from_sklearn(cls, estimator)
        return made

    def architecture(self) -> str:
        """Describe the items without their numbers.

        Examples
        --------
        >>> Sequential(Layer(2, 1), "tanh").architecture()
        "Sequential(Layer(2, 1, 'relu'), 'tanh')"
        """
        parts = [x.architecture() if isinstance(x, Module) else repr(x.name) for x in self.layers]
        return f"{type(self).__name__}({', '.join(parts)})"


def _activated(activation: Activation, signal: Any) -> Output:
    """Apply an activation to a list of signals, or to one."""
    signals = plain(signal)
    if isinstance(signals, list | tuple):
        return activation.layer(list(signals))
    return activation.each(signals)


@checked_keywords
class MLP(Sequential):
    """A multi-layer perceptron: a stack of fully connected layers.

    Parameters
    ----------
    nin
        The number of inputs.
    sizes
        The number of neurons of each layer, the last one being the output layer.
    activation
        The activation of the hidden layers: a name, a function of one Value, or a list of these,
        one per hidden layer.
    output
        The activation of the last layer.
    init, rng, bias
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
        bias: bool = True,
    ) -> None:
        widths = [whole_number("nin", nin), *_sizes(sizes)]
        last = resolve_activation(output, "output")
        functions = [*hidden_activations(activation, len(widths) - 2), last]
        rng = initializers.make_rng(rng)
        super().__init__(
            *(
                Layer(nin, nout, function, init, rng, bias)
                for (nin, nout), function in zip(pairwise(widths), functions, strict=True)
            )
        )

    def architecture(self) -> str:
        """Describe the network without its numbers.

        Examples
        --------
        >>> MLP(2, [3, 3, 1], activation=["relu", "tanh"]).architecture()
        "MLP(2, [3, 3, 1], activation=['relu', 'tanh'], output='linear')"
        """
        sizes = [len(layer.neurons) for layer in self.layers]
        *hidden, output = [layer.activation.name for layer in self.layers]
        shape = f"{len(self.layers[0].neurons[0].w)}, {sizes}"
        inner = f"activation={hidden[0] if len(set(hidden)) == 1 else hidden!r}, " if hidden else ""
        return f"MLP({shape}, {inner}output={output!r}{_bias(self.layers[0].neurons[0].b)})"


def _sizes(sizes: object) -> list[int]:
    """Check a network's sizes."""
    widths = plain(sizes)
    if not isinstance(widths, list | tuple):
        raise TypeError(error_text("sizes", sizes, "a list of layer sizes, such as [16, 1]"))
    if not widths:
        raise ValueError(error_text("sizes", sizes, "one layer at least, such as [1]"))
    return [whole_number(f"sizes[{position}]", size) for position, size in enumerate(widths)]


def hidden_activations(activation: Function | Sequence[Function], layers: int) -> list[Function]:
    """Return one activation for each hidden layer.

    Examples
    --------
    >>> hidden_activations("tanh", 2)
    ['tanh', 'tanh']
    """
    if isinstance(activation, str | Activation) or not isinstance(activation, Sequence):
        resolve_activation(activation)  # raises for a wrong one, even if no layer is hidden
        return [activation] * layers
    if len(activation) != layers:
        allowed = f"one activation for each of the {layers} hidden layers"
        hint = "that of the last layer is output="
        raise ValueError(error_text("activation", activation, allowed, hint))
    return list(activation)
