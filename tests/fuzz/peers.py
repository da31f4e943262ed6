"""A generated model under JAX: the same text, with other names behind it."""

import copy
import types

import jax
import jax.numpy as jnp
import numpy as np

import nn


class Cell:
    """A parameter's place in a model."""


def _values(numbers):
    return [_values(x) for x in numbers] if isinstance(numbers, list) else Cell()


def _array(xs, *rest, **named):
    flat = [x for row in xs for x in (row if isinstance(row, list) else [row])]
    kept = np.array(xs, dtype=object) if any(type(x) is Cell for x in flat) else None
    return jnp.array(xs, *rest, **named) if kept is None else kept


ACTIVATIONS = {"tanh": jnp.tanh, "relu": jax.nn.relu}


class Module:
    """What a generated model derives from."""


class Neuron(Module):
    def __init__(self, nin, activation="relu", **_):
        self.w, self.b = [Cell() for _ in range(nin)], Cell()
        self.activation = ACTIVATIONS.get(activation, activation)

    def __call__(self, x):
        return self.activation(sum(a * v for a, v in zip(self.w, x, strict=True)) + self.b)


class Layer(Module):
    def __init__(self, nin, nout, activation="relu", **_):
        self.neurons = [Neuron(nin, activation) for _ in range(nout)]

    def __call__(self, x):
        return [neuron(x) for neuron in self.neurons]


def bound(thing, numbers):
    """Return a part of a model with numbers in the places of its parameters."""
    if type(thing) is Cell:
        return numbers[thing]
    if isinstance(thing, list):
        return [bound(item, numbers) for item in thing]
    if isinstance(thing, dict):
        return {key: bound(item, numbers) for key, item in thing.items()}
    if isinstance(thing, np.ndarray) and thing.dtype == object:
        return jnp.array(bound(thing.tolist(), numbers))
    if isinstance(thing, Module):
        made = object.__new__(type(thing))
        made.__dict__.update({k: bound(v, numbers) for k, v in thing.__dict__.items()})
        return made
    return thing


def cells(thing, found):
    """Collect the places of a model's parameters in the order of their definition."""
    if type(thing) is Cell:
        found.setdefault(thing)
    elif isinstance(thing, Module):
        cells(thing.__dict__, found)
    else:
        items = thing.values() if isinstance(thing, dict) else thing
        if isinstance(thing, np.ndarray):
            items = thing.ravel()
        for item in items if isinstance(thing, (dict, list, np.ndarray)) else ():
            cells(item, found)
    return found


def _mse(p, y):
    return (p - y) ** 2


LOSSES = {
    "mse": _mse,
    "mae": lambda p, y: jnp.abs(p - y),
    "huber": lambda p, y: jnp.where(jnp.abs(p - y) <= 1, (p - y) ** 2 / 2, jnp.abs(p - y) - 0.5),
    "hinge": lambda p, y: jax.nn.relu(1 - y * p),
    "binary_cross_entropy_with_logits": lambda p, y: (
        y * jax.nn.softplus(-p) + (1 - y) * jax.nn.softplus(p)
    ),
    "binary_cross_entropy": lambda p, y: -jnp.log(p) if y else -jnp.log1p(-p),
}
AUTOGRAD = types.SimpleNamespace(
    tanh=jnp.tanh, sin=jnp.sin, exp=jnp.exp, sigmoid=jax.nn.sigmoid, softplus=jax.nn.softplus,
    relu=jax.nn.relu, where=jnp.where, values=_values, constant=float,
    ValueArray=_array,
    logsumexp=lambda xs: jax.nn.logsumexp(jnp.stack([jnp.asarray(x) for x in xs])),
    dot=lambda xs, ys, b=0.0: sum(x * y for x, y in zip(xs, ys, strict=True)) + b,
)  # fmt: skip
COPY = types.SimpleNamespace(
    copy=lambda x: list(x) if isinstance(x, list) else x,
    deepcopy=lambda x: copy.copy(x) if isinstance(x, dict) else x,
)


class Numpy:
    """NumPy's functions under JAX, of lists too."""

    array = staticmethod(_array)

    def __getattr__(self, name):
        return getattr(jnp, name)


def gradient(program, ours):
    """Return a function of parameters and a batch: JAX's gradient."""
    names = {
        "np": Numpy(), "autograd": AUTOGRAD, "copy": COPY, "Value": lambda _: Cell(),
        "nn": types.SimpleNamespace(Module=Module, Neuron=Neuron, Layer=Layer),
    }  # fmt: skip
    exec(compile(program.source, "<model>", "exec"), names)
    if program.named:
        names["loss"] = LOSSES[program.named]
    with jax.enable_x64(True):
        model = names["Model"]()
    places = list(cells(model, {}))
    known = len(ours["Model"]().parameters())
    assert isinstance(ours["Model"](), nn.Module)
    assert known == len(places), f"{known} parameters, not {len(places)}"

    def mean_loss(theta, X, Y):
        numbers = dict(zip(places, theta, strict=True))
        here = bound(model, numbers)
        total = sum(names["loss"](here(x), y) for x, y in zip(X, Y, strict=True)) / len(X)
        return 1.0 * (total + names["penalty"](list(theta)) if "penalty" in names else total)

    slope = jax.grad(mean_loss)

    def slopes(numbers, X, Y):
        with jax.enable_x64(
            True
        ):  # here alone: other tests have the precision that JAX begins with
            return [float(g) for g in slope(list(map(float, numbers)), X, Y)]

    return slopes
