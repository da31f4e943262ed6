"""Read the table's rules as program text: names become operands, what is known is worked out."""

import ast
from functools import cache

from autograd.compiler.layout.buffers import Operand
from autograd.compiler.vectorize.instructions import Instruction
from autograd.compiler.writing.contract import expanded, turned
from autograd.compiler.writing.simplify import simplified
from autograd.primitives import CONSTANTS, TABLE
from autograd.rules.parsing import for_arrays, substituted

WRITTEN_OUT = {"add", "sub", "mul", "div", "neg"}  # their rules read better than their names


def broadcast(operand: Operand, axes: str) -> str:
    """Write an operand so that it meets arrays of the given axes element by element."""
    if operand.view is None:
        return f"({operand.number!r})"
    if operand.unit:
        if len(axes) == len(operand.axes) + 1 and axes.startswith(operand.axes):
            return operand.text()
        return f"({expanded(f'({operand.text()})[..., 0]', operand.axes, axes)})"
    return f"({expanded(operand.text(), operand.axes, axes)})"


def value_text(instruction: Instruction, axes: str) -> str:
    """Write what an element-wise instruction computes."""
    entry = TABLE[instruction.op]
    operands = [broadcast(operand, axes) for operand in instruction.operands]
    if entry.name in WRITTEN_OUT:
        return _substituted(entry.rule, dict(zip(entry.arguments, operands, strict=True)))
    if entry.name == "pow":
        x, y = operands
        if instruction.deciding and (instruction.operands[1].view or y == "(0.5)"):
            return f"where(({x} == -inf) & ({y} == 0.5), inf, {x} ** {y})"  # NumPy's root is nan
        return f"{x} ** {y}"
    defaults = [entry.defaults.get(name) for name in entry.arguments]
    while operands and defaults[-1] is not None and operands[-1] == f"({defaults[-1]!r})":
        operands.pop()
        defaults.pop()
    return f"{entry.name}({', '.join(operands)})"


def gradient_text(
    instruction: Instruction, position: int, g: str, g_axes: str, axes: str, *, exact: bool
) -> tuple[str, str]:
    """Write what flows to an operand of an element-wise instruction, and which axes that has."""
    entry = TABLE[instruction.op]
    rules = entry.partials if exact else entry.textbook or entry.partials
    rule = (entry.vjps or rules)[position]
    used = {node.id for node in ast.walk(_parsed(rule)) if isinstance(node, ast.Name)}
    given = dict(zip(entry.arguments, instruction.operands, strict=True))
    present = "".join(operand.axes for name, operand in given.items() if name in used)
    present += axes if "z" in used else g_axes
    have = "".join(axis for axis in axes if axis in present)
    names = {name: broadcast(operand, have) for name, operand in given.items() if name in used}
    names["z"] = instruction.out.name
    if entry.vjps:
        return _substituted(rule, {**names, "g": f"({expanded(g, g_axes, have)})"}), have
    partial = _substituted(rule, names)
    return f"({expanded(g, g_axes, have)}) * ({partial})", have


def list_text(instruction: Instruction, axes: str) -> str:
    """Write what a function of lists computes; the lists run along the first axis."""
    xs, *index = instruction.operands
    if instruction.op == "take" and not set(index[0].axes) & set(xs.axes):
        rest = xs.axes.replace("k", "")
        rows = turned(xs.plain(), xs.axes, "k" + rest)
        return expanded(f"({rows})[whole({index[0].plain()})]", index[0].axes + rest, axes)
    arguments = [list_operand(xs, axes)]
    arguments += [f"whole({broadcast(operand, axes)})" for operand in index]
    return f"{instruction.op}({', '.join(arguments)})"


def list_operand(xs: Operand, axes: str) -> str:
    """Write the list of a function of lists, its elements along the first axis."""
    inner = "k" + axes.replace("k", "")
    if xs.view is None:
        return repr(xs.number)
    return expanded(xs.plain(), xs.axes, inner)


def list_gradient_text(instruction: Instruction, g: str) -> str:
    """Write what flows to the list of a function of lists."""
    entry = TABLE[instruction.op]
    axes = instruction.axes + ("n" if instruction.out.sample else "")
    names = {"xs": f"({list_operand(instruction.operands[0], axes)})", "g": f"({g})",
             "z": instruction.out.name}  # fmt: skip
    if len(instruction.operands) > 1:
        names["k"] = f"whole({broadcast(instruction.operands[1], axes)})"
    (rule,) = entry.textbook or (_of_arrays(entry.partials[0]),)
    return _substituted(rule, names)


@cache
def _of_arrays(partials: str) -> str:
    """Read what flows to the list off the rule of the derivatives.

    >>> _of_arrays("[*[where(i == k, 1, 0) for i in range(len(xs))], 0]")
    'g * where(positions(xs) == k, 1, 0)'
    """
    tree = _parsed(partials)
    if isinstance(tree, ast.List):
        (first, *_) = tree.elts
        assert isinstance(first, ast.Starred)
        tree = first.value
    product = ast.BinOp(ast.Name("g"), ast.Mult(), _parsed(for_arrays(ast.unparse(tree))))
    return ast.unparse(product)


@cache
def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _substituted(rule: str, names: dict[str, str]) -> str:
    """Put operands in the place of a rule's arguments, and its constants' numbers in theirs."""
    found = {name: _parsed(text) for name, text in names.items()}
    found |= {name: ast.Constant(number) for name, number in CONSTANTS.items()
              if name not in {"inf", "nan"}}  # fmt: skip

    return ast.unparse(simplified(substituted(ast.parse(rule, mode="eval").body, found)))
