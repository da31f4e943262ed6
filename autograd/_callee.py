"""The name that a frame's current instruction calls: ``("math", "exp")`` in ``math.exp(v)``.

Python asks a `Value` for its ``__float__`` in ``float(v)`` as in ``math.exp(v)`` and does not say
which: C functions have no frame. Only the caller's bytecode knows. The call's source would be
easier to read, but is not there for ``eval``, for a pipe, and for the prompt before Python 3.13.

This uses the public parts of `dis` alone, and one property of the compiler: what computes the
callee starts where the call starts in the source (`co_positions`), and comes before the arguments.
All that depends on bytecode is in this file. Where it fails, nothing is lost silently: a call that
cannot be read counts as nameless, which `autograd.float_guard` refuses. Without positions (``python
-X no_debug_ranges``) there is no answer, None.
"""

import dis
import inspect
from types import CodeType, FrameType

Name = tuple[str, ...]
NAMELESS: Name = ()  # no call, or of something that has no name: f(x)(v), f[0](v)
PERCENT: Name = ("%",)  # the operator, which formats text; a Value answers to others itself
MAX_KNOWN = 10_000

_ATTRIBUTES = {dis.opmap[name] for name in ("LOAD_ATTR", "LOAD_METHOD") if name in dis.opmap}
# Instructions that load a variable, whatever a version of Python calls them.
_VARIABLES = {
    opcode
    for opcode in (*dis.haslocal, *dis.hasfree, *dis.hasname)
    if dis.opname[opcode].startswith("LOAD_")
    and not dis.opname[opcode].endswith(("ATTR", "METHOD"))
}
_FILLERS = {"CACHE", "NOP", "EXTENDED_ARG"}

# By id(code) and instruction; the code beside the name keeps its id in use.
_known: dict[tuple[int, int], tuple[CodeType, Name | None]] = {}


def called_name(frame: FrameType) -> Name | None:
    """Return the dotted name that a frame's instruction calls; kept, since reading takes 1 ms."""
    code, at = frame.f_code, frame.f_lasti
    known = _known.get((id(code), at))
    if known is None:
        if len(_known) >= MAX_KNOWN:  # a session that defines function after function
            _known.clear()
        known = _known[id(code), at] = code, _read(code, at)
    return known[1]


def look_up(name: Name, frame: FrameType) -> object:
    """Look a dotted name up as the frame would, without running anyone's properties."""
    first, *attributes = name
    scopes = (frame.f_locals, frame.f_globals, frame.f_builtins)
    result: object = next((scope[first] for scope in scopes if first in scope), None)
    for attribute in attributes:
        result = inspect.getattr_static(result, attribute, None)
    return result


def _read(code: CodeType, at: int) -> Name | None:
    """Find the instruction that loads the callee: the last that starts where the call starts."""
    before = [i for i in dis.get_instructions(code) if i.offset <= at and i.opname not in _FILLERS]
    call = before.pop()  # 3.11 runs what it knows to be built in from PRECALL
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


def _dotted(instructions: list[dis.Instruction]) -> Name:
    """Read a variable and its attributes back from the instruction that loads the last of them."""
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
