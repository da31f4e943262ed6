"""Say where each scalar node of a program went: which line computes it, at which place."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from autograd.compiler.layout.buffers import Operand
from autograd.compiler.layout.views import Array
from autograd.compiler.programs.lowering import canonical
from autograd.compiler.programs.program import Program
from autograd.compiler.vectorize.instructions import Instruction
from autograd.primitives import LEAF


class Origin(NamedTuple):
    """Where a scalar node went.

    ``kind``: *given*, the element of an argument or a parameter; *computed*, the element of what a
    line computes; *absorbed*, on the way to such an element, as a product is to a dot product;
    *merged*, the same as what another node computes, and so done once; *constant*, a number of the
    program's text, or worked out from such; *unused*, not needed at all. ``line`` is the number of
    the instruction, -1 for none; ``array`` and ``place`` are the element, flat.
    """

    kind: str
    line: int = -1
    array: Array | None = None
    place: int = 0

    @property
    def indices(self) -> tuple[int, ...]:
        """The element's place, one number an axis; the samples' axis is not counted."""
        shape = self.array.shape if self.array else ()
        return tuple(int(i) for i in np.unravel_index(self.place, shape)) if shape else ()

    @property
    def element(self) -> str:
        """The element as NumPy writes it, ``Z1[3, 0]``; a colon stands for the samples."""
        if self.array is None:
            return ""
        index = [*map(str, self.indices), *[":"] * self.array.sample]
        return f"{self.array.name}[{', '.join(index)}]" if index else self.array.name


UNUSED, FOLDED = Origin("unused"), Origin("constant")


def origins(program: Program) -> list[Origin]:
    """Return for each scalar node where it went.

    >>> import autograd
    >>> step = autograd.compile(lambda x, y: autograd.exp(x[0] * y[0] + x[1] * y[1]))
    >>> value, gradients = step([1.0, 2.0], [0.5, -1.0])
    >>> for op, origin in zip(step.program.scalars.ops, origins(step.program)):
    ...     print(op, origin.kind, origin.element)
    leaf given x[0]
    leaf given x[1]
    leaf given y[0]
    leaf given y[1]
    mul absorbed T1
    mul absorbed T1
    add computed T1
    exp computed T2
    """
    ops, same = program.scalars.ops, merged(program)
    found = _placed(program)
    normal = canonical(program)
    fixed = normal.constants[normal.same]
    for node, other in same.items():
        if found[other] and not fixed[node]:
            found[node] = found[other]._replace(kind="merged")
    for node in np.flatnonzero(fixed).tolist():
        found[node] = found[node] if found[node].array else FOLDED
    inputs, starts = program.scalars.inputs.tolist(), program.scalars.starts.tolist()
    for node in range(len(ops) - 1, -1, -1):  # results before operands
        origin = found[node]
        if origin.line < 0 or (ops[node] == "where" and node in same):
            continue  # a choice that is settled reads only what it chose, which has its own place
        inner = origin if origin.kind == "merged" else origin._replace(kind="absorbed")
        for j in inputs[starts[node] : starts[node + 1]]:
            if found[j] is UNUSED and ops[j] != LEAF:
                found[j] = inner
    return found


def merged(program: Program) -> dict[int, int]:
    """Return the nodes that compute what another node does, and which that is."""
    nodes = np.flatnonzero(program.same != np.arange(len(program.same)))
    return dict(zip(nodes.tolist(), program.same[nodes].tolist(), strict=True))


def _placed(program: Program) -> list[Origin]:
    """Give their elements to the nodes that arrays hold."""
    found = [UNUSED] * len(program.scalars.ops)
    arrays = [(Origin("given", -1, array), array) for array in program.arrays]
    arrays += [
        (Origin("computed", k, step.out), step.out) for k, step in enumerate(program.instructions)
    ]
    arrays += [(Origin("constant", -1, array), array) for array in constants(program)]
    for origin, array in arrays:
        for place, node in enumerate(array.ids.ravel().tolist()):
            if node >= 0 and found[node] is UNUSED:
                found[node] = origin._replace(place=place)
    return found


def constants(program: Program) -> list[Array]:
    """Return the arrays of constants that a program brings along, in the order of their use."""
    found = [
        array
        for step in program.instructions
        for operand in operands(step)
        for array in named(operand)
        if array.kind == "constant"
    ]
    return list({array.name: array for array in found}.values())


def operands(step: Instruction) -> Iterator[Operand]:
    """Yield all that an instruction reads, in order."""
    for part in step.parts:
        yield part.x
        if part.y is not None:
            yield part.y
    yield from step.operands


def named(operand: Operand) -> tuple[Array, ...]:
    """Return the arrays behind an operand; one that joins several has no name of its own."""
    array = operand.array
    if array is None:
        return ()
    return array.parts or (array,)


def replaced(program: Program) -> list[int]:
    """Return for each instruction its results and the nodes that were absorbed on the way to them.

    Leaves and constants belong to no instruction, nor does what is worked out from constants
    alone, or needed by nothing. A node that computes what another one does belongs to that one's
    instruction.

    >>> import autograd
    >>> step = autograd.compile(lambda x, y: autograd.exp(x[0] * y[0] + x[1] * y[1]))
    >>> value, gradients = step([1.0, 2.0], [0.5, -1.0])
    >>> [step.out.name for step in step.program.instructions], replaced(step.program)
    (['T1', 'T2'], [3, 1])
    """
    lines = Counter(origin.line for origin in origins(program))
    return [lines[k] for k in range(len(program.instructions))]
