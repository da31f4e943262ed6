"""Run a function of numbers on each element of arrays, in C, to the bits of NumPy's operations."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.executors.blocked_engine import COMPILED, plan_of, records_of
from autograd.compiler.executors.blocked_records import EXPONENTS
from autograd.compiler.layout.views import Array
from autograd.compiler.programs.lowering import scalar_program
from autograd.compiler.programs.program import Program
from autograd.compiler.tracing.trace import Tracing, record
from autograd.primitives import CONSTANT, LEAF
from autograd.value import Value

Numbers = NDArray[np.float64]
# Operations that IEEE 754 rounds correctly, or that round nothing: alike wherever they are done.
CORRECTLY_ROUNDED = frozenset({"add", "sub", "mul", "div", "neg", "abs", "sqrt", "square"})


class Elementwise:
    """A program that is run on each element of arrays; `elementwise` makes it."""

    def __init__(self, program: Program) -> None:
        records = records_of(program, fuse=False)
        assert records is not None
        self._plan = plan_of(records)
        self._count = len(program.outputs or ())

    def __call__(self, numbers: list[Any], into: list[Numbers]) -> None:
        """Write the results for arrays of one length, and for floats, into arrays.

        These may be those that are read.
        """
        self._plan.run(numbers, finite=False, into=list(into))

    def agrees(
        self,
        function: Callable[..., Sequence[Any]],
        arrays: Sequence[Numbers],
        numbers: Sequence[float],
    ) -> bool:
        """Whether a function gives the same bits on these examples."""
        found = [np.empty_like(arrays[0]) for _ in range(self._count)]
        self([*arrays, *map(float, numbers)], found)
        try:
            with np.errstate(all="ignore"):
                expected = function(*[array.copy() for array in arrays], *numbers)
        except Exception:  # noqa: BLE001 - of the caller's function, who will see it when it is called
            return False
        return list(map(_bits, found)) == list(map(_bits, expected))


def elementwise(
    function: Callable[..., Sequence[Any]], arrays: Sequence[Numbers], numbers: Sequence[float]
) -> Elementwise | None:
    """Compile a function of arrays and numbers that treats each element by itself.

    It returns a sequence of arrays. It is traced with a `Value` for each array and number, and must
    give the same bits on these examples, or there is no program. There is none either without the
    compiled kernel, where the function compares or reads numbers, where it rests on other Values,
    and where it has operations that are rounded otherwise elsewhere, such as ``exp``.

    >>> p, g = np.array([1.0, 2.0]), np.array([10.0, 20.0])
    >>> run = elementwise(lambda p, g, lr: [p - lr * g], [p, g], [0.25])
    >>> if run is not None:  # with the compiled kernel
    ...     run([p, g, 0.5], into=[g])
    >>> g if run is not None else np.array([-4.0, -8.0])
    array([-4., -8.])
    """
    program = _traced(function, len(arrays), len(numbers)) if COMPILED else None
    if program is None or not _is_correctly_rounded(program):
        return None
    run = Elementwise(program)
    return run if run.agrees(function, arrays, numbers) else None


def _traced(function: Callable[..., Sequence[Any]], arrays: int, numbers: int) -> Program | None:
    """Return the program of a function; None where it has none that holds for all numbers."""
    leaves = [Value(0.5) for _ in range(arrays + numbers)]
    try:
        with Tracing("elementwise") as tracer:
            tracer.arguments = leaves
            results = list(function(*leaves))
    except Exception:  # noqa: BLE001 - of a function that is not made for Values
        return None
    if tracer.compared_pairs or tracer.roots or any(type(x) is not Value for x in results):
        return None
    trace = record(results, tracer, leaves, leaves)
    if len(trace.leaves) > len(leaves):
        return None
    arguments = [
        Array(f"x{i}", np.array(i), sample=i < arrays, kind="argument") for i in range(len(leaves))
    ]
    outputs = [np.array(i) for i in trace.outputs]
    program = scalar_program(trace, arguments, gradients=False, outputs=outputs)
    return program if all(array.sample for array in program.outputs or ()) else None


def _is_correctly_rounded(program: Program) -> bool:
    """Whether all operations are; of shared numbers also powers, which are Python's own.

    Those with some constant exponents are computed in another way: NumPy does so for squares alone.
    """
    scalars = program.scalars
    inputs, numbers = scalars.inputs.tolist(), scalars.numbers.tolist()
    batched = [array.sample for array in program.arrays]
    for op, (start, end) in zip(
        scalars.ops[len(batched) :], pairwise(scalars.starts.tolist()[len(batched) :]), strict=True
    ):
        operands = inputs[start:end]
        batched.append(any(batched[i] for i in operands))
        if op == "pow":
            exponent = numbers[operands[1]] if scalars.ops[operands[1]] == CONSTANT else None
            if exponent != 2 if batched[-1] else exponent in EXPONENTS:
                return False
        elif op not in CORRECTLY_ROUNDED | {CONSTANT, LEAF}:
            return False
    return True


def _bits(array: Any) -> bytes:
    return np.asarray(array, dtype=float).tobytes()
