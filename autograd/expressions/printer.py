"""Print expression trees: with brackets where they are needed, and nowhere else.

Printing an expression gives its text and its strength: how strongly the text holds together, as a
level of the dialect's precedence. Whoever puts it beside an operator asks for a least strength;
what is weaker gets brackets. That is all there is to precedence, and it is decided here alone. A
dialect (`autograd.expressions.dialects`, `autograd.expressions.latex`) is a `Printer` with a table
of how its operators are written, and the words of its language.
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
    """A text, and how strongly it holds together."""

    text: str
    strength: float


Form = Callable[[Any, Operation], Written]  # of a printer and an operation


@dataclass(frozen=True)
class Infix:
    """An operator between operands; ``first`` and ``others`` are the least strengths of these."""

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
    """A sum of terms; one that begins with a ``minus`` is subtracted."""

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
    """An operator in front of its operand, which has a least strength."""

    sign: str
    strength: int
    operand: int

    def __call__(self, printer: "Printer", x: Operation) -> Written:
        """Print an operation."""
        return Written(self.sign + printer.within(x.operands[0], self.operand), self.strength)


def left_associative(sign: str, strength: int) -> Infix:
    """Describe an operator that takes its like on the left without brackets: a - b - c."""
    return Infix(f" {sign} ", strength, strength, strength + 1)


class Printer:
    """Prints expressions; what a dialect does not say is written as in Python."""

    operators: ClassVar[Mapping[str, Form]] = {}  # all others are written as calls
    brackets: ClassVar[tuple[str, str]] = ("(", ")")
    atom: ClassVar[int] = 0  # the strength of what never needs brackets

    def text(self, x: Expression) -> str:
        """Return the text of an expression."""
        return self.write(x).text

    def within(self, x: Expression, least: float) -> str:
        """Return the text in a place that asks for a strength."""
        return self.bracketed(self.write(x), least)

    def bracketed(self, x: Written, least: float) -> str:
        """Put brackets around a text that is weaker than its place asks for."""
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
        """Print the sign of what is left out."""
        return "..."

    def list(self, x: Expression) -> str:
        """Print what makes a list, or takes an element of one."""
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
