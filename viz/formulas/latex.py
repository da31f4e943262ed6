r"""Write formulas as LaTeX that MathJax, KaTeX and LaTeX itself read alike."""

from collections.abc import Callable, Iterator
from itertools import groupby

from autograd.primitives import TABLE
from autograd.rules.latex import POWER, PRODUCT, filled, name, number, operator, row_strength
from viz.formatting import Formatter
from viz.formulas.expression import Expression, elided
from viz.formulas.inline import strength as _strength

__all__ = ["formula", "name", "number", "strength"]


def formula(x: Expression, write: Formatter) -> str:
    r"""Write a formula.

    >>> from viz.formulas import expression as e
    >>> from viz.formatting import formatter
    >>> x, y = e.name("x", 2.0), e.name("y", -3.0)
    >>> print(formula(e.divide(-x, 1 + y) * e.number(-3.0), formatter(4, None)))
    -\frac{x}{1 + y} \cdot \left(-3\right)
    """
    return _WRITERS[x.kind](x, write)


def _within(x: Expression, least: int, write: Formatter) -> str:
    written = formula(x, write)
    return written if strength(x, write) >= least else rf"\left({written}\right)"


def strength(x: Expression, write: Formatter) -> int:
    """Tell how strongly a formula holds together on paper: a fraction's line is a bracket."""
    if x.kind == "quotient":
        return POWER
    if x.kind == "call" and x.text in TABLE and not TABLE[x.text].variadic:
        return row_strength(TABLE[x.text])
    return _strength(x, write)


def _sum(x: Expression, write: Formatter) -> str:
    written = formula(x.parts[0], write)
    for part in x.parts[1:]:
        one = formula(part, write)
        one = rf"\left({one}\right)" if part.kind == "sum" else one
        written += f" - {one[1:]}" if one[:1] == "-" else f" + {one}"
    return written


def _quotient(x: Expression, write: Formatter) -> str:
    return rf"\frac{{{formula(x.parts[0], write)}}}{{{formula(x.parts[1], write)}}}"


def _factors(parts: tuple[Expression, ...], write: Formatter) -> Iterator[str]:
    """Yield the factors; one that follows itself becomes a power."""
    place = 0
    for part, run in groupby(parts):
        times = len(list(run))
        written = _factor(part, place, write)
        if times > 1 and part.kind == "name" and "^" not in written:
            yield f"{written}^{{{times}}}"
        else:
            yield from [written] * times
        place += times


def _factor(x: Expression, place: int, write: Formatter) -> str:
    if place == 0 and x.kind not in ("sum", "call"):
        return formula(x, write)
    return _within(x, PRODUCT, write)


def _call(x: Expression, write: Formatter) -> str:
    """Fill the table's LaTeX of an operation; an operand is bracketed where it could fall apart."""
    row = TABLE.get(x.text)
    if row is None or row.variadic or not row.latex:
        inside = ", ".join(formula(part, write) for part in elided(x.parts))
        return rf"{operator(x.text)}({inside})" + (f"_{{{x.index}}}" if x.index else "")
    parts = [formula(part, write) for part in x.parts]
    return filled(row, parts, [strength(part, write) for part in x.parts])


def _derivative(x: Expression, _: Formatter) -> str:
    sign = r"\partial " if x.text == "∂" else "d"
    of, wrt = (name(part.text) for part in x.parts)
    place = f"^{{{x.index.translate(_SUPER)}}}" if x.index else ""
    return rf"\frac{{{sign}{of}}}{{{sign}{wrt}{place}}}"


_SUPER = str.maketrans("⁽⁾⁰¹²³⁴⁵⁶⁷⁸⁹", "()0123456789")


_WRITERS: dict[str, Callable[[Expression, Formatter], str]] = {
    "number": lambda x, write: number(x.text or write(x.value)),
    "literal": lambda x, write: number(x.text or write(x.value)),
    "name": lambda x, _: name(x.text),
    "call": _call,
    "sum": _sum,
    "negative": lambda x, write: "-" + _within(x.parts[0], PRODUCT, write),
    "product": lambda x, write: r" \cdot ".join(_factors(x.parts, write)),
    "quotient": _quotient,
    "derivative": _derivative,
    "dots": lambda _, __: r"\dots",
}
