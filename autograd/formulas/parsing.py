"""Parse a formula's text, and mark the place where it cannot be read.

Python's parser does the reading, so precedence is Python's; it counts bytes, we count characters.
"""

import ast
import warnings
from typing import Any

from autograd.errors import shown

PLAIN = "write numbers, names, + - * / // % **, brackets and functions such as exp(x)"


class ExpressionError(ValueError):
    """A formula that cannot be read: says why, and marks the place.

    ``column`` counts characters from 1.
    """

    def __init__(self, why: str, text: str, column: int, width: int = 1) -> None:
        self.why, self.text, self.column, self.width = why, text, column, width
        start = max(0, column - 41)  # a long formula is shown from near the place on
        line = "".join(c if c.isprintable() else " " for c in text)[start : start + 76]
        mark = " " * (column - 1 - start) + "^" + "~" * min(width - 1, 35)
        super().__init__(f"{why} (column {column})\n  {line}\n  {mark}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.why, self.text, self.column, self.width)


def checked(text: object) -> str:
    """Return a formula that stands in one line."""
    if not isinstance(text, str):
        raise TypeError(f"a formula is a str, not {shown(text)}")
    if not text.isprintable():
        column = next(k for k, c in enumerate(text, 1) if not c.isprintable())
        raise ExpressionError("a formula stands in one line of readable characters", text, column)
    return text


def statements(text: str) -> list[ast.stmt]:
    """Parse a formula into its statements, one at least."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "1if" is warned of, and refused below anyway
            found = ast.parse(text.strip(" ")).body
    except SyntaxError as error:
        start = len(text) - len(text.lstrip(" "))
        column = min(max(error.offset or 1, 1) + start, len(text) + 1)
        why = f"this is no formula: {error.msg.partition(';')[0]}"
        raise ExpressionError(why, text, column) from None
    except (RecursionError, MemoryError):
        why = "this formula is nested too deeply; name parts of it: u = ...; u + 1"
        raise ExpressionError(why, text, 1) from None
    if not found:
        raise ExpressionError(f"this formula is empty; {PLAIN}", text, 1)
    return found


def place(text: str, node: ast.stmt | ast.expr) -> tuple[int, int]:
    """Return the column of a node, from 1, and its width in characters.

    >>> place("ñ + x", statements("ñ + x")[0].value.right)
    (5, 1)
    """
    line = text.strip(" ").encode()
    start = len(text) - len(text.lstrip(" "))
    first, last = (len(line[:end].decode()) for end in (node.col_offset, node.end_col_offset))
    return start + first + 1, max(last - first, 1)
