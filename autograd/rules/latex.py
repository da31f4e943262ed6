r"""Write names, numbers and operations as LaTeX that MathJax, KaTeX and LaTeX itself read alike.

Labels are anybody's text. Of a label only letters, digits, marks and a few harmless signs pass;
what means something to LaTeX, Markdown or HTML (``\ $ { } < > & ` |``) is exchanged for a sign that
looks like it and means nothing.
"""

import re
import unicodedata
from collections.abc import Sequence

from autograd.primitives import Primitive

SUM, PRODUCT, POWER, ATOM = range(4)  # how strongly the parts of a formula hold together
MINUS = "\N{MINUS SIGN}"
ISOLATE, END = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
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


def operator(text: str) -> str:
    r"""Write a function's name upright.

    >>> print(operator("add_at"))
    \operatorname{add\_at}
    """
    return rf"\operatorname{{{text.translate(_ALIKE)}}}".replace("′}", "}'")


def filled(row: Primitive, parts: Sequence[str], strengths: Sequence[int]) -> str:
    r"""Fill the table's LaTeX of an operation; an operand is bracketed where it could fall apart.

    >>> from autograd.primitives import TABLE
    >>> print(filled(TABLE["square"], ["a + b"], [SUM]), filled(TABLE["exp"], ["a + b"], [SUM]))
    \left(a + b\right)^2 e^{a + b}
    """
    safe = set(_GROUPED.findall(row.latex.replace("{{", "{").replace("}}", "}")))
    operands = {
        argument: written if argument in safe or strength == ATOM else rf"\left({written}\right)"
        for argument, written, strength in zip(row.arguments, parts, strengths, strict=True)
    }
    return row.latex.format(**operands)


def row_strength(row: Primitive) -> int:
    """Tell how strongly the LaTeX of an operation holds together.

    >>> from autograd.primitives import TABLE
    >>> row_strength(TABLE["add"]) == SUM, row_strength(TABLE["tanh"]) == ATOM
    (True, True)
    """
    outside = _outside(row.latex)
    signs = ((SUM, "+-"), (PRODUCT, "\\ "), (POWER, "^"))
    return next((least for least, marks in signs if set(marks) & set(outside[1:])), ATOM)


def _outside(template: str) -> str:
    """Return what of a template stands outside all brackets."""
    kept, depth = "", 0
    for c in template.replace("{{", "{").replace("}}", "}"):
        depth -= c in ")}"
        kept += c if not depth else ""
        depth += c in "({"
    return kept
