"""Draw a small network: neurons as circles in columns, edges coloured and as wide as their weight.

Layers are found by the dotted names of parameters alone, as in pictures of graphs.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from autograd.errors import require
from viz.basics.colours import LIGHT, step
from viz.plots.figures import GREY

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 4000  # edges
_NAME = re.compile(r"(?P<layer>(?:.*\.)?)neurons\.(?P<neuron>\d+)\.(?:w\.(?P<input>\d+)|b)")
_WIDEST, _STEP = 3.0, 0.5  # points


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a chain of layers has its weights and biases among all parameters."""

    sizes: tuple[int, ...]
    weights: tuple[NDArray[np.int64], ...]  # shape (neurons, inputs), one a layer
    biases: tuple[NDArray[np.int64], ...]

    def places(self) -> NDArray[np.int64]:
        """Return the places of all weights, one after another."""
        return np.concatenate([w.ravel() for w in self.weights])


def columns(names: Iterable[str]) -> Columns | None:
    """Find a chain of layers among the names of parameters; None if there is none to be drawn.

    >>> names = [f"layers.0.neurons.{i}.{p}" for i in range(3) for p in ("w.0", "w.1", "b")]
    >>> columns(names).sizes
    (2, 3)
    """
    layers: dict[str, dict[tuple[int, int], int]] = {}
    for place, name in enumerate(names):
        match = _NAME.fullmatch(name)
        if match is None:
            return None
        cell = (int(match["neuron"]), -1 if match["input"] is None else int(match["input"]))
        layers.setdefault(match["layer"], {})[cell] = place
    tables = [_table(layer) for layer in layers.values()]
    whole = [table for table in tables if table is not None]
    chained = all(len(a) == b.shape[1] - 1 for a, b in pairwise(whole))
    if not whole or len(whole) < len(tables) or not chained:
        return None
    if sum(table[:, 1:].size for table in whole) > MOST:
        return None
    sizes = (whole[0].shape[1] - 1, *[len(table) for table in whole])
    return Columns(sizes, tuple(t[:, 1:] for t in whole), tuple(t[:, 0] for t in whole))


def _table(layer: dict[tuple[int, int], int]) -> NDArray[np.int64] | None:
    """Return the places of a layer's numbers, a row a neuron, the bias first; None if not full."""
    rows, across = (max(cell[k] for cell in layer) for k in (0, 1))
    table = np.full((rows + 1, across + 2), -1, dtype=np.int64)
    for (neuron, source), place in layer.items():
        table[neuron, source + 1] = place
    return None if (table < 0).any() else table


class Drawing:
    """A network on axes, whose weights can be changed."""

    def __init__(self, ax: "Axes", cols: Columns, largest: float) -> None:
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
        """Colour and widen the edges for these numbers of all parameters."""
        weights = numbers[self.columns.places()]
        share = np.minimum(np.abs(np.nan_to_num(weights)) / (self.largest or 1.0), 1.0)
        self.edges.set_color([LIGHT.flows[step(w, self.largest) + 3] for w in weights.tolist()])
        steps = np.ceil(share * _WIDEST / _STEP).clip(1)  # few edges change from frame to frame
        self.edges.set_linewidth((_STEP * steps).tolist())
        biases = numbers[np.concatenate(self.columns.biases)].tolist()
        self.neurons.set_color([LIGHT.gradients[step(b, self.largest) + 3] for b in biases])
        self.neurons.set_edgecolor(GREY)


def _column(x: int, count: int) -> Sequence[tuple[float, float]]:
    """Return the centres of a column's circles, from the top down."""
    gap = min(0.25, 1.0 / max(count - 1, 1))
    return [(float(x), 0.5 + gap * ((count - 1) / 2 - k)) for k in range(count)]
