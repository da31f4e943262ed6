"""Run a program on both engines and compare: the arrays' lines against the scalar replay."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.programs.program import Program
from autograd.compiler.programs.validation import validate
from autograd.compiler.running.engines import NumpyEngine, TapeEngine
from autograd.compiler.tape.choice import Tape
from autograd.compiler.words import runtime
from autograd.errors import LoweringError
from autograd.table.readings import ARRAYS, execute

Numbers = Sequence[NDArray[Any]]
# Rounding differs: the short rules for arrays, sums in another order. What is wrong is much more.
TOLERANCE = 1e-6
SMALLEST = 1e-6  # the short rules give up the digits of what is tiny: 1 - z * z at tanh's ends


def compare(program: Program, numbers: Numbers) -> None:
    """Check that both engines give the same value, gradients, results and outcomes.

    ``numbers`` are the program's arrays as an engine takes them, samples along the last axis. What
    is not finite in the arrays' run is left out: it is replayed in any case.

    Raises `LoweringError`, which names the first line that differs and the largest difference.

    >>> import autograd
    >>> step = autograd.compile(lambda x: autograd.dot(x, x), engine="numpy")
    >>> step([1.0, 2.0])
    (5.0, [2.0, 4.0])
    >>> compare(step.program, [np.array([3.0, 4.0])])
    """
    if not program.instructions:
        return  # it was not lowered: only the tape runs it
    validate(program)
    value, gradients, outcomes = NumpyEngine(program).run(list(numbers))
    if not np.isfinite(value) or not all(np.isfinite(array).all() for array in gradients):
        return
    expected, slopes, said = TapeEngine(program).run(list(numbers))
    pairs = [("the value", value, expected)]
    names = [f"the gradient of {array.name}" for array in program.wanted]
    if program.outputs is not None:  # results stand in the place of gradients
        pairs, names = [], [f"result {i + 1}" for i in range(len(program.outputs))]
    pairs += zip(names, gradients, slopes, strict=True)
    wrong = [(what, gap) for what, a, b in pairs if not (gap := difference(a, b)) <= TOLERANCE]
    for guard, a, b in zip(program.guards, outcomes, said, strict=True):
        if not np.all(np.asarray(a) == np.asarray(b)):
            wrong.append((f"the comparison ({guard.sign}) at {guard.line}", float("inf")))
    if wrong:
        what, gap = max(wrong, key=lambda pair: pair[1])
        where = _first(program, numbers)
        raise LoweringError(
            f"{what} of the NumPy program is {gap:.1e} off the replayed one{where}; "
            "engine='tape' is right, and a report of this function is welcome"
        )


def difference(a: Any, b: Any) -> float:
    """Return the largest difference, relative to the largest number; inf for nan beside a number.

    >>> difference([1.0, 2.0], [1.0, 2.5])
    0.2
    """
    a, b = np.broadcast_arrays(np.asarray(a, dtype=float), np.asarray(b, dtype=float))
    if not (np.isfinite(a) == np.isfinite(b)).all():
        return float("inf")
    size = max(np.abs(a).max(initial=0.0), np.abs(b).max(initial=0.0), SMALLEST)
    return float(np.abs(a - b).max(initial=0.0) / size)


def _first(program: Program, numbers: Numbers) -> str:
    """Name the first line whose numbers differ for the first sample, and by how much."""
    one = [
        array[..., :1] if own.sample else array
        for array, own in zip(numbers, program.arrays, strict=True)
    ]
    *lines, _ = program.source.splitlines()
    names = {**ARRAYS, **runtime.FUNCTIONS, **program.kept}
    source = "\n".join([*lines, "    return locals()", ""])
    with np.errstate(all="ignore"):
        found = execute(source, "program under comparison", names)["program"](*one)
    replayed = program.scalars.numbers.copy()
    for array, given in zip(program.arrays, one, strict=True):
        replayed[array.ids] = given[..., 0] if array.sample else given
    Tape(program.scalars, program.result).run(replayed)
    for step in program.instructions:
        if step.out.name not in found:
            continue  # a number that was put in its place
        there = step.out.ids >= 0
        shape = (*step.out.shape, 1) if step.out.sample else step.out.shape
        if np.shape(found[step.out.name]) != shape:
            return f", first in {step.out.name}, of shape {np.shape(found[step.out.name])}"
        own = np.asarray(found[step.out.name]).reshape(step.out.shape)[there]
        if not (gap := difference(own, replayed[step.out.ids[there]])) <= TOLERANCE:
            return f", first in {step.out.name} ({gap:.1e})"
    return ", first on the way back"
