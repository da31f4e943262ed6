"""Lower instructions to equations of the array IR: what is read, and what is made of it."""

from collections.abc import Sequence
from typing import Any

from autograd.compiler.ir.array_ir import BINARY, SAMPLES, Equation, Expression, Shape, Variable
from autograd.compiler.ir.builder import Builder
from autograd.compiler.ir.numpy_source import NumpyPrinter
from autograd.compiler.layout.buffers import Operand
from autograd.compiler.layout.views import Array, View
from autograd.compiler.runtime.sets import distinct
from autograd.compiler.vectorize.instructions import INNER, Addend, Instruction
from autograd.primitives import TABLE
from autograd.rules.backends import ARRAYS

WRITTEN_OUT = {"add", "sub", "mul", "div", "neg"}


class Lowering:
    """Makes equations of instructions; ``kept`` has the constants by name."""

    def __init__(self, build: Builder, kept: dict[str, Any], arrays: Sequence[Array]) -> None:
        self.build = build
        self.kept = kept
        self.names = {array.name for array in arrays if array.name}
        self.variables: dict[Array, Variable] = {}
        self.constants: dict[str, Variable] = {}
        self.equations: list[Equation] = []

    def variable(self, array: Array) -> Variable:
        """Return the variable of an array that the program has."""
        found = self.variables.get(array)
        if found is None:
            if array.kind == "constant":
                found = self.constant(array.name)
            else:
                shape: Shape = (*array.shape, *[SAMPLES] * array.sample)
                found = Variable(array.name, shape, array.kind)
            self.variables[array] = found
        return found

    def constant(self, name: str) -> Variable:
        """Return the variable of a constant that the program brings along."""
        found = self.constants.get(name)
        if found is None:
            thing = self.kept[name]
            dtype = {"i": "int", "b": "bool"}.get(thing.dtype.kind, "float")
            found = self.constants[name] = Variable(name, thing.shape, "constant", dtype)
            found.distinct = dtype == "int" and len(distinct(thing)) == thing.size
        return found

    # Operands

    def read(self, operand: Operand) -> Expression:
        """Return what an instruction reads, perhaps with one more axis, of length 1."""
        if operand.view is None:
            return self.build.number(operand.number)
        return self.view(operand.view)

    def plain(self, operand: Operand) -> Expression:
        """Return what an instruction reads, without its axis of length 1."""
        x = self.read(operand)
        return self.build.index(x, (Ellipsis, 0)) if operand.unit else x

    def broadcast(self, operand: Operand, axes: str) -> Expression:
        """Return an operand so that it meets arrays of the given axes element by element."""
        if operand.view is None:
            return self.build.number(operand.number)
        if operand.unit and len(axes) == len(operand.axes) + 1 and axes.startswith(operand.axes):
            return self.read(operand)
        return self.build.expanded(self.plain(operand), operand.axes, axes)

    def view(self, view: View) -> Expression:
        """Return what is read of an array."""
        build, array = self.build, view.array
        x = self.joined(array) if array.parts else self.variable(array)
        last = (SAMPLES,) * array.sample
        for step in view.steps:
            if step.kind != "mask":
                what = self.constant(step.what) if step.kind == "gather" else step.what
                x = build.part(x, step.kind, what, last)
            else:
                name, fill = step.what
                mask: Expression = self.constant(name)
                if array.sample:
                    mask = build.index(mask, (Ellipsis, None))
                x = build.call("where", mask, x, build.number(fill))
        return x

    def joined(self, array: Array) -> Expression:
        """Return several arrays one after another, flat; with samples, all along their axis."""
        build, flat = self.build, []
        for part in array.parts:
            x: Expression = self.variable(part)
            x = build.reshape(x, (part.ids.size, *[SAMPLES] * part.sample))
            flat.append(build.make("repeat_samples", x) if array.sample and not part.sample else x)
        return build.make("concatenate", *flat)

    # Instructions

    def lower(self, step: Instruction, *, wants_gradient: bool) -> None:
        """Add the equation of an instruction; a cross-entropy keeps its softmax."""
        result = self.variable(step.out)
        axes = step.axes + SAMPLES * step.out.sample
        x = self._with_all_axes(self.value(step, axes), step)
        if step.op == "cross_entropy" and wants_gradient and x.primitive == step.op:
            x = self.build.make("cross_entropy_softmax", *x.operands)
            name = f"P{result.name[1:]}"
            softmax = Variable(
                name if name not in self.names else f"P_{result.name[1:]}",
                x.operands[0].shape, "result",
            )  # fmt: skip
            self.equations.append(Equation(result, x, softmax))
            self.build.named[self.build.make("softmax", x.operands[0])] = softmax
            return
        self.equations.append(Equation(result, x))
        if x.primitive in ARRAYS and x.primitive not in {*BINARY, "neg"}:
            self.build.named.setdefault(x, result)

    def value(self, step: Instruction, axes: str) -> Expression:
        """Return what an instruction computes."""
        if step.op == "sum":
            total = self.addend(step.parts[0], axes)
            for part in step.parts[1:]:
                total = self.build.add(total, self.addend(part, axes))
            return total
        if step.op == "take" and not set(step.operands[1].axes) & set(step.operands[0].axes):
            return self.taken(step, axes)
        if TABLE[step.op].variadic:
            return self.build.call(step.op, *self.list_operands(step, axes))
        return self.elementwise(step, axes)

    def addend(self, part: Addend, axes: str) -> Expression:
        """Return one addend of a sum, broadcast."""
        build, x, y = self.build, part.x, part.y
        if y is None:
            if INNER not in x.axes:
                return build.scaled(part.coefficient, self.broadcast(x, axes))
            left = x.axes.replace(INNER, "")
            total = build.reduce_sum(self.plain(x), [x.axes.index(INNER)])
            return build.scaled(part.coefficient, build.expanded(total, left, axes))
        if x.view is None or y.view is None:
            number, other = (x.number, y) if x.view is None else (y.number, x)
            return self.addend(Addend(part.coefficient * number, other), axes)
        have = "".join(axis for axis in axes if axis in x.axes + y.axes)
        product = build.contract(self.plain(x), x.axes, self.plain(y), y.axes, have)
        return build.scaled(part.coefficient, build.expanded(product, have, axes))

    def elementwise(self, step: Instruction, axes: str) -> Expression:
        """Return what a function of numbers gives for each element."""
        build, entry = self.build, TABLE[step.op]
        operands = [self.broadcast(operand, axes) for operand in step.operands]
        if step.op in WRITTEN_OUT:
            return build.call(step.op, *operands)
        if step.op == "pow":
            x, y = operands
            if step.deciding and (step.operands[1].view or step.operands[1].number == 0.5):
                names = {"x": x, "y": y, "power": build.make("pow", x, y)}  # NumPy's root is nan
                return build.rule("where((x == -inf) & (y == 0.5), inf, power)", names)
            return build.call("pow", x, y)
        defaults = [entry.defaults.get(name) for name in entry.arguments]
        while operands and defaults[-1] is not None and _is_number(operands[-1], defaults[-1]):
            operands.pop()
            defaults.pop()
        return build.make(step.op, *operands)

    def taken(self, step: Instruction, axes: str) -> Expression:
        """Return rows that are chosen by positions which none of the rows' axes depends on."""
        xs, index = step.operands
        build, rest = self.build, xs.axes.replace(INNER, "")
        rows = build.turned(self.plain(xs), xs.axes, INNER + rest)
        chosen = build.gather(rows, build.call("whole", self.plain(index)))
        return build.expanded(chosen, index.axes + rest, axes)

    def list_operands(self, step: Instruction, axes: str) -> list[Expression]:
        """Return what a function of a list reads: the list, along the first axis, and indices."""
        build, (xs, *index) = self.build, step.operands
        listed = build.number(xs.number)
        if xs.view is not None:
            rest = axes.replace(INNER, "")
            listed = build.expanded(self.plain(xs), xs.axes, INNER + rest)
        return [listed, *[build.call("whole", self.broadcast(k, axes)) for k in index]]

    def _with_all_axes(self, x: Expression, step: Instruction) -> Expression:
        """Add the axes that no operand has: of length 1, or along which the result is the same."""
        sizes: Shape = (*step.out.shape, *[SAMPLES] * step.out.sample)
        if x.shape != sizes and (1,) * (len(sizes) - len(x.shape)) + x.shape == sizes:
            return self.build.index(x, [None] * (len(sizes) - len(x.shape)))
        return self.build.broadcast_to(x, sizes)


def operand_text(operand: Operand, kept: dict[str, Any]) -> str:
    """Write what an instruction reads; ``kept`` are the program's constants."""
    return NumpyPrinter().text(Lowering(Builder(), kept, []).read(operand))


def _is_number(x: Expression, value: float) -> bool:
    return x.primitive == "number" and repr(x.value) == repr(value)
