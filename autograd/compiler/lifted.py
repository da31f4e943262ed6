"""`lift`: a graph that exists already, as a NumPy program."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autograd._checks import as_float, check_type, checked_keywords, error_text, one_of
from autograd.compiler.executors.engines import ENGINES
from autograd.compiler.executors.specialization import Result, Specialization, make
from autograd.compiler.programs.display import program_html
from autograd.compiler.programs.program import CallSpec, Exportable, Program
from autograd.compiler.programs.table import Table, table_of
from autograd.compiler.runtime.naming import unique
from autograd.compiler.tracing.leaves import Leaves
from autograd.compiler.tracing.purity import fingerprint
from autograd.compiler.tracing.trace import record, with_live
from autograd.value import Value


class Lifted(Exportable):
    """A graph as a program of its leaves; `autograd.lift` makes it and says what it does."""

    def __init__(self, variant: Specialization, names: Sequence[str]) -> None:
        self._variant = variant
        self._names = names

    def __call__(self, *numbers: Any) -> tuple[float, list[float]]:
        """Return the value and the gradients for numbers of the leaves, one each."""
        return self._given(self._variant.accepted(self._taken(numbers)))

    def _taken(self, numbers: tuple[Any, ...]) -> list[Any]:
        if len(numbers) != len(self._names):
            raise TypeError(
                f"the program: got {len(numbers)} numbers; give {len(self._names)}: "
                f"{', '.join(self._names)}"
            )
        return [np.array(as_float(x, "the program")) for x in numbers]

    def _given(self, found: Result) -> tuple[float, list[float]]:
        return found.value, [float(found.arguments.get(i, 0.0)) for i in range(len(self._names))]

    def __repr__(self) -> str:
        return f"<lifted program({', '.join(self._names)})>"

    def _repr_html_(self) -> str | None:
        """Show the program, in notebooks; None of a long one."""
        return program_html(repr(self), self._variant.program, lambda: self.program)

    def form(self) -> CallSpec:
        """Return the program and how it is called."""
        return self._variant.form("program", self._taken, self._given)

    @property
    def program(self) -> Program:
        """The program as data."""
        return self._variant.lowered().program

    @property
    def source(self) -> str:
        """The NumPy program, as text."""
        return self.program.source

    def explain(self) -> Table:
        """Return a table of the program: what each line computes, and for how many nodes."""
        return table_of(self.program)


@checked_keywords
def lift(
    result: Value, wrt: Sequence[Value], *, engine: str = "auto", exact: bool = False
) -> Lifted:
    """Turn a graph that exists into a NumPy program of its value and gradients.

    Parameters
    ----------
    result
        The number to differentiate.
    wrt
        The leaves that the program takes as arguments, in this order. Other leaves are parameters:
        their numbers are read at each call.
    engine, exact
        As for `autograd.compile`.

    Examples
    --------
    >>> a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    >>> program = lift(3 * (a + b * c), wrt=[a, b, c])
    >>> program(2.0, -3.0, 10.0)
    (-84.0, [3.0, 30.0, -9.0])
    >>> print(program.source)
    def program(a, b, c):
        T1 = a + b * c
        T2 = 3.0 * T1
        db = 3.0 * c
        dc = 3.0 * b
        return (T2, (3.0, db, dc))
    <BLANKLINE>
    """
    check_type("result", result, Value, "a Value")
    one_of("engine", engine, ENGINES)
    for i, node in enumerate(wrt):
        if type(node) is not Value or not node.is_leaf or node.is_constant:
            raise TypeError(error_text(f"wrt[{i}]", node, "a leaf"))
    if len(set(wrt)) < len(wrt):
        hint = "a leaf is there twice, and one number cannot be two arguments"
        raise ValueError(error_text("wrt", wrt, "each leaf once", hint))
    taken: set[str] = set()
    leaves = [_leaf(node, i, taken) for i, node in enumerate(wrt)]
    chosen = set(wrt)
    trace = record(result, None, (), list(wrt))
    pairs = zip(trace.leaves.positions.tolist(), trace.leaves.leaves, strict=True)
    unwanted = [i for i, leaf in pairs if leaf not in chosen]
    trace = replace(trace, scalars=with_live(trace.scalars, unwanted))
    own = fingerprint(trace, len(leaves))
    variant = make(trace, leaves, own, "", engine, gradients=True, exact=exact)
    return Lifted(variant, [leaf.name for leaf in leaves])


def _leaf(node: Value, i: int, taken: set[str]) -> Leaves:
    label = node.label if node.label and node.label.isidentifier() else f"x{i + 1}"
    return Leaves(unique(label, taken), [node], (), sample=False, wanted=True)
