"""Guard against silent conversions: ``math.exp(v)`` and ``a[0] = v`` would lose the gradient.

Python calls ``__float__`` of a `Value` both for ``float(v)`` and for ``math.exp(v)``;
`autograd._callee` finds out what the caller calls. Outside transforms, explicit calls of ``float``
and ``int``, formatting (``"%f" % v``) and functions of ``math`` without a gradient get the number.
Inside transforms only those functions of ``math`` that answer yes or no do: write ``v.data``.

Where the callee cannot be known (``python -X no_debug_ranges``), the call counts as ``float(v)``.
"""

import sys
from types import BuiltinFunctionType
from typing import Any

import numpy as np

from autograd._callee import PERCENT, Name, called_name, look_up
from autograd._frames import is_numerical, users_line
from autograd.context import transforming
from autograd.errors import ConcretizationError
from autograd.primitives import TABLE

# What to write instead of those functions of ``math`` and ``cmath`` that have no namesake here, or
# whose namesake takes other arguments.
INSTEAD = {
    "fabs": "autograd.abs(v)", "fsum": "autograd.sum(values)",
    "dist": "autograd.norm(differences)", "exp2": "2 ** v",
    "hypot": "autograd.norm([v, w])", "sumprod": "autograd.dot(xs, ys)", "fma": "x * y + z",
    "log": "autograd.log(v), divided by math.log(base) if there is a base,",
    "gamma": "autograd.exp(autograd.lgamma(v))",
    "degrees": "v * (180 / math.pi)", "radians": "v * (math.pi / 180)",
    "fmod": "v - y * math.trunc(v / y)", "remainder": "v - y * round(v / y)",
    "copysign": "autograd.where(y < 0, -abs(v), abs(v))",
    "ldexp": "v * 2 ** n", "modf": "v - math.trunc(v) and math.trunc(v)",
    "frexp": "v * 2.0 ** -n",
}  # fmt: skip
# Functions of ``math`` without a gradient to lose; predicates are allowed inside transforms too.
PREDICATES = {"isclose", "isfinite", "isinf", "isnan"}
HARMLESS = PREDICATES | {"ulp", "trunc"}
EXTREMES = {"maximum", "minimum", "fmax", "fmin", "clip"}  # ufuncs; that of clip is not public
NUMBERS = (float, int, np.floating, np.integer, np.bool_)  # what explicit conversions call
WAY_OUT = (
    "compute with the Value and autograd's functions, keep it in a list or in an array of dtype "
    "object (np.array(values, dtype=object)), or write v.data, [v.data for v in values], where "
    "numbers alone are meant"
)


def check(conversion: str, x: Any, depth: int = 2) -> None:
    """Raise ConcretizationError if the caller's caller would lose the gradient of a `Value`."""
    frame = sys._getframe(depth)  # noqa: SLF001 - the only way to the caller's bytecode
    name = called_name(frame)
    if name is PERCENT:
        return
    called = look_up(name, frame) if name else None
    if isinstance(called, BuiltinFunctionType) and called.__module__ in {"math", "cmath"}:
        _check_math(called)
    elif transforming():
        raise ConcretizationError(
            f"{conversion}() of {x!r} would lose its gradient while a derivative is being taken, "
            f"at {users_line()}; {WAY_OUT}"
        )
    elif name is not None and not (
        _asks_for_a_number(name, called) and not is_numerical(frame.f_code.co_filename)
    ):
        raise ConcretizationError(
            f"{x!r} would become a plain {conversion} behind your back and lose its gradient, at "
            f"{users_line()}; {WAY_OUT}"
        )


def check_extreme(x: Any, y: Any, depth: int = 3) -> None:
    """Raise ConcretizationError if a maximum or minimum of NumPy would drop a NaN.

    For lists and plain object arrays NumPy evaluates ``x >= y`` in Python, which is False for a
    NaN, and takes the other operand. While a function is traced, these comparisons become guards.
    """
    frame = sys._getframe(depth)  # noqa: SLF001 - as above
    name = called_name(frame)
    if not name:
        return
    called = look_up(name[:-1] if name[-1] in {"reduce", "accumulate"} else name, frame)
    called = getattr(called, "__self__", called)  # a bound method under another name, as in np.max
    if isinstance(called, np.ufunc) and called.__name__ in EXTREMES and (x != x or y != y):
        raise ConcretizationError(
            f"np.{called.__name__} of a list, or of a plain array of objects, would lose a NaN "
            f"among {x!r} and {y!r}, at {users_line()}; give it an autograd.ValueArray([v, w]), "
            "or use autograd.max, min, maximum, minimum and clip"
        )


def no_index(x: Any) -> TypeError:
    """Build the error for a `Value` where Python needs an int: as an index or a count."""
    return TypeError(
        f"{x!r} is no whole number to count or to index with, at {users_line()}; choose with "
        "autograd.take(rows, i) where you would write rows[i], and give a plain int to range, to "
        "slices and as a size; an argument of a compiled function stays one if it is named in "
        "compile(..., static=...)"
    )


def _check_math(called: BuiltinFunctionType) -> None:
    name = called.__name__
    if name in (PREDICATES if transforming() else HARMLESS):
        return
    own = f"autograd.{name}(v)" if name in TABLE else "Value's own operations"
    raise ConcretizationError(
        f"{called.__module__}.{name} would lose the gradient of a Value, at {users_line()}: use "
        f"{INSTEAD.get(name, own)}, or {called.__module__}.{name}(v.data) for the number alone"
    )


def _asks_for_a_number(name: Name, called: object) -> bool:
    if isinstance(called, type):
        return issubclass(called, NUMBERS)
    return bool(name) and name[-1] in {"__float__", "__int__"}
