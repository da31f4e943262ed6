"""A training by hand that takes turns with `nn.fit`, and the one in NumPy."""

import statistics
import time
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

RATE, BETA1, BETA2, EPS = 0.001, 0.9, 0.999, 1e-8


class Turns:
    """A training as one writes it, a step whenever the other has done one.

    It is given to `nn.fit` as a schedule, which is asked before each step: what passes between its
    answer and the next question is the other's step.
    """

    def __init__(self, samples: int, batch: int) -> None:
        self.random = np.random.default_rng(0)
        self.samples, self.batch = samples, batch
        self.times: dict[str, list[float]] = {"ours": [], "hand": []}
        self.answered = 0.0

    def step(self, step: int, chosen: Any) -> float:
        """Do a step (from 1) with chosen samples; return their loss."""
        raise NotImplementedError

    def __call__(self, step: int) -> float:
        """Note what time has passed, and do a step."""
        asked = time.perf_counter()
        if step:
            self.times["ours"].append(asked - self.answered)
        chosen = self.random.permutation(self.samples)[: self.batch]
        begin = time.perf_counter()
        self.step(step + 1, chosen)
        self.answered = time.perf_counter()
        self.times["hand"].append(self.answered - begin)
        return 1.0

    def medians(self) -> tuple[float, float]:
        """Return the seconds of a step, of the other and by hand."""
        return statistics.median(self.times["ours"]), statistics.median(self.times["hand"])


class InNumpy(Turns):
    """A network with relu, and Adam, in NumPy: samples are rows, all parameters one array."""

    def __init__(self, widths: Sequence[int], X: Any, Y: Any, batch: int) -> None:
        super().__init__(len(X), batch)
        self.X, self.Y = X, Y
        pairs = list(pairwise(widths))
        size = sum((a + 1) * b for a, b in pairs)
        self.row, self.slopes = self.random.normal(size=size) * 0.1, np.zeros(size)
        self.layers, self.gradients = ([*_layers(row, pairs)] for row in (self.row, self.slopes))
        self.mean, self.square = np.zeros(size), np.zeros(size)

    def step(self, step: int, chosen: Any) -> float:
        """Change the parameters once."""
        loss = self.backward(self.X[chosen], self.Y[chosen])
        if not np.isfinite(loss):
            raise FloatingPointError(f"the loss is {loss}")
        g = self.slopes
        self.mean = BETA1 * self.mean + (1 - BETA1) * g
        self.square = BETA2 * self.square + (1 - BETA2) * g * g
        mean, square = self.mean / (1 - BETA1**step), self.square / (1 - BETA2**step)
        self.row -= RATE * mean / (np.sqrt(square) + EPS)
        return loss

    def backward(self, x: Any, y: Any) -> float:
        """Compute the mean cross-entropy of a batch and its gradients."""
        *hidden, (W, b) = self.layers
        inputs = [x]
        for weights, bias in hidden:
            inputs.append(np.maximum(inputs[-1] @ weights + bias, 0))
        scores = inputs[-1] @ W + b
        loss, d = (_two if len(b) == 1 else _several)(scores, y)
        for i in reversed(range(len(self.layers))):
            weights, bias = self.gradients[i]
            np.matmul(inputs[i].T, d, out=weights)
            d.sum(axis=0, out=bias)
            if i:
                d = (d @ self.layers[i][0].T) * (inputs[i] > 0)
        return loss


def _layers(row: Any, pairs: Sequence[tuple[int, int]]) -> Any:
    """Cut a row into weights and biases, layer by layer."""
    start = 0
    for a, b in pairs:
        middle, end = start + a * b, start + (a + 1) * b
        yield row[start:middle].reshape(a, b), row[middle:end]
        start = end


def _several(scores: Any, y: Any) -> tuple[float, Any]:
    """Return the loss of softmax and cross-entropy, and its gradient."""
    largest = scores.max(axis=1, keepdims=True)
    parts = np.exp(scores - largest)
    whole = parts.sum(axis=1, keepdims=True)
    places = np.arange(len(y)), y
    loss = (np.log(whole) + largest).mean() - scores[places].mean()
    d = parts / whole
    d[places] -= 1
    d /= len(y)
    return float(loss), d


def _two(scores: Any, y: Any) -> tuple[float, Any]:
    """Return the loss of sigmoid and binary cross-entropy, and its gradient."""
    z = scores[:, 0]
    loss = (np.logaddexp(z, 0) - z * y).mean()
    d = (1 / (1 + np.exp(-z)) - y) / len(y)
    return float(loss), d[:, None]
