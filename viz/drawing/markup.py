"""Write texts and cards in DOT's two languages: plain attributes and HTML-like labels."""

from html import escape as _escape

import graphviz

from viz.basics.colours import Palette
from viz.basics.labels import printable
from viz.drawing.boxes import Box, Row

SMALL = 10  # points
_THICK = 3  # points: the border of a result
_BAR = 4  # points: the bar at the side of a parameter, seen in grey print too
_BADGE = 22  # points: the bar with a line's number, of up to three digits
_ROOM = 59  # points: a cell for a number of seven columns, −0.1234


def plain(text: str, end: str = "\\n") -> str:
    """Escape text for a DOT attribute that Graphviz shows as it is, line by line.

    Graphviz reads backslashes and HTML entities in plain attributes, and a text between ``<`` and
    ``>`` as HTML.
    """
    lines = printable(text).replace("&", "&amp;").split("\n")
    return str(graphviz.nohtml(end.join(map(graphviz.escape, lines))))


def tooltip(text: str) -> str:
    """Escape text for a tooltip, whose backslashes Graphviz reads twice."""
    return plain(text.replace("\\", "\\\\"))


def markup(text: str) -> str:
    r"""Escape text for an HTML-like label, where ``\G`` alone would be the name of the graph.

    >>> print(markup(r"\Gamma < 1"))
    \\Gamma &lt; 1
    """
    return _escape(printable(text), quote=True).replace("\\", "\\\\")


def card(box: Box, p: Palette) -> str:
    """Return the HTML-like label of a box, a table with square corners: a fill cannot bleed."""
    return f"<{_constant(box, p) if box.role == 'constant' else _card(box, p)}>"


def partial(text: str, *, horizontal: bool) -> str:
    """Return the label of an arrow, held off its line by a strip below or at its left."""
    cell = f"<TD>{markup(text)}</TD>"
    cells = (
        f'<TR>{cell}</TR><TR><TD HEIGHT="7"></TD></TR>'
        if horizontal
        else f'<TR><TD WIDTH="5"></TD>{cell}</TR>'
    )
    start = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">'
    return f"<{start}{cells}</TABLE>>"


def piece(size: tuple[int, int], colour: str) -> str:
    """Return the label of a piece of an arrow, ``size`` points wide and high."""
    return (
        f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0" BGCOLOR="{colour}"'
        f' FIXEDSIZE="TRUE" WIDTH="{size[0]}" HEIGHT="{size[1]}"><TR><TD></TD></TR></TABLE>>'
    )


def _constant(box: Box, p: Palette) -> str:
    return (
        f'<TABLE BORDER="1" STYLE="DASHED" COLOR="{p.line}" BGCOLOR="{p.card}" CELLBORDER="0"'
        f' CELLSPACING="0" CELLPADDING="4"><TR><TD><FONT COLOR="{p.muted}">{markup(box.header)}'
        "</FONT></TD></TR></TABLE>"
    )


def _card(box: Box, p: Palette) -> str:
    border = _THICK if box.role == "result" else 1
    accent = p.accents[box.role]
    fill = p.card if box.role == "operation" else p.headers[box.role]
    bar = _bar(box, _BAR, accent) if box.role == "parameter" else ""
    if box.badge:
        number = f'<FONT COLOR="{p.card}"><B>{markup(box.badge)}</B></FONT>'
        bar = _bar(box, _BADGE, p.hues[box.hue], number) + bar
    rule = "<HR/>" if box.role == "operation" and box.rows else ""
    table = (
        f'<TABLE BORDER="{border}" COLOR="{accent}" BGCOLOR="{p.card}" CELLBORDER="0"'
        f' CELLSPACING="0" CELLPADDING="4">'
        f'<TR>{bar}<TD COLSPAN="2" BGCOLOR="{fill}"><B>{markup(box.header)}</B></TD></TR>{rule}'
        f"{''.join(_row(row, p) for row in box.rows)}</TABLE>"
    )
    if box.role != "group":
        return table
    return (  # a double border: several nodes
        f'<TABLE BORDER="{_THICK if box.is_final else 1}"'
        f' COLOR="{p.accents["result"] if box.is_final else accent}"'
        f' BGCOLOR="{p.card}" CELLBORDER="0" CELLSPACING="0"'
        f' CELLPADDING="2"><TR><TD>{table}</TD></TR></TABLE>'
    )


def _bar(box: Box, width: int, colour: str, text: str = "") -> str:
    """Return a cell at the side of a card, as high as all of it."""
    size = f'ROWSPAN="{len(box.rows) + 1}" WIDTH="{width}"'
    return f'<TD {size} CELLPADDING="0" BGCOLOR="{colour}">{text}</TD>'


def _row(row: Row, p: Palette) -> str:
    text = markup(row.text)
    fill = f' BGCOLOR="{p.gradients[row.step + 3]}"' if row.step or row.is_live else ""
    if row.alarm:
        fill, text = f' BGCOLOR="{p.alarm_fill}"', f'<FONT COLOR="{p.alarm}"><B>{text}</B></FONT>'
    room = f' WIDTH="{_ROOM}"' if row.is_live else ""
    return (
        f'<TR><TD ALIGN="LEFT"><FONT COLOR="{p.muted}" POINT-SIZE="{SMALL}">{markup(row.title)}'
        f'</FONT></TD><TD ALIGN="RIGHT"{room}{fill}>{text}</TD></TR>'
    )
