"""Build the blocked executor's records from a scalar program: each of its numbers is a row.

For batches of long thin programs, such as the steps of an equation's solver, which arrays would
make longer still. The derivatives, of `autograd.compiler.vectorize.derivatives`, are numbers of the
same scalar program. What no sample changes is computed once, before the first block.
"""

from collections.abc import Sequence
from itertools import chain, pairwise

import numpy as np

from autograd.compiler.executors.blocked_operands import (
    AFTER,
    ALIGNED,
    BEFORE,
    BLOCK,
    ROWS,
    SAMPLES,
    Operand,
    UnsupportedError,
)
from autograd.compiler.executors.blocked_records import (
    COUNT,
    EXPONENTS,
    Place,
    Recorder,
    Records,
    place_of,
)
from autograd.compiler.ir.array_ir import SAMPLES as SAMPLE_AXIS
from autograd.compiler.ir.lowering import PRIMITIVES
from autograd.compiler.layout.views import Array
from autograd.compiler.programs.program import Program
from autograd.compiler.tracing.scalar_ir import ScalarProgram
from autograd.compiler.vectorize.derivatives import Growing, is_derivable
from autograd.primitives import CONSTANT, LEAF, TABLE

FUSED = "fused"  # a product that its only reader computes
Row = tuple[int, int]  # a number's place, and its step to the next sample: 0 if samples share it


def build_rows(
    program: Program, operations: Sequence[str], kinds: Sequence[str], *, fuse: bool = True
) -> Records | None:
    """Return a scalar program as records; None where it has something that they cannot do.

    ``operations`` and ``kinds`` are the interpreter's own, in its order. ``fuse``: let products be
    part of sums, which then are rounded once.
    """
    if program.wanted and not is_derivable(program.scalars):
        return None
    wanted = [i for array in program.wanted for i in array.ids.ravel().tolist()]
    growing = Growing(program.scalars)
    slopes = growing.vjp(program.result, wanted, last=True) if wanted else []
    sides = [i for guard in program.guards for i in (guard.x, guard.y)]
    outputs = [i for array in program.outputs or () for i in array.ids.ravel().tolist()]
    scalars, places = growing.program([program.result, *slopes, *sides, *outputs])
    try:
        builder = _Builder(program, scalars, places.tolist(), operations, kinds)
        return builder.build(slopes, fuse=fuse)
    except UnsupportedError:
        return None


class _Builder(Recorder):
    """Makes the records of one program, number by number."""

    def __init__(
        self, program: Program, scalars: ScalarProgram, places: list[int],
        operations: Sequence[str], kinds: Sequence[str],
    ) -> None:  # fmt: skip
        super().__init__(operations, kinds)
        self.program, self.places = program, places
        self.ops, self.known = list(scalars.ops), scalars.numbers.tolist()
        starts, edges = scalars.starts.tolist(), scalars.inputs.tolist()
        self.inputs = [edges[a:b] for a, b in pairwise(starts)]
        self.uses = np.bincount(scalars.inputs, minlength=len(self.ops)).tolist()
        self.at: list[Row] = [(0, 0)] * len(self.ops)  # of each number
        self.sums: dict[int, list[int]] = {}  # where a number is added up over the samples
        self.targets: dict[int, Row] = {}  # where a number belongs, as it is part of a result
        self.idle: list[Row] = []  # rows that may be used again
        self.single: list[Row] = []  # room for numbers that samples share

    def build(self, slopes: Sequence[int], *, fuse: bool) -> Records:
        """Return the program as records; ``slopes`` are the derivatives' nodes."""
        program, places = self.program, self.places
        inputs = [self.input(array) for array in program.arrays]
        outputs = [self.array(array) for array in program.outputs or ()]
        nodes = [places[i] for array in program.outputs or () for i in array.ids.ravel().tolist()]
        ends = list(zip(nodes, chain.from_iterable(rows for _, rows in outputs), strict=True))
        self.targets = dict(reversed(ends))
        read = [places[i] for guard in program.guards for i in (guard.x, guard.y)]
        for node in (*read, *nodes):
            self.uses[node] += 1  # until the end
        results = [place for place, _ in outputs]
        if program.outputs is None:
            nodes = [places[i] for i in (program.result, *slopes)]
            z = self.sums_over_samples((len(nodes),))
            results = self.totals(z, nodes)
        if fuse:
            self.fuse()
        for node in range(len(self.ops)):
            self.compute(node)
        if program.reduce == "mean":
            self.into(z, "div", z, self.count)
        for node, row in ends:
            if self.at[node] != row:
                self.write("copy", row, [self.at[node]])
        results += [
            self.compared(PRIMITIVES[guard.sign], places[guard.x], places[guard.y])
            for guard in program.guards
        ]
        return self.records(inputs, results)

    def input(self, array: Array) -> Place:
        """Make room for an array, and find its numbers there."""
        place, rows = self.array(array)
        for i, row in zip(array.ids.ravel().tolist(), rows, strict=True):
            if (node := self.places[i]) >= 0:
                self.at[node] = row
        return place

    def array(self, array: Array) -> tuple[Place, list[Row]]:
        """Make room for an array; return its place, and those of its numbers."""
        x = self.new((*array.shape, SAMPLE_AXIS) if array.sample else array.shape, BEFORE)
        step, between = int(array.sample), SAMPLES if array.sample else 1
        return place_of(x), [(x.offset + k * between, step) for k in range(array.ids.size)]

    def totals(self, z: Operand, nodes: Sequence[int]) -> list[Place]:
        """Say where the value and the gradients are added up, over the samples."""
        for k, node in enumerate(nodes):
            self.sums.setdefault(node, []).append(z.offset + k)
            self.uses[node] += 1
        found: list[Place] = [(z.offset, (), False)]
        start = 1
        for array in self.program.wanted:
            found.append((z.offset + start, array.shape, False))
            start += array.ids.size
        return found

    def fuse(self) -> None:
        """Let a sum or difference compute a product that nothing else reads."""
        for node, op in enumerate(self.ops):
            if op not in {"add", "sub"}:
                continue
            for at, other in enumerate(self.inputs[node]):
                if self.ops[other] == "mul" and self.uses[other] == 1:
                    rest = self.inputs[node][1 - at]
                    self.ops[node] = "mul_add" if op == "add" else "sub_mul" if at else "mul_sub"
                    self.inputs[node] = [*self.inputs[other], rest]
                    self.ops[other] = FUSED
                    break

    def compute(self, node: int) -> None:
        """Write the records of a number; rows that nobody reads any more are free."""
        op, inputs = self.ops[node], self.inputs[node]
        if op == FUSED:
            return
        if op == CONSTANT:
            self.at[node] = self.shared(self.known[node])
        elif op != LEAF:
            self.at[node] = self.operation(op, inputs, self.targets.get(node))
        sums = self.sums.get(node, ())
        for place in sums:
            self.total_of(self.at[node], place)
        for other in (*inputs, *[node] * len(sums)):
            self.uses[other] -= 1
            if not self.uses[other] and self.at[other][1] and self.ops[other] != LEAF:
                self.idle.append(self.at[other])

    def operation(self, op: str, inputs: Sequence[int], target: Row | None) -> Row:
        """Compute a number of others, in its place if it is like it; return where it is."""
        operands = [self.at[i] for i in inputs]
        step = max([step for _, step in operands])
        z = target if target is not None and target[1] == step else self.room(step)
        if op in {"sum", "mean"}:
            self.write("copy", z, operands[:1])
            for x in operands[1:]:
                self.write("add", z, (z, x))
            if op == "mean":
                self.write("div", z, (z, self.shared(float(len(inputs)))))
        elif op == "dot":
            half = len(inputs) // 2
            last = operands[-1] if len(inputs) % 2 else self.shared(0.0)
            for x, y in zip(operands[:half], operands[half : 2 * half], strict=True):
                self.write("mul_add", z, (x, y, last))
                last = z
        elif op in TABLE and TABLE[op].variadic:
            raise UnsupportedError(op)
        elif op == "pow" and (special := self.exponent(inputs[1])) in EXPONENTS:
            self.write(EXPONENTS[special], z, operands[:1])
        else:
            self.write(op, z, operands)
        return z

    def exponent(self, node: int) -> float | None:
        """Return a number that is known when the records are made."""
        return self.known[node] if self.ops[node] == CONSTANT else None

    def shared(self, value: float) -> Row:
        """Return where a known number is."""
        return self.number(value).offset, 0

    def room(self, step: int) -> Row:
        """Return the place of a new number."""
        if step:
            return self.idle.pop() if self.idle else (self.rows_for(1) * SAMPLES | ROWS, 1)
        if not self.single:
            start = self.new((ALIGNED,), BEFORE).offset
            self.single = [(start + i, 0) for i in range(ALIGNED)]
        return self.single.pop()

    def write(self, name: str, z: Row, operands: Sequence[Row], phase: int = BEFORE) -> None:
        """Write the record of an operation on rows, or on numbers that samples share."""
        options = [(x.offset, 0) for x in self.options(name, len(operands))]
        record = [0, SAMPLES if z[1] else 1, *chain(z, *operands, *options)]
        self.record("ELEMENTWISE", self.operations[name], record, BLOCK if z[1] else phase)

    def total_of(self, x: Row, total: int) -> None:
        """Add a number up over the samples."""
        place, is_batched = x
        if is_batched:
            self.record("SUM_SAMPLES", 0, [0, SAMPLES, total, 0, place, 1, 1, 0], BLOCK)
        else:
            self.write("mul", (total, 0), (x, (COUNT, 0)), AFTER)

    def compared(self, name: str, x: int, y: int) -> Place:
        """Compare two numbers."""
        sides = self.at[x], self.at[y]
        step = max([step for _, step in sides])
        z = self.new((SAMPLE_AXIS,) if step else (), BEFORE)
        self.write(name, (z.offset, step), sides)
        return place_of(z)
