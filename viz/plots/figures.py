"""What plots share: colours, axes, figures that notebooks show without pyplot."""

from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, cast

from autograd.errors import require

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

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
    """Make a figure of panels, left to right, then down; each ``panel`` wide and high, in inches.

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
    """Paint a figure.

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
