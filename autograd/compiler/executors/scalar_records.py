"""Build the blocked executor's records from a scalar program: each of its numbers is a row.

For batches of long thin programs, such as the steps of an equation's solver, which arrays would
make longer still. The derivatives, of `autograd.compiler.vectorize.derivatives`, are numbers of the
same scalar program. What no sample changes is computed once, before the first block.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from autograd.compiler.executors.blocked import COUNT, EXPONENTS, Place, Records, place_of
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
from autograd.compiler.executors.blocked_records import Recorder
from autograd.compiler.ir.array_ir import COMPARISONS
from autograd.compiler.ir.array_ir import SAMPLES as SAMPLE_AXIS
from autograd.compiler.layout.views import Array
from autograd.compiler.programs.program import Program
from autograd.compiler.tracing.scalar_ir import ScalarProgram
from autograd.compiler.vectorize.derivatives import Growing, is_derivable
from autograd.primitives import CONSTANT, LEAF, TABLE

FUSED = "fused"  # a product that its only reader computes
PRIMITIVES = {sign: name for name, sign in COMPARISONS.items()}


def build_rows(program: Program, operations: Sequence[str], kinds: Sequence[str]) -> Records | None:
    """Return a scalar program as records; None where it has something that they cannot do.

    ``operations`` and ``kinds`` are the interpreter's own, in its order.
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
        return _Builder(program, scalars, places.tolist(), operations, kinds).build(slopes)
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
        self.offset = [0] * len(self.ops)  # of each number
        self.batched = [False] * len(self.ops)
        self.sums: dict[int, list[int]] = {}  # where a number is added up over the samples
        self.idle: list[int] = []  # rows that may be used again
        self.single: list[int] = []  # places of single numbers

    def build(self, slopes: Sequence[int]) -> Records:
        """Return the program as records; ``slopes`` are the derivatives' nodes."""
        program, places = self.program, self.places
        self.count = self.constant(np.zeros(()))
        assert self.count.offset == COUNT
        inputs = [self.input(array) for array in program.arrays]
        read = [places[i] for guard in program.guards for i in (guard.x, guard.y)]
        for array in program.outputs or ():
            read += [places[i] for i in array.ids.ravel().tolist()]
        for node in read:
            self.uses[node] += 1  # until the end
        results = []
        if program.outputs is None:
            nodes = [places[i] for i in (program.result, *slopes)]
            z = self.zeros((len(nodes),), AFTER)
            results = self.totals(z, nodes)
        self.fuse()
        for node in range(len(self.ops)):
            self.compute(node)
        if program.reduce == "mean":
            self.into(z, "div", z, self.count)
        results += [self.output(array) for array in program.outputs or ()]
        results += [
            self.compared(PRIMITIVES[guard.sign], places[guard.x], places[guard.y])
            for guard in program.guards
        ]
        numbers = np.zeros(self.size)
        for place, constant in self.constants:
            numbers[place : place + constant.size] = constant.ravel()
        before, block, after = (np.array(code, np.int64) for code in self.code)
        return Records((before, block, after), numbers, self.rows, inputs, results, 0)

    def input(self, array: Array) -> Place:
        """Make room for an array, and find its numbers there."""
        x = self.new((*array.shape, SAMPLE_AXIS) if array.sample else array.shape, BEFORE)
        step = SAMPLES if array.sample else 1
        for k, i in enumerate(array.ids.ravel().tolist()):
            if (node := self.places[i]) >= 0:
                self.offset[node], self.batched[node] = x.offset + k * step, array.sample
        return place_of(x)

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
            self.offset[node] = self.number(self.known[node]).offset
        elif op != LEAF:
            self.operation(node, op, inputs)
        for place in self.sums.get(node, ()):
            self.total_of(node, place)
        for other in (*inputs, *[node] * len(self.sums.get(node, ()))):
            self.uses[other] -= 1
            if not self.uses[other] and self.batched[other] and self.ops[other] != LEAF:
                self.idle.append(self.offset[other])

    def operation(self, node: int, op: str, inputs: list[int]) -> None:
        """Compute a number of others."""
        if op == "pow" and self.ops[inputs[1]] == CONSTANT:
            special = EXPONENTS.get(self.known[inputs[1]])
            op, inputs = (op, inputs) if special is None else (special, inputs[:1])
        self.batched[node] = batched = any(self.batched[i] for i in inputs)
        if op in {"sum", "mean"}:
            self.offset[node] = z = self.copied_number(inputs[0], batched)
            for i in inputs[1:]:
                self.write("add", z, batched, [(z, batched), self.of(i)])
            if op == "mean":
                count = self.number(float(len(inputs))).offset
                self.write("div", z, batched, [(z, batched), (count, False)])
        elif op == "dot":
            half = len(inputs) // 2
            start = inputs[-1] if len(inputs) % 2 else None
            zero = (self.number(0.0).offset, False)
            self.offset[node] = z = self.room(batched)
            last = zero if start is None else self.of(start)
            for x, y in zip(inputs[:half], inputs[half:], strict=False):
                self.write("mul_add", z, batched, [self.of(x), self.of(y), last])
                last = (z, batched)
        elif op in TABLE and TABLE[op].variadic:
            raise UnsupportedError(op)
        else:
            self.offset[node] = z = self.room(batched)
            self.write(op, z, batched, list(map(self.of, inputs)))

    def of(self, node: int) -> tuple[int, bool]:
        """Return a number's place, and whether it has samples."""
        return self.offset[node], self.batched[node]

    def room(self, batched: bool) -> int:
        """Return the place of a new number."""
        if not batched:
            if not self.single:
                start = self.new((ALIGNED,), BEFORE).offset
                self.single = [*range(start, start + ALIGNED)]
            return self.single.pop()
        return self.idle.pop() if self.idle else self.rows_for(1) * SAMPLES | ROWS

    def copied_number(self, node: int, batched: bool) -> int:
        """Return the place of a copy."""
        z = self.room(batched)
        self.write("copy", z, batched, [self.of(node)])
        return z

    def write(
        self, name: str, z: int, batched: bool, operands: Sequence[tuple[int, bool]],
        phase: int = BEFORE,
    ) -> None:  # fmt: skip
        """Write the record of an operation on rows, or on single numbers."""
        if name not in self.operations:
            raise UnsupportedError(name)
        if name in TABLE:  # options that were left out
            options = TABLE[name].arguments[len(operands) :]
            numbers = [self.number(TABLE[name].defaults[x]).offset for x in options]
            operands = [*operands, *[(number, False) for number in numbers]]
        record = [0, SAMPLES if batched else 1]
        for place, steps in ((z, batched), *operands):
            record += (place, int(steps))
        code = self.code[BLOCK if batched else phase]
        code += (self.kinds["ELEMENTWISE"], len(record) + 3, self.operations[name], *record)

    def total_of(self, node: int, place: int) -> None:
        """Add a number up over the samples."""
        x, batched = self.of(node)
        if batched:
            record = [0, SAMPLES, place, 0, x, 1, 1, 0]
            self.code[BLOCK].extend([self.kinds["SUM_SAMPLES"], len(record) + 3, 0, *record])
        else:
            self.write("mul", place, False, [(x, False), (COUNT, False)], AFTER)

    def output(self, array: Array) -> Place:
        """Copy the numbers of a result next to each other."""
        z = self.new((*array.shape, SAMPLE_AXIS) if array.sample else array.shape, BEFORE)
        step = SAMPLES if array.sample else 1
        for k, i in enumerate(array.ids.ravel().tolist()):
            self.write("copy", z.offset + k * step, array.sample, [self.of(self.places[i])])
        return place_of(z)

    def compared(self, name: str, x: int, y: int) -> Place:
        """Compare two numbers."""
        batched = self.batched[x] or self.batched[y]
        z = self.new((SAMPLE_AXIS,) if batched else (), BEFORE)
        self.write(name, z.offset, batched, [self.of(x), self.of(y)])
        return place_of(z)
