"""Colours of pictures, light and dark, and the seven steps of the scale for gradients.

Colours are palette entries, never interpolated: a gradient falls into one of seven steps, each with
its own colour. So the finished SVG can be turned dark by exchanging one list of colours for
another, which interpolation would not allow.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

SHARES = (1e-3, 0.1, 10**-0.5)  # of the picture's largest gradient: the bounds of the steps


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a picture by their roles; light and dark palettes have the same fields.

    ``gradients`` fill cells and ``flows`` draw edges: strongest negative first, zero in the middle.
    ``hues`` tell the lines of a program apart; text on them has the colour of a card.
    """

    paper: str
    card: str
    ink: str
    muted: str
    line: str
    faint: str
    alarm: str
    alarm_fill: str
    frame: str
    frame_line: str
    headers: Mapping[str, str]
    accents: Mapping[str, str]
    gradients: tuple[str, ...]
    flows: tuple[str, ...]
    hues: tuple[str, ...]

    def colours(self) -> list[str]:
        """Return all colours, in the same order for every palette."""
        plain = (self.paper, self.card, self.ink, self.muted, self.line, self.faint)
        more = (self.alarm, self.alarm_fill, self.frame, self.frame_line)
        roles = (*self.headers.values(), *self.accents.values())
        return [*plain, *more, *roles, *self.gradients, *self.flows, *self.hues]


LIGHT = Palette(
    paper="#fffffe",  # one off from white and from a card, so that each can be exchanged alone
    card="#fefefe",
    ink="#1b1f24",
    muted="#59636e",
    line="#8a939d",
    faint="#b4bcc4",
    alarm="#c1121f",
    alarm_fill="#ffe1e0",
    frame="#f6f8fa",
    frame_line="#c3cad2",
    headers=MappingProxyType(
        {
            "input": "#cfe6fb",
            "parameter": "#fde6b0",
            "operation": "#eef1f4",
            "result": "#e3d5f5",
            "group": "#dcefe3",
        }
    ),
    accents=MappingProxyType(
        {
            "input": "#3d84bd",
            "parameter": "#b87a00",
            "operation": "#89929c",
            "result": "#6f42b5",
            "group": "#4b8f68",
        }
    ),
    gradients=("#7fb6e2", "#b0d3f0", "#dcebf9", "#fdfefe", "#fde8d8", "#fac9a0", "#f3a266"),
    flows=("#12619f", "#3f8fcb", "#85b4da", "#a3acb5", "#e2a577", "#d27a2c", "#b35200"),
    hues=("#0b5cad", "#a34700", "#1b7446", "#a02c78", "#0d6f80", "#7d5c00", "#6246a3", "#555f69"),
)

DARK = Palette(
    paper="#0d1117",
    card="#151b23",
    ink="#f0f3f6",
    muted="#a3adb8",
    line="#6d7782",
    faint="#4f5964",
    alarm="#ff8b85",
    alarm_fill="#4a1619",
    frame="#11161d",
    frame_line="#39424d",
    headers=MappingProxyType(
        {
            "input": "#133b5c",
            "parameter": "#4f3a06",
            "operation": "#222a33",
            "result": "#41276b",
            "group": "#183d29",
        }
    ),
    accents=MappingProxyType(
        {
            "input": "#5ba5df",
            "parameter": "#d59a1f",
            "operation": "#6c7681",
            "result": "#a880ea",
            "group": "#5cae80",
        }
    ),
    gradients=("#1f5f97", "#1a4568", "#15304a", "#161b23", "#3f2817", "#613914", "#8a4b0e"),
    flows=("#6db6f2", "#438dca", "#406f9b", "#65707b", "#966236", "#c97a32", "#ff9f4a"),
    hues=("#79bcff", "#f39a5c", "#63c990", "#ef8fcb", "#56c5d6", "#d6b04a", "#b9a2f7", "#a9b5c1"),
)


# The background stands outside the graph's group, so its colour alone tells whose it is.
AUTO = replace(LIGHT, paper="#fffffd")
PALETTES = MappingProxyType({"light": LIGHT, "dark": DARK, "auto": AUTO})


def dark_rules() -> str:
    """Write the CSS that turns an ``auto`` SVG dark where the reader's system is dark.

    A notebook page shares its styles, so the rules are bound to the class ``auto`` of our graph and
    to a background that no other picture has.

    >>> print(dark_rules().splitlines()[1])
    .background[fill="#fffffd"] { fill: #0d1117 }
    """
    rules = [f'.background[fill="{AUTO.paper}"] {{ fill: {DARK.paper} }}']
    rules += [
        f'.graph.auto [{paint}="{light}"] {{ {paint}: {dark} }}'
        for light, dark in zip(AUTO.colours(), DARK.colours(), strict=True)
        for paint in ("fill", "stroke")
    ]
    return "\n".join(["@media (prefers-color-scheme: dark) {", *rules, "}"])


def step(x: float, largest: float) -> int:
    """Place a gradient on a diverging, symmetrically logarithmic scale of seven steps, -3 to 3.

    The steps start at 32 %, 10 % and 0.1 % of the picture's largest finite magnitude; what is
    smaller counts as zero.

    >>> [step(x, 30.0) for x in (30.0, -9.0, 1.0, 0.001, -30.0)]
    [3, -2, 1, 0, -3]
    """
    if not largest or math.isnan(x):
        return 0
    share = min(abs(x) / largest, 1.0)
    size = sum(share >= bound for bound in SHARES)
    return int(math.copysign(size, x))
