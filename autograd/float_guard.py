"""Catch ``math.exp(v)`` and ``a[0] = v``: C code would read the number and lose the gradient.

Python asks a `Value` for its ``__float__`` both for ``float(v)`` and for ``math.exp(v)``;
`autograd._callee` finds out what is called. Outside derivatives, only a line that calls ``float``
or ``int`` gets the number, one that formats it (``"%f" % v``), and functions of `math` that have no
gradient to lose. Inside, none does: ``v.data`` says that a number is meant.

Where it cannot be known (``python -X no_debug_ranges``), the number is given as for ``float(v)``.
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

# What to write instead, for the functions of `math` and `cmath` that have no namesake here, or
# where that takes other arguments.
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
# These have no gradient to lose: the first answer yes or no.
PREDICATES = {"isclose", "isfinite", "isinf", "isnan"}
HARMLESS = PREDICATES | {"ulp", "trunc"}
EXTREMES = {"maximum", "minimum", "fmax", "fmin", "clip"}  # ufuncs; NumPy hides that of clip
NUMBERS = (float, int, np.floating, np.integer, np.bool_)  # who calls these asks for a number
WAY_OUT = (
    "compute with the Value and autograd's functions, keep it in a list or in an array of dtype "
    "object (np.array(values, dtype=object)), or write v.data, [v.data for v in values], where "
    "numbers alone are meant"
)


def check(conversion: str, x: Any, depth: int = 2) -> None:
    """Raise ConcretizationError if the caller's caller would lose the gradient of a number."""
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
    """Raise ConcretizationError if NumPy's maximum of objects takes a NaN for the smaller one.

    In lists and plain arrays of objects it asks Python for ``x >= y``, which is False for a NaN,
    and takes the other. While a function is traced, these questions become guards.
    """
    frame = sys._getframe(depth)  # noqa: SLF001 - as above
    name = called_name(frame)
    if not name:
        return
    called = look_up(name[:-1] if name[-1] in {"reduce", "accumulate"} else name, frame)
    called = getattr(called, "__self__", called)  # NumPy keeps some of their methods by name
    if isinstance(called, np.ufunc) and called.__name__ in EXTREMES and (x != x or y != y):
        raise ConcretizationError(
            f"np.{called.__name__} of a list, or of a plain array of objects, would lose a NaN "
            f"among {x!r} and {y!r}, at {users_line()}; give it an autograd.ValueArray([v, w]), "
            "or use autograd.max, min, maximum, minimum and clip"
        )


def no_index(x: Any) -> TypeError:
    """Build the error for a Value where Python wants a whole number: as an index or a count."""
    return TypeError(
        f"{x!r} is no whole number to count or to index with, at {users_line()}; choose with "
        "autograd.take(rows, i) where you would write rows[i], and give a plain int to range, to "
        "slices and as a size"
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
