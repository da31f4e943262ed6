"""Write the loops of reductions for the compiled kernel and the tape, from the table's rules.

`autograd.rules.loop_lowering` lowers a rule to statements. Here they become Cython: the kernel
reads its numbers from a tuple of nodes and computes the value and all derivatives at once; the tape
reads them from an array, through positions, and computes either alone.
"""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from autograd.kernels.cython.c_expressions import for_c_tree
from autograd.primitives import TABLE, Primitive
from autograd.rules.loop_lowering import (
    COUNT,
    INDEX,
    POSITION,
    Loops,
    LoopSegment,
    Statement,
    fused,
    kinds,
    lowered,
    names_in,
    shared,
    slots,
)

REDUCTIONS = tuple(entry for entry in TABLE.values() if entry.variadic)
RAISING = re.compile(r"\b(?:c_(?:cbrt|lgamma|digamma|polygamma|round)|hypot_of)\(")
STARTS = {"sum": "0.0", "prod": "1.0", "max": "-inf", "min": "inf", "sum_except": "0.0"}

KERNEL = '''
def list_{op}(tuple nodes):
    """{summary}"""
    cdef bytes partials = room_for(nodes, 1)
    cdef double* ds = <double*>PyBytes_AS_STRING(partials)
    cdef Py_ssize_t size = PyTuple_GET_SIZE(nodes), {counts}
{lines}
    return list_node(CODE_{op}, z, nodes, partials)
'''
TAPE = """
cdef {kind} {name}({parameters}) {raising} nogil:
    cdef Py_ssize_t {counts}
{lines}
"""
READS = "const int* at, Py_ssize_t size, Py_ssize_t k, const double* numbers, double* room"
WRITES = "const unsigned char* live, double g, double z, double* grads"


@dataclass
class _Text:
    """How one function reads and keeps its numbers."""

    entry: Primitive
    access: Callable[[str], str]  # the text of the input at a position
    array: Callable[[int, str], str]  # the text of an element of a slot

    def __post_init__(self) -> None:
        self.lists, self.ends = kinds(self.entry.arguments)
        self.slots: dict[str, int] = {}
        self.local: set[str] = set()  # arrays whose element of now is in a variable

    def counts(self) -> str:
        """Write how long the lists are, from ``size``, and declare the indices."""
        required, count = POSITION in self.ends, len(self.lists)
        numbers = "size - 1" if required else "size"
        if count > 1:
            numbers = f"({numbers}) // {count}" if required else f"size // {count}"
        return f"n = {numbers}, i"

    def offset(self, place: int) -> str:
        """Write where an argument begins among the inputs."""
        lists = min(place, len(self.lists))
        start = ["", "n"][lists] if lists < 2 else f"{lists} * n"
        beyond = place - lists
        return " + ".join([x for x in (start, str(beyond) if beyond else "") if x]) or "0"

    def expression(self, tree: ast.expr) -> str:
        """Write an expression as C."""
        return for_c_tree(tree, self.element)

    def element(self, name: str, index: ast.expr) -> str:
        """Write an element of an input or of an array."""
        place = ast.unparse(index)
        if name in self.lists:
            start = self.offset(self.lists.index(name))
            return self.access(place if start == "0" else f"{start} + {place}")
        if name in self.local and place == INDEX:
            return name
        return self.array(self.slots[name], place)

    def beginning(self, loops: Loops, *, position: bool) -> Iterator[str]:
        """Declare and read the arguments that are no lists, and declare what is computed."""
        used = {name for x in loops.statements for name in x.uses()}
        used |= {name for segment in loops.segments for name in names_in(segment.value)}
        for k, name in enumerate(self.ends, len(self.lists)):
            place = self.offset(k)
            if name != POSITION and name in used:
                yield f"cdef double {name} = {self.access(place)} if size > {place} else 0.0"
            elif name == POSITION and position:
                yield f"cdef Py_ssize_t k = <Py_ssize_t>{self.access(place)}"
        names = ["d", *dict.fromkeys(x.name for x in loops.statements)]
        yield f"cdef double {', '.join(names)}"
        flags = [f"found_{x.name}" for x in loops.statements if x.fold == "sum_except"]
        if flags:
            yield f"cdef bint {', '.join(flags)}"

    def body(self, groups: Iterable[list[Statement]]) -> Iterator[str]:
        """Write statements, each group of loops as one."""
        for group in groups:
            (first, *_) = group
            if not first.is_loop:
                yield f"{first.name} = {self.expression(first.value)}"
            elif first.fold == "norm":
                assert isinstance(first.value, ast.Subscript)
                array = self.array(self.slots[ast.unparse(first.value.value)], "0")
                yield f"{first.name} = hypot_of(&{array}, n)"
            elif first.fold == "suffix":
                yield from self.backwards(first)
            else:
                yield from self.loop(group)

    def loop(self, group: list[Statement]) -> Iterator[str]:
        for x in group:
            if x.fold in STARTS:
                yield f"{x.name} = {STARTS[x.fold]}"
            if x.fold == "sum_except":
                yield f"found_{x.name} = False"
        yield "for i in range(n):"
        for x in group:
            yield from (f"    {line}" for line in self.step(x))
        self.local.clear()

    def step(self, x: Statement) -> Iterator[str]:
        """Write what one statement does at one position."""
        value = self.expression(x.value)
        if x.fold == "list":
            yield f"{x.name} = {value}"
            yield f"{self.array(self.slots[x.name], INDEX)} = {x.name}"
            self.local.add(x.name)
        elif x.fold == "sum":
            yield f"{x.name} += {value}"
        elif x.fold == "prod":
            if x.prefix:
                yield f"{self.array(self.slots[x.prefix], INDEX)} = {x.name}"
            yield f"{x.name} *= {value}"
        elif x.fold == "sum_except":
            yield f"if not found_{x.name} and {value} == {self.expression(x.more[0])}:"
            yield f"    found_{x.name} = True"
            yield "else:"
            yield f"    {x.name} += {value}"
        else:
            sign = ">" if x.fold == "max" else "<"
            yield f"d = {value}"
            yield f"if d {sign} {x.name} or d != d:"
            yield f"    {x.name} = d"

    def backwards(self, x: Statement) -> Iterator[str]:
        """Multiply the products before each position by those behind it."""
        before = self.array(self.slots[ast.unparse(x.more[0])], INDEX)
        yield f"{x.name} = 1.0"
        yield "for i in range(n - 1, -1, -1):"
        yield f"    d = {self.expression(x.value)}"
        yield f"    {self.array(self.slots[x.name], INDEX)} = {before} * {x.name}"
        yield f"    {x.name} *= d"


def kernel_functions() -> Iterator[str]:
    """Write the kernel's functions, one a reduction, and their dictionary."""
    for entry in REDUCTIONS:
        yield _kernel_function(entry)
    yield "\nLISTS = {"
    yield from (f"    {entry.name!r}: list_{entry.name}," for entry in REDUCTIONS)
    yield "}"


def _kernel_function(entry: Primitive) -> str:
    loops = lowered(entry, value=True, derivatives=True)

    def array(slot: int, place: str) -> str:
        return f"ds[{place}]" if slot == 0 else f"room[{_place(slot - 1, place)}]"

    text = _Text(entry, lambda place: f"at(nodes, {place})", array)
    groups = fused(loops.statements)
    text.slots = slots(groups, [segment.value for segment in loops.segments], stored=True)
    extra = max(text.slots.values(), default=0)
    lines = list(text.beginning(loops, position=True))
    if extra:
        lines.append(f"cdef bytes memory = room_for(nodes, {extra})")
        lines.append("cdef double* room = <double*>PyBytes_AS_STRING(memory)")
    lines += text.body(groups)
    for k, segment in enumerate(loops.segments):
        lines += _stored(text, segment, text.offset(k))
    return KERNEL.format(
        op=entry.name, summary=entry.summary, counts=text.counts(), lines=_indented(lines)
    )


def _stored(text: _Text, segment: LoopSegment, start: str) -> Iterator[str]:
    value = text.expression(segment.value)
    if segment.is_list:
        place = f"ds[{INDEX if start == '0' else f'{start} + i'}]"
        if value != place:
            yield "for i in range(n):"
            yield f"    {place} = {value}"
    elif POSITION in text.ends:
        yield f"ds[{start}] = {value}"
    else:  # it may have been left out
        yield f"if size > {start}:"
        yield f"    ds[{start}] = {value}"


def tape_functions() -> Iterator[str]:
    """Write the tape's functions: of each reduction the value, and the way back."""
    for entry in REDUCTIONS:
        yield from _tape_functions(entry, lowered(entry, value=True, derivatives=False))
        yield from _tape_functions(entry, lowered(entry, value=False, derivatives=True))


def _tape_text(entry: Primitive) -> _Text:
    return _Text(
        entry,
        lambda place: f"numbers[at[{place}]]",
        lambda slot, place: f"room[{_place(slot, place)}]",
    )


def _tape_functions(entry: Primitive, loops: Loops) -> Iterator[str]:
    back = bool(loops.segments)
    common = shared(loops) if entry.name in SHARED else 0
    text = _tape_text(entry)
    early, late = fused(loops.statements[:common]), loops.statements[common:]
    later = fused(late, [name for x in loops.statements[:common] for name in (x.name, *x.arrays)])
    last = [segment.value for segment in loops.segments]
    text.slots = slots([*early, *later], last, stored=False)
    way = "reverse" if back else "forward"
    if common:
        first = Loops(loops.statements[:common])
        lines = [*text.beginning(first, position=False), *text.body(early), "return 0"]
        yield _tape_function(f"prepare_{way}_{entry.name}", "int", READS, text, lines)
    rest = Loops(late, loops.segments)
    lines = [*text.beginning(rest, position=False), *text.body(later)]
    for k, segment in enumerate(loops.segments):
        lines += _sent(text, segment, text.offset(k))
    kind, parameters = ("int", f"{READS}, {WRITES}") if back else ("double", READS)
    lines.append("return 0" if back else "return z")
    yield _tape_function(f"{way}_{entry.name}", kind, parameters, text, lines)


def _tape_function(name: str, kind: str, parameters: str, text: _Text, lines: list[str]) -> str:
    raising = "noexcept"
    if RAISING.search("\n".join(lines)):
        raising = "except -1" if kind == "int" else "except? -1"
    return TAPE.format(
        name=name, kind=kind, parameters=parameters, counts=text.counts(), raising=raising,
        lines=_indented(lines),
    )  # fmt: skip


def _sent(text: _Text, segment: LoopSegment, start: str) -> Iterator[str]:
    """Write what a segment adds to gradients; nothing flows along a 0."""
    place = INDEX if start == "0" else f"{start} + i"
    if not segment.is_list:
        if ast.unparse(segment.value) in ("0", "0.0"):
            return
        place, value = start, segment.value
        yield f"if size > {place} and live[{place}]:"
    elif (chosen := _one_hot(segment.value)) is not None:
        value = chosen
        yield "i = k"
        yield f"if live[{place}]:"
    else:
        value = segment.value
        yield "for i in range(n):"
        yield f"    if live[{place}]:"
    inner = "        " if segment.is_list and value is segment.value else "    "
    yield f"{inner}d = {text.expression(value)}"
    yield f"{inner}if d != 0.0:"
    yield f"{inner}    grads[at[{place}]] += g * d"


def _one_hot(tree: ast.expr) -> ast.expr | None:
    """Return what is at position k where all other derivatives are 0."""
    match tree:
        case ast.IfExp(test=test, body=body, orelse=ast.Constant(value=0)):
            if ast.unparse(test) in ("i == k", "k == i"):
                return body
    return None


def forward_branches() -> Iterator[str]:
    """Write the branches of the tape's loop forward."""
    for entry in REDUCTIONS:
        call = f"{entry.name}(at, n, k, numbers, room)"
        yield from _branch(entry, "forward", f"z = forward_{call}", f"prepare_forward_{call}")


def backward_branches() -> Iterator[str]:
    """Write the branches of the tape's loop back."""
    for entry in REDUCTIONS:
        call = f"{entry.name}(at, n, k, numbers, room"
        yield from _branch(
            entry, "reverse", f"reverse_{call}, live, g, z, grads)", f"prepare_reverse_{call})"
        )


def _branch(entry: Primitive, way: str, call: str, prepare: str) -> Iterator[str]:
    back = way == "reverse"
    loops = lowered(entry, value=not back, derivatives=back)
    indented = "                "
    yield f"            elif code == CODE_{entry.name}:"
    if POSITION in entry.arguments:
        yield f"{indented}k = position(numbers[at[n - 1]], n - 1)"
        yield f"{indented}if k < 0:"
        yield f"{indented}    return step.z"
    if entry.name in SHARED:
        yield f"{indented}if held != at[n]:"
        yield f"{indented}    held = at[n]"
        yield f"{indented}    {prepare}"
    elif any(x.arrays for x in loops.statements):
        yield f"{indented}held = -1"
    yield f"{indented}{call}"


def shared_codes() -> Iterator[str]:
    """Write which steps share what they prepare with others of the same numbers."""
    tests = " or ".join(f"code == CODE_{name}" for name in SHARED) or "False"
    yield f"    return {tests}"


def room() -> Iterator[str]:
    """Write how many arrays a function of the tape has at most."""
    found = 1
    for entry in REDUCTIONS:
        for back in (False, True):
            loops = lowered(entry, value=not back, derivatives=back)
            if entry.name in SHARED:
                shared(loops)
            last = [segment.value for segment in loops.segments]
            places = slots(fused(loops.statements), last, stored=False)
            found = max([found, *[1 + slot for slot in places.values()]])
    yield f"    ROOM = {found}"


def _shared(entry: Primitive) -> bool:
    """Whether both ways of a reduction prepare something for all positions of one list."""
    ways = [lowered(entry, value=not back, derivatives=back) for back in (False, True)]
    return POSITION in entry.arguments and all(map(shared, ways))


SHARED = tuple(entry.name for entry in REDUCTIONS if _shared(entry))


def _place(slot: int, place: str) -> str:
    return place if slot == 0 else f"{slot} * n + {place}"


def _indented(lines: Iterable[str]) -> str:
    return "\n".join(f"    {line}" for line in lines)


assert COUNT == "n"  # as the templates call it
