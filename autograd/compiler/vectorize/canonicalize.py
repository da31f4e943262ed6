"""Turn a scalar program into sums of products, element-wise operations and functions of lists.

Chains of additions become one sum; a product that only a sum uses becomes one of its terms. What
a program computes from constants alone becomes a constant. Nodes that compute the same are one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autograd.compiler.runtime.sets import distinct
from autograd.compiler.tracing.scalar_ir import ScalarProgram
from autograd.compiler.vectorize import scalar_passes as names
from autograd.compiler.vectorize.passes import filled, given, passes
from autograd.compiler.vectorize.scalar_passes import ABSENT, NONE, SUM
from autograd.primitives import CONSTANT, DETACHED, LEAF, TABLE

ROLES = {
    LEAF: names.ROLE_LEAF,
    CONSTANT: names.ROLE_CONSTANT,
    "mul": names.ROLE_MUL,
    "square": names.ROLE_SQUARE,
    "where": names.ROLE_WHERE,
    "add": names.ROLE_ADD,
    "sub": names.ROLE_SUB,
    "neg": names.ROLE_NEG,
    "sum": names.ROLE_SUM,
    "mean": names.ROLE_MEAN,
    "dot": names.ROLE_DOT,
}
assert ROLES.keys() <= {*TABLE, LEAF, CONSTANT}

Ints = NDArray[np.int32]


class Term(NamedTuple):
    """One addend: a coefficient times a node, or times two."""

    coefficient: float
    x: int
    y: int = NONE


@dataclass(frozen=True, eq=False)
class CanonicalProgram:
    """A normalised program over the trace's own numbering, as flat arrays.

    ``order`` lists the nodes that remain, operands first. ``kind`` tells what a node is: a SUM, the
    code of an operation, or ABSENT where it computes nothing: a leaf, a constant, one that was
    absorbed. ``begin`` and ``length`` say which cells are its: coefficients of ``x``, or of ``x``
    times ``y``; a call has a cell an input. ``same`` has for each node the one that stands for it,
    ``deciding`` marks what comparisons and choices rest on.
    """

    operations: tuple[str, ...]
    order: Ints
    kind: Ints
    begin: Ints
    length: Ints
    coefficient: NDArray[np.float64]
    x: Ints
    y: Ints
    same: Ints
    constants: NDArray[np.bool_]
    deciding: NDArray[np.bool_]

    @property
    def computed(self) -> Ints:
        """The nodes that compute something, operands first."""
        found: Ints = self.order[self.kind[self.order] != ABSENT]
        return found

    def terms(self, node: int) -> list[Term] | None:
        """Return a sum's terms; None for any other node."""
        return self._cells(node) if self.kind[node] == SUM else None

    def call(self, node: int) -> tuple[str, tuple[int, ...]] | None:
        """Return a call's operation and inputs; None for any other node."""
        if self.kind[node] < 0:
            return None
        return self.operations[self.kind[node]], tuple(term.x for term in self._cells(node))

    def _cells(self, node: int) -> list[Term]:
        own = slice(self.begin[node], self.begin[node] + self.length[node])
        rows = zip(self.coefficient[own], self.x[own], self.y[own], strict=True)
        return [Term(float(c), int(x), int(y)) for c, x, y in rows]

    def readings(self) -> tuple[Any, Any, Any, Any, Any, Any]:
        """Return what each pass reads first: the order, and the nodes' cells."""
        first = given(self.order, "i4"), given(self.kind, "i4"), given(self.begin, "i4")
        return (*first, given(self.length, "i4"), given(self.x, "i4"), given(self.y, "i4"))


def canonicalize(
    scalars: ScalarProgram, roots: Sequence[int], compared: Sequence[int] = ()
) -> CanonicalProgram:
    """Normalise a program, for the gradients of the nodes that are wanted.

    ``compared`` are roots, too: they are what comparisons look at.
    """
    size, edges = len(scalars.codes), len(scalars.inputs)
    cells = size + edges
    wanted = distinct(np.array([*roots, *compared], np.int64))
    inputs = given(scalars.inputs, "i4")
    uses = _uses(scalars, [*roots, *compared])
    is_root = np.zeros(size, np.uint8)
    is_root[wanted] = 1
    numbers = scalars.numbers
    if np.isnan(numbers).any():  # of any sign and payload, it is one constant
        numbers = np.where(np.isnan(numbers), np.nan, numbers)
    same = given(np.arange(size), "i4")
    constant, kind, length = filled(size, "u1"), filled(size, "i4", ABSENT), filled(size, "i4")
    roles = np.array([ROLES.get(op, 0) for op in scalars.operations], np.int8)[scalars.codes]
    state = passes.Canonicalizer()
    state.use({
        "roles": given(roles, "i1"), "codes": given(scalars.codes, "i2"),
        "starts": given(scalars.starts, "i4"), "inputs": inputs,
        "numbers": given(scalars.numbers, "f8"), "bits": given(numbers.view(np.int64), "i8"),
        "uses": uses, "is_root": given(is_root, "u1"), "same": same, "constant": constant,
        "kind": kind, "state": filled(size, "i1"), "head": filled(size, "i4"),
        "tail": filled(size, "i4"), "length": length, "coefficient": filled(cells, "f8"),
        "x": filled(cells, "i4"), "y": filled(cells, "i4"), "after": filled(cells, "i4"),
        "table": filled(1 << max(3, (2 * size).bit_length()), "i4", NONE),
    })  # fmt: skip
    state.run()
    order, begin = filled(size, "i4"), filled(size, "i4")
    rows = filled(cells, "f8"), filled(cells, "i4"), filled(cells, "i4")
    stack = filled(2 * cells + size + len(wanted), "i4")
    count, total = state.reach(given(wanted, "i4"), order, begin, filled(size, "u1"), stack, *rows)
    normal = CanonicalProgram(
        scalars.operations,
        np.asarray(order[:count], np.int32),
        np.asarray(kind, np.int32),
        np.asarray(begin, np.int32),
        np.asarray(length, np.int32),
        np.asarray(rows[0][:total], np.float64),
        np.asarray(rows[1][:total], np.int32),
        np.asarray(rows[2][:total], np.int32),
        np.asarray(same, np.int32),
        np.asarray(constant, np.bool_),
        np.zeros(size, np.bool_),
    )
    return _with_deciding(normal, compared) if size else normal


def _uses(scalars: ScalarProgram, roots: Sequence[int]) -> Any:
    """Count how often each node is read, by others and as a root."""
    uses = filled(len(scalars.codes), "i4")
    for read in (scalars.inputs, np.array(roots, np.int32)):
        passes.count_uses(given(read, "i4"), uses)
    return uses


def least_operations(scalars: ScalarProgram, roots: Sequence[int], *, gradients: bool) -> int:
    """Return how many operations on arrays a program has at least, forward and backward.

    It is counted on the program as it is, six times as fast as to canonicalize it: an estimate,
    which may be one off where nodes merge. ``roots`` are its results, and what it compares.
    """
    size, inputs = len(scalars.codes), given(scalars.inputs, "i4")
    uses = _uses(scalars, roots)
    live = scalars.live if gradients else np.zeros_like(scalars.live)
    least: int = passes.count_least(
        given([ROLES.get(op, 0) for op in scalars.operations], "i1"), given(scalars.codes, "i2"),
        given(scalars.starts, "i4"), inputs, uses, given(live.view(np.uint8), "u1"),
        filled(size, "i4"), filled(size, "i1"), filled(size + 1, "u8"),
    )  # fmt: skip
    return least


def _with_deciding(normal: CanonicalProgram, compared: Sequence[int]) -> CanonicalProgram:
    """Mark what a nan would change without a trace: comparisons, conditions, positions.

    Everything else that a nan reaches is nan itself, or does not depend on it.
    """
    choosing = [_choosing(op) for op in normal.operations]
    if not len(compared) and not any(choosing):
        return normal
    marked = np.zeros(len(normal.same), np.uint8)
    marked[normal.same[np.array(compared, np.int64)]] = 1
    found = given(marked, "u1")
    passes.mark_deciding(*normal.readings(), given(choosing, "i1"), found)
    normal.deciding[:] = np.asarray(found, np.bool_)
    return normal


def _choosing(op: str) -> int:
    """Tell what an operation chooses by: 1, a condition; 2, a position; 0, nothing."""
    if op == "where":
        return 1
    return 2 if op in TABLE and TABLE[op].arguments == ("xs", "k") else 0


def samples(normal: CanonicalProgram, given_samples: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which nodes differ from sample to sample, of those that are given and of all others."""
    found = given(given_samples.view(np.uint8), "u1")
    passes.mark_samples(*normal.readings(), found)
    return np.asarray(found, np.bool_)


def reached(scalars: ScalarProgram, result: int) -> NDArray[np.bool_]:
    """Mark the leaves that `Value.backward` would give a gradient, even one of 0.

    Not those that were only compared, or stand beneath a `stop_gradient`.
    """
    stops = [op in DETACHED for op in scalars.operations]
    found = dependencies(scalars.starts, scalars.inputs, scalars.codes, [result], stops)
    marked: NDArray[np.bool_] = scalars.is_among({LEAF}) & found
    return marked


def dependencies(
    starts: Ints, inputs: Ints, codes: ArrayLike, roots: Sequence[int], stops: ArrayLike
) -> NDArray[np.bool_]:
    """Mark what some nodes rest on; beneath a node whose code ``stops`` marks is nothing."""
    marks = np.zeros(len(starts) - 1, np.uint8)
    marks[roots] = 1
    found = given(marks, "u1")
    passes.mark_reached(
        given(stops, "i1"), given(codes, "i2"), given(starts, "i4"), given(inputs, "i4"),
        max(roots), found,
    )  # fmt: skip
    return np.asarray(found, np.bool_)
