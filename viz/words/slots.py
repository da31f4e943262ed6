"""Texts with slots for numbers: written once in Python, filled in again in the page of `explore`.

A template is a tuple of texts with a slot between each two: ``("3 * ", "(v4", "")``. A slot is a
mode and a key. The mode says what a minus sign does: nothing (an empty mode), brackets around the
number (``(``), or a sign of its own in a sum (``+``: a + 3, a − 3).

A sentence is the sides of an equation; what is told of a step is a tuple of sentences.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from autograd.expressions.dialects import MINUS, TextPrinter
from autograd.expressions.tree import Expression, Number, Operation, Symbol, number
from viz.basics.numbers import Formatter

Template = tuple[str, ...]
Sentence = tuple[Template, ...]

# Noncharacters: no name has them, as `labels.printable` exchanges them.
_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
_MODES = {"(": "(", " + ": "+", "": ""}
# A number's brackets may go, those of a function's argument stay: exp(2).
_SLOT = re.compile(
    f"(?<![\\w′])(?P<bracket>\\(){_OPEN}(?P<inner>\\w+){_CLOSE}\\)"
    f"|(?P<sign> \\+ )?{_OPEN}(?P<key>\\w+){_CLOSE}"
)


def slot(key: str) -> Expression:
    """Make a number that is not known yet."""
    return Number(0.0, f"{_OPEN}{key}{_CLOSE}")


def with_slots(x: Expression, keys: dict[str, str]) -> Expression:
    """Put slots in the place of names; ``keys`` has each name's slot."""
    if isinstance(x, Symbol):
        return slot(keys[x.name]) if x.name in keys else number(x.value)
    if isinstance(x, Operation):
        return replace(x, operands=tuple([with_slots(part, keys) for part in x.operands]))
    return x


def template(x: Expression | str, write: Formatter) -> Template:
    """Write a formula with its slots.

    >>> from viz.basics.numbers import formatter
    >>> u, v = slot("v1"), Symbol("v")
    >>> template(Operation("mul", (v, u)), formatter(4, None))
    ('v * ', '(v1', '')
    >>> template(Operation("add", (v, u)), formatter(4, None))
    ('v', '+v1', '')
    """
    text = x if isinstance(x, str) else TextPrinter(write).text(x)
    found, end = [], 0
    for match in _SLOT.finditer(text):
        mode = _MODES[match["bracket"] or match["sign"] or ""]
        found += [text[end : match.start()], mode + (match["inner"] or match["key"])]
        end = match.end()
    return (*found, text[end:])


def filled(one: Template, value: Callable[[str], float], write: Formatter) -> str:
    """Fill in the numbers; ``value`` gives that of a key.

    >>> from viz.basics.numbers import formatter
    >>> filled(("v", "+v1", ""), lambda key: -2.0, formatter(4, None))
    'v − 2'
    """
    parts = list(one)
    for k in range(1, len(parts), 2):
        mode, key = _taken_apart(parts[k])
        parts[k] = _MODE_WRITERS[mode](write(value(key)))
    return "".join(parts)


def told(sentences: tuple[Sentence, ...], value: Callable[[str], float], write: Formatter) -> str:
    """Write sentences, each without repeating a side that says the same."""
    return "; ".join(
        " = ".join(dict.fromkeys(filled(side, value, write) for side in sides))
        for sides in sentences
    )


def _taken_apart(mark: str) -> tuple[str, str]:
    return (mark[0], mark[1:]) if mark[0] in "(+" else ("", mark)


def _bracketed(text: str) -> str:
    return text if text[:1].isalnum() else f"({text})"


def _signed(text: str) -> str:
    return f" {MINUS} {text[1:]}" if text[:1] == MINUS else f" + {text}"


_MODE_WRITERS: dict[str, Callable[[str], str]] = {"": str, "(": _bracketed, "+": _signed}
