"""Write the compiled tape's source, ``_tape.pyx``, from the table and the templates.

Each primitive gets a branch in the forward and in the backward loop, with the same C expressions as
in the kernel; reductions get functions of their own (`autograd.kernels.cython.reduction_source`).
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from autograd.expressions.tree import number, parse
from autograd.kernels.cython import reduction_source, source
from autograd.kernels.cython.c_expressions import called, for_c
from autograd.kernels.cython.source import FIXED
from autograd.primitives import CONSTANT, LEAF, Primitive

PARTS = (
    *("tape_head", "tape_arithmetic", "tape_build", "functions", "tape_lists"),
    *("tape_mixed", "tape_loops", "tape", "tape_structure", "modes", "tape_call"),
)
ARITHMETIC = ("add", "sub", "mul", "neg")  # have branchless loops, in tape_arithmetic.pyx.in
ZEROS = (number(0), number(0.0))
BORROWED = {"cbrt", "lgamma", "digamma", "polygamma", "round"}  # call Python, which may raise


def _is_short(entry: Primitive) -> bool:
    """Whether an operation has one or two operands and never calls Python."""
    rules = (entry.rule, *entry.partials)
    return len(entry.arguments) <= 2 and not any(BORROWED & called(rule) for rule in rules)


SHORT = tuple(e for e in FIXED if _is_short(e) and e.name not in ARITHMETIC)
WIDE = tuple(e for e in FIXED if not _is_short(e))
LISTS = tuple(entry.name for entry in reduction_source.REDUCTIONS)
NAMES = (LEAF, CONSTANT, *ARITHMETIC, *(entry.name for entry in (*SHORT, *WIDE)), *LISTS)


def write(target: Path) -> None:
    """Write the tape's source to a file."""
    sections = {
        "names": _names, "digest": source.digest, "constants": _constants, "libm": source.libm,
        "functions": _functions, "header": _header,
        "forwards": _forwards, "wide_forwards": _wide_forwards,
        "backwards": _backwards, "wide_backwards": _wide_backwards,
        "lists": reduction_source.tape_functions, "shared": reduction_source.shared_codes,
        "list_forwards": reduction_source.forward_branches,
        "list_backwards": reduction_source.backward_branches,
    }  # fmt: skip
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(source.fill(PARTS, sections), encoding="utf-8")


def _names() -> Iterator[str]:
    yield repr(NAMES)


def _header() -> Iterator[str]:
    yield (source.HERE / "tape_arithmetic.h").read_text(encoding="utf-8").replace("\\", r"\\")


def _constants() -> Iterator[str]:
    yield from source.constants(NAMES)
    yield from reduction_source.room()
    yield f"    SHORT = {2 + len(ARITHMETIC) + len(SHORT)}  # codes below have one or two operands"


def _functions() -> Iterator[str]:
    """Write each rule as a function, with its own scope of names."""
    yield from source.functions()
    for entry in FIXED:
        yield _function(f"f_{entry.name}", entry.arguments, entry.rule)
        for k in _derivatives(entry):
            yield _function(f"d_{entry.name}_{k}", (*entry.arguments, "z"), entry.partials[k])


def _function(name: str, arguments: tuple[str, ...], rule: str) -> str:
    parameters = ", ".join(f"double {argument}" for argument in arguments)
    raising = "except? -1" if BORROWED & called(rule) else "noexcept"
    head = f"cdef inline double {name}({parameters}) {raising} nogil:"
    return f"{head}\n    return {for_c(rule, name)}\n"


def _derivatives(entry: Primitive) -> list[int]:
    """Return the operands whose derivative is not identically 0."""
    return [k for k, rule in enumerate(entry.partials) if parse(rule) not in ZEROS]


def _forwards() -> Iterator[str]:
    yield from _branches(SHORT, _forward)


def _wide_forwards() -> Iterator[str]:
    yield from _branches(WIDE, _forward)


def _backwards() -> Iterator[str]:
    yield from _branches(SHORT, _backward)


def _wide_backwards() -> Iterator[str]:
    yield from _branches(WIDE, _backward)


def _branches(
    entries: Iterable[Primitive], body: Callable[[Primitive], Iterator[str]]
) -> Iterator[str]:
    for entry in entries:
        yield f"            elif code == CODE_{entry.name}:"
        yield from (f"                {line}" for line in body(entry))


def _forward(entry: Primitive) -> Iterator[str]:
    yield f"z = f_{entry.name}({_operands(entry)})"


def _backward(entry: Primitive) -> Iterator[str]:
    """Add to the operands' gradients, as the eager backward pass: nothing flows along a 0."""
    is_short = entry in SHORT
    yield "pass"
    for k in _derivatives(entry):
        live = f"step.live & {1 + k}" if is_short else f"live[{k}]"
        operand = f"step.{'xy'[k]}" if is_short else f"at[{k}]"
        yield f"if {live}:"
        yield f"    d = d_{entry.name}_{k}({_operands(entry)}, z)"
        yield "    if d != 0.0:"
        if is_short and k == 0:
            yield "        if step.live & PREVIOUS:"
            yield "            flow = g * d"
            yield "        else:"
            yield f"            grads[{operand}] += g * d"
        else:
            yield f"        grads[{operand}] += g * d"


def _operands(entry: Primitive) -> str:
    if entry in SHORT:
        return ", ".join(("first", "second")[: len(entry.arguments)])
    return ", ".join(f"numbers[at[{k}]]" for k in range(len(entry.arguments)))
