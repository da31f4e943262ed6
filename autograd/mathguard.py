"""Catch ``math.exp(v)``: it would read the number and lose the gradient in silence.

Python asks a `Value` for its ``__float__`` both for ``float(v)`` and for ``math.exp(v)``, and does
not say which. The caller's bytecode does: each instruction knows its place in the source, so the
name that is called can be found and looked up. Where it cannot (``map(math.exp, values)``, or
``python -X no_debug_ranges``), the number is given as for ``float(v)``.
"""

import dis
import inspect
import sys
from types import BuiltinFunctionType, CodeType, FrameType

from autograd.ops import TABLE

# What to write instead, for the functions of `math` and `cmath` that have no namesake here.
INSTEAD = {
    "fabs": "autograd.abs(v)", "fsum": "autograd.sum(values)",
    "dist": "autograd.norm(differences)", "exp2": "2 ** v",
    "gamma": "autograd.exp(autograd.lgamma(v))",
    "degrees": "v * (180 / math.pi)", "radians": "v * (math.pi / 180)",
    "fmod": "v % y", "remainder": "v % y", "copysign": "autograd.abs(v) * autograd.sign(y)",
    "ldexp": "v * 2 ** n", "modf": "autograd.mod(v, 1)",
}  # fmt: skip
# These have no gradient to lose.
HARMLESS = {"isclose", "isfinite", "isinf", "isnan", "frexp", "nextafter", "ulp", "trunc"}
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

Names = tuple[str, ...] | None
_found: dict[
    int, tuple[CodeType, dict[int, Names]]
] = {}  # by id(code); the code keeps the id in use


def check(depth: int = 2) -> None:
    """Raise TypeError if the caller's caller is a function of `math` that has a derivative."""
    frame = sys._getframe(depth)  # noqa: SLF001 - the only way to the caller's bytecode
    names = _called_names(frame.f_code, frame.f_lasti)
    if names is None:
        return
    called = _resolve(names, frame)
    if not isinstance(called, BuiltinFunctionType) or called.__module__ not in {"math", "cmath"}:
        return
    name = called.__name__
    if name in HARMLESS:
        return
    instead = (
        f"autograd.{name}(v)" if name in TABLE else INSTEAD.get(name, "Value's own operations")
    )
    raise TypeError(
        f"{called.__module__}.{name} would lose the gradient of a Value: use {instead}, or "
        f"{called.__module__}.{name}(v.data) for the number alone"
    )


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
    if "CALL" not in call.opname or where is None or where.col_offset is None:
        return None
    starts = [i for i, instruction in enumerate(before) if _begins(instruction, where)]
    if not starts or before[starts[-1]].opname not in _BASES | _ATTRIBUTES:
        return None  # f(x)(v), f[0](v): what it calls has no name
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
    return None


def _resolve(dotted: tuple[str, ...], frame: FrameType) -> object:
    """Look a dotted name up as the frame would, without running anyone's properties."""
    first, *attributes = dotted
    scopes = (frame.f_locals, frame.f_globals, frame.f_builtins)
    found: object = next((names[first] for names in scopes if first in names), None)
    for name in attributes:
        found = inspect.getattr_static(found, name, None)
    return found
