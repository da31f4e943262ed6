"""Plot how activations and gradients are distributed in each layer, from epoch to epoch."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from autograd.errors import shown
from viz.plots.figures import COLOURS, GREY, figure_of, grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = NDArray[np.float64]
SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)  # the quantiles that bound the bands, and the median
LOWEST = 1e-12  # of the largest gradient: what is smaller is drawn here, 0 too
_PANEL = (4.6, 1.5)  # inches


def plot_distributions(
    history: Any,
    X: Any,
    Y: Any,
    *,
    model: Any = None,
    loss: str | Callable[[Any, Any], Any] | None = None,
) -> "Figure":
    """Draw each layer's activations and gradients over a training recorded with ``record=1``.

    A row is a layer, the first on top. On the left its activations, on the right the magnitudes of
    the gradients that reach its sums w . x + b, on one logarithmic scale for all layers, so that
    fading from row to row is seen. The line is the median over neurons and samples; the bands hold
    the middle 50 % and 90 %. The grey number is the share of exact zeros at the end. `nn.diagnose`
    says what is wrong in words.

    Parameters
    ----------
    history
        What `nn.fit` returned.
    X, Y
        Samples and targets; a hundred are enough: each sample's graph is built for each epoch.
    model, loss
        As in training; needed where the history was pickled or copied, which leaves them out.

    Raises
    ------
    TypeError, ValueError
        If ``history`` is no history, nothing was recorded, or the model has no `nn.Layer`.

    Examples
    --------
    >>> import nn
    >>> X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> model = nn.MLP(2, [4, 1], activation="tanh", output="sigmoid", rng=3)
    >>> history = nn.fit(model, X, Y, epochs=30, record=10, progress=False)
    >>> figure = plot_distributions(history, X, Y)
    >>> [ax.get_title(loc="left") for ax in figure.axes]
    ['layers.0: tanh', '', 'layers.1: sigmoid', '']
    """
    if not callable(getattr(history, "signals", None)):
        raise TypeError(
            f"plot_distributions takes the History that nn.fit returns, not {shown(history)}"
        )
    epochs, observed = zip(*history.signals(X, Y, model=model, loss=loss), strict=True)
    panels = grid(len(observed[0]), 2, _PANEL)
    floor = _floor(observed)
    for row, layer in enumerate(zip(*observed, strict=True)):
        left, right = panels[2 * row : 2 * row + 2]
        activations = [signal.A for signal in layer]
        gradients = [signal.dZ for signal in layer]
        _bands(left, epochs, activations, COLOURS[0])
        _bands(right, epochs, [np.maximum(np.abs(dZ), floor) for dZ in gradients], COLOURS[1])
        for ax, last in ((left, activations[-1]), (right, gradients[-1])):
            _zeros(ax, last)
        left.set_title(f"{layer[0].name}: {layer[0].activation}", loc="left", fontsize="medium")
    _shared(panels[1::2], floor)
    panels[0].set_title("activations", loc="right", color=GREY, fontsize="medium")
    panels[1].set_title("|gradients|", loc="right", color=GREY, fontsize="medium")
    for ax in panels[-2:]:
        ax.set_xlabel("epoch")
    for ax in panels[:-2]:
        ax.tick_params(labelbottom=False)
    return figure_of(panels[0])


def _floor(observed: Sequence[Sequence[Any]]) -> float:
    """Return below which gradients are drawn as one."""
    sizes = [np.abs(signal.dZ) for signals in observed for signal in signals]
    largest = max(float(s[np.isfinite(s)].max(initial=0.0)) for s in sizes)
    smallest = min(float(s[s > largest * LOWEST].min(initial=np.inf)) for s in sizes)
    return float(np.clip(smallest, largest * LOWEST, largest)) or LOWEST


def _bands(ax: "Axes", epochs: Sequence[int], numbers: Sequence[Array], colour: str) -> None:
    """Draw the median, and bands of the middle half and of nine tenths; not finite is left out."""
    finite = [n[np.isfinite(n)] for n in numbers]
    table = [np.quantile(n, SHARES) if n.size else np.full(len(SHARES), np.nan) for n in finite]
    least, low, middle, high, most = np.array(table).T
    look: dict[str, Any] = {"color": colour, "linewidth": 0}
    ax.fill_between(epochs, least, most, alpha=0.15, **look)
    ax.fill_between(epochs, low, high, alpha=0.3, **look)
    ax.plot(epochs, middle, color=colour, linewidth=2, marker="o" if len(epochs) == 1 else "")


def _zeros(ax: "Axes", last: Array) -> None:
    share = float((last == 0).mean())
    if share:
        place: dict[str, Any] = {"ha": "right", "va": "top", "fontsize": "small", "color": GREY}
        ax.text(0.99, 0.97, f"{share:.0%} zero", transform=ax.transAxes, **place)


def _shared(panels: Sequence["Axes"], floor: float) -> None:
    """Give the gradients of all layers one logarithmic axis."""
    tops = [float(ax.dataLim.ymax) for ax in panels]
    top = max((t for t in tops if np.isfinite(t)), default=1.0)
    for ax in panels:
        ax.set_yscale("log")
        ax.set_ylim(floor / 1.5, max(top, floor * 10) * 1.5)
