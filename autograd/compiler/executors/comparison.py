"""Run a program on all engines, and compare NumPy and blocks with the tape."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.executors.blocked_engine import Engine, blocked_engine
from autograd.compiler.executors.engines import Found, NumpyEngine, TapeEngine
from autograd.compiler.ir.evaluate import started
from autograd.compiler.programs.program import Program
from autograd.compiler.programs.validation import validate
from autograd.compiler.runtime import array_functions as runtime
from autograd.compiler.tape.choice import Tape
from autograd.errors import LoweringError
from autograd.rules.backends import ARRAYS

Numbers = Sequence[NDArray[Any]]
# Rounding differs: the short rules for arrays, sums in another order. What is wrong is much more.
TOLERANCE = 1e-6
NEARBY, NEAR = 4, 1e-9  # where the replay jumps so near, rounding alone may decide
TITLES = {"numpy": "NumPy program", "blocked": "program run by blocks"}
SMALLEST = 1e-6  # the short rules give up the digits of what is tiny: 1 - z * z at tanh's ends


def compare(program: Program, numbers: Numbers) -> None:
    """Check that all engines give the same value, gradients, results and outcomes.

    ``numbers`` are the program's arrays as an engine takes them, samples along the last axis. What
    is not finite in the arrays' run is left out: it is replayed in any case. So is what the last
    digits of the numbers decide, as sums in another order may come out on the other side.

    Raises `LoweringError`, which names the first line that differs and the largest difference.

    >>> import autograd
    >>> step = autograd.compile(lambda x: autograd.dot(x, x), engine="numpy")
    >>> step([1.0, 2.0])
    (5.0, [2.0, 4.0])
    >>> compare(step.program, [np.array([3.0, 4.0])])
    """
    tape = TapeEngine(program)
    if program.equations is not None:
        validate(program)
        _compare(program, numbers, NumpyEngine(program), tape)
    blocks = blocked_engine(program)
    if blocks is not None:
        _compare(program, numbers, blocks, tape)


def _compare(program: Program, numbers: Numbers, engine: Engine, tape: TapeEngine) -> None:
    """Compare an engine with the tape."""
    found = engine.run(list(numbers))
    if not np.isfinite(found[0]) or not all(np.isfinite(array).all() for array in found[1]):
        return
    expected = tape.run(list(numbers))
    wrong = _wrong(program, found, expected)
    turned = _turned(found, expected)
    for near in _nearby(numbers) if wrong or any(places.any() for places in turned) else ():
        moved = tape.run(near)  # do the last digits decide: a comparison of equals, a kink?
        for what in _wrong(program, moved, expected):
            wrong.pop(what, None)
        turned = [a & ~b for a, b in zip(turned, _turned(moved, expected), strict=True)]
    for guard, places in zip(program.guards, turned, strict=True):
        if places.any():
            wrong[f"the comparison ({guard.sign}) at {guard.line}"] = np.inf
    if wrong:
        what, gap = max(wrong.items(), key=lambda pair: pair[1])
        where = _first(program, numbers) if engine.name == "numpy" else ""
        raise LoweringError(
            f"{what} of the {TITLES[engine.name]} is {gap:.1e} off the replayed one{where}; "
            "engine='tape' is right, and a report of this function is welcome"
        )


def _wrong(program: Program, found: Found, expected: Found) -> dict[str, float]:
    """Name what differs by more than rounding, and by how much."""
    names = [f"the gradient of {array.name}" for array in program.wanted]
    if program.outputs is not None:  # results stand in the place of gradients
        names = [f"result {i + 1}" for i in range(len(program.outputs))]
    gaps = {"the value": difference(found[0], expected[0])} if program.outputs is None else {}
    gaps |= dict(zip(names, map(difference, found[1], expected[1]), strict=True))
    return {what: gap for what, gap in gaps.items() if not gap <= TOLERANCE}


def _turned(found: Found, expected: Found) -> list[NDArray[np.bool_]]:
    """Say for each comparison where it comes out differently: of a batch, for which samples."""
    pairs = zip(found[2], expected[2], strict=True)
    return [np.asarray(np.not_equal(one, other)) for one, other in pairs]


def _nearby(numbers: Numbers) -> Iterator[list[NDArray[Any]]]:
    """Yield numbers a little further from 0: positions stay the same when they are cut."""
    draw = np.random.default_rng(0)
    for _ in range(NEARBY):
        yield [array * (1 + NEAR * draw.random(np.shape(array))) for array in numbers]


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
    """Name the first line whose numbers differ for the first sample, and how many they are."""
    one = [
        array[..., :1] if own.sample else array
        for array, own in zip(numbers, program.arrays, strict=True)
    ]
    assert program.equations is not None
    run = started(program.equations, one, {**ARRAYS, **runtime.FUNCTIONS})
    replayed = program.scalars.numbers.copy()
    for array, given in zip(program.arrays, one, strict=True):
        replayed[array.ids] = given[..., 0] if array.sample else given
    Tape(program.scalars, program.result).run(replayed)
    arrays = {step.out.name: step.out for step in program.instructions}
    for equation in program.equations.equations:
        with np.errstate(all="ignore"):
            run.define(equation)
        made = arrays.get(equation.result.name)
        if made is None:
            continue
        found = np.asarray(run.values[equation.result])
        shape = (*made.shape, 1) if made.sample else made.shape
        if found.shape != shape:
            return f", first in {made.name}, of shape {found.shape}"
        there = made.ids >= 0
        gap = difference(found.reshape(made.shape)[there], replayed[made.ids[there]])
        if not gap <= TOLERANCE:
            return f", first in {made.name} ({gap:.1e})"
    return ", first on the way back"
