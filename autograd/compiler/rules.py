"""Read the table's rules as program text: names become operands, what is known is worked out."""

import ast
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from autograd.compiler.contract import expanded, turned
from autograd.ops import CONSTANTS, TABLE

if TYPE_CHECKING:
    from autograd.compiler.instructions import Instruction
    from autograd.compiler.store import Operand

WRITTEN_OUT = {"add", "sub", "mul", "div", "neg"}  # their rules read better than their names


def broadcast(operand: "Operand", axes: str) -> str:
    """Write an operand so that it meets arrays of the given axes element by element."""
    if operand.view is None:
        return f"({operand.number!r})"
    if operand.unit:
        if len(axes) == len(operand.axes) + 1 and axes.startswith(operand.axes):
            return operand.text()
        return f"({expanded(f'({operand.text()})[..., 0]', operand.axes, axes)})"
    return f"({expanded(operand.text(), operand.axes, axes)})"


def value_text(instruction: "Instruction", axes: str) -> str:
    """Write what an element-wise instruction computes."""
    entry = TABLE[instruction.op]
    operands = [broadcast(operand, axes) for operand in instruction.operands]
    if entry.name in WRITTEN_OUT:
        return _substituted(entry.rule, dict(zip(entry.arguments, operands, strict=True)))
    if entry.name == "pow":
        return f"{operands[0]} ** {operands[1]}"
    defaults = [entry.defaults.get(name) for name in entry.arguments]
    while operands and defaults[-1] is not None and operands[-1] == f"({defaults[-1]!r})":
        operands.pop()
        defaults.pop()
    return f"{entry.name}({', '.join(operands)})"


def gradient_text(
    instruction: "Instruction", position: int, g: str, g_axes: str, axes: str, *, exact: bool
) -> tuple[str, str]:
    """Write what flows to an operand of an element-wise instruction, and which axes that has."""
    entry = TABLE[instruction.op]
    rules = entry.partials if exact else entry.textbook or entry.partials
    rule = rules[position]
    used = {node.id for node in ast.walk(_parsed(rule)) if isinstance(node, ast.Name)}
    given = dict(zip(entry.arguments, instruction.operands, strict=True))
    present = "".join(operand.axes for name, operand in given.items() if name in used)
    present += axes if "z" in used else g_axes
    have = "".join(axis for axis in axes if axis in present)
    names = {name: broadcast(operand, have) for name, operand in given.items() if name in used}
    names["z"] = instruction.out.name
    partial = _substituted(rule, names)
    return f"({expanded(g, g_axes, have)}) * ({partial})", have


def list_text(instruction: "Instruction", axes: str) -> str:
    """Write what a function of lists computes; the lists run along the first axis."""
    xs, *index = instruction.operands
    if instruction.op == "take" and not set(index[0].axes) & set(xs.axes):
        rest = xs.axes.replace("k", "")
        rows = turned(xs.text(), xs.axes, "k" + rest)
        return expanded(f"({rows})[whole({index[0].text()})]", index[0].axes + rest, axes)
    arguments = [list_operand(xs, axes)]
    arguments += [f"whole({broadcast(operand, axes)})" for operand in index]
    return f"{instruction.op}({', '.join(arguments)})"


def list_operand(xs: "Operand", axes: str) -> str:
    """Write the list of a function of lists, its elements along the first axis."""
    inner = "k" + axes.replace("k", "")
    if xs.view is None:
        return repr(xs.number)
    return expanded(f"({xs.text()})[..., 0]" if xs.unit else xs.text(), xs.axes, inner)


def list_gradient_text(instruction: "Instruction", g: str) -> str:
    """Write what flows to the list of a function of lists."""
    entry = TABLE[instruction.op]
    axes = instruction.axes + ("n" if instruction.out.sample else "")
    names = {"xs": f"({list_operand(instruction.operands[0], axes)})", "g": f"({g})",
             "z": instruction.out.name}  # fmt: skip
    if len(instruction.operands) > 1:
        names["k"] = f"whole({broadcast(instruction.operands[1], axes)})"
    (rule,) = entry.textbook
    return _substituted(rule, names)


@cache
def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _substituted(rule: str, names: dict[str, str]) -> str:
    """Put operands in the place of a rule's arguments, and its constants' numbers in theirs."""
    found = {name: _parsed(text) for name, text in names.items()}
    found |= {name: ast.Constant(number) for name, number in CONSTANTS.items()
              if name not in {"inf", "nan"}}  # fmt: skip

    class Replace(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.AST:
            return found.get(node.id, node)

    tree = Replace().visit(ast.parse(rule, mode="eval").body)
    return ast.unparse(simplified(tree))


def simplified(tree: ast.expr) -> ast.expr:
    """Work out what is known: constants, choices between them, factors of 1, signs."""
    made: ast.expr = _Simplify().visit(tree)
    return made


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


class _Simplify(ast.NodeTransformer):
    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        sides = [_number(side) for side in (node.left, *node.comparators)]
        if len(sides) == 2 and None not in sides:
            return ast.Constant(_TESTS[type(node.ops[0])](*sides))
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name == "where" and isinstance(node.args[0], ast.Constant):
            return node.args[1] if node.args[0].value else node.args[2]
        if name == "pow":
            return self.visit_BinOp(ast.BinOp(node.args[0], ast.Pow(), node.args[1]))
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        self.generic_visit(node)
        inner = node.operand
        if isinstance(node.op, ast.USub):
            if isinstance(inner, ast.UnaryOp) and isinstance(inner.op, ast.USub):
                return inner.operand
            if isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Sub):
                return ast.BinOp(inner.right, ast.Sub(), inner.left)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        left, right = _number(node.left), _number(node.right)
        change = _CHANGES.get(type(node.op))
        made = change(node, left, right) if change else None
        return node if made is None else made


def _times(node: ast.BinOp, left: float | None, right: float | None) -> ast.expr | None:
    if left is not None and right is not None:
        return _constant(left * right)
    for number, other in ((left, node.right), (right, node.left)):
        if number == 1:
            return other
        if number == -1:
            return _Simplify().visit_UnaryOp(ast.UnaryOp(ast.USub(), other))
    if (
        isinstance(node.left, ast.BinOp)
        and isinstance(node.left.op, ast.Div)
        and (_number(node.left.left) == 1)
    ):  # (1 / n) * x is x / n
        return ast.BinOp(node.right, ast.Div(), node.left.right)
    if isinstance(node.left, ast.UnaryOp):
        inner = ast.BinOp(node.left.operand, ast.Mult(), node.right)
        return _Simplify().visit_UnaryOp(ast.UnaryOp(ast.USub(), _Simplify().visit_BinOp(inner)))
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
    if left is not None and right:
        return _constant(left / right)
    return None


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
