"""Save what a demo shows, and say so where a plot needs Matplotlib and there is none."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from autograd.errors import MissingExtraError
from viz import Picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def save_graph(picture: Picture, out: Path, name: str) -> list[Path]:
    """Write a picture of a graph as SVG and as PNG, and return both paths."""
    paths = [out / f"{name}.svg", out / f"{name}.png"]
    for path in paths:
        picture.save(path)
    return paths


def save_plot(make: Callable[[], "Figure"], out: Path, name: str) -> list[Path]:
    """Make a plot and write it as PNG; without Matplotlib say how to get it and return nothing."""
    path = out / f"{name}.png"
    try:
        make().savefig(path, dpi=144)
    except MissingExtraError as missing:
        print(f"no plot {path.name}: {missing}")
        return []
    return [path]
