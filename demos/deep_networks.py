"""Depth: networks of 1, 2, 3 and 6 layers on two spirals that no straight line separates."""

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import nn
from demos.pictures import save_plot
from demos.points import Floats, Ints, two_spirals
from viz import plot_distributions
from viz.plots import figure_of, grid, plot_decision_boundary

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DEPTHS, WIDTH, EPOCHS = (1, 2, 3, 6), 6, 80
DEEP, SOME = 8, 40  # layers of sigmoids; samples that are enough to look at them


def network(depth: int, activation: str) -> nn.MLP:
    """Return a network of so many layers, the output layer included."""
    sizes = [WIDTH] * (depth - 1) + [1]
    return nn.MLP(2, sizes, activation=activation, output="sigmoid", rng=0)


def train(model: nn.MLP, X: Floats, y: Ints, epochs: int, record: int | None = None) -> nn.History:
    """Train for some epochs, in steps of 20 samples."""
    options = {"lr": 0.03, "epochs": epochs, "batch_size": 20, "rng": 0, "record": record}
    return nn.fit(model, X, y, loss="binary_cross_entropy", progress=False, **options)  # type: ignore[arg-type]


def boundaries(models: dict[int, nn.MLP], X: Floats, y: Ints) -> "Figure":
    """Draw the decision boundaries of all networks side by side."""
    panels = grid(1, len(models), (3.4, 3.4))
    for ax, (depth, model) in zip(panels, models.items(), strict=True):
        plot_decision_boundary(model, X, y, steps=60, legend=False, ax=ax)
        right = nn.accuracy(nn.predict(model, X), y)
        ax.set_title(f"{depth} layer{'s' if depth > 1 else ''}: {right:.0%} right")
    return figure_of(panels[0])


def main(out: Path) -> list[Path]:
    """Train a network of each depth on the same points and draw what each has learnt."""
    X, y = two_spirals(120)
    print(f"{len(X)} points on two spirals, hidden layers of {WIDTH} tanh neurons")
    print(f"  {'layers':>6}{'parameters':>12}{'first loss':>12}{'last loss':>11}{'accuracy':>10}")
    models = {}
    for depth in DEPTHS:
        models[depth] = model = network(depth, "tanh")
        losses = train(model, X, y, EPOCHS)["loss"]
        right = nn.accuracy(nn.predict(model, X), y)
        count = len(model.parameters())
        print(f"  {depth:6}{count:12}{losses[0]:12.3f}{losses[-1]:11.3f}{right:10.1%}")
    pictures = save_plot(lambda: boundaries(models, X, y), out, "deep_networks")

    deep = network(DEEP, "sigmoid")
    print(f"\n{DEEP} layers of sigmoids, before the first step:")
    diagnosis = nn.diagnose(deep, X[:SOME], y[:SOME], loss="binary_cross_entropy")
    print("\n".join(textwrap.fill(str(finding), 96) for finding in diagnosis))
    past = train(deep, X, y, -(-EPOCHS // 2), record=4)
    print(
        f"  loss {past['loss'][0]:.3f} at first, {past['loss'][-1]:.3f} after {past.epochs} epochs"
    )
    show = lambda: plot_distributions(past, X[:SOME], y[:SOME])  # noqa: E731 - as above
    return pictures + save_plot(show, out, "deep_networks_gradients")
