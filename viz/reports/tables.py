"""Tables as text, Markdown and HTML, and text fitted to a terminal.

A terminal has a width, an encoding that may lack signs, and colours or none.
"""

import html
import os
import shutil
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TextIO

from autograd.expressions import MINUS
from viz.formatting import ELLIPSIS
from viz.text_width import columns

WIDE = 100  # columns of a notebook or a file, which have no width
_PLAIN = {
    "├─ ": "|- ", "└─ ": "`- ", "│": "|", MINUS: "-", "–": "-", ELLIPSIS: "...", "↑": "^", "↓": "v",
    "·": ".", "×": "*", "÷": "/", "∂": "d", "′": "'",
}  # fmt: skip
STYLES = {"bold": "1", "dim": "2", "red": "1;31", "amber": "33", "violet": "1;35", "cyan": "36",
          "blue": "94"}  # fmt: skip


def terminal_width() -> int:
    """Return the terminal's width in columns, or that of the variable ``COLUMNS``."""
    return shutil.get_terminal_size((WIDE, 24)).columns


def stream_encoding(stream: TextIO | None = None) -> str:
    """Return a stream's encoding, UTF-8 if it has none."""
    return getattr(sys.stdout if stream is None else stream, "encoding", None) or "utf-8"


def supports_colour(stream: TextIO | None = None) -> bool:
    """Return whether a stream is a terminal with colours that are not switched off.

    See https://no-color.org for the variable ``NO_COLOR``.
    """
    stream = sys.stdout if stream is None else stream
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(getattr(stream, "isatty", lambda: False)())


def styled(text: str, style: str) -> str:
    """Colour a text for a terminal."""
    return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if style and text.strip() else text


def can_show(text: str, encoding: str) -> bool:
    """Return whether an encoding has all characters of a text.

    >>> can_show("σ", "ascii"), can_show("×", "latin-1")
    (False, True)
    """
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def to_encoding(text: str, encoding: str) -> str:
    """Replace characters that an encoding lacks by similar ones, else by question marks.

    >>> to_encoding("└─ w₁ −3 ŷ 重", "ascii")
    '`- w1 -3 y ?'
    """
    if can_show(text, encoding):
        return text
    for sign, plain in _PLAIN.items():
        if not can_show(sign, encoding):
            text = text.replace(sign, plain)
    return "".join(_alike(c, encoding) for c in text)


def _alike(c: str, encoding: str) -> str:
    if can_show(c, encoding):
        return c
    if unicodedata.category(c) in ("Mn", "Cf"):
        return ""
    base = unicodedata.normalize("NFKD", c)
    base = "".join(part for part in base if not unicodedata.combining(part))
    return base if base and can_show(base, encoding) else "?"


def cut(text: str, most: int) -> str:
    """Cut a text to a width in columns.

    >>> cut("w1 * x1 + w2 * x2", 10)
    'w1 * x1 +…'
    """
    if columns(text) <= most:
        return text
    while text and columns(text) >= most:
        text = text[:-1]
    return text + ELLIPSIS


def padded(text: str, size: int, *, right: bool = False) -> str:
    """Pad a text with spaces to a width in columns.

    >>> padded("重", 4), padded("1", 3, right=True)
    ('重  ', '  1')
    """
    space = " " * (size - columns(text))
    return space + text if right else text + space


Cells = Sequence[str]
_LEAST = 10  # columns that a cut cell keeps
_GAP = "  "


@dataclass(frozen=True, slots=True)
class TextTable:
    """A head and rows of cells; a row that is a single text stands for rows left out.

    ``right`` has the columns of numbers, ``soft`` those that may be cut where room is scarce.
    """

    head: Cells
    rows: Sequence[Cells | str]
    right: Sequence[int] = ()
    soft: Sequence[int] = ()

    @property
    def width(self) -> int:
        """The table's width in columns, nothing cut."""
        return sum(self._sizes()) + len(_GAP) * (len(self.head) - 1)

    def text(self, width: int) -> str:
        """Write as text of at most ``width`` columns, as far as cells can be cut."""
        sizes = self._sizes()
        self._shrink(sizes, width)
        return "\n".join(
            f"  … {row}" if isinstance(row, str) else self._line(row, sizes)
            for row in (self.head, *self.rows)
        )

    def _sizes(self) -> list[int]:
        cells = [self.head, *(row for row in self.rows if not isinstance(row, str))]
        return [max(columns(row[k]) for row in cells) for k in range(len(self.head))]

    def _shrink(self, sizes: list[int], width: int) -> None:
        """Shrink the widest of the soft columns, step by step."""
        excess = sum(sizes) + len(_GAP) * (len(sizes) - 1) - width
        while excess > 0 and any(sizes[k] > _LEAST for k in self.soft):
            sizes[max(self.soft, key=lambda k: sizes[k])] -= 1
            excess -= 1

    def _line(self, row: Cells, sizes: Sequence[int]) -> str:
        cells = [
            padded(cut(cell, size), size, right=k in self.right)
            for k, (cell, size) in enumerate(zip(row, sizes, strict=True))
        ]
        return _GAP.join(cells).rstrip()

    def markdown(self) -> str:
        """Write as a table of Markdown; the cells are Markdown already."""
        marks = ["--:" if k in self.right else "---" for k in range(len(self.head))]
        rows = [
            [f"… {row}", *[""] * (len(marks) - 1)] if isinstance(row, str) else row
            for row in self.rows
        ]
        return "".join(f"| {' | '.join(row)} |\n" for row in (self.head, marks, *rows))

    def html(self, caption: str) -> str:
        """Write as a table of HTML; all text is escaped."""
        head = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in self.head)
        rows = "".join(f"<tr>{self._cells(row)}</tr>\n" for row in self.rows)
        return (
            f"<table>\n<caption>{html.escape(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n"
            f"<tbody>\n{rows}</tbody>\n</table>\n"
        )

    def _cells(self, row: Cells | str) -> str:
        if isinstance(row, str):
            return f'<td colspan="{len(self.head)}">… {html.escape(row)}</td>'
        return "".join(
            f'<td style="text-align: {"right" if k in self.right else "left"}">'
            f"<bdi>{html.escape(cell)}</bdi></td>"
            for k, cell in enumerate(row)
        )
