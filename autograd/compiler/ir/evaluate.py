"""Evaluate an array program: a visitor over its equations, for NumPy and for any other arrays."""

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograd.compiler.ir.array_ir import (
    COMPARISONS,
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

    def einsum(self, x: Any, y: Any, spec: str) -> Any:
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

    def concatenate(self, *parts: Any) -> Any:
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


METHODS = frozenset(vars(Operations))  # other primitives have functions
_INFIX: dict[str, Callable[..., Any]] = {
    **{name: getattr(operator, name) for name in ("add", "sub", "mul", "pow", "neg", *COMPARISONS)},
    "div": operator.truediv, "and": operator.and_, "or": operator.or_,
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
        primitive, operands = x.primitive, list(map(self.of, x.operands))
        if primitive in {"number", "size"}:
            return self.operations.number(self.samples if primitive == "size" else x.value)
        if primitive == "repeat_samples":
            return self.operations.repeat_samples(operands[0], self.samples)
        if primitive == "accumulate":
            paths, shape = x.attributes
            steps = [tuple([self._step(*step) for step in path]) for path in paths]
            return self.operations.accumulate(self.shape(shape), operands, steps)
        if primitive not in METHODS:
            return self.operations.call(primitive, *operands)
        shaped = primitive in {"reshape", "broadcast_to"}
        attributes = map(self.shape, x.attributes) if shaped else x.attributes
        return getattr(self.operations, primitive)(*operands, *attributes)

    def _step(self, primitive: str, what: Any) -> tuple[str, Any]:
        """Return a step of the path to a part of an array, with the numbers that it names."""
        if primitive == "gather":
            return primitive, self.of(what)
        return primitive, self.shape(what) if primitive == "reshape" else what

    def constant(self, x: Variable) -> Any:
        """Return the value of a constant that the program brings along."""
        return self.program.constants[x.name]

    def shape(self, shape: Shape) -> tuple[Any, ...]:
        """Return a shape with the number of samples in it."""
        return tuple([self.samples if size == SAMPLES else size for size in shape])


def started(
    program: ArrayProgram, inputs: Sequence[Any], functions: Mapping[str, Any]
) -> Evaluation:
    """Return an evaluation with NumPy that is to be run."""
    arrays = [np.asarray(array) for array in inputs]
    pairs = zip(program.inputs, arrays, strict=True)
    samples = next((a.shape[-1] for v, a in pairs if v.shape[-1:] == (SAMPLES,)), 1)
    return Evaluation(program, arrays, Operations(functions), samples)
