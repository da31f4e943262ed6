"""Save what a demo shows, and say so where a plot needs Matplotlib and there is none."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from autograd import files
from autograd.errors import MissingExtraError
from viz import Animation, Picture
from viz.plots import png

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
    return _unless_missing(
        lambda path: files.write(path, png(make()), action="save a plot"), out / f"{name}.png"
    )


def save_animation(make: Callable[[], Animation], out: Path, name: str) -> list[Path]:
    """Make an animation and write it as GIF; without what it needs, as `save_plot`."""
    return _unless_missing(lambda path: make().save(path), out / f"{name}.gif")


def _unless_missing(save: Callable[[Path], object], path: Path) -> list[Path]:
    try:
        save(path)
    except MissingExtraError as missing:
        print(f"no plot {path.name}: {missing}")
        return []
    return [path]
