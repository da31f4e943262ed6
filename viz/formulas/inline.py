"""Write formulas in one line of text, with brackets where they are needed."""

import re
from collections.abc import Callable

from autograd.primitives import TABLE
from autograd.rules.latex import ATOM, MINUS, POWER, PRODUCT, SUM
from viz.formatting import Formatter
from viz.formulas.expression import NUMBERS, Expression, elided, is_infix

_LOOSE = re.compile(r"[\s+\-−*/=^<>(){}|&%!;:~]")  # a name with one of these needs brackets


def strength(x: Expression, write: Formatter) -> int:
    """Tell how strongly a formula holds together."""
    if x.kind in NUMBERS:
        return ATOM if _number(x, write)[:1].isalnum() else SUM
    if x.kind == "call" and is_infix(x):
        return POWER if len(TABLE[x.text].symbol) == 1 else SUM
    return {"sum": SUM, "negative": SUM, "product": PRODUCT, "quotient": PRODUCT}.get(x.kind, ATOM)


def text(x: Expression, write: Formatter) -> str:
    """Write a formula in one line.

    >>> from viz.formulas.expression import divide, name
    >>> from viz.formatting import formatter
    >>> x, y = name("x", 2.0), name("y", -3.0)
    >>> text(divide(-x, (1 + y) * (1 - x)), formatter(4, None))
    '−x / ((1 + y) * (1 − x))'
    """
    return _WRITERS[x.kind](x, write)


def bracketed(label: str) -> str:
    """Put a name into brackets where a formula would otherwise tear it apart.

    >>> bracketed("ŷ"), bracketed("a + b")
    ('ŷ', '[a + b]')
    """
    return f"[{label}]" if _LOOSE.search(label) else label


def _number(x: Expression, write: Formatter) -> str:
    return x.text or write(x.value)


def _within(x: Expression, least: int, write: Formatter) -> str:
    written = text(x, write)
    return written if strength(x, write) >= least else f"({written})"


def _sum(x: Expression, write: Formatter) -> str:
    """Write a sum; what begins with a minus sign is subtracted."""
    written = text(x.parts[0], write)
    for part in x.parts[1:]:
        one = f"({text(part, write)})" if part.kind == "sum" else text(part, write)
        written += f" {MINUS} {one[1:]}" if one[:1] == MINUS else f" + {one}"
    return written


def _product(x: Expression, write: Formatter) -> str:
    return " * ".join(_factor(part, k, write) for k, part in enumerate(x.parts))


def _quotient(x: Expression, write: Formatter) -> str:
    return f"{_factor(x.parts[0], 0, write)} / {_within(x.parts[1], POWER, write)}"


def _factor(x: Expression, place: int, write: Formatter) -> str:
    """Write one factor; a minus sign needs no brackets in front, nor a quotient."""
    if place == 0 and x.kind not in ("sum", "call"):
        return text(x, write)
    return _within(x, POWER, write)


def _call(x: Expression, write: Formatter) -> str:
    if is_infix(x):
        symbol = TABLE[x.text].symbol
        space = "" if len(symbol) == 1 else " "
        return (space + symbol + space).join(_within(part, ATOM, write) for part in x.parts)
    inside = ", ".join(text(part, write) for part in elided(x.parts))
    return f"{x.text}({inside})" + (f"[{x.index}]" if x.index else "")


def _derivative(x: Expression, _: Formatter) -> str:
    of, wrt = (bracketed(part.text) for part in x.parts)
    if "." in wrt and not wrt.startswith("["):
        wrt = f"({wrt})"
    return f"{x.text}{of}/{x.text}{wrt}{x.index}"


_WRITERS: dict[str, Callable[[Expression, Formatter], str]] = {
    "number": _number,
    "literal": _number,
    "name": lambda x, _: bracketed(x.text),
    "call": _call,
    "sum": _sum,
    "negative": lambda x, write: MINUS + _within(x.parts[0], PRODUCT, write),
    "product": _product,
    "quotient": _quotient,
    "derivative": _derivative,
    "dots": lambda _, __: "…",
}
