"""Work out what is known in generated expressions: constants, factors of 1, signs."""

import ast
import math
from collections.abc import Callable, Iterator
from typing import Any

from autograd.rules import floats


def simplified(tree: ast.expr) -> ast.expr:
    """Work out what is known: constants, choices between them, factors of 1, signs."""
    simple: ast.expr = rewritten(tree, _simpler)
    return simple


def rewritten(tree: Any, change: Callable[[Any], Any]) -> Any:
    """Change an expression in place, parts first; return what stands for it.

    `ast.NodeTransformer` does the same, several times slower: most lines have a few nodes each, and
    a long program has thousands of lines.

    >>> tree = ast.parse("f(-x, y)", mode="eval").body
    >>> ast.unparse(rewritten(tree, lambda node: getattr(node, "operand", node)))
    'f(x, y)'
    """
    if type(tree) not in LEAVES:
        for name in tree._fields:
            part = getattr(tree, name)
            if isinstance(part, PARTS):
                setattr(tree, name, rewritten(part, change))
            elif isinstance(part, list):
                part[:] = [rewritten(x, change) if isinstance(x, PARTS) else x for x in part]
    return change(tree)


def parts_of(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the statements and expressions that a node consists of."""
    for name in tree._fields:
        part = getattr(tree, name, None)
        if isinstance(part, PARTS):
            yield part
        elif isinstance(part, list):
            yield from [x for x in part if isinstance(x, PARTS)]


LEAVES = {ast.Name, ast.Constant}
PARTS = (ast.expr, ast.keyword, ast.stmt)


def _number(node: ast.AST) -> float | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _number(node.operand)
        return None if inner is None else -inner
    return None


def _constant(number: float) -> ast.expr:
    if number < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-number))
    return ast.Constant(number)


_TESTS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: lambda x, y: x < y,
    ast.LtE: lambda x, y: x <= y,
    ast.Gt: lambda x, y: x > y,
    ast.GtE: lambda x, y: x >= y,
    ast.Eq: lambda x, y: x == y,
    ast.NotEq: lambda x, y: x != y,
}


def _simpler(node: ast.expr) -> ast.expr:
    """Simplify a node whose parts are simple already."""
    change = _RULES.get(type(node))
    return change(node) if change else node


def _compare(node: ast.Compare) -> ast.expr:
    sides = [_number(side) for side in (node.left, *node.comparators)]
    if len(sides) == 2 and None not in sides:
        return ast.Constant(_TESTS[type(node.ops[0])](*sides))
    return node


def _call(node: ast.Call) -> ast.expr:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name == "where" and isinstance(node.args[0], ast.Constant):
        return node.args[1] if node.args[0].value else node.args[2]
    if name == "pow":
        return _operation(ast.BinOp(node.args[0], ast.Pow(), node.args[1]))
    return node


def _signed(node: ast.UnaryOp) -> ast.expr:
    inner = node.operand
    if isinstance(node.op, ast.USub):
        if isinstance(inner, ast.UnaryOp) and isinstance(inner.op, ast.USub):
            return inner.operand
        if isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Sub):
            return ast.BinOp(inner.right, ast.Sub(), inner.left)
    return node


def _operation(node: ast.BinOp) -> ast.expr:
    change = _CHANGES.get(type(node.op))
    made = change(node, _number(node.left), _number(node.right)) if change else None
    return node if made is None else made


def _is_test(node: ast.AST) -> bool:
    """Whether an expression is true or false, and no number yet."""
    return isinstance(node, ast.Compare) or (
        isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd)
    )


def _is_counted(node: ast.AST) -> bool:
    """Whether an expression is a test made a number."""
    return isinstance(node, ast.BinOp) and _number(node.left) == 1 and _is_test(node.right)


def _once(node: ast.expr, *, negative: bool) -> ast.expr:
    """Return 1 or -1 times an expression; NumPy cannot add or negate tests, so they keep a 1."""
    if _is_test(node):
        node = ast.BinOp(ast.Constant(1.0), ast.Mult(), node)
    return _signed(ast.UnaryOp(ast.USub(), node)) if negative else node


def _times(node: ast.BinOp, left: float | None, right: float | None) -> ast.expr | None:
    if left is not None and right is not None:
        return _constant(left * right)
    return _by_one(node, left, right) or _by_factors(node)


def _by_one(node: ast.BinOp, left: float | None, right: float | None) -> ast.expr | None:
    """Leave a factor of 1 out, and make one of -1 a sign."""
    for number, other in ((left, node.right), (right, node.left)):
        if number in {1, -1}:
            return _once(other, negative=number == -1)
    return None


def _by_factors(node: ast.BinOp) -> ast.expr | None:
    """Bring a product of products into the form that people write."""
    if _is_counted(node.left) and not _is_test(node.right):  # (1.0 * test) * x is test * x
        return ast.BinOp(node.left.right, ast.Mult(), node.right)  # type: ignore[attr-defined]
    if (
        isinstance(node.left, ast.BinOp)
        and isinstance(node.left.op, ast.Div)
        and (_number(node.left.left) == 1)
    ):  # (1 / n) * x is x / n
        return ast.BinOp(node.right, ast.Div(), node.left.right)
    if isinstance(node.left, ast.UnaryOp):
        inner = ast.BinOp(node.left.operand, ast.Mult(), node.right)
        return _signed(ast.UnaryOp(ast.USub(), _operation(inner)))
    return None


def _plus(node: ast.BinOp, left: float | None, right: float | None) -> ast.expr | None:
    if left is not None and right is not None:
        return _constant(left + right)
    if right == 0:
        return node.left
    if left == 0:
        return node.right
    if isinstance(node.right, ast.UnaryOp) and isinstance(node.right.op, ast.USub):
        return ast.BinOp(node.left, ast.Sub(), node.right.operand)
    return None


def _minus(node: ast.BinOp, left: float | None, right: float | None) -> ast.expr | None:
    if left is not None and right is not None:
        return _constant(left - right)
    if right == 0:
        return node.left
    if isinstance(node.right, ast.UnaryOp) and isinstance(node.right.op, ast.USub):
        return ast.BinOp(node.left, ast.Add(), node.right.operand)
    return None


def _over(node: ast.BinOp, left: float | None, right: float | None) -> ast.expr | None:
    if right == 1:
        return node.left
    if left is None or right is None:
        return None
    number = floats.div(left, right)  # Python itself would refuse to divide by 0
    if number == number:
        return _constant(number)
    return ast.BinOp(ast.Constant(math.inf), ast.Mult(), ast.Constant(0.0))  # nan has no literal


def _power(node: ast.BinOp, _: float | None, right: float | None) -> ast.expr | None:
    if right == 1:
        return node.left
    if right == 2:
        return ast.Call(ast.Name("square", ast.Load()), [node.left], [])
    return None


def _and(node: ast.BinOp, *_: float | None) -> ast.expr | None:
    for side, other in ((node.left, node.right), (node.right, node.left)):
        if isinstance(side, ast.Constant) and isinstance(side.value, bool):
            return other if side.value else side
    return None


_CHANGES: dict[type[ast.operator], Callable[..., ast.expr | None]] = {
    ast.Mult: _times,
    ast.Add: _plus,
    ast.Sub: _minus,
    ast.Div: _over,
    ast.Pow: _power,
    ast.BitAnd: _and,
}

_RULES: dict[type[ast.expr], Callable[[Any], ast.expr]] = {
    ast.Compare: _compare,
    ast.Call: _call,
    ast.UnaryOp: _signed,
    ast.BinOp: _operation,
}
