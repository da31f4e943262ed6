"""The dialects of the printer: plain text, Python, Cython, C, JavaScript (LaTeX has its own file).

Each has its levels of precedence, from weak to strong, and a table of its operators.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from enum import IntEnum
from math import copysign, inf, isfinite, isnan
from typing import ClassVar

from autograd.expressions import MINUS
from autograd.expressions.printer import (
    Form,
    Infix,
    Prefix,
    Printer,
    Sum,
    Written,
    left_associative,
)
from autograd.expressions.tree import (
    COMPARISONS,
    CONDITIONS,
    Comprehension,
    Derivative,
    Expression,
    Item,
    Number,
    Operation,
    Spread,
    UnsupportedSyntaxError,
    elided,
)
from autograd.primitives import CONSTANTS


class FormulaLevel(IntEnum):
    """Strengths in formulas for people.

    A sum needs brackets in every sum but at its start; a LOOSE operation, such as x mod y, in every
    product; a SIGNED term in every product but at its start.
    """

    SUM, LOOSE, SIGNED, PRODUCT, POWER, ATOM = range(6)


def _text_operators() -> dict[str, Form]:
    level = FormulaLevel
    return {
        "add": Sum(" + ", level.SUM, level.SUM, level.LOOSE, MINUS),
        "neg": Prefix(MINUS, level.SIGNED, level.PRODUCT),
        "mul": Infix(" * ", level.PRODUCT, level.SIGNED, level.POWER),
        "div": Infix(" / ", level.PRODUCT, level.SIGNED, level.POWER),
        "pow": Infix("^", level.POWER, level.ATOM, level.ATOM),
        "floordiv": Infix(" // ", level.LOOSE, level.ATOM, level.ATOM),
        "mod": Infix(" mod ", level.LOOSE, level.ATOM, level.ATOM),
    }


class TextPrinter(Printer):
    """Prints formulas in one line for people; ``write`` formats numbers.

    >>> from autograd.expressions.tree import Symbol, divide
    >>> x, y = Symbol("x"), Symbol("y")
    >>> TextPrinter(str).text(divide(-x, (1 + y) * (1 - x)))
    '−x / ((1 + y) * (1 − x))'
    """

    atom = FormulaLevel.ATOM
    operators: ClassVar[Mapping[str, Form]] = _text_operators()

    def __init__(self, write: Callable[[float], str]) -> None:
        self.format = write

    def number(self, x: Number) -> Written:
        """Print a number; one with a sign needs brackets in a product."""
        text = x.exact.replace("-", MINUS) or self.format(x.value)
        return Written(text, self.atom if text[:1].isalnum() else FormulaLevel.SIGNED)

    def symbol(self, name: str) -> Written:
        """Print a name, in square brackets where a formula would otherwise tear it apart."""
        return Written(_whole(name), self.atom)

    def call(self, x: Operation) -> Written:
        """Print a call; many operands are shortened."""
        operands = ", ".join(map(self.text, elided(x.operands)))
        return Written(f"{x.op}({operands})" + (f"[{x.index}]" if x.index else ""), self.atom)

    def derivative(self, x: Derivative) -> str:
        """Print a derivative: dJ/dx, ∂u/∂(layers.0.w)."""
        of, wrt = _whole(x.of), _whole(x.wrt)
        if "." in wrt and not wrt.startswith("["):
            wrt = f"({wrt})"
        sign = "∂" if x.partial else "d"
        return f"{sign}{of}/{sign}{wrt}{x.index}"

    def dots(self) -> str:
        """Print dots."""
        return "…"


_BREAKABLE = re.compile(r"[\s+\-−*/=^<>(){}|&%!;:~]")


def _whole(name: str) -> str:
    """Return a name in square brackets where a formula would otherwise tear it apart.

    >>> _whole("ŷ"), _whole("a + b")
    ('ŷ', '[a + b]')
    """
    return f"[{name}]" if _BREAKABLE.search(name) else name


class PythonLevel(IntEnum):
    """Strengths in Python, whose ``&`` and ``|`` bind closer than comparisons."""

    CHOICE, COMPARISON, OR, AND, SUM, PRODUCT, SIGN, ATOM = range(8)


def _python_operators() -> dict[str, Form]:
    level = PythonLevel
    compared = Infix("", level.COMPARISON, level.OR, level.OR)
    return {
        **{op: replace(compared, sign=f" {op} ") for op in sorted(COMPARISONS)},
        "|": left_associative("|", level.OR),
        "&": left_associative("&", level.AND),
        "add": left_associative("+", level.SUM),
        "sub": left_associative("-", level.SUM),
        "mul": left_associative("*", level.PRODUCT),
        "div": left_associative("/", level.PRODUCT),
        "neg": Prefix("-", level.SIGN, level.SIGN),
    }


class PythonPrinter(Printer):
    """Prints rules as the table and NumPy programs have them.

    >>> from autograd.expressions.tree import parse
    >>> PythonPrinter().text(parse("((x < 1) & (y == 2)) * (-(x)) - (y - 1)"))
    '((x < 1) & (y == 2)) * -x - (y - 1)'
    """

    atom = PythonLevel.ATOM
    operators: ClassVar[Mapping[str, Form]] = _python_operators()

    def number(self, x: Number) -> Written:
        """Print a number, so that it reads back as the same."""
        text = x.exact or repr(x.value)
        return Written(text, PythonLevel.SIGN if text[0] == "-" else self.atom)


def _conditional(printer: Printer, x: Operation) -> Written:
    condition, taken, otherwise = x.operands
    test, then = (printer.within(part, PythonLevel.COMPARISON) for part in (condition, taken))
    return Written(f"{then} if {test} else {printer.text(otherwise)}", PythonLevel.CHOICE)


class CythonPrinter(PythonPrinter):
    """Prints rules for C, in Cython: numbers are doubles, functions are called ``c_exp``.

    >>> from autograd.expressions.tree import parse
    >>> CythonPrinter().text(parse("where(x < 0, nan, 1 / exp(x))"))
    'nan if x < 0.0 else 1.0 / c_exp(x)'
    """

    operators: ClassVar[Mapping[str, Form]] = {**PythonPrinter.operators, "where": _conditional}

    def number(self, x: Number) -> Written:
        """Print a number as a double."""
        return super().number(Number(x.value))

    def function(self, name: str) -> str:
        """Print the name of a function, which the templates define."""
        return f"c_{name}"


class CLevel(IntEnum):
    """Strengths in C, and in JavaScript."""

    CHOICE, OR, AND, COMPARISON, SUM, PRODUCT, SIGN, ATOM = range(8)


def _c_operators(equal: str) -> dict[str, Form]:
    level = CLevel
    compared = Infix("", level.COMPARISON, level.SUM, level.SUM)
    signs = {op: op for op in sorted(COMPARISONS)} | {"==": equal, "!=": f"!{equal[1:]}"}
    return {
        **{op: replace(compared, sign=f" {sign} ") for op, sign in signs.items()},
        "|": left_associative("||", level.OR),
        "&": left_associative("&&", level.AND),
        "add": left_associative("+", level.SUM),
        "sub": left_associative("-", level.SUM),
        "mul": left_associative("*", level.PRODUCT),
        "div": left_associative("/", level.PRODUCT),
        "neg": Prefix("-", level.SIGN, level.ATOM),
    }


def _c_choice(printer: Printer, x: Operation) -> Written:
    condition, taken, otherwise = x.operands
    test, then = (printer.within(part, CLevel.OR) for part in (condition, taken))
    return Written(f"{test} ? {then} : {printer.text(otherwise)}", CLevel.CHOICE)


class CPrinter(Printer):
    """Prints rules in C; ``calls`` collects the functions that are called.

    >>> from autograd.expressions.tree import parse
    >>> printer = CPrinter()
    >>> printer.text(parse("where((x < 0) & (x != y), abs(x), LN2 / (x * y))")), printer.calls
    ('(x < 0.0 && x != y) ? fabs(x) : 0.6931471805599453 / (x * y)', ['fabs'])
    """

    atom = CLevel.ATOM
    operators: ClassVar[Mapping[str, Form]] = {
        **_c_operators("=="),
        "|": Infix(" || ", CLevel.OR, CLevel.OR, CLevel.COMPARISON),
        "where": _c_choice,
    }
    names: ClassVar[Mapping[str, str]] = {"abs": "fabs", "round": "round_to"}

    def __init__(self) -> None:
        self.calls: list[str] = []

    def bracketed(self, x: Written, least: float) -> str:
        """Put brackets where precedence asks for them, or GCC does: in ``a || (b && c)``."""
        mixed = x.strength == CLevel.AND and least == CLevel.OR
        return super().bracketed(x, CLevel.ATOM if mixed else least)

    def number(self, x: Number) -> Written:
        """Print a number as a double."""
        return c_number(x.value)

    def symbol(self, name: str) -> Written:
        """Print a symbol; the table's constants are numbers."""
        return c_number(CONSTANTS[name]) if name in CONSTANTS else Written(name, self.atom)

    def function(self, name: str) -> str:
        """Print the name of a function, and remember it."""
        self.calls.append(self.names.get(name, name))
        return self.calls[-1]


def c_number(x: float) -> Written:
    """Write a number in C, exactly.

    >>> c_number(0.1).text, c_number(-2.0).text, c_number(float("inf")).text
    ('0.1', '-2.0', 'INFINITY')
    """
    sign = "-" if copysign(1.0, x) < 0 and not isnan(x) else ""
    size = repr(abs(x)) if isfinite(x) else "NAN" if isnan(x) else "INFINITY"
    return Written(sign + size, CLevel.SIGN if sign else CLevel.ATOM)


RESERVED = frozenset({  # words of JavaScript, and of the scripts, that Python takes for names
    "arguments", "Array", "at", "BigInt", "case", "catch", "const", "debugger", "default", "delete",
    "do", "enum", "eval", "export", "extends", "function", "implements", "Infinity",
    "instanceof", "interface", "isFinite", "let", "Math", "NaN", "new", "null", "Number",
    "OPERATIONS", "package", "private", "protected", "public", "static", "super", "switch",
    "this", "throw", "typeof", "undefined", "var", "void",
})  # fmt: skip


def js_name(name: str) -> str:
    """Return a name that JavaScript allows; no name of Python's has a dollar sign.

    >>> js_name("x"), js_name("new")
    ('x', 'new$')
    """
    return f"{name}$" if name in RESERVED else name


def js_number(x: float) -> str:
    """Write a float in JavaScript; it reads back as the same.

    >>> js_number(2.0), js_number(-0.5), js_number(1e-05), js_number(float("-inf"))
    ('2', '-0.5', '1e-05', '-Infinity')
    """
    if not isfinite(x):
        return "NaN" if isnan(x) else "Infinity" if x == inf else "-Infinity"
    return re.sub(r"\.0$", "", repr(x))


def _js_choice(printer: "JavaScriptPrinter", x: Operation) -> Written:
    condition, taken, otherwise = x.operands
    test = printer.condition(condition).text
    return Written(f"{test} ? {printer.text(taken)} : {printer.text(otherwise)}", CLevel.CHOICE)


def _js_connective(printer: "JavaScriptPrinter", x: Operation) -> Written:
    sign, strength = {"|": ("||", CLevel.OR), "&": ("&&", CLevel.AND)}[x.op]
    sides = [printer.bracketed(printer.condition(side), strength) for side in x.operands]
    return Written(f" {sign} ".join(sides), strength)


class JavaScriptPrinter(Printer):
    """Prints rules in JavaScript, where a truth is no number, and a number no truth.

    ``arguments`` are names of the rule's own. ``named`` says how any other name is called in the
    script, and raises KeyError for one that is unknown there; ``uses`` collects what it said.

    >>> from autograd.expressions.tree import parse
    >>> printer = JavaScriptPrinter(["x", "xs", "ys"], str)
    >>> printer.text(parse("where((x < 0) | (x == inf), nan, 1 / (x + 0))"))
    'x < 0 || x === Infinity ? NaN : 1 / (x + 0)'
    >>> printer.text(parse("sum([x * y for x, y in zip(xs, ys)]) * (x > 0)"))
    'sum(zip(xs, ys).map(([x, y]) => x * y)) * Number(x > 0)'
    """

    atom = CLevel.ATOM
    operators: ClassVar[Mapping[str, Form]] = {
        **_c_operators("==="),
        "where": _js_choice,
        "|": _js_connective,
        "&": _js_connective,
    }

    def __init__(self, arguments: Iterable[str], named: Callable[[str], str]) -> None:
        self.bound = list(arguments)
        self.named = named
        self.uses: list[str] = []

    def write(self, x: Expression) -> Written:
        """Return the text of a number, or of a list, and its strength."""
        written = super().write(x)
        return Written(f"Number({written.text})", self.atom) if _is_condition(x) else written

    def condition(self, x: Expression) -> Written:
        """Return the text of a truth; a number is true where it is not 0, nan included."""
        if _is_condition(x):
            return super().write(x)
        return Written(f"{self.within(x, CLevel.SUM)} !== 0", CLevel.COMPARISON)

    def number(self, x: Number) -> Written:
        """Print a number."""
        return Written(js_number(x.value), CLevel.SIGN if x.value < 0 else self.atom)

    def symbol(self, name: str) -> Written:
        """Print a symbol; constants that are not finite are words of the language."""
        if name in self.bound:
            return Written(js_name(name), self.atom)
        if name in CONSTANTS and not isfinite(CONSTANTS[name]):
            return Written(js_number(CONSTANTS[name]), self.atom)
        return Written(self.function(name), self.atom)

    def function(self, name: str) -> str:
        """Print the name of a function, and remember it."""
        try:
            called = self.named(name)
        except KeyError as error:
            raise UnsupportedSyntaxError(f"{name!r}, which has no form there") from error
        self.uses.append(called)
        return called

    def call(self, x: Operation) -> Written:
        """Print a call; what its operands use comes first among the uses."""
        operands = ", ".join(map(self.text, x.operands))
        return Written(f"{self.function(x.op)}({operands})", self.atom)

    def list(self, x: Expression) -> str:
        """Print what makes a list, or takes an element of one."""
        match x:
            case Spread(items=items):
                return f"...{self.text(items)}"
            case Item(items=items, position=position):
                self.uses.append("at")
                return f"at({self.text(items)}, {self.text(position)})"
            case Comprehension(element=element, names=names, items=items):
                listed = self.within(items, self.atom)
                bound, self.bound = self.bound, [*self.bound, *names]
                names = tuple(map(js_name, names))
                each = names[0] if len(names) == 1 else f"[{', '.join(names)}]"
                mapped = f"{listed}.map(({each}) => {self.text(element)})"
                self.bound = bound
                return mapped
        return super().list(x)


def _is_condition(x: Expression) -> bool:
    return isinstance(x, Operation) and x.op in CONDITIONS
