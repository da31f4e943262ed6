"""Formulas as small trees that know their own number, built by arithmetic.

A long sum or product keeps its first and last operands alone, so that every tree is small however
many operands a node has.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Union

from autograd.primitives import TABLE
from autograd.rules.floats import div
from autograd.rules.latex import MINUS

Operand = Union["Expression", float]
NUMBERS = ("number", "literal")
MOST = 6  # operands that a sum, a product or a call shows
FIRST = 3


@dataclass(frozen=True, slots=True)
class Expression:
    """A formula: its kind, its parts, its number; ``text`` is a name, or a number's exact form.

    Kinds: number, literal (a number that arithmetic leaves as it is), name, call, sum, negative,
    product, quotient, derivative, dots.
    """

    kind: str
    parts: tuple["Expression", ...] = ()
    value: float = 0.0
    text: str = ""
    index: str = ""

    def __add__(self, other: Operand) -> "Expression":
        return add(self, as_expression(other))

    def __radd__(self, other: Operand) -> "Expression":
        return add(as_expression(other), self)

    def __sub__(self, other: Operand) -> "Expression":
        return add(self, -as_expression(other))

    def __rsub__(self, other: Operand) -> "Expression":
        return add(as_expression(other), -self)

    def __mul__(self, other: Operand) -> "Expression":
        return multiply(self, as_expression(other))

    def __rmul__(self, other: Operand) -> "Expression":
        return multiply(as_expression(other), self)

    def __neg__(self) -> "Expression":
        if self.kind == "number":
            return number(-int(self.value) if self.text else -self.value)
        if self.kind == "negative":
            return self.parts[0]
        return Expression("negative", (self,), -self.value)


def number(value: float) -> Expression:
    """Make a plain number; an int, as rules have them, is written as it is in any format.

    >>> number(2).text, number(2.0).text, number(2) + 0 == number(2)
    ('2', '', True)
    """
    exact = str(value).replace("-", MINUS) if type(value) is int else ""
    return Expression("number", (), float(value), exact)


def name(text: str, value: float) -> Expression:
    """Make a name that stands for a number."""
    return Expression("name", (), value, text)


def call(function: str, parts: Sequence[Expression], value: float, index: str = "") -> Expression:
    """Make a function's value at operands; ``index`` picks one of several values."""
    return Expression("call", tuple(parts), value, function, index)


def derivative(of: str, wrt: str, *, partial: bool = False, index: str = "") -> Expression:
    """Make the sign of a derivative; ``index`` tells which of several places of an operand."""
    parts = (name(of, 0.0), name(wrt, 0.0))
    return Expression("derivative", parts, 0.0, "∂" if partial else "d", index)


def as_expression(x: Operand) -> Expression:
    """Return a formula as it is, a float as a formula."""
    return x if isinstance(x, Expression) else number(x)


def add(x: Expression, y: Expression) -> Expression:
    """Add; nothing is written for a 0, numbers are added."""
    if _is(x, 0):
        return y
    if _is(y, 0):
        return x
    if x.kind == y.kind == "number":
        return number(x.value + y.value)
    return Expression("sum", _flat("sum", x, y), x.value + y.value)


def multiply(x: Expression, y: Expression) -> Expression:
    """Multiply; nothing is written for a factor of 1, signs come to the front."""
    if _is(x, 1):
        return y
    if _is(y, 1):
        return x
    if x.kind == y.kind == "number":
        return number(x.value * y.value)
    if x.kind == "negative" or y.kind == "negative":
        product = multiply(_positive(x), _positive(y))
        return product if x.kind == y.kind else -product
    return Expression("product", _flat("product", x, y), x.value * y.value)


def divide(x: Operand, y: Operand) -> Expression:
    """Divide; signs come to the front, a quotient's divisor takes the next one in."""
    over, under = as_expression(x), as_expression(y)
    if _is(under, 1):
        return over
    if over.kind == "negative":
        return -divide(over.parts[0], under)
    if over.kind == "quotient":
        return divide(over.parts[0], multiply(over.parts[1], under))
    return Expression("quotient", (over, under), div(over.value, under.value))


def total(xs: Sequence[Operand]) -> Expression:
    """Add all."""
    return reduce(add, map(as_expression, xs), number(0.0))


def product(xs: Sequence[Operand]) -> Expression:
    """Multiply all."""
    return reduce(multiply, map(as_expression, xs), number(1.0))


def joined(kind: str, parts: Sequence[Expression]) -> Expression:
    """Make a sum or a product of parts just as they are; one part alone is itself."""
    return parts[0] if len(parts) == 1 else Expression(kind, tuple(elided(parts)))


def elided(parts: Sequence[Expression]) -> Sequence[Expression]:
    """Keep the first three and the last of many parts, with dots between."""
    return parts if len(parts) <= MOST else (*parts[:FIRST], DOTS, parts[-1])


DOTS = Expression("dots")


def _is(x: Expression, value: float) -> bool:
    return x.kind == "number" and x.value == value


def _positive(x: Expression) -> Expression:
    return x.parts[0] if x.kind == "negative" else x


def _flat(kind: str, x: Expression, y: Expression) -> tuple[Expression, ...]:
    parts = [*(x.parts if x.kind == kind else (x,)), *(y.parts if y.kind == kind else (y,))]
    if any(part is DOTS for part in parts):  # shortened before: the last operand changes
        parts = [*parts[:FIRST], DOTS, parts[-1]]
    return tuple(elided(parts))


def is_infix(x: Expression) -> bool:
    """Tell whether a call is written between its operands, as a power is."""
    row = TABLE.get(x.text)
    return row is not None and bool(row.operator) and len(x.parts) == 2
