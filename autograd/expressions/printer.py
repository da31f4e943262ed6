"""The printer of expression trees, with brackets only where they are needed.

Printing an expression gives its text and its strength: the precedence of its outermost operator, as
a level of the dialect. An operator requires a least strength of each operand, and weaker operands
get brackets. No other code decides about precedence. A dialect (`autograd.expressions.dialects`,
`autograd.expressions.latex`) is a `Printer` with a table of its operators' forms, and methods for
its numbers, names and calls.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from autograd.expressions.tree import (
    Comprehension,
    Derivative,
    Dots,
    Expression,
    Item,
    List,
    Number,
    Operation,
    Spread,
    Symbol,
    UnsupportedSyntaxError,
)


class Written(NamedTuple):
    """A text and its strength."""

    text: str
    strength: float


Form = Callable[[Any, Operation], Written]  # of a printer and an operation


@dataclass(frozen=True)
class Infix:
    """An operator between operands, with the least strengths of the first and the others."""

    sign: str
    strength: int
    first: int
    others: int

    def __call__(self, printer: "Printer", x: Operation) -> Written:
        """Print an operation."""
        head, *rest = x.operands
        parts = [printer.within(head, self.first)]
        parts += [printer.within(operand, self.others) for operand in rest]
        return Written(self.sign.join(parts), self.strength)


@dataclass(frozen=True)
class Sum(Infix):
    """A sum of terms; a term that starts with ``minus`` is subtracted."""

    minus: str

    def __call__(self, printer: "Printer", x: Operation) -> Written:
        """Print a sum."""
        head, *rest = x.operands
        text = printer.within(head, self.first)
        for operand in rest:
            term = printer.within(operand, self.others)
            text += f" {self.minus} {term[1:]}" if term[:1] == self.minus else self.sign + term
        return Written(text, self.strength)


@dataclass(frozen=True)
class Prefix:
    """An operator before its operand; ``operand`` is the least strength of that."""

    sign: str
    strength: int
    operand: int

    def __call__(self, printer: "Printer", x: Operation) -> Written:
        """Print an operation."""
        return Written(self.sign + printer.within(x.operands[0], self.operand), self.strength)


def left_associative(sign: str, strength: int) -> Infix:
    """Describe a left-associative operator: a - b - c."""
    return Infix(f" {sign} ", strength, strength, strength + 1)


class Printer:
    """Prints expressions, as Python by default; dialects override methods."""

    operators: ClassVar[Mapping[str, Form]] = {}  # all others are written as calls
    brackets: ClassVar[tuple[str, str]] = ("(", ")")
    atom: ClassVar[int] = 0  # the strength of what never needs brackets

    def text(self, x: Expression) -> str:
        """Return the text of an expression."""
        return self.write(x).text

    def within(self, x: Expression, least: float) -> str:
        """Return the text of an expression, in brackets if it is weaker than ``least``."""
        return self.bracketed(self.write(x), least)

    def bracketed(self, x: Written, least: float) -> str:
        """Add brackets to a text that is weaker than ``least``."""
        return x.text if x.strength >= least else x.text.join(self.brackets)

    def write(self, x: Expression) -> Written:
        """Return the text and its strength."""
        if isinstance(x, Operation):
            form = self.operators.get(x.op)
            return self.call(x) if form is None else form(self, x)
        if isinstance(x, Number):
            return self.number(x)
        if isinstance(x, Symbol):
            return self.symbol(x.name)
        if isinstance(x, Derivative):
            return Written(self.derivative(x), self.atom)
        return Written(self.dots() if isinstance(x, Dots) else self.list(x), self.atom)

    def number(self, x: Number) -> Written:
        """Print a number."""
        raise NotImplementedError

    def symbol(self, name: str) -> Written:
        """Print a symbol."""
        return Written(name, self.atom)

    def function(self, name: str) -> str:
        """Print the name of a function."""
        return name

    def call(self, x: Operation) -> Written:
        """Print an operation as a call of a function."""
        name = self.function(x.op)
        return Written(f"{name}({', '.join(map(self.text, x.operands))})", self.atom)

    def derivative(self, x: Derivative) -> str:
        """Print the derivative of one name with respect to another."""
        raise UnsupportedSyntaxError(f"d{x.of}/d{x.wrt}")

    def dots(self) -> str:
        """Print the sign for elided operands."""
        return "..."

    def list(self, x: Expression) -> str:
        """Print a list, or an element of one."""
        match x:
            case List(items=items):
                return f"[{', '.join(map(self.text, items))}]"
            case Spread(items=items):
                return f"*{self.within(items, self.atom)}"
            case Item(items=items, position=position):
                return f"{self.within(items, self.atom)}[{self.text(position)}]"
            case Comprehension(element=element, names=names, items=items):
                return f"[{self.text(element)} for {', '.join(names)} in {self.text(items)}]"
        raise TypeError(f"a {type(x).__name__} is no expression")
