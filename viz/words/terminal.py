"""Fit text to where it is printed: its width, the signs that its encoding has, colour or none."""

import os
import shutil
import sys
import unicodedata
from typing import TextIO

from autograd.expressions.dialects import MINUS
from viz.basics.columns import columns
from viz.basics.labels import ELLIPSIS

WIDE = 100  # columns where nothing says how wide it is: a notebook, a file
_PLAIN = {
    "├─ ": "|- ", "└─ ": "`- ", "│": "|", MINUS: "-", "–": "-", ELLIPSIS: "...", "↑": "^", "↓": "v",
    "·": ".", "×": "*", "÷": "/", "∂": "d", "′": "'",
}  # fmt: skip
STYLES = {"bold": "1", "dim": "2", "red": "1;31", "amber": "33", "violet": "1;35", "cyan": "36",
          "blue": "94"}  # fmt: skip


def width() -> int:
    """Return the columns of the terminal, or of what the variable ``COLUMNS`` says."""
    return shutil.get_terminal_size((WIDE, 24)).columns


def encoding(stream: TextIO | None = None) -> str:
    """Return a stream's encoding; of one that does not say, UTF-8."""
    return getattr(sys.stdout if stream is None else stream, "encoding", None) or "utf-8"


def has_colour(stream: TextIO | None = None) -> bool:
    """Tell whether a stream is a terminal that shows colours, and nobody asked for none.

    See https://no-color.org for the variable ``NO_COLOR``.
    """
    stream = sys.stdout if stream is None else stream
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(getattr(stream, "isatty", lambda: False)())


def painted(text: str, style: str) -> str:
    """Colour a text for a terminal."""
    return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if style and text.strip() else text


def can_show(text: str, encoding: str) -> bool:
    """Tell whether an encoding has all signs of a text.

    >>> can_show("σ", "ascii"), can_show("×", "latin-1")
    (False, True)
    """
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def shown_in(text: str, encoding: str) -> str:
    """Write a text in the signs that an encoding has: alike ones, else question marks.

    >>> shown_in("└─ w₁ −3 ŷ 重", "ascii")
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
    """Cut what goes beyond so many columns.

    >>> cut("w1 * x1 + w2 * x2", 10)
    'w1 * x1 +…'
    """
    if columns(text) <= most:
        return text
    while text and columns(text) >= most:
        text = text[:-1]
    return text + ELLIPSIS


def padded(text: str, size: int, *, right: bool = False) -> str:
    """Fill a text with spaces to so many columns.

    >>> padded("重", 4), padded("1", 3, right=True)
    ('重  ', '  1')
    """
    space = " " * (size - columns(text))
    return space + text if right else text + space
