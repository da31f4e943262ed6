"""What all targets read: the equations of a program, what it returns, and what they refuse."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NoReturn

import numpy as np

from autograd.compiler.ir.array_ir import SAMPLES, ArrayProgram, Expression, Shape
from autograd.compiler.ir.attributes import pruned
from autograd.compiler.ir.builder import Builder
from autograd.compiler.ir.evaluate import Evaluation, Operations
from autograd.compiler.programs.program import CallSpec, Program
from autograd.primitives import TABLE
from autograd.rules.backends import calls_python

DTYPES = ("float64", "float32")


class ExportError(ValueError):
    """Raised where a program has something that the place it is to go to lacks."""


def refuse(name: str, kind: str, *_: Any, why: str = "") -> NoReturn:
    """Raise the error that names an operation and where it cannot go."""
    raise ExportError(f"{kind}: {name} cannot be exported: {why or f'{kind} has no such function'}")


def check_operations(program: Program, kind: str, *, derived: bool = False) -> None:
    """Refuse operations that are Python functions; ``derived``: that have derivatives of their own.

    Such a derivative is lost where the place differentiates the value itself.
    """
    for op in dict.fromkeys(step.op for step in program.instructions):
        entry = TABLE[op]
        if calls_python(entry):
            why = "it is, or its derivative is, a Python function"
            refuse(op, kind, why=f"{why}; give its rule and derivatives as text")
        if derived and not entry.exact and op != "stop_gradient":
            refuse(op, kind, why=f"its derivative is not that of its rule, which {kind} would take")


def check_guards(form: CallSpec, outcomes: Sequence[Any]) -> None:
    """Refuse arguments for which a comparison comes out differently than it was traced."""
    for guard, said in zip(form.program.guards, outcomes, strict=bool(outcomes)):
        if not (np.asarray(said) == guard.outcome).all():
            raise ValueError(
                f"{form.name}: the comparison {guard.sign} at {guard.line} was {guard.outcome} "
                "when traced, and is not now; call the compiled function with these arguments, and "
                "export again"
            )


def equations_of(program: Program, *, gradients: bool = True) -> ArrayProgram:
    """Return the equations of a program, without what only finite checks, or gradients, need.

    >>> import autograd
    >>> step = autograd.compile(lambda a, b: a * b + a, engine="numpy")
    >>> value = step(2.0, 3.0)
    >>> print(equations_of(step.program, gradients=False))
    (a: (), b: ())
      T1: () = add(mul(a, b), a)
      return T1
    """
    found = program.equations
    if found is None:
        raise ExportError(
            "the program is too irregular for a short text: compile or lift it with "
            "engine='numpy', which writes the long one, and export that"
        )
    if program.outputs is not None:
        build = Builder()
        pairs = zip(found.outputs, program.outputs, strict=False)  # without what is watched
        full = [build.broadcast_to(x, (*a.shape, *[SAMPLES] * a.sample)) for x, a in pairs]
        found = replace(found, outputs=tuple(full))
    elif gradients:
        return found
    return pruned(replace(found, gradients=()))


def with_defaults(name: str, operands: Sequence[Any]) -> list[Any]:
    """Return the operands of a function with the defaults that programs leave out.

    >>> with_defaults("elu", ["x"]), with_defaults("exp", ["x"])
    (['x', 1.0], ['x'])
    """
    entry = TABLE.get(name)
    if entry is None or entry.variadic:
        return list(operands)
    count = len(entry.arguments) - len(operands)
    return [*operands, *[*entry.defaults.values()][len(entry.defaults) - count :]]


def results_of(program: ArrayProgram) -> tuple[Expression, ...]:
    """Return the value, or the results of a program that is run forward only."""
    return program.outputs if program.value is None else (program.value,)


def one_or_all(results: Sequence[Any]) -> Any:
    """Return one result as it is, several as a tuple."""
    return results[0] if len(results) == 1 else tuple(results)


def is_number(program: ArrayProgram) -> bool:
    """Whether a program's result is one number, not several or arrays."""
    return [x.shape for x in results_of(program)] == [()]


def is_batch(shape: Shape) -> bool:
    """Whether an array has an axis of samples."""
    return shape[-1:] == (SAMPLES,)


def samples_last(ndim: int) -> tuple[int, ...]:
    """Return the order of axes that puts the first one, of a batch outside, last."""
    return (*range(1, ndim), 0)


def samples_first(ndim: int) -> tuple[int, ...]:
    """Return the order of axes that puts the last one, of the samples in a program, first."""
    return (ndim - 1, *range(ndim - 1))


def evaluate(
    program: ArrayProgram, inputs: Sequence[Any], operations: Operations, samples: Any = None
) -> tuple[tuple[Any, ...], tuple[Any, ...], tuple[Any, ...]]:
    """Compute the results, gradients and outcomes of comparisons of a program.

    Batches come, and results go, with their samples along the first axis. ``samples`` is their
    number, None for that of the inputs.
    """

    def turned(x: Any, shape: Shape, order: Callable[[int], tuple[int, ...]]) -> Any:
        ndim = len(shape)
        return operations.transpose(x, order(ndim)) if ndim > 1 and is_batch(shape) else x

    pairs = list(zip(program.inputs, inputs, strict=True))
    if samples is None:
        samples = next((x.shape[0] for variable, x in pairs if is_batch(variable.shape)), None)
    rows = [turned(x, variable.shape, samples_last) for variable, x in pairs]
    run = Evaluation(program, rows, operations, samples)
    run.run()
    results = [turned(run.of(x), x.shape, samples_first) for x in results_of(program)]
    return tuple(results), tuple(map(run.of, program.gradients)), tuple(map(run.of, program.guards))


def result_names(program: ArrayProgram) -> list[str]:
    """Name what a program returns where names are wanted: ``value``, or ``result_1``, ..."""
    count = len(results_of(program))
    return ["value"] if count == 1 else [f"result_{i}" for i in range(1, count + 1)]
