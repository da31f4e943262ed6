"""Weights that start equal stay equal; random ones near zero, where g' is largest, learn."""

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import autograd
import nn
from demos.pictures import save_animation, save_plot
from demos.points import Floats, Ints, two_moons
from viz.plots import figure_of, grid, plot_activations, plot_decision_boundary

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STARTS = {"zeros": nn.initializers.zeros(), "random near zero": nn.initializers.normal(std=0.1)}
EPOCHS = 200


def show(model: nn.MLP, title: str, *, gradients: bool = False) -> None:
    """Print the weights of the hidden neurons, or their gradients, a row a neuron."""
    print(f"  {title:25}{'w0':>12}{'w1':>12}{'b':>12}")
    for i, neuron in enumerate(model.layers[0].neurons):
        numbers = [p.grad if gradients else p.data for p in (*neuron.w, neuron.b)]
        print(f"    neuron {i:<14}" + "".join(f"{number:12.6f}" for number in numbers))


def train(model: nn.MLP, X: Floats, y: Ints) -> nn.History:
    """Train in steps of 20 samples, shuffled in the same way for each start; look in after one."""

    def look(history: nn.History) -> None:
        if history.epochs == 1:
            model.zero_grad()
            nn.binary_cross_entropy(model(X), y).backward()
            show(model, "gradients after 1 epoch", gradients=True)
            model.zero_grad()

    return nn.fit(
        model, X, y, loss="binary_cross_entropy", batch_size=20, lr=0.1, epochs=EPOCHS, rng=0,
        record=1, callbacks=[look], progress=False,
    )  # fmt: skip


def mean_slope(std: float, X: Floats) -> float:
    """Return the mean of g'(z) over samples and sigmoid neurons whose weights have this spread."""
    layer = nn.Layer(2, 20, activation="sigmoid", init=nn.initializers.normal(std=std), rng=0)
    slopes = [a.partials[0] for outputs in layer(X) for a in outputs]  # a = sigmoid(z): da/dz
    return autograd.mean(slopes)  # type: ignore[no-any-return]


def boundaries(models: dict[str, nn.MLP], X: Floats, y: Ints) -> "Figure":
    """Draw what the network has learnt from each start."""
    panels = grid(1, len(models), (4.2, 3.6))
    for ax, (name, model) in zip(panels, models.items(), strict=True):
        plot_decision_boundary(model, X, y, ax=ax)
        ax.set_title(f"{name}: {nn.accuracy(nn.predict(model, X), y):.0%} right")
    return figure_of(panels[0])


def main(out: Path) -> list[Path]:
    """Train the same network from both starts and look at its three hidden neurons."""
    X, y = two_moons(80)
    models = {}
    for name, init in STARTS.items():
        model = nn.MLP(2, [3, 1], activation="sigmoid", output="sigmoid", init=init, rng=1)
        models[name] = model
        print(f"start: {name}")
        history = train(model, X, y)  # the last one is animated
        show(model, f"weights after {EPOCHS} epochs")
        print(f"  accuracy {nn.accuracy(nn.predict(model, X), y):.1%}")
        print(textwrap.indent(textwrap.fill(str(nn.diagnose(model, X, y)), 94), "  ") + "\n")
    print("Equal neurons get equal gradients for ever: three of them can do no more than one.")

    print("\nNear zero, because the sigmoid's derivative is largest there, at 0.25:")
    for std in (0.1, 1.0, 10.0):
        print(f"  weights of spread {std:4}: mean g'(z) = {mean_slope(std, X):.4f}")
    pictures = save_plot(lambda: boundaries(models, X, y), out, "weight_initialisation")
    pictures += save_animation(lambda: history.animate(X, y, frames=8, fps=2), out, "training")
    return pictures + save_plot(plot_activations, out, "activation_functions")
