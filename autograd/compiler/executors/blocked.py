"""Build the blocked executor's records from the equations of an array program.

A batched array is kept for a block of samples at a time, as rows of them; rows are used again once
nothing reads them any more. What has no samples is kept whole: it is computed before the first
block or, where it rests on a sum over samples, after the last one.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import numpy as np

from autograd.compiler.executors.blocked_lists import ListRecorder
from autograd.compiler.executors.blocked_operands import (
    BEFORE,
    Operand,
    UnsupportedError,
    is_batched,
    is_contiguous,
    known,
    row_strides,
    viewed,
)
from autograd.compiler.executors.blocked_records import EXPONENTS, Place, Records, place_of
from autograd.compiler.executors.index_bounds import Bound
from autograd.compiler.ir.array_ir import SAMPLES as SAMPLE_AXIS
from autograd.compiler.ir.array_ir import (
    ArrayProgram,
    Equation,
    Expression,
    Variable,
    walk,
)
from autograd.compiler.ir.builder import number_of


def build(
    program: ArrayProgram,
    operations: Sequence[str],
    kinds: Sequence[str],
    bounds: Sequence[Bound] = (),
) -> Records | None:
    """Return a program as records; None where it has something that they cannot do.

    ``operations`` and ``kinds`` are the interpreter's own, in its order; ``bounds`` say by the
    inputs' numbers what selects.
    """
    try:
        return _Builder(program, operations, kinds).build(bounds)
    except UnsupportedError:
        return None


class _Builder(ListRecorder):
    """Makes the records of one program, equation by equation."""

    def __init__(
        self, program: ArrayProgram, operations: Sequence[str], kinds: Sequence[str]
    ) -> None:
        super().__init__(operations, kinds)
        self.program = program
        self.values: dict[Expression, Operand] = {}
        roots = [*(equation.expression for equation in program.equations), *program.results]
        self.uses = Counter(chain(roots, *(x.operands for x in walk(roots))))  # those to come

    def build(self, bounds: Sequence[Bound]) -> Records:
        """Return the program as records."""
        program = self.program
        inputs = [self.input(variable) for variable in program.inputs]
        for i, positions, bound, size in bounds:
            assert i is not None
            self.bounded(self.values[program.inputs[i]], positions, bound, size)
        for equation in program.equations:
            self.define(equation)
        results = [self.result(x) for x in program.results]
        return self.records(inputs, results)

    def input(self, variable: Variable) -> Place:
        """Make room for an input."""
        self.values[variable] = x = self.new(variable.shape, BEFORE)
        x.buffer.holds += not self.uses[variable]
        return place_of(x)

    def bounded(self, x: Operand, positions: Sequence[int], bound: int, size: int) -> None:
        """Leave the program where some of an array's numbers are no positions below a bound."""
        parts: list[Operand | None] = [x]
        if len(positions) < size:
            shape = known(tuple([n for n in x.shape if n != SAMPLE_AXIS]))
            index = zip(*np.unravel_index(positions, shape), strict=True)
            parts = [viewed(x, "index", tuple(map(int, place))) for place in index]
        for part in parts:
            assert part is not None
            self.check("CHECK_POSITIONS", part, bound)

    def result(self, x: Expression) -> Place:
        """Keep a result, in order, until it is returned."""
        value = self.of(x)
        whole = value if is_contiguous(value) else self.copied(value)
        whole.buffer.holds += 1
        return place_of(whole)

    def define(self, equation: Equation) -> None:
        """Make the records of an equation."""
        if equation.softmax is None:
            self.values[equation.result] = self.of(equation.expression)
        else:
            operands = map(self.of, equation.expression.operands)
            loss, shares = self.cross_entropy_softmax(*operands)
            self.values[equation.result], self.values[equation.softmax] = loss, shares
            self.used(equation.expression.operands)
        for result in equation.results:
            self.values[result].buffer.holds += 1
            if not self.uses[result]:
                self.release(self.values[result].buffer)
        if equation.softmax is None:
            self.used([equation.expression])

    def used(self, operands: Sequence[Expression]) -> None:
        """Note that some expressions were read once more; drop those that nobody will read."""
        for x in operands:
            self.uses[x] -= 1
            if not self.uses[x] and x in self.values:
                self.release(self.values[x].buffer)

    # Expressions

    def of(self, x: Expression) -> Operand:
        """Return where an expression is, after writing the records that compute it."""
        found = self.values.get(x)
        if found is None:
            if isinstance(x, Variable):
                found = self.constant(np.asarray(self.program.constants[x.name]))
            else:
                found = self.computed(x)
                self.used(x.operands)
            self.values[x] = found
        return found

    def computed(self, x: Expression) -> Operand:
        """Compute an expression."""
        name, attributes = x.primitive, x.attributes
        visit = _VISITS.get(name)
        if visit is not None:
            return visit(self, x)
        if (found := self.fused(x)) is not None:
            return found
        operands = [self.of(y) for y in x.operands]
        if name in _VIEWS:
            return self.view(operands[0], "reshape" if name == "item" else name, _VIEWS[name](x))
        if name == "pow" and (exponent := number_of(x.operands[1])) in EXPONENTS:
            return self.elementwise(EXPONENTS[exponent], operands[0])
        if name == "einsum":
            return self.einsum(attributes[0], *operands)
        if name in {"add", "sub", "neg"} and all(y.dtype == "bool" for y in x.operands):
            raise UnsupportedError("arithmetic of truths")
        return self.elementwise(name, *operands)

    def fused(self, x: Expression) -> Operand | None:
        """Compute an operation together with one of its operands that nothing else reads."""
        for at, y in enumerate(x.operands):
            if y in self.values or self.uses[y] > 1 or y.shape != x.shape:
                continue
            other = x.operands[1 - at] if len(x.operands) > 1 else y
            name = _FUSED.get((x.primitive, y.primitive, at))
            if name is not None and all(z.dtype == "float" for z in (*y.operands, other)):
                first, second, third = map(self.of, (*y.operands, other))
                if name == "mul_gt":
                    first, second, third = third, first, second
                z = self.elementwise(name, first, second, third)
                self.used(y.operands)  # not before: their rows are not the result's
                return z
            is_bias = (x.primitive, y.primitive) == ("add", "einsum") and not is_batched(
                other.shape
            )
            batched = [is_batched(z.shape) for z in (y, *y.operands)]
            if is_bias and batched in ([True, True, False], [True, False, True]):
                a, b, bias = map(self.of, (*y.operands, other))
                z = self.einsum(y.attributes[0], a, b, bias)
                self.used(y.operands)
                return z
        return None

    def view(self, x: Operand, primitive: str, attribute: Any) -> Operand:
        """Return a view, of a copy where there is none of the numbers themselves."""
        found = viewed(x, primitive, attribute)
        if found is None:
            found = viewed(self.copied(x), primitive, attribute)
            if found is None:  # samples that are not the last axis
                raise UnsupportedError(primitive)
            return found
        found.buffer.holds += 1
        return found

    def reduce_sum(self, x: Expression) -> Operand:
        """Compute a sum over axes."""
        axes, keepdims = x.attributes
        (operand,) = map(self.of, x.operands)
        z = self.total(operand, axes)
        return Operand(z.buffer, z.offset, x.shape, row_strides(x.shape)) if keepdims else z

    def mean(self, x: Expression) -> Operand:
        """Compute the mean of all elements."""
        (operand,) = map(self.of, x.operands)
        z = self.total(operand, range(len(operand.shape)))
        if z is operand:  # one number
            return self.copied(z)
        count = self.number(float(np.prod(known(operand.shape), dtype=int)))
        if is_batched(operand.shape):
            count = self.elementwise("mul", count, self.count)
        return self.elementwise("div", z, count)

    def concatenate(self, x: Expression) -> Operand:
        """Copy arrays next to each other."""
        operands = [self.of(y) for y in x.operands]
        z = self.new(x.shape, self.phase(operands, x.shape))
        start = 0
        for operand in operands:
            (size, *_) = operand.shape
            assert isinstance(size, int)
            part = viewed(z, "index", (slice(start, start + size),))
            assert part is not None
            self.into(part, "copy", operand)
            start += size
        return z

    def onehot(self, x: Expression) -> Operand:
        """Compare positions with 0, 1, ..."""
        k = self.of(x.operands[0])
        (count, *rest) = x.shape
        column = self.constant(np.arange(count, dtype=float).reshape(-1, *[1] * len(rest)))
        for y in x.operands[1:]:
            self.of(y)
        z = self.new(x.shape, self.phase([k], x.shape))
        self.into(z, "eq", column, k)
        return z

    def positions(self, x: Expression) -> Operand:
        """Return 0, 1, ... along the first axis."""
        self.of(x.operands[0])
        return self.constant(np.arange(x.shape[0], dtype=float).reshape(known(x.shape)))

    def add_at(self, x: Expression) -> Operand:
        """Add numbers up by index."""
        k, numbers = map(self.of, x.operands)
        z = self.zeros_for(x.shape, [k, numbers])
        self.scatter(z, k, numbers)
        return z

    def accumulate(self, x: Expression) -> Operand:
        """Add arrays to parts of zeros."""
        paths, shape = x.attributes
        operands = [self.of(y) for y in x.operands]
        positions = [
            self.of(path[-1][1]) if path and path[-1][0] == "gather" else None for path in paths
        ]
        z = self.zeros_for(shape, [*operands, *[k for k in positions if k is not None]])
        for operand, path, k in zip(operands, paths, positions, strict=True):
            part: Operand | None = z
            for primitive, attribute in path[: len(path) - (k is not None)]:
                part = (
                    viewed(part, primitive, attribute) if part and primitive != "gather" else None
                )
            if part is None:
                raise UnsupportedError("a path")
            if k is not None:
                self.scatter(part, k, operand)
            else:
                self.into(part, "add", part, operand)
        return z


_VIEWS: dict[str, Any] = {
    **dict.fromkeys(("transpose", "index", "reshape"), lambda x: x.attributes[0]),
    **dict.fromkeys(("broadcast_to", "item"), lambda x: x.shape),
    "repeat_samples": lambda _: None,
}
_FUSED = {  # an operation, one of its operands' and its place: both at once
    ("add", "mul", 0): "mul_add", ("add", "mul", 1): "mul_add",
    ("sub", "mul", 0): "mul_sub", ("sub", "mul", 1): "sub_mul",
    ("mul", "gt", 0): "mul_gt", ("mul", "gt", 1): "mul_gt",
}  # fmt: skip
_VISITS: dict[str, Callable[[_Builder, Any], Operand]] = {
    "number": lambda b, x: b.number(x.value),
    "size": lambda b, _: b.count,
    "reduce_sum": _Builder.reduce_sum,
    "mean": _Builder.mean,
    "concatenate": _Builder.concatenate,
    "onehot": _Builder.onehot,
    "positions": _Builder.positions,
    "add_at": _Builder.add_at,
    "accumulate": _Builder.accumulate,
    "gather": lambda b, x: b.gather(*map(b.of, x.operands)),
    "take": lambda b, x: b.take(*map(b.of, x.operands)),
    "cross_entropy": lambda b, x: b.cross_entropy(*map(b.of, x.operands)),
    "logsumexp": lambda b, x: b.logsumexp(b.of(x.operands[0])),
    "softmax": lambda b, x: b.softmax(b.of(x.operands[0])),
    **dict.fromkeys(
        ("max", "min", "prod", "norm"),
        lambda b, x: b.reduced(x.primitive, b.of(x.operands[0]), (0,)),
    ),
    "others": lambda b, x: b.others(b.of(x.operands[0])),
    "shares": lambda b, x: b.shares(*map(b.of, x.operands)),
    "asarray": lambda b, x: b.copied(b.of(x.operands[0])),
}
