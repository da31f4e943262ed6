"""Scalar programs to lift: each takes nested lists of numbers and returns one `Value`."""

import builtins
import operator
import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import autograd
from autograd import dot, relu, softmax, sum

HEADS = 4
STEP = 0.01
ARITHMETIC = (operator.add, operator.sub, operator.mul, operator.truediv)


def product(a: Any, b: Any, c: Any) -> Any:
    """Compute J = 3 (a + b c)."""
    return 3 * (a + b * c)


def network(layers: Any, x: Any) -> Any:
    """Compute the outputs of a network; hidden layers are rectified."""
    for i, (W, b) in enumerate(layers):
        z = [dot(w, x, bias) for w, bias in zip(W, b, strict=True)]
        x = [relu(v) for v in z] if i < len(layers) - 1 else z
    return x


def hinge(layers: Any, x: Any, y: Any) -> Any:
    """Compute the hinge loss of one sample."""
    return relu(1 - y * network(layers, x)[0])


def hinge_of_operators(layers: Any, x: Any, y: Any) -> Any:
    """Compute the same with + and * alone: one node for each."""
    for i, (W, b) in enumerate(layers):
        z = []
        for row, bias in zip(W, b, strict=True):
            acc = bias
            for w, v in zip(row, x, strict=True):
                acc = acc + w * v
            z.append(acc)
        x = [relu(v) for v in z] if i < len(layers) - 1 else z
    return relu(1 - y * x[0])


def classification(layers: Any, x: Any, y: Any) -> Any:
    """Compute the cross-entropy of one sample."""
    return autograd.cross_entropy(network(layers, x), y)


def recurrent(p: Any, xs: Any, y: Any) -> Any:
    """Compute the squared error of a recurrent network after its last input."""
    state = None
    for x in xs:
        given = [dot(u, x, bias) for u, bias in zip(p["input"], p["bias"], strict=True)]
        if state is not None:
            given = [dot(w, state, z) for w, z in zip(p["state"], given, strict=True)]
        state = [autograd.tanh(z) for z in given]
    return autograd.square(dot(p["output"], state) - y)


def oscillator(steps: int) -> Callable[[Any, Any], Any]:
    """Return Euler's method for x'' = mu (1 - x x) x' - k x: the square of x in the end."""

    def program(p: Any, start: Any) -> Any:
        x, v = start
        mu, k = p
        for _ in range(steps):
            x, v = x + STEP * v, v + STEP * (mu * (1 - x * x) * v - k * x)
        return x * x

    return program


def transformer(p: Any, tokens: Any) -> Any:
    """Compute the mean cross-entropy of each next token: one block, causal attention."""
    keys: list[Any] = []
    values: list[Any] = []
    losses = []
    for t, (token, following) in enumerate(pairwise(tokens)):
        x = normalised(_added(autograd.take(p["tokens"], token), p["places"][t]))
        y = normalised(x)
        keys.append(linear(p["keys"], y))
        values.append(linear(p["values"], y))
        heard = attention(linear(p["queries"], y), keys, values)
        x = _added(x, linear(p["out"], heard))
        hidden = [relu(v) for v in linear(p["wide"], normalised(x))]
        x = _added(x, linear(p["narrow"], hidden))
        losses.append(autograd.cross_entropy(linear(p["head"], x), following))
    return sum(losses) / len(losses)


def attention(query: Any, keys: Any, values: Any) -> list[Any]:
    """Return, head after head, the mean of the values weighted by how keys fit the query."""
    size = len(query) // HEADS
    heard = []
    for start in range(0, len(query), size):
        part = slice(start, start + size)
        scores = [inner(query[part], key[part]) / size**0.5 for key in keys]
        weights = softmax(scores)
        heard += [inner(weights, column) for column in zip(*(v[part] for v in values), strict=True)]
    return heard


def inner(xs: Sequence[Any], ys: Sequence[Any]) -> Any:
    """Sum products with Python's own `sum`: two nodes for each."""
    return builtins.sum(x * y for x, y in zip(xs, ys, strict=True))


def linear(W: Any, x: Any) -> list[Any]:
    """Multiply a matrix with a vector."""
    return [inner(row, x) for row in W]


def normalised(x: Sequence[Any]) -> list[Any]:
    """Divide by the root of the mean square."""
    scale = (inner(x, x) / len(x) + 1e-5) ** -0.5
    return [v * scale for v in x]


def _added(xs: Sequence[Any], ys: Sequence[Any]) -> list[Any]:
    return [x + y for x, y in zip(xs, ys, strict=True)]


def chain(length: int, leaves: int = 8) -> Callable[[Any], Any]:
    """Return a long thin program: random arithmetic of the last number and one of a few leaves."""
    rng = random.Random(length)  # noqa: S311 - data to time with, not a secret
    plan = [(rng.choice(ARITHMETIC), rng.randrange(leaves)) for _ in range(length)]

    def program(xs: Any) -> Any:
        y = xs[0]
        for operation, k in plan:
            y = operation(y, xs[k])
        return y

    return program


def irregular(
    nodes: int, depth: int, leaves: int = 100, ops: Any = autograd
) -> Callable[[Any], Any]:
    """Return a wide program: in each layer, random operations of any two earlier numbers."""
    rng = random.Random(nodes)  # noqa: S311 - as above
    width = nodes // depth
    plan = []
    for layer in range(depth):
        before = leaves + layer * width
        recent = max(0, before - width)
        plan += [
            (rng.choice(ARITHMETIC[:3]), rng.randrange(recent, before), rng.randrange(before))
            for _ in range(width)
        ]

    def program(xs: Any) -> Any:
        found = list(xs)
        for i, (operation, j, k) in enumerate(plan):
            y = operation(found[j], found[k])
            found.append(ops.tanh(y) if i % 4 == 0 else y * 0.5)
        return ops.sum(found[-width:])

    return program
