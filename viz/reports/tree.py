"""Graphs as text: a tree that expands each node once, with values and gradients.

Where a node appears again, a sign refers to the line below which its operands are. What does not
fit is folded, and each fold shows how many nodes it hides. All steps take time proportional to what
is shown, except for the counting, which is linear in the graph.

`tree` unrolls the graph into lines; `TreeLayout` writes these in columns for a width and an
encoding.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise
from math import isfinite

from autograd import Value
from autograd._checks import checked_keywords, optional_whole_number
from viz._arguments import check_values
from viz.backward_trace import UNEXPLAINED, unexplained_gradients
from viz.formatting import DASH, Formatter, formatter
from viz.graph_model import GraphModel, legend, node_names, op_symbol
from viz.reports.tables import (
    can_show,
    cut,
    padded,
    stream_encoding,
    styled,
    supports_colour,
    terminal_width,
    to_encoding,
)
from viz.text_width import columns

MAX_OPERANDS = (
    10  # operands of one node that are all shown; of more, the first six and the last two
)
_FIRST, _LAST = 6, 2


class LineMark(Enum):
    """What a line tells about the operands of its node."""

    PLAIN = ""
    ABOVE = "↑"  # they are below an earlier line of the same node
    BELOW = "↓"  # they are below a later line
    FOLDED = "…"


@dataclass(slots=True)
class TreeLine:
    """One line: a node, or None for operands left out; ``stem`` has an entry for each level above.

    The entry is True where more lines of that level follow. ``hidden`` counts the nodes that this
    line stands for and that are shown nowhere.
    """

    node: int | None
    stem: tuple[bool, ...]
    mark: LineMark = LineMark.PLAIN
    folded: tuple[int, ...] = ()
    hidden: int = 0


@dataclass(slots=True)
class UnrolledTree:
    """The lines of a graph, the number of nodes that they show, and the number of all."""

    lines: list[TreeLine] = field(default_factory=list)
    shown: int = 0
    total: int = 0


def tree(graph: GraphModel, roots: Sequence[int], limit: int | None, depth: int) -> UnrolledTree:
    """Unroll a graph from its results, in at most ``limit`` lines and ``depth`` levels."""
    one_line = [role != "setting" for role in graph.roles]
    plan = _choose_unrolled(graph, one_line, roots, limit, depth)
    lines = list(_lines(graph, one_line, roots, plan, depth))
    _mark_folds_below(lines)
    printed = {line.node for line in lines if line.node is not None}
    _count(graph, one_line, lines, printed)
    return UnrolledTree(lines, len(printed), sum(one_line))


def _operands(graph: GraphModel, one_line: Sequence[bool], i: int) -> list[int]:
    return [s for s in graph.inputs[i] if one_line[s]]


def _choose_unrolled(
    graph: GraphModel, one_line: Sequence[bool], roots: Sequence[int], limit: int | None, depth: int
) -> set[int]:
    """Choose the nodes whose operands are shown, nearest to the results first, up to the limit."""
    plan: set[int] = set()
    room = len(graph.nodes) * 2 if limit is None else limit - len(roots)
    queue = deque((root, 0) for root in roots)
    seen = set(roots)
    while queue:
        i, level = queue.popleft()
        operands = _operands(graph, one_line, i)
        lines = (
            min(len(operands), _FIRST + _LAST + 1)
            if len(operands) > MAX_OPERANDS
            else len(operands)
        )
        if not operands or level >= depth or (limit is not None and lines > room):
            continue
        room -= lines
        plan.add(i)
        for s in _shown_operands(operands):
            if s is not None and s not in seen:
                seen.add(s)
                queue.append((s, level + 1))
    return plan


def _shown_operands(operands: list[int]) -> list[int | None]:
    """Return the operands that are shown, None for those between."""
    if len(operands) <= MAX_OPERANDS:
        return list(operands)
    return [*operands[:_FIRST], None, *operands[-_LAST:]]


def _lines(
    graph: GraphModel, one_line: Sequence[bool], roots: Sequence[int], plan: set[int], depth: int
) -> Iterator[TreeLine]:
    """Yield the lines from the top down."""
    opened: set[int | None] = set()
    printed: set[int | None] = set()
    stack = [TreeLine(root, ()) for root in reversed(roots)]
    while stack:
        line = stack.pop()
        operands = [] if line.node is None else _operands(graph, one_line, line.node)
        if line.node in printed and (line.node in opened or line.node not in plan):
            line.mark = LineMark.ABOVE if _is_live(graph, line.node) else LineMark.PLAIN
        elif operands and (line.node not in plan or len(line.stem) >= depth):
            line.mark, line.folded = LineMark.FOLDED, tuple(operands)
        elif operands:
            opened.add(line.node)
            stack += reversed(_children(line, operands))
        printed.add(line.node)
        yield line


def _is_live(graph: GraphModel, i: int | None) -> bool:
    return i is not None and graph.roles[i] != "constant"


def _children(line: TreeLine, operands: list[int]) -> list[TreeLine]:
    """Return the lines of a node's operands."""
    some = _shown_operands(operands)
    hidden = tuple(operands[_FIRST:-_LAST])
    return [
        TreeLine(s, (*line.stem, k < len(some) - 1), folded=hidden if s is None else ())
        for k, s in enumerate(some)
    ]


def _mark_folds_below(lines: Sequence[TreeLine]) -> None:
    """Mark the folds whose node's operands are shown further down."""
    opened = {before.node for before, line in pairwise(lines) if len(line.stem) > len(before.stem)}
    for line in lines:
        if line.mark is LineMark.FOLDED and line.node in opened:
            line.mark, line.folded = LineMark.BELOW, ()


def _count(
    graph: GraphModel, one_line: Sequence[bool], lines: Sequence[TreeLine], printed: set[int]
) -> None:
    """Count what each fold hides; a node below several folds counts only for the first."""
    counted: set[int] = set()
    for line in lines:
        stack = [s for s in line.folded if s not in printed]
        while stack:
            i = stack.pop()
            if i in counted:
                continue
            counted.add(i)
            line.hidden += 1
            stack += [
                s for s in graph.inputs[i] if one_line[s] and s not in printed and s not in counted
            ]


_ROLES = {"input": "cyan", "parameter": "amber", "result": "violet", "constant": "dim"}
_LEAST = 12  # columns that a name keeps
HEAD = ("", "", "value", "grad", "")
Cells = tuple[str, str, str, str, str]  # stem, label, value, gradient, note


@dataclass(frozen=True, slots=True)
class TreeContents:
    """What is written of a graph: names, and the values and gradients of that time."""

    graph: GraphModel
    names: Sequence[str]
    numbers: Sequence[tuple[float, float | None]]
    write: Formatter
    unexplained: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class TreeLayout:
    """Writes an unrolled graph for a width, an encoding, and with or without colours."""

    contents: TreeContents
    tree: UnrolledTree
    width: int
    encoding: str
    colour: bool

    def lines(self) -> Iterator[str]:
        """Yield the head, the lines, and the explanations of their marks."""
        table = [self._cells(line) for line in self.tree.lines]
        sizes = self._sizes([HEAD, *table])
        yield self._row(HEAD, sizes, ("", "dim", "dim"))
        for line, cells in zip(self.tree.lines, table, strict=True):
            yield self._row(cells, sizes, self._styles(line))
        for note in self._notes():
            yield to_encoding(note, self.encoding)

    def _cells(self, line: TreeLine) -> Cells:
        """Return the cells of a line, in characters that can be shown."""
        stem = "".join("│  " if follows else "   " for follows in line.stem[:-1])
        stem += "".join("├─ " if follows else "└─ " for follows in line.stem[-1:])
        hidden = f"{line.hidden:,} node{'s' if line.hidden != 1 else ''}" if line.hidden else ""
        note = f"{line.mark.value} {hidden}".strip()
        if line.node is None:
            more = len(line.folded)
            deeper = f"… {hidden}" if line.hidden > more else ""
            cells = (stem, f"… {more:,} more operands", "", "", deeper)
        else:
            note = f"{'*' * (line.node in self.contents.unexplained)} {note}".strip()
            cells = (stem, self._label(line.node), *self._figures(line.node), note)
        a, b, c, d, e = (to_encoding(cell, self.encoding) for cell in cells)
        return a, b, c, d, e

    def _label(self, i: int) -> str:
        node = self.contents.graph.nodes[i]
        sign = op_symbol(node)
        if not can_show(sign, self.encoding):
            sign = node.op
        return f"{sign} {self.contents.names[i]}".strip()

    def _figures(self, i: int) -> tuple[str, str]:
        """Return a node's value and gradient; a constant without a name is its value."""
        (value, grad), write = self.contents.numbers[i], self.contents.write
        if self.contents.graph.roles[i] == "constant":
            return (write(value) if self.contents.graph.names[i] else "", "")
        return write(value), DASH if grad is None else write(grad)

    def _sizes(self, table: Sequence[Cells]) -> tuple[int, int, int]:
        """Return the widths of names, values and gradients."""
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
            stem, label = styled(stem, "dim"), styled(label, styles[0])
            numbers = [styled(text, style) for text, style in zip(numbers, styles[1:], strict=True)]
            note = styled(note, "dim")
        return f"{stem}{label}{space}  {numbers[0]}  {numbers[1]}  {note}".rstrip()

    def _styles(self, line: TreeLine) -> tuple[str, str, str]:
        """Choose colours: the label's by role, the value's if it is bad, the gradient's by sign."""
        if line.node is None:
            return "dim", "", ""
        value, grad = self.contents.numbers[line.node]
        return (
            _ROLES.get(self.contents.graph.roles[line.node], ""),
            "" if isfinite(value) else "red",
            _sign(grad),
        )

    def _notes(self) -> Iterator[str]:
        """Explain the marks that were used."""
        lines, tree = self.tree.lines, self.tree
        used = {line.mark for line in lines}
        means = {
            LineMark.ABOVE: "↑ the same node as above.",
            LineMark.BELOW: "↓ the same node as below.",
        }
        yield from (text for mark, text in means.items() if mark in used)
        hidden = tree.total - tree.shown
        if hidden:
            yield f"… {hidden:,} of {tree.total:,} nodes are folded; limit= and depth= show more."
        shown = [line.node for line in lines if line.node is not None]
        if any(i in self.contents.unexplained for i in shown):
            yield f"{UNEXPLAINED}."
        if note := legend(self.contents.graph, self.contents.names, shown):
            yield note


def _sign(grad: float | None) -> str:
    if grad is None:
        return "dim"
    if not isfinite(grad):
        return "red"
    return "blue" if grad < 0 else "amber" if grad > 0 else ""


_NUMBERS = 46  # columns that are kept for a name, the numbers and a note


@checked_keywords
def text(
    J: Value | Iterable[Value],
    names: Mapping[str, object] | None = None,
    *,
    model: object = None,
    digits: int = 4,
    format: str | Formatter | None = None,
    limit: int | None = 60,
    depth: int | None = None,
    width: int | None = None,
) -> "TextTree":
    """Draw the graph of one or several results as text, in its current state.

    The operands of each node are below it, with values and gradients. A node that is used several
    times is expanded once; ``↑`` refers to that. A star marks a gradient that is not that of this
    graph alone, as after several backward calls. A large graph is folded, and ``…`` tells how many
    nodes are hidden. The text fits the terminal's width and encoding; in a session it is coloured
    if the terminal has colours and ``NO_COLOR`` is not set.

    Parameters
    ----------
    J
        A `Value`, or several.
    names, model, digits, format
        As for `viz.draw`. Nodes without a name are called v₁, v₂, ..., inputs x₁, x₂, ...
    limit
        The maximal number of lines, None for no limit.
    depth
        The number of levels of operands, None for as many as fit the width.
    width
        The number of columns, None for the terminal's.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid.

    Examples
    --------
    >>> a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    >>> J = 3 * (a + b * c)
    >>> J.backward()
    >>> text(J, names={"J": J})
               value  grad
    × J          −84     1
    ├─ 3
    └─ + v₂      −28     3
       ├─ a        2     3
       └─ × v₁   −30     3
          ├─ b    −3    30
          └─ c    10    −9
    """
    roots = check_values("J", J)
    optional_whole_number("limit", limit, 1, "None for no limit")
    optional_whole_number("depth", depth, 0, "None for as many as fit")
    optional_whole_number("width", width, 20, "None for the terminal's")
    write = formatter(digits, format)
    graph = GraphModel.build(roots, names, model)
    numbers = [(node.data, node.grad if node.has_grad else None) for node in graph.nodes]
    position = {node: i for i, node in enumerate(graph.nodes)}
    places = tuple(dict.fromkeys(position[root] for root in roots))
    contents = TreeContents(
        graph, node_names(graph, write), numbers, write, unexplained_gradients(graph)
    )
    return TextTree(contents, places, limit, depth, width)


@dataclass(frozen=True, slots=True, repr=False)
class TextTree:
    """A graph drawn as text; ``print`` it, or let a session show it."""

    _contents: TreeContents
    _roots: tuple[int, ...]
    _limit: int | None
    _depth: int | None
    _width: int | None

    def __str__(self) -> str:
        return self.render()

    def __repr__(self) -> str:
        return self.render(colour=supports_colour())

    def render(
        self, *, width: int | None = None, encoding: str | None = None, colour: bool = False
    ) -> str:
        """Write for a width and an encoding, by default those of the standard output."""
        width = optional_whole_number("width", width) or self._width or terminal_width()
        levels = max(1, (width - _NUMBERS) // 3) if self._depth is None else self._depth
        unrolled = tree(self._contents.graph, self._roots, self._limit, levels)
        page = TreeLayout(self._contents, unrolled, width, encoding or stream_encoding(), colour)
        return "\n".join(page.lines())
