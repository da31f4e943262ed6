"""A backward pass as a table, with a row for each step, in the order of the steps."""

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from autograd import Value
from autograd._checks import checked_keywords, optional_whole_number
from autograd.expressions.dialects import TextPrinter
from autograd.expressions.latex import LatexPrinter
from autograd.expressions.tree import Derivative, Expression, Symbol, number
from viz._arguments import check_result
from viz.backward_trace import BackwardStep, backward_trace
from viz.formatting import Formatter, formatter
from viz.formulas.equations import Equation, local_sign
from viz.formulas.symbolic import Rules
from viz.graph_model import GraphModel, legend, node_names
from viz.reports.tables import Cells, TextTable, cut, terminal_width

HEAD = ("step", "node", "rule", "incoming", "local derivative", "product", "running sum")
NARROW = ("step", "node", "rule", "incoming", "to", "local", "product", "sum")
_MAX_COLUMNS = 40  # columns of a cell
Cell = Expression | Equation


class LedgerRow(NamedTuple):
    """One step: the contribution of ``node`` to the gradient of its operand ``to``.

    ``product`` is ``incoming`` times ``local``, 0 if either is exactly 0; ``total`` is the
    operand's gradient after the step; ``place`` is the index of the operand in the operation.
    """

    step: int
    node: Value
    name: str
    op: str
    to: Value
    to_name: str
    place: int
    incoming: float
    local: float
    product: float
    total: float


@checked_keywords
def ledger(
    J: Value,
    names: Mapping[str, object] | None = None,
    *,
    model: object = None,
    digits: int = 4,
    format: str | Formatter | None = None,
    limit: int | None = 60,
) -> "Ledger":
    """List the backward pass from a result as a table, one row per step.

    The steps are those of `Value.backward`, with its order and its numbers, starting from zero: no
    node's ``grad`` is read or changed. Constants get no gradient and no row.

    Parameters
    ----------
    J
        The result.
    names, model, digits, format
        As for `viz.draw`. Nodes without a name are called v₁, v₂, ..., inputs x₁, x₂, ...
    limit
        The maximal number of rows; of more, the first and the last are shown. None for all;
        ``.rows`` always has all.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid, or the result is a constant.

    Examples
    --------
    >>> a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    >>> J = a + b * c
    >>> print(ledger(J))
    The backward pass of J = −28 starts with dJ/dJ = 1.
    <BLANKLINE>
    step  node  rule    incoming    local derivative  product  running sum
       1  J     a + v₁  dJ/dJ = 1   dJ/da = 1               1  dJ/da = 1
       2                            dJ/dv₁ = 1              1  dJ/dv₁ = 1
       3  v₁    b * c   dJ/dv₁ = 1  dv₁/db = c = 10        10  dJ/db = 10
       4                            dv₁/dc = b = −3        −3  dJ/dc = −3
    >>> [row.total for row in ledger(J).rows]
    [1.0, 1.0, 10.0, -3.0]
    """
    check_result(J, "ledger")
    optional_whole_number("limit", limit, 2, "None for all")
    write = formatter(digits, format)
    graph = GraphModel.build([J], names, model)
    return Ledger(
        Rules(graph, node_names(graph, write), write), tuple(backward_trace(graph)), limit
    )


@dataclass(frozen=True, slots=True, repr=False)
class Ledger:
    """A backward pass as a table: ``str()`` is text, notebooks show it as HTML.

    Attributes
    ----------
    rows
        All steps as data.
    markdown, html
        The table for pages and notebooks; every label is escaped.
    """

    _rules: Rules
    _flows: tuple[BackwardStep, ...]
    _limit: int | None

    @property
    def rows(self) -> tuple[LedgerRow, ...]:
        """All steps as data."""
        nodes, names = self._rules.graph.nodes, self._rules.names
        return tuple(
            [
                LedgerRow(
                    k,
                    nodes[f.node],
                    names[f.node],
                    nodes[f.node].op,
                    nodes[f.to],
                    names[f.to],
                    *f[2:],
                )
                for k, f in enumerate(self._flows, 1)
            ]
        )

    def __len__(self) -> int:
        return len(self._flows)

    def __str__(self) -> str:
        return self.text(terminal_width())

    __repr__ = __str__

    def text(self, width: int) -> str:
        """Format the table for a terminal's width; a node is named in its first row only.

        A narrow table has a column for the operand instead of symbols of derivatives.
        """
        table = self._table(HEAD, self._cells, right=(0, 5))
        if table.width > width:
            table = self._table(NARROW, self._narrow, right=(0, 3, 6, 7))
        parts = [self._caption(), table.text(width), self._legend()]
        return "\n\n".join(part for part in parts if part)

    def _table(
        self, head: Cells, cells: Callable[[int], Sequence[Cell]], right: Sequence[int]
    ) -> TextTable:
        rows: list[Cells | str] = []
        before = -1
        for k in self._shown():
            if k is None:
                rows.append(self._gap())
                continue
            row = [str(k + 1), *(cut(self._plain(cell), _MAX_COLUMNS) for cell in cells(k))]
            if self._flows[k].node == before:
                row[1:4] = ["", "", ""]
            rows.append(row)
            before = self._flows[k].node
        return TextTable(head, rows, right, soft=(2,))

    @property
    def markdown(self) -> str:
        """The table as Markdown with LaTeX between dollar signs."""
        rows: list[Cells | str] = [
            self._gap() if k is None else [str(k + 1), *map(self._typeset, self._cells(k))]
            for k in self._shown()
        ]
        parts = [
            self._caption(typeset=True),
            TextTable(HEAD, rows, (0, 5)).markdown(),
            self._legend(),
        ]
        return "\n\n".join(part for part in parts if part)

    @property
    def html(self) -> str:
        """The table as HTML."""
        rows: list[Cells | str] = [
            self._gap() if k is None else [str(k + 1), *map(self._plain, self._cells(k))]
            for k in self._shown()
        ]
        legend = self._legend()
        return TextTable(HEAD, rows, right=(0, 5)).html(self._caption()) + (
            f"<p>{html.escape(legend)}</p>\n" if legend else ""
        )

    def _repr_html_(self) -> str:
        return self.html

    def _shown(self) -> list[int | None]:
        """Return the positions of the rows that are written, None for the gap between them."""
        count, limit = len(self._flows), self._limit
        if limit is None or count <= limit:
            return list(range(count))
        first = limit - limit // 2
        return [*range(first), None, *range(count - limit // 2, count)]

    def _gap(self) -> str:
        return f"{len(self._flows) - (self._limit or 0):,} more steps"

    def _cells(self, k: int) -> list[Cell]:
        """Return the cells of a row: node, rule, incoming, local derivative, product, sum."""
        rules, flow = self._rules, self._flows[k]
        names = rules.names
        local = rules.local(flow.node, flow.place)
        sign = local_sign(rules, flow.node, flow.place)
        return [
            rules.node(flow.node),
            rules.definition(flow.node),
            Equation(Derivative(names[-1], names[flow.node]), (number(flow.incoming),)),
            Equation(sign, (*([local] if local else []), number(flow.local))),
            number(flow.product),
            Equation(Derivative(names[-1], names[flow.to]), (number(flow.total),)),
        ]

    def _narrow(self, k: int) -> list[Cell]:
        """Return the cells of a narrow table: the operand instead of symbols of derivatives."""
        node, rule, incoming, local, product, total = self._cells(k)
        to = self._rules.node(self._flows[k].to)
        numbers = [cell.sides[-1] for cell in (incoming, total) if isinstance(cell, Equation)]
        sides = local.sides if isinstance(local, Equation) else ()
        return [node, rule, numbers[0], to, Equation(sides[0], sides[1:]), product, numbers[1]]

    def _plain(self, cell: Cell) -> str:
        write = self._rules.write
        return cell.line(write) if isinstance(cell, Equation) else TextPrinter(write).text(cell)

    def _typeset(self, cell: Cell) -> str:
        write = self._rules.write
        if isinstance(cell, Equation):
            return cell.inline_latex(write)
        return f"${LatexPrinter(write).text(cell)}$"

    def _caption(self, *, typeset: bool = False) -> str:
        """Write where the pass starts."""
        rules = self._rules
        name = rules.names[-1]
        what = Equation(Symbol(name), (number(rules.graph.nodes[-1].data),))
        start = Equation(Derivative(name, name), (number(1.0),))
        written = map(self._typeset if typeset else self._plain, (what, start))
        return "The backward pass of {} starts with {}.".format(*written)

    def _legend(self) -> str:
        shown = [self._flows[k].to for k in self._shown() if k is not None]
        return legend(self._rules.graph, self._rules.names, shown)
