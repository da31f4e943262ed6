"""The width of a text in columns, in a terminal and in a picture's monospaced font.

Only the standard library is used: ``viz/rendering/_layout_worker.py`` runs this file without the
package.
"""

import unicodedata

COLUMN = 0.6  # em; the advance of Courier New, Source Code Pro, Liberation Mono and most such faces


def columns(text: str) -> int:
    """Count the columns that ``text`` takes in a monospaced face.

    Wide characters (Chinese, Japanese, Korean, emoji) take two, combining marks none.

    >>> columns("−5.25"), columns("ŷ₁"), columns("重み")
    (5, 2, 4)
    """
    if text.isascii():
        return len(text)
    return sum(_width(character) for character in text)


def _width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
