"""Draw the pictures of the README and the guide: ``python docs/pictures.py``."""

import math
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import autograd  # noqa: E402 - found by the line above, from any folder
import nn  # noqa: E402
import viz  # noqa: E402
from autograd import Value, files  # noqa: E402
from viz.plots import (  # noqa: E402
    plot_activations,
    plot_decision_boundary,
    plot_history,
    png,
)

LEARNT = {"logistic_regression": [Value(0.5, "w1"), Value(-0.25, "w2"), Value(0.1, "b")]}


def computational_graph() -> Value:
    """Compute J(a, b, c) = 3(a + bc)."""
    a, b, c = Value(2, "a"), Value(-3, "b"), Value(10, "c")
    u = b * c
    v = a + u
    J = 3 * v
    u.label, v.label, J.label = "u", "v", "J"
    return J


def logistic_regression() -> Value:
    """Compute the loss of one neuron on one sample."""
    *w, b = LEARNT["logistic_regression"]
    x = [Value(1.0, "x1"), Value(2.0, "x2")]
    z = autograd.dot(w, x, b)
    yhat = autograd.sigmoid(z)
    L = -autograd.log(yhat)
    z.label, yhat.label, L.label = "z", "ŷ", "L"
    return L


def mlp() -> Value:
    """Compute the loss of a 2-3-1 network on one sample."""
    model = nn.MLP(2, [3, 1], activation="tanh", output="sigmoid", rng=0)
    L = nn.binary_cross_entropy(model([Value(0.5, "x1"), Value(-1.0, "x2")]), 1)
    L.label = "L"
    return L


def batch() -> Value:
    """Compute the hinge loss of a 2-16-16-1 network over 100 samples."""
    model = nn.MLP(2, [16, 16, 1], activation="tanh", rng=0)
    rng = random.Random(0)  # noqa: S311 - points in the plane, not a secret
    points = [(rng.uniform(-1, 1), rng.uniform(-1, 1)) for _ in range(100)]
    loss = autograd.mean([(1 - (1 if x * y > 0 else -1) * model([x, y])).relu() for x, y in points])
    loss.label = "loss"
    return loss


def two_moons() -> tuple[list[list[float]], list[int]]:
    """Return points on two half circles that reach into each other, and on which of them."""
    rng = random.Random(0)  # noqa: S311 - points in the plane, not a secret
    X, y = [], []
    for k in range(80):
        angle, moon = math.pi * rng.random(), k % 2
        point = (
            (1 - 2 * moon) * math.cos(angle) + moon,
            (1 - 2 * moon) * math.sin(angle) + moon / 2,
        )
        X.append([coordinate + rng.gauss(0, 0.12) for coordinate in point])
        y.append(moon)
    return X, y


def training(file: Path) -> None:
    """Animate how a small network learns to tell two moons apart."""
    X, y = two_moons()
    model = nn.MLP(2, [4, 4, 1], activation="tanh", output="sigmoid", rng=3)
    history = nn.fit(
        model, X, y, loss="binary_cross_entropy", lr=0.05, epochs=90, record=9, progress=False
    )
    history.animate(X, y, fps=4, scale=0.75).save(file)


def distributions(file: Path) -> None:
    """Draw what goes through the layers of a deep network of sigmoids."""
    X, y = two_moons()
    model = nn.MLP(2, [6] * 7 + [1], activation="sigmoid", output="sigmoid", rng=0)
    history = nn.fit(
        model, X, y, loss="binary_cross_entropy", lr=0.03, epochs=80, record=4, progress=False
    )
    files.write(file, png(viz.plot_distributions(history, X, y), 80), action="save a plot")


def lifted() -> autograd.Compiled:
    """Compile the loss of a 2-4-1 network, and run it on three samples."""
    model = nn.MLP(2, [4, 1], activation="tanh", output="sigmoid", rng=0)

    def loss(x: list[Value], y: Value) -> Value:
        return nn.binary_cross_entropy(model(x), y)

    step = autograd.compile(loss, batch=("x", "y"))
    step([[0.5, 1.0], [-1.0, 2.0], [0.0, 1.5]], [1.0, 0.0, 1.0])
    return step


def photograph(page: viz.Exploration) -> None:
    """Photograph a page at a step back, light and dark; this needs playwright and Chromium."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - an extra

    with sync_playwright() as driver, tempfile.TemporaryDirectory() as folder:
        file = page.save(Path(folder) / "page.html")
        program = shutil.which("chromium")
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for scheme, name in (("light", "explore"), ("dark", "explore-dark")):
            size = {"width": 1180, "height": 680}
            tab = browser.new_page(viewport=size, color_scheme=scheme)
            tab.goto(file.as_uri())
            for _ in range(8):
                tab.keyboard.press("ArrowRight")
            tab.wait_for_timeout(500)  # milliseconds, until the number that arrives has appeared
            tab.screenshot(path=HERE / "pictures" / f"{name}.png")
        browser.close()


def graphs() -> Iterator[tuple[str, viz.Picture]]:
    """Draw graphs and programs; they follow the reader's system, light or dark."""
    for build in (computational_graph, logistic_regression, mlp, batch):
        result = build()
        result.backward()
        yield build.__name__, viz.draw(result, model=LEARNT.get(build.__name__), theme="auto")
        if build is batch:
            frame = "layers.1.neurons.3"
            yield "batch_open", viz.draw(result, open=frame, theme="auto")
    yield "program", viz.draw_program(lifted(), theme="auto")
    yield "program_nodes", viz.draw_program(lifted(), nodes=True, theme="auto")


def plots() -> Iterator[tuple[str, Figure]]:
    """Plot activation functions, and how a network learns what one neuron cannot."""
    yield "activations", plot_activations()
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, (150, 2))
    y = (X[:, 0] * X[:, 1] > 0).astype(int)
    model = nn.MLP(2, [8, 1], activation="tanh", rng=3)
    history = nn.fit(
        model, X[:100], y[:100], loss="binary_cross_entropy_with_logits", epochs=80, rng=0,
        optimiser=nn.Adam(model.parameters(), lr=0.03), validation=(X[100:], y[100:]),
        progress=False,
    )  # fmt: skip
    yield "history", plot_history(history)
    yield "boundary", plot_decision_boundary(model, X[:100], y[:100], threshold=0)


def main() -> None:
    """Draw all, with their gradients."""
    for name, picture in graphs():
        picture.save(HERE / "pictures" / f"{name}.svg")
    for name, figure in plots():
        files.write(HERE / "pictures" / f"{name}.png", png(figure, 80), action="save a plot")
    viz.animate(computational_graph()).save(HERE / "pictures" / "passes.gif")
    training(HERE / "pictures" / "training.gif")
    distributions(HERE / "pictures" / "distributions.png")
    photograph(viz.explore(computational_graph()))


if __name__ == "__main__":
    main()
