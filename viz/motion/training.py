"""Animate a training: the decision boundary, the loss, the weights, from epoch to epoch."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from autograd import compile, no_grad
from autograd.errors import SpecializationWarning, require, shown
from viz.basics.arguments import checked_count, checked_positive
from viz.motion.animation import Animation
from viz.motion.network import Columns, Drawing, columns
from viz.motion.stage import Curves, png, stage
from viz.plots.boundary import Plane, classes_of, samples

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
_END = 2.0  # seconds that the last frame stays


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
    """Animate a training that was recorded: ``nn.fit(..., record=1)``.

    Side by side, for each recorded epoch: what the model decides all over the plane (of two inputs,
    where ``Y`` are classes), the loss so far, and the network, its edges coloured (blue for
    negative, orange for positive) and as wide as their weights, its circles coloured by their
    biases. A panel that a model has nothing for is left out. A copy of the model computes; the
    model is not changed.

    Parameters
    ----------
    history
        What `nn.fit` returned.
    X, Y
        Samples and targets: class numbers, -1 and 1, or rows with one 1.
    model
        The model, where the history was pickled or copied, which leaves it out.
    threshold
        Above which one output means class 1; by default 0 for losses of logits and scores, else
        0.5.
    steps
        Points of the plane's grid along each side.
    frames
        At most so many of the recorded epochs are shown, evenly chosen.
    fps
        Frames a second; the last one stays for two seconds.
    scale
        1 is 100 pixels an inch: some 1,340 x 400 pixels for all three panels.
    names, classes
        Names of the two inputs and of the classes, for the labels.
    loop
        Whether it begins again at its end.

    Raises
    ------
    TypeError, ValueError
        If an argument is not one of those; if nothing was recorded.

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
        raise TypeError(
            f"animate_training takes the History that nn.fit returns, not {shown(history)}"
        )
    require("matplotlib", extra="plot")
    for name, number in (("fps", fps), ("scale", scale)):
        checked_positive(name, number)
    for name, count in (("steps", steps), ("frames", frames)):
        checked_count(name, count, 2, "a number")
    history.states()  # says now that nothing was recorded,
    history.recording.resolve_model(model)  # or that the model is another one
    epochs = _chosen(sorted(history.snapshots), frames)
    if threshold is None:
        threshold = getattr(history.recording.loss, "threshold", 0.5)
    film = _Film(history, model, tuple(epochs))
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
    places = np.linspace(0, len(epochs) - 1, min(frames, len(epochs))).round().astype(int)
    return [epochs[place] for place in places]


def _plane(
    X: Any,
    Y: Any,
    steps: int,
    threshold: float,
    names: tuple[str, str],
    classes: Sequence[str] | None,
) -> "Callable[[Axes], Plane] | None":
    """Return what draws the plane, None where samples have not two numbers or Y no classes."""
    labels = classes_of(Y)
    points = np.asarray(X, dtype=float)
    if labels is None or points.ndim != 2 or points.shape[1] != 2:
        return None
    checked = samples(points, labels)
    return partial(
        Plane, points=checked[0], labels=checked[1], steps=steps, threshold=threshold, names=names,
        classes=classes, legend="above",
    )  # fmt: skip


@dataclass(frozen=True)
class _Film:
    """A recorded training, and which of its epochs are shown."""

    history: Any
    model: Any
    epochs: tuple[int, ...]

    def words(self, epoch: int) -> str:
        """Say where the training is."""
        told = f"Epoch {epoch} of {self.history.epochs}"
        if not epoch:
            return f"{told}: as this training began"  # of a model that may have learnt before
        for name in ("loss", "validation_loss"):
            if name in self.history:
                told += f"{':' if name == 'loss' else ','} {name.replace('_', ' ')} "
                told += f"{self.history[name][epoch - 1]:.4g}"
        return told

    def paint(
        self, plane: "Callable[[Axes], Plane] | None", words: Sequence[str], scale: float
    ) -> list[bytes]:
        """Return each epoch as PNG."""
        past: Any = self.history.recording.resolve_model(self.model)
        network = columns(name for name, _ in past.named_parameters())
        figure, panels = stage(network is not None, plane is not None)
        area = plane(panels[0]) if plane else None
        loss = Curves(panels[1], self.history)
        drawing = self._drawing(panels[2], network)
        compute: Callable[[Array], Array] | None = None
        told, painted = iter(words), []
        for epoch, past in self.history.states(self.model):
            if epoch not in self.epochs:
                continue
            if area is not None:
                compute = compute or Outputs(past)
                area.show(compute(area.grid))
            loss.show(epoch)
            if drawing is not None:
                drawing.show(self.history.snapshots[epoch])
            figure.suptitle(next(told), x=0.01, ha="left", fontsize=11)
            painted.append(png(figure, scale))
        return painted

    def _drawing(self, ax: "Axes", network: Columns | None) -> Drawing | None:
        if network is None:
            return None
        weights = [self.history.snapshots[epoch][network.places()] for epoch in self.epochs]
        finite = np.abs(np.concatenate(weights))
        finite = finite[np.isfinite(finite)]
        return Drawing(ax, network, float(finite.max(initial=0.0)))


class Outputs:
    """Computes a model's outputs for many samples, (n, outputs), as it is when called.

    The model is compiled for a batch. One that reads its numbers is called sample by sample.

    >>> Outputs(lambda x: x[0] if x[0] > 0 else x[1])([[1.0, 2.0], [-1.0, 5.0]])
    array([[1.],
           [5.]])
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._together: Callable[[Any], Any] | None = compile(
            lambda x: model(list(x)), gradients=False, batch=["x"]
        )

    def __call__(self, points: Any) -> Array:
        """Return the outputs for samples of shape (n, inputs)."""
        if self._together is not None:
            try:
                with warnings.catch_warnings():  # slower for some samples, as the picture may be
                    warnings.simplefilter("ignore", SpecializationWarning)
                    found = self._together(points)
            except (TypeError, ValueError, RuntimeError):  # called below, it says what is wrong
                self._together = None
            else:
                columns = found if isinstance(found, tuple) else [found.reshape(len(found), -1)]
                return np.column_stack(columns)
        return self._one_by_one(np.asarray(points).tolist())

    def _one_by_one(self, points: Sequence[Sequence[float]]) -> Array:
        with no_grad():
            rows = [self._model(list(point)) for point in points]
        return np.array([[float(y) for y in (r if isinstance(r, list) else [r])] for r in rows])
