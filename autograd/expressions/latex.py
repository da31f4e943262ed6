r"""The dialect of LaTeX: formulas that MathJax, KaTeX and LaTeX render alike.

An operation's form is a template in its entry of the table, such as ``\sqrt{{{x}}}``; its strength
follows from the operators outside of the template's brackets.

Labels are untrusted text. Only letters, digits, accents and a few harmless signs of a label are
kept; a character with a meaning in LaTeX, Markdown or HTML (``\ $ { } < > & ` |``) is replaced by
a similar one without.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import ClassVar

from autograd.expressions import END, ISOLATE, MINUS
from autograd.expressions.dialects import FormulaLevel, TextPrinter
from autograd.expressions.printer import Form, Prefix, Sum, Written
from autograd.expressions.tree import Derivative, Number, Operation, Symbol, elided
from autograd.primitives import TABLE, Primitive

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
_SUPER = str.maketrans("⁽⁾⁰¹²³⁴⁵⁶⁷⁸⁹", "()0123456789")
_GROUPED = re.compile(  # arguments of a template that never need brackets
    r"(?:\(|\||\\lVert |[\w}\]^_]\{)\{(\w+)\}(?:[)},|\\]| \\rVert)"
)


def name(text: str) -> str:
    r"""Write a name.

    >>> print(name("w₁⁽⁰·³⁾"), name("ŷ"), name("loss"), name("x2"), name("θ"), name("a<b>$"))
    w_{1}^{(0,3)} \hat{y} \mathrm{loss} x_{2} \theta \mathrm{a‹b›＄}
    """
    parts = _PARTS.fullmatch(text)
    base, below, above, twin = parts.groups() if parts else (text, None, None, None)
    if not below and (numbered := _NUMBERED.fullmatch(base)):
        base, below = numbered.groups()
    latex = _word(base)
    if below:
        latex = f"{latex}_{{{below.translate(_DIGITS)}}}"
    marks = (above[1:-1].translate(_DIGITS) if above else "", rf"\#{twin}" if twin else "")
    upper = rf"({marks[0]})" if marks[0] else ""
    return latex + (f"^{{{upper}{marks[1]}}}" if upper or marks[1] else "")


def _word(text: str) -> str:
    """Write the letters of a name."""
    if len(text) == 1 and text.isalpha():
        return _letter(text)
    if text[:1] == ISOLATE:  # \text keeps the direction of letters, as \mathrm in MathJax does not
        return rf"\text{{{text.strip(ISOLATE + END).translate(_ALIKE_IN_TEXT)}}}"
    return rf"\mathrm{{{text.translate(_ALIKE)}}}"


def _letter(letter: str) -> str:
    """Write one letter, with a command for a Greek letter or an accent."""
    plain = unicodedata.normalize("NFD", letter)
    if len(plain) == 2 and plain[1] in _ACCENTS:
        return rf"\{_ACCENTS[plain[1]]}{{{plain[0]}}}"
    if "α" <= letter <= "ω" and letter not in "ος":
        return "\\" + unicodedata.name(letter).rsplit(" ", 1)[1].lower().replace("lamda", "lambda")
    return letter


def number(text: str) -> str:
    r"""Write a formatted number.

    >>> print(number("−1.5e−7"), number("30"), number("−inf"), number("5 $"))
    -1.5 \cdot 10^{-7} 30 -\infty \mathrm{5\ ＄}
    """
    plain = text.replace(MINUS, "-")
    if plain in _WORDS:
        return _WORDS[plain]
    parts = _NUMBER.fullmatch(plain)
    if not parts:
        return rf"\mathrm{{{text.translate(_ALIKE)}}}"
    digits = parts[1].replace(",", "{,}")
    return rf"{digits} \cdot 10^{{{parts[2]}}}" if parts[2] else digits


def operator(text: str) -> str:
    r"""Write a function's name upright.

    >>> print(operator("add_at"))
    \operatorname{add\_at}
    """
    return rf"\operatorname{{{text.translate(_ALIKE)}}}".replace("′}", "}'")


def filled(entry: Primitive, operands: Sequence[Written]) -> Written:
    r"""Fill an operation's template, with brackets around operands that need them.

    >>> a = Written("a + b", FormulaLevel.SUM)
    >>> print(filled(TABLE["square"], [a]).text, filled(TABLE["exp"], [a]).text)
    \left(a + b\right)^2 e^{a + b}
    """
    safe = set(_GROUPED.findall(entry.latex.replace("{{", "{").replace("}}", "}")))
    texts = {
        argument: x.text if argument in safe or x.strength == FormulaLevel.ATOM else _brackets(x)
        for argument, x in zip(entry.arguments, operands, strict=True)
    }
    return Written(entry.latex.format(**texts), _strength(entry.latex))


def _brackets(x: Written) -> str:
    return rf"\left({x.text}\right)"


def _strength(template: str) -> FormulaLevel:
    """Return the strength of a template.

    >>> _strength(TABLE["mod"].latex).name, _strength(TABLE["tanh"].latex).name
    ('PRODUCT', 'ATOM')
    """
    outside = _outside(template)
    level = FormulaLevel
    signs = ((level.LOOSE, "+-"), (level.PRODUCT, "\\ "), (level.POWER, "^"))
    return next((least for least, marks in signs if set(marks) & set(outside[1:])), level.ATOM)


def _outside(template: str) -> str:
    """Return the part of a template that is outside of all brackets."""
    kept, depth = "", 0
    for c in template.replace("{{", "{").replace("}}", "}"):
        depth -= c in ")}"
        kept += c if not depth else ""
        depth += c in "({"
    return kept


def _fraction(printer: "LatexPrinter", x: Operation) -> Written:
    over, under = map(printer.text, x.operands)
    return Written(rf"\frac{{{over}}}{{{under}}}", FormulaLevel.POWER)


def _product(printer: "LatexPrinter", x: Operation) -> Written:
    return Written(r" \cdot ".join(_factors(printer, x)), FormulaLevel.PRODUCT)


def _factors(printer: "LatexPrinter", x: Operation) -> Iterator[str]:
    """Yield the factors; repetitions of a name become a power."""
    position = 0
    for factor, run in groupby(x.operands):
        times = len(list(run))
        text = printer.within(factor, FormulaLevel.PRODUCT if position else FormulaLevel.SIGNED)
        if times > 1 and isinstance(factor, Symbol) and "^" not in text:
            yield f"{text}^{{{times}}}"
        else:
            yield from [text] * times
        position += times


class LatexPrinter(TextPrinter):
    r"""Prints formulas in LaTeX; ``write`` formats numbers.

    >>> from autograd.expressions.tree import Symbol, divide, number
    >>> x, y = Symbol("x"), Symbol("y")
    >>> print(LatexPrinter("{:g}".format).text(divide(-x, 1 + y) * number(-3.0)))
    -\frac{x}{1 + y} \cdot \left(-3\right)
    """

    brackets = (r"\left(", r"\right)")
    operators: ClassVar[Mapping[str, Form]] = {
        "add": Sum(" + ", FormulaLevel.SUM, FormulaLevel.SUM, FormulaLevel.LOOSE, "-"),
        "neg": Prefix("-", FormulaLevel.SIGNED, FormulaLevel.PRODUCT),
        "mul": _product,
        "div": _fraction,
    }

    def number(self, x: Number) -> Written:
        """Print a number."""
        return Written(number(x.exact or self.format(x.value)), super().number(x).strength)

    def symbol(self, text: str) -> Written:
        """Print a name."""
        return Written(name(text), self.atom)

    def call(self, x: Operation) -> Written:
        """Fill the operation's template, or print a function's name and its operands."""
        entry = TABLE.get(x.op)
        operands = None if entry is None or not entry.latex else self._operands(entry, x)
        if entry is not None and operands is not None:
            return filled(entry, operands)
        inside = ", ".join(map(self.text, elided(x.operands)))
        index = f"_{{{x.index}}}" if x.index else ""
        return Written(f"{operator(x.op)}({inside}){index}", self.atom)

    def _operands(self, entry: Primitive, x: Operation) -> list[Written] | None:
        """Return the operands for a template; None if they do not fit."""
        operands = x.operands
        if not entry.variadic:
            return [self.write(operand) for operand in operands]
        last = {("xs",): [], ("xs", "k"): [x.index or self.text(operands[-1])]}.get(entry.arguments)
        if last is None:
            return None
        listed = operands[:-1] if last and not x.index else operands
        texts = ", ".join(map(self.text, elided(listed)))
        return [Written(texts, FormulaLevel.SUM), *[Written(one, self.atom) for one in last]]

    def derivative(self, x: Derivative) -> str:
        """Print a derivative as a fraction."""
        sign = r"\partial " if x.partial else "d"
        position = f"^{{{x.index.translate(_SUPER)}}}" if x.index else ""
        return rf"\frac{{{sign}{name(x.of)}}}{{{sign}{name(x.wrt)}{position}}}"

    def dots(self) -> str:
        """Print dots."""
        return r"\dots"
