"""Read the scripts and style sheets that stand beside the modules."""

from functools import cache
from importlib.resources import files


@cache
def asset(path: str) -> str:
    """Read a script or a style sheet by its path from the package ``viz``."""
    return files("viz").joinpath(path).read_text(encoding="utf-8")
