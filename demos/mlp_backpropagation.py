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

NAMES = ("Z1", "A1", "Z2", "Yhat", "dZ2", "dW2", "db2", "dZ1", "dW1", "db1")
TOLERANCE = 1e-12  # the gradients are sums of 100 terms: rounding leaves about 1e-16


def matrix(rows: Sequence[Sequence[Value]], field: str) -> Floats:
    """Return the numbers ("data") or the gradients ("grad") of Values as a matrix."""
    return np.array([[getattr(value, field) for value in row] for row in rows])


def parameters(model: nn.MLP, field: str) -> list[Floats]:
    """Return W1, b1, W2, b2, or their gradients: a row a neuron."""
    layers = [layer.neurons for layer in model.layers]
    parts = [part for ns in layers for part in ([n.w for n in ns], [[n.b] for n in ns])]
    return [matrix(part, field) for part in parts]


def scalar(model: nn.MLP, X: Floats, Y: Floats) -> dict[str, Floats]:
    """Return every quantity of both passes, computed one number at a time; samples are columns."""
    hidden, output = (layer.neurons for layer in model.layers)
    Z1, A1, Z2, Yhat, L = [], [], [], [], []
    for x, y in zip(X.T.tolist(), Y[0].tolist(), strict=True):
        Z1.append([autograd.dot(neuron.w, x, neuron.b) for neuron in hidden])
        A1.append([autograd.tanh(z) for z in Z1[-1]])
        Z2.append([autograd.dot(neuron.w, A1[-1], neuron.b) for neuron in output])
        Yhat.append([autograd.sigmoid(z) for z in Z2[-1]])
        L += [-(y * p.log() + (1 - y) * (1 - p).log()) for p in Yhat[-1]]
    J = autograd.mean(L)
    model.zero_grad()
    J.backward()
    dW1, db1, dW2, db2 = parameters(model, "grad")
    dZ1, dZ2 = (matrix(Z, "grad").T for Z in (Z1, Z2))
    forward = (matrix(rows, "data").T for rows in (Z1, A1, Z2, Yhat))
    return dict(zip(NAMES, (*forward, dZ2, dW2, db2, dZ1, dW1, db1), strict=True))


def vectorised(model: nn.MLP, X: Floats, Y: Floats) -> dict[str, Floats]:
    """Return the same quantities from the matrix equations."""
    W1, b1, W2, b2 = parameters(model, "data")
    m = X.shape[1]
    Z1 = W1 @ X + b1
    A1 = np.tanh(Z1)
    Z2 = W2 @ A1 + b2
    Yhat = 1 / (1 + np.exp(-Z2))
    dZ2 = (Yhat - Y) / m  # J is the mean over m samples: the textbook's 1/m of dW and db is here
    dW2 = dZ2 @ A1.T
    db2 = dZ2.sum(axis=1, keepdims=True)
    dZ1 = W2.T @ dZ2 * (1 - A1**2)  # times g'(Z1), element by element: tanh' = 1 - tanh^2
    dW1 = dZ1 @ X.T
    db1 = dZ1.sum(axis=1, keepdims=True)
    return dict(zip(NAMES, (Z1, A1, Z2, Yhat, dZ2, dW2, db2, dZ1, dW1, db1), strict=True))


def main(out: Path) -> list[Path]:
    """Compare both ways on 100 irises, and draw the graph of one of them."""
    flowers, species = iris.load("versicolor", "virginica")
    petals = flowers[:, 2:]
    X, Y = ((petals - petals.mean(axis=0)) / petals.std(axis=0)).T, species[None, :].astype(float)
    model = nn.MLP(2, [4, 1], activation="tanh", output="sigmoid", rng=0)
    ours, textbook = scalar(model, X, Y), vectorised(model, X, Y)

    print(f"{model}, {X.shape[1]} samples\n")
    print(f"{'':6}{'shape':>9}{'first, scalar':>20}{'first, vectorised':>20}{'largest gap':>13}")
    for name, right in textbook.items():
        gap, shape = np.abs(ours[name] - right).max(), "x".join(map(str, right.shape))
        print(f"{name:6}{shape:>9}{ours[name].flat[0]:20.14f}{right.flat[0]:20.14f}{gap:13.0e}")
        if not gap <= TOLERANCE:
            raise SystemExit(f"{name}: scalar and vectorised differ by {gap}, over {TOLERANCE}")
    print(f"all equal to {TOLERANCE:.0e}")

    yhat = model(autograd.values(X[:, 0], "x"))
    L = nn.binary_cross_entropy(yhat, int(Y[0, 0]))
    yhat.label, L.label = "ŷ", "L"
    model.zero_grad()
    L.backward()
    return save_graph(draw(L), out, "mlp_backpropagation")
