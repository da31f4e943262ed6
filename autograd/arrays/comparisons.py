"""Comparisons and logic: arrays of bools, or of nodes that are 0 or 1 while a function is traced.

In both, a NaN is unequal to all numbers, and neither less nor greater. `autograd.less` of a NaN is
NaN, which `autograd.where` treats as true. So comparisons select on the negation: `FAILURES`.
"""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd._checks import float_or_none
from autograd.context import tracing
from autograd.errors import shown
from autograd.functions.install import FUNCTIONS
from autograd.rules.numpy_dispatch import answer_to, implements, written
from autograd.value import Value
from autograd.value_array import (
    BooleanArray,
    ValueArray,
    array_of_objects,
    numbers,
)

less, equal, where = FUNCTIONS["less"], FUNCTIONS["equal"], FUNCTIONS["where"]

# The negations of comparisons: 0 where the comparison holds, else 1 or NaN.
FAILURES: dict[str, Callable[[Any, Any], Any]] = {
    "less": lambda x, y: 1.0 - less(x, y),
    "less_equal": lambda x, y: less(y, x),
    "greater": lambda x, y: 1.0 - less(y, x),
    "greater_equal": less,
    "equal": lambda x, y: 1.0 - equal(x, y),
}
_OPERATORS = {
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "equal": operator.eq,
    "not_equal": operator.ne,
}


def is_boolean(x: Any) -> bool:
    """Whether an operand contains only booleans."""
    return (
        isinstance(x, (BooleanArray, bool, np.bool_))
        or getattr(x, "dtype", np.dtype(object)).kind == "b"
    )


def booleans(nodes: Any) -> Any:
    """Return an array of nodes that are 0 or 1 as a `BooleanArray`."""
    if isinstance(nodes, np.ndarray) and nodes.dtype == object:
        return nodes.view(BooleanArray)
    return nodes


def compare(name: str, x: Any, y: Any) -> Any:
    """Compare two operands, element by element."""
    if not (np.ndim(x) or np.ndim(y)):
        return _OPERATORS[name](*map(_operand, (x, y)))
    if not (_are_numbers(x) and _are_numbers(y)):  # as in Python: unequal, or TypeError
        return np.asarray(getattr(np, name)(array_of_objects(x), array_of_objects(y)), dtype=bool)
    if not tracing():
        with np.errstate(all="ignore"):
            return getattr(np, name)(numbers(x), numbers(y))
    if name == "not_equal":
        return booleans(where(1.0 - _array(equal(x, y)), 1.0, 0.0))
    return booleans(where(_array(FAILURES[name](x, y)), 0.0, 1.0))


def _operand(x: Any) -> Any:
    """Convert a NumPy scalar to a Python number, whose operators do not call NumPy."""
    if type(x) is Value:
        return x
    item = np.asarray(x).item()
    if isinstance(item, np.complexfloating):
        return complex(item)
    return float(item) if isinstance(item, np.floating) else item


def _are_numbers(x: Any) -> bool:
    """Whether an operand contains only Values and real numbers."""
    if isinstance(x, (ValueArray, float, int, Value)):
        return True
    array = array_of_objects(x) if isinstance(x, (list, tuple)) else np.asarray(x)
    if array.dtype != object:
        return array.dtype.kind in "biuf"
    return all(type(v) is Value or float_or_none(v) is not None for v in array.ravel().tolist())


def _array(x: Any) -> Any:
    """Convert a list of nodes to an array, which has operators."""
    return ValueArray(x) if isinstance(x, list) else x


def as_boolean(x: Any) -> Any:
    """Return whether elements are nonzero: bools, or nodes that are 0 or 1."""
    if is_boolean(x):
        return x
    if isinstance(x, np.ndarray) and x.dtype != object:
        return x != 0
    return compare("not_equal", x, 0.0)


def decided(x: Any) -> Any:
    """Return an array of bools; in a trace, each becomes a guard."""
    array = array_of_objects(x)
    return np.array([bool(v) for v in array.ravel().tolist()], dtype=bool).reshape(array.shape)


def negation(x: Any) -> Any:
    """Return the negation of booleans."""
    return booleans(1.0 - x) if isinstance(x, BooleanArray) else np.logical_not(x)


def _logical(name: str, x: Any, y: Any) -> Any:
    x, y = as_boolean(x), as_boolean(y)
    if not any(isinstance(v, (BooleanArray, Value)) for v in (x, y)):
        return getattr(np, name)(x, y)
    x, y = (v if isinstance(v, ValueArray) else np.multiply(v, 1.0) for v in (x, y))
    return booleans(_CONNECTIVES[name](x, y))


_CONNECTIVES: dict[str, Callable[[Any, Any], Any]] = {
    "logical_and": FUNCTIONS["mul"],
    "logical_or": FUNCTIONS["maximum"],
    "logical_xor": lambda x, y: 1.0 - equal(x, y),
}


def _bitwise(name: str, logical: str) -> Callable[..., Any]:
    def call(*operands: Any) -> Any:
        if not all(map(is_boolean, operands)):
            other = next(x for x in operands if not is_boolean(x))
            raise TypeError(
                f"np.{name} has no derivative here: it takes booleans, x > 0; got {shown(other)}"
            )
        return getattr(np, logical)(*operands)

    return call


def _boolean_or(name: str, logical: str) -> Callable[..., Any]:
    """Return the implementation of a ufunc: NumPy's on booleans, else the table's."""
    on_numbers = FUNCTIONS[name]

    def call(*operands: Any) -> Any:
        if not any(type(x) is BooleanArray for x in operands) or not all(map(is_boolean, operands)):
            return on_numbers(*operands)
        if not logical:
            raise TypeError(f"np.{name} of booleans: NumPy has none; use ~x, x ^ y or 1.0 * x")
        return _logical(logical, *operands)

    return call


def _predicate(name: str, traced: Callable[[Any], Any] | None) -> Callable[[Any], Any]:
    numpy_function = getattr(np, name)

    def call(x: Any) -> Any:
        if not isinstance(x, np.ndarray):
            return bool(numpy_function(x.data if type(x) is Value else x))
        if traced is not None and tracing():
            return traced(x)
        if tracing():
            raise TypeError(f"np.{name} of an array has no form that a program can compute")
        return numpy_function(numbers(x))

    return call


for _name in _OPERATORS:
    answer_to(_name, lambda x, y, name=_name: compare(name, x, y))
for _name in _CONNECTIVES:
    answer_to(_name, lambda x, y, name=_name: _logical(name, x, y))
    answer_to(
        _name.replace("logical", "bitwise"), _bitwise(_name.replace("logical", "bitwise"), _name)
    )
answer_to("logical_not", lambda x: negation(as_boolean(x)))
answer_to("invert", _bitwise("invert", "logical_not"))
answer_to("positive", lambda x: x.copy() if isinstance(x, np.ndarray) else x)
for _name, _alias, _logic in (
    ("add", "add", "logical_or"),
    ("mul", "multiply", "logical_and"),
    ("maximum", "maximum", "logical_or"),
    ("minimum", "minimum", "logical_and"),
    ("sub", "subtract", ""),
    ("neg", "negative", ""),
):
    answer_to(_alias, _boolean_or(_name, _logic))
for _name, _traced in (
    ("isnan", lambda x: compare("not_equal", x, x)),
    ("isinf", lambda x: compare("equal", abs(x), np.inf)),
    ("isfinite", lambda x: compare("less", abs(x), np.inf)),
    ("signbit", None),
):
    answer_to(_name, _predicate(_name, _traced))


def _any_or_all(name: str) -> Callable[..., Any]:
    numpy_function = getattr(np, name)

    def call(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, **more: Any) -> Any:
        if isinstance(a, ValueArray) and axis is None and tracing() and not more:
            test = any if name == "any" else all
            result: Any = test(bool(v) for v in a.ravel().tolist())  # stops early: fewer guards
            return np.full((1,) * a.ndim, result) if keepdims else result
        return written(name, numpy_function(decided(a), axis=axis, keepdims=keepdims, **more), out)

    return call


implements(np.any)(_any_or_all("any"))
implements(np.all)(_any_or_all("all"))
for _name, _function in (("logical_or", np.any), ("logical_and", np.all)):
    answer_to(
        f"{_name}.reduce",
        lambda a, axis=0, dtype=None, out=None, call=_function, **more: call(  # noqa: ARG005 - NumPy's
            a, axis, out, **more
        ),
    )
