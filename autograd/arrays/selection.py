"""Select elements by conditions: `numpy.where` and its like."""

from typing import Any

import numpy as np

from autograd.arrays.comparisons import compare, decided
from autograd.context import tracing
from autograd.functions.install import FUNCTIONS
from autograd.rules.numpy_dispatch import implements
from autograd.value import Value
from autograd.value_array import ValueArray, array_of_objects, elementwise, numbers, wrapped

where = FUNCTIONS["where"]


@implements(np.where)
def choose(condition: Any, *choices: Any) -> Any:
    """Select by a condition: bools select elements, nodes make a `where` node per element."""
    if not choices:
        return np.nonzero(decided(condition))
    x, y = choices
    if not isinstance(condition, ValueArray) and type(condition) is not Value:
        return wrapped(np.asarray(np.where(condition, *map(array_of_objects, choices))))
    return elementwise(_select_element, (np.asarray(condition, dtype=object), x, y))


def _select_element(c: Any, x: Any, y: Any) -> Any:
    """Select by one node, also if the condition is itself a `where` that `compare` made."""
    if type(c) is not Value:
        return x if c else y
    if c.op == "where" and all(side.is_constant for side in c.inputs[1:]):
        condition, *sides = c.inputs
        numbers_of_sides = [side.data for side in sides]
        if numbers_of_sides == [0.0, 1.0]:
            return where(condition, y, x)
        if numbers_of_sides == [1.0, 0.0]:
            return where(condition, x, y)
    return where(c, x, y)


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
