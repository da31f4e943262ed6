"""A program as data: instructions over arrays, from the levels of a normalised trace."""

from dataclasses import dataclass, field

import numpy as np

from autograd.compiler.layout.buffers import Buffers, Operand
from autograd.compiler.layout.views import PADDING, Array, Ids, View
from autograd.compiler.vectorize import matrix_products as grids
from autograd.compiler.vectorize.canonicalize import CanonicalProgram
from autograd.compiler.vectorize.layouts import (
    from_columns,
    list_layout,
    listed,
    placed,
    spread,
    sum_layout,
)
from autograd.compiler.vectorize.packs import Pack, groups, levels
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
    nodes: int = 0
    deciding: bool = False  # whether comparisons or choices rest on it, where a nan would not show

    @property
    def is_product(self) -> bool:
        """Whether it is, in part, a matrix product."""
        return any(_is_product(part) for part in self.parts)


def _is_product(part: Addend) -> bool:
    if part.y is None or INNER not in part.x.axes or INNER not in part.y.axes:
        return False
    return part.x.axes != part.y.axes


class TooManyError(Exception):
    """Lowering gives more instructions than are worth running."""


def lower(normal: CanonicalProgram, store: Buffers, most: int | None = None) -> list[Instruction]:
    """Turn a normalised program into instructions, level by level.

    Raises TooManyError where there are more than ``most``, or an operation has no form for arrays;
    NotImplementedError for that where no ``most`` is given.
    """
    for op in {op for op, _ in normal.calls.values() if not _has_form(op)}:
        if most is not None:
            raise TooManyError
        raise NotImplementedError(
            f"{op}: a program of arrays has reductions of one list; the compiled tape has any"
        )
    made: list[Instruction] = []
    rows = levels(normal)
    if most is not None and len(rows) > most:
        raise TooManyError
    source = [store.source(i) for i in range(len(store.numbers))]
    for level in rows:
        if most is not None and len(made) > most:
            raise TooManyError
        for group in groups(level, normal, source.__getitem__, store.sample):
            lines = _lowered(group, store)
            for line in lines:
                line.deciding = not normal.deciding.isdisjoint(group.nodes)
            made += lines
            for node in group.nodes:
                source[node] = int(store.where[node])
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
    rows = [grids.completed(s.xs, s.ys) for s in group.segments]
    layout = sum_layout(rows, store) or grids.Layout(listed(group))
    out = placed(group, layout)
    axes = letters(layout)
    members = layout.members
    parts = []
    for segment, (xs, ys) in zip(group.segments, rows, strict=True):
        both = [spread(xs, members)] if ys is None else [spread(xs, members), spread(ys, members)]
        inner = xs.shape[1] > 1
        if not inner:
            both = [ids[..., 0] for ids in both]
        names = axes + (INNER if inner else "")
        found = [store.operand(ids, names, 0.0, column=group.sample and ys is None) for ids in both]
        found = _unravelled(found)
        weight = segment.coefficient
        if inner and not set(INNER + FLAT) & set("".join(operand.axes for operand in found)):
            weight *= xs.shape[1]  # the same addend again and again
        parts.append(Addend(weight, found[0], found[1] if ys is not None else None))
    store.add(out)
    return Instruction(out, "sum", axes, parts, [], len(group.nodes))


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
    columns = [np.array([row[i][0] for row in group.rows]) for i in range(len(group.rows[0]))]
    layout = from_columns(columns, store) or grids.Layout(listed(group))
    members = layout.members
    axes = letters(layout)
    operands = [
        store.operand(spread(c[:, None], members)[..., 0], axes, None, column=group.sample)
        for c in columns
    ]
    out = store.add(placed(group, layout))
    return Instruction(out, group.op, axes, [], operands, len(group.nodes))


def letters(layout: grids.Layout) -> str:
    """Name the axes of a shape; that of blocks, which come first, is h."""
    count = len(layout.shape)
    return "abcdefghij"[-count:] if count else ""


def _by_length(group: Pack) -> list[Pack]:
    """Keep lists of different lengths together where they can be filled up."""
    lengths = sorted({len(row[0]) for row in group.rows})
    if len(lengths) == 1 or TABLE[group.op].padding is not None:
        return [group]
    parts = []
    for length in lengths:
        chosen = [i for i, row in enumerate(group.rows) if len(row[0]) == length]
        parts.append(
            Pack(group.op, [group.nodes[i] for i in chosen], group.sample, [],
                  [group.rows[i] for i in chosen])
        )  # fmt: skip
    return parts


def _list(group: Pack, store: Buffers) -> Instruction:
    """Lower a function of lists: the lists run along the first axis."""
    rows = [tuple(row[0]) for row in group.rows]
    if group.op == "softmax":
        return _softmax(group, rows, store)
    lists, _ = grids.completed([list(row) for row in rows], None)
    positions = [tuple(row[1]) if len(row) > 1 else () for row in group.rows]
    layout = None
    if group.op == "take":
        layout = grids.grid(positions, rows)  # tokens by columns of the table
    if layout is None:
        layout = list_layout(lists[:, 0], store)
    members = layout.members
    axes = letters(layout)
    ids = np.moveaxis(spread(lists, members), -1, 0)
    padding = TABLE[group.op].padding or 0.0  # where there is none, nothing is filled up
    operands = [store.operand(ids, INNER + axes, padding, keep=INNER)]
    if positions[0]:
        index = np.array([p[0] for p in positions])
        operands.append(store.operand(spread(index[:, None], members)[..., 0], axes, 0.0))
    out = store.add(placed(group, layout))
    return Instruction(out, group.op, axes, [], operands, len(group.nodes))


def _softmax(group: Pack, rows: list[tuple[int, ...]], store: Buffers) -> Instruction:
    """Lower all components of softmax together: an array as large as what it reads."""
    lists = list(dict.fromkeys(rows))
    number = {row: i for i, row in enumerate(lists)}
    filled, _ = grids.completed([list(row) for row in lists], None)
    layout = list_layout(filled[:, 0], store)
    results = np.full((len(lists), filled.shape[1]), PADDING, dtype=np.int64)
    for node, row in zip(group.nodes, group.rows, strict=True):
        results[number[tuple(row[0])], int(store.numbers[row[1][0]])] = node
    axes = letters(layout)
    ids = np.moveaxis(spread(filled, layout.members), -1, 0)
    operand = store.operand(ids, INNER + axes, -np.inf, keep=INNER)
    spread_out = spread(results, layout.members)
    ids = np.moveaxis(np.where(spread_out < 0, PADDING, spread_out), -1, 0)
    out = Array("", ids, group.sample)
    if (layout.members != PADDING).all():  # else some rows are those of no node
        out.holes = _softmax_holes(filled, results)
    store.add(out)
    return Instruction(out, "softmax", INNER + axes, [], [operand], len(group.nodes))


def _softmax_holes(filled: Ids, results: Ids) -> float | None:
    """Return 0 where each hole of the result is a number that was not there, if there is any."""
    if not (results == PADDING).any():
        return None
    return 0.0 if ((results == PADDING) == (filled == PADDING)).all() else None
