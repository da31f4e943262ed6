"""What a picture is made of, before it is DOT text: boxes with rows, arrows, a note."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from viz.graphs.names import Path

ALARM = 4  # the step of an arrow along which something flows that is not finite


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a card. ``step`` shades the number, -3 to 3; ``alarm`` marks a bad number.

    ``is_live`` asks for a cell of its own, with room for another number.
    """

    title: str
    text: str
    step: int = 0
    alarm: bool = False
    is_live: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """One box of a picture; ``role`` is a node's, or ``group`` for a box of several nodes.

    ``is_final`` marks a box that holds a result. ``badge`` is a number at its side, in the colour
    ``hue`` of the palette's.
    """

    key: str
    role: str
    header: str
    rows: tuple[Row, ...]
    tooltip: str
    frame: Path
    is_final: bool = False
    badge: str = ""
    hue: int = 0


@dataclass(frozen=True, slots=True)
class Arrow:
    """One edge of a picture; ``step`` colours what flows back along it, 4 marks a bad number."""

    tail: int
    head: int
    label: str
    step: int
    light: bool
    tooltip: str


@dataclass(frozen=True, slots=True)
class Scene:
    """Boxes in order, arrows between their positions, and a note for the reader.

    ``hues`` has the frames that have a colour of their own. ``ties`` are pairs of boxes that are to
    stand beside each other.
    """

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    note: str = ""
    hues: Mapping[Path, int] = field(default_factory=dict)
    ties: tuple[tuple[int, int], ...] = ()
