"""Catch ``math.exp(v)``: it would read the number and lose the gradient in silence.

Python asks a `Value` for its ``__float__`` both for ``float(v)`` and for ``math.exp(v)``, and does
not say which. The caller's bytecode does: each instruction knows its place in the source, so the
function that is called can be found and looked up. Where it cannot (``map(math.exp, values)``),
the number is given as for ``float(v)``.
"""

import builtins
import dis
import itertools
import math
import sys
from types import BuiltinFunctionType, FrameType

from autograd.ops import TABLE

# Functions of `math` that have a differentiable counterpart here, by its name.
COUNTERPARTS = {
    **{name: name for name in TABLE if hasattr(math, name)},
    "fabs": "abs", "fsum": "sum", "fmod": "mod", "dist": "norm", "sumprod": "dot",
}  # fmt: skip


def check(depth: int = 2) -> None:
    """Raise TypeError if the caller's caller is a function of `math` with a counterpart here."""
    frame = sys._getframe(depth)  # noqa: SLF001 - the only way to the caller's bytecode
    called = _called(frame)
    if isinstance(called, BuiltinFunctionType) and called.__module__ == "math":
        name = called.__name__
        if name in COUNTERPARTS:
            raise TypeError(
                f"math.{name} would lose the gradient of a Value: use autograd.{COUNTERPARTS[name]}, or "
                f"math.{name}(v.data) for the number alone"
            )


def _called(frame: FrameType) -> object:
    """Find the object that the frame's current instruction calls, None where it is not plain."""
    code = frame.f_code
    if COUNTERPARTS.keys().isdisjoint(code.co_names):  # nearly always: no such name in this code
        return None
    here = frame.f_lasti // 2
    line, end_line, start, end = next(itertools.islice(code.co_positions(), here, None))
    if None in (line, end_line, start, end):
        return None
    chain: dict[tuple[int, int], dis.Instruction] = {}
    for instruction in dis.get_instructions(code):
        at = instruction.positions
        if at is None or instruction.offset >= frame.f_lasti:
            continue
        if (at.lineno, at.col_offset) == (line, start) and instruction.opname.startswith("LOAD_"):
            if (at.end_lineno, at.end_col_offset) != (end_line, end):
                chain[(at.end_lineno or 0, at.end_col_offset or 0)] = instruction
    return _resolve([chain[key] for key in sorted(chain)], frame)


def _resolve(chain: list[dis.Instruction], frame: FrameType) -> object:
    """Look a dotted name up as the frame would: a name, then attributes."""
    if not chain or not isinstance(chain[0].argval, str):
        return None
    name = chain[0].argval
    for names in (frame.f_locals, frame.f_globals, vars(builtins)):
        if name in names:
            found: object = names[name]
            break
    else:
        return None
    for instruction in chain[1:]:
        found = getattr(found, str(instruction.argval), None)
    return found
