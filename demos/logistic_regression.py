"""One neuron, z = w.x + b and yhat = sigmoid(z), learns to tell two species of iris apart."""

from pathlib import Path

import autograd
from autograd import Value, constant
from demos import iris
from demos.pictures import save_graph, save_plot
from viz import draw
from viz.plots import plot_history

EPOCHS, RATE = 60, 1.0


def predict(w: list[Value], b: Value, x: list[float]) -> Value:
    """Return the probability that a flower with the measures x is a virginica."""
    z = autograd.dot(w, x, b)
    yhat: Value = autograd.sigmoid(z)
    return yhat


def cross_entropy(yhat: Value, y: int) -> Value:
    """Return the surprise at the truth y, in nats: -(y log yhat + (1 - y) log(1 - yhat))."""
    is_one, is_zero = constant(y, "y"), constant(1 - y, "1 − y")  # named for the picture
    return -(is_one * autograd.log(yhat) + is_zero * autograd.log(1 - yhat))


def share_right(w: list[Value], b: Value, X: list[list[float]], y: list[int]) -> float:
    """Return the accuracy: the share of flowers on the right side of 1/2."""
    return sum((predict(w, b, x) > 0.5) == (t == 1) for x, t in zip(X, y, strict=True)) / len(y)


def one_sample(out: Path, flower: list[float], y: int) -> list[Path]:
    """Show the gradient of one sample's loss beside the formula, and draw its graph."""
    x = [Value(number, f"x[{i}]") for i, number in enumerate(flower, start=1)]
    w = [Value(number, f"w[{i}]") for i, number in enumerate([0.3, -0.2, 0.5, 0.1], start=1)]
    b = Value(0.1, "b")
    z = autograd.dot(w, x, b)
    yhat = autograd.sigmoid(z)
    L = cross_entropy(yhat, y)
    z.label, yhat.label, L.label = "z", "ŷ", "L"
    L.backward()
    print(f"one virginica, y = {y}: z = {z:.4f}, yhat = {yhat:.4f}, L = {L:.4f}")
    print(f"  {'':8}{'autograd':>10}{'(yhat - y) x':>14}")
    error = yhat.data - y
    for i in range(4):
        print(f"  dL/dw{i + 1:<3}{w[i].grad:10.6f}{error * x[i].data:14.6f}")
    print(f"  {'dL/db':8}{b.grad:10.6f}{error:14.6f}")
    return save_graph(draw(L, model=[*w, b]), out, "logistic_regression")


def main(out: Path) -> list[Path]:
    """Look at one sample, then train by gradient descent, and test on flowers not seen."""
    X, y, X_test, y_test = (part.tolist() for part in iris.split(*iris.load(*iris.SPECIES[1:])))
    pictures = one_sample(out, X[y.index(1)], 1)

    w, b = [Value(0.0) for _ in range(4)], Value(0.0)
    print(f"\n{len(X)} flowers, gradient descent\n  {'epoch':>5}{'loss':>9}{'accuracy':>10}")
    losses = []
    for epoch in range(1, EPOCHS + 1):
        J = autograd.mean([cross_entropy(predict(w, b, x), t) for x, t in zip(X, y, strict=True)])
        J.backward()
        for p in (*w, b):
            p.data -= RATE * p.grad
            p.zero_grad()
        losses.append(J.data)
        if epoch in {1, 10, 30, EPOCHS}:
            print(f"  {epoch:5}{J:9.4f}{share_right(w, b, X, y):10.1%}")

    print(f"{len(X_test)} flowers not seen: accuracy {share_right(w, b, X_test, y_test):.1%}")
    weights = ", ".join(f"{name} {p:+.2f}" for name, p in zip(iris.MEASURES, w, strict=True))
    print(f"weights: {weights}")
    return pictures + save_plot(
        lambda: plot_history({"loss": losses}), out, "logistic_regression_loss"
    )
