"""Count the scalar nodes that each instruction stands for."""

from autograd.compiler.program import Program
from autograd.ops import CONSTANT, LEAF


def replaced(program: Program) -> list[int]:
    """Return for each instruction its results and the nodes that were absorbed on the way to them.

    Leaves and constants belong to no instruction. A node that computes what another one does
    belongs to that one's instruction. All together are the trace's other nodes.

    >>> import autograd
    >>> step = autograd.compile(lambda x, y: autograd.exp(x[0] * y[0] + x[1] * y[1]))
    >>> value, gradients = step([1.0, 2.0], [0.5, -1.0])
    >>> [step.out.name for step in step.program.instructions], replaced(step.program)
    (['T1', 'T2'], [3, 1])
    """
    scalars = program.scalars
    ops, inputs, starts = scalars.ops, scalars.inputs.tolist(), scalars.starts.tolist()
    owner = [-1] * len(ops)
    for k, step in enumerate(program.instructions):
        for node in step.out.ids.ravel().tolist():
            if node >= 0:
                owner[node] = k
    for node, other in program.same.items():
        owner[node] = owner[other]
    found = [0] * len(program.instructions)
    for node in range(len(ops) - 1, -1, -1):  # results before operands
        if owner[node] < 0 or ops[node] in {LEAF, CONSTANT}:
            continue
        found[owner[node]] += 1
        for j in inputs[starts[node] : starts[node + 1]]:
            if owner[j] < 0:
                owner[j] = owner[node]
    return found
