"""Plots of training: loss curves, decision boundaries, activation functions (extra ``plot``).

Each function returns a Matplotlib ``Figure``: notebooks show it, ``figure.savefig(path)`` writes
it. Nothing here touches pyplot or its global state, so no display is needed. Give ``ax=`` to
draw into axes of your own.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

import autograd
from autograd import Value, no_grad
from autograd.errors import list_of, require, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito, Color universal design, 2008: apart for all common kinds of colour blindness.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#444444")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")  # classes differ in shape too, for print in grey
DASHES = ("-", "--", ":", "-.")
_PANEL = (4.2, 3.2)  # inches
INK, _GREY = "#1b1f24", "#8a939d"


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
    known = list(history.keys())
    names = [name for name in known if name.endswith("loss")] if names is None else list(names)
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        raise ValueError(
            f"the history has no {list_of(unknown or ['loss'])}; "
            + (f"it has {', '.join(known)}" if known else "it is empty")
        )
    ax = _axes(ax)
    for position, name in enumerate(names):
        _curve(ax, name, history[name], position)
    ax.set(xlabel="epoch", ylabel="loss" if all(n.endswith("loss") for n in names) else "")
    ax.xaxis.set_major_locator(require("matplotlib.ticker", extra="plot").MaxNLocator(integer=True))
    ax.legend(frameon=False)
    return _figure(ax)


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


def plot_decision_boundary(
    model: Callable[[list[float]], Any],
    X: ArrayLike,
    y: ArrayLike,
    *,
    threshold: float = 0.5,
    steps: int = 80,
    names: tuple[str, str] = ("x₁", "x₂"),
    classes: Sequence[str] | None = None,
    ax: "Axes | None" = None,
) -> "Figure":
    """Colour the plane of a two-input model by the class that it predicts, with the samples on top.

    Parameters
    ----------
    model
        Called with one point ``[x1, x2]`` at a time. Of several outputs the largest wins; of one,
        class 1 is what lies above ``threshold`` (of a probability 0.5, of a logit 0).
    X
        Samples, shape (n, 2).
    y
        Class numbers 0, 1, ..., shape (n,).
    steps
        Points of the grid along each side; the model is called ``steps ** 2`` times.
    names, classes
        Names of the two inputs and of the classes, for the labels.

    Raises
    ------
    ValueError
        If the shapes are others, or a class is no whole number from 0.

    Examples
    --------
    >>> X, y = [[0.0, 0.0], [1.0, 1.0]], [0, 1]
    >>> figure = plot_decision_boundary(lambda x: x[0] + x[1] - 1, X, y, threshold=0, steps=10)
    >>> figure.axes[0].get_xlabel()
    'x₁'
    """
    points, labels = _samples(X, y)
    ax = _axes(ax, square=True)
    xs, ys = (np.linspace(*_margin(column), steps) for column in points.T)
    scores = _scores(model, [[a, b] for b in ys.tolist() for a in xs.tolist()], threshold)
    _regions(ax, xs, ys, scores)
    for label in np.unique(labels).tolist():
        own, colour, marker = points[labels == label], COLOURS[label % 7], MARKERS[label % 7]
        name = f"class {label}" if classes is None else classes[label]
        ax.plot(*own.T, marker, color=colour, mec="white", mew=0.7, ms=6, label=name)
    ax.set(xlabel=names[0], ylabel=names[1], xlim=(xs[0], xs[-1]), ylim=(ys[0], ys[-1]))
    ax.legend(frameon=True, framealpha=0.9, loc="best", handletextpad=0.2)
    return _figure(ax)


def _samples(X: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
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
    """Return where an axis begins and ends: a twelfth of the span around the samples."""
    low, high = float(column.min()), float(column.max())
    room = (high - low) / 12 or 0.5
    return low - room, high + room


def _scores(
    model: Callable[[list[float]], Any], points: list[list[float]], threshold: float
) -> NDArray[np.float64]:
    """Return a score for each point and class, shape (points, classes); no graph is kept."""
    with no_grad():
        outputs = [model(point) for point in points]
    if not isinstance(outputs[0], (list, tuple, np.ndarray)):
        outputs = [[threshold, output] for output in outputs]  # class 1 has to beat the threshold
    return np.array([[_number(y) for y in row] for row in outputs])


def _number(y: Any) -> float:
    return y.data if isinstance(y, Value) else float(y)


def _regions(
    ax: "Axes", xs: NDArray[np.float64], ys: NDArray[np.float64], scores: NDArray[np.float64]
) -> None:
    """Fill each class's region with a tint of its colour and draw the boundaries as lines."""
    shape, count = (len(ys), len(xs)), scores.shape[1]
    tints = require("matplotlib.colors", extra="plot").ListedColormap(COLOURS[:count])
    area = scores.argmax(axis=1).reshape(shape)
    ends = {"vmin": -0.5, "vmax": count - 0.5}
    ax.pcolormesh(xs, ys, area, cmap=tints, alpha=0.22, shading="nearest", rasterized=True, **ends)
    for k in range(count - 1):  # a class's lead over the best of the others; the last adds no line
        lead = (scores[:, k] - np.delete(scores, k, axis=1).max(axis=1)).reshape(shape)
        if lead.min() < 0 < lead.max():  # without a change of sign there is no line, but a warning
            ax.contour(xs, ys, lead, levels=[0.0], colors=INK, linewidths=1.3)


def plot_activations(
    names: Sequence[str] = ("sigmoid", "tanh", "relu", "leaky_relu"),
    *,
    span: float = 5.0,
    ax: "Axes | None" = None,
) -> "Figure":
    """Draw activation functions, and dashed their derivatives, which autograd computes.

    ``names`` are functions of one number, such as ``autograd.tanh``; the x axis runs from
    ``-span`` to ``span``. Each function has its own panel, unless ``ax`` is given for all.
    Raises ValueError for a name that autograd lacks.

    Examples
    --------
    >>> figure = plot_activations(["sigmoid", "tanh"])
    >>> [ax.get_title() for ax in figure.axes]
    ['sigmoid', 'tanh']
    """
    curves = {name: _with_derivative(name, span) for name in names}
    if not curves:
        raise ValueError("names is empty: give one function at least, such as 'tanh'")
    if ax is not None:
        for position, (name, curve) in enumerate(curves.items()):
            colour = COLOURS[position % len(COLOURS)]
            _activation(ax, curve, (name, f"{name}, derivative"), (colour, colour))
        return _figure(ax)
    across = min(len(curves), 4)
    panels = _grid(-(-len(curves) // across), across)
    for panel, (name, curve) in zip(panels, curves.items(), strict=False):
        _activation(panel, curve, ("g(x)", "g'(x)"), COLOURS[:2])
        panel.set_title(name)
    for spare in panels[len(curves) :]:
        spare.remove()
    return _figure(panels[0])


def _with_derivative(name: str, span: float) -> tuple[list[float], list[float], list[float]]:
    function = getattr(autograd, name, None) if name in autograd.ops.TABLE else None
    entry = autograd.ops.TABLE.get(name)
    if function is None or entry is None or entry.arguments[0] != "x" or "y" in entry.arguments:
        raise ValueError(
            f"autograd has no function of one number called {shown(name)}; "
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
    ax.axhline(0, color=_GREY, linewidth=0.8, zorder=0)
    ax.axvline(0, color=_GREY, linewidth=0.8, zorder=0)
    ax.plot(xs, zs, color=colours[0], linewidth=2, label=labels[0])
    ax.plot(xs, slopes, "--", color=colours[1], linewidth=2, label=labels[1])
    ax.set(xlabel="x", ylabel="g(x) and g'(x)")
    ax.legend(frameon=False)


def _axes(ax: "Axes | None", *, square: bool = False) -> "Axes":
    """Return the caller's axes, or those of a new figure."""
    return ax if ax is not None else _grid(1, 1, (4.6, 4.4) if square else (6.0, 3.8))[0]


def _grid(rows: int, across: int, panel: tuple[float, float] = _PANEL) -> list["Axes"]:
    """Make a figure of panels, left to right, then down."""
    make = require("matplotlib.figure", extra="plot").Figure
    figure = make(figsize=(panel[0] * across, panel[1] * rows), layout="constrained")
    # Without pyplot, notebooks do not know how to show a figure; this method tells them.
    vars(figure)["_repr_png_"] = partial(_png, figure)
    panels = figure.subplots(rows, across, squeeze=False).ravel().tolist()
    for ax in panels:
        ax.spines[["top", "right"]].set_visible(False)
    return list(panels)


def _png(figure: "Figure") -> bytes:
    file = BytesIO()
    figure.savefig(file, format="png", dpi=144)
    return file.getvalue()


def _figure(ax: "Axes") -> "Figure":
    """Return the figure that axes are in."""
    return cast("Figure", ax.figure)
