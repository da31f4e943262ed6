"""Lay an unrolled graph out in columns: names, values, gradients, notes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from viz.basics.columns import columns
from viz.basics.numbers import DASH, Formatter
from viz.graphs.called import legend
from viz.graphs.passes import LEFT_OVER
from viz.graphs.survey import Survey, symbol
from viz.words.terminal import can_show, cut, padded, painted, shown_in
from viz.words.tree import Line, Mark, Tree

_ROLES = {"input": "cyan", "parameter": "amber", "result": "violet", "constant": "dim"}
_LEAST = 12  # columns that a name keeps
HEAD = ("", "", "value", "grad", "")
Cells = tuple[str, str, str, str, str]  # stem, label, value, gradient, note


@dataclass(frozen=True, slots=True)
class Sheet:
    """Hold what is written of a graph: names, and values and gradients as they were."""

    graph: Survey
    names: Sequence[str]
    numbers: Sequence[tuple[float, float | None]]
    write: Formatter
    left_over: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Page:
    """Write a tree of a sheet for a terminal's width, encoding and colours."""

    sheet: Sheet
    tree: Tree
    width: int
    encoding: str
    colour: bool

    def lines(self) -> Iterator[str]:
        """Yield the head, the lines, and what explains their signs."""
        table = [self._cells(line) for line in self.tree.lines]
        sizes = self._sizes([HEAD, *table])
        yield self._row(HEAD, sizes, ("", "dim", "dim"))
        for line, cells in zip(self.tree.lines, table, strict=True):
            yield self._row(cells, sizes, self._styles(line))
        for note in self._notes():
            yield shown_in(note, self.encoding)

    def _cells(self, line: Line) -> Cells:
        """Return the parts of a line, in signs that can be shown."""
        stem = "".join("│  " if follows else "   " for follows in line.stem[:-1])
        stem += "".join("├─ " if follows else "└─ " for follows in line.stem[-1:])
        hidden = f"{line.hidden:,} node{'s' if line.hidden != 1 else ''}" if line.hidden else ""
        note = f"{line.mark.value} {hidden}".strip()
        if line.node is None:
            more = len(line.folded)
            deeper = f"… {hidden}" if line.hidden > more else ""
            cells = (stem, f"… {more:,} more operands", "", "", deeper)
        else:
            note = f"{'*' * (line.node in self.sheet.left_over)} {note}".strip()
            cells = (stem, self._label(line.node), *self._figures(line.node), note)
        a, b, c, d, e = (shown_in(cell, self.encoding) for cell in cells)
        return a, b, c, d, e

    def _label(self, i: int) -> str:
        node = self.sheet.graph.nodes[i]
        sign = symbol(node)
        if not can_show(sign, self.encoding):
            sign = node.op
        return f"{sign} {self.sheet.names[i]}".strip()

    def _figures(self, i: int) -> tuple[str, str]:
        """Return a node's value and gradient; a constant without a name is its value."""
        (value, grad), write = self.sheet.numbers[i], self.sheet.write
        if self.sheet.graph.roles[i] == "constant":
            return (write(value) if self.sheet.graph.names[i] else "", "")
        return write(value), DASH if grad is None else write(grad)

    def _sizes(self, table: Sequence[Cells]) -> tuple[int, int, int]:
        """Return the columns of names, values and gradients."""
        value, grad, note = (max(columns(row[k]) for row in table) for k in (2, 3, 4))
        room = self.width - value - grad - 4 - (note + 2 if note else 0)
        names = max(columns(stem + label) for stem, label, *_ in table)
        return min(names, max(_LEAST, room)), value, grad

    def _row(self, cells: Cells, sizes: tuple[int, int, int], styles: Sequence[str]) -> str:
        stem, label, value, grad, note = cells
        label = cut(label, max(2, sizes[0] - columns(stem)))
        space = " " * (sizes[0] - columns(stem + label))
        numbers = [padded(value, sizes[1], right=True), padded(grad, sizes[2], right=True)]
        if self.colour:
            stem, label = painted(stem, "dim"), painted(label, styles[0])
            numbers = [
                painted(text, style) for text, style in zip(numbers, styles[1:], strict=True)
            ]
            note = painted(note, "dim")
        return f"{stem}{label}{space}  {numbers[0]}  {numbers[1]}  {note}".rstrip()

    def _styles(self, line: Line) -> tuple[str, str, str]:
        """Choose colours: of the label by role, of numbers where they are bad, by the sign."""
        if line.node is None:
            return "dim", "", ""
        value, grad = self.sheet.numbers[line.node]
        return (
            _ROLES.get(self.sheet.graph.roles[line.node], ""),
            "" if isfinite(value) else "red",
            _sign(grad),
        )

    def _notes(self) -> Iterator[str]:
        """Explain the signs that were used."""
        lines, tree = self.tree.lines, self.tree
        used = {line.mark for line in lines}
        means = {Mark.ABOVE: "↑ the same node as above.", Mark.BELOW: "↓ the same node as below."}
        yield from (text for mark, text in means.items() if mark in used)
        hidden = tree.total - tree.shown
        if hidden:
            yield f"… {hidden:,} of {tree.total:,} nodes are folded; limit= and depth= show more."
        shown = [line.node for line in lines if line.node is not None]
        if any(i in self.sheet.left_over for i in shown):
            yield f"{LEFT_OVER}."
        if note := legend(self.sheet.graph, self.sheet.names, shown):
            yield note


def _sign(grad: float | None) -> str:
    if grad is None:
        return "dim"
    if not isfinite(grad):
        return "red"
    return "blue" if grad < 0 else "amber" if grad > 0 else ""
