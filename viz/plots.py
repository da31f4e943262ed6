"""Matplotlib plots of a training: curves, activations, distributions, decision boundaries.

Each function returns a ``Figure``: notebooks show it, ``figure.savefig(path)`` writes it. Nothing
here touches pyplot or its global state, so no display is needed. Give ``ax=`` to draw into axes of
your own. Matplotlib is the extra ``plot``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

import autograd
from autograd import Value
from autograd._checks import (
    check_type,
    checked_keywords,
    error_text,
    real_number,
    some_of,
    whole_number,
)
from autograd.compiler.batched import BatchedFunction
from autograd.errors import require

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_activations", "plot_decision_boundary", "plot_distributions", "plot_history"]

# Okabe and Ito, Color universal design, 2008: apart for all common kinds of colour blindness.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#444444")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")  # classes differ in shape too, for print in grey
DASHES = ("-", "--", ":", "-.")
PANEL = (4.2, 3.2)  # inches
INK, GREY = "#1b1f24", "#8a939d"


def axes(ax: "Axes | None", *, square: bool = False) -> "Axes":
    """Return the caller's axes, or those of a new figure.

    Examples
    --------
    >>> ax = axes(None)
    >>> axes(ax) is ax
    True
    """
    return ax if ax is not None else grid(1, 1, (4.6, 4.4) if square else (6.0, 3.8))[0]


def grid(rows: int, across: int, panel: tuple[float, float] = PANEL) -> list["Axes"]:
    """Make a figure of panels in row-major order; ``panel`` is the size of each in inches.

    Examples
    --------
    >>> left, right = grid(1, 2)
    >>> left.figure is right.figure
    True
    """
    make = require("matplotlib.figure", extra="plot").Figure
    figure = make(figsize=(panel[0] * across, panel[1] * rows), layout="constrained")
    # Without pyplot, notebooks do not know how to show a figure; this method tells them.
    vars(figure)["_repr_png_"] = partial(png, figure)
    panels = figure.subplots(rows, across, squeeze=False).ravel().tolist()
    for ax in panels:
        ax.spines[["top", "right"]].set_visible(False)
    return list(panels)


def png(figure: "Figure", dpi: float = 144) -> bytes:
    """Render a figure as PNG.

    Examples
    --------
    >>> png(grid(1, 1)[0].figure)[1:4]
    b'PNG'
    """
    file = BytesIO()
    figure.savefig(file, format="png", dpi=dpi)
    return file.getvalue()


def figure_of(ax: "Axes") -> "Figure":
    """Return the figure that axes are in.

    Examples
    --------
    >>> type(figure_of(axes(None))).__name__
    'Figure'
    """
    return cast("Figure", ax.figure)


if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@checked_keywords
def plot_history(
    history: Mapping[str, Sequence[float]],
    names: Sequence[str] | None = None,
    *,
    ax: "Axes | None" = None,
) -> "Figure":
    """Plot the curves of a training, one point per epoch; mark the lowest validation loss.

    ``history`` maps names to one number per epoch, as `nn.fit` returns it or as a dict. ``names``
    chooses the curves, by default every loss. Raises ValueError for an unknown name.

    Examples
    --------
    >>> figure = plot_history({"loss": [0.9, 0.5, 0.3], "validation_loss": [1.0, 0.6, 0.7]})
    >>> [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    ['training loss', 'validation loss']
    """
    allowed = 'what nn.fit returns, or a dict of lists such as {"loss": losses}'
    check_type("history", history, Mapping, allowed)
    known = list(history.keys())
    losses = [name for name in known if name.endswith("loss")]
    names = some_of("names", losses if names is None else names, known)
    if not names:
        raise ValueError(error_text("history", history, "one with a loss", "names= chooses others"))
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


@checked_keywords
def plot_activations(
    names: str | Sequence[str] = ("sigmoid", "tanh", "relu", "leaky_relu"),
    *,
    span: float = 5.0,
    ax: "Axes | None" = None,
) -> "Figure":
    """Plot activation functions, with their derivatives by autograd as dashed lines.

    ``names`` are one or several names of functions of one number, such as "tanh"; the x axis runs
    from ``-span`` to ``span``. Each function has its own panel, unless ``ax`` is given. Raises
    ValueError for an unknown name.

    Examples
    --------
    >>> figure = plot_activations(["sigmoid", "tanh"])
    >>> [ax.get_title() for ax in figure.axes]
    ['sigmoid', 'tanh']
    """
    span = real_number("span", span, 0, open_low=True)
    curves = {name: _with_derivative(name, span) for name in some_of("names", names, _unary())}
    if not curves:
        raise ValueError(error_text("names", names, "one function at least, such as 'tanh'"))
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


def _unary() -> list[str]:
    """List the functions of one number, settings aside."""
    return [
        name
        for name, entry in autograd.primitives.TABLE.items()
        if hasattr(autograd, name) and entry.arguments[0] == "x" and "y" not in entry.arguments
    ]


def _with_derivative(name: str, span: float) -> tuple[list[float], list[float], list[float]]:
    function = getattr(autograd, name)
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


if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = NDArray[np.float64]
SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)  # the quantiles that bound the bands, and the median
LOWEST = 1e-12  # of the largest gradient: what is smaller is drawn here, 0 too
_PANEL = (4.6, 1.5)  # inches


@checked_keywords
def plot_distributions(
    history: Any,
    X: Any,
    Y: Any,
    *,
    model: Any = None,
    loss: str | Callable[[Any, Any], Any] | None = None,
) -> "Figure":
    """Plot each layer's activations and gradients over a training recorded with ``record=1``.

    A row is a layer, the first on top. On the left are its activations, on the right the magnitudes
    of the gradients of its sums w . x + b, on one logarithmic scale for all layers, which shows
    vanishing gradients. The line is the median over neurons and samples; the bands are the middle
    50 % and 90 %. The grey number is the share of exact zeros at the end. `nn.diagnose` describes
    problems in words.

    Parameters
    ----------
    history
        What `nn.fit` returned.
    X, Y
        Samples and targets; a hundred are enough, as the graph of each is built for each epoch.
    model, loss
        As in training; needed if the history was pickled or copied, which omits them.

    Raises
    ------
    TypeError, ValueError
        If ``history`` is not a History, nothing was recorded, or the model has no `nn.Layer`.

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
        raise TypeError(error_text("history", history, "the History that nn.fit returns"))
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
    """Return the lower limit of the axis; smaller gradients are drawn there."""
    sizes = [np.abs(signal.dZ) for signals in observed for signal in signals]
    largest = max(float(s[np.isfinite(s)].max(initial=0.0)) for s in sizes)
    smallest = min(float(s[s > largest * LOWEST].min(initial=np.inf)) for s in sizes)
    return float(np.clip(smallest, largest * LOWEST, largest)) or LOWEST


def _bands(ax: "Axes", epochs: Sequence[int], numbers: Sequence[Array], colour: str) -> None:
    """Draw the median and bands of the middle 50 % and 90 % of the finite numbers."""
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
        style: dict[str, Any] = {"ha": "right", "va": "top", "fontsize": "small", "color": GREY}
        ax.text(0.99, 0.97, f"{share:.0%} zero", transform=ax.transAxes, **style)


def _shared(panels: Sequence["Axes"], floor: float) -> None:
    """Give the gradients of all layers one logarithmic axis."""
    tops = [float(ax.dataLim.ymax) for ax in panels]
    top = max((t for t in tops if np.isfinite(t)), default=1.0)
    for ax in panels:
        ax.set_yscale("log")
        ax.set_ylim(floor / 1.5, max(top, floor * 10) * 1.5)


if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@checked_keywords
def plot_decision_boundary(
    model: Callable[[list[float]], Any],
    X: ArrayLike,
    y: ArrayLike,
    *,
    threshold: float | None = None,
    steps: int = 80,
    names: tuple[str, str] = ("x₁", "x₂"),
    classes: Sequence[str] | None = None,
    legend: bool = True,
    ax: "Axes | None" = None,
) -> "Figure":
    """Plot the decision regions of a two-input classifier, with the samples on top.

    Parameters
    ----------
    model
        Called with one point ``[x1, x2]`` at a time. Of several outputs, the largest is the class;
        a single one above ``threshold`` means class 1: by default that of the loss which the model
        was trained with by `nn.fit`, else 0.5; 0 for a logit.
    X
        Samples, shape (n, 2).
    y
        Class numbers 0, 1, ..., shape (n,).
    steps
        The number of grid points along each side; the model is called ``steps ** 2`` times.
    names, classes
        Names of the two inputs and of the classes, for the labels.
    legend
        Whether to draw a legend of the classes.

    Raises
    ------
    ValueError
        If a shape is wrong, or a class is not a non-negative integer.

    Examples
    --------
    >>> X, y = [[0.0, 0.0], [1.0, 1.0]], [0, 1]
    >>> figure = plot_decision_boundary(lambda x: x[0] + x[1] - 1, X, y, threshold=0, steps=10)
    >>> figure.axes[0].get_xlabel()
    'x₁'
    """
    if threshold is None:
        kind = getattr(model, "output_kind", None)
        threshold = 0.5 if kind is None else kind.threshold
    threshold, steps = real_number("threshold", threshold), whole_number("steps", steps)
    points, labels = check_samples(X, y)
    position = (
        "inside" if ax else "above"
    )  # where no sample is; the caller's panel may have a title
    ax = axes(ax, square=True)
    plane = DecisionPlane(
        ax, points, labels, steps, threshold, names, classes, legend=position if legend else ""
    )
    plane.show(*outputs_of(model)(plane.grid))
    return figure_of(ax)


class DecisionPlane:
    """Axes with samples, and regions that can be redrawn.

    ``grid`` has the points of the plane, shape (steps ** 2, 2).
    """

    def __init__(
        self,
        ax: "Axes",
        points: NDArray[np.float64],
        labels: NDArray[np.int64],
        steps: int,
        threshold: float,
        names: tuple[str, str],
        classes: Sequence[str] | None,
        *,
        legend: str = "inside",
    ) -> None:
        self.ax, self.threshold = ax, threshold
        self.xs, self.ys = (np.linspace(*_margin(column), steps) for column in points.T)
        self.grid = np.array([[a, b] for b in self.ys.tolist() for a in self.xs.tolist()])
        self._drawn: list[Any] = []
        for label in np.unique(labels).tolist():
            own, colour, marker = points[labels == label], COLOURS[label % 7], MARKERS[label % 7]
            name = f"class {label}" if classes is None else classes[label]
            ax.plot(*own.T, marker, color=colour, mec="white", mew=0.7, ms=6, label=name)
        ends = {"xlim": self.xs[[0, -1]].tolist(), "ylim": self.ys[[0, -1]].tolist()}
        ax.set(xlabel=names[0], ylabel=names[1], **ends)
        if legend == "inside":
            ax.legend(frameon=True, framealpha=0.9, loc="best", handletextpad=0.2)
        elif legend == "above":  # always at one place
            look = {"frameon": False, "handletextpad": 0.0, "columnspacing": 1.0}
            ax.legend(loc="lower right", bbox_to_anchor=(1.0, 0.98), ncols=4, **look)

    def show(self, outputs: NDArray[np.float64]) -> None:
        """Draw the regions anew, from the outputs over the grid: a row or a number a point."""
        for drawn in self._drawn:
            drawn.remove()
        outputs = outputs.reshape(len(outputs), -1)
        if outputs.shape[1] == 1:  # class 1 has to beat the threshold
            outputs = np.insert(outputs, 0, self.threshold, axis=1)
        self._drawn = list(_regions(self.ax, self.xs, self.ys, outputs))


def classes_of(Y: Any) -> NDArray[np.int64] | None:
    """Return class numbers from targets (these, -1 and 1, or one-hot rows); None for others.

    >>> classes_of([-1, 1]).tolist(), classes_of([[0, 1, 0], [1, 0, 0]]).tolist(), classes_of([0.5])
    ([0, 1], [1, 0], None)
    """
    labels = np.asarray(Y)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim == 2 and np.isin(labels, (0, 1)).all() and (labels.sum(axis=1) == 1).all():
        return np.asarray(labels.argmax(axis=1), dtype=np.int64)
    if labels.ndim != 1 or labels.dtype.kind not in "biuf" or (labels != labels.round()).any():
        return None
    if set(np.unique(labels).tolist()) == {-1, 1}:
        labels = labels > 0
    return labels.astype(np.int64) if (labels >= 0).all() else None


def check_samples(X: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Check samples and class numbers, and return them as arrays."""
    points, labels = np.asarray(X, dtype=float), np.asarray(y)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise ValueError(
            f"a decision boundary needs samples of shape (n, 2), got {points.shape}: "
            "choose two of the inputs"
        )
    if labels.shape != points.shape[:1]:
        raise ValueError(f"y must be one class a sample, {points.shape[:1]}, got {labels.shape}")
    whole = labels.astype(np.int64)
    if (whole != labels).any() or (whole < 0).any():
        raise ValueError(f"classes must be whole numbers from 0, got {np.unique(labels).tolist()}")
    return points, whole


def _margin(column: NDArray[np.float64]) -> tuple[float, float]:
    """Return the limits of an axis: the range of the samples and a twelfth of it on both sides."""
    low, high = float(column.min()), float(column.max())
    room = (high - low) / 12 or 0.5
    return low - room, high + room


def outputs_of(model: Callable[[Any], Any]) -> BatchedFunction:
    """Return the function of many points that computes a model's outputs.

    >>> outputs_of(lambda point: 2 * point[0])(np.array([[1.0, 0.0], [2.0, 0.0]]))
    [array([2., 4.])]
    """
    return BatchedFunction(lambda x: (model(list(x)),))


def _regions(
    ax: "Axes", xs: NDArray[np.float64], ys: NDArray[np.float64], scores: NDArray[np.float64]
) -> Iterator[Any]:
    """Fill each class's region with a tint of its colour and draw the boundaries as lines."""
    shape, count = (len(ys), len(xs)), scores.shape[1]
    tints = require("matplotlib.colors", extra="plot").ListedColormap(COLOURS[:count])
    area = scores.argmax(axis=1).reshape(shape)
    ends = {"vmin": -0.5, "vmax": count - 0.5}
    look: dict[str, Any] = {"alpha": 0.22, "shading": "nearest", "rasterized": True, "zorder": 0}
    yield ax.pcolormesh(xs, ys, area, cmap=tints, **look, **ends)
    for k in range(count - 1):  # a class's lead over the best of the others; the last adds no line
        lead = (scores[:, k] - np.delete(scores, k, axis=1).max(axis=1)).reshape(shape)
        if lead.min() < 0 < lead.max():  # without a change of sign there is no line, but a warning
            yield ax.contour(xs, ys, lead, levels=[0.0], colors=INK, linewidths=1.3)
