"""A network's scalar gradients are the textbook's matrix equations, to the last digits."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

import autograd
import nn
from autograd import Value
from demos import iris
from demos.iris import Floats
from demos.pictures import save_graph
from viz import draw

TOLERANCE = 1e-12  # gradients are sums of 100 terms: rounding leaves about 1e-17


def scalar(model: nn.MLP, X: Floats, Y: Floats) -> dict[str, Floats]:
    """Return every quantity of both passes, computed one number at a time; samples are columns."""
    hidden, output = (layer.neurons for layer in model.layers)
    Z1, A1, Z2, Yhat = [], [], [], []
    for x in X.T.tolist():
        Z1.append([autograd.dot(neuron.w, x, neuron.b) for neuron in hidden])
        A1.append([autograd.tanh(z) for z in Z1[-1]])
        Z2.append([autograd.dot(neuron.w, A1[-1], neuron.b) for neuron in output])
        Yhat.append([autograd.sigmoid(z) for z in Z2[-1]])
    J = autograd.mean(
        [-(y * p.log() + (1 - y) * (1 - p).log()) for (p,), y in zip(Yhat, Y[0], strict=True)]
    )
    model.zero_grad()
    J.backward()
    forward = {"Z1": data(Z1).T, "A1": data(A1).T, "Z2": data(Z2).T, "Yhat": data(Yhat).T}
    second = {"dW2": grad([n.w for n in output]), "db2": grad([[n.b] for n in output])}
    first = {"dW1": grad([n.w for n in hidden]), "db1": grad([[n.b] for n in hidden])}
    return {**forward, "dZ2": grad(Z2).T, **second, "dZ1": grad(Z1).T, **first}


def vectorised(model: nn.MLP, X: Floats, Y: Floats) -> dict[str, Floats]:
    """Return the same quantities from the matrix equations; the names are the result's keys."""
    hidden, output = (layer.neurons for layer in model.layers)
    W1, b1 = data([n.w for n in hidden]), data([[n.b] for n in hidden])
    W2, b2 = data([n.w for n in output]), data([[n.b] for n in output])
    m = X.shape[1]

    Z1 = W1 @ X + b1
    A1 = np.tanh(Z1)
    Z2 = W2 @ A1 + b2
    Yhat = 1 / (1 + np.exp(-Z2))

    dZ2 = (Yhat - Y) / m  # J is the mean over the samples, so each has the share 1/m in it
    dW2 = dZ2 @ A1.T
    db2 = dZ2.sum(axis=1, keepdims=True)
    dZ1 = W2.T @ dZ2 * (1 - A1**2)  # g'(Z1), element by element: tanh' = 1 - tanh^2
    dW1 = dZ1 @ X.T
    db1 = dZ1.sum(axis=1, keepdims=True)
    forward = {"Z1": Z1, "A1": A1, "Z2": Z2, "Yhat": Yhat}
    return {**forward, "dZ2": dZ2, "dW2": dW2, "db2": db2, "dZ1": dZ1, "dW1": dW1, "db1": db1}


def data(rows: Sequence[Sequence[Value]]) -> Floats:
    """Return the numbers of Values as a matrix."""
    return np.array([[v.data for v in row] for row in rows])


def grad(rows: Sequence[Sequence[Value]]) -> Floats:
    """Return the gradients of Values as a matrix."""
    return np.array([[v.grad for v in row] for row in rows])


def main(out: Path) -> list[Path]:
    """Compare both ways on 100 irises, and draw the graph of one of them."""
    flowers, species = iris.load("versicolor", "virginica")
    petals = flowers[:, 2:]
    X, Y = ((petals - petals.mean(axis=0)) / petals.std(axis=0)).T, species[None, :].astype(float)
    model = nn.MLP(2, [4, 1], activation="tanh", output="sigmoid", rng=0)
    ours, textbook = scalar(model, X, Y), vectorised(model, X, Y)

    print(f"{model}, {X.shape[1]} samples\n")
    print(f"{'':6}{'shape':>9}{'first, scalar':>20}{'first, vectorised':>20}{'largest gap':>13}")
    for name, matrix in textbook.items():
        gap = np.abs(ours[name] - matrix).max()
        shape = "x".join(map(str, matrix.shape))
        print(f"{name:6}{shape:>9}{ours[name].flat[0]:20.14f}{matrix.flat[0]:20.14f}{gap:13.0e}")
        if not gap <= TOLERANCE:
            raise SystemExit(f"{name}: scalar and vectorised differ by {gap}, over {TOLERANCE}")
    print(f"all equal to {TOLERANCE:.0e}")

    x = autograd.values(X[:, 0], "x")
    L = nn.binary_cross_entropy(model(x), int(Y[0, 0]))
    L.label = "L"
    model.zero_grad()
    L.backward()
    return save_graph(draw(L), out, "mlp_backpropagation")
