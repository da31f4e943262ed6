"""Compare the derivatives of a program with differences."""

import random
from collections.abc import Callable, Sequence
from typing import Any

from autograd._checks import checked_keywords, one_of, whole_number
from autograd.check.operations import operations
from autograd.check.program import Differences, Exactly, Program
from autograd.check.report import KINK, PURPOSE, UNKNOWN, WRONG, GradientError, Report


@checked_keywords
def gradients(
    f: Callable[..., Any],
    args: Sequence[Any],
    *,
    reference: str = "differences",
    second: bool = True,
    parameters: bool = False,
    rng: int = 0,
    raises: bool = True,
) -> Report:
    """Compare the derivatives of a program with differences, and those of each operation in it.

    First derivatives with respect to every number in ``args``; second ones along a random
    direction (the Hessian times a vector); forward mode against reverse mode along it, where
    forward mode can pass; and the local derivatives of every node, in the graph and in that of its
    derivative, against differences of the operation's own rule: these say where a wrong gradient
    comes from.
    Errors are bounded, not guessed: see `autograd.finite_differences`.

    Parameters
    ----------
    f : function
        Of numbers, or structures of them; returns one Value.
    args : list or tuple
        Where to check: an argument each.
    reference : "differences" or "mpmath"
        Whether expected derivatives come from differences of ``f`` in floats, or from the recorded
        graph computed in 60 digits (the extra ``check``).
    second : bool
        Whether to check second derivatives.
    parameters : bool
        Whether to check the derivatives with respect to leaves that ``f`` closes over, too.
    rng : int
        The seed of the direction.
    raises : bool
        Whether to raise where something is wrong, or only to report it.

    Returns
    -------
    Report
        Prints as a table; ``bool(report)``, ``report.failures``.

    Raises
    ------
    GradientError
        An AssertionError that names each argument and operation that is wrong.

    Notes
    -----
    Costs some 70 runs of ``f`` a number, and 70 gradients. Operations whose gradient differs on
    purpose (`stop_gradient`, `custom_vjp`) are listed, and explain wrong derivatives: these
    count as wrong only where they have no such operation.
    At a kink or a jump (`relu` at 0, equal numbers in `max`, a border of `where`) the differences
    to both sides do not come together: there is no derivative that the gradient could agree with.
    Such rows say "not checked", "at a kink"; so does a derivative that differs where an operation
    is at a kink, or where the derivatives along the arguments do not add up to that along another
    direction. What is not checked raises nothing and is no failure: move away to check it.
    """
    one_of("reference", reference, ("differences", "mpmath"))
    rng = whole_number("rng", rng, 0)
    program = Program(f, args, parameters=parameters)
    direction = random.Random(rng)  # noqa: S311 - any direction will do
    steps = [direction.uniform(-1, 1) for _ in program.leaves]
    differences = Differences(program)
    expected = Exactly(program) if reference == "mpmath" else differences
    graphs = [program.result]
    if second:
        graphs.append(program.along(steps))
    local = operations(graphs)
    rows = []
    for i in program.places:
        kinked = differences.has_first_kink(i)
        rows.append(program.row("first", i, None if kinked else expected.first(i), kinked=kinked))
    for i in program.places if second else ():
        kinked = differences.has_second_kink(i, steps)
        estimate = None if kinked else expected.second(i, steps)
        rows.append(program.row("second", i, estimate, kinked=kinked))
    if any(row.verdict == WRONG for row in rows):
        if any(row.verdict == PURPOSE for row in local):
            rows = [row.excused(PURPOSE) for row in rows]
        elif any(KINK in row.where for row in local) or not differences.is_smooth(steps):
            rows = [row.excused(UNKNOWN, KINK) for row in rows]
    forward = program.forward(steps)
    report = Report((*rows, *([forward] if forward else []), *local))
    if raises and not report:
        raise GradientError(report)
    return report
