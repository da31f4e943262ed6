"""What can be told of an array program: what it needs, what it shares, what it costs."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from autograd.compiler.ir.array_ir import (
    VIEWS,
    ArrayProgram,
    Equation,
    Expression,
    Variable,
    occurrences,
    walk,
)

SHARED = {"broadcast_to", "take", "whole"}  # functions that may return numbers of their operand
FREE = {"variable", "number", "size", "index", "gather", "neg"}  # no call of a NumPy function


def needed(equations: Sequence[Equation], results: Iterable[Expression]) -> list[Equation]:
    """Return the equations that some results rest on, in order (liveness).

    >>> import autograd
    >>> step = autograd.compile(lambda a, b: a * b + a, engine="numpy")
    >>> value = step(2.0, 3.0)
    >>> program = step.program.equations
    >>> [str(equation) for equation in needed(program.equations, [program.value])]
    ['T1: () = add(mul(a, b), a)']
    """
    live = {x for x in walk(results) if isinstance(x, Variable)}
    kept: list[Equation] = []
    for equation in reversed(equations):
        if live.intersection(equation.results):
            x = equation.expression
            if equation.softmax is not None and equation.softmax not in live:
                # only the gradient needs it
                x = Expression("cross_entropy", x.operands, (), x.shape, x.dtype)
                kept.append(Equation(equation.result, x))
            else:
                kept.append(equation)
            live.update(y for y in walk([x]) if isinstance(y, Variable))
    return kept[::-1]


def pruned(program: ArrayProgram) -> ArrayProgram:
    """Return a program without the equations that none of its results needs."""
    equations = needed(program.equations, program.results)
    return replace(program, equations=equations, forward_count=len(equations))


def owned(program: ArrayProgram) -> list[bool]:
    """Tell for each gradient, or each output, whether nothing else refers to its numbers.

    A gradient can be another array's numbers: that of ``a`` in ``a @ b`` is the argument ``b``
    itself, that in ``2.0 * x`` a constant. The caller may change what it was given.
    """
    results = program.outputs if program.value is None else program.gradients
    fresh = {
        equation.result for equation in program.equations
        if equation.softmax is None and _is_new(equation.expression)
    }  # fmt: skip
    names = [variable for x in results for variable in occurrences(x)]
    return [_is_new(x) or (x in fresh and names.count(x) == 1) for x in results]


def _is_new(x: Expression) -> bool:
    """Whether an expression makes an array that nothing else refers to."""
    while x.primitive in VIEWS:  # views of a new array
        x = x.operands[0]
    return x.primitive not in {"variable", "number", "size", "item", *SHARED}


def is_read_as_numbers(program: ArrayProgram, name: str) -> bool:
    """Whether an input is read otherwise than as positions."""
    variable = next(variable for variable in program.inputs if variable.name == name)
    roots = [*(equation.expression for equation in program.equations), *program.results]
    readers = [x for x in walk(roots) if variable in x.operands]
    return variable in program.results or any(x.primitive != "whole" for x in readers)


def operation_count(program: ArrayProgram) -> int:
    """Count the NumPy operations that a program carries out."""
    stack = [*(equation.expression for equation in program.equations), *program.results]
    count = 0
    while stack:
        x = stack.pop()
        turn = x.primitive == "transpose" and x.attributes[0] == (1, 0)
        count += x.primitive not in FREE and not turn
        stack += x.operands
    return count
