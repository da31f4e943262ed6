"""Rules read for C, as Cython writes it: division is C's own, every number a double."""

import ast
from collections.abc import Callable

from autograd.rules import parsing
from autograd.rules.loops import COUNT, INDEX, POSITION

WHOLE = {INDEX, COUNT, POSITION}  # variables of loops that hold whole numbers
Element = Callable[[str, ast.expr], str]


class _CReading(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        name = ast.unparse(node.func)
        if name == "where":
            return ast.IfExp(*node.args)
        return ast.Call(ast.Name(f"c_{name}", ast.Load()), node.args, [])

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant(float(ast.literal_eval(node)))


class _LoopReading(_CReading):
    """The same within loops: elements of lists, and whole numbers among the doubles."""

    def __init__(self, element: Element) -> None:
        self.element = element

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        return ast.Name(self.element(ast.unparse(node.value), node.slice))

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(f"<double>{node.id}") if node.id in WHOLE else node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        sides = (node.left, *node.comparators)
        if all(isinstance(side, ast.Name) and side.id in WHOLE for side in sides):
            return node
        return self.generic_visit(node)


def for_c(text: str, owner: str = "rule") -> str:
    """Rewrite a rule.

    >>> for_c("where(x < 0, nan, 1 / exp(x))")
    'nan if x < 0.0 else 1.0 / c_exp(x)'
    """
    return ast.unparse(_CReading().visit(parsing.parse(text, owner)))


def for_c_tree(tree: ast.expr, element: Element) -> str:
    """Rewrite an expression of a loop; ``element`` writes the element of a list at an index."""
    copy = ast.parse(ast.unparse(tree), mode="eval").body
    return ast.unparse(_LoopReading(element).visit(copy))
