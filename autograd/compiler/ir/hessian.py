"""Differentiate a program and its gradients once more: the Hessian, block by block."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from autograd.compiler.ir.array_ir import ArrayProgram, Expression, Variable, count_of
from autograd.compiler.ir.attributes import needed
from autograd.compiler.ir.builder import Builder
from autograd.compiler.ir.inline import inline
from autograd.compiler.ir.vjp import Cotangent, Differentiation, requires_grad


def hessian_program(
    program: ArrayProgram, wrt: Sequence[Variable], build: Builder, *, exact: bool = False
) -> ArrayProgram:
    """Return the program of a Hessian, one output a pair of arguments, of a program's gradients.

    The gradient with respect to each argument goes back in all directions at once: its cotangents
    are the rows of an identity matrix, along a last axis. An output has the axes of the first
    argument, then those of the second.
    """
    equations = list(program.equations)
    constants = dict(program.constants)
    names = {v.name for v in program.inputs} | {v.name for e in equations for v in e.results}
    taken = names | set(constants)
    outputs: list[Expression] = []
    for row, (variable, gradient) in enumerate(zip(wrt, program.gradients, strict=True)):
        size = count_of(variable.shape)[0]
        full = (*(n for n in variable.shape if isinstance(n, int)), size)
        live = requires_grad(program.equations, wrt)
        prefix = f"d{variable.name}d" if len(wrt) > 1 else "dd"
        backward = Differentiation(build, live, exact, taken, directions=size, prefix=prefix)
        identity = np.reshape(np.eye(size), full)
        name = next(
            n for i in range(row + 1, 10_000) if (n := f"I{i}") not in taken | set(constants)
        )
        constants[name] = identity
        seed = Variable(name, identity.shape, "constant")
        axes = range(len(identity.shape))
        backward.propagate(gradient, Cotangent(seed, tuple(axes)))
        backward.run(program.equations)
        for other in wrt:
            block = backward.result(other)  # the second argument's axes, then the directions
            last = len(other.shape)
            turned = build.transpose(block, (last, *range(last)))
            outputs.append(build.reshape(turned, (*variable.shape, *other.shape)))
        equations += backward.equations
        taken = backward.taken
    kept = needed(equations, [*outputs, *program.guards])
    whole = ArrayProgram(
        program.inputs, constants, [replace(equation) for equation in kept],
        None, (), tuple(outputs), program.guards, 0,
    )  # fmt: skip
    return inline(whole, build)
