"""Networks to and from other libraries: PyTorch, ONNX, scikit-learn, and files that need none.

Stacks of dense layers are translated item by item, to what each library has for a layer; any other
model that can be compiled goes as its forward program (`autograd.export`). Nothing here is imported
before it is asked for, and no other library before that.
"""

import copy
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NoReturn, TypeVar

import numpy as np
from numpy.typing import NDArray

import autograd
from autograd._checks import error_text, one_of
from autograd.errors import ConcretizationError, list_of, require
from autograd.export import check_options, kinds
from autograd.export.program import DTYPES, ExportError, equations_of, is_batch, refuse
from autograd.export.targets.onnx import model_of
from nn._utils import OUTPUT_KIND, plain
from nn.activations import ACTIVATIONS, Activation, resolve_activation
from nn.data import Column, as_items
from nn.dropout import Dropout
from nn.layers import MLP, Function, Layer, Neuron, Sequential, hidden_activations
from nn.mode import running
from nn.module import Module
from nn.normalization import LayerNorm
from nn.outputs import OutputKind
from nn.shapes import inputs_of

Array = NDArray[np.float64]
Network = TypeVar("Network", bound=Sequential)
# Activations by the class that PyTorch has for them, with its settings; by the operator of ONNX,
# for those that have no number in single precision among their settings; by scikit-learn's name.
TORCH: Mapping[str, tuple[str, dict[str, Any]]] = {
    "sigmoid": ("Sigmoid", {}), "tanh": ("Tanh", {}), "relu": ("ReLU", {}),
    "leaky_relu": ("LeakyReLU", {"negative_slope": 0.01}), "elu": ("ELU", {"alpha": 1.0}),
    "selu": ("SELU", {}), "gelu": ("GELU", {"approximate": "none"}), "silu": ("SiLU", {}),
    "softplus": ("Softplus", {"beta": 1.0, "threshold": 50.0}), "softmax": ("Softmax", {"dim": -1}),
}  # fmt: skip
ONNX = {
    "sigmoid": "Sigmoid", "tanh": "Tanh", "relu": "Relu", "elu": "Elu", "softplus": "Softplus",
    "softmax": "Softmax",
}  # fmt: skip
SKLEARN = {"identity": "linear", "logistic": "sigmoid", "tanh": "tanh", "relu": "relu",
           "softmax": "softmax"}  # fmt: skip


@dataclass
class Dense:
    """A layer as it is in transit: W has a row a neuron; b is None where there is no bias."""

    W: Array
    b: Array | None = None
    activation: Function = "linear"

    def layer(self) -> Layer:
        """Return it as a `Layer`."""
        nout, nin = self.W.shape
        return self.set_in(Layer(nin, nout, self.activation, "zeros", bias=self.b is not None))

    def set_in(self, layer: Layer) -> Layer:
        """Set the numbers of a `Layer` to its own; return that."""
        layer.W = self.W
        if self.b is not None:
            layer.b = self.b
        return layer


@dataclass
class Stack:
    """Items read so far from another library, in order."""

    items: list[Any] = field(default_factory=list)

    def activate(self, name: str) -> None:
        """Add an activation, to the layer before where that has none."""
        last = self.items[-1] if self.items else None
        if isinstance(last, Dense) and last.activation == "linear":
            last.activation = name
        elif name != "linear":
            self.items.append(ACTIVATIONS[name])

    def as_network(self, kind: type[Network]) -> Network:
        """Return the items as a `Sequential`, or as an `MLP`, which has dense layers alone."""
        for item in self.items:
            if issubclass(kind, MLP) and not isinstance(item, Dense):
                what = item.architecture() if isinstance(item, Module) else f"{item.name!r}"
                raise ExportError(
                    f"{kind.__name__} has dense layers alone, each with one activation, and here "
                    f"is {what} beside them: take nn.Sequential"
                )
        dense = [item for item in self.items if isinstance(item, Dense)]
        if not dense:
            raise ValueError("there is no dense layer in it")
        for one, other in pairwise(dense):
            if len(one.W) != other.W.shape[1]:
                raise ValueError(
                    f"a layer of {len(one.W)} outputs is followed by one of {other.W.shape[1]} "
                    "inputs: the layers are not in order"
                )
        if not issubclass(kind, MLP):
            return kind(*(x.layer() if isinstance(x, Dense) else x for x in self.items))
        *hidden, output = (layer.activation for layer in dense)
        has_bias = any(layer.b is not None for layer in dense)
        sizes = [len(layer.W) for layer in dense]
        made = kind(dense[0].W.shape[1], sizes, hidden, output, "zeros", bias=has_bias)
        for layer, own in zip(dense, made.layers, strict=True):
            layer.set_in(own)
        return made


# Out


def export_network(model: Module, kind: str, example: Any, options: dict[str, Any]) -> Any:
    """Return a network for another place; see `Module.to`."""
    one_of("kind", kind, kinds())
    items = list(_items(model))
    if kind == "torch" and items and all(map(_has_torch, items)):
        check_options(kind, _to_torch, options)
        return _to_torch(items, **options)
    if kind == "onnx" and items and all(map(_has_onnx, items)):
        check_options(kind, _to_onnx, options)
        return _to_onnx(items, **options)
    if kind == "c":  # where parameters would be arguments
        model = copy.deepcopy(model).freeze()
    program = _forward_program(model, kind, _example(model, example))
    if kind in {"numpy", "c"}:
        options = {"name": "predict", **options}
    return program.to(kind, **options)


def _forward_program(model: Module, kind: str, batch: Array) -> Any:
    """Compile the forward pass, and run it once; refuse what depends on the numbers of a sample."""

    def predict(X: Any) -> Any:
        with running(training=False):
            outputs = model(plain(X))
        return list(outputs) if isinstance(outputs, tuple) else outputs  # one array, as predict's

    name = type(model).__name__
    program: Any = autograd.compile(predict, batch="X", gradients=False, engine="numpy")
    try:
        program(batch)
    except ConcretizationError as cause:
        refuse(name, kind, why=f"it reads the numbers of a sample: {cause}")
    form = program.form().program
    for guard, said in zip(form.guards, equations_of(form).guards, strict=True):
        if is_batch(said.shape):
            why = f"it compares the numbers of a sample ({guard.sign} at {guard.line})"
            refuse(name, kind, why=f"{why}: use autograd.where, maximum or minimum")
    return program


def _example(model: Module, example: Any) -> Array:
    """Return a batch of one sample."""
    if example is not None:
        items = as_items(example)
        batch = Column(items if hasattr(items, "__len__") else list(items)).take(slice(0, 1))
        if not isinstance(batch, np.ndarray) or not len(batch):
            raise ValueError(error_text("example", example, "samples of one shape, such as X[:1]"))
        return batch
    inputs = inputs_of(model)
    if inputs is None:
        raise ValueError(
            f"how many numbers does {model.architecture()} take? Give some samples: "
            "model.to(kind, example=X)"
        )
    return np.zeros((1, inputs))


def _items(model: object) -> Iterator[Any]:
    """Yield layers and activations one after the other; the model itself where it is no stack."""
    if isinstance(model, Sequential) and type(model).forward is Sequential.forward:
        for item in model.layers:
            yield from _items(item)
    elif isinstance(model, Neuron) and type(model).forward is Neuron.forward:
        b = None if model.b is None else autograd.get_data([model.b])
        yield Dense(autograd.get_data(model.w)[None], b, model.activation)
    elif isinstance(model, Layer) and type(model).forward is Layer.forward:
        yield Dense(model.W, model.b, model.activation)
    else:
        yield model


def _activation_of(item: Any) -> Any:
    return item.activation if isinstance(item, Dense) else item


def _is_one_of(item: Any, names: Mapping[str, Any]) -> bool:
    found = _activation_of(item)
    known = ACTIVATIONS.get(getattr(found, "name", ""))
    return known is not None and found is known and (known.name in {*names, "linear"})


def _has_torch(item: Any) -> bool:
    return isinstance(item, Dropout | LayerNorm) or _is_one_of(item, TORCH)


def _has_onnx(item: Any) -> bool:
    return isinstance(item, Dropout) or _is_one_of(item, ONNX)


def _to_torch(items: Sequence[Any], *, dtype: str = "float64") -> Any:
    """Return a `torch.nn.Sequential` that can be trained on."""
    torch: Any = require("torch", extra="torch")
    options = {"dtype": getattr(torch, one_of("dtype", dtype, DTYPES))}
    made = []

    def set_to(parameter: Any, numbers: Array) -> None:
        parameter.data = torch.tensor(numbers, **options)

    for item in items:
        if isinstance(item, Dense):
            nout, nin = item.W.shape
            layer = torch.nn.Linear(nin, nout, bias=item.b is not None, **options)
            set_to(layer.weight, item.W)
            if item.b is not None:
                set_to(layer.bias, item.b)
            made.append(layer)
        elif isinstance(item, LayerNorm):
            norm = torch.nn.LayerNorm(len(item.gain), eps=item.eps, **options)
            set_to(norm.weight, autograd.get_data(item.gain))
            set_to(norm.bias, autograd.get_data(item.bias))
            made.append(norm)
        elif isinstance(item, Dropout):
            made.append(torch.nn.Dropout(item.rate))
        activation = _activation_of(item)
        if isinstance(activation, Activation) and activation.name != "linear":
            name, settings = TORCH[activation.name]
            made.append(getattr(torch.nn, name)(**settings))
    return torch.nn.Sequential(*made)


def _to_onnx(items: Sequence[Any], *, dtype: str = "float64") -> Any:
    """Return an ONNX model of Gemm and activation nodes; one output is a number a sample."""
    onnx: Any = require("onnx", extra="onnx")
    helper, kind = onnx.helper, np.dtype(one_of("dtype", dtype, DTYPES))
    code = helper.np_dtype_to_tensor_dtype(kind)
    nodes: list[Any] = []
    weights: list[Any] = []
    signal, inputs, outputs, count = "X", 0, 0, 0

    def then(op: str, *others: str, **settings: Any) -> None:
        nonlocal signal
        nodes.append(
            helper.make_node(op, [signal, *others], [f"{op.lower()}_{len(nodes)}"], **settings)
        )
        signal = nodes[-1].output[0]

    for item in items:
        if isinstance(item, Dense):
            count += 1
            given = {f"W{count}": item.W} | ({} if item.b is None else {f"b{count}": item.b})
            weights += [onnx.numpy_helper.from_array(x.astype(kind), n) for n, x in given.items()]
            outputs, width = item.W.shape
            inputs = inputs or width
            then("Gemm", *given, transB=1)
        activation = _activation_of(item)
        if isinstance(activation, Activation) and activation.name != "linear":
            then(ONNX[activation.name], **({"axis": -1} if activation.whole else {}))
    shape: list[Any] = ["n", outputs]
    if outputs == 1:  # as `predict` gives it
        weights.append(onnx.numpy_helper.from_array(np.array([1]), "axis"))
        then("Squeeze", "axis")
        shape = ["n"]
    nodes[-1].output[0] = "value"
    graph = helper.make_graph(
        nodes, "predict", [helper.make_tensor_value_info("X", code, ["n", inputs])],
        [helper.make_tensor_value_info("value", code, shape)], weights,
    )  # fmt: skip
    return model_of(onnx, graph)


# In


def from_torch(
    kind: type[Network], source: Any, activation: Function | Sequence[Function], output: Function
) -> Network:
    """Return a network of PyTorch's; see `Sequential.from_torch`."""
    if isinstance(source, Mapping):
        return _from_state(source, activation, output).as_network(kind)
    stack = Stack()
    for module in _torch_modules(source):
        _read_torch(stack, module)
    return stack.as_network(kind)


def _torch_modules(module: Any) -> Iterator[Any]:
    """Yield the modules of nested Sequentials, in order."""
    if type(module).__name__ != "Sequential":
        yield module
        return
    for child in module.children():
        yield from _torch_modules(child)


def _read_torch(stack: Stack, module: Any) -> None:
    name = type(module).__name__
    if name == "Linear":
        b = None if module.bias is None else _numbers(module.bias)
        stack.items.append(Dense(_numbers(module.weight), b))
    elif name == "LayerNorm" and module.elementwise_affine and len(module.normalized_shape) == 1:
        norm = LayerNorm(module.normalized_shape[0], module.eps)
        autograd.set_data(norm.gain, _numbers(module.weight))
        if module.bias is not None:
            autograd.set_data(norm.bias, _numbers(module.bias))
        stack.items.append(norm)
    elif name == "Dropout":
        stack.items.append(Dropout(module.p))
    elif name not in {"Identity", "Flatten"}:
        stack.activate(_torch_activation(module))


def _torch_activation(module: Any) -> str:
    """Return the name of an activation, with the settings that it has here."""
    for name, (other, settings) in TORCH.items():
        if type(module).__name__ == other:
            given = {key: getattr(module, key, value) for key, value in settings.items()}
            if name == "softmax" and given["dim"] in {None, 1}:
                given["dim"] = -1
            if name == "softplus" and given["threshold"] >= 20:  # there x is softplus(x), nearly
                given["threshold"] = settings["threshold"]
            if given == settings:
                return name
            _refuse("PyTorch", repr(module), "its settings are others than here")
    known = ["Linear", "LayerNorm", "Dropout", *(other for other, _ in TORCH.values())]
    hint = "of a module with a forward of its own, give state_dict() with activation= and output="
    what = type(module).__name__ if list(module.children()) else repr(module)
    return _refuse("PyTorch", what, f"a Sequential may have {list_of(known)}; {hint}")


def _from_state(
    state: Mapping[str, Any], activation: Function | Sequence[Function], output: Function
) -> Stack:
    """Read dense layers from the names and shapes of a state_dict."""
    stack = Stack()
    for name, tensor in state.items():
        numbers = _numbers(tensor)
        if name.endswith("weight") and numbers.ndim == 2:
            stack.items.append(Dense(numbers))
        elif name.endswith("bias") and stack.items and numbers.shape == stack.items[-1].W.shape[:1]:
            stack.items[-1].b = numbers
        else:
            _refuse("PyTorch", f"{name} of shape {numbers.shape}", "it is of no dense layer")
    functions = [*hidden_activations(activation, len(stack.items) - 1), output]
    for layer, function in zip(stack.items, functions, strict=True):
        layer.activation = resolve_activation(function)
    return stack


def _numbers(tensor: Any) -> Array:
    """Return a tensor's numbers, widened to 64 bits."""
    array = tensor.detach().cpu().numpy() if hasattr(tensor, "detach") else tensor
    return np.asarray(array, np.float64)


def from_onnx(kind: type[Network], source: Any) -> Network:
    """Return a network that an ONNX model holds; see `Sequential.from_onnx`."""
    onnx: Any = require("onnx", extra="onnx")
    model = source
    if isinstance(source, bytes):
        model = onnx.load_from_string(source)
    elif isinstance(source, str | os.PathLike):
        model = onnx.load(os.fspath(source))
    graph = getattr(model, "graph", None)
    if graph is None:
        raise TypeError(error_text("model", source, "a path, bytes or an onnx.ModelProto"))
    return _OnnxReader(onnx, graph).read().as_network(kind)


class _OnnxReader:
    """Goes along the one path of a graph from its input to its output."""

    def __init__(self, onnx: Any, graph: Any) -> None:
        self.onnx, self.graph = onnx, graph
        self.numbers = {x.name: _onnx_numbers(onnx, x) for x in graph.initializer}
        self.stack = Stack()

    def read(self) -> Stack:
        """Return the items."""
        (signal,) = [x.name for x in self.graph.input if x.name not in self.numbers]
        for node in self.graph.node:
            settings = {x.name: self.onnx.helper.get_attribute_value(x) for x in node.attribute}
            if node.op_type == "Constant":
                self.numbers[node.output[0]] = _onnx_numbers(self.onnx, settings["value"])
                continue
            signals = [name for name in node.input if name and name not in self.numbers]
            if signals != [signal]:
                self.refuse(node, "only one path from input to output can be read")
            self.step(node, [self.numbers.get(name) for name in node.input], settings)
            signal = node.output[0]
        if signal != self.graph.output[0].name or len(self.graph.output) > 1:
            raise ValueError("the ONNX model's output is not at the end of one path")
        return self.stack

    def step(self, node: Any, inputs: list[Any], settings: dict[str, Any]) -> None:
        """Read one node, whose inputs are numbers or None for the signal."""
        op, items = node.op_type, self.stack.items
        if op == "Gemm":
            self.gemm(node, inputs, settings)
        elif op == "MatMul" and inputs[0] is None and np.ndim(inputs[1]) == 2:
            items.append(Dense(inputs[1].T))
        elif op == "Add" and self.is_bias(inputs):
            (b,) = [x for x in inputs if x is not None]
            items[-1].b = np.ravel(b)
        elif op in {"Identity", "Flatten", "Squeeze", "Cast", "Dropout"}:
            pass
        else:
            self.stack.activate(self.activation(node, settings))

    def gemm(self, node: Any, inputs: list[Any], settings: dict[str, Any]) -> None:
        """Read alpha X W + beta b."""
        if inputs[0] is not None or settings.get("transA") or np.ndim(inputs[1]) != 2:
            self.refuse(node, "its weights are no constant matrix on the right")
        W = settings.get("alpha", 1.0) * (inputs[1] if settings.get("transB") else inputs[1].T)
        b = None
        if len(inputs) > 2 and inputs[2] is not None:
            b = settings.get("beta", 1.0) * np.broadcast_to(np.ravel(inputs[2]), len(W))
        self.stack.items.append(Dense(W, b))

    def is_bias(self, inputs: list[Any]) -> bool:
        """Whether what is added is a bias of the layer before."""
        last = self.stack.items[-1] if self.stack.items else None
        sizes = [np.size(x) for x in inputs if x is not None]
        is_open = isinstance(last, Dense) and last.b is None and last.activation == "linear"
        return is_open and sizes == [len(last.W)]  # type: ignore[union-attr]

    def activation(self, node: Any, settings: dict[str, Any]) -> str:
        """Return the name of an activation."""
        op = node.op_type
        names = {other: name for name, other in ONNX.items()}
        if op == "LeakyRelu" and abs(settings.get("alpha", 0.01) - 0.01) < 1e-8:
            return "leaky_relu"
        if op == "Selu" and not settings:
            return "selu"
        if op == "Gelu" and settings.get("approximate", b"none") == b"none":
            return "gelu"
        if op == "Elu" and settings.get("alpha", 1.0) != 1.0:
            self.refuse(node, "its alpha is not 1")
        if op == "Softmax" and settings.get("axis", -1) not in {-1, 1}:
            self.refuse(node, "its axis is not that of the classes")
        if op not in names:
            known = ["Gemm", "MatMul", "Add", *names, "LeakyRelu", "Selu", "Gelu"]
            self.refuse(node, f"a stack of dense layers has {list_of(known)}")
        return names[op]

    def refuse(self, node: Any, why: str) -> NoReturn:
        """Raise the error that names a node."""
        named = f" ({node.name})" if node.name else ""
        _refuse("ONNX", f"the node {node.op_type}{named}", why)


def _onnx_numbers(onnx: Any, tensor: Any) -> Any:
    array = onnx.numpy_helper.to_array(tensor)
    return array.astype(np.float64) if array.dtype.kind == "f" else array


def from_sklearn(kind: type[Network], estimator: Any) -> Network:
    """Return the network of a trained MLPClassifier or MLPRegressor; see `Sequential`."""
    if not hasattr(estimator, "coefs_"):
        allowed = "a trained MLPClassifier or MLPRegressor"
        raise TypeError(error_text("estimator", estimator, allowed))
    kind_of_estimator = type(estimator).__name__
    names = [estimator.activation] * (len(estimator.coefs_) - 1) + [estimator.out_activation_]
    for name in names:
        if name not in SKLEARN:
            _refuse(kind_of_estimator, f"the activation {name!r}", f"here are {list_of(SKLEARN)}")
    classes = np.asarray(getattr(estimator, "classes_", []))
    several = names[-1] == "logistic" and estimator.n_outputs_ > 1
    if several and len(classes):  # not one class a sample, but any number of them
        _refuse(kind_of_estimator, "several labels a sample", "a network here has one class")
    stack = Stack([
        Dense(_numbers(W).T, _numbers(b), SKLEARN[name])
        for W, b, name in zip(estimator.coefs_, estimator.intercepts_, names, strict=True)
    ])  # fmt: skip
    model = stack.as_network(kind)
    named = classes.tolist() != list(range(len(classes)))  # predict_classes gives them back
    means = "probabilities" if len(classes) else "numbers"
    vars(model)[OUTPUT_KIND] = OutputKind(means, 0.5, tuple(classes.tolist()) if named else ())
    return model


def _refuse(library: str, what: str, why: str) -> NoReturn:
    raise ExportError(f"{library}: {what} cannot be read: {why}")
