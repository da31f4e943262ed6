r"""Write formulas, names and numbers as LaTeX that MathJax, KaTeX and LaTeX itself read alike.

Labels are anybody's text. Of a label only letters, digits, marks and a few harmless signs pass;
what means something to LaTeX, Markdown or HTML (``\ $ { } < > & ` |``) is exchanged for a sign that
looks like it and means nothing.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import groupby

from autograd.ops import TABLE
from viz.called import END, ISOLATE
from viz.expression import Expression, elided
from viz.inline import ATOM, POWER, PRODUCT, SUM
from viz.inline import strength as _strength
from viz.style import MINUS, Formatter

_ACCENTS = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0307": "dot", "\u0308": "ddot"}
_ALIKE = str.maketrans(
    {
        "\\": "＼", "{": "｛", "}": "｝", "$": "＄", "<": "‹", ">": "›", "&": "＆", "`": "ˋ",
        "|": "∣", "^": "ˆ", "~": "∼", "#": "＃", "%": "％", "@": "＠", '"': "”", "'": "’",
        "*": "∗", "_": r"\_", " ": r"\ ", "-": "{-}", MINUS: "{-}",
    }
)  # fmt: skip
_ALIKE_IN_TEXT = {**_ALIKE, ord("_"): "＿", ord(" "): " ", ord("-"): "-"}
_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹·", "01234567890123456789,")
_PARTS = re.compile(r"(.+?)([₀-₉][₀-₉,]*)?(⁽[^⁾]*⁾)?(?:#(\d+))?")
_NUMBERED = re.compile(r"([^\W\d_])(\d+)")
_NUMBER = re.compile(r"(-?\d[\d,]*(?:\.\d+)?)(?:e(-?\d+))?")
_WORDS = {"inf": r"\infty", "-inf": r"-\infty", "nan": r"\mathrm{nan}"}
_GROUPED = re.compile(r"(?:\(|\||[\w}\]^_]\{)\{(\w+)\}[)},|\\]")  # places that need no brackets


def name(text: str) -> str:
    r"""Write a name.

    >>> print(name("w₁⁽⁰·³⁾"), name("ŷ"), name("loss"), name("x2"), name("θ"), name("a<b>$"))
    w_{1}^{(0,3)} \hat{y} \mathrm{loss} x_{2} \theta \mathrm{a‹b›＄}
    """
    found = _PARTS.fullmatch(text)
    base, below, above, twin = found.groups() if found else (text, None, None, None)
    if not below and (numbered := _NUMBERED.fullmatch(base)):
        base, below = numbered.groups()
    written = _word(base)
    if below:
        written = f"{written}_{{{below.translate(_DIGITS)}}}"
    marks = (above[1:-1].translate(_DIGITS) if above else "", rf"\#{twin}" if twin else "")
    upper = rf"({marks[0]})" if marks[0] else ""
    return written + (f"^{{{upper}{marks[1]}}}" if upper or marks[1] else "")


def _word(text: str) -> str:
    """Write the letters of a name."""
    if len(text) == 1 and text.isalpha():
        return _letter(text)
    if text[:1] == ISOLATE:  # MathJax sets letters one by one; a text keeps their direction
        return rf"\text{{{text.strip(ISOLATE + END).translate(_ALIKE_IN_TEXT)}}}"
    return rf"\mathrm{{{text.translate(_ALIKE)}}}"


def _letter(letter: str) -> str:
    """Write one letter: Greek ones and those with an accent by their command."""
    plain = unicodedata.normalize("NFD", letter)
    if len(plain) == 2 and plain[1] in _ACCENTS:
        return rf"\{_ACCENTS[plain[1]]}{{{plain[0]}}}"
    if "α" <= letter <= "ω" and letter not in "ος":
        return "\\" + unicodedata.name(letter).rsplit(" ", 1)[1].lower().replace("lamda", "lambda")
    return letter


def number(text: str) -> str:
    r"""Write a number that a formatter wrote.

    >>> print(number("−1.5e−7"), number("30"), number("−inf"), number("5 $"))
    -1.5 \cdot 10^{-7} 30 -\infty \mathrm{5\ ＄}
    """
    plain = text.replace(MINUS, "-")
    if plain in _WORDS:
        return _WORDS[plain]
    found = _NUMBER.fullmatch(plain)
    if not found:
        return rf"\mathrm{{{text.translate(_ALIKE)}}}"
    digits = found[1].replace(",", "{,}")
    return rf"{digits} \cdot 10^{{{found[2]}}}" if found[2] else digits


def formula(x: Expression, write: Formatter) -> str:
    r"""Write a formula.

    >>> from viz import expression as e
    >>> from viz.style import formatter
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
        outside = _outside(TABLE[x.text].latex)
        signs = ((SUM, "+-"), (PRODUCT, "\\ "), (POWER, "^"))
        return next((least for least, marks in signs if set(marks) & set(outside[1:])), ATOM)
    return _strength(x, write)


def _outside(template: str) -> str:
    """Return what of a template stands outside all brackets."""
    kept, depth = "", 0
    for c in template.replace("{{", "{").replace("}}", "}"):
        depth -= c in ")}"
        kept += c if not depth else ""
        depth += c in "({"
    return kept


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
        operator = rf"\operatorname{{{x.text.translate(_ALIKE)}}}".replace("′}", "}'")
        inside = ", ".join(formula(part, write) for part in elided(x.parts))
        return rf"{operator}({inside})" + (f"_{{{x.index}}}" if x.index else "")
    parts = [formula(part, write) for part in x.parts]
    safe = set(_GROUPED.findall(row.latex.replace("{{", "{").replace("}}", "}")))
    filled = {
        argument: written
        if argument in safe or strength(part, write) == ATOM
        else rf"\left({written}\right)"
        for argument, part, written in zip(row.arguments, x.parts, parts, strict=True)
    }
    return row.latex.format(**filled)


def _derivative(x: Expression, _: Formatter) -> str:
    sign = r"\partial " if x.text == "∂" else "d"
    of, towards = (name(part.text) for part in x.parts)
    place = f"^{{{x.index.translate(_SUPER)}}}" if x.index else ""
    return rf"\frac{{{sign}{of}}}{{{sign}{towards}{place}}}"


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
