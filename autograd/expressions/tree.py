"""Expression trees: numbers, symbols and operations on them.

There are two ways to make a tree. `parse` reads a rule of the table without any simplification.
Arithmetic on expressions (``x + y``, `divide`, `total`, ...) simplifies: it drops terms of 0 and
factors of 1, folds numbers and moves minus signs to the front.

An operation is named as in the table; comparisons and connectives, which are not in the table, by
their signs: ``<``, ``<=``, ``>``, ``>=``, ``==``, ``!=``, ``&``, ``|``.

An expression also has a value, if that is known. So arithmetic can elide the middle of a long sum,
product or list of operands: a tree stays small however many operands a node has, and its value is
still that of the whole. Two expressions are equal if they are written the same.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, reduce
from math import nan
from typing import ClassVar, Union

from autograd.rules import parsing
from autograd.rules.floats import div

Operand = Union["Expression", float]
MAX_OPERANDS = 6  # of a sum, a product or a call: more are elided
FIRST = 3  # operands that are kept before the dots


class Expression:
    """A formula; ``value`` is its number, nan if unknown."""

    __slots__ = ()
    __match_args__: ClassVar[tuple[str, ...]]
    value: float

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
        if isinstance(self, Number) and not self.literal:
            return number(-int(self.value) if self.exact else -self.value)
        if isinstance(self, Operation) and self.op == "neg":
            return self.operands[0]
        return Operation("neg", (self,), -self.value)


@dataclass(frozen=True, slots=True)
class Number(Expression):
    """A number; ``exact`` is its text in any format, as for the integers in rules.

    Arithmetic neither folds nor drops a ``literal`` number.
    """

    value: float
    exact: str = ""
    literal: bool = False


@dataclass(frozen=True, slots=True)
class Symbol(Expression):
    """A name that stands for a number."""

    name: str
    value: float = field(default=nan, compare=False)


@dataclass(frozen=True, slots=True)
class Operation(Expression):
    """An operation on operands; ``index`` selects a result of an operation with several."""

    op: str
    operands: tuple[Expression, ...]
    value: float = field(default=nan, compare=False)
    index: str = ""


@dataclass(frozen=True, slots=True)
class Derivative(Expression):
    """The derivative of one name with respect to another, dJ/dx.

    ``index`` distinguishes the positions of a name that is an operand more than once.
    """

    of: str
    wrt: str
    partial: bool = False
    index: str = ""
    value: float = field(default=nan, compare=False)


@dataclass(frozen=True, slots=True)
class Dots(Expression):
    """Operands that are elided."""

    value: float = field(default=nan, compare=False)


@dataclass(frozen=True, slots=True)
class List(Expression):
    """A list of expressions, some of which may be a `Spread`."""

    items: tuple[Expression, ...]
    value: float = field(default=nan, compare=False)


@dataclass(frozen=True, slots=True)
class Spread(Expression):
    """The elements of a list within another list, ``*xs``."""

    items: Expression
    value: float = field(default=nan, compare=False)


@dataclass(frozen=True, slots=True)
class Item(Expression):
    """One element of a list, ``xs[k]``."""

    items: Expression
    position: Expression
    value: float = field(default=nan, compare=False)


@dataclass(frozen=True, slots=True)
class Comprehension(Expression):
    """An expression for each element of a list: ``[element for names in items]``."""

    element: Expression
    names: tuple[str, ...]  # several unpack an element that is itself a list
    items: Expression
    value: float = field(default=nan, compare=False)


DOTS = Dots()
ARITHMETIC = frozenset({"add", "sub", "mul", "div", "neg", "pow", "floordiv", "mod"})
COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})
CONDITIONS = COMPARISONS | {"&", "|"}


def walk(x: Expression) -> Iterator[Expression]:
    """Yield an expression and all its subexpressions.

    >>> [y.name for y in walk(parse("where(a < 0, [b for b in c], d)")) if isinstance(y, Symbol)]
    ['a', 'b', 'c', 'd']
    """
    yield x
    for name in x.__match_args__:
        part = getattr(x, name)
        for y in part if isinstance(part, tuple) else (part,):
            if isinstance(y, Expression):
                yield from walk(y)


def number(value: float) -> Number:
    """Make a number; an int, as in rules, is written the same in any format.

    >>> number(2).exact, number(2.0).exact, number(2) + 0 == number(2)
    ('2', '', True)
    """
    return Number(float(value), str(value) if type(value) is int else "")


def as_expression(x: Operand) -> Expression:
    """Convert a number to an expression; return an expression unchanged."""
    return x if isinstance(x, Expression) else number(x)


def add(x: Expression, y: Expression) -> Expression:
    """Add; a 0 is dropped, numbers are folded."""
    if _is_number(x, 0):
        return y
    if _is_number(y, 0):
        return x
    if _is_foldable(x) and _is_foldable(y):
        return number(x.value + y.value)
    return Operation("add", _flat("add", x, y), x.value + y.value)


def multiply(x: Expression, y: Expression) -> Expression:
    """Multiply; a 1 is dropped, numbers are folded, minus signs move to the front."""
    if _is_number(x, 1):
        return y
    if _is_number(y, 1):
        return x
    if _is_foldable(x) and _is_foldable(y):
        return number(x.value * y.value)
    negative = _is_operation(x, "neg"), _is_operation(y, "neg")
    if any(negative):
        product = multiply(-x if negative[0] else x, -y if negative[1] else y)
        return product if all(negative) else -product
    return Operation("mul", _flat("mul", x, y), x.value * y.value)


def divide(x: Operand, y: Operand) -> Expression:
    """Divide; minus signs move to the front, and divisors of a quotient are multiplied.

    >>> x, y, z = map(Symbol, "xyz")
    >>> divide(divide(x, y), z) == divide(x, y * z)
    True
    """
    over, under = as_expression(x), as_expression(y)
    if _is_number(under, 1):
        return over
    if _is_operation(over, "neg"):
        return -divide(-over, under)
    if isinstance(over, Operation) and over.op == "div":
        return divide(over.operands[0], multiply(over.operands[1], under))
    return Operation("div", (over, under), div(over.value, under.value))


def total(xs: Sequence[Operand]) -> Expression:
    """Add all."""
    zero: Expression = number(0.0)
    return reduce(add, map(as_expression, xs), zero)


def product(xs: Sequence[Operand]) -> Expression:
    """Multiply all."""
    one: Expression = number(1.0)
    return reduce(multiply, map(as_expression, xs), one)


def joined(op: str, operands: Sequence[Expression]) -> Expression:
    """Make a sum or a product without simplifying; of one operand, that is the operand."""
    return operands[0] if len(operands) == 1 else Operation(op, tuple(elided(operands)))


def elided(operands: Sequence[Expression]) -> Sequence[Expression]:
    """Return the first three and the last of many operands, with dots between."""
    if len(operands) <= MAX_OPERANDS:
        return operands
    return *operands[:FIRST], DOTS, operands[-1]


def _is_operation(x: Expression, op: str) -> bool:
    return isinstance(x, Operation) and x.op == op


def _is_foldable(x: Expression) -> bool:
    return isinstance(x, Number) and not x.literal


def _is_number(x: Expression, value: float) -> bool:
    return _is_foldable(x) and x.value == value


def _flat(op: str, x: Expression, y: Expression) -> tuple[Expression, ...]:
    """Join the operands of two sums, or of two products."""
    parts: list[Expression] = []
    for one in (x, y):
        parts += one.operands if isinstance(one, Operation) and one.op == op else (one,)
    if DOTS in parts:  # shortened before: the last operand changes
        parts = [*parts[:FIRST], DOTS, parts[-1]]
    return tuple(elided(parts))


class UnsupportedSyntaxError(ValueError):
    """The error for ``what`` has no form, as an expression or in a dialect."""

    def __init__(self, what: str) -> None:
        super().__init__(f"there is no form for {what}")
        self.what = what


_OPERATORS: dict[type[ast.operator] | type[ast.cmpop], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div",
    ast.BitAnd: "&", ast.BitOr: "|", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip


@lru_cache(1024)
def parse(rule: str, owner: str = "rule") -> Expression:
    """Parse a rule without simplifying; a chain of comparisons becomes a conjunction.

    >>> parse("1 * x") == Operation("mul", (number(1), Symbol("x")))
    True
    """
    return from_ast(parsing.parse(rule, owner).body)


def from_ast(node: ast.expr) -> Expression:
    """Convert Python's syntax tree; a conditional expression becomes a ``where``."""
    match node:
        case ast.Name(id=name):
            return Symbol(name)
        case ast.Constant(value=int() | float() as value):
            return number(int(value) if isinstance(value, bool) else value)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return from_ast(operand)
        case ast.Compare(ops=ops) if all(type(op) in _OPERATORS for op in ops):
            return _comparison(node)
        case ast.List() | ast.Starred() | ast.Subscript() | ast.ListComp() | ast.GeneratorExp():
            return _list_from_ast(node)
    return _operation(node)


def _operation(node: ast.expr) -> Operation:
    match node:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return Operation(_OPERATORS[type(op)], (from_ast(left), from_ast(right)))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return Operation("neg", (from_ast(operand),))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return Operation("where", tuple(map(from_ast, (test, body, orelse))))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            return Operation(name, tuple(map(from_ast, args)))
    raise _unsupported_error(node)


def _comparison(node: ast.Compare) -> Expression:
    sides = [from_ast(side) for side in (node.left, *node.comparators)]
    pairs = [
        Operation(_OPERATORS[type(op)], (left, right))
        for left, op, right in zip(sides, node.ops, sides[1:], strict=False)
    ]
    return reduce(lambda x, y: Operation("&", (x, y)), pairs)


def _list_from_ast(node: ast.expr) -> Expression:
    """Convert the syntax of lists and of their elements."""
    match node:
        case ast.List(elts=items):
            return List(tuple(map(from_ast, items)))
        case ast.Starred(value=items):
            return Spread(from_ast(items))
        case ast.Subscript(value=items, slice=position):
            return Item(from_ast(items), from_ast(position))
        case ast.ListComp() | ast.GeneratorExp():
            (loop, *more) = node.generators
            if not more and not loop.ifs:
                names = [x.id for x in ast.walk(loop.target) if isinstance(x, ast.Name)]
                return Comprehension(from_ast(node.elt), tuple(names), from_ast(loop.iter))
    raise _unsupported_error(node)


def _unsupported_error(node: ast.expr) -> UnsupportedSyntaxError:
    what = node.value if isinstance(node, ast.Constant) else ast.unparse(node)
    return UnsupportedSyntaxError(repr(what))
