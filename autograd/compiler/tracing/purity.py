"""Compare two traces of one function: Python runs once, so it must do the same each time.

A number that Python brings along (a counter, noise, a weight that is annealed) becomes a constant
of the program, and a branch on Python's own state its structure. Another trace tells: where the
arguments have the same structure and comparisons came out alike, it must be the same program.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from operator import is_

import numpy as np
from numpy.typing import NDArray

from autograd._frames import users_line
from autograd.compiler.tracing.scalar_ir import ScalarProgram
from autograd.compiler.tracing.trace import SIGNS, Guard, LeafNodes, Trace
from autograd.context import context
from autograd.graph import Node
from autograd.primitives import CONSTANT, LEAF
from autograd.value import Value

SIGN_CODES = {sign: code for code, sign in enumerate(SIGNS)}


@dataclass(frozen=True)
class Fingerprint:
    """What a trace is compared by; of Values, it keeps those that the function closes over."""

    scalars: ScalarProgram
    result: int
    outputs: tuple[int, ...]
    guards: tuple[Guard, ...]
    parameters: LeafNodes

    @cached_property
    def comparisons(self) -> NDArray[np.int32]:
        """The guards as rows: sign, both sides, outcome."""
        rows = [(SIGN_CODES[g.sign], g.x, g.y, g.outcome) for g in self.guards]
        return np.array(rows, np.int32).reshape(-1, 4)


def fingerprint(trace: Trace, arguments: int) -> Fingerprint:
    """Return what a trace is compared by; its first ``arguments`` nodes are leaves of arguments."""
    parameters = trace.leaves.beyond(arguments)
    return Fingerprint(trace.scalars, trace.result, trace.outputs, trace.guards, parameters)


def common_guards(one: Fingerprint, other: Fingerprint) -> int:
    """Count the comparisons that both made in the same order, with the same outcomes."""
    a, b = one.comparisons, other.comparisons
    size = min(len(a), len(b))
    different = (a[:size] != b[:size]).any(axis=1)
    return int(different.argmax()) if different.any() else size


def first_difference(one: Fingerprint, other: Fingerprint) -> int | None:
    """Return the first node in which two traces differ that should be the same; None if they agree.

    They should be the same as far as their comparisons came out alike, and up to the sides of the
    next one if it is of the same: both traces have these in front, in the order of their making.
    What is compared may be chosen by numbers, as in sorting: from there on, nothing is told.
    """
    count = common_guards(one, other)
    common = list(other.guards[:count])
    if count < min(len(one.guards), len(other.guards)):
        a, b = one.guards[count], other.guards[count]
        if (a.sign, a.x, a.y) == (b.sign, b.x, b.y):
            common.append(b)
        return _differing(one, other, max((max(g.x, g.y) + 1 for g in common), default=0))
    sizes = len(one.scalars.codes), len(other.scalars.codes)
    found = _differing(one, other, min(sizes))
    return min(sizes) - 1 if found is None and not _same_ends(one, other) else found


def is_same_program(one: Fingerprint, other: Fingerprint) -> bool:
    """Whether two traces are of the same program."""
    if len(one.guards) != len(other.guards) or len(one.scalars.codes) != len(other.scalars.codes):
        return False
    same = np.array_equal(one.comparisons, other.comparisons)
    return same and first_difference(one, other) is None


def is_reordered(one: Fingerprint, other: Fingerprint) -> bool:
    """Whether two traces have the same operations and constants, and differ in order alone.

    So they do where a set of nodes is iterated, which is in the order of their addresses. Only the
    numbers tell whether that matters.
    """
    a, b = one.scalars, other.scalars
    if len(a.codes) != len(b.codes) or len(one.guards) != len(other.guards):
        return False
    if not np.array_equal(np.sort(a.codes), np.sort(_recoded(b, a.operations))):
        return False
    x, y = (np.sort(_constants(s, len(s.codes))) for s in (a, b))
    return np.array_equal(x, y)


def _same_ends(one: Fingerprint, other: Fingerprint) -> bool:
    return (
        len(one.scalars.codes) == len(other.scalars.codes)
        and len(one.guards) == len(other.guards)
        and (one.result, one.outputs) == (other.result, other.outputs)
    )


def _differing(one: Fingerprint, other: Fingerprint, end: int) -> int | None:
    """Return the first node before ``end`` whose operation, inputs or number differ."""
    a, b = one.scalars, other.scalars
    end = min(end, len(a.codes), len(b.codes))
    last = int(a.starts[end])
    if (
        np.array_equal(a.codes[:end], _recoded(b, a.operations)[:end])
        and np.array_equal(a.starts[: end + 1], b.starts[: end + 1])
        and np.array_equal(a.inputs[:last], b.inputs[:last])
        and np.array_equal(_constants(a, end), _constants(b, end))
        and _same_leaves(one.parameters.beyond(0, end), other.parameters.beyond(0, end))
    ):
        return None
    return next(i for i in range(end) if not _same_node(one, other, i))


def _same_node(one: Fingerprint, other: Fingerprint, i: int) -> bool:
    a, b = one.scalars, other.scalars
    ours, theirs = (s.inputs[s.starts[i] : s.starts[i + 1]] for s in (a, b))
    if a.ops[i] != b.ops[i] or not np.array_equal(ours, theirs):
        return False
    if a.ops[i] == CONSTANT:
        return a.numbers[i : i + 1].tobytes() == b.numbers[i : i + 1].tobytes()
    return _same_leaf(one.parameters.get(i), other.parameters.get(i))


def _same_leaves(one: LeafNodes, other: LeafNodes) -> bool:
    return np.array_equal(one.positions, other.positions) and (
        all(map(is_, one.leaves, other.leaves)) or all(map(_same_leaf, one.leaves, other.leaves))
    )


def _same_leaf(x: Value | None, y: Value | None) -> bool:
    """Whether two leaves are one, or alike: a function may make leaves, new ones each time."""
    return x is y or (x is not None and y is not None and x.data == y.data)


def _constants(scalars: ScalarProgram, end: int) -> NDArray[np.int64]:
    """Return the constants' bits: a nan is the same as another, 0.0 is not -0.0."""
    places = _places(scalars, CONSTANT)
    return np.ascontiguousarray(scalars.numbers[places[places < end]]).view(np.int64)


def _places(scalars: ScalarProgram, op: str) -> NDArray[np.intp]:
    """Return the nodes of an operation."""
    if op not in scalars.operations:
        return np.zeros(0, np.intp)
    return np.flatnonzero(scalars.codes == scalars.operations.index(op))


def _recoded(scalars: ScalarProgram, operations: Sequence[str]) -> NDArray[np.int16]:
    """Return a program's codes in another table of operations; -1 for one that is not there."""
    if scalars.operations == operations:
        return scalars.codes
    known = {op: code for code, op in enumerate(operations)}
    table = np.array([known.get(op, -1) for op in scalars.operations], np.int16)
    return table[scalars.codes]


class Lines:
    """Notes the user's line of each node; stands where a list that records them would."""

    def __init__(self) -> None:
        self.lines: dict[Node, str] = {}

    def append(self, node: Node, /) -> None:
        """Note the line."""
        self.lines[node] = users_line()


@contextmanager
def noting(lines: Lines | None) -> Iterator[None]:
    """Note the lines of the nodes made inside, where these are wanted."""
    before = context.thread.recording
    if lines is not None:
        context.thread.recording = lines
    try:
        yield
    finally:
        context.thread.recording = before


def described(
    one: Fingerprint, other: Fingerprint, place: int, nodes: Sequence[Value], lines: Lines
) -> str:
    """Say what differs: which number, and at which line it was used.

    ``nodes`` and ``lines`` are of one more run, whose nodes stand where those of the others do.
    """
    a, b = (x.scalars for x in (one, other))
    i = min(place, len(a.ops) - 1, len(b.ops) - 1)
    kinds = {a.ops[i], b.ops[i]}
    line = _line(i, nodes, lines)
    if kinds == {CONSTANT}:
        return f"the number {float(b.numbers[i])!r}{line} was {float(a.numbers[i])!r}"
    if kinds == {LEAF} and one.parameters.get(i) is None and other.parameters.get(i) is None:
        return f"what is computed{line} was something else"
    if kinds == {LEAF}:
        return f"another Value is used{line.removesuffix(',')}"
    if len(kinds) == 1:
        return f"{_named(b.ops[i])}{line} was one of other numbers"
    return f"{_named(b.ops[i])}{line} was {_named(a.ops[i])}"


def _named(op: str) -> str:
    return "a number" if op == CONSTANT else "a Value" if op == LEAF else f"the operation {op!r}"


def _line(i: int, nodes: Sequence[Value], lines: Lines) -> str:
    """Return the line that made a node, or the first that used it: constants have no other."""
    if i >= len(nodes):
        return ""
    node = nodes[i]
    users = [node, *(other for other in nodes if any(x is node for x in other._inputs))]  # noqa: SLF001 - the kernels' field
    found = next((lines.lines[user] for user in users if user in lines.lines), "")
    return f", at {found}," if found else ""
