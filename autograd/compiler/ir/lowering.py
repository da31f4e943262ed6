"""Make an array program of instructions: the value, then its gradients, then short lines."""

from collections.abc import Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Plan:
    """What to make a program of: the instructions, the result, the arrays with a gradient."""

    instructions: Sequence[Instruction]
    buffers: Buffers
    root: Operand
    reduce: str  # "" for one sample; "mean" or "sum" over samples
    wanted: Sequence[Array]
    live: set[Array]
    guards: Sequence[tuple[Operand, str, Operand]] = ()
    exact: bool = False
    outputs: Sequence[tuple[Operand, str]] | None = None  # without gradients: results, their axes


def array_program(plan: Plan) -> ArrayProgram:
    """Return the equations of a plan."""
    build = Builder()
    lowering = Lowering(build, plan.buffers.kept, plan.buffers.arrays)
    inputs = [lowering.variable(a) for a in plan.buffers.arrays if a.kind in GIVEN]
    differentiates = bool(plan.wanted) and plan.outputs is None
    for step in plan.instructions:
        lowering.lower(step, wants_gradient=differentiates and step.out in plan.live)
    outputs: list[Expression] = []
    value: Expression | None = None
    gradients: list[Expression] = []
    count = len(lowering.equations)
    if plan.outputs is not None:
        outputs = [lowering.broadcast(operand, axes) for operand, axes in plan.outputs]
    else:
        value, seed = _ending(plan, lowering)
        count = len(lowering.equations)
        if differentiates:
            gradients = _gradients(plan, lowering, seed)
    guards = [
        build.call(PRIMITIVES[sign], lowering.read(x), lowering.read(y))
        for x, sign, y in plan.guards
    ]
    program = ArrayProgram(
        tuple(inputs), plan.buffers.kept, lowering.equations, value, tuple(gradients),
        tuple(outputs), tuple(guards), count,
    )  # fmt: skip
    return inline(program, build)


GIVEN = {"parameter", "argument"}


def _ending(plan: Plan, lowering: Lowering) -> tuple[Expression, Expression]:
    """Return the value, over all samples, and the cotangent of the root."""
    build, one = lowering.build, lowering.build.number(1.0)
    root = lowering.read(plan.root)
    if plan.reduce and SAMPLES in plan.root.axes:
        if plan.reduce == "mean":
            x, seed = build.make("mean", root), build.make("div", build.number(1), build.size)
        else:
            x, seed = build.reduce_sum(root, range(len(root.shape))), one
        result = Variable("J", (), "result")
        lowering.equations.append(Equation(result, x))
        return result, seed
    if root.shape:
        root = build.make("item", root)
    if plan.reduce == "sum":  # each sample has the same value
        return build.mul(root, build.size), build.size
    return root, one


def _gradients(plan: Plan, lowering: Lowering, seed: Expression) -> list[Expression]:
    """Add the equations of the gradients; return the gradients."""
    names = {array.name for array in plan.buffers.arrays if array.name} | set(plan.buffers.kept)
    live = {v for array, v in lowering.variables.items() if array in plan.live}
    live |= {e.softmax for e in lowering.equations if e.softmax is not None and e.result in live}
    forward = list(lowering.equations)
    backward = Differentiation(lowering.build, live, plan.exact, names)
    if plan.root.array in plan.live:
        backward.propagate(lowering.read(plan.root), Cotangent(seed, ()))
    backward.run(forward)
    gradients = [backward.result(lowering.variable(array)) for array in plan.wanted]
    lowering.equations += backward.equations
    return gradients
