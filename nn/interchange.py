"""Networks to other libraries, and from them: `Module.to`, `MLP.from_torch` and the like.

A network is exported as what `autograd.export` writes for its forward pass over a batch; the
packages of other libraries are imported only where they are used.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from os import PathLike, fspath
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

import numpy as np
from numpy.typing import NDArray

import autograd
from autograd._checks import error_text, one_of
from autograd.errors import ConcretizationError, require
from autograd.export import ExportError, kinds
from autograd.export.program import DTYPES
from autograd.export.targets.c import constant_text, safe
from nn._utils import OUTPUT_KIND, plain
from nn.activations import ACTIVATIONS, Activation
from nn.data import Column, as_items
from nn.dropout import Dropout
from nn.layers import Layer, Neuron, Sequential
from nn.mode import running
from nn.module import Module
from nn.normalization import LayerNorm
from nn.outputs import OutputKind

Array: TypeAlias = NDArray[np.float64]
TEXTS = ("c", "latex", "numpy")


# --- Export ---------------------------------------------------------------------------------------


def export(
    model: Module,
    kind: str,
    *,
    example: Any = None,
    path: str | PathLike[str] | None = None,
    **options: Any,
) -> Any:
    """Return a network for another library, or as a text; see `Module.to`."""
    one_of("kind", kind, kinds())
    if path is not None and kind not in {*TEXTS, "onnx"}:
        raise ValueError(
            error_text("path", path, f"None for {kind!r}, which makes an object, not a file")
        )
    if kind == "torch" and example is None and (rows := _dense_items(model)) is not None:
        return _torch_network(rows, **options)
    program = _forward_program(model, example)
    if kind == "numpy":
        options.setdefault("name", "predict")
    made: Any = _c_network(program, **options) if kind == "c" else program.to(kind, **options)
    if kind == "jax":
        return JaxNetwork(made)
    if path is not None:
        data = made.SerializeToString() if kind == "onnx" else made.encode()
        Path(fspath(path)).write_bytes(data)
    return made


def _forward_program(model: Module, example: Any) -> Any:
    """Compile the forward pass for batches, and run it on samples, which says their shape."""

    def predict(x: Any) -> Any:
        with running(training=False):
            output = model(plain(x))
        return list(output) if isinstance(output, tuple) else output

    kind = type(model).__name__
    if example is None:
        count = number_of_inputs(model)
        if count is None:
            raise ExportError(
                f"the inputs of this {kind} are unknown: give some samples, as predict takes them: "
                "to(kind, example=X[:1])"
            )
        batch = np.zeros((1, count))
    else:
        items = as_items(example)
        batch = Column(items if hasattr(items, "__len__") else list(items)).take(slice(0, 1))
        if not isinstance(batch, np.ndarray) or not len(batch):
            raise ValueError(
                error_text("example", example, "samples of equal shape, such as X[:1]")
            )
    program: Any = autograd.compile(predict, batch=["x"], gradients=False, engine="numpy")
    try:
        program(batch)
        guards = program.form().program.guards
    except ConcretizationError as cause:
        raise ExportError(
            f"this {kind} cannot be exported, as it needs the numbers of its inputs: {cause}"
        ) from cause
    if guards:
        raise ExportError(
            f"this {kind} cannot be exported, as Python branches on its inputs: the comparison "
            f"{guards[0].sign} at {guards[0].line}; use autograd.where, maximum or minimum there"
        )
    return program


def number_of_inputs(model: object) -> int | None:
    """Return how many numbers a sample has, if the model's first layer says so.

    >>> number_of_inputs(Sequential("tanh", Layer(3, 1))), number_of_inputs(Module())
    (3, None)
    """
    if isinstance(model, Neuron):
        return len(model.w)
    if isinstance(model, Layer):
        return len(model.neurons[0].w)
    if isinstance(model, LayerNorm):
        return len(model.gain)
    if isinstance(model, Sequential):
        for item in model:
            count = number_of_inputs(item)
            if count is not None or not isinstance(item, Activation | Dropout):
                return count
    return None


class JaxNetwork:
    """A network under JAX: a pure function of parameters and samples; ``to("jax")`` makes it.

    ``params`` is a dict of arrays with the model's numbers. `jax.jit`, `jax.grad` and `jax.vmap`
    apply to the object as to any function: it takes a batch, or one sample. JAX computes in double
    precision within ``with network.precision():``, or where it is set to it.
    """

    def __init__(self, program: Any) -> None:
        self.program = program
        parameters = program.form.parameters
        self.params = {name: np.asarray(x, program.dtype) for name, x in parameters.items()}
        self._ndim = 1 + len(program.form.program.arrays[0].shape)

    def __call__(self, params: Mapping[str, Any], x: Any) -> Any:
        """Return the outputs for a batch, or for one sample."""
        x = require("jax.numpy", extra="jax").asarray(x)
        batch = x if x.ndim == self._ndim else x[None]
        given = {"x": batch, **params}
        outputs = self.program.value([given[name] for name in self.program.names])
        return outputs if batch is x else outputs[0]

    def precision(self) -> Any:
        """Return a context in which JAX computes in the precision of the export."""
        return self.program.precision()


def _c_network(program: Any, *, name: str = "predict") -> str:
    """Write a C function of n samples, with the weights inside, around that of one sample."""
    form = program.form()
    one = f"{name}_sample"
    text = program.to("c", name=one).replace(f"\nint {one}(", f"\nstatic int {one}(")
    weights, given = [], []
    for array in form.program.arrays:
        if array.name not in form.parameters:
            given.append(f"x + i * {_size(array.shape)}")
            continue
        own = safe(array.name)
        weights.append(constant_text(own, np.asarray(form.parameters[array.name])))
        given.append(own if np.ndim(form.parameters[array.name]) else f"{own}[0]")
    outputs = _size(np.asarray(program(np.zeros((1, *form.program.arrays[0].shape)))).shape)
    lines = [
        "/* Put the outputs for n samples, row after row, where y points; return 0. */",
        f"int {name}(const double *x, int n, double *y)",
        "{",
        *(f"    {line}" for line in weights),
        "    for (int i = 0; i < n; i++)",
        f"        if ({one}({', '.join([*given, f'y + i * {outputs}'])}))",
        "            return 1;",
        "    return 0;",
        "}",
    ]
    return "\n".join([text, *lines, ""])


def _size(shape: tuple[int, ...]) -> int:
    return int(np.prod(shape, dtype=int))


def _dense_items(model: object) -> list[Any] | None:
    """Return layers and activations in order, where PyTorch has a module for each; else None."""
    if isinstance(model, Sequential) and type(model).forward is Sequential.forward:
        rows = [_dense_items(item) for item in model]
        return None if None in rows else [item for row in rows if row for item in row]
    if isinstance(model, Neuron | Layer):
        return [model] if model.activation.name in TORCH and _is_ours(model.activation) else None
    if isinstance(model, Activation):
        return [model] if model.name in TORCH and _is_ours(model) else None
    return None


def _is_ours(activation: Activation) -> bool:
    """Whether an activation is that of the table, not a user's function of the same name."""
    return activation is ACTIVATIONS.get(activation.name)


# The classes of torch.nn by our names, with the arguments by which they compute the same.
TORCH: dict[str, tuple[str, dict[str, Any]]] = {
    "linear": ("Identity", {}),
    "sigmoid": ("Sigmoid", {}),
    "tanh": ("Tanh", {}),
    "relu": ("ReLU", {}),
    "leaky_relu": ("LeakyReLU", {"negative_slope": 0.01}),
    "elu": ("ELU", {"alpha": 1.0}),
    "selu": ("SELU", {}),
    "gelu": ("GELU", {"approximate": "none"}),
    "silu": ("SiLU", {}),
    "softplus": ("Softplus", {"beta": 1, "threshold": 50}),  # beyond it x is its own softplus
    "softmax": ("Softmax", {"dim": -1}),
}


def _torch_network(items: list[Any], *, dtype: str = "float64") -> Any:
    """Make a `torch.nn.Sequential` with the numbers of layers; frozen ones stay frozen."""
    torch = require("torch", extra="torch")
    kind = getattr(torch, one_of("dtype", dtype, DTYPES))
    made: list[Any] = []
    for item in items:
        name = item.name if isinstance(item, Activation) else item.activation.name
        if not isinstance(item, Activation):
            made.append(_torch_linear(torch, item, kind))
        if name != "linear":
            function, arguments = TORCH[name]
            made.append(getattr(torch.nn, function)(**arguments))
    widths = [x.out_features for x in made if isinstance(x, torch.nn.Linear)]
    if widths[-1:] == [1]:
        made.append(torch.nn.Flatten(0))  # one output a sample comes as (n,)
    return torch.nn.Sequential(*made)


def _torch_linear(torch: Any, layer: Neuron | Layer, dtype: Any) -> Any:
    neurons = layer.neurons if isinstance(layer, Layer) else [layer]
    first = neurons[0]
    linear = torch.nn.Linear(len(first.w), len(neurons), bias=first.b is not None, dtype=dtype)
    weights = [[w.data for w in neuron.w] for neuron in neurons]
    with torch.no_grad():
        linear.weight.copy_(torch.tensor(weights, dtype=torch.float64))
        if first.b is not None:
            linear.bias.copy_(torch.tensor([n.b.data for n in neurons], dtype=torch.float64))  # type: ignore[union-attr]
    trained = bool(layer.parameters())
    for parameter in linear.parameters():
        parameter.requires_grad_(trained)
    return linear


# --- Import ---------------------------------------------------------------------------------------


class ImportRefusedError(ValueError):
    """Raised where a network of another library has something that an `MLP` lacks."""


@dataclass
class _Dense:
    """A fully connected layer of another library; ``activation`` is set by what follows it."""

    name: str
    weights: Array  # (nout, nin)
    biases: Array | None
    activation: Any = None


class _Stack:
    """The layers that were read so far; each is checked against the one before it."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.layers: list[_Dense] = []

    def refuse(self, what: str, why: str) -> NoReturn:
        """Raise the error that names what cannot be imported."""
        raise ImportRefusedError(f"{self.source}: {what} cannot be imported: {why}")

    def dense(self, name: str, weights: Any, biases: Any = None) -> None:
        """Add a layer."""
        W = np.array(weights, np.float64)
        if W.ndim != 2:
            self.refuse(name, f"its weights have the shape {W.shape}; allowed: (outputs, inputs)")
        if self.layers and W.shape[1] != len(self.layers[-1].weights):
            before = self.layers[-1]
            outputs = f"{before.name} has {len(before.weights)} outputs"
            self.refuse(name, f"it takes {W.shape[1]} inputs, and {outputs}")
        b = None if biases is None else np.array(biases, np.float64).reshape(-1)
        if b is not None and b.shape != (len(W),):
            self.refuse(name, f"it has {len(W)} outputs, and {len(b)} biases")
        self.layers.append(_Dense(name, W, b))

    def activate(self, name: str, activation: str) -> None:
        """Give the last layer its activation."""
        if not self.layers:
            self.refuse(name, "it comes before the first layer")
        if self.layers[-1].activation is not None:
            self.refuse(name, f"it follows the activation {self.layers[-1].activation!r}")
        if activation not in ACTIVATIONS:
            self.refuse(activation, f"an MLP has {', '.join(ACTIVATIONS)}")
        self.layers[-1].activation = activation

    def build(self, cls: Any) -> Any:
        """Make the network."""
        if not self.layers:
            self.refuse("it", "it has no fully connected layer")
        *hidden, last = [layer.activation or "linear" for layer in self.layers]
        bias = any(layer.biases is not None for layer in self.layers)
        widths = [len(layer.weights) for layer in self.layers]
        nin = self.layers[0].weights.shape[1]
        model = cls(nin, widths, hidden, last, init="zeros", bias=bias)
        for ours, theirs in zip(model.layers, self.layers, strict=True):
            ours.W = theirs.weights
            if theirs.biases is not None:
                ours.b = theirs.biases
        return model


def from_sklearn(cls: Any, estimator: Any) -> Any:
    """Make a network of a scikit-learn MLP; see `MLP.from_sklearn`."""
    kind = type(estimator).__name__
    if not hasattr(estimator, "coefs_") or not hasattr(estimator, "out_activation_"):
        why = " that is fitted" if hasattr(estimator, "hidden_layer_sizes") else ""
        allowed = f"an MLPClassifier or MLPRegressor{why}"
        raise TypeError(error_text("estimator", estimator, allowed))
    stack = _Stack(kind)
    names = {"identity": "linear", "logistic": "sigmoid"}
    hidden, last = (names.get(x, x) for x in (estimator.activation, estimator.out_activation_))
    *_, end = range(len(estimator.coefs_))
    for i, (W, b) in enumerate(zip(estimator.coefs_, estimator.intercepts_, strict=True)):
        stack.dense(f"coefs_[{i}]", W.T, b)
        stack.activate("activation", last if i == end else hidden)
    classes = getattr(estimator, "classes_", None)
    if classes is not None and last == "sigmoid" and estimator.n_outputs_ > 1:
        stack.refuse("several labels a sample", "a network here has one class a sample")
    model = stack.build(cls)
    if classes is None:
        vars(model)[OUTPUT_KIND] = OutputKind("numbers", 0.5)
    else:
        plainly = classes.dtype.kind in "biu" and (classes == np.arange(len(classes))).all()
        texts = () if plainly else tuple(str(name) for name in classes.tolist())
        vars(model)[OUTPUT_KIND] = OutputKind("probabilities", 0.5, texts)
    return model


def from_torch(cls: Any, source: Any, activation: Any = None, output: Any = None) -> Any:
    """Make a network of a PyTorch module, or of its state_dict; see `MLP.from_torch`."""
    if isinstance(source, Mapping):
        stack = _Stack("state_dict")
        _read_state(stack, source)
        hidden = "relu" if activation is None else activation
        last = "linear" if output is None else output
        count = len(stack.layers) - 1
        each = list(hidden) if isinstance(hidden, list | tuple) else [hidden] * count
        if len(each) != count:
            allowed = f"one activation for each of the {count} hidden layers"
            raise ValueError(error_text("activation", activation, allowed))
        for layer, function in zip(stack.layers, [*each, last], strict=True):
            layer.activation = function
        return stack.build(cls)
    if not callable(getattr(source, "named_children", None)):
        allowed = "a torch.nn.Module, or its state_dict()"
        raise TypeError(error_text("source", source, allowed))
    for name, given in (("activation", activation), ("output", output)):
        if given is not None:
            raise ValueError(error_text(name, given, "None for a module, which has its own"))
    stack = _Stack(type(source).__name__)
    _read_module(stack, source, "")
    return stack.build(cls)


def _read_state(stack: _Stack, state: Mapping[str, Any]) -> None:
    """Read weights and biases, which come in the order of the layers."""
    groups: dict[str, dict[str, Any]] = {}
    for name, numbers in state.items():
        layer, _, part = name.rpartition(".")
        if part not in {"weight", "bias"}:
            stack.refuse(name, "only weight and bias of fully connected layers are known")
        groups.setdefault(layer, {})[part] = _numbers(numbers)
    for layer, parts in groups.items():
        if "weight" not in parts:
            stack.refuse(f"{layer}.bias", "it has no weight beside it")
        stack.dense(f"{layer}.weight".lstrip("."), parts["weight"], parts.get("bias"))


def _numbers(tensor: Any) -> Array:
    """Return a tensor's numbers, in double precision."""
    plainly = tensor.detach().cpu().double().numpy() if hasattr(tensor, "detach") else tensor
    return np.array(plainly, np.float64)


def _read_module(stack: _Stack, module: Any, name: str) -> None:
    """Read a module and those in it, in order."""
    kind = type(module).__name__
    where = f"{name} ({kind})" if name else kind
    if not type(module).__module__.startswith("torch.nn.modules."):
        stack.refuse(
            where, "only Sequential says in which order its modules run; give its state_dict()"
        )
    if kind == "Sequential":
        for child, inner in module.named_children():
            _read_module(stack, inner, f"{name}.{child}".lstrip("."))
    elif kind == "Linear":
        bias = None if module.bias is None else _numbers(module.bias)
        stack.dense(where, _numbers(module.weight), bias)
    elif kind == "Flatten":
        if (module.start_dim, module.end_dim) not in {(0, -1), (1, -1)}:
            stack.refuse(where, "it flattens other axes than all, or those of a sample")
    elif kind != "Identity":
        _read_activation(stack, module, where)


def _read_activation(stack: _Stack, module: Any, where: str) -> None:
    """Read an activation, whose arguments have to be those that ours computes with."""
    kind = type(module).__name__
    ours = {torch: (name, arguments) for name, (torch, arguments) in TORCH.items()}
    if kind not in ours:
        stack.refuse(where, f"an MLP has Linear, and {', '.join(sorted(set(ours)))}")
    name, arguments = ours[kind]
    for argument, value in arguments.items():
        got = getattr(module, argument)
        allowed = {"dim": (-1, 1), "threshold": (got,)}.get(argument, (value,))
        if got not in allowed:
            stack.refuse(where, f"its {argument} is {got!r}, and ours {value!r}")
    stack.activate(where, name)


# ONNX's activations: our name, and the attributes that compute the same.
ONNX: dict[str, tuple[str, dict[str, tuple[Any, ...]]]] = {
    "Sigmoid": ("sigmoid", {}),
    "Tanh": ("tanh", {}),
    "Relu": ("relu", {}),
    "LeakyRelu": ("leaky_relu", {"alpha": (0.01,)}),
    "Elu": ("elu", {"alpha": (1.0,)}),
    "Selu": ("selu", {"alpha": (1.6732632,), "gamma": (1.050701,)}),
    "Gelu": ("gelu", {"approximate": ("none",)}),
    "Softplus": ("softplus", {}),
    "Softmax": ("softmax", {"axis": (-1, 1)}),
}
DENSE = ("Gemm", "MatMul")
MOVES = ("Identity", "Transpose", "Gather", "Flatten", "Squeeze", "Reshape")


def from_onnx(cls: Any, source: Any) -> Any:
    """Make a network of an ONNX model of dense layers; see `MLP.from_onnx`."""
    onnx = require("onnx", extra="onnx")
    if isinstance(source, bytes):
        proto = onnx.load_from_string(source)
    elif isinstance(source, str | PathLike):
        proto = onnx.load(fspath(source))
    elif isinstance(source, onnx.ModelProto):
        proto = source
    else:
        raise TypeError(error_text("source", source, "a path, bytes or an onnx.ModelProto"))
    stack = _Stack("the ONNX model")
    _OnnxReader(onnx, proto.graph, stack).read()
    return stack.build(cls)


class _OnnxReader:
    """Reads the nodes of a graph, each of which has to take what the one before it returns."""

    def __init__(self, onnx: Any, graph: Any, stack: _Stack) -> None:
        self.onnx, self.stack = onnx, stack
        self.numbers = {x.name: onnx.numpy_helper.to_array(x) for x in graph.initializer}
        self.nodes = []
        for node in graph.node:
            if node.op_type == "Constant" and node.attribute[0].name == "value":
                self.numbers[node.output[0]] = onnx.numpy_helper.to_array(node.attribute[0].t)
            else:
                self.nodes.append(node)
        inputs = [x.name for x in graph.input if x.name not in self.numbers]
        if len(inputs) != 1 or len(graph.output) != 1:
            stack.refuse(
                f"{len(inputs)} inputs and {len(graph.output)} outputs", "allowed: 1 and 1"
            )
        self.signal, self.output = inputs[0], graph.output[0].name
        self.samples_last = False

    def attributes(self, node: Any) -> dict[str, Any]:
        """Return a node's attributes, texts as such."""
        found = {x.name: self.onnx.helper.get_attribute_value(x) for x in node.attribute}
        return {name: x.decode() if isinstance(x, bytes) else x for name, x in found.items()}

    def read(self) -> None:
        """Read layer after layer."""
        position = 0
        while position < len(self.nodes):
            node = self.nodes[position]
            if node.op_type in DENSE:
                position += self.read_dense(position)
            elif node.op_type in MOVES:
                self.read_move(node)
                position += 1
            else:
                position += self.read_activation(position)
        if self.signal != self.output:
            self.stack.refuse(f"the output {self.output}", "it is not that of the last node")

    def described(self, node: Any) -> str:
        """Name a node for an error."""
        return f"{node.name or node.output[0]} ({node.op_type})"

    def read_dense(self, position: int) -> int:
        """Read a layer, with the sum that adds its biases; return the number of nodes."""
        node, where = self.nodes[position], self.described(self.nodes[position])
        known = self.numbers
        turned = node.input[0] in known  # weights times signals
        signal, weights = node.input[turned], node.input[not turned]
        if signal != self.signal or weights not in known or turned is not self.samples_last:
            self.stack.refuse(where, "it is not the last signal times weights that are inside")
        W = known[weights]
        biases = known.get(node.input[2]) if len(node.input) > 2 else None
        options = {"alpha": 1.0, "beta": 1.0, "transA": 0, "transB": 0, **self.attributes(node)}
        if (options["alpha"], options["beta"], options["transA"]) != (1.0, 1.0, 0):
            self.stack.refuse(where, "alpha and beta have to be 1, transA 0")
        if len(node.input) > 2 and biases is None:
            self.stack.refuse(where, "its biases are not inside")
        W = W.reshape(1, -1) if W.ndim == 1 else W if turned or options["transB"] else W.T
        self.signal, used = node.output[0], 1
        following = self.nodes[position + 1] if position + 1 < len(self.nodes) else None
        if biases is None and following is not None and following.op_type == "Add":
            others = [name for name in following.input if name in known]
            if len(others) == 1 and known[others[0]].size == len(W):
                biases, used, self.signal = known[others[0]], 2, following.output[0]
        if biases is not None and np.size(biases) == 1:
            biases = np.full(len(W), np.reshape(biases, ()))
        self.stack.dense(where, W, biases)
        return used

    def read_move(self, node: Any) -> None:
        """Read what only moves numbers: turns the batch, or takes the only output."""
        op, where = node.op_type, self.described(node)
        layers = self.stack.layers
        if node.input[0] != self.signal:
            self.stack.refuse(where, "it does not take what the last node returns")
        if op == "Transpose":
            self.samples_last = not self.samples_last
        elif op != "Identity" and not (layers and len(layers[-1].weights) == 1):
            self.stack.refuse(where, "only a single output can be taken out of its row")
        self.signal = node.output[0]

    def read_activation(self, position: int) -> int:
        """Read an activation, of one node or as our export writes it; return how many nodes."""
        node, where = self.nodes[position], self.described(self.nodes[position])
        group: list[Any] = []
        for following in self.nodes[position:]:
            if following.op_type in (*DENSE, *MOVES):
                break
            group.append(following)
        name = _formulas(self.onnx).get(self.signature(group))
        if name is None and node.op_type in ONNX:
            name, attributes = ONNX[node.op_type]
            if node.input[0] != self.signal:
                self.stack.refuse(where, "it does not take what the last node returns")
            if "axis" in attributes and self.samples_last:
                self.stack.refuse(where, "it would be over the samples")
            for attribute, value in self.attributes(node).items():
                allowed = attributes.get(attribute, ())
                if not any(x == value or (x != "none" and np.isclose(x, value)) for x in allowed):
                    self.stack.refuse(where, f"its {attribute} is {value!r}; allowed: {allowed}")
            group = [node]
        if name is None:
            self.stack.refuse(where, f"an MLP has Gemm, MatMul and Add, and {', '.join(ONNX)}")
        self.stack.activate(where, name)
        self.signal = group[-1].output[0]
        return len(group)

    def signature(self, group: list[Any]) -> tuple[Any, ...]:
        """Return what some nodes compute, whatever their names, sizes and precision are."""
        names: dict[str, Any] = {self.signal: "x"}
        rows: list[Any] = [self.samples_last]  # which says what the axes of a softmax are
        for node in group:
            inputs = [
                names.get(x, self.numbers[x].astype(np.float32).tobytes())
                if x in self.numbers
                else names.get(x)
                for x in node.input
            ]
            names |= {name: len(names) for name in node.output}
            rows.append((node.op_type, tuple(inputs), str(sorted(self.attributes(node).items()))))
        return tuple(rows)


@cache
def _formulas(onnx: Any) -> dict[tuple[Any, ...], str]:
    """Return our activations by the nodes that our export writes for them."""
    found = {}
    for name in ACTIVATIONS:
        graph = Layer(2, 2, name, init="zeros").to("onnx").graph
        reader = _OnnxReader(onnx, graph, _Stack(name))
        kinds = [node.op_type for node in reader.nodes]
        start = kinds.index("Add") + 1
        end = start + kinds[start:].index("Transpose")
        reader.signal, reader.samples_last = reader.nodes[start - 1].output[0], True
        if start < end:
            found[reader.signature(reader.nodes[start:end])] = name
    return found
