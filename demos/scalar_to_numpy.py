"""Loops over single numbers become NumPy: the lecture's equations, found in its scalar graph."""

from pathlib import Path
from timeit import repeat

import numpy as np

import autograd
import nn
from autograd import Value
from demos import iris
from demos.iris import Floats
from demos.pictures import save_graph
from viz import draw, draw_program

NAME = "scalar_to_numpy"
TOLERANCE = 1e-12  # the gradients are means of 100 terms: rounding leaves about 1e-16
RNG = np.random.default_rng(0)
W1, b1 = autograd.values(RNG.normal(size=(4, 2)), "W1"), autograd.values(np.zeros((4, 1)), "b1")
W2, b2 = autograd.values(RNG.normal(size=(1, 4)), "W2"), autograd.values(np.zeros((1, 1)), "b2")
PARAMETERS = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


def layer(W: list[list[Value]], b: list[list[Value]], inputs: list[Value]) -> list[Value]:
    """Return z = w1 x1 + w2 x2 + ... + b of each neuron, one product after another."""
    sums = [sum(w * x for w, x in zip(row, inputs, strict=True)) for row in W]
    return [z + bias for z, (bias,) in zip(sums, b, strict=True)]


def loss(x: list[Value], y: Value) -> Value:
    """Return the loss of one sample: 2 inputs, 4 neurons with tanh, 1 with sigmoid."""
    hidden = [z.tanh() for z in layer(W1, b1, x)]
    (z2,) = layer(W2, b2, hidden)
    return nn.binary_cross_entropy(z2.sigmoid(), y)


def zero_grad() -> list[Value]:
    """Forget the gradient of every parameter, and return them all."""
    every = [v for rows in PARAMETERS.values() for row in rows for v in row]
    for v in every:
        v.zero_grad()
    return every


def scalar(X: Floats, Y: Floats) -> tuple[float, dict[str, Floats]]:
    """Return the mean loss and its gradients, node by node."""
    zero_grad()
    J = autograd.mean([loss(x, y) for x, y in zip(X.tolist(), Y.tolist(), strict=True)])
    J.backward()
    grads = {name: [[v.grad for v in row] for row in p] for name, p in PARAMETERS.items()}
    return J.data, {name: np.array(grad) for name, grad in grads.items()}


def main(out: Path) -> list[Path]:
    """Lift the loss, print the program, compare numbers and speeds, and draw both."""
    flowers, species = iris.load("versicolor", "virginica")
    petals, Y = flowers[:, 2:], species.astype(float)
    X = (petals - petals.mean(axis=0)) / petals.std(axis=0)

    lifted = autograd.compile(loss, batch=("x", "y"))
    value, gradients = lifted(X, Y)
    print(f"one flower's loss, traced once, is for {len(X)} flowers\n\n{lifted.source}")
    J, right = scalar(X, Y)
    print(f"{'':4}{'first, scalar':>20}{'first, program':>20}{'largest gap':>13}")
    for name, ours in {"J": value, **gradients}.items():
        theirs = np.array(right.get(name, J))
        gap = np.abs(ours - theirs).max()
        print(f"{name:4}{theirs.flat[0]:20.14f}{np.ravel(ours)[0]:20.14f}{gap:13.0e}")
        if not gap <= TOLERANCE:
            raise SystemExit(f"{name}: scalar graph and program differ by {gap}, over {TOLERANCE}")
    slow = min(repeat(lambda: scalar(X, Y), number=1, repeat=5))
    fast = min(repeat(lambda: lifted(X, Y), number=1, repeat=100))
    print(f"all equal to {TOLERANCE:.0e}; the program is {slow / fast:.0f} times as fast")

    x = [Value(number, f"x[{i}]") for i, number in enumerate(X[0].tolist(), start=1)]
    L = loss(x, autograd.constant(Y[0], "y"))
    L.label = "L"
    every = zero_grad()  # of the hundred flowers above
    L.backward()
    graph = draw(L, model=every)
    program = draw_program(lifted, title="The same for a batch")
    return save_graph(graph, out, NAME) + save_graph(program, out, f"{NAME}_program")
