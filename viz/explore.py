"""Step through both passes of a graph in the browser: one HTML file, nothing outside it."""

import base64
import copy
import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from os import PathLike
from pathlib import Path

from autograd import Value
from autograd.errors import shown
from viz import fonts, render
from viz.arguments import checked_result
from viz.called import called
from viz.draw import draw
from viz.stepping import Step, steps
from viz.style import Formatter, dark_rules, formatter, shorten
from viz.survey import Survey, survey

MOST = 500  # nodes: each is drawn
_NODE = re.compile(r"^(\s*)(n\d+) \[", re.MULTILINE)
_EDGE = re.compile(
    r"^(\s*)n(\d+)(_\d+)?(?::\w+)? -> n(\d+)(_\d+)?(?::\w+)? \[(?!.*style=invis)", re.MULTILINE
)
_BUTTONS = {"first": "Start", "back": "Step back", "play": "Play", "next": "Step", "last": "End"}


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
    _dot: str

    def __repr__(self) -> str:
        of = f" of {shorten(self.name)}" if self.name else ""
        return f"<Exploration{of}: {len(self.steps)} steps; .save('graph.html')>"

    def html(self) -> str:
        """Write the page.

        Its own script is the only one that the page allows to run, and it may load nothing.
        """
        script, style = _asset("explore.js"), _asset("explore.css")
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
        title = html.escape(f"Both passes of {self.name or 'a graph'}")
        fit = '<button id="fit" aria-pressed="false">Fit</button>'
        buttons = "".join(f'<button id="{key}">{text}</button> ' for key, text in _BUTTONS.items())
        return (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{title}</title>\n<style>\n{style}</style></head>\n<body>\n"
            f'<header><h1>{title}</h1><div role="group" aria-label="Steps">{buttons}{fit}</div>'
            '<p id="say" role="status"></p></header>\n'
            '<main><div id="graph" role="region" aria-label="The graph" tabindex="0">'
            f"{self._svg()}</div>\n"
            '<section id="ledger" aria-label="All steps" tabindex="0"><h2>All steps</h2>'
            '<ol id="steps"></ol></section></main>\n'
            f'<script type="application/json" id="data">{self._data()}</script>\n'
            f"<script>{script}</script>\n</body></html>\n"
        )

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the page to a file that ends in .html; return its path.

        Raises ValueError for another ending, OSError where the file cannot be written.
        """
        if not isinstance(path, (str, PathLike)):
            raise TypeError(f"save takes the path of a file, not {shown(path)}")
        file = Path(path).expanduser()
        if file.suffix.lower() not in (".html", ".htm"):
            raise ValueError(f"a page is saved as an .html file, not {str(path)!r}")
        file.write_text(self.html(), encoding="utf-8")
        return file

    def _repr_html_(self) -> str:
        page = html.escape(self.html())
        return (
            f'<iframe srcdoc="{page}" title="Both passes, step by step" '
            'style="width: 100%; height: 640px; border: 0"></iframe>'
        )

    def _svg(self) -> str:
        return render.svg(self._dot, dark_rules(), family=fonts.STACK)

    def _data(self) -> str:
        """Write the steps as JSON in which no tag can begin."""
        made = {
            "steps": [asdict(step) for step in self.steps],
            "computed": [step.node for step in self.steps if step.kind == "value"],
            "start": f"{len(self.steps)} steps. Step with the buttons, or with the arrow keys.",
        }
        return json.dumps(made, ensure_ascii=False).replace("<", "\\u003c")


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

    The page shows the graph as `viz.draw` does. Each step fills in one number, marks the edges that
    it came along, and says how it was computed. Buttons, the arrow keys, Home and End step; a list
    beside the graph has all steps. It is one file without any outside request; the graph and its
    gradients are not changed, and `backward` need not have been called.

    Parameters
    ----------
    J
        The result.
    names, model, direction, digits, format
        As for `viz.draw`.

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
    graph = survey([J], names, model)
    if len(graph.nodes) > MOST:
        raise ValueError(
            f"explore draws each node, at most {MOST}; this graph has {len(graph.nodes):,}: take "
            "one sample of it, or fold it with viz.draw"
        )
    write = formatter(digits, format)
    nodes = _copied(graph, called(graph, write))
    learnt = [node for node, role in zip(nodes, graph.roles, strict=True) if role == "parameter"]
    picture = draw(
        nodes[-1], model=learnt, direction=direction, format=write, theme="auto", fold="none"
    )
    return Exploration(tuple(steps(graph, write)), graph.names[-1], _identified(picture.dot))


def _copied(graph: Survey, called: Sequence[str]) -> list[Value]:
    """Copy a graph, name its nodes as the steps do, and compute its gradients from zero."""
    nodes = copy.deepcopy(list(graph.nodes))
    for node, own, other in zip(nodes, graph.names, called, strict=True):
        if own or not node.is_constant:
            node.label = own or other
        node.zero_grad()
    nodes[-1].backward()
    return nodes


def _identified(dot: str) -> str:
    """Give nodes and edges of DOT text ids by which the page finds them."""
    tails: dict[str, str] = {}  # where the arrow through a point comes from

    def edge(match: re.Match[str]) -> str:
        _, tail, point, head, inlet = match.groups()
        if inlet:
            tails[head + inlet] = tail
        start = tails.get(tail + point, tail) if point else tail
        own = f'id="e{start}-{head}-{match.start()}" '
        return match[0][: -len("[")] + "[" + own

    return _EDGE.sub(edge, _NODE.sub(r'\1\2 [id="\2" ', dot))


@cache
def _asset(name: str) -> str:
    return files("viz").joinpath(name).read_text(encoding="utf-8")
