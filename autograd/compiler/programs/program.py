"""A program, as data and as text, and how it is called: what engines and exporters are given."""

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.ir.array_ir import ArrayProgram
from autograd.compiler.ir.numpy_source import numpy_source
from autograd.compiler.layout.views import Array
from autograd.compiler.runtime import array_functions as runtime
from autograd.compiler.tracing.labels import Labels
from autograd.compiler.tracing.leaves import placed_labels
from autograd.compiler.tracing.scalar_ir import ScalarProgram
from autograd.compiler.tracing.trace import SIGNS, Guard
from autograd.compiler.vectorize.instructions import Instruction
from autograd.rules.backends import ARRAYS, execute
from autograd.value import Value

Arrays = list[NDArray[Any]]


@dataclass(frozen=True)
class CallSpec:
    """A program and how it is called.

    ``take`` turns a call's arguments into the program's arrays, in order: a batch with its samples
    along the first axis, parameters with their numbers of now. ``give`` turns a value and the
    gradients into what the call returns; of a program that is run forward only the results, a
    tuple of arrays, stand in the value's place. ``arguments`` is ``take`` without the parameters,
    and ``leaves`` are these, in a row: arrays of parameters read them in turn. ``chosen`` is
    ``arguments`` of a call's arrays that are known to fit, of whatever type they are. ``reached``
    tells which leaves get gradients, as others are only compared: None for all. ``beside`` get
    gradients of 0, as the program does not need them.
    """

    program: "Program"
    name: str
    take: Callable[[tuple[Any, ...]], Arrays]
    give: Callable[[Any, Sequence[Any]], Any]
    parameters: dict[str, NDArray[Any]]  # by the array's name
    arguments: Callable[[tuple[Any, ...]], Arrays] | None = None
    leaves: Sequence[Value] = ()
    chosen: Callable[[Sequence[Any]], Arrays] | None = None
    reached: NDArray[np.bool_] | None = None
    beside: Sequence[Value] = ()

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

    def form(self) -> CallSpec:
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
        exports = importlib.import_module("autograd.export")  # most programs go nowhere
        return exports.export(self.form(), kind, options)


@dataclass(frozen=True)
class Program(Exportable):
    """A program as data and as text; engines run it.

    ``tests`` are the comparisons of the trace, as functions of two nodes' numbers; ``guards`` what
    they said. ``arrays`` are what the program is given, in order; ``wanted`` those whose gradients
    it returns. ``same`` has for each node the one that computes it, if lowered. ``labels`` has
    those that do not say only at which place of which argument a node stands.
    ``outputs`` are the results of a program that is run forward only.
    """

    scalars: ScalarProgram
    result: int
    reduce: str
    instructions: tuple[Instruction, ...]
    arrays: tuple[Array, ...]
    wanted: tuple[Array, ...]
    guards: tuple[Guard, ...]
    equations: ArrayProgram | None  # None where it was not lowered to arrays
    kept: dict[str, Any]
    same: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    labels: Labels = field(default_factory=lambda: Labels.of([]))
    outputs: tuple[Array, ...] | None = None  # run forward only: the nodes that are returned

    @cached_property
    def source(self) -> str:
        """The program as NumPy text, printed when it is asked for."""
        if self.equations is not None:
            return numpy_source(self.equations)
        return (
            f"# {len(self.scalars.codes):,} nodes, too irregular for a short NumPy program: "
            "replayed one by one (engine='numpy' writes the long one)\n"
        )

    @property
    def is_derived(self) -> bool:
        """Whether its equations are those of a Hessian: no instruction stands for its nodes."""
        has_lines = self.equations is not None and bool(self.equations.equations)
        return self.outputs is not None and has_lines and not self.instructions

    @property
    def tests(self) -> list[tuple[Any, int, int]]:
        """Return the comparisons, as functions with the two nodes that they compare."""
        return [(SIGNS[guard.sign], guard.x, guard.y) for guard in self.guards]

    @property
    def names(self) -> dict[int, str]:
        """Return the names of the scalar nodes that have one: labels, elements of arguments."""
        found = self.labels.by_node()
        for array in self.arrays:
            if array.kind == "argument":
                labels = placed_labels(array.name, array.ids.shape)
                for node, label in zip(array.ids.ravel().tolist(), labels, strict=True):
                    found.setdefault(node, label)
        return found

    def form(self) -> CallSpec:
        """Return the program as it is called: with its arrays, for a tuple of gradients."""

        def take(args: tuple[Any, ...]) -> Arrays:
            names = [array.name for array in self.arrays]
            if len(args) != len(names):
                raise TypeError(
                    f"the program: got {len(args)} arrays; give {len(names)}: {', '.join(names)}"
                )
            return [np.asarray(array, dtype=float) for array in args]

        numbers = self.scalars.numbers
        parameters = {a.name: numbers[a.ids] for a in self.arrays if a.kind == "parameter"}
        return CallSpec(
            self, "program", take, lambda value, slopes: (value, tuple(slopes)), parameters
        )

    def function(self) -> Any:
        """Compile the text."""
        names = {**ARRAYS, **runtime.FUNCTIONS, **self.kept}
        return execute(self.source, f"program {next(_numbers)}", names)["program"]


_numbers = count(1)
