"""Make an array program of instructions: the value, then its gradients, then short lines."""

from collections.abc import Sequence

from autograd.compiler.ir.array_ir import (
    COMPARISONS,
    SAMPLES,
    ArrayProgram,
    Equation,
    Expression,
    Variable,
)
from autograd.compiler.ir.builder import Builder
from autograd.compiler.ir.forward import Lowering
from autograd.compiler.ir.inline import inline
from autograd.compiler.ir.vjp import Cotangent, Differentiation
from autograd.compiler.layout.buffers import Buffers, Operand
from autograd.compiler.layout.views import Array
from autograd.compiler.vectorize.instructions import Instruction

PRIMITIVES = {sign: name for name, sign in COMPARISONS.items()}


def array_program(
    instructions: Sequence[Instruction],
    buffers: Buffers,
    root: Operand,
    reduce: str,
    wanted: Sequence[Array],
    live: set[Array],
    guards: Sequence[tuple[Operand, str, Operand]] = (),
    outputs: Sequence[tuple[Operand, str]] | None = None,
    *,
    exact: bool = False,
) -> ArrayProgram:
    """Return the equations of instructions: of the root's value, and the wanted arrays' gradients.

    ``reduce`` is "mean" or "sum" over samples, "" for one sample. Without gradients, ``outputs``
    are the results, with their axes.
    """
    build = Builder()
    lowering = Lowering(build, buffers.kept, buffers.arrays)
    inputs = [lowering.variable(a) for a in buffers.arrays if a.kind in GIVEN]
    differentiates = bool(wanted) and outputs is None
    for step in instructions:
        lowering.lower(step, wants_gradient=differentiates and step.out in live)
    results: list[Expression] = []
    value: Expression | None = None
    gradients: list[Expression] = []
    count = len(lowering.equations)
    if outputs is not None:
        results = [lowering.broadcast(operand, axes) for operand, axes in outputs]
    else:
        value, seed = _ending(lowering, root, reduce)
        count = len(lowering.equations)
        if differentiates:
            gradients = _gradients(lowering, root, seed, wanted, live, exact)
    tests = [
        build.call(PRIMITIVES[sign], lowering.plain(x), lowering.plain(y)) for x, sign, y in guards
    ]
    program = ArrayProgram(
        tuple(inputs), buffers.kept, lowering.equations, value, tuple(gradients),
        tuple(results), tuple(tests), count,
    )  # fmt: skip
    return inline(program, build)


GIVEN = {"parameter", "argument"}


def _ending(lowering: Lowering, operand: Operand, reduce: str) -> tuple[Expression, Expression]:
    """Return the value, over all samples, and the cotangent of the root."""
    build, one = lowering.build, lowering.build.number(1.0)
    root = lowering.read(operand)
    if reduce and SAMPLES in operand.axes:
        if reduce == "mean":
            x, seed = build.make("mean", root), build.make("div", build.number(1), build.size)
        else:
            x, seed = build.reduce_sum(root, range(len(root.shape))), one
        result = Variable("J", (), "result")
        lowering.equations.append(Equation(result, x))
        return result, seed
    if root.shape:
        root = build.make("item", root)
    if reduce == "sum":  # each sample has the same value
        return build.mul(root, build.size), build.size
    return root, one


def _gradients(
    lowering: Lowering, root: Operand, seed: Expression, wanted: Sequence[Array],
    arrays: set[Array], exact: bool,
) -> list[Expression]:  # fmt: skip
    """Add the equations of the gradients; return the gradients."""
    names = lowering.names | set(lowering.kept)
    live = {v for array, v in lowering.variables.items() if array in arrays}
    live |= {e.softmax for e in lowering.equations if e.softmax is not None and e.result in live}
    forward = list(lowering.equations)
    backward = Differentiation(lowering.build, live, exact, names)
    if root.array in arrays:
        backward.propagate(lowering.read(root), Cotangent(seed, ()))
    backward.run(forward)
    gradients = [backward.result(lowering.variable(array)) for array in wanted]
    lowering.equations += backward.equations
    return gradients
