"""Animations of a training: the decision boundary, the loss so far, and the network, by epoch.

The network is drawn from the names of its parameters, like frames in pictures of graphs: neurons
are circles in columns, edges are coloured by their weights and as wide as their magnitudes.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from autograd._checks import checked_keywords, error_text, real_number, whole_number
from autograd.errors import require
from viz.animation import Animation
from viz.colours import LIGHT, step
from viz.plots import COLOURS, DASHES, GREY, DecisionPlane, check_samples, classes_of, outputs_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from autograd.compiler.batched import BatchedFunction

MAX_EDGES = 4000  # edges
_NAME = re.compile(r"(?P<layer>(?:.*\.)?)neurons\.(?P<neuron>\d+)\.(?:w\.(?P<input>\d+)|b)")
_MAX_WIDTH, _STEP = 3.0, 0.5  # points


@dataclass(frozen=True, slots=True)
class NetworkLayout:
    """The positions of a chain of layers' weights and biases among all parameters."""

    sizes: tuple[int, ...]
    weights: tuple[NDArray[np.int64], ...]  # shape (neurons, inputs), one a layer
    biases: tuple[NDArray[np.int64], ...]  # -1 where there is none

    def places(self) -> NDArray[np.int64]:
        """Return the positions of all weights, layer by layer."""
        return np.concatenate([w.ravel() for w in self.weights])


def network_layout(names: Iterable[str]) -> NetworkLayout | None:
    """Return the chain of layers that the names of parameters describe; None if there is none.

    >>> names = [f"layers.0.neurons.{i}.{p}" for i in range(3) for p in ("w.0", "w.1", "b")]
    >>> network_layout(names).sizes
    (2, 3)
    """
    layers: dict[str, dict[tuple[int, int], int]] = {}
    for index, name in enumerate(names):
        match = _NAME.fullmatch(name)
        if match is None:
            return None
        cell = (int(match["neuron"]), -1 if match["input"] is None else int(match["input"]))
        layers.setdefault(match["layer"], {})[cell] = index
    tables = [_table(layer) for layer in layers.values()]
    whole = [table for table in tables if table is not None]
    chained = all(len(a) == b.shape[1] - 1 for a, b in pairwise(whole))
    if not whole or len(whole) < len(tables) or not chained:
        return None
    if sum(table[:, 1:].size for table in whole) > MAX_EDGES:
        return None
    sizes = (whole[0].shape[1] - 1, *[len(table) for table in whole])
    return NetworkLayout(sizes, tuple(t[:, 1:] for t in whole), tuple(t[:, 0] for t in whole))


def _table(layer: dict[tuple[int, int], int]) -> NDArray[np.int64] | None:
    """Return the positions of a layer's parameters, a row per neuron; None if incomplete."""
    rows, across = (max(cell[k] for cell in layer) for k in (0, 1))
    table = np.full((rows + 1, across + 2), -1, dtype=np.int64)
    for (neuron, source), index in layer.items():
        table[neuron, source + 1] = index
    return None if (table[:, 1:] < 0).any() else table


class NetworkPlot:
    """A network on axes, whose weights can be changed."""

    def __init__(self, ax: "Axes", cols: NetworkLayout, largest: float) -> None:
        self.columns, self.largest = cols, largest
        lines = require("matplotlib.collections", extra="plot").LineCollection
        ends = [_column(x, size) for x, size in enumerate(cols.sizes)]
        pairs = [
            (source, target)
            for before, after in pairwise(ends)
            for target in after
            for source in before
        ]
        self.edges = ax.add_collection(lines(pairs, capstyle="round", zorder=1))
        size = min(220.0, 12_000 / max(cols.sizes) ** 2)
        circle: dict[str, Any] = {"s": size, "linewidths": 1.0, "edgecolors": GREY, "zorder": 2}
        ax.scatter(*np.array(ends[0]).T, color=LIGHT.headers["input"], **circle)
        neurons = np.array([end for column in ends[1:] for end in column])
        self.neurons = ax.scatter(*neurons.T, color=[LIGHT.gradients[3]] * len(neurons), **circle)
        ax.set(xlim=(-0.3, len(cols.sizes) - 0.7), ylim=(-0.08, 1.08))
        ax.set_axis_off()
        meaning = "weights: blue < 0 < orange, wide: large"
        ax.set_title(meaning, color=LIGHT.muted, fontsize="small")
        for x, count in enumerate(cols.sizes):
            ax.text(x, -0.07, str(count), ha="center", va="top", color=LIGHT.muted, size="small")

    def show(self, numbers: NDArray[np.float64]) -> None:
        """Set the colours and widths of edges for the numbers of all parameters."""
        weights = numbers[self.columns.places()]
        share = np.minimum(np.abs(np.nan_to_num(weights)) / (self.largest or 1.0), 1.0)
        self.edges.set_color([LIGHT.flows[step(w, self.largest) + 3] for w in weights.tolist()])
        steps = np.ceil(share * _MAX_WIDTH / _STEP).clip(1)  # few edges change from frame to frame
        self.edges.set_linewidth((_STEP * steps).tolist())
        places = np.concatenate(self.columns.biases)
        biases = np.where(places < 0, 0.0, numbers[places]).tolist()
        self.neurons.set_color([LIGHT.gradients[step(b, self.largest) + 3] for b in biases])
        self.neurons.set_edgecolor(GREY)


def _column(x: int, count: int) -> Sequence[tuple[float, float]]:
    """Return the centres of a column's circles, from the top down."""
    gap = min(0.25, 1.0 / max(count - 1, 1))
    return [(float(x), 0.5 + gap * ((count - 1) / 2 - k)) for k in range(count)]


if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 100
_HEIGHT, _WIDE, _SIDE = 4.0, 4.6, 4.2  # inches: all, the loss's and the network's panels, the plane
_DECADES = 1.5  # of losses; for more, the axis is logarithmic


class LossCurves:
    """The loss curves, drawn up to an epoch."""

    def __init__(self, ax: "Axes", history: Any) -> None:
        self.curves = []
        curves = [np.array(history[name]) for name in history if name.endswith("loss")]
        names = [name for name in history if name.endswith("loss")]
        for k, (name, numbers) in enumerate(zip(names, curves, strict=True)):
            label = "training loss" if name == "loss" else name.replace("_", " ")
            (line,) = ax.plot([], [], DASHES[k % 4], color=COLOURS[k % 7], label=label, linewidth=2)
            (dot,) = ax.plot([], [], "o", color=COLOURS[k % 7], ms=5)
            ax.plot(range(1, len(numbers) + 1), numbers, color=GREY, alpha=0.35, linewidth=1)
            self.curves.append((numbers, line, dot))
        known = np.concatenate([c[np.isfinite(c)] for c in curves] or [np.ones(1)])
        if known.size and known.min() > 0 and np.log10(known.max() / known.min()) > _DECADES:
            ax.set_yscale("log")
        elif known.size:
            ax.set_ylim(min(0.0, float(known.min())), float(known.max()) * 1.05 or 1.0)
        ax.set(xlabel="epoch", xlim=(0, max(history.epochs, 1) * 1.02))
        if self.curves:
            ax.legend(frameon=False, loc="upper right")

    def show(self, epoch: int) -> None:
        """Draw the curves up to an epoch."""
        for numbers, line, dot in self.curves:
            line.set_data(range(1, epoch + 1), numbers[:epoch])
            dot.set_data([epoch] if epoch else [], numbers[epoch - 1 : epoch] if epoch else [])


def make_figure(has_network: bool, has_plane: bool) -> "tuple[Figure, list[Axes]]":
    """Return a figure with axes at fixed positions, so that they do not move between frames."""
    wide = [_SIDE if has_plane else 0.0, _WIDE, _WIDE if has_network else 0.0]
    total = sum(wide)
    figure = require("matplotlib.figure", extra="plot").Figure(figsize=(total, _HEIGHT), dpi=DPI)
    require("matplotlib.backends.backend_agg", extra="plot").FigureCanvasAgg(figure)
    panels, left = [], 0.0
    for width, has_axes in zip(wide, (True, True, False), strict=True):
        before, after = (0.8, 0.15) if has_axes else (0.1, 0.1)
        rectangle = ((left + before) / total, 0.13, max(width - before - after, 0.01) / total, 0.74)
        ax = figure.add_axes(rectangle)
        ax.set_visible(width > 0)
        ax.spines[["top", "right"]].set_visible(False)
        panels.append(ax)
        left += width
    return figure, panels


def paint_png(figure: "Figure", scale: float) -> bytes:
    """Render a figure at a multiple of 100 dots per inch."""
    file = BytesIO()
    figure.savefig(file, format="png", dpi=DPI * scale, pil_kwargs={"compress_level": 1})
    return file.getvalue()


if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
_END = 2.0  # seconds that the last frame stays


@checked_keywords
def animate_training(
    history: Any,
    X: Any,
    Y: Any,
    *,
    model: Any = None,
    threshold: float | None = None,
    steps: int = 80,
    frames: int = 40,
    fps: float = 10.0,
    scale: float = 1.0,
    names: tuple[str, str] = ("x₁", "x₂"),
    classes: Sequence[str] | None = None,
    loop: bool = True,
) -> Animation:
    """Animate a recorded training: ``nn.fit(..., record=1)``.

    The panels show, for each recorded epoch: the decision regions (for two inputs, if ``Y`` are
    classes), the loss so far, and the network, with edges coloured by weight (blue for negative,
    orange for positive) and as wide as its magnitude, and circles coloured by bias. Panels that do
    not apply to a model are omitted. The model is copied, not changed.

    Parameters
    ----------
    history
        What `nn.fit` returned.
    X, Y
        Samples and targets: class numbers, -1 and 1, or rows with one 1.
    model
        The model, needed if the history was pickled or copied, which omits it.
    threshold
        A single output above it means class 1; by default 0 for losses of logits and scores, else
        0.5.
    steps
        The number of grid points along each side of the plane.
    frames
        The maximal number of epochs to show, evenly chosen among those recorded.
    fps
        Frames per second; the last one is shown for two seconds.
    scale
        The resolution; 1 is 100 dots per inch, some 1,340 x 400 pixels for all three panels.
    names, classes
        Names of the two inputs and of the classes, for the labels.
    loop
        Whether the animation repeats.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid, or if nothing was recorded.

    Examples
    --------
    >>> import nn
    >>> X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> model = nn.MLP(2, [4, 1], activation="tanh", output="sigmoid", rng=3)
    >>> history = nn.fit(model, X, Y, epochs=30, lr=0.1, record=10, progress=False)
    >>> film = animate_training(history, X, Y)
    >>> film, film.words[1]
    (<Animation of the training: 4 frames, 2.3 s; .save('animation.gif')>,
     'Epoch 10 of 30: loss ...')
    """
    if not callable(getattr(history, "states", None)) or not hasattr(history, "recording"):
        raise TypeError(error_text("history", history, "the History that nn.fit returns"))
    require("matplotlib", extra="plot")
    for name, number in (("fps", fps), ("scale", scale)):
        real_number(name, number, 0, open_low=True)
    for name, count in (("steps", steps), ("frames", frames)):
        whole_number(name, count, 2)
    history.states()  # raises now if nothing was recorded,
    history.recording.resolve_model(model)  # or that the model is another one
    epochs = _chosen(sorted(history.snapshots), frames)
    if threshold is None:
        threshold = getattr(history.recording.loss, "threshold", 0.5)
    threshold = real_number("threshold", threshold, otherwise="None")
    film = _TrainingFrames(history, model, tuple(epochs))
    plane = _plane(X, Y, steps, threshold, names, classes)
    words = tuple([film.words(epoch) for epoch in epochs])
    seconds = [1.0 / fps] * (len(epochs) - 1)
    paint = partial(film.paint, plane, words, scale)
    return Animation("the training", words, (*seconds, _END), bool(loop), paint)


def _chosen(epochs: Sequence[int], frames: int) -> list[int]:
    """Choose epochs evenly, the first and the last among them.

    >>> _chosen(range(11), 3)
    [0, 5, 10]
    """
    indices = np.linspace(0, len(epochs) - 1, min(frames, len(epochs))).round().astype(int)
    return [epochs[i] for i in indices]


def _plane(
    X: Any,
    Y: Any,
    steps: int,
    threshold: float,
    names: tuple[str, str],
    classes: Sequence[str] | None,
) -> "Callable[[Axes], DecisionPlane] | None":
    """Return a function that draws the plane; None unless there are two inputs and classes."""
    labels = classes_of(Y)
    points = np.asarray(X, dtype=float)
    if labels is None or points.ndim != 2 or points.shape[1] != 2:
        return None
    points, labels = check_samples(points, labels)
    return partial(
        DecisionPlane, points=points, labels=labels, steps=steps, threshold=threshold, names=names,
        classes=classes, legend="above",
    )  # fmt: skip


@dataclass(frozen=True)
class _TrainingFrames:
    """A recorded training, and which of its epochs are shown."""

    history: Any
    model: Any
    epochs: tuple[int, ...]

    def words(self, epoch: int) -> str:
        """Write a frame's caption: the epoch and its losses."""
        text = f"Epoch {epoch} of {self.history.epochs}"
        if not epoch:
            return f"{text}: as this training began"  # of a model that may have learnt before
        for name in ("loss", "validation_loss"):
            if name in self.history:
                text += f"{':' if name == 'loss' else ','} {name.replace('_', ' ')} "
                text += f"{self.history[name][epoch - 1]:.4g}"
        return text

    def paint(
        self, plane: "Callable[[Axes], DecisionPlane] | None", words: Sequence[str], scale: float
    ) -> list[bytes]:
        """Return each epoch as PNG."""
        past: Any = self.history.recording.resolve_model(self.model)
        network = network_layout(name for name, _ in past.named_parameters())
        figure, panels = make_figure(network is not None, plane is not None)
        area = plane(panels[0]) if plane else None
        loss = LossCurves(panels[1], self.history)
        drawing = self._drawing(panels[2], network)
        compute: BatchedFunction | None = None
        titles, painted = iter(words), []
        for epoch, past in self.history.states(self.model):
            if epoch not in self.epochs:
                continue
            if area is not None:
                compute = compute or outputs_of(past)
                area.show(*compute(area.grid))
            loss.show(epoch)
            if drawing is not None:
                drawing.show(self.history.snapshots[epoch])
            figure.suptitle(next(titles), x=0.01, ha="left", fontsize=11)
            painted.append(paint_png(figure, scale))
        return painted

    def _drawing(self, ax: "Axes", network: NetworkLayout | None) -> NetworkPlot | None:
        if network is None:
            return None
        weights = [self.history.snapshots[epoch][network.places()] for epoch in self.epochs]
        finite = np.abs(np.concatenate(weights))
        finite = finite[np.isfinite(finite)]
        return NetworkPlot(ax, network, float(finite.max(initial=0.0)))
