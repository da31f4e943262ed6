"""Draw the curves of a training run, and of activation functions with their derivatives."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

import autograd
from autograd import Value
from autograd.errors import brief, list_of, require, shown
from viz.plots.figures import COLOURS, DASHES, GREY, axes, figure_of, grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot_history(
    history: Mapping[str, Sequence[float]],
    names: Sequence[str] | None = None,
    *,
    ax: "Axes | None" = None,
) -> "Figure":
    """Draw the curves of a training run, one point an epoch, and mark the lowest validation loss.

    ``history`` maps names to one number an epoch, as `nn.fit` returns it or as a dict. ``names``
    chooses what is drawn; by default every loss. Raises ValueError for a name that it lacks.

    Examples
    --------
    >>> figure = plot_history({"loss": [0.9, 0.5, 0.3], "validation_loss": [1.0, 0.6, 0.7]})
    >>> [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    ['training loss', 'validation loss']
    """
    if not isinstance(history, Mapping):
        raise TypeError(
            f"plot_history: got {shown(history)}; give what nn.fit returns, or a dict of lists "
            'such as {"loss": losses}'
        )
    known = list(history.keys())
    names = [name for name in known if name.endswith("loss")] if names is None else list(names)
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        raise ValueError(
            f"the history has no {list_of(unknown or ['loss'])}; "
            + (f"it has {', '.join(known)}" if known else "it is empty")
        )
    ax = axes(ax)
    for position, name in enumerate(names):
        _curve(ax, name, history[name], position)
    ax.set(xlabel="epoch", ylabel="loss" if all(n.endswith("loss") for n in names) else "")
    ax.xaxis.set_major_locator(require("matplotlib.ticker", extra="plot").MaxNLocator(integer=True))
    ax.legend(frameon=False)
    return figure_of(ax)


def _curve(ax: "Axes", name: str, numbers: Sequence[float], position: int) -> None:
    colour, dash = COLOURS[position % len(COLOURS)], DASHES[position % len(DASHES)]
    epochs = range(1, len(numbers) + 1)
    marker = "o" if len(numbers) == 1 else ""  # one point makes no line
    label = "training loss" if name == "loss" else name.replace("_", " ")
    ax.plot(epochs, numbers, dash, color=colour, marker=marker, label=label, linewidth=2)
    finite = np.isfinite(numbers)
    if name == "validation_loss" and finite.any():
        best = int(np.argmin(np.where(finite, numbers, np.inf)))
        ax.plot(best + 1, numbers[best], "o", color=colour, markerfacecolor="white", zorder=3)


def plot_activations(
    names: str | Sequence[str] = ("sigmoid", "tanh", "relu", "leaky_relu"),
    *,
    span: float = 5.0,
    ax: "Axes | None" = None,
) -> "Figure":
    """Draw activation functions, and dashed their derivatives, which autograd computes.

    ``names`` are those of functions of one number, such as "tanh", or a single one; the x axis runs
    from ``-span`` to ``span``. Each function has its own panel, unless ``ax`` is given for all.
    Raises ValueError for a name that autograd lacks.

    Examples
    --------
    >>> figure = plot_activations(["sigmoid", "tanh"])
    >>> [ax.get_title() for ax in figure.axes]
    ['sigmoid', 'tanh']
    """
    names = [names] if isinstance(names, str) else names
    curves = {name: _with_derivative(name, span) for name in names}
    if not curves:
        raise ValueError("names is empty: give one function at least, such as 'tanh'")
    if ax is not None:
        for position, (name, curve) in enumerate(curves.items()):
            colour = COLOURS[position % len(COLOURS)]
            _activation(ax, curve, (name, f"{name}, derivative"), (colour, colour))
        return figure_of(ax)
    across = min(len(curves), 4)
    panels = grid(-(-len(curves) // across), across)
    for panel, (name, curve) in zip(panels, curves.items(), strict=False):
        _activation(panel, curve, ("g(x)", "g'(x)"), COLOURS[:2])
        panel.set_title(name)
    for spare in panels[len(curves) :]:
        spare.remove()
    return figure_of(panels[0])


def _with_derivative(name: str, span: float) -> tuple[list[float], list[float], list[float]]:
    function = getattr(autograd, name, None) if name in autograd.primitives.TABLE else None
    entry = autograd.primitives.TABLE.get(name)
    if function is None or entry is None or entry.arguments[0] != "x" or "y" in entry.arguments:
        raise ValueError(
            f"autograd has no function of one number called {brief(name)}; "
            "there are sigmoid, tanh, relu, leaky_relu, elu, gelu, silu, softplus and others"
        )
    xs = [Value(x) for x in np.linspace(-span, span, 401).tolist()]
    zs = function(xs)
    autograd.sum(zs).backward()  # each z depends on its own x alone: one pass gives all derivatives
    return [x.data for x in xs], [z.data for z in zs], [x.grad for x in xs]


def _activation(
    ax: "Axes",
    curve: tuple[list[float], list[float], list[float]],
    labels: tuple[str, str],
    colours: tuple[str, ...],
) -> None:
    xs, zs, slopes = curve
    ax.axhline(0, color=GREY, linewidth=0.8, zorder=0)
    ax.axvline(0, color=GREY, linewidth=0.8, zorder=0)
    ax.plot(xs, zs, color=colours[0], linewidth=2, label=labels[0])
    ax.plot(xs, slopes, "--", color=colours[1], linewidth=2, label=labels[1])
    ax.set(xlabel="x", ylabel="g(x) and g'(x)")
    ax.legend(frameon=False)
