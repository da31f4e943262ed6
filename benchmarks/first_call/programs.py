"""Scalar programs of other fields than networks, each for any library's operations.

A program is made by a function of a namespace `ops` with `exp`, `log`, `sqrt`, `tanh`, `relu`,
`sum`, `softmax`, `take` and `cross_entropy`, as `autograd` has them.
"""

import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

Program = Callable[..., Any]
HEADS = 4
WIDTHS = (2, 3, 2, 1)  # of the small network
_RNG = random.Random(0)  # noqa: S311 - data to time with, not a secret
POINTS = [(_RNG.uniform(-1, 1), _RNG.uniform(-1, 1)) for _ in range(10)]


def inner(xs: Sequence[Any], ys: Sequence[Any], start: Any = 0.0) -> Any:
    """Add products, a node for each + and each *."""
    for x, y in zip(xs, ys, strict=True):
        start = start + x * y
    return start


def network(ops: Any) -> Program:
    """Return the squared error of a network with tanh, for one sample."""

    def loss(layers: Any, x: Any, y: Any) -> Any:
        for W, b in layers:
            x = [ops.tanh(inner(w, x, bias)) for w, bias in zip(W, b, strict=True)]
        return (x[0] - y) * (x[0] - y)

    return loss


def looped(ops: Any) -> Program:
    """Return the mean error of the same network, in a loop over samples."""
    one = network(ops)

    def loss(layers: Any, xs: Any, ys: Any) -> Any:
        return ops.sum([one(layers, x, y) for x, y in zip(xs, ys, strict=True)]) / len(ys)

    return loss


def transformer(ops: Any) -> Program:
    """Return the mean surprise at each next token: one block, causal attention, + and * alone."""

    def linear(matrix: Any, x: Any) -> list[Any]:
        return [inner(row, x) for row in matrix]

    def scaled(x: Any) -> list[Any]:
        factor = (inner(x, x) / len(x) + 1e-5) ** -0.5
        return [v * factor for v in x]

    def attention(query: Any, keys: Any, values: Any) -> list[Any]:
        size = len(query) // HEADS
        heard = []
        for start in range(0, len(query), size):
            part = slice(start, start + size)
            weights = ops.softmax([inner(query[part], key[part]) / size**0.5 for key in keys])
            columns = zip(*(value[part] for value in values), strict=True)
            heard += [inner(weights, column) for column in columns]
        return heard

    def loss(p: Any, tokens: Any) -> Any:
        keys: list[Any] = []
        values: list[Any] = []
        losses = []
        for position, (token, following) in enumerate(pairwise(tokens)):
            embedded = zip(ops.take(p["token"], token), p["position"][position], strict=True)
            x = scaled([a + b for a, b in embedded])
            y = scaled(x)
            keys.append(linear(p["key"], y))
            values.append(linear(p["value"], y))
            y = attention(linear(p["query"], y), keys, values)
            x = [a + b for a, b in zip(x, linear(p["out"], y), strict=True)]
            y = [ops.relu(v) for v in linear(p["up"], scaled(x))]
            x = [a + b for a, b in zip(x, linear(p["down"], y), strict=True)]
            losses.append(ops.cross_entropy(linear(p["head"], x), following))
        return ops.sum(losses) / len(losses)

    return loss


def euler(steps: int) -> Callable[[Any], Program]:
    """Return a pendulum with friction, by Euler's method, after some steps."""

    def write(ops: Any) -> Program:
        def final(p: Any, start: Any) -> Any:
            stiffness, friction = p
            x, v = start
            for _ in range(steps):
                x, v = x + 0.01 * v, v - 0.01 * (stiffness * ops.tanh(x) + friction * v)
            return x * x + v * v

        return final

    return write


def gaussian_process(ops: Any) -> Program:
    """Return the negative log-likelihood of a Gaussian process; Cholesky's factors in loops."""

    def loss(p: Any, xs: Any, ys: Any) -> Any:
        amplitude, rate, noise = (ops.exp(v) for v in p)
        factor: list[list[Any]] = []
        white: list[Any] = []
        total = 0.0
        for i, x in enumerate(xs):
            row: list[Any] = []
            for j in range(i + 1):
                gap = x - xs[j]
                entry = amplitude * ops.exp(-(rate * gap * gap))
                if j == i:
                    entry = entry + noise
                for k in range(j):
                    entry = entry - row[k] * factor[j][k] if j < i else entry - row[k] * row[k]
                row.append(entry / factor[j][j] if j < i else ops.sqrt(entry))
            rest = ys[i]
            for k in range(i):
                rest = rest - row[k] * white[k]
            white.append(rest / row[i])
            factor.append(row)
            total = total + ops.log(row[i]) + 0.5 * white[i] * white[i]
        return total

    return loss


def recurrent(ops: Any) -> Program:
    """Return the squared errors of a recurrent network that predicts the next number."""

    def loss(p: Any, sequence: Any) -> Any:
        state: Any = [0.0 * b for b in p["bias"]]
        total = 0.0
        for x, following in pairwise(sequence):
            state = [
                ops.tanh(inner(row, state, w * x + b))
                for row, w, b in zip(p["state"], p["input"], p["bias"], strict=True)
            ]
            error = inner(p["out"], state) - following
            total = total + error * error
        return total

    return loss


def small_network(ops: Any) -> Program:
    """Return the mean squared error of a 2-3-2-1 network, of a row of 20 parameters."""

    def loss(p: Any) -> Any:
        total = 0.0
        for point in POINTS:
            x: Any = list(point)
            start = 0
            for nin, nout in pairwise(WIDTHS):
                rows = [p[start + i * nin : start + (i + 1) * nin] for i in range(nout)]
                start += nin * nout
                x = [ops.tanh(inner(w, x, p[start + i])) for i, w in enumerate(rows)]
                start += nout
            error = x[0] - point[0] * point[1]
            total = total + error * error
        return total / len(POINTS)

    return loss


def kalman(ops: Any) -> Program:
    """Return the negative log-likelihood of a Kalman filter: a position and its speed."""

    def loss(p: Any, seen: Any) -> Any:
        push, noise = (ops.exp(v) for v in p)
        x, v = seen[0], 0.0 * seen[0]
        a, b, d = 1.0 + 0.0 * push, 0.0 * push, 1.0 + 0.0 * push  # the covariance's entries
        total = 0.0
        for y in seen[1:]:
            x = x + v
            a, b, d = a + 2.0 * b + d + push * 0.25, b + d + push * 0.5, d + push
            spread = a + noise
            error = y - x
            total = total + 0.5 * (ops.log(spread) + error * error / spread)
            gain, pull = a / spread, b / spread
            x, v = x + gain * error, v + pull * error
            a, b, d = (1.0 - gain) * a, (1.0 - gain) * b, d - pull * b
        return total

    return loss


def runge_kutta(steps: int, size: float, field: Callable[[Any, Any], list[Any]]) -> Any:
    """Return the squared length of a state that follows a field, by the classical method."""

    def write(_ops: Any) -> Program:
        def moved(state: Any, by: float, slope: Any) -> list[Any]:
            return [x + by * v for x, v in zip(state, slope, strict=True)]

        def final(p: Any, state: Any) -> Any:
            for _ in range(steps):
                k1 = field(p, state)
                k2 = field(p, moved(state, size / 2, k1))
                k3 = field(p, moved(state, size / 2, k2))
                k4 = field(p, moved(state, size, k3))
                state = [
                    x + (size / 6) * (a + 2.0 * b + 2.0 * c + d)
                    for x, a, b, c, d in zip(state, k1, k2, k3, k4, strict=True)
                ]
            total = 0.0
            for x in state:
                total = total + x * x
            return total

        return final

    return write


def epidemic(p: Any, state: Any) -> list[Any]:
    """Return how fast susceptible, infected and recovered shares change (SIR)."""
    contact, recovery = p
    s, i, _ = state
    infected, recovered = contact * s * i, recovery * i
    return [-infected, infected - recovered, recovered]


def lorenz(p: Any, state: Any) -> list[Any]:
    """Return Lorenz's field."""
    sigma, rho, beta = p
    x, y, z = state
    return [sigma * (y - x), x * (rho - z) - y, x * y - beta * z]
