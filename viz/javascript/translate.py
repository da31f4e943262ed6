"""Write a rule of the table as a JavaScript expression, from its text."""

import ast
import re
from collections.abc import Callable, Iterable
from math import isinf, isnan

from autograd.primitives import CONSTANTS
from autograd.rules import parsing

WORDS = frozenset({  # of JavaScript, and of what is written, that Python takes for names
    "arguments", "Array", "at", "BigInt", "case", "catch", "const", "debugger", "default", "delete",
    "do", "enum", "eval", "export", "extends", "function", "implements", "Infinity",
    "instanceof", "interface", "isFinite", "let", "Math", "NaN", "new", "null", "Number",
    "OPERATIONS", "package", "private", "protected", "public", "static", "super", "switch",
    "this", "throw", "typeof", "undefined", "var", "void",
})  # fmt: skip
_BINARY = {ast.Add: ("+", 5), ast.Sub: ("-", 5), ast.Mult: ("*", 6), ast.Div: ("/", 6)}
_LOGICAL = {ast.BitOr: ("||", 1), ast.BitAnd: ("&&", 2)}
_UNARY = {ast.USub: "-", ast.UAdd: "+"}
_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "===", ast.NotEq: "!==",
}  # fmt: skip
_EQUAL, _SIGN, _WHOLE = 3, 7, 8  # how closely a comparison, a sign and a call bind


def safe(name: str) -> str:
    """Return a name that JavaScript allows; no name of Python's has a dollar sign.

    >>> safe("x"), safe("new")
    ('x', 'new$')
    """
    return f"{name}$" if name in WORDS else name


class Rule:
    """One rule as JavaScript.

    >>> rule = Rule("where((x < 0) | (x == inf), nan, 1 / (x + 0))", "f", ("x",), str)
    >>> rule.text
    'x < 0 || x === Infinity ? NaN : 1 / (x + 0)'
    >>> Rule("sum([x * y for x, y in zip(xs, ys)])", "f", ("xs", "ys"), str).text
    'sum(zip(xs, ys).map(([x, y]) => x * y))'

    ``named`` says how a function or constant is called in JavaScript; it raises KeyError for one
    that is unknown there. ``uses`` lists what it said.
    """

    def __init__(
        self, text: str, owner: str, arguments: Iterable[str], named: Callable[[str], str]
    ) -> None:
        self.rule, self.owner, self.named = text, owner, named
        self.bound = list(arguments)
        self.uses: list[str] = []
        self.text = self._number(parsing.parse(text, owner).body)

    def _refuse(self, what: str) -> ValueError:
        return ValueError(
            f"{self.owner}: the rule {self.rule!r} cannot be written in JavaScript: it uses {what}"
        )

    def _number(self, node: ast.expr, within: int = 0) -> str:
        """Write a number or a list, in brackets where it binds less closely than ``within``."""
        if isinstance(node, ast.Compare) or _is_logical(node):
            return f"Number({self._condition(node)})"
        write = getattr(self, f"_{type(node).__name__}", None)
        if write is None:
            raise self._refuse(f"{ast.unparse(node)!r}")
        text, binds = write(node)
        return text if binds >= within else f"({text})"

    def _condition(self, node: ast.expr, within: int = 0) -> str:
        """Write what is true or false; a number is true where it is not 0, nan included."""
        if isinstance(node, ast.BinOp) and _is_logical(node):
            sign, binds = _LOGICAL[type(node.op)]
            sides = (self._condition(node.left, binds), self._condition(node.right, binds))
            text = f" {sign} ".join(sides)
        elif isinstance(node, ast.Compare):
            text, binds = self._comparison(node)
        else:
            text, binds = f"{self._number(node, _EQUAL + 1)} !== 0", _EQUAL
        return text if binds >= within else f"({text})"

    def _comparison(self, node: ast.Compare) -> tuple[str, int]:
        sides = [self._number(side, _EQUAL + 2) for side in (node.left, *node.comparators)]
        for sign in node.ops:
            if type(sign) not in _COMPARE:
                raise self._refuse(f"{ast.unparse(node)!r}")
        parts = [
            f"{left} {_COMPARE[type(sign)]} {right}"
            for left, sign, right in zip(sides, node.ops, sides[1:], strict=False)
        ]
        return " && ".join(parts), _EQUAL if len(parts) == 1 else 2

    def _Constant(self, node: ast.Constant) -> tuple[str, int]:
        if not isinstance(node.value, (int, float)):
            raise self._refuse(repr(node.value))
        return number(float(node.value)), _WHOLE

    def _Name(self, node: ast.Name) -> tuple[str, int]:
        if node.id in self.bound:
            return safe(node.id), _WHOLE
        if node.id in CONSTANTS and not _is_plain(CONSTANTS[node.id]):
            return number(CONSTANTS[node.id]), _WHOLE
        try:
            name = self.named(node.id)
        except KeyError as error:
            raise self._refuse(f"{node.id!r}, which has no form there") from error
        self.uses.append(name)
        return name, _WHOLE

    def _UnaryOp(self, node: ast.UnaryOp) -> tuple[str, int]:
        if type(node.op) not in _UNARY:
            raise self._refuse(f"{ast.unparse(node)!r}")
        return _UNARY[type(node.op)] + self._number(node.operand, _WHOLE), _SIGN

    def _BinOp(self, node: ast.BinOp) -> tuple[str, int]:
        if type(node.op) not in _BINARY:
            raise self._refuse(f"{ast.unparse(node)!r}")
        sign, binds = _BINARY[type(node.op)]
        left, right = self._number(node.left, binds), self._number(node.right, binds + 1)
        return f"{left} {sign} {right}", binds

    def _Call(self, node: ast.Call) -> tuple[str, int]:
        if not isinstance(node.func, ast.Name) or node.keywords:
            raise self._refuse(f"{ast.unparse(node)!r}")
        if node.func.id == "where":
            condition, taken, otherwise = node.args
            choice = f"{self._condition(condition)} ? {self._number(taken)}"
            return f"{choice} : {self._number(otherwise)}", 0
        operands = ", ".join([self._number(x) for x in node.args])
        return f"{self._Name(node.func)[0]}({operands})", _WHOLE

    def _List(self, node: ast.List) -> tuple[str, int]:
        return f"[{', '.join([self._number(x) for x in node.elts])}]", _WHOLE

    def _Starred(self, node: ast.Starred) -> tuple[str, int]:
        return f"...{self._number(node.value)}", _WHOLE

    def _Subscript(self, node: ast.Subscript) -> tuple[str, int]:
        self.uses.append("at")
        return f"at({self._number(node.value)}, {self._number(node.slice)})", _WHOLE

    def _ListComp(self, node: ast.ListComp) -> tuple[str, int]:
        (loop, *more) = node.generators
        if more or loop.ifs:
            raise self._refuse(f"{ast.unparse(node)!r}")
        items = self._number(loop.iter, _WHOLE)
        names = [x.id for x in ast.walk(loop.target) if isinstance(x, ast.Name)]
        self.bound += names
        each = ", ".join([safe(name) for name in names])
        if not isinstance(loop.target, ast.Name):
            each = f"[{each}]"
        element = self._number(node.elt)
        del self.bound[-len(names) :]
        return f"{items}.map(({each}) => {element})", _WHOLE

    _GeneratorExp = _ListComp


def number(x: float) -> str:
    """Write a float as in JavaScript; it reads back as the same.

    >>> number(2.0), number(-0.5), number(1e-05), number(float("-inf"))
    ('2', '-0.5', '1e-05', '-Infinity')
    """
    if not _is_plain(x):
        return "NaN" if isnan(x) else "-Infinity" if x < 0 else "Infinity"
    return re.sub(r"\.0$", "", repr(x))


def _is_plain(x: float) -> bool:
    return not (isnan(x) or isinf(x))


def _is_logical(node: ast.expr) -> bool:
    return isinstance(node, ast.BinOp) and type(node.op) in _LOGICAL
