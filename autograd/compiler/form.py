"""What exporters are given: a program, and how its users call it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.arguments import Key, leaves_of, rebuild
from autograd.errors import list_of
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.compiler.program import Program
    from autograd.compiler.variant import Variant

Arrays = list[NDArray[Any]]
EXPORTERS: dict[str, Callable[..., Any]] = {}  # by kind; `autograd.export`, above, fills it in


@dataclass(frozen=True)
class Form:
    """A program and how it is called.

    ``take`` turns a call's arguments into the program's arrays, in order: a batch with its samples
    along the first axis, parameters with their numbers of now. ``give`` turns a value and the
    gradients into what the call returns; of a program that is run forward only the results, a
    tuple of arrays, stand in the value's place. ``arguments`` is ``take`` without the parameters,
    and ``leaves`` are these, in a row: arrays of parameters read them in turn. ``chosen`` is
    ``arguments`` of a call's arrays that are known to fit, of whatever type they are.
    """

    program: "Program"
    name: str
    take: Callable[[tuple[Any, ...]], Arrays]
    give: Callable[[Any, Sequence[Any]], Any]
    parameters: dict[str, NDArray[Any]]  # by the array's name
    arguments: Callable[[tuple[Any, ...]], Arrays] | None = None
    leaves: Sequence[Value] = ()
    chosen: Callable[[Sequence[Any]], Arrays] | None = None

    def example(self) -> Arrays:
        """Return numbers for the program's arrays: parameters' of now, others as traced."""
        traced = self.program.scalars.numbers
        return [
            self.parameters.get(array.name, traced[array.ids][None] if array.sample
                                else traced[array.ids])
            for array in self.program.arrays
        ]  # fmt: skip


class Exportable:
    """What can be taken elsewhere: compiled functions, lifted graphs and programs."""

    def form(self) -> Form:
        """Return the program and how it is called."""
        raise NotImplementedError

    def to(self, kind: str, **options: Any) -> Any:
        r"""Take the program elsewhere: "numpy", "jax", "torch", "onnx", "latex" or "c".

        `autograd.export` says what comes for each kind, and which options there are.

        Raises
        ------
        ValueError
            For another kind; an `ExportError` where the program uses what the place lacks.
        MissingExtraError
            Where a package is needed that is not installed.

        Examples
        --------
        >>> import autograd
        >>> a, b = autograd.Value(2.0, "a"), autograd.Value(3.0, "b")
        >>> print(autograd.lift(a * b + a, wrt=[a, b]).to("latex"))
        \begin{aligned}
        J &= a b + a \\
        \frac{\partial J}{\partial a} &= b + 1 \\
        \frac{\partial J}{\partial b} &= a
        \end{aligned}
        """
        if kind not in EXPORTERS:
            raise ValueError(
                f"to: got {kind!r}; allowed are {list_of([repr(name) for name in EXPORTERS])}"
            )
        return EXPORTERS[kind](self.form(), **options)


def plain_form(program: "Program") -> Form:
    """Return the form of a bare program: it takes its arrays, and returns a tuple of gradients."""

    def take(args: tuple[Any, ...]) -> Arrays:
        names = [array.name for array in program.arrays]
        if len(args) != len(names):
            raise TypeError(
                f"the program: got {len(args)} arrays; give {len(names)}: {', '.join(names)}"
            )
        return [np.asarray(array, dtype=float) for array in args]

    numbers = program.scalars.numbers
    parameters = {a.name: numbers[a.ids] for a in program.arrays if a.kind == "parameter"}
    return Form(program, "program", take, lambda value, slopes: (value, tuple(slopes)), parameters)


def variant_form(
    variant: "Variant",
    name: str,
    take: Callable[[tuple[Any, ...]], Arrays],
    give: Callable[[Any], Any],
) -> Form:
    """Return the form of a variant; ``take`` flattens arguments, ``give`` structures a result."""
    return Form(
        variant.program,
        name,
        lambda args: variant.given(take(args)),
        lambda value, gradients: give(variant.result(value, gradients)),
        variant.current(),
        lambda args: variant.arguments(take(args)),
        variant.parameters,
        variant.chosen,
    )


def check_key(name: str, key: Key, came: Key) -> None:
    """Refuse arguments of another structure than a program was exported for."""
    wanted, got = (
        [rebuild(part, iter([leaf[:2] for leaf in leaves_of(part)]).__next__) for part in keys]
        for keys in (key, came)
    )
    for i, (one, other) in enumerate(zip(wanted, got, strict=True)):
        if one != other:
            raise TypeError(
                f"{name}: argument {i + 1} has another structure or shape than the program was "
                "exported for; call the compiled function with it, and export again"
            )
