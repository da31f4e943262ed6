"""Networks to other libraries, and from them: `Module.to`, `MLP.from_torch` and the like.

A network is exported as what `autograd.export` writes for its forward pass over a batch; the
packages of other libraries are imported only where they are used.
"""

from collections.abc import Mapping
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np

import autograd
from autograd._checks import error_text, one_of
from autograd.errors import ConcretizationError, require
from autograd.export import ExportError, kinds
from autograd.export.program import DTYPES
from autograd.export.targets.c import constant_text, safe
from nn._utils import plain
from nn.activations import ACTIVATIONS, Activation
from nn.data import Column, as_items
from nn.dropout import Dropout
from nn.layers import Layer, Neuron, Sequential
from nn.mode import running
from nn.module import Module
from nn.normalization import LayerNorm

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
