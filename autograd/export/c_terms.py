"""Write expressions in C: rules of the table, and terms with as few brackets as C needs."""

import ast
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograd.kernels.cython.source import for_c
from autograd.primitives import CONSTANTS

CHOICE, EITHER, BOTH, EQUAL, SUM, PRODUCT, NEGATION, ATOM = range(8)
SIGNS: dict[type, tuple[str, int]] = {
    ast.Add: ("+", SUM), ast.Sub: ("-", SUM), ast.Mult: ("*", PRODUCT), ast.Div: ("/", PRODUCT),
    ast.BitAnd: ("&&", BOTH), ast.BitOr: ("||", EITHER),
    ast.Lt: ("<", EQUAL), ast.LtE: ("<=", EQUAL), ast.Gt: (">", EQUAL), ast.GtE: (">=", EQUAL),
    ast.Eq: ("==", EQUAL), ast.NotEq: ("!=", EQUAL),
}  # fmt: skip
OWN_NAMES = {"abs": "fabs", "round": "round_to"}  # C has other names for these, or other meanings
SHORT = {"inf": "INFINITY", "nan": "NAN"}


@dataclass(frozen=True)
class Term:
    """An expression, and how strongly it holds together."""

    text: str
    strength: int


def within(term: Term, least: int) -> str:
    """Write a term in a place that wants one of at least some strength.

    >>> within(Term("a + b", SUM), PRODUCT), within(Term("a * b", PRODUCT), SUM)
    ('(a + b)', 'a * b')
    """
    mixed = term.strength == BOTH and least == EITHER  # GCC asks for brackets in a || (b && c)
    return f"({term.text})" if term.strength < least or mixed else term.text


def number(x: float) -> Term:
    """Write a number, exactly.

    >>> number(0.1).text, number(-2.0).text, number(float("inf")).text
    ('0.1', '-2.0', 'INFINITY')
    """
    if math.isfinite(x):
        return Term(repr(x), ATOM if math.copysign(1.0, x) > 0 else NEGATION)
    text = "NAN" if math.isnan(x) else "INFINITY" if x > 0 else "-INFINITY"
    return Term(text, NEGATION if text[0] == "-" else ATOM)


def rule_text(rule: str, owner: str) -> tuple[str, list[str]]:
    """Write a rule of the table in C; return it with the functions that it calls.

    >>> rule_text("where(x > 0, x, slope * x)", "leaky_relu")
    ('x > 0.0 ? x : slope * x', [])
    >>> rule_text("1 / (1 + exp(-x))", "sigmoid")
    ('1.0 / (1.0 + exp(-x))', ['exp'])
    """
    tree = ast.parse(for_c(rule, owner), mode="eval").body
    calls: list[str] = []
    return _term(tree, calls).text, calls


def _term(tree: ast.expr, calls: list[str]) -> Term:
    return _WRITERS[type(tree)](tree, calls)


def _choice(tree: ast.IfExp, calls: list[str]) -> Term:
    test, taken, other = (_term(part, calls) for part in (tree.test, tree.body, tree.orelse))
    return Term(f"{within(test, EITHER)} ? {within(taken, EITHER)} : {other.text}", CHOICE)


def _call(tree: ast.Call, calls: list[str]) -> Term:
    name = calls_name(ast.unparse(tree.func).removeprefix("c_"))
    calls.append(name)
    arguments = ", ".join(_term(part, calls).text for part in tree.args)
    return Term(f"{name}({arguments})", ATOM)


def _name(tree: ast.Name, _: list[str]) -> Term:
    if tree.id in SHORT:
        return Term(SHORT[tree.id], ATOM)
    return number(CONSTANTS[tree.id]) if tree.id in CONSTANTS else Term(tree.id, ATOM)


def calls_name(name: str) -> str:
    """Return the name of a function in C."""
    return OWN_NAMES.get(name, name)


def _infix(op: ast.AST, left: ast.expr, right: ast.expr, calls: list[str]) -> Term:
    sign, strength = SIGNS[type(op)]
    x, y = _term(left, calls), _term(right, calls)
    return Term(f"{within(x, strength)} {sign} {within(y, strength + 1)}", strength)


_WRITERS: dict[type, Callable[[Any, list[str]], Term]] = {
    ast.BinOp: lambda tree, calls: _infix(tree.op, tree.left, tree.right, calls),
    ast.Compare: lambda tree, calls: _infix(tree.ops[0], tree.left, tree.comparators[0], calls),
    ast.UnaryOp: lambda tree, calls: Term(f"-{within(_term(tree.operand, calls), ATOM)}", NEGATION),
    ast.Constant: lambda tree, _: number(tree.value),
    ast.IfExp: _choice,
    ast.Call: _call,
    ast.Name: _name,
}
