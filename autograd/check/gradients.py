"""Compare the derivatives of a program with differences."""

import random
from collections.abc import Callable, Sequence
from typing import Any

from autograd.check.operations import operations
from autograd.check.program import Differences, Exactly, Program
from autograd.check.report import PURPOSE, GradientError, Report
from autograd.errors import shown


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
    Errors are bounded, not guessed: see `autograd.differences`.

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
    Costs some 50 runs of ``f`` a number, and 50 gradients. Operations whose gradient differs on
    purpose (`stop_gradient`, `custom_gradient`) are listed, and explain wrong derivatives: these
    count as wrong only where they have no such operation. At a kink both sides differ; move away.
    """
    if not isinstance(reference, str) or reference not in {"differences", "mpmath"}:
        came = repr(reference) if isinstance(reference, str) else shown(reference)
        raise ValueError(f"reference: got {came}; allowed are 'differences' and 'mpmath'")
    program = Program(f, args, parameters=parameters)
    direction = random.Random(rng)  # noqa: S311 - any direction will do
    steps = [direction.uniform(-1, 1) for _ in program.leaves]
    expected = Exactly(program) if reference == "mpmath" else Differences(program)
    graphs = [program.result]
    if second:
        graphs.append(program.along(steps))
    local = operations(graphs)
    excused = any(row.verdict == PURPOSE for row in local)
    rows = [program.row("first", i, expected.first(i), excused) for i in program.places]
    if second:
        rows += [
            program.row("second", i, expected.second(i, steps), excused) for i in program.places
        ]
    forward = program.forward(steps)
    report = Report((*rows, *([forward] if forward else []), *local))
    if raises and not report:
        raise GradientError(report)
    return report
