"""List which scalar nodes each line of a lifted program stands for, element by element."""

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from autograd.compiler import Compiled, Lifted
from autograd.compiler.programs.program import Program
from viz.basics.arguments import checked_count
from viz.basics.numbers import Formatter, formatter
from viz.programs.elements import Formulas, ProgramNode, counted, homes, title
from viz.programs.traced import Traced, program_of, traced
from viz.words.table import Row, Table
from viz.words.terminal import cut, width

HEAD = ("line", "element", "node", "formula", "value", "grad")
_LONGEST = 40  # columns of a cell


def program_nodes(
    program: Program | Compiled | Lifted,
    *,
    digits: int = 4,
    format: str | Formatter | None = None,
    limit: int | None = 6,
) -> "ProgramNodes":
    """List which scalar nodes each line of a lifted program stands for, element by element.

    ``Z1[3, 0]`` is the element of the array ``Z1`` that a node's number stands in; a colon stands
    for the samples of a batch, of which the first was traced. *part of* an element are nodes on the
    way to it, as the products of a dot product are; *same as* an element are those that compute
    what another node does. Constants and what is worked out from them alone are in no line.

    Parameters
    ----------
    program
        What `autograd.compile` or `autograd.lift` returned, or its ``.program``.
    digits, format
        As for `viz.draw`.
    limit
        Number of nodes that are written of each line: the first and the last of more. None for all;
        ``.rows`` always has all.

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
    lifted = program_of(program, "program_nodes")
    checked_count("limit", limit, 2, "all")
    return ProgramNodes(traced(lifted, formatter(digits, format)), limit)


@dataclass(frozen=True, slots=True, repr=False)
class ProgramNodes:
    """The scalar nodes of a program: ``str()`` is a table, notebooks show it as HTML.

    Attributes
    ----------
    rows
        All nodes as data, line by line; arrays that are given come first.
    markdown, html
        The table for pages and notebooks; every label is escaped.
    """

    _traced: Traced
    _limit: int | None

    @property
    def rows(self) -> tuple[ProgramNode, ...]:
        """All nodes as data."""
        writer = Formulas(self._traced)
        return tuple([writer.row(i) for members in homes(self._traced) for i in members])

    def of(self, name: str) -> tuple[ProgramNode, ...]:
        """Return the nodes of an array, by its name: those of line ``Z1 = W1 @ x`` for ``"Z1"``.

        Raises KeyError if the program has no array of that name.
        """
        found = tuple([row for row in self.rows if row.array == name])
        if not found:
            known = dict.fromkeys(row.array for row in self.rows if row.array)
            raise KeyError(f"the program has no array {name!r}; it has {', '.join(known)}")
        return found

    def __len__(self) -> int:
        return len(self._traced.graph.nodes)

    def __str__(self) -> str:
        return self.text(width())

    __repr__ = __str__

    def text(self, width: int) -> str:
        """Write the table for a terminal of so many columns."""
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
        program, count = self._traced.program, len(self)
        lines, arrays = len(program.instructions), len(program.arrays)
        return (
            f"The {counted(count, 'scalar node')} of the program's {counted(lines, 'line')} and "
            f"{counted(arrays, 'array')}:"
        )

    def _table(self, escaped: Callable[[str], str] = str) -> Table:
        writer = Formulas(self._traced)
        rows: list[Row | str] = []
        for members in homes(self._traced):
            name = title(self._traced, members[0])
            for i in self._shown(members):
                if i is None:
                    rows.append(counted(len(members) - (self._limit or 0), "more node"))
                    continue
                rows.append([escaped(cut(cell, _LONGEST)) for cell in (name, *writer.cells(i))])
                name = ""
        return Table(HEAD, rows, right=(4, 5), soft=(0, 3))

    def _shown(self, members: Sequence[int]) -> list[int | None]:
        """Return the nodes of a line that are written, None for the gap between them."""
        limit = self._limit
        if limit is None or len(members) <= limit:
            return list(members)
        first = limit - limit // 2
        return [*members[:first], None, *members[len(members) - limit // 2 :]]
