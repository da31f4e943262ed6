"""Catch ``math.exp(v)`` and ``a[0] = v``: C code would read the number and lose the gradient.

Python asks a `Value` for its ``__float__`` both for ``float(v)`` and for ``math.exp(v)``, and does
not say which. The caller's bytecode does: each instruction knows its place in the source, so the
name that is called can be found and looked up. Outside derivatives, only a line that calls
``float`` or ``int`` gets the number, one that formats it (``"%f" % v``), and functions of `math`
that have no gradient to lose. Inside, none does: ``v.data`` says that a number is meant.

Where there are no places (``python -X no_debug_ranges``), the number is given as for ``float(v)``.
"""

import dis
import inspect
import sys
from types import BuiltinFunctionType, CodeType, FrameType
from typing import Any

import numpy as np

from autograd.anomaly import folders, users_line
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
# But not in the Python lines of these, which compute: the user has not asked.
LIBRARIES = folders("numpy", "pandas", "scipy", "sklearn")
WAY_OUT = (
    "compute with the Value and autograd's functions, keep it in a list or in an array of dtype "
    "object (np.array(values, dtype=object)), or write v.data, [v.data for v in values], where "
    "numbers alone are meant"
)
_BASES = {
    "LOAD_GLOBAL",
    "LOAD_NAME",
    "LOAD_FAST",
    "LOAD_FAST_CHECK",
    "LOAD_DEREF",
    "LOAD_CLASSDEREF",
}
_ATTRIBUTES = {"LOAD_ATTR", "LOAD_METHOD"}
_FILLERS = {"CACHE", "NOP", "EXTENDED_ARG"}

Names = tuple[str, ...] | None  # None: it cannot be told
NAMELESS: Names = ()  # no call, or of something that has no name
FORMATTING: Names = ("%",)
_found: dict[
    int, tuple[CodeType, dict[int, Names]]
] = {}  # by id(code); the code keeps the id in use


def check(conversion: str, x: Any, depth: int = 2) -> None:
    """Raise ConcretizationError if the caller's caller would lose the gradient of a number."""
    frame = sys._getframe(depth)  # noqa: SLF001 - the only way to the caller's bytecode
    names = _called_names(frame.f_code, frame.f_lasti)
    if names is FORMATTING:
        return
    called = _resolve(names, frame) if names else None
    if isinstance(called, BuiltinFunctionType) and called.__module__ in {"math", "cmath"}:
        _check_math(called)
    elif transforming():
        raise ConcretizationError(
            f"{conversion}() of {x!r} would lose its gradient while a derivative is being taken, "
            f"at {users_line()}; {WAY_OUT}"
        )
    elif names is not None and not (
        _asks_for_a_number(names, called) and not frame.f_code.co_filename.startswith(LIBRARIES)
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
    names = _called_names(frame.f_code, frame.f_lasti)
    if not names:
        return
    called = _resolve(names[:-1] if names[-1] in {"reduce", "accumulate"} else names, frame)
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


def _asks_for_a_number(names: tuple[str, ...], called: object) -> bool:
    if isinstance(called, type):
        return issubclass(called, NUMBERS)
    return bool(names) and names[-1] in {"__float__", "__int__"}


def _called_names(code: CodeType, at: int) -> Names:
    """Return the dotted name that an instruction calls; kept, since an analysis takes 1 ms."""
    if len(_found) > 1000:  # a session that defines function after function
        _found.clear()
    _, known = _found.setdefault(id(code), (code, {}))
    if at not in known:
        known[at] = _analysed(code, at)
    return known[at]


def _analysed(code: CodeType, at: int) -> Names:
    """Find the instruction that loads what the call calls: it starts where the call starts."""
    before = [i for i in dis.get_instructions(code) if i.offset <= at and i.opname not in _FILLERS]
    call = before.pop()  # 3.11 runs what it knows to be built in from PRECALL
    where = call.positions
    if where is None or where.col_offset is None:
        return None
    if call.opname == "BINARY_OP" and call.argrepr in {"%", "%="}:
        return FORMATTING  # a Value answers to % itself, but for that of text
    if "CALL" not in call.opname:
        return NAMELESS
    starts = [i for i, instruction in enumerate(before) if _begins(instruction, where)]
    if not starts or before[starts[-1]].opname not in _BASES | _ATTRIBUTES:
        return NAMELESS  # f(x)(v), f[0](v): what it calls has no name
    last = starts[-1]
    while last + 1 < len(before) and before[last + 1].opname in _ATTRIBUTES:
        last += 1  # on other lines these have starts of their own
    return _dotted(before[: last + 1])


def _begins(instruction: dis.Instruction, where: dis.Positions) -> bool:
    """Whether an instruction computes a first part of what stands there."""
    p = instruction.positions
    return (
        p is not None
        and (p.lineno, p.col_offset) == (where.lineno, where.col_offset)
        and (p.end_lineno, p.end_col_offset) != (where.end_lineno, where.end_col_offset)
        and instruction.opname != "PUSH_NULL"
    )


def _dotted(instructions: list[dis.Instruction]) -> Names:
    """Read a name and its attributes back from the instruction that loads the last of them."""
    names: list[str] = []
    for instruction in reversed(instructions):
        if instruction.opname in _BASES:
            return (str(instruction.argval), *reversed(names))
        if instruction.opname not in _ATTRIBUTES:
            break
        names.append(str(instruction.argval))
    return NAMELESS


def _resolve(dotted: tuple[str, ...], frame: FrameType) -> object:
    """Look a dotted name up as the frame would, without running anyone's properties."""
    first, *attributes = dotted
    scopes = (frame.f_locals, frame.f_globals, frame.f_builtins)
    found: object = next((names[first] for names in scopes if first in names), None)
    for name in attributes:
        found = inspect.getattr_static(found, name, None)
    return found
