"""Write the compiled tape's source, ``_tape.pyx``, from the table and the templates.

Each primitive of fixed arity gets a branch of the two loops, with the C reading of its rules that
the kernel has, too; the loops of operations on lists are in the templates.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from autograd.native import source
from autograd.native.source import FIXED, for_c
from autograd.ops import CONSTANT, LEAF, Primitive

PARTS = (
    *("tape_head", "tape_arithmetic", "tape_build", "functions", "tape_lists"),
    *("tape_steps", "tape"),
)
ARITHMETIC = ("add", "sub", "mul", "neg")  # have loops without branches, in tape_arithmetic.pyx.in
SHORT = tuple(
    entry for entry in FIXED if len(entry.arguments) <= 2 and entry.name not in ARITHMETIC
)
WIDE = tuple(entry for entry in FIXED if len(entry.arguments) > 2)
LISTS = (
    *("sum", "mean", "prod", "dot", "max", "min", "logsumexp", "norm", "softmax"),
    *("cross_entropy", "take"),
)
NAMES = (LEAF, CONSTANT, *ARITHMETIC, *(entry.name for entry in (*SHORT, *WIDE)), *LISTS)
BORROWED = re.compile(r"\bc_(cbrt|lgamma|digamma|polygamma|round)\(")  # Python may be interrupted


def write(target: Path) -> None:
    """Write the tape's source to a file."""
    sections = {
        "names": _names, "constants": _constants, "libm": source.libm, "functions": _functions,
        "header": _header,
        "forwards": _forwards, "wide_forwards": _wide_forwards,
        "backwards": _backwards, "wide_backwards": _wide_backwards,
    }  # fmt: skip
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(source.fill(PARTS, sections), encoding="utf-8")


def _names() -> Iterator[str]:
    yield repr(NAMES)


def _header() -> Iterator[str]:
    yield (source.HERE / "tape_arithmetic.h").read_text(encoding="utf-8").replace("\\", r"\\")


def _constants() -> Iterator[str]:
    yield from source.constants(NAMES)
    yield f"\n    SHORT = {2 + len(ARITHMETIC) + len(SHORT)}  # codes below are of one or two numbers"


def _functions() -> Iterator[str]:
    """Write each rule as a function, so that its names are its own."""
    yield from source.functions()
    for entry in FIXED:
        yield _function(f"f_{entry.name}", entry.arguments, for_c(entry.rule, entry.name))
        for k, derivative in _derivatives(entry):
            yield _function(f"d_{entry.name}_{k}", (*entry.arguments, "z"), derivative)


def _function(name: str, arguments: tuple[str, ...], body: str) -> str:
    parameters = ", ".join(f"double {argument}" for argument in arguments)
    raising = "except? -1" if BORROWED.search(body) else "noexcept"
    return f"cdef inline double {name}({parameters}) {raising} nogil:\n    return {body}\n"


def _derivatives(entry: Primitive) -> Iterator[tuple[int, str]]:
    """Give the operands towards which something can flow, and the rules for C."""
    for k, text in enumerate(entry.partials):
        if for_c(text) != "0.0":
            yield k, for_c(text, entry.name)


def _forwards() -> Iterator[str]:
    for i, entry in enumerate(SHORT):
        yield f"            {'elif' if i else 'if'} code == CODE_{entry.name}:"
        yield f"                numbers[step.z] = f_{entry.name}({_operands(entry)})"


def _wide_forwards() -> Iterator[str]:
    for entry in WIDE:
        yield f"            elif code == CODE_{entry.name}:"
        yield f"                numbers[step.z] = f_{entry.name}({_operands(entry)})"


def _backwards() -> Iterator[str]:
    for i, entry in enumerate(SHORT):
        yield f"            {'elif' if i else 'if'} code == CODE_{entry.name}:"
        for k, _ in _derivatives(entry):
            yield from _send(entry, k, f"step.live & {1 + k}", f"step.{'xy'[k]}")
        yield "                pass"


def _wide_backwards() -> Iterator[str]:
    for entry in WIDE:
        yield f"            elif code == CODE_{entry.name}:"
        for k, _ in _derivatives(entry):
            yield from _send(entry, k, f"live[{k}]", f"at[{k}]")
        yield "                pass"


def _operands(entry: Primitive) -> str:
    count = len(entry.arguments)
    if count <= 2:
        return ", ".join(("first", "second")[:count])
    return ", ".join(f"numbers[at[{k}]]" for k in range(count))


def _send(entry: Primitive, k: int, live: str, position: str) -> Iterator[str]:
    """Add to the gradient of one operand, as the eager walk does: nothing flows along a 0."""
    yield f"                if {live}:"
    yield f"                    d = d_{entry.name}_{k}({_operands(entry)}, z)"
    yield "                    if d != 0.0:"
    yield f"                        grads[{position}] += g * d"
