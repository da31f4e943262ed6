"""Lower a Hessian: the function alone is lifted, and its equations are differentiated twice.

The scalar program of a Hessian is hundreds of times longer than that of its function, and its
matrix products are hard to find again. Here they are never lost.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from autograd.compiler.ir.array_ir import Variable, walk
from autograd.compiler.ir.builder import Builder
from autograd.compiler.ir.hessian import hessian_program
from autograd.compiler.ir.numpy_source import numpy_source
from autograd.compiler.ir.vjp import NoVjpError
from autograd.compiler.layout.views import Array, Ids
from autograd.compiler.programs.lowering import Argument, lift, varying
from autograd.compiler.programs.program import Labels, Program
from autograd.compiler.tracing.trace import Trace
from autograd.functions.graph_derivatives import is_blind
from autograd.primitives import TABLE
from autograd.value import Value


def hessian_lowering(
    trace: Trace,
    function: Trace,
    wrt: Sequence[str],
    arguments: Sequence[Argument],
    outputs: Sequence[Ids],
    *,
    exact: bool,
) -> Program | None:
    """Return the program of a Hessian's trace by way of that of the function; None if it has none.

    ``function`` is the trace of the function on the same leaves; ``wrt`` names the arrays
    with respect to which it is differentiated, in order. ``arguments`` and ``outputs`` are those of
    the Hessian's own trace.
    """
    own = [Argument(a.name, a.ids, sample=False) for a in arguments]  # leaves come first in both
    # a textbook rule can hide what is not finite, which nothing would tell
    exact = exact or any(map(_hides, function.scalars.operations))
    program = lift(function, own, exact=exact)
    guards = varying(trace)
    alike = [(guard.sign, guard.outcome) for guard in guards]
    if program.equations is None or alike != [(g.sign, g.outcome) for g in program.guards]:
        return None
    build = Builder()
    inputs = {variable.name: variable for variable in program.equations.inputs}
    variables = [inputs[name] for name in wrt]
    known = dict(zip([a.name for a in program.wanted], program.equations.gradients, strict=True))
    gradients = [
        known.get(v.name) or build.make("accumulate", attributes=((), v.shape)) for v in variables
    ]
    first = replace(program.equations, gradients=tuple(gradients))
    try:
        equations = hessian_program(first, variables, build, exact=exact)
    except NoVjpError:
        return None
    if [x.shape for x in equations.outputs] != [ids.shape for ids in outputs]:
        return None
    read = {
        x
        for x in walk([*(e.expression for e in equations.equations), *equations.results])
        if isinstance(x, Variable)
    }
    equations = replace(
        equations, inputs=tuple([v for v in equations.inputs if v in read or v.kind == "argument"])
    )
    used = {variable.name for variable in equations.inputs}
    number = {leaf: i for i, leaf in trace.leaves.items()}
    ids = {argument.name: argument.ids for argument in arguments}
    try:
        arrays = tuple(
            [_renumbered(a, ids, function, number) for a in program.arrays if a.name in used]
        )
    except KeyError:  # a parameter that the Hessian's own trace does not read
        return None
    return Program(
        trace.scalars, trace.result, "", (), arrays, (), guards, equations,
        numpy_source(equations), dict(equations.constants), np.zeros(0, np.int32),
        Labels(np.zeros(0, np.int32), ()), tuple([Array("", each) for each in outputs]),
    )  # fmt: skip


def _hides(op: str) -> bool:
    """Whether the textbook's rule of an operation gives a number where the exact one is nan."""
    entry = TABLE.get(op)
    return bool(entry and entry.textbook and not entry.variadic and is_blind(op, entry.textbook))


def _renumbered(
    array: Array, ids: dict[str, Ids], function: Trace, number: dict[Value, int]
) -> Array:
    """Return an array of the function's program with the nodes of the Hessian's trace."""
    if array.kind == "argument":
        return Array(array.name, ids[array.name], kind="argument")
    nodes = [number[function.leaves[i]] for i in array.ids.ravel().tolist()]
    return Array(array.name, np.array(nodes).reshape(array.shape), kind=array.kind)
