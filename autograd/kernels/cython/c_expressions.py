"""Rules for C, as Cython writes it: division is C's own, every number a double."""

import ast
from collections.abc import Callable

from autograd.expressions.dialects import CythonPrinter, PythonPrinter
from autograd.expressions.printer import Written
from autograd.expressions.tree import (
    COMPARISONS,
    Expression,
    Item,
    Operation,
    Symbol,
    from_ast,
    parse,
    walk,
)
from autograd.rules.loop_lowering import COUNT, INDEX, POSITION

WHOLE = {INDEX, COUNT, POSITION}  # variables of loops that hold whole numbers
Element = Callable[[str, ast.expr], str]


class _LoopPrinter(CythonPrinter):
    """Prints expressions within loops: elements of lists, and whole numbers among the doubles."""

    def __init__(self, element: Element) -> None:
        self.element = element

    def write(self, x: Expression) -> Written:
        """Compare whole numbers with each other as they are."""
        if isinstance(x, Operation) and x.op in COMPARISONS and all(map(_is_whole, x.operands)):
            return PythonPrinter().write(x)
        return super().write(x)

    def symbol(self, name: str) -> Written:
        """Print a symbol; a whole number as a double."""
        return super().symbol(f"<double>{name}" if name in WHOLE else name)

    def list(self, x: Expression) -> str:
        """Print an element of a list."""
        if not isinstance(x, Item):
            return super().list(x)
        python = PythonPrinter()
        index = ast.parse(python.text(x.position), mode="eval").body
        return self.element(python.text(x.items), index)


def _is_whole(x: Expression) -> bool:
    return isinstance(x, Symbol) and x.name in WHOLE


def for_c(rule: str, owner: str = "rule") -> str:
    """Write a rule for C.

    >>> for_c("where(x < 0, nan, 1 / exp(x))")
    'nan if x < 0.0 else 1.0 / c_exp(x)'
    """
    return CythonPrinter().text(parse(rule, owner))


def for_c_tree(tree: ast.expr, element: Element) -> str:
    """Write an expression of a loop; ``element`` writes the element of a list at an index."""
    return _LoopPrinter(element).text(from_ast(tree))


def called(rule: str) -> set[str]:
    """Return the functions that a rule calls in C.

    >>> called("where(x < 0, nan, 1 / exp(x))")
    {'exp'}
    """
    ops = {x.op for x in walk(parse(rule)) if isinstance(x, Operation)}
    return ops.difference(CythonPrinter.operators)
