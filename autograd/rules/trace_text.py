"""Write a rule down by running a function once: numbers that are text.

``lambda x: 3 * x * x``, called with ``Written("x")``, gives ``Written("3 * x * x")``. What is not
mathematics over the table's functions raises TypeError: a branch, a loop over data, a call into
another library.
"""

import ast
from typing import Any, NoReturn

from autograd.primitives import TABLE

_LISTS = ("sum", "mean", "prod", "dot", "max", "min", "logsumexp", "norm")
_UFUNCS = {alias: name for name, entry in TABLE.items() for alias in entry.numpy}


class Written:
    """A number that is not known yet: the text of how to compute it.

    >>> x, y = Written("x"), Written("y")
    >>> print(-(x + 1) * y / 2, "and", abs(x) ** 3)
    -(x + 1) * y / 2 and pow(abs(x), 3)
    """

    __slots__ = ("_text",)
    __hash__ = None  # type: ignore[assignment] # == writes a comparison

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return ast.unparse(ast.parse(self._text, mode="eval"))  # without brackets that do nothing

    __repr__ = __str__

    def __getattr__(self, name: str) -> Any:
        """Offer the table's functions as methods, as `Value` does."""
        name = _UFUNCS.get(name, name)
        if name not in TABLE or TABLE[name].variadic:
            raise AttributeError(f"a number that is written down has no {name!r}")
        return lambda *more: written(name, (self, *more))

    def __array_ufunc__(self, ufunc: Any, method: str, *operands: Any, **options: Any) -> Any:
        name = _UFUNCS.get(ufunc.__name__)
        if name is None or method != "__call__" or options:
            return NotImplemented
        return written(name, operands)

    def __bool__(self) -> NoReturn:
        raise TypeError("a number that is written down is neither true nor false: use where")

    def __neg__(self) -> "Written":
        return Written(f"(-{self._text})")

    def __pos__(self) -> "Written":
        return self


def _infix(sign: str, left: Any, right: Any) -> Any:
    try:
        return Written(f"({text(left)} {sign} {text(right)})")
    except TypeError:
        return NotImplemented


def _call(name: str, *operands: Any) -> Any:
    try:
        return written(name, operands)
    except TypeError:
        return NotImplemented


_SIGNS = {"add": "+", "sub": "-", "mul": "*", "truediv": "/", "and": "&", "or": "|"}
_COMPARISONS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}
for _name, _sign in (_SIGNS | _COMPARISONS).items():
    setattr(Written, f"__{_name}__", lambda x, y, s=_sign: _infix(s, x, y))
    setattr(Written, f"__r{_name}__", lambda x, y, s=_sign: _infix(s, y, x))
for _name in ("pow", "floordiv", "mod"):
    setattr(Written, f"__{_name}__", lambda x, y, f=_name: _call(f, x, y))
    setattr(Written, f"__r{_name}__", lambda x, y, f=_name: _call(f, y, x))
for _name in ("abs", "floor", "ceil"):
    setattr(Written, f"__{_name}__", lambda x, f=_name: _call(f, x))
Written.__round__ = lambda x, digits=0: _call("round", x, digits)  # type: ignore[attr-defined]


def text(x: Any) -> str:
    """Return an operand's text: brackets and all, a number's digits.

    >>> text(Written("x")), text(2), text(-0.5), text(float("inf"))
    ('x', '2', '(-0.5)', 'inf')
    """
    if type(x) is Written:
        return x._text  # noqa: SLF001 - its own function
    if isinstance(x, (list, tuple)):
        return f"[{', '.join(map(text, x))}]"
    if not isinstance(x, (int, float)):
        raise TypeError(f"a {type(x).__name__} is no number that can be written down")
    number = repr(int(x) if isinstance(x, int) else float(x))
    return f"({number})" if number.startswith("-") else number


def written(name: str, operands: Any) -> Written:
    """Write the call of a primitive of the table."""
    if TABLE[name].variadic and name not in _LISTS:
        raise TypeError(f"{name} of a list cannot be written in one line")
    sign = _SIGNS.get(TABLE[name].operator)
    if sign:
        return Written(f"({sign.join(map(text, operands))})")
    return Written(f"{name}({', '.join(map(text, operands))})")
