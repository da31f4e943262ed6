"""Evaluate an array program: a visitor over its equations, for NumPy and for any other arrays."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd.compiler.ir.array_ir import (
    SAMPLES,
    ArrayProgram,
    Equation,
    Expression,
    Shape,
    Variable,
)


class Operations:
    """How a kind of arrays computes each primitive; a target overrides what differs from NumPy's.

    ``functions`` has what is called by name: the table's functions, and those of
    `autograd.compiler.runtime.array_functions`. Operators and the methods below do the rest. Shapes
    that come here have the number of samples in place of its symbol.
    """

    def __init__(self, functions: Mapping[str, Any]) -> None:
        self.functions = functions

    def call(self, name: str, *operands: Any) -> Any:
        """Return what a function, or an operator, gives."""
        infix = _INFIX.get(name)
        return self.functions[name](*operands) if infix is None else infix(*operands)

    def number(self, value: Any) -> Any:
        """Return a known scalar."""
        return value

    def einsum(self, spec: str, x: Any, y: Any) -> Any:
        """Return a sum of products."""
        return self.functions["einsum"](spec, x, y)

    def reduce_sum(self, x: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
        """Return a sum over axes."""
        return x.sum(axis=axes, keepdims=keepdims)

    def mean(self, x: Any) -> Any:
        """Return the mean of all elements."""
        return x.mean()

    def item(self, x: Any) -> Any:
        """Return the one element of an array as a scalar."""
        return self.reshape(x, ())

    def reshape(self, x: Any, shape: tuple[int, ...]) -> Any:
        """Return the elements in another shape."""
        return x.reshape(shape)

    def transpose(self, x: Any, order: tuple[int, ...]) -> Any:
        """Return the axes in another order."""
        return x.transpose(order)

    def index(self, x: Any, parts: tuple[Any, ...]) -> Any:
        """Return positions, slices and new axes."""
        return x[parts]

    def gather(self, x: Any, index: Any) -> Any:
        """Return rows or elements by their positions."""
        return x[index]

    def broadcast_to(self, x: Any, shape: tuple[int, ...]) -> Any:
        """Return an array repeated along axes."""
        return self.functions["broadcast_to"](x, shape)

    def repeat_samples(self, x: Any, count: int) -> Any:
        """Return an array repeated along a new last axis."""
        return self.functions["alike"](x, count)

    def concatenate(self, parts: Sequence[Any]) -> Any:
        """Return arrays one after another along the first axis."""
        return self.functions["concatenate"](parts)

    def onehot(self, k: Any, like: Any) -> Any:
        """Return 1 in place k of the first axis, like an array or of a given length."""
        return self.functions["onehot"](k, like)

    def add_at(self, index: Any, numbers: Any, count: int) -> Any:
        """Return numbers added up by index."""
        return self.functions["add_at"](index, numbers, count)

    def accumulate(
        self, shape: tuple[int, ...], values: Sequence[Any], paths: Sequence[Any]
    ) -> Any:
        """Return zeros with values added to parts of them."""
        total = self.zeros(shape)
        for value, path in zip(values, paths, strict=True):
            part = total
            for primitive, what in path[:-1]:
                part = getattr(self, primitive)(part, what)
            if path and path[-1][0] in {"index", "gather"}:
                part[path[-1][1]] += value
            else:
                for primitive, what in path[-1:]:
                    part = getattr(self, primitive)(part, what)
                part += value
        return total

    def zeros(self, shape: tuple[int, ...]) -> Any:
        """Return zeros."""
        return self.functions["zeros"](shape)


_INFIX: dict[str, Any] = {
    "add": lambda x, y: x + y, "sub": lambda x, y: x - y, "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y, "pow": lambda x, y: x**y, "neg": lambda x: -x,
    "lt": lambda x, y: x < y, "le": lambda x, y: x <= y, "gt": lambda x, y: x > y,
    "ge": lambda x, y: x >= y, "eq": lambda x, y: x == y, "ne": lambda x, y: x != y,
    "and": lambda x, y: x & y, "or": lambda x, y: x | y,
}  # fmt: skip


class Evaluation:
    """One run of a program: the values of its variables so far."""

    def __init__(
        self, program: ArrayProgram, inputs: Sequence[Any], operations: Operations, samples: Any
    ) -> None:
        self.program, self.operations, self.samples = program, operations, samples
        self.values: dict[Variable, Any] = dict(zip(program.inputs, inputs, strict=True))

    def run(self, equations: Sequence[Equation] | None = None) -> None:
        """Compute equations in order; all of the program's where none are given."""
        for equation in self.program.equations if equations is None else equations:
            self.define(equation)

    def define(self, equation: Equation) -> None:
        """Compute one equation."""
        value = self.of(equation.expression)
        if equation.softmax is None:
            self.values[equation.result] = value
        else:
            self.values[equation.result], self.values[equation.softmax] = value

    def of(self, x: Expression) -> Any:
        """Return the value of an expression."""
        if isinstance(x, Variable):
            found = self.values.get(x)
            if found is None:
                found = self.values[x] = self.constant(x)
            return found
        visit = _VISITS.get(x.primitive)
        if visit is not None:
            return visit(self, x)
        return self.operations.call(x.primitive, *map(self.of, x.operands))

    def constant(self, x: Variable) -> Any:
        """Return the value of a constant that the program brings along."""
        return self.program.constants[x.name]

    def shape(self, shape: Shape) -> tuple[Any, ...]:
        """Return a shape with the number of samples in it."""
        return tuple([self.samples if size == SAMPLES else size for size in shape])


def _one(name: str) -> Any:
    return lambda run, x: getattr(run.operations, name)(run.of(x.operands[0]), *x.attributes)


def _accumulate(run: Evaluation, x: Expression) -> Any:
    paths, shape = x.attributes
    read = [
        tuple([(primitive, run.of(what) if primitive == "gather" else run.shape(what)
                if primitive == "reshape" else what) for primitive, what in path])
        for path in paths
    ]  # fmt: skip
    return run.operations.accumulate(run.shape(shape), [run.of(y) for y in x.operands], read)


_VISITS: dict[str, Any] = {
    "number": lambda run, x: run.operations.number(x.value),
    "size": lambda run, _: run.operations.number(run.samples),
    "einsum": lambda run, x: run.operations.einsum(x.attributes[0], *map(run.of, x.operands)),
    **{name: _one(name) for name in ("reduce_sum", "mean", "item", "transpose", "index")},
    "reshape": lambda run, x: run.operations.reshape(
        run.of(x.operands[0]), run.shape(x.attributes[0])),
    "gather": lambda run, x: run.operations.gather(*map(run.of, x.operands)),
    "broadcast_to": lambda run, x: run.operations.broadcast_to(
        run.of(x.operands[0]), run.shape(x.attributes[0])),
    "repeat_samples": lambda run, x: run.operations.repeat_samples(
        run.of(x.operands[0]), run.samples),
    "concatenate": lambda run, x: run.operations.concatenate([run.of(y) for y in x.operands]),
    "onehot": lambda run, x: run.operations.onehot(
        run.of(x.operands[0]), x.attributes[0] if x.attributes else run.of(x.operands[1])),
    "add_at": lambda run, x: run.operations.add_at(*map(run.of, x.operands), x.attributes[0]),
    "accumulate": _accumulate,
}  # fmt: skip


def numpy_results(
    program: ArrayProgram, inputs: Sequence[Any], functions: Mapping[str, Any]
) -> tuple[Any, ...]:
    """Return all results of a program, in order, computed with NumPy."""
    run = started(program, inputs, functions)
    with np.errstate(all="ignore"):
        run.run()
        return tuple([run.of(x) for x in program.results])


def started(
    program: ArrayProgram, inputs: Sequence[Any], functions: Mapping[str, Any]
) -> Evaluation:
    """Return an evaluation with NumPy that is to be run."""
    arrays = [np.asarray(array) for array in inputs]
    pairs = zip(program.inputs, arrays, strict=True)
    samples = next((a.shape[-1] for v, a in pairs if v.shape[-1:] == (SAMPLES,)), 1)
    return Evaluation(program, arrays, Operations(functions), samples)
