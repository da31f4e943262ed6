"""Print a graph in a terminal: a tree with values and gradients."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from autograd import Value
from viz.basics.arguments import checked_count, checked_results
from viz.basics.numbers import Formatter, formatter
from viz.graphs.called import called
from viz.graphs.passes import left_over
from viz.graphs.survey import survey
from viz.words import terminal
from viz.words.sheet import Page, Sheet
from viz.words.tree import tree

_NUMBERS = 46  # columns that are kept for a name, the numbers and a note


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
    """Draw the graph of one or several results as text, as it is now.

    Below each node stands what it is computed from, with values and gradients. A node that is used
    several times is unrolled once; ``↑`` says that it stands above. A star marks a gradient that is
    not the sum of what flows back in the graph, as backward was called before. A large graph is
    folded, and ``…`` says how many nodes are hidden. The text fits the terminal's width and
    encoding; a session shows it in colours if its terminal has them and ``NO_COLOR`` is not set.

    Parameters
    ----------
    J
        A `Value`, or several.
    names, model, digits, format
        As for `viz.draw`. Nodes without a name are called v₁, v₂, ..., inputs x₁, x₂, ...
    limit
        Number of lines, None for no limit.
    depth
        Levels of operands, None for as many as the width has room for.
    width
        Columns, None for the terminal's.

    Raises
    ------
    TypeError, ValueError
        If an argument is not one of those above.

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
    roots = checked_results(J, "text")
    checked_count("limit", limit, 1, "no limit")
    checked_count("depth", depth, 0, "as many as fit")
    checked_count("width", width, 20, "the terminal's")
    write = formatter(digits, format)
    graph = survey(roots, names, model)
    numbers = [(node.data, node.grad if node.has_grad else None) for node in graph.nodes]
    position = {node: i for i, node in enumerate(graph.nodes)}
    places = tuple(dict.fromkeys(position[root] for root in roots))
    sheet = Sheet(graph, called(graph, write), numbers, write, left_over(graph))
    return TextTree(sheet, places, limit, depth, width)


@dataclass(frozen=True, slots=True, repr=False)
class TextTree:
    """A graph drawn as text; ``print`` it, or let a session show it."""

    _sheet: Sheet
    _roots: tuple[int, ...]
    _limit: int | None
    _depth: int | None
    _width: int | None

    def __str__(self) -> str:
        return self.render()

    def __repr__(self) -> str:
        return self.render(colour=terminal.has_colour())

    def render(
        self, *, width: int | None = None, encoding: str | None = None, colour: bool = False
    ) -> str:
        """Write for so many columns and an encoding, by default those of the standard output."""
        width = checked_count("width", width, 1, "its own") or self._width or terminal.width()
        levels = max(1, (width - _NUMBERS) // 3) if self._depth is None else self._depth
        unrolled = tree(self._sheet.graph, self._roots, self._limit, levels)
        page = Page(self._sheet, unrolled, width, encoding or terminal.encoding(), colour)
        return "\n".join(page.lines())
