"""The name that a frame's current instruction calls: ``("math", "exp")`` in ``math.exp(v)``.

Python calls ``__float__`` of a `Value` for ``float(v)`` and for ``math.exp(v)`` alike, and C
functions have no frame: only the caller's bytecode tells them apart. The source of the call would
be easier to read, but there is none for ``eval``, for a pipe, and at the prompt before Python 3.13.

This uses only public parts of ``dis``, and one property of CPython's compiler: the instructions
that load the callee start at the source position of the call (``co_positions``) and precede those
of the arguments. All that depends on bytecode is in this file. A call that cannot be read is
nameless, which `autograd.float_guard` refuses, so that no gradient is lost silently. Without
positions (``python -X no_debug_ranges``) the answer is None.
"""

import dis
import inspect
from types import CodeType, FrameType

Name = tuple[str, ...]
NAMELESS: Name = ()  # no call, or the callee has no dotted name: f(x)(v), f[0](v)
PERCENT: Name = ("%",)  # the operator, as in "%f" % v; a Value handles all others itself
MAX_KNOWN = 10_000

_ATTRIBUTES = {dis.opmap[name] for name in ("LOAD_ATTR", "LOAD_METHOD") if name in dis.opmap}
# Instructions that load a variable; their names differ between versions of Python.
_VARIABLES = {
    opcode
    for opcode in (*dis.haslocal, *dis.hasfree, *dis.hasname)
    if dis.opname[opcode].startswith("LOAD_")
    and not dis.opname[opcode].endswith(("ATTR", "METHOD"))
}
_FILLERS = {"CACHE", "NOP", "EXTENDED_ARG"}

# By id(code) and offset; the reference to the code keeps its id from being reused.
_known: dict[tuple[int, int], tuple[CodeType, Name | None]] = {}


def called_name(frame: FrameType) -> Name | None:
    """Return the dotted name that a frame's current instruction calls; cached, as it takes 1 ms."""
    code, at = frame.f_code, frame.f_lasti
    known = _known.get((id(code), at))
    if known is None:
        if len(_known) >= MAX_KNOWN:  # as in a session that keeps defining functions
            _known.clear()
        known = _known[id(code), at] = code, _read(code, at)
    return known[1]


def look_up(name: Name, frame: FrameType) -> object:
    """Look a dotted name up in a frame's scopes, without running properties."""
    first, *attributes = name
    scopes = (frame.f_locals, frame.f_globals, frame.f_builtins)
    result: object = next((scope[first] for scope in scopes if first in scope), None)
    for attribute in attributes:
        result = inspect.getattr_static(result, attribute, None)
    return result


def _read(code: CodeType, at: int) -> Name | None:
    """Read the name that is loaded by the last instruction that starts where the call does."""
    before = [i for i in dis.get_instructions(code) if i.offset <= at and i.opname not in _FILLERS]
    call = before.pop()  # in 3.11, the PRECALL of a built-in function
    where = call.positions
    if where is None or where.col_offset is None:
        return None
    if call.opname == "BINARY_OP" and call.argrepr in {"%", "%="}:
        return PERCENT
    if "CALL" not in call.opname:
        return NAMELESS
    starts = [i for i, instruction in enumerate(before) if _begins(instruction, where)]
    if not starts or before[starts[-1]].opcode not in _VARIABLES | _ATTRIBUTES:
        return NAMELESS
    last = starts[-1]
    while last + 1 < len(before) and before[last + 1].opcode in _ATTRIBUTES:
        last += 1  # on other lines, attributes have start positions of their own
    return _dotted(before[: last + 1])


def _begins(instruction: dis.Instruction, where: dis.Positions) -> bool:
    """Return whether an instruction computes a proper prefix of the source range ``where``."""
    p = instruction.positions
    return (
        p is not None
        and (p.lineno, p.col_offset) == (where.lineno, where.col_offset)
        and (p.end_lineno, p.end_col_offset) != (where.end_lineno, where.end_col_offset)
        and instruction.opname != "PUSH_NULL"
    )


def _dotted(instructions: list[dis.Instruction]) -> Name:
    """Return the dotted name that a sequence of instructions loads."""
    names: list[str] = []
    for instruction in reversed(instructions):
        if not isinstance(instruction.argval, str):  # two variables in one instruction
            break
        names.append(instruction.argval)
        if instruction.opcode in _VARIABLES:
            return tuple(reversed(names))
        if instruction.opcode not in _ATTRIBUTES:
            break
    return NAMELESS
