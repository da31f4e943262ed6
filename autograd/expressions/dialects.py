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
        """Print a name, in square brackets if it could be read as a formula."""
        return Written(_quote(name), self.atom)

    def call(self, x: Operation) -> Written:
        """Print a call; of many operands, some are elided."""
        operands = ", ".join(map(self.text, elided(x.operands)))
        return Written(f"{x.op}({operands})" + (f"[{x.index}]" if x.index else ""), self.atom)

    def derivative(self, x: Derivative) -> str:
        """Print a derivative: dJ/dx, ∂u/∂(layers.0.w)."""
        of, wrt = _quote(x.of), _quote(x.wrt)
        if "." in wrt and not wrt.startswith("["):
            wrt = f"({wrt})"
        sign = "∂" if x.partial else "d"
        return f"{sign}{of}/{sign}{wrt}{x.index}"

    def dots(self) -> str:
        """Print dots."""
        return "…"


_BREAKABLE = re.compile(r"[\s+\-−*/=^<>(){}|&%!;:~]")


def _quote(name: str) -> str:
    """Return a name, in square brackets if it could be read as a formula.

    >>> _quote("ŷ"), _quote("a + b")
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
    """Prints rules as in the table and in NumPy programs.

    >>> from autograd.expressions.tree import parse
    >>> PythonPrinter().text(parse("((x < 1) & (y == 2)) * (-(x)) - (y - 1)"))
    '((x < 1) & (y == 2)) * -x - (y - 1)'
    """

    atom = PythonLevel.ATOM
    operators: ClassVar[Mapping[str, Form]] = _python_operators()

    def number(self, x: Number) -> Written:
        """Print a number, such that Python reads the same one."""
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
        """Print the name of a function; the templates define it."""
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
        """Add brackets required by precedence, or by GCC's warnings: ``a || (b && c)``."""
        mixed = x.strength == CLevel.AND and least == CLevel.OR
        return super().bracketed(x, CLevel.ATOM if mixed else least)

    def number(self, x: Number) -> Written:
        """Print a number as a double."""
        return c_number(x.value)

    def symbol(self, name: str) -> Written:
        """Print a symbol; the table's constants are numbers."""
        return c_number(CONSTANTS[name]) if name in CONSTANTS else Written(name, self.atom)

    def function(self, name: str) -> str:
        """Print the name of a function, and add it to ``calls``."""
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


RESERVED = frozenset({  # reserved in JavaScript, or used by the scripts, but valid in Python
    "arguments", "Array", "at", "BigInt", "case", "catch", "const", "debugger", "default", "delete",
    "do", "enum", "eval", "export", "extends", "function", "implements", "Infinity",
    "instanceof", "interface", "isFinite", "let", "Math", "NaN", "new", "null", "Number",
    "OPERATIONS", "package", "private", "protected", "public", "static", "super", "switch",
    "this", "throw", "typeof", "undefined", "var", "void",
})  # fmt: skip


def js_name(name: str) -> str:
    """Return a name that JavaScript allows, with a dollar sign, which no Python name has.

    >>> js_name("x"), js_name("new")
    ('x', 'new$')
    """
    return f"{name}$" if name in RESERVED else name


def js_number(x: float) -> str:
    """Write a float such that JavaScript reads the same one.

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
    """Prints rules in JavaScript, which distinguishes booleans from numbers.

    ``arguments`` are the rule's own names. ``named`` returns the name that a script uses for any
    other, and raises KeyError if the script has none; ``uses`` collects the results.

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
        """Return the text and its strength; a condition is converted to a number."""
        written = super().write(x)
        return Written(f"Number({written.text})", self.atom) if _is_condition(x) else written

    def condition(self, x: Expression) -> Written:
        """Return the text of a boolean; a number is true if it is not 0, nan included."""
        if _is_condition(x):
            return super().write(x)
        return Written(f"{self.within(x, CLevel.SUM)} !== 0", CLevel.COMPARISON)

    def number(self, x: Number) -> Written:
        """Print a number."""
        return Written(js_number(x.value), CLevel.SIGN if x.value < 0 else self.atom)

    def symbol(self, name: str) -> Written:
        """Print a symbol; non-finite constants have names in JavaScript."""
        if name in self.bound:
            return Written(js_name(name), self.atom)
        if name in CONSTANTS and not isfinite(CONSTANTS[name]):
            return Written(js_number(CONSTANTS[name]), self.atom)
        return Written(self.function(name), self.atom)

    def function(self, name: str) -> str:
        """Print the name of a function, and add it to ``uses``."""
        try:
            called = self.named(name)
        except KeyError as error:
            raise UnsupportedSyntaxError(f"{name!r}, which has no form there") from error
        self.uses.append(called)
        return called

    def call(self, x: Operation) -> Written:
        """Print a call; in ``uses``, its operands' names precede its own."""
        operands = ", ".join(map(self.text, x.operands))
        return Written(f"{self.function(x.op)}({operands})", self.atom)

    def list(self, x: Expression) -> str:
        """Print a list, or an element of one."""
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
