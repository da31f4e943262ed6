"""Check a lowered program against the trace: each place of each line computes its scalar node.

Lowering decides which arrays, slices and index arrays stand for which nodes. Here every view is
carried out on the numbers of the nodes themselves, and what a line makes at a place is compared
with what the trace says of the node that stands there. How lines are written, and the gradients,
are not seen here: `autograd.compiler.executors.comparison` runs them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import isclose, isnan
from typing import NamedTuple, NoReturn, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autograd.compiler.ir.evaluate import Operations
from autograd.compiler.ir.forward import operand_text
from autograd.compiler.layout.buffers import Operand
from autograd.compiler.layout.views import DONT_CARE, PADDING, Array, Ids, View
from autograd.compiler.programs.lowering import canonical
from autograd.compiler.programs.program import Program
from autograd.compiler.vectorize.canonicalize import CanonicalProgram
from autograd.compiler.vectorize.instructions import INNER, Addend, Instruction
from autograd.compiler.vectorize.packs import split_inputs
from autograd.compiler.vectorize.scalar_passes import NONE
from autograd.errors import LoweringError
from autograd.primitives import TABLE

Entry = TypeVar("Entry")

STEPS = Operations({})
# real parts: nodes, or PADDING with the number that is read there as imaginary part, or DONT_CARE
Places = NDArray[np.complex128]
Read = int | float  # a node, or a number
Terms = dict[tuple[int, ...], float]  # a sum: the coefficient of each product of nodes


class Axes(NamedTuple):
    """An operand's places, with the letters of their axes."""

    letters: str
    places: Places

    @property
    def sizes(self) -> dict[str, int]:
        """Return the lengths of the axes."""
        return dict(zip(self.letters, self.places.shape, strict=True))


def validate(program: Program) -> None:
    """Check that each line of a program computes the nodes that it stands for.

    Raises `LoweringError`, which names the line.

    >>> import autograd
    >>> step = autograd.compile(lambda x: autograd.dot(x, x), engine="numpy")
    >>> step([1.0, 2.0])
    (5.0, [2.0, 4.0])
    >>> validate(step.program)
    """
    if not program.instructions:
        return  # it was not lowered
    normal = canonical(program)
    made: set[int] = set()
    for step in program.instructions:
        _Line(program, normal, step).check()
        made.update(step.out.ids[step.out.ids >= 0].tolist())
    missing = [i for i in normal.computed.tolist() if i not in made]
    if missing:
        raise LoweringError(f"no line computes node {missing[0]}")


@dataclass(frozen=True)
class _Line:
    """One line under test."""

    program: Program
    normal: CanonicalProgram
    step: Instruction

    def check(self) -> None:
        """Compare each place with the trace."""
        step = self.step
        own = dict(zip(step.axes, step.out.shape, strict=True))
        together = [[part.x] if part.y is None else [part.x, part.y] for part in step.parts]
        read: dict[int, Axes] = {}
        for operands in (step.operands, *together):  # each part has inner axes of its own
            sizes = dict(own)
            read |= {id(operand): self._axes(operand, sizes) for operand in operands}
        check = self._sum if step.op == "sum" else self._list if _is_list(step) else self._call
        for place in np.ndindex(step.out.shape):
            node = int(step.out.ids[place])
            if node >= 0:
                check(node, dict(zip(step.axes, place, strict=True)), read)

    def _axes(self, operand: Operand, sizes: dict[str, int]) -> Axes:
        """Return what an operand reads, and check that its letters fit."""
        if operand.view is None:
            return Axes("", _places(np.array(PADDING), operand.number))
        sample = operand.view.array.sample
        letters = operand.axes.removesuffix("n") if sample else operand.axes
        places = self._places(operand.view)
        if operand.unit:
            places = places[..., 0]
        if len(letters) != places.ndim or (sample and not operand.axes.endswith("n")):
            self._fail(
                f"{self._text(operand)} has the shape {places.shape} for the axes {operand.axes!r}"
            )
        if sample and not self.step.out.sample:
            self._fail(f"{self._text(operand)} has samples, the result has none")
        for letter, size in zip(letters, places.shape, strict=True):
            if sizes.setdefault(letter, size) != size:
                self._fail(
                    f"axis {letter} is {sizes[letter]} long, but {size} in {self._text(operand)}"
                )
        return Axes(letters, places)

    def _text(self, operand: Operand) -> str:
        return operand_text(operand, self.program.kept)

    def _places(self, view: View) -> Places:
        """Carry a view out on the numbers of the nodes."""
        parts = view.array.parts or (view.array,)
        found = [self._whole(part) for part in parts]
        places = np.concatenate([x.ravel() for x in found]) if view.array.parts else found[0]
        for step in view.steps:
            if step.kind == "mask":
                name, fill = step.what
                padding = _places(np.array(PADDING), fill)
                places = np.where(self.program.kept[name], places, padding)
            else:
                what = self.program.kept[step.what] if step.kind == "gather" else step.what
                places = getattr(STEPS, step.kind)(places, what)
            if places.shape != step.after:
                self._fail(f"a step gives the shape {places.shape}, not {step.after}")
        return places

    def _whole(self, array: Array) -> Places:
        """Return an array's nodes; a constant's numbers must be theirs."""
        ids = np.where(array.ids < 0, DONT_CARE if array.holes is None else PADDING, array.ids)
        fills = np.full(array.shape, array.holes or 0.0)
        if array.kind == "constant":
            numbers, there = self.program.kept[array.name], array.ids >= 0
            fills = np.array(numbers, dtype=float).reshape(array.shape)
            if fills[there].tobytes() != self.program.scalars.numbers[array.ids[there]].tobytes():
                self._fail(f"{array.name} does not hold the constants of the trace")
        return _places(ids, fills)

    def _sum(self, node: int, at: dict[str, int], read: dict[int, Axes]) -> None:
        wanted: Terms = {}
        for coefficient, x, y in self._of(node, self.normal.terms):
            self._add(wanted, coefficient, [x] if y == NONE else [x, y])
        found: Terms = {}
        for part in self.step.parts:
            for factors in self._factors(part, at, read):
                self._add(found, part.coefficient, factors)
        for key in wanted.keys() | found.keys():
            a, b = wanted.get(key, 0.0), found.get(key, 0.0)
            if not (isclose(a, b, rel_tol=1e-9) or (isnan(a) and isnan(b))):
                self._fail(f"node {node} has {a!r} times the nodes {key}, the line {b!r}")

    def _factors(
        self, part: Addend, at: dict[str, int], read: dict[int, Axes]
    ) -> Iterator[list[Read]]:
        """Yield the factors of each addend at a place; padding with 0 adds none."""
        axes = [read[id(operand)] for operand in (part.x, part.y) if operand is not None]
        inner = {a: n for own in axes for a, n in own.sizes.items() if a not in at}
        for index in np.ndindex(*inner.values()):
            place = {**at, **dict(zip(inner, index, strict=True))}
            factors = [self._at(own, place) for own in axes]
            if not any(isinstance(factor, float) and factor == 0 for factor in factors):
                yield factors

    def _add(self, terms: Terms, coefficient: float, factors: Sequence[Read]) -> None:
        """Add a product; constants among its factors are numbers."""
        nodes = []
        for factor in factors:
            number = self._number(factor)
            if number is None:
                nodes.append(int(factor))
            else:
                coefficient *= number
        key = tuple(sorted(nodes))
        terms[key] = terms.get(key, 0.0) + coefficient

    def _number(self, read: Read) -> float | None:
        """Return the number of a constant; None for a node that is computed or given."""
        if isinstance(read, float):
            return read
        return float(self.program.scalars.numbers[read]) if self.normal.constants[read] else None

    def _call(self, node: int, at: dict[str, int], read: dict[int, Axes]) -> None:
        op, inputs = self._of(node, self.normal.call)
        found = [self._at(read[id(operand)], at) for operand in self.step.operands]
        self._same(node, op, list(inputs), found)

    def _list(self, node: int, at: dict[str, int], read: dict[int, Axes]) -> None:
        op, inputs = self._of(node, self.normal.call)
        rows = split_inputs(op, list(inputs))
        xs, *index = [read[id(operand)] for operand in self.step.operands]
        found = [self._at(xs, {**at, INNER: k}) for k in range(xs.sizes[INNER])]
        while isinstance(found[-1], float) and found[-1] == TABLE[op].padding:
            found.pop()
            if len(found) == len(rows[0]):
                break
        if op == "softmax":
            self._same(node, op, [*rows[0], *rows[1]], [*found, float(at[INNER])])
            return
        ends = [self._at(own, at) for own in index]
        self._same(node, op, [x for row in rows for x in row], [*found, *ends])

    def _same(self, node: int, op: str, wanted: Sequence[Read], found: Sequence[Read]) -> None:
        """Compare operations and what they read, in order."""
        if op != self.step.op:
            self._fail(f"node {node} is a {op}")
        if len(wanted) != len(found) or not all(map(self._equal, wanted, found)):
            self._fail(f"node {node} reads {list(wanted)}, the line {list(found)}")

    def _equal(self, a: Read, b: Read) -> bool:
        one, other = self._number(a), self._number(b)
        if one is None or other is None:
            return a == b and isinstance(a, int) and isinstance(b, int)
        return np.float64(one).tobytes() == np.float64(other).tobytes() or one == other == 0

    def _at(self, own: Axes, place: dict[str, int]) -> Read:
        """Return what an operand reads at a place."""
        found = own.places[tuple(place[letter] for letter in own.letters)]
        if found.real == DONT_CARE:
            self._fail("it reads padding that may be any number")
        return int(found.real) if found.real >= 0 else float(found.imag)

    def _of(self, node: int, read: Callable[[int], Entry | None]) -> Entry:
        entry = read(node)
        if entry is None:
            self._fail(f"node {node} is computed otherwise")
        return entry

    def _fail(self, what: str) -> NoReturn:
        raise LoweringError(f"{self.step.out.name or 'a line'} ({self.step.op}): {what}")


def _places(ids: Ids, fills: ArrayLike) -> Places:
    places = np.empty(ids.shape, np.complex128)
    places.real, places.imag = ids, fills
    return places


def _is_list(step: Instruction) -> bool:
    return bool(TABLE[step.op].variadic)
