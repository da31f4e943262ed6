"""Formulas as text, such as those of ``python -m autograd``, evaluated to graphs.

Python parses the text, so precedence is Python's, but no Python is executed: the syntax tree is
evaluated here with the operations of the table. Anything but arithmetic, numbers, names, lists and
functions of the table is refused, with its column (in characters, where ``ast`` counts bytes).
"""

import ast
import difflib
import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd._checks import as_float
from autograd.errors import list_of, shown
from autograd.functions.install import FUNCTIONS
from autograd.primitives import TABLE
from autograd.value import Value

PLAIN = "write numbers, names, + - * / // % **, brackets and functions such as exp(x)"


class ExpressionError(ValueError):
    """Raised for a formula that cannot be read, with the reason and the position.

    ``column`` counts characters from 1.
    """

    def __init__(self, why: str, text: str, column: int, width: int = 1) -> None:
        self.why, self.text, self.column, self.width = why, text, column, width
        start = max(0, column - 41)  # a long formula is shown from shortly before the position
        line = "".join(c if c.isprintable() else " " for c in text)[start : start + 76]
        mark = " " * (column - 1 - start) + "^" + "~" * min(width - 1, 35)
        super().__init__(f"{why} (column {column})\n  {line}\n  {mark}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.why, self.text, self.column, self.width)


def checked(text: object) -> str:
    """Check that a formula is one line of printable text, and return it."""
    if not isinstance(text, str):
        raise TypeError(f"a formula is a str, not {shown(text)}")
    if not text.isprintable():
        column = next(k for k, c in enumerate(text, 1) if not c.isprintable())
        raise ExpressionError("a formula stands in one line of readable characters", text, column)
    return text


def statements(text: str) -> list[ast.stmt]:
    """Parse a formula into its statements, of which there is at least one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "1if" is warned of, and refused below anyway
            parsed = ast.parse(text.strip(" ")).body
    except SyntaxError as error:
        start = len(text) - len(text.lstrip(" "))
        column = min(max(error.offset or 1, 1) + start, len(text) + 1)
        why = f"this is no formula: {error.msg.partition(';')[0]}"
        raise ExpressionError(why, text, column) from None
    except (RecursionError, MemoryError):
        why = "this formula is nested too deeply; name parts of it: u = ...; u + 1"
        raise ExpressionError(why, text, 1) from None
    if not parsed:
        raise ExpressionError(f"this formula is empty; {PLAIN}", text, 1)
    return parsed


def position(text: str, node: ast.stmt | ast.expr) -> tuple[int, int]:
    """Return the column of a node, from 1, and its width in characters.

    >>> position("ñ + x", statements("ñ + x")[0].value.right)
    (5, 1)
    """
    line = text.strip(" ").encode()
    start = len(text) - len(text.lstrip(" "))
    first, last = (len(line[:end].decode()) for end in (node.col_offset, node.end_col_offset))
    return start + first + 1, max(last - first, 1)


CONSTANTS = {"pi": math.pi, "e": math.e, "inf": math.inf, "nan": math.nan}
_METHODS: dict[type[ast.AST], str] = {  # Python's operators, and the names of their special methods
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "truediv",
    ast.FloorDiv: "floordiv",
    ast.Mod: "mod",
    ast.Pow: "pow",
    ast.USub: "neg",
}
_OPERATORS: dict[type[ast.AST], str] = {
    operator: next(entry.name for entry in TABLE.values() if entry.operator == method)
    for operator, method in _METHODS.items()
}
_CHOOSE = "choose with relu(x), maximum(x, y), clip(x, lo, hi) or where(c, x, y)"
_ADVICE: dict[type[ast.AST], str] = {
    ast.BitXor: "a power is written **",
    ast.Compare: _CHOOSE,
    ast.IfExp: _CHOOSE,
    ast.BoolOp: _CHOOSE,
    ast.Attribute: "functions go by their names alone, such as exp(x)",
}


def read(text: str, numbers: Mapping[str, float | Value] | None = None) -> Value | float:
    """Evaluate a formula, to a `Value` if there is one in it, else to a float.

    Parameters
    ----------
    text
        Arithmetic on numbers, names and functions of the table. Intermediate results may be named,
        ``"u = b * c; 3 * (a + u)"``; the names become labels of their nodes.
    numbers
        The values of names. ``pi``, ``e``, ``inf`` and ``nan`` are predefined.

    Raises
    ------
    ExpressionError
        If the text is no such formula, or uses an undefined name.

    Examples
    --------
    >>> a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    >>> read("u = b * c; 3 * (a + u)", {"a": a, "b": b, "c": c})
    Value(-84.0, op='mul')
    >>> read("3 * tahn(a)", {"a": a})
    Traceback (most recent call last):
    autograd.formulas.ExpressionError: there is no function tahn; did you mean tan or
    tanh? (column 5)
      3 * tahn(a)
          ^~~~
    """
    reader = _Reader(checked(text), {**CONSTANTS, **(numbers or {})})
    for statement in statements(text):
        result = reader.run(statement)
    if isinstance(result, Value | float):
        return result
    raise reader.error(f"the result is {shown(result)}; take one of it, such as [0]", statement)


def names(text: str) -> list[str]:
    """List the free variables of a formula, in order of appearance.

    >>> names("u = b * c; 3 * (a + u) * exp(pi)")
    ['b', 'c', 'a']
    """
    free: dict[str, None] = {}
    bound = {*CONSTANTS}
    for statement in statements(checked(text)):
        nodes = list(ast.walk(statement))
        functions = {node.func for node in nodes if isinstance(node, ast.Call)}
        used = [node for node in nodes if isinstance(node, ast.Name) and node not in functions]
        used.sort(key=lambda node: node.col_offset)
        free |= {n.id: None for n in used if isinstance(n.ctx, ast.Load) and n.id not in bound}
        bound |= {n.id for n in used if isinstance(n.ctx, ast.Store)}
    return list(free)


@dataclass
class _Reader:
    """Evaluates the syntax tree of a formula in postorder, without recursion."""

    text: str
    named: dict[str, Any]
    done: list[Any] = field(default_factory=list)  # a stack of operands

    def run(self, statement: ast.stmt) -> Any:
        """Evaluate one statement, and bind the name that it assigns."""
        if isinstance(statement, ast.Expr):
            return self.compute(statement.value)
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)]):
                result = self.named[name] = self.compute(statement.value)
                if isinstance(result, Value) and result.label is None:
                    result.label = name
                return result
        raise self.error("this is no formula; results are named as in u = b * c", statement)

    def compute(self, root: ast.expr) -> Any:
        """Evaluate an expression."""
        stack: list[tuple[ast.expr, bool]] = [(root, False)]
        while stack:
            node, is_ready = stack.pop()
            parts = self.parts(node)
            if parts and not is_ready:
                stack.append((node, True))
                stack += [(part, False) for part in reversed(parts)]
                continue
            operands = self.done[len(self.done) - len(parts) :]
            del self.done[len(self.done) - len(parts) :]
            self.done.append(self.result(node, operands))
        return self.done.pop()

    def parts(self, node: ast.expr) -> Sequence[ast.expr]:
        """Return the operands of a node."""
        match node:
            case ast.BinOp():
                return node.left, node.right
            case ast.UnaryOp():
                return (node.operand,)
            case ast.Call():
                self.check_function(node)
                return *node.args, *(keyword.value for keyword in node.keywords)
            case ast.List() | ast.Tuple():
                return node.elts
            case ast.Subscript():
                return node.value, node.slice
        return ()

    def result(self, node: ast.expr, operands: list[Any]) -> Any:
        """Evaluate one node, given its operands."""
        result: Any
        match node:
            case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
                result = self.guarded(node, as_float, node.value, "a number", "a float")
            case ast.Name():
                result = self.lookup(node)
            case ast.List() | ast.Tuple():
                result = operands
            case ast.Subscript():
                result = self.guarded(node, _item, *operands)
            case ast.UnaryOp(op=ast.UAdd()):
                result = operands[0]
            case ast.Call():
                result = self.call(node, operands)
            case ast.BinOp() | ast.UnaryOp() if type(node.op) in _OPERATORS:
                result = self.guarded(node, FUNCTIONS[_OPERATORS[type(node.op)]], *operands)
            case _:
                kind = type(node.op) if isinstance(node, ast.BinOp | ast.UnaryOp) else type(node)
                raise self.error(f"this is not allowed here: {_ADVICE.get(kind, PLAIN)}", node)
        return result

    def lookup(self, node: ast.Name) -> Any:
        """Return the value of a name."""
        if node.id in self.named:
            return self.named[node.id]
        if node.id in FUNCTIONS:
            raise self.error(f"{node.id} is a function; write {node.id}(...)", node)
        raise self.error(f"{node.id} has no number; give one: {node.id}=2", node)

    def check_function(self, node: ast.Call) -> None:
        """Raise ExpressionError for a call of anything but a function of the table."""
        if not isinstance(node.func, ast.Name):
            raise self.error(f"this is not allowed here: {_ADVICE[ast.Attribute]}", node.func)
        name = node.func.id
        if name not in FUNCTIONS:
            close = difflib.get_close_matches(name, FUNCTIONS, 2)
            hint = f"did you mean {list_of(close)}?" if close else f"there are {list_of(FUNCTIONS)}"
            raise self.error(f"there is no function {name}; {hint}", node.func)
        for keyword in node.keywords:
            if keyword.arg is None:
                raise self.error(f"this is not allowed here: {PLAIN}", keyword.value)

    def call(self, node: ast.Call, operands: list[Any]) -> Any:
        """Call a function of the table."""
        assert isinstance(node.func, ast.Name)  # as checked
        count = len(node.args)
        keywords = [str(keyword.arg) for keyword in node.keywords]
        named = dict(zip(keywords, operands[count:], strict=True))
        return self.guarded(node, FUNCTIONS[node.func.id], *operands[:count], **named)

    def guarded(self, node: ast.expr, function: Any, *operands: Any, **named: Any) -> Any:
        """Call a function; turn its errors into an ExpressionError at the node."""
        try:
            return function(*operands, **named)
        except (TypeError, ValueError, ArithmeticError, IndexError) as error:
            raise self.error(str(error), node) from None

    def error(self, why: str, node: ast.stmt | ast.expr) -> ExpressionError:
        """Build the error for a node, with its position."""
        return ExpressionError(why, self.text, *position(self.text, node))


def _item(xs: Any, k: Any) -> Any:
    """Return an element of a list."""
    if not isinstance(xs, list):
        raise TypeError(f"only lists have elements, not {shown(xs)}")
    if not isinstance(k, float) or k not in range(len(xs)):
        number = f"{k:g}" if isinstance(k, float) else shown(k)
        raise IndexError(f"the list has elements 0 to {len(xs) - 1}, not {number}")
    return xs[int(k)]
