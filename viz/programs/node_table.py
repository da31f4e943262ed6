"""Tables of the scalar nodes that each line of a lifted program computes, element by element."""

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from autograd._checks import checked_keywords, optional_whole_number
from autograd.compiler import Compiled, Lifted
from autograd.compiler.programs.origins import constants
from autograd.compiler.programs.program import Program
from autograd.expressions.dialects import TextPrinter
from viz.formatting import DASH, Formatter, formatter
from viz.formulas.symbolic import Rules
from viz.graph_model import is_dotted, split
from viz.programs.provenance import Provenance, program_of, provenance
from viz.reports.tables import Cells, TextTable, cut, terminal_width

if TYPE_CHECKING:
    from autograd.compiler.layout.views import Array

KINDS = ("given", "computed", "absorbed", "merged", "constant", "unused")
FOLDED = "no line"


class ProgramNode(NamedTuple):
    """One scalar node of the trace, and what the compiler made of it.

    ``kind`` is *given* (an element of an argument or a parameter), *computed* (an element of the
    result of a line), *absorbed* (an intermediate result of such an element), *merged* (the same as
    another node), *constant* or *unused*; see `viz.program_nodes`. ``number`` is that of the line,
    from 1, or 0 if there is none. ``array`` and ``indices`` are the element, without the axis of
    samples; ``gradient`` is None if the program computes none.
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


class NodeFormulas:
    """Writes nodes' formulas; next to a frame's title, parameters have their short names."""

    def __init__(self, provenance: Provenance) -> None:
        own = [
            split(full)[1] if is_dotted(full) else name
            for full, name in zip(provenance.graph.names, provenance.names, strict=True)
        ]
        self.provenance = provenance
        self.inside = Rules(provenance.graph, own, provenance.write)
        self.outside = Rules(provenance.graph, provenance.names, provenance.write)

    def formula(self, i: int) -> str:
        """Write what a node computes, and in which frame: ``layer 0 neuron 3: w₀ * x₀ + b``."""
        graph = self.provenance.graph
        frame = " ".join(graph.frames[i])
        if not graph.inputs[i]:
            return frame
        definition = (self.inside if frame else self.outside).definition(i)
        text = TextPrinter(self.provenance.write).text(definition)
        return f"{frame}: {text}" if frame else text

    def cells(self, i: int) -> tuple[str, ...]:
        """Return a row's cells after the line."""
        provenance, node = self.provenance, self.provenance.graph.nodes[i]
        grad = provenance.write(node.grad) if node.has_grad else "" if node.is_constant else DASH
        return (
            provenance.description(i),
            provenance.names[i],
            self.formula(i),
            provenance.write(node.data),
            grad,
        )

    def row(self, i: int) -> ProgramNode:
        """Return a node as data."""
        provenance, node, origin = (
            self.provenance,
            self.provenance.graph.nodes[i],
            self.provenance.origins[i],
        )
        return ProgramNode(
            provenance.names[i],
            node.op,
            self.formula(i),
            origin.kind,
            origin.line + 1,
            provenance.line(origin.line) if origin.line >= 0 else "",
            origin.array.name if origin.array else "",
            origin.indices,
            origin.element,
            node.data,
            node.grad if node.has_grad else None,
        )


def nodes_by_array(provenance: Provenance) -> list[list[int]]:
    """Return each array's nodes: given arrays, lines, constants, then nodes without an array."""
    program = provenance.program
    order: dict[Array | None, list[int]] = {array: [] for array in program.arrays}
    order |= {step.out: [] for step in program.instructions}
    order |= {array: [] for array in constants(program)}
    order[None] = []
    for i, origin in enumerate(provenance.origins):
        order[origin.array].append(i)
    rank = {kind: k for k, kind in enumerate(KINDS)}

    def key(i: int) -> tuple[int, int, int]:
        return provenance.origins[i].place, rank[provenance.origins[i].kind], i

    return [sorted(members, key=key) for members in order.values() if members]


def title(provenance: Provenance, i: int) -> str:
    """Return the title of a node's line, or of its array."""
    origin = provenance.origins[i]
    if origin.line >= 0:
        return f"{origin.line + 1}  {provenance.location(i)}"
    return f"{provenance.location(i)}, {origin.array.kind}" if origin.array else FOLDED


def count_text(count: int, what: str) -> str:
    """Write a count with its noun.

    >>> count_text(1, "line"), count_text(1200, "line")
    ('1 line', '1,200 lines')
    """
    return f"{count:,} {what}{'s' * (count != 1)}"


HEAD = ("line", "element", "node", "formula", "value", "grad")
_MAX_COLUMNS = 40  # columns of a cell


@checked_keywords
def program_nodes(
    program: Program | Compiled | Lifted,
    *,
    digits: int = 4,
    format: str | Formatter | None = None,
    limit: int | None = 6,
) -> "ProgramNodes":
    """List the scalar nodes that each line of a lifted program computes, element by element.

    ``Z1[3, 0]`` is the element of the array ``Z1`` that holds a node's number; a colon is the axis
    of samples, of which the first was traced. Nodes are *part of* an element if they are
    intermediate results of it, such as the products of a dot product, and *same as* an element if
    they compute the same as another node. Constants, and what depends on them alone, are in no
    line.

    Parameters
    ----------
    program
        The result of `autograd.compile` or `autograd.lift`, or its ``.program``.
    digits, format
        As for `viz.draw`.
    limit
        The maximal number of nodes of each line; of more, the first and the last are shown. None
        for all; ``.rows`` always has all.

    Raises
    ------
    TypeError, ValueError, RuntimeError
        As `viz.draw_program` does.

    Examples
    --------
    >>> import autograd
    >>> w = autograd.values([[1.0, 2.0], [3.0, 4.0]], "W")
    >>> step = autograd.compile(lambda x: autograd.sum([autograd.dot(r, x).tanh() for r in w]))
    >>> value, gradient = step([0.5, -1.0])
    >>> nodes = program_nodes(step, limit=2)
    >>> print(nodes.text(width=80))
    The 11 scalar nodes of the program's 3 lines and 2 arrays:
    <BLANKLINE>
    line                 element  node  formula                value      grad
    x (2,), argument     x[0]     x₀                             0.5    0.2605
                         x[1]     x₁                              −1    0.4678
    W (2, 2), parameter  W[0, 0]  W₀₀                              1   0.09035
      … 2 more nodes
                         W[1, 1]  W₁₁                              4  −0.02659
    1  Z1 = W @ x        Z1[0]    v₁    W₀₀ * x₀ + W₀₁ * x₁     −1.5    0.1807
                         Z1[1]    v₃    W₁₀ * x₀ + W₁₁ * x₁     −2.5   0.02659
    2  A1 = tanh(Z1)     A1[0]    v₂    tanh(v₁)             −0.9051         1
                         A1[1]    v₄    tanh(v₃)             −0.9866         1
    3  T1 = A1.sum()     T1       J     v₂ + v₄               −1.892         1
    >>> [(node.name, node.element) for node in nodes.of("Z1")]
    [('v₁', 'Z1[0]'), ('v₃', 'Z1[1]')]
    """
    lifted = program_of(program)
    optional_whole_number("limit", limit, 2, "None for all")
    return ProgramNodes(provenance(lifted, formatter(digits, format)), limit)


@dataclass(frozen=True, slots=True, repr=False)
class ProgramNodes:
    """The scalar nodes of a program: ``str()`` is a table, notebooks show it as HTML.

    Attributes
    ----------
    rows
        All nodes as data, line by line, after those of the input arrays.
    markdown, html
        The table for pages and notebooks; every label is escaped.
    """

    _provenance: Provenance
    _limit: int | None

    @property
    def rows(self) -> tuple[ProgramNode, ...]:
        """All nodes as data."""
        writer = NodeFormulas(self._provenance)
        return tuple(
            [writer.row(i) for members in nodes_by_array(self._provenance) for i in members]
        )

    def of(self, name: str) -> tuple[ProgramNode, ...]:
        """Return the nodes of an array, by its name: those of line ``Z1 = W1 @ x`` for ``"Z1"``.

        Raises KeyError if the program has no array of that name.
        """
        nodes = tuple([row for row in self.rows if row.array == name])
        if not nodes:
            known = dict.fromkeys(row.array for row in self.rows if row.array)
            raise KeyError(f"the program has no array {name!r}; it has {', '.join(known)}")
        return nodes

    def __len__(self) -> int:
        return len(self._provenance.graph.nodes)

    def __str__(self) -> str:
        return self.text(terminal_width())

    __repr__ = __str__

    def text(self, width: int) -> str:
        """Write the table for a terminal's width."""
        return f"{self._caption()}\n\n{self._table().text(width)}"

    @property
    def markdown(self) -> str:
        """The table as Markdown."""
        table = self._table(lambda cell: html.escape(cell).replace("|", "\\|").replace("*", "\\*"))
        return f"{self._caption()}\n\n{table.markdown()}"

    @property
    def html(self) -> str:
        """The table as HTML."""
        return self._table().html(self._caption())

    def _repr_html_(self) -> str:
        return self.html

    def _caption(self) -> str:
        program, count = self._provenance.program, len(self)
        nodes = count_text(count, "scalar node")
        lines = count_text(len(program.instructions), "line")
        arrays = count_text(len(program.arrays), "array")
        return f"The {nodes} of the program's {lines} and {arrays}:"

    def _table(self, escaped: Callable[[str], str] = str) -> TextTable:
        writer = NodeFormulas(self._provenance)
        rows: list[Cells | str] = []
        for members in nodes_by_array(self._provenance):
            name = title(self._provenance, members[0])
            for i in self._shown(members):
                if i is None:
                    rows.append(count_text(len(members) - (self._limit or 0), "more node"))
                    continue
                rows.append([escaped(cut(cell, _MAX_COLUMNS)) for cell in (name, *writer.cells(i))])
                name = ""
        return TextTable(HEAD, rows, right=(4, 5), soft=(0, 3))

    def _shown(self, members: Sequence[int]) -> list[int | None]:
        """Return the nodes of a line that are written, None for a gap."""
        limit = self._limit
        if limit is None or len(members) <= limit:
            return list(members)
        first = limit - limit // 2
        return [*members[:first], None, *members[len(members) - limit // 2 :]]
