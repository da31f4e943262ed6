"""Read a rule: one line of mathematics, as text, for floats, for arrays or for `Value`s.

A rule is a Python expression over the names of an operation's arguments, its result ``z``, and the
functions of the table. It is parsed once, checked for unknown names, and rewritten for each of
its readers:

==========  ====================================================================================
floats      ``a / b`` never raises, ``where(c, a, b)`` becomes ``a if c else b``
arrays      every name is an array function; a loop over lists becomes one expression in arrays
`Value`s    as for floats; comparisons are those of the numbers, which no tracer learns of
traces      as for `Value`s, but no number is looked at: comparisons and choices are nodes, too
==========  ====================================================================================
"""

import ast
from collections.abc import Iterable, Mapping

FORBIDDEN = {
    ast.Pow: ("**", "pow(x, y)"),
    ast.FloorDiv: ("//", "floordiv(x, y)"),
    ast.Mod: ("%", "mod(x, y)"),
    ast.And: ("and", "&"),
    ast.Or: ("or", "|"),
    ast.Not: ("not", "where"),
    ast.IfExp: ("if", "where(condition, x, y)"),
}
SAFE_BUILTINS = frozenset({"enumerate", "int", "len", "range", "zip"})


def parse(text: str, owner: str) -> ast.Expression:
    """Parse one rule; a construct that reads differently for floats and arrays is refused."""
    try:
        tree = ast.parse(text, mode="eval")
    except SyntaxError as error:
        raise ValueError(f"{owner}: the rule {text!r} is not an expression: {error.msg}") from error
    for node in ast.walk(tree):
        if type(node) in FORBIDDEN:
            refused, instead = FORBIDDEN[type(node)]
            raise ValueError(
                f"{owner}: the rule {text!r} uses {refused}, which floats and arrays read "
                f"differently; use {instead}"
            )
    return tree


def substituted(tree: ast.expr, names: Mapping[str, ast.expr]) -> ast.expr:
    """Put expressions in the place of names; the tree itself changes.

    >>> ast.unparse(substituted(ast.parse("x * y + x", mode="eval").body, {"x": ast.Constant(2)}))
    '2 * y + 2'
    """

    class Substitution(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.AST:
            return names.get(node.id, node)

    changed: ast.expr = Substitution().visit(tree)
    return changed


def check(text: str, owner: str, known: Iterable[str]) -> None:
    """Raise NameError where a rule names something that nothing defines.

    >>> check("1 - z*z + tahn(x)", "tanh", ["x", "z"])
    Traceback (most recent call last):
    NameError: tanh: the rule '1 - z*z + tahn(x)' names 'tahn', which is unknown
    """
    names = [node for node in ast.walk(parse(text, owner)) if isinstance(node, ast.Name)]
    bound = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    allowed = bound.union(known, SAFE_BUILTINS)
    for node in names:
        if node.id not in allowed:
            raise NameError(f"{owner}: the rule {text!r} names {node.id!r}, which is unknown")


def for_floats(text: str, owner: str = "rule") -> str:
    """Rewrite a rule for Python floats.

    >>> for_floats("where(x < 0, nan, 1 / x)")
    'nan if x < 0.0 else 1.0 / x if x else div(1.0, x)'
    >>> for_floats("x / (1 + exp(x))")
    'x / below1 if (below1 := (1.0 + exp(x))) else div(x, below1)'
    """
    return ast.unparse(_FloatReading().visit(parse(text, owner)))


def for_values(text: str, owner: str = "rule") -> str:
    """Rewrite a rule for `Value`s: the derivative that it builds is itself a graph.

    >>> for_values("where(x < 0, nan, 1 / x)")
    'nan if number(x) < 0 else div(1, x)'
    """
    return ast.unparse(_ValueReading().visit(parse(text, owner)))


def for_traces(text: str, owner: str = "rule") -> str:
    """Rewrite a rule for `Value`s of a function that is traced: what it compares becomes nodes.

    >>> for_traces("where((x < 0) | (y >= 1), nan, 1 / x)")
    'choose(either(less(x, 0), negated(less(y, 1))), nan, div(1, x))'
    """
    return ast.unparse(_TraceReading().visit(parse(text, owner)))


def for_arrays(text: str, owner: str = "rule") -> str:
    """Rewrite a rule for arrays that have the lists along their first axis: loops become arrays.

    >>> for_arrays("[where(i == k, rest, -p) for i, p in enumerate(ps)]")
    'where(positions(ps) == k, rest, -ps)'
    >>> for_arrays("sum([x * y for x, y in zip(xs, ys)]) + b")
    'sum(xs * ys) + b'
    """
    return ast.unparse(_ArrayReading().visit(parse(text, owner)))


def _is_call(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


class _ScalarReading(ast.NodeTransformer):
    """What both scalar readings share: a lazy choice, and division that never raises."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if not _is_call(node, "where"):
            return node
        condition, taken, otherwise = node.args
        return ast.IfExp(condition, taken, otherwise)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.op, ast.Div):
            return node
        divide = ast.Call(ast.Name("div", ast.Load()), [node.left, node.right], [])
        return self.division(node, divide)

    def division(self, node: ast.BinOp, divide: ast.Call) -> ast.AST:  # noqa: ARG002 - floats use it
        return divide


class _FloatReading(_ScalarReading):
    def __init__(self) -> None:
        self.divisors = 0

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        """Write whole numbers as floats: a derivative of 1 is stored as 1.0."""
        return ast.Constant(float(node.value)) if isinstance(node.value, int) else node

    def division(self, node: ast.BinOp, divide: ast.Call) -> ast.AST:
        """Divide in place where the divisor is not zero: a call costs five divisions."""
        if isinstance(node.right, ast.Constant):
            return node if node.right.value else divide
        if isinstance(node.right, ast.Name):
            return ast.IfExp(node.right, node, divide)
        self.divisors += 1
        name = f"below{self.divisors}"
        below = ast.Name(name, ast.Load())
        test = ast.NamedExpr(ast.Name(name, ast.Store()), node.right)
        divide.args[1] = node.right = below
        return ast.IfExp(test, node, divide)


class _ValueReading(_ScalarReading):
    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        sides = [_as_number(side) for side in (node.left, *node.comparators)]
        return ast.Compare(sides[0], node.ops, sides[1:])


class _TraceReading(_ScalarReading):
    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        return _named("choose", *node.args) if _is_call(node, "where") else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        made = super().visit_BinOp(node)
        name = TRUTHS.get(type(node.op))
        return made if name is None else _named(name, node.left, node.right)

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        (op,), (right,) = node.ops, node.comparators
        name, turned, negated = COMPARED[type(op)]
        sides = (right, node.left) if turned else (node.left, right)
        made = _named(name, *sides)
        return _named("negated", made) if negated else made


class _ArrayReading(ast.NodeTransformer):
    """Put whole lists in the places of their elements."""

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:
        return self._expression(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        return self._expression(node)

    def _expression(self, node: ast.ListComp | ast.GeneratorExp) -> ast.AST:
        loop = node.generators[0]
        targets = loop.target.elts if isinstance(loop.target, ast.Tuple) else [loop.target]
        lists = self._lists(loop.iter)
        names = {ast.unparse(t): x for t, x in zip(targets, lists, strict=True)}

        made: ast.AST = self.visit(substituted(node.elt, names))
        return made

    def _lists(self, tree: ast.expr) -> list[ast.expr]:
        if isinstance(tree, ast.Call) and _is_call(tree, "zip"):
            return tree.args
        if isinstance(tree, ast.Call) and _is_call(tree, "enumerate"):
            return [_named("positions", *tree.args), *tree.args]
        if isinstance(tree, ast.Call) and _is_call(tree, "range"):
            (length,) = tree.args
            return [_named("positions", *(length.args if isinstance(length, ast.Call) else ()))]
        return [tree]


# A comparison: the function that makes it, with the sides turned, and the answer negated.
COMPARED: dict[type[ast.cmpop], tuple[str, bool, bool]] = {
    ast.Lt: ("less", False, False),
    ast.Gt: ("less", True, False),
    ast.LtE: ("less", True, True),
    ast.GtE: ("less", False, True),
    ast.Eq: ("equal", False, False),
    ast.NotEq: ("unequal", False, False),
}
TRUTHS: dict[type[ast.operator], str] = {ast.BitAnd: "both", ast.BitOr: "either"}


def _named(name: str, *operands: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), list(operands), [])


def _as_number(side: ast.expr) -> ast.expr:
    if isinstance(side, ast.Constant):
        return side
    return ast.Call(ast.Name("number", ast.Load()), [side], [])
