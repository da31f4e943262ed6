"""Comparisons and truths: bools by number, nodes that are 0 or 1 while a function is traced.

A NaN is unequal to all and neither less nor greater, in both. `autograd.less` of a NaN is NaN, which
`autograd.where` takes for true: so ``where`` is asked with the opposite of what is to be known.
"""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.errors import shown
from autograd.functions.primitives import FUNCTIONS
from autograd.modes import tracing
from autograd.ops import CONSTANT
from autograd.table.ufuncs import answer_to, implements, written
from autograd.value import Value
from autograd.value_array import (
    BooleanArray,
    ValueArray,
    array_of_objects,
    elementwise,
    numbers,
    wrapped,
)

less, equal, where = FUNCTIONS["less"], FUNCTIONS["equal"], FUNCTIONS["where"]

# What is 0 where the comparison holds, and else 1 or NaN.
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
    """Whether all that is in an operand is a truth."""
    return isinstance(x, (BooleanArray, bool, np.bool_)) or getattr(x, "dtype", None) == bool


def truths(nodes: Any) -> Any:
    """Take nodes that are 0 or 1 for truths."""
    if isinstance(nodes, np.ndarray) and nodes.dtype == object:
        return nodes.view(BooleanArray)
    return nodes


def compare(name: str, x: Any, y: Any) -> Any:
    """Compare two operands, element by element."""
    x, y = (v.item() if isinstance(v, np.generic) else v for v in (x, y))
    if not any(isinstance(v, (np.ndarray, list, tuple)) for v in (x, y)):
        return _OPERATORS[name](x, y)
    if not tracing():
        with np.errstate(all="ignore"):
            return getattr(np, name)(numbers(x), numbers(y))
    if name == "not_equal":
        return truths(where(1.0 - _array(equal(x, y)), 1.0, 0.0))
    return truths(where(_array(FAILURES[name](x, y)), 0.0, 1.0))


def _array(x: Any) -> Any:
    """Keep an array an array: a list of nodes knows no operators."""
    return ValueArray(x) if isinstance(x, list) else x


def as_truth(x: Any) -> Any:
    """Return whether elements are not 0: bools, or nodes that are 0 or 1."""
    if is_boolean(x):
        return x
    if isinstance(x, np.ndarray) and x.dtype != object:
        return x != 0
    return compare("not_equal", x, 0.0)


def decided(x: Any) -> Any:
    """Return an array of bools: while a function is traced, its comparisons become guards."""
    array = array_of_objects(x)
    return np.array([bool(v) for v in array.ravel().tolist()], dtype=bool).reshape(array.shape)


def negation(x: Any) -> Any:
    """Return the opposite of truths."""
    return truths(1.0 - x) if isinstance(x, BooleanArray) else np.logical_not(x)


def _logical(name: str, x: Any, y: Any) -> Any:
    x, y = as_truth(x), as_truth(y)
    if not any(isinstance(v, (BooleanArray, Value)) for v in (x, y)):
        return getattr(np, name)(x, y)
    x, y = (v if isinstance(v, ValueArray) else np.multiply(v, 1.0) for v in (x, y))
    return truths(_CONNECTIVES[name](x, y))


_CONNECTIVES: dict[str, Callable[[Any, Any], Any]] = {
    "logical_and": lambda x, y: FUNCTIONS["mul"](x, y),
    "logical_or": lambda x, y: FUNCTIONS["maximum"](x, y),
    "logical_xor": lambda x, y: 1.0 - equal(x, y),
}


def _bitwise(name: str, logical: str) -> Callable[..., Any]:
    def call(*operands: Any) -> Any:
        if not all(map(is_boolean, operands)):
            other = next(x for x in operands if not is_boolean(x))
            raise TypeError(f"np.{name} takes truths here, such as x > 0; got {shown(other)}")
        return getattr(np, logical)(*operands)

    return call


def _boolean_or(name: str, logical: str) -> Callable[..., Any]:
    """Answer with NumPy's meaning for bools where all operands are truths, with the table else."""
    plain = FUNCTIONS[name]

    def call(*operands: Any) -> Any:
        if not all(map(is_boolean, operands)):
            return plain(*operands)
        if not logical:
            raise TypeError(f"np.{name} of truths: NumPy has none; use ~x, x ^ y or 1.0 * x")
        return _logical(logical, *operands)

    return call


def _predicate(name: str, traced: Callable[[Any], Any] | None) -> Callable[[Any], Any]:
    own = getattr(np, name)

    def call(x: Any) -> Any:
        if not isinstance(x, np.ndarray):
            return bool(own(x.data if type(x) is Value else x))
        if traced is not None and tracing():
            return traced(x)
        if tracing():
            raise TypeError(f"np.{name} of an array has no form that a program can compute")
        return own(numbers(x))

    return call


for _name in _OPERATORS:
    answer_to(_name, lambda x, y, name=_name: compare(name, x, y))
for _name in _CONNECTIVES:
    answer_to(_name, lambda x, y, name=_name: _logical(name, x, y))
    answer_to(_name.replace("logical", "bitwise"), _bitwise(_name.replace("logical", "bitwise"), _name))
answer_to("logical_not", lambda x: negation(as_truth(x)))
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


@implements(np.where)
def choose(condition: Any, *choices: Any) -> Any:
    """Choose by a condition: a plain one picks elements, a node makes one node an element."""
    if not choices:
        return np.nonzero(decided(condition))
    x, y = choices
    if not isinstance(condition, ValueArray) and type(condition) is not Value:
        return wrapped(np.asarray(np.where(condition, *map(array_of_objects, choices))))
    return elementwise(_chosen, (np.asarray(condition, dtype=object), x, y))


def _chosen(c: Any, x: Any, y: Any) -> Any:
    """Choose in one node also where the condition is a truth that `compare` made in two."""
    if type(c) is not Value:
        return x if c else y
    if c._op == "where" and all(side._op == CONSTANT for side in c._inputs[1:]):  # noqa: SLF001
        sides = tuple(side._data for side in c._inputs[1:])  # noqa: SLF001
        if sides == (0.0, 1.0):
            return where(c._inputs[0], y, x)  # noqa: SLF001
        if sides == (1.0, 0.0):
            return where(c._inputs[0], x, y)  # noqa: SLF001
    return where(c, x, y)


def _decided_by(name: str) -> Callable[..., Any]:
    own = getattr(np, name)

    def call(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, **more: Any) -> Any:
        if isinstance(a, ValueArray) and axis is None and tracing() and not more:
            test = any if name == "any" else all
            found: Any = test(bool(v) for v in a.ravel().tolist())  # as few guards as will do
            return np.full((1,) * a.ndim, found) if keepdims else found
        return written(name, own(decided(a), axis=axis, keepdims=keepdims, **more), out)

    return call


implements(np.any)(_decided_by("any"))
implements(np.all)(_decided_by("all"))
answer_to("logical_or.reduce", lambda a, axis=0, dtype=None, out=None, **more: np.any(a, axis, out, **more))
answer_to("logical_and.reduce", lambda a, axis=0, dtype=None, out=None, **more: np.all(a, axis, out, **more))


@implements(np.isclose)
def _isclose(
    a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Any:
    if not tracing():
        return np.isclose(numbers(a), numbers(b), rtol, atol, equal_nan)
    a, b = ValueArray(a), ValueArray(b)
    near = (abs(a - b) <= atol + rtol * abs(b)) & np.isfinite(b)
    return near | (a == b) | ((np.isnan(a) & np.isnan(b)) if equal_nan else False)


@implements(np.allclose)
def _allclose(*args: Any, **named: Any) -> bool:
    return bool(np.all(_isclose(*args, **named)))


@implements(np.array_equal)
def _array_equal(a1: Any, a2: Any, equal_nan: bool = False) -> bool:
    one, two = (array_of_objects(a) for a in (a1, a2))
    if one.shape != two.shape:
        return False
    same = compare("equal", wrapped(one), wrapped(two))
    if equal_nan:
        same = same | (np.isnan(wrapped(one)) & np.isnan(wrapped(two)))
    return bool(np.all(same))


@implements(np.nan_to_num)
def _nan_to_num(
    x: Any, copy: bool = True, nan: float = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    if not copy:
        raise TypeError("np.nan_to_num: copy=False does not work with Values")
    largest = np.finfo(float).max
    x = np.where(np.isnan(x), nan, x)
    x = np.where(x == np.inf, largest if posinf is None else posinf, x)
    return np.where(x == -np.inf, -largest if neginf is None else neginf, x)


@implements(np.select)
def _select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    if len(condlist) != len(choicelist):
        raise ValueError("np.select: give as many choices as conditions")
    chosen = default
    for condition, choice in reversed(list(zip(condlist, choicelist, strict=True))):
        chosen = np.where(condition, choice, chosen)
    return chosen
