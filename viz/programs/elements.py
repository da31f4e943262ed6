"""Write what each scalar node of a program computes; sort the nodes by their arrays."""

from typing import TYPE_CHECKING, NamedTuple

from autograd.compiler.programs.origins import constants
from autograd.expressions.dialects import TextPrinter
from viz.basics.numbers import DASH
from viz.formulas.symbolic import Rules
from viz.graphs.names import is_dotted, split
from viz.programs.traced import Traced

if TYPE_CHECKING:
    from autograd.compiler.places.views import Array

KINDS = ("given", "computed", "absorbed", "merged", "constant", "unused")
FOLDED = "no line"


class ProgramNode(NamedTuple):
    """One scalar node of the trace, and where it went.

    ``kind`` is *given* (an element of an argument or a parameter), *computed* (an element of what a
    line computes), *absorbed* (on the way to such an element), *merged* (the same as what another
    node computes), *constant* or *unused*; see `viz.program_nodes`. ``number`` is the line's, the
    first being 1, and 0 where there is none. ``array`` and ``indices`` are the element, without
    the samples' axis; ``gradient`` is None where the program computes none.
    """

    name: str
    op: str
    formula: str
    kind: str
    number: int
    line: str
    array: str
    indices: tuple[int, ...]
    element: str
    value: float
    gradient: float | None


class Formulas:
    """Write nodes: parameters by their own names where the frame is said, else by unique ones."""

    def __init__(self, traced: Traced) -> None:
        own = [
            split(full)[1] if is_dotted(full) else name
            for full, name in zip(traced.graph.names, traced.names, strict=True)
        ]
        self.traced = traced
        self.inside = Rules(traced.graph, own, traced.write)
        self.outside = Rules(traced.graph, traced.names, traced.write)

    def formula(self, i: int) -> str:
        """Write what a node computes, and in which frame: ``layer 0 neuron 3: w₀ * x₀ + b``."""
        graph = self.traced.graph
        frame = " ".join(graph.frames[i])
        if not graph.inputs[i]:
            return frame
        made = (self.inside if frame else self.outside).definition(i)
        text = TextPrinter(self.traced.write).text(made)
        return f"{frame}: {text}" if frame else text

    def cells(self, i: int) -> tuple[str, ...]:
        """Return what a row says after its line."""
        found, node = self.traced, self.traced.graph.nodes[i]
        grad = found.write(node.grad) if node.has_grad else "" if node.is_constant else DASH
        return found.says(i), found.names[i], self.formula(i), found.write(node.data), grad

    def row(self, i: int) -> ProgramNode:
        """Return a node as data."""
        found, node, origin = self.traced, self.traced.graph.nodes[i], self.traced.origins[i]
        return ProgramNode(
            found.names[i],
            node.op,
            self.formula(i),
            origin.kind,
            origin.line + 1,
            found.line(origin.line) if origin.line >= 0 else "",
            origin.array.name if origin.array else "",
            origin.indices,
            origin.element,
            node.data,
            node.grad if node.has_grad else None,
        )


def homes(traced: Traced) -> list[list[int]]:
    """Collect the nodes array by array: those that are given, lines, constants, no array."""
    program = traced.program
    order: dict[Array | None, list[int]] = {array: [] for array in program.arrays}
    order |= {step.out: [] for step in program.instructions}
    order |= {array: [] for array in constants(program)}
    order[None] = []
    for i, origin in enumerate(traced.origins):
        order[origin.array].append(i)
    rank = {kind: k for k, kind in enumerate(KINDS)}

    def key(i: int) -> tuple[int, int, int]:
        return traced.origins[i].place, rank[traced.origins[i].kind], i

    return [sorted(members, key=key) for members in order.values() if members]


def title(traced: Traced, i: int) -> str:
    """Name the line, or the array and its kind."""
    origin = traced.origins[i]
    if origin.line >= 0:
        return f"{origin.line + 1}  {traced.home(i)}"
    return f"{traced.home(i)}, {origin.array.kind}" if origin.array else FOLDED


def counted(count: int, what: str) -> str:
    """Write a number of things.

    >>> counted(1, "line"), counted(1200, "line")
    ('1 line', '1,200 lines')
    """
    return f"{count:,} {what}{'s' * (count != 1)}"
