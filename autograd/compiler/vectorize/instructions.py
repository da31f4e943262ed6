"""A program as data: instructions over arrays, from the levels of a normalised trace."""

from dataclasses import dataclass, field

import numpy as np

from autograd.compiler.layout.buffers import Buffers, Operand
from autograd.compiler.layout.views import PADDING, Array, Ids, View
from autograd.compiler.runtime.sets import distinct, first_places
from autograd.compiler.vectorize import matrix_products as grids
from autograd.compiler.vectorize.canonicalize import CanonicalProgram
from autograd.compiler.vectorize.layouts import (
    call_layout,
    list_layout,
    placed,
    spread,
    sum_layout,
)
from autograd.compiler.vectorize.packs import Pack, Packer, levels
from autograd.primitives import TABLE
from autograd.rules.loop_lowering import POSITION, kinds

INNER = "k"  # the axis that a sum, or a function of a list, runs along
SAMPLES = "n"
FLAT = "uvwxy"  # the axes of two arrays that meet place by place


@dataclass
class Addend:
    """One addend of a sum instruction: coefficient times x, or x times y, summed along k."""

    coefficient: float
    x: Operand
    y: Operand | None = None


@dataclass
class Instruction:
    """One line of the program: what it computes, from what, and with which axes."""

    out: Array
    op: str
    axes: str
    parts: list[Addend] = field(default_factory=list)
    operands: list[Operand] = field(default_factory=list)
    deciding: bool = False  # whether comparisons or choices rest on it, where a nan would not show

    @property
    def is_product(self) -> bool:
        """Whether it is, in part, a matrix product."""
        return any(
            part.y is not None
            and INNER in part.x.axes
            and INNER in part.y.axes
            and part.x.axes != part.y.axes
            for part in self.parts
        )


class NoArrayFormError(NotImplementedError):
    """An operation has no form for arrays."""


def lower(normal: CanonicalProgram, store: Buffers) -> list[Instruction]:
    """Turn a normalised program into instructions, level by level.

    Raises NoArrayFormError where an operation has none.
    """
    rows = levels(normal)
    for code in distinct(normal.kind[rows.nodes]).tolist():
        if code >= 0 and not _has_form(op := normal.operations[code]):
            raise NoArrayFormError(
                f"{op}: a program of arrays has reductions of one list; the compiled tape has any"
            )
    made: list[Instruction] = []
    packer = Packer(normal, rows, store.sources(), store.sample)
    for level in range(len(rows.ends)):
        for group in packer.packs(level):
            lines = _lowered(group, store)
            for line in lines:
                line.deciding = bool(normal.deciding[group.nodes].any())
            made += lines
            packer.placed(group.nodes, store.where[group.nodes])
    return made


def _has_form(op: str) -> bool:
    """Whether arrays can compute an operation: a reduction has one list, and a position at most."""
    lists, ends = kinds(TABLE[op].arguments)
    return not TABLE[op].variadic or (len(lists) == 1 and ends in ((), (POSITION,)))


def _lowered(group: Pack, store: Buffers) -> list[Instruction]:
    if group.op == "sum":
        return [_sum(group, store)]
    if TABLE[group.op].variadic:
        return [_list(part, store) for part in _by_length(group)]
    return [_call(group, store)]


def _sum(group: Pack, store: Buffers) -> Instruction:
    rows = [grids.completed(segment) for segment in group.segments]
    members = sum_layout(rows, store)
    out = placed(group, members)
    axes = letters(members)
    parts = []
    for segment, (xs, ys) in zip(group.segments, rows, strict=True):
        inner = xs.shape[1] > 1
        both = [spread(ids if inner else ids[:, 0], members) for ids in (xs, ys) if ids is not None]
        names = axes + INNER * inner
        found = [store.operand(ids, names, 0.0, column=group.sample and ys is None) for ids in both]
        found = _unravelled(found)
        weight = segment.coefficient
        if inner and not set(INNER + FLAT) & set("".join(operand.axes for operand in found)):
            weight *= xs.shape[1]  # the same addend again and again
        parts.append(Addend(weight, found[0], found[1] if ys is not None else None))
    store.add(out)
    return Instruction(out, "sum", axes, parts)


def _unravelled(found: list[Operand]) -> list[Operand]:
    """Read two whole arrays as they are, where a product sums over all their places."""
    views = [operand.view for operand in found if operand.axes == INNER]
    if len(found) < 2 or len(views) < 2 or None in views:
        return found
    shapes = {view.array.shape for view in views if view}
    whole = all(
        [step.kind for step in view.steps] == ["reshape"] and not view.array.parts
        for view in views
        if view
    )
    if len(shapes) > 1 or not whole:
        return found
    return [Operand(View(view.array), FLAT[: len(view.array.shape)]) for view in views if view]


def _call(group: Pack, store: Buffers) -> Instruction:
    columns = [segment.xs for segment in group.segments]
    members = call_layout(columns, store)
    axes = letters(members)
    operands = [store.operand(spread(c, members), axes, None, column=group.sample) for c in columns]
    return Instruction(store.add(placed(group, members)), group.op, axes, operands=operands)


def letters(members: Ids) -> str:
    """Name the axes of a layout; that of blocks, which come first, is h."""
    return "abcdefghij"[-members.ndim :] if members.ndim else ""


def _by_length(group: Pack) -> list[Pack]:
    """Keep lists of different lengths together where they can be filled up."""
    lengths = group.segments[0].lengths
    if (lengths == lengths[0]).all() or TABLE[group.op].padding is not None:
        return [group]
    parts = []
    for length in distinct(lengths):
        rows = lengths == length
        segments = [segment.chosen(rows) for segment in group.segments]
        parts.append(Pack(group.op, group.nodes[rows], group.sample, segments))
    return parts


def _list(group: Pack, store: Buffers) -> Instruction:
    """Lower a function of lists: the lists run along the first axis."""
    if group.op == "softmax":
        return _softmax(group, store)
    lists, _ = grids.completed(group.segments[0])
    positions = [segment.xs for segment in group.segments[1:]]
    # tokens by columns of the table
    members = grids.grid(positions[0][:, None], lists) if group.op == "take" else None
    if members is None:
        members = list_layout(lists[:, 0], store)
    axes = letters(members)
    ids = np.moveaxis(spread(lists, members), -1, 0)
    padding = TABLE[group.op].padding or 0.0  # where there is none, nothing is filled up
    operands = [store.operand(ids, INNER + axes, padding, keep=INNER)]
    operands += [store.operand(spread(index, members), axes, 0.0) for index in positions]
    return Instruction(store.add(placed(group, members)), group.op, axes, operands=operands)


def _softmax(group: Pack, store: Buffers) -> Instruction:
    """Lower all components of softmax together: an array as large as what it reads."""
    lists, _ = grids.completed(group.segments[0])
    number = grids.numbered(lists)
    filled = lists[first_places(number)]
    members = list_layout(filled[:, 0], store)
    results = np.full(filled.shape, PADDING, dtype=np.int64)
    results[number, store.numbers[group.segments[1].xs].astype(np.int64)] = group.nodes
    axes = letters(members)
    ids = np.moveaxis(spread(filled, members), -1, 0)
    operand = store.operand(ids, INNER + axes, -np.inf, keep=INNER)
    spread_out = spread(results, members)
    ids = np.moveaxis(np.where(spread_out < 0, PADDING, spread_out), -1, 0)
    out = Array("", ids, group.sample)
    holes = results == PADDING
    # where some rows are those of no node, or a number is no node's, holes may be any number
    if (members != PADDING).all() and holes.any() and (holes == (filled == PADDING)).all():
        out.holes = 0.0
    store.add(out)
    return Instruction(out, "softmax", INNER + axes, operands=[operand])
