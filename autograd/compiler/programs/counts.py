"""Count the scalar nodes that each instruction stands for."""

from autograd.compiler.programs.origins import origins
from autograd.compiler.programs.program import Program


def replaced(program: Program) -> list[int]:
    """Return for each instruction its results and the nodes that were absorbed on the way to them.

    Leaves and constants belong to no instruction, nor does what is worked out from constants
    alone, or needed by nothing. A node that computes what another one does belongs to that one's
    instruction. See `origins`.

    >>> import autograd
    >>> step = autograd.compile(lambda x, y: autograd.exp(x[0] * y[0] + x[1] * y[1]))
    >>> value, gradients = step([1.0, 2.0], [0.5, -1.0])
    >>> [step.out.name for step in step.program.instructions], replaced(step.program)
    (['T1', 'T2'], [3, 1])
    """
    found = [0] * len(program.instructions)
    for origin in origins(program):
        if origin.line >= 0:
            found[origin.line] += 1
    return found
