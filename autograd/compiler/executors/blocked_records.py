"""Write the blocked executor's records: one call a record, from operands to a new operand."""

from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.executors.blocked_operands import (
    AFTER,
    BEFORE,
    BLOCK,
    ROWS,
    SAMPLES,
    Buffer,
    Operand,
    UnsupportedError,
    broadcast,
    collapsed,
    extent,
    is_batched,
    known,
    offsets,
    room,
    row_strides,
)
from autograd.compiler.ir.array_ir import SAMPLES as SAMPLE_AXIS
from autograd.compiler.ir.array_ir import Shape, broadcast_shapes
from autograd.primitives import TABLE

EXPONENTS = {
    2.0: "square", 0.5: "pow_half", -0.5: "pow_minus_half", -1.0: "reciprocal",
    -1.5: "pow_minus_three_halves",
}  # fmt: skip
REDUCTIONS = {"sum": 0, "max": 1, "min": 2, "prod": 3, "norm": 4}
NEUTRAL = {"sum": 0.0, "prod": 1.0, "norm": 0.0}  # of nothing
MOST_AXES = 16  # of a record, an input or a result
COUNT = 0  # the place of the number of samples
Place = tuple[int, tuple[int, ...], bool]  # of an array: where, its axes, whether it has samples


class Records(NamedTuple):
    """A program as records: those before, in and after each block, and where its arrays are.

    ``numbers`` are the shared numbers at the start: constants, and room. ``rows`` counts those of
    a block. ``accumulators`` are those of sums over samples, in order, each with its length: of
    the shared numbers, those alone that blocks write. ``widest`` is the most numbers of a matrix
    that samples are multiplied with.
    """

    code: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
    numbers: NDArray[np.float64]
    rows: int
    inputs: list[Place]
    results: list[Place]
    accumulators: list[tuple[int, int]]
    widest: int


class Recorder:
    """Makes room for arrays, and writes the records that compute them, one after another.

    ``operations`` and ``kinds`` are the interpreter's own, in its order.
    """

    def __init__(self, operations: Sequence[str], kinds: Sequence[str]) -> None:
        self.operations = {name: i for i, name in enumerate(operations)}
        self.kinds = {name: i for i, name in enumerate(kinds)}
        self.code: tuple[list[int], list[int], list[int]] = ([], [], [])
        self.constants: list[tuple[int, NDArray[np.float64]]] = []
        self.numbers: dict[str, Operand] = {}
        self.size = 0  # of the shared numbers
        self.rows = 0  # of a block
        self.accumulators: list[tuple[int, int]] = []  # of sums over samples
        self.widest = 0  # the most numbers of a matrix that is multiplied with samples
        self.free: list[tuple[int, int]] = []  # rows that may be used again: where, how many
        self.count = self.constant(np.zeros(()))
        assert self.count.offset == COUNT

    def records(self, inputs: list[Place], results: list[Place]) -> Records:
        """Return what was written."""
        numbers = np.zeros(self.size)
        for place, constant in self.constants:
            numbers[place : place + constant.size] = constant.ravel()
        before, block, after = (np.array(code, np.int64) for code in self.code)
        code, sums = (before, block, after), self.accumulators
        return Records(code, numbers, self.rows, inputs, results, sums, self.widest)

    # Memory

    def new(self, shape: Shape, phase: int) -> Operand:
        """Return a new array; one with samples is a block's."""
        size = room(shape)
        assert is_batched(shape) or phase != BLOCK, "numbers that a block has to itself are rows"
        if is_batched(shape):
            offset = self.rows_for(size) * SAMPLES | ROWS
            return Operand(Buffer(offset, size, BLOCK, True), offset, shape, row_strides(shape))
        offset, self.size = self.size, self.size + size
        return Operand(Buffer(offset, size, phase, False), offset, shape, row_strides(shape))

    def rows_for(self, size: int) -> int:
        """Return the first free rows that are enough, or new ones."""
        for i, (place, length) in enumerate(self.free):
            if length >= size:
                self.free[i : i + 1] = [(place + size, length - size)] if length > size else []
                return place
        self.rows += size
        return self.rows - size

    def release(self, buffer: Buffer) -> None:
        """Drop a hold; the rows of a buffer that nobody holds are free, and join their like."""
        buffer.holds -= 1
        if buffer.holds or not buffer.batched:
            return
        self.free.append(((buffer.offset & ~ROWS) // SAMPLES, buffer.size))
        self.free.sort()
        joined = [self.free[0]]
        for place, length in self.free[1:]:
            last, size = joined[-1]
            if last + size == place:
                joined[-1] = (last, size + length)
            else:
                joined.append((place, length))
        self.free = joined

    def constant(self, thing: NDArray[Any]) -> Operand:
        """Return numbers that are known."""
        x = self.new(thing.shape, BEFORE)
        self.constants.append((x.offset, np.asarray(thing, dtype=float)))
        return x

    def number(self, value: float) -> Operand:
        """Return a known number, once for all that read it."""
        key = repr(float(value))
        if key not in self.numbers:
            self.numbers[key] = self.constant(np.array(float(value)))
        return self.numbers[key]

    # Records

    def emit(
        self, kind: str, what: int, axes: tuple[list[int], list[list[int]]],
        operands: Sequence[Operand], phase: int, tables: Sequence[int] = (),
    ) -> None:  # fmt: skip
        """Write a record, if it does anything; the last of the axes is the inner one."""
        extents, strides = axes
        if 0 in extents:
            return
        if len(extents) > MOST_AXES:
            raise UnsupportedError("too many axes")
        *outer, inner = extents or [1]
        record = [len(outer), inner, *outer]
        for x, steps in zip(operands, strides, strict=True):
            record += [x.offset, steps[-1] if steps else 0, *steps[:-1]]
        self.record(kind, what, [*record, *tables], phase)

    def record(self, kind: str, what: int, record: Sequence[int], phase: int) -> None:
        """Write a record: its axes and operands, and its tables."""
        self.code[phase].extend((self.kinds[kind], len(record) + 3, what, *record))

    def phase(self, operands: Sequence[Operand], shape: Shape = ()) -> int:
        """Return when something can be computed."""
        phases = {x.phase for x in operands}
        if BLOCK in phases or is_batched(shape):
            if AFTER in phases:
                raise UnsupportedError("samples that need a sum over all samples")
            return BLOCK
        return max(phases, default=BEFORE)

    def elementwise(self, name: str, *operands: Operand) -> Operand:
        """Compute an operation of the table, element by element."""
        shape = broadcast_shapes([x.shape for x in operands])
        z = self.new(shape, self.phase(operands, shape))
        self.into(z, name, *operands)
        return z

    def into(self, z: Operand, name: str, *operands: Operand) -> None:
        """Compute an operation into an array that is there."""
        operands = (*operands, *self.options(name, len(operands)))
        order = samples_last(z.shape)
        strides = [broadcast(x, z.shape) for x in (z, *operands)]
        axes = collapsed(
            [extent(z.shape[i]) for i in order], [[own[i] for i in order] for own in strides]
        )
        self.emit(
            "ELEMENTWISE", self.operations[name], axes, (z, *operands),
            self.phase([z, *operands], z.shape),
        )  # fmt: skip

    def options(self, name: str, count: int) -> list[Operand]:
        """Return the options that an operation with so many operands leaves out."""
        if name not in self.operations:
            raise UnsupportedError(name)
        if name not in TABLE:
            return []
        entry = TABLE[name]
        return [self.number(entry.defaults[x]) for x in entry.arguments[count:]]

    def copied(self, x: Operand) -> Operand:
        """Return the same numbers in a new array, whose samples are next to each other."""
        return self.elementwise("copy", x)

    def spread(self, x: Operand) -> Operand:
        """Return an operand whose samples are its own: they are summed, or multiplied."""
        at = x.shape.index(SAMPLE_AXIS)
        return x if x.strides[at] == 1 else self.copied(x)

    def reduced(self, name: str, x: Operand, axes: Sequence[int]) -> Operand:
        """Combine an operand along axes that are not its samples'."""
        left = [i for i in range(len(x.shape)) if i not in axes]
        shape = tuple([x.shape[i] for i in left])
        z = self.new(shape, x.phase)
        order = samples_last(shape)
        nest = collapsed(
            [extent(shape[i]) for i in order],
            [[z.strides[i] for i in order], [x.strides[left[i]] for i in order]],
        )
        table = offsets([extent(x.shape[i]) for i in axes], [x.strides[i] for i in axes])
        if not table:
            self.into(z, "copy", self.number(NEUTRAL[name]))
            return z
        self.emit(
            "REDUCTION", REDUCTIONS[name], nest, (z, x), self.phase([z, x], x.shape),
            [len(table), *table],
        )  # fmt: skip
        return z

    def total(self, x: Operand, axes: Sequence[int]) -> Operand:
        """Sum an operand along axes, of which one may be that of the samples."""
        if not axes:
            return x
        if not any(x.shape[i] == SAMPLE_AXIS for i in axes):
            return self.reduced("sum", x, axes)
        own = self.spread(x)
        left = [i for i in range(len(x.shape)) if i not in axes]
        z = self.sums_over_samples(tuple([x.shape[i] for i in left]))
        inner = [i for i in axes if x.shape[i] != SAMPLE_AXIS]
        extents, strides = collapsed(
            [extent(x.shape[i]) for i in left],
            [list(z.strides), [own.strides[i] for i in left]],
        )
        table = offsets([extent(x.shape[i]) for i in inner], [own.strides[i] for i in inner])
        nest = ([*extents, SAMPLES], [[*strides[0], 0], [*strides[1], 1]])
        self.emit("SUM_SAMPLES", 0, nest, (z, own), BLOCK, [len(table), *table])
        self.temporary(own, x)
        return z

    def zeros(self, shape: Shape, phase: int) -> Operand:
        """Return zeros to which numbers of a phase are added."""
        z = self.new(shape, phase)
        self.into(z, "copy", self.number(0.0))
        return z

    def zeros_for(self, shape: Shape, operands: Sequence[Operand]) -> Operand:
        """Return zeros to which operands are added, each to some of them."""
        if not is_batched(shape) and any(is_batched(x.shape) for x in operands):
            return self.sums_over_samples(shape)
        return self.zeros(shape, self.phase(operands, shape))

    def sums_over_samples(self, shape: Shape) -> Operand:
        """Return zeros, from before the first block, to which each block adds its own."""
        z = self.new(shape, AFTER)
        first = Operand(Buffer(0, 0, BEFORE, False), z.offset, shape, z.strides)
        self.into(first, "copy", self.number(0.0))
        place, size = z.offset, z.buffer.size
        if self.accumulators and sum(self.accumulators[-1]) == place:
            place, size = self.accumulators[-1][0], self.accumulators.pop()[1] + size
        if size:
            self.accumulators.append((place, size))
        return z

    def check(self, kind: str, x: Operand, *table: int) -> None:
        """Leave the program where a number is not what records are made for."""
        self.emit(kind, 0, rows_of(x), (x,), self.phase([x], x.shape), table)

    def temporary(self, made: Operand, of: Operand) -> None:
        """Drop an array that was made for one record, unless it is the operand itself."""
        if made is not of:
            self.release(made.buffer)

    # Products

    def einsum(self, spec: str, a: Operand, b: Operand, bias: Operand | None = None) -> Operand:
        """Compute a sum of products, by the kernel that fits where the samples are.

        A bias is for the product with a matrix that all samples share, as they share the bias.
        """
        left, out = spec.split("->")
        a_axes, b_axes = left.split(",")
        sizes = dict(zip(a_axes + b_axes, a.shape + b.shape, strict=True))
        sample = next((letter for letter, size in sizes.items() if size == SAMPLE_AXIS), "")
        shape = tuple([sizes[letter] for letter in out])
        strides = [
            dict(zip(a_axes, a.strides, strict=True)),
            dict(zip(b_axes, b.strides, strict=True)),
        ]
        if any(len(set(letters)) < len(letters) for letters in (a_axes, b_axes, out)):
            raise UnsupportedError("a diagonal")
        summed = [letter for letter in sizes if letter not in out]
        extents = {letter: extent(size) for letter, size in sizes.items()}
        if sample and sample not in out:
            if sample not in a_axes or sample not in b_axes:
                raise UnsupportedError("samples of one operand, summed")
            return self.over_samples(a, b, strides, extents, out, sample, shape)
        if sample and (sample not in a_axes or sample not in b_axes):
            if sample in a_axes:
                a, b, strides = b, a, strides[::-1]
            return self.multiply(a, b, bias, strides, extents, out, sample, shape)
        z = self.new(shape, self.phase([a, b], shape))
        steps = [dict(zip(out, z.strides, strict=True)), *strides]
        nest = _nest([*out.replace(sample, ""), *sample], extents, steps)
        tables = [
            offsets([extents[i] for i in summed], [own.get(i, 0) for i in summed])
            for own in strides
        ]
        self.emit(
            "DOT_ROWS", 0, nest, (z, a, b), self.phase([z, a, b], shape),
            [len(tables[0]), *tables[0], *tables[1]],
        )  # fmt: skip
        return z

    def multiply(
        self, a: Operand, b: Operand, bias: Operand | None, strides: list[dict[str, int]],
        extents: dict[str, int], out: str, sample: str, shape: Shape,
    ) -> Operand:  # fmt: skip
        """Multiply a matrix that all samples share with samples, and add a bias."""
        z = self.new(shape, self.phase([a, b], shape))
        right, bias = self.spread(b), bias or self.number(0.0)
        a_strides, b_strides = strides[0], dict(zip(strides[1], right.strides, strict=True))
        z_strides = dict(zip(out, z.strides, strict=True))
        bias_strides = dict(zip(out, broadcast(bias, shape), strict=True))
        rows = [i for i in out if i in a_strides and i not in b_strides]
        inner = [i for i in extents if i not in out]
        order = [i for i in out if i not in rows and i != sample]
        nest = _nest([*order, sample], extents, [z_strides, a_strides, b_strides, bias_strides])
        tables = [
            offsets([extents[i] for i in letters], [own.get(i, 0) for i in letters])
            for letters, own in (
                (rows, a_strides), (rows, z_strides), (rows, bias_strides),
                (inner, a_strides), (inner, b_strides),
            )
        ]  # fmt: skip
        self.widest = max(self.widest, len(tables[0]) * len(tables[3]))
        self.emit(
            "MULTIPLY", 0, nest, (z, a, right, bias), self.phase([z, a, right, bias], shape),
            [len(tables[0]), len(tables[3]), *chain(*tables)],
        )  # fmt: skip
        self.temporary(right, b)
        return z

    def over_samples(
        self, a: Operand, b: Operand, strides: list[dict[str, int]], extents: dict[str, int],
        out: str, sample: str, shape: Shape,
    ) -> Operand:  # fmt: skip
        """Compute a sum of products over samples: a gradient's."""
        left, right = self.spread(a), self.spread(b)
        a_strides = dict(zip(strides[0], left.strides, strict=True))
        b_strides = dict(zip(strides[1], right.strides, strict=True))
        z = self.sums_over_samples(shape)
        z_strides = dict(zip(out, z.strides, strict=True))
        nest = [letter for letter in out if letter in a_strides and letter in b_strides]
        rows = [letter for letter in out if letter not in b_strides]
        columns = [letter for letter in out if letter not in a_strides]
        inner = [letter for letter in extents if letter not in out and letter != sample]
        lengths, steps = _nest(nest, extents, [z_strides, a_strides, b_strides])
        axes = (
            [*lengths, SAMPLES],
            [[*own, step] for own, step in zip(steps, (0, 1, 1), strict=True)],
        )
        tables = [
            offsets([extents[i] for i in letters], [own.get(i, 0) for i in letters])
            for letters, own in (
                (rows, a_strides), (rows, z_strides), (columns, b_strides), (columns, z_strides),
                (inner, a_strides), (inner, b_strides),
            )
        ]  # fmt: skip
        counts = [len(tables[0]), len(tables[2]), len(tables[4])]
        self.emit("MULTIPLY_SAMPLES", 0, axes, (z, left, right), BLOCK, [*counts, *chain(*tables)])
        self.temporary(left, a)
        self.temporary(right, b)
        return z


def _nest(
    letters: Sequence[str], extents: dict[str, int], strides: Sequence[dict[str, int]]
) -> tuple[list[int], list[list[int]]]:
    """Return the axes of a nest, of which an operand may lack some."""
    lengths = [extents[i] for i in letters]
    return collapsed(lengths, [[own.get(i, 0) for i in letters] for own in strides])


def samples_last(shape: Shape) -> list[int]:
    """Return the axes of a shape, that of the samples last.

    >>> samples_last((2, "n", 3))
    [0, 2, 1]
    """
    return sorted(range(len(shape)), key=lambda i: shape[i] == SAMPLE_AXIS)


def rows_of(x: Operand) -> tuple[list[int], list[list[int]]]:
    """Return the axes of an operand, of which only samples may be the inner one."""
    order = samples_last(x.shape)
    extents, strides = [extent(x.shape[i]) for i in order], [x.strides[i] for i in order]
    if not is_batched(x.shape):
        extents, strides = [*extents, 1], [*strides, 0]
    return extents, [strides]


def place_of(x: Operand) -> Place:
    """Return where an array is: its place, or its first row."""
    if len(x.shape) > MOST_AXES:
        raise UnsupportedError("too many axes")
    batched = is_batched(x.shape)
    return (x.offset & ~ROWS) // SAMPLES if batched else x.offset, known(x.shape), batched
