"""Lower a Hessian: the function alone is lifted, and its equations are differentiated twice.

The scalar program of a Hessian is hundreds of times longer than that of its function, and its
matrix products are hard to find again. Here they are never lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.ir.array_ir import ArrayProgram, Expression, Variable, count_of, walk
from autograd.compiler.ir.attributes import needed
from autograd.compiler.ir.builder import Builder
from autograd.compiler.ir.inline import inline
from autograd.compiler.ir.vjp import Cotangent, Differentiation, NoVjpError, requires_grad
from autograd.compiler.programs.lowering import lower_program
from autograd.compiler.programs.program import Program
from autograd.compiler.tracing.labels import Labels
from autograd.functions.graph_derivatives import is_blind
from autograd.primitives import TABLE


@dataclass(frozen=True)
class Derivative:
    """A Hessian that has not been lowered: what it is the Hessian of.

    ``function`` is the scalar program of the function, whose nodes are at ``places`` in that of
    the Hessian; ``wrt`` names the arrays with respect to which it is differentiated, in order.
    """

    function: Program
    wrt: Sequence[str]
    places: NDArray[np.int32]
    exact: bool

    def lowered(self, whole: Program) -> Program | None:
        """Return the Hessian's scalar program lowered by way of the function; None if it cannot."""
        # a textbook rule can hide what is not finite, which nothing would tell
        exact = self.exact or any(map(_hides, self.function.scalars.operations))
        program = lower_program(self.function, exact=exact)
        assert program.equations is not None
        assert whole.outputs is not None
        build = Builder()
        inputs = {variable.name: variable for variable in program.equations.inputs}
        variables = [inputs[name] for name in self.wrt]
        names = [a.name for a in program.wanted]
        known = dict(zip(names, program.equations.gradients, strict=True))
        gradients = [
            known.get(v.name) or build.make("accumulate", attributes=((), v.shape))
            for v in variables
        ]
        first = replace(program.equations, gradients=tuple(gradients))
        try:
            equations = hessian_program(first, variables, build, exact=exact)
        except NoVjpError:
            return None
        if [x.shape for x in equations.outputs] != [output.shape for output in whole.outputs]:
            return None
        read = {
            x
            for x in walk([*(e.expression for e in equations.equations), *equations.results])
            if isinstance(x, Variable)
        }
        kept = [v for v in equations.inputs if v in read or v.kind == "argument"]
        equations = replace(equations, inputs=tuple(kept))
        used = {variable.name for variable in kept}
        places = np.append(self.places, -1).astype(np.int64)
        arrays = [
            replace(a, ids=places[a.ids.astype(np.int64)])
            for a in program.arrays if a.name in used
        ]  # fmt: skip
        if any((a.ids < 0).any() for a in arrays):  # a parameter that the Hessian does not read
            return None
        return replace(
            whole, arrays=tuple(arrays), equations=equations,
            kept=dict(equations.constants), labels=Labels.of([]),
        )  # fmt: skip


def _hides(op: str) -> bool:
    """Whether the textbook's rule of an operation gives a number where the exact one is nan."""
    entry = TABLE.get(op)
    return bool(entry and entry.textbook and not entry.variadic and is_blind(op, entry.textbook))


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
