"""Record a rule by calling a function with symbolic numbers, which record operations on them.

``lambda x: 3 * x * x``, called with ``SymbolicNumber("x")``, returns one that prints as
``3 * x * x``. Anything but mathematics over the table's functions raises TypeError: a branch, a
loop over data, a call into another library.
"""

from typing import TYPE_CHECKING, Any, NoReturn

from autograd import expressions
from autograd.primitives import TABLE
from autograd.rules.loop_lowering import POSITION

if TYPE_CHECKING:
    from autograd.expressions.tree import Expression

_UFUNCS = {alias: name for name, entry in TABLE.items() for alias in entry.numpy}


class SymbolicNumber:
    """An unknown number, which holds the expression that computes it.

    It is not an `Expression` itself: ``==`` of expressions compares trees, but ``==`` of symbolic
    numbers records a comparison. And recorded arithmetic is not simplified.

    >>> x, y = SymbolicNumber("x"), SymbolicNumber("y")
    >>> print(-(x + 1) * y / 2, "and", abs(x) ** 3)
    -(x + 1) * y / 2 and pow(abs(x), 3)
    """

    __slots__ = ("_expression",)
    __hash__ = None  # type: ignore[assignment] # == records a comparison

    def __init__(self, expression: "Expression | str") -> None:
        if isinstance(expression, str):
            expression = expressions.tree.Symbol(expression)
        self._expression: Expression = expression

    def __str__(self) -> str:
        return rule_text(self)

    __repr__ = __str__

    def __getattr__(self, name: str) -> Any:
        """Return one of the table's functions as a method, as `Value` has."""
        name = _UFUNCS.get(name, name)
        if name not in TABLE or TABLE[name].variadic:
            raise AttributeError(f"a number that is not known yet has no {name!r}")
        return lambda *more: record(name, (self, *more))

    def __array_ufunc__(self, ufunc: Any, method: str, *operands: Any, **options: Any) -> Any:
        name = _UFUNCS.get(ufunc.__name__)
        if name is None or method != "__call__" or options:
            return NotImplemented
        return record(name, operands)

    def __bool__(self) -> NoReturn:
        raise TypeError("a number that is not known yet is neither true nor false: use where")

    def __neg__(self) -> "SymbolicNumber":
        return SymbolicNumber(expressions.tree.Operation("neg", (self._expression,)))

    def __pos__(self) -> "SymbolicNumber":
        return self


def _operator(op: str, *operands: Any) -> Any:
    try:
        return SymbolicNumber(expressions.tree.Operation(op, tuple(map(recorded, operands))))
    except TypeError:
        return NotImplemented


_BINARY = {
    "add": "add", "sub": "sub", "mul": "mul", "truediv": "div", "pow": "pow",
    "floordiv": "floordiv", "mod": "mod", "and": "&", "or": "|",
    "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!=",
}  # fmt: skip
for _method, _op in _BINARY.items():
    setattr(SymbolicNumber, f"__{_method}__", lambda x, y, op=_op: _operator(op, x, y))
    setattr(SymbolicNumber, f"__r{_method}__", lambda x, y, op=_op: _operator(op, y, x))
for _op in ("abs", "floor", "ceil"):
    setattr(SymbolicNumber, f"__{_op}__", lambda x, op=_op: _operator(op, x))
SymbolicNumber.__round__ = lambda x, digits=0: _operator("round", x, digits)  # type: ignore[attr-defined]


def recorded(x: Any) -> "Expression":
    """Convert a number, or a list of numbers, to an expression.

    >>> recorded(SymbolicNumber("x")).name, recorded(2).exact, recorded(-0.5).value
    ('x', '2', -0.5)
    """
    if type(x) is SymbolicNumber:
        return x._expression  # noqa: SLF001 - the class's own function
    if isinstance(x, (list, tuple)):
        return expressions.tree.List(tuple(map(recorded, x)))
    if not isinstance(x, (int, float)):
        raise TypeError(f"a {type(x).__name__} is no number that can be written down")
    return expressions.tree.Number(float(x), repr(int(x)) if isinstance(x, int) else "")


def rule_text(x: Any) -> str:
    """Return a number, or a list, as the text of a rule.

    >>> rule_text([2, 2 * SymbolicNumber("x")])
    '[2, 2 * x]'
    """
    text: str = expressions.dialects.PythonPrinter().text(recorded(x))
    return text


def record(name: str, operands: Any) -> SymbolicNumber:
    """Record the call of a primitive of the table."""
    if TABLE[name].variadic and POSITION in TABLE[name].arguments:
        raise TypeError(f"{name} of a list cannot be written in one line")
    return SymbolicNumber(expressions.tree.Operation(name, tuple(map(recorded, operands))))
