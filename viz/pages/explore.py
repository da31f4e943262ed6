"""Step through both passes of a graph in the browser: one HTML file, nothing outside it."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from autograd import Value
from autograd._frames import users_level
from viz.basics.arguments import checked_result, chosen
from viz.basics.labels import shorten
from viz.basics.numbers import Formatter, formatter
from viz.basics.saving import save
from viz.drawing.dot import DIRECTIONS
from viz.formulas.symbolic import Rules
from viz.graphs.called import called
from viz.graphs.survey import survey
from viz.pages import body, webpage
from viz.pages.data import data, known_format
from viz.pages.picture import Drawing, drawing
from viz.words.stepping import Step, steps

MOST = 500  # nodes: each is drawn
LARGE, LARGEST = 1_000_000, 5_000_000  # bytes of a page
_SMALLER = "take one sample of the graph, shorter labels, or fold it with viz.draw"


@dataclass(frozen=True, slots=True, repr=False)
class Exploration:
    """A page that steps through a graph's passes: shown by notebooks, saved as an HTML file.

    Attributes
    ----------
    steps
        What each step finds, and in which words.
    """

    steps: tuple[Step, ...]
    name: str
    _drawing: Drawing
    _data: str
    _operations: tuple[str, ...]  # those that the page computes anew; none where inputs are fixed

    def __repr__(self) -> str:
        of = f" of {shorten(self.name)}" if self.name else ""
        return f"<Exploration{of}: {len(self.steps)} steps; .save('graph.html')>"

    def html(self) -> str:
        """Write the page.

        Warns where the page has more than 1 MB; raises ValueError where it has more than 5.
        """
        title = f"Both passes of {self.name or 'a graph'}"
        page = body.page(title, self._drawing.svg(), self._data, self._operations)
        size = len(page.encode())
        if size > LARGEST:
            raise ValueError(
                f"the page would have {size / 1e6:.1f} MB, and at most 5 are sensible: {_SMALLER}"
            )
        if size > LARGE:
            warnings.warn(
                f"the page has {size / 1e6:.1f} MB and opens slowly: {_SMALLER}",
                stacklevel=users_level(),
            )
        return page

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the page to a file that ends in .html; return its path.

        Raises ValueError for another ending, OSError where the file cannot be written.
        """
        return save(path, dict.fromkeys((".html", ".htm"), self.html), "a page")

    def _repr_html_(self) -> str:
        return webpage.framed(self.html(), "Both passes, step by step", height=720)


def explore(
    J: Value,
    names: Mapping[str, object] | None = None,
    *,
    model: object = None,
    direction: str = "LR",
    digits: int = 4,
    format: str | Formatter | None = None,
) -> Exploration:
    """Make a page that steps through the forward and the backward pass of a result.

    The page shows the graph as `viz.draw` does. Each step fills in one number, shows the numbers
    that arrive along its edges, and says how it was computed. Inputs can be changed with sliders or
    by typing: all numbers, colours and words follow. A node that is pointed at tells its formula
    and local derivatives; and where it was made, if graph and page are made inside one
    `autograd.detect_anomaly` block. Layers fold, names are searched for, all with the keyboard.

    It is one file without any outside request; the graph and its gradients are not changed, and
    `backward` need not have been called.

    Parameters
    ----------
    J
        The result.
    names, model, direction, digits
        As for `viz.draw`.
    format
        As for `viz.draw`. Inputs are fixed where the page cannot repeat it: a function of yours, or
        more than digits and one of f, g, e, as in ``".2f"``.

    Raises
    ------
    TypeError, ValueError
        If an argument is not one of those, the result a constant, or the graph larger than 500
        nodes.

    Examples
    --------
    >>> a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    >>> page = explore(3 * (a + b * c))
    >>> page
    <Exploration: 9 steps; .save('graph.html')>
    >>> page.steps[0].words
    'v₁ = b * c = −3 * 10 = −30'
    """
    checked_result(J, "explore")
    chosen("direction", direction, DIRECTIONS)
    write = formatter(digits, format)
    graph = survey([J], names, model)
    if len(graph.nodes) > MOST:
        raise ValueError(
            f"explore draws each node, at most {MOST}; this graph has {len(graph.nodes):,}: take "
            "one sample of it, or fold it with viz.draw"
        )
    rules = Rules(graph, called(graph, write), write)
    told = tuple(steps(rules))
    picture = drawing(graph, rules.names, write, direction)
    known = data(rules, told, picture, known_format(digits, format))
    used = () if known["fixed"] else tuple(sorted({node.op for node in graph.nodes if node.inputs}))
    return Exploration(told, graph.names[-1], picture, webpage.as_json(known), used)
