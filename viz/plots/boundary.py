"""Plot what a model of two inputs decides all over the plane."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autograd import Value, no_grad
from autograd.errors import require
from viz.plots.figures import COLOURS, INK, MARKERS, axes, figure_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot_decision_boundary(
    model: Callable[[list[float]], Any],
    X: ArrayLike,
    y: ArrayLike,
    *,
    threshold: float = 0.5,
    steps: int = 80,
    names: tuple[str, str] = ("x₁", "x₂"),
    classes: Sequence[str] | None = None,
    legend: bool = True,
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
    legend
        Whether a legend of the classes is drawn.

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
    points, labels = samples(X, y)
    place = "inside" if ax else "above"  # where no sample is; the caller's panel may have a title
    ax = axes(ax, square=True)
    plane = Plane(
        ax, points, labels, steps, threshold, names, classes, legend=place if legend else ""
    )
    plane.show(_outputs(model, plane.grid.tolist()))
    return figure_of(ax)


class Plane:
    """Axes with samples on them, whose regions can be changed.

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
        """Draw the regions anew, from the model's outputs over the grid, (points, outputs)."""
        for drawn in self._drawn:
            drawn.remove()
        if outputs.shape[1] == 1:  # class 1 has to beat the threshold
            outputs = np.insert(outputs, 0, self.threshold, axis=1)
        self._drawn = list(_regions(self.ax, self.xs, self.ys, outputs))


def classes_of(Y: Any) -> NDArray[np.int64] | None:
    """Read targets as class numbers: these, -1 and 1, or rows with one 1; None if they are not.

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


def samples(X: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return samples and class numbers, checked."""
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


def _outputs(model: Callable[[list[float]], Any], points: list[list[float]]) -> NDArray[np.float64]:
    """Return the outputs for each point, shape (points, outputs); no graph is kept."""
    with no_grad():
        outputs = [model(point) for point in points]
    if not isinstance(outputs[0], (list, tuple, np.ndarray)):
        outputs = [[output] for output in outputs]
    return np.array([[_number(y) for y in row] for row in outputs])


def _number(y: Any) -> float:
    return y.data if isinstance(y, Value) else float(y)


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
