"""The figure of an animated training: its panels, the loss so far, and the painting."""

from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.errors import require
from viz.plots.figures import COLOURS, DASHES, GREY

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 100
_HEIGHT, _WIDE, _SIDE = 4.0, 4.6, 4.2  # inches: all, the loss's and the network's panels, the plane
_DECADES = 1.5  # of losses, above which the axis is logarithmic


class Curves:
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


def stage(has_network: bool, has_plane: bool) -> "tuple[Figure, list[Axes]]":
    """Return a figure of fixed places: a layout made anew for each frame would tremble."""
    wide = [_SIDE if has_plane else 0.0, _WIDE, _WIDE if has_network else 0.0]
    total = sum(wide)
    figure = require("matplotlib.figure", extra="plot").Figure(figsize=(total, _HEIGHT), dpi=DPI)
    require("matplotlib.backends.backend_agg", extra="plot").FigureCanvasAgg(figure)
    panels, left = [], 0.0
    for width, has_axes in zip(wide, (True, True, False), strict=True):
        before, after = (0.8, 0.15) if has_axes else (0.1, 0.1)
        place = ((left + before) / total, 0.13, max(width - before - after, 0.01) / total, 0.74)
        ax = figure.add_axes(place)
        ax.set_visible(width > 0)
        ax.spines[["top", "right"]].set_visible(False)
        panels.append(ax)
        left += width
    return figure, panels


def png(figure: "Figure", scale: float) -> bytes:
    """Paint a figure at a multiple of 100 pixels an inch."""
    file = BytesIO()
    figure.savefig(file, format="png", dpi=DPI * scale, pil_kwargs={"compress_level": 1})
    return file.getvalue()
