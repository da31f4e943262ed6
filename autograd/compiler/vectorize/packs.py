"""Gather nodes that do the same at the same depth: each group becomes one instruction."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.layout.views import Ids
from autograd.compiler.vectorize.canonicalize import CanonicalProgram, Ints
from autograd.compiler.vectorize.passes import COMPILED, filled, given, passes
from autograd.compiler.vectorize.scalar_passes import NONE
from autograd.primitives import CONSTANT, LEAF, TABLE
from autograd.rules.loop_lowering import kinds

WORK = {  # what a packer writes, a place for each cell and node of a level at most
    "i4": "key_begin part_begin part_y part_size part_left cell_part own_x own_y cell_begin "
          "group group_first group_size members key_x key_y lengths xs ys",
    "f8": "key_c part_c",
}  # fmt: skip


@dataclass
class Addends:
    """Terms of one coefficient whose factors come from the same arrays: rows, one a node.

    ``lengths`` are the rows', which stand one after another. Of a call it is what each node reads
    as one of its arguments: one number, or a list.
    """

    coefficient: float
    lengths: Ids
    xs: Ids
    ys: Ids | None = None

    def chosen(self, rows: NDArray[np.bool_]) -> "Addends":
        """Return some of the rows."""
        there = np.repeat(rows, self.lengths)
        ys = None if self.ys is None else self.ys[there]
        return Addends(self.coefficient, self.lengths[rows], self.xs[there], ys)


@dataclass
class Pack:
    """Nodes of one depth that do the same, with what they read."""

    op: str
    nodes: Ids
    sample: bool
    segments: list[Addends] = field(default_factory=list)


@dataclass(frozen=True)
class Levels:
    """The nodes that compute, by the longest path from what they start from.

    Level k has the nodes ``nodes[ends[k - 1]:ends[k]]``.
    """

    nodes: Ints
    ends: Ints


def levels(normal: CanonicalProgram) -> Levels:
    """Sort the nodes that compute by the longest path from what they start from."""
    depth = filled(len(normal.kind), "i4", NONE)
    passes.find_levels(*normal.readings(), depth)
    nodes = normal.computed
    own = np.asarray(depth, np.int32)[nodes]
    ends = np.cumsum(np.bincount(own), dtype=np.int32)
    return Levels(nodes[np.argsort(own, kind="stable")], ends)


class Packer:
    """Groups a level's nodes by what they do and where their inputs come from; sums come first.

    ``source`` says where a node comes from, as it is known when a level is packed.
    """

    def __init__(
        self,
        normal: CanonicalProgram,
        rows: Levels,
        source: Ints,
        sample: NDArray[np.bool_],
    ) -> None:
        self._normal, self._sample = normal, sample
        self._source = given(source, "i4")
        self._ends, starts = rows.ends, np.append(np.int32(0), rows.ends[:-1])
        size = int((rows.ends - starts[: len(rows.ends)]).max(initial=0))
        counts = normal.length[rows.nodes]
        cells = np.add.reduceat(counts, starts).max() if len(rows.nodes) else 0
        keys = int(cells) + size + 1
        self._nodes = given(rows.nodes, "i4")
        _, kind, begin, length, x, y = normal.readings()
        self._made = {
            name: filled(keys, dtype) for dtype, names in WORK.items() for name in names.split()
        }
        self._packer = passes.Packer()
        self._packer.use(self._made)
        self._packer.use({
            "table": filled(4 * size + 4, "i4"), "kind": kind, "begin": begin,
            "length": length, "x": x, "y": y,
            "coefficient": given(normal.coefficient, "f8"), "source": self._source,
            "sample": given(sample.view(np.uint8), "u1"),
            "deciding": given(normal.deciding.view(np.uint8), "u1"),
            "splits": given([_split(op) for op in normal.operations], "i1"),
        })  # fmt: skip

    def placed(self, nodes: Ids, where: Ints) -> None:
        """Say from now on where nodes come from."""
        if COMPILED:
            self._source[nodes] = where
        else:
            for node, place in zip(nodes.tolist(), where.tolist(), strict=True):
                self._source[node] = place

    def operations(
        self, live: NDArray[np.bool_], weights: Sequence[int], arrays: int, most: float
    ) -> tuple[int, int]:
        """Estimate how many operations on arrays there are, and packs, before any is laid out.

        Nodes come from ``arrays`` arrays at first. The packs are those that there will be, but for
        lists of different lengths. This uses the packer up, and stops at ``most`` operations.
        """
        found: tuple[int, int] = self._packer.count_operations(
            self._nodes, given(self._ends, "i4"), given(live.view(np.uint8), "u1"),
            given(weights, "i1"), filled(2 * arrays + 4 + len(self._nodes), "i4", NONE),
            arrays, most,
        )  # fmt: skip
        return found

    def packs(self, level: int) -> Iterator[Pack]:
        """Yield the packs of a level."""
        start, end = self._ends[level - 1] if level else 0, self._ends[level]
        count = self._packer.pack(self._nodes, int(start), int(end))
        made, node, row, cell = self._made, 0, 0, 0
        for g in range(count):
            size, first = made["group_size"][g], made["group_first"][g]
            members = np.array(made["members"][node : node + size], np.int64)
            node += size
            segments = []
            for part in range(made["part_begin"][first], made["part_begin"][first + 1]):
                lengths = np.array(made["lengths"][row : row + size], np.int64)
                row += size
                end = cell + int(lengths.sum())
                xs = np.array(made["xs"][cell:end], np.int64)
                paired = made["part_y"][part] != NONE
                ys = np.array(made["ys"][cell:end], np.int64) if paired else None
                segments.append(Addends(float(made["part_c"][part]), lengths, xs, ys))
                cell = end
            kind = int(self._normal.kind[members[0]])
            op = "sum" if kind < 0 else self._normal.operations[kind]
            yield Pack(op, members, bool(self._sample[members[0]]), segments)


def _split(op: str) -> int:
    """Tell how inputs are divided: 0, among arguments; 1, a list; 2, a list and one more."""
    if op in {LEAF, CONSTANT} or not TABLE[op].variadic:
        return 0
    _, ends = kinds(TABLE[op].arguments)
    return 2 if ends else 1


def split_inputs(op: str, inputs: list[int]) -> tuple[list[int], ...]:
    """Divide inputs among a rule's arguments, each as a list.

    >>> split_inputs("hypot", [7, 8]), split_inputs("softmax", [5, 6, 0])
    (([7], [8]), ([5, 6], [0]))
    """
    split = _split(op)
    if not split:
        return tuple([i] for i in inputs)
    return (inputs[:-1], inputs[-1:]) if split > 1 else (inputs,)
