"""Interactive pages that step through both passes of a graph: one self-contained HTML file each.

The page has the picture of the graph, drawn with ids, and data about its nodes, edges, frames and
steps, from which its script computes everything that a reader can change.
"""

import copy
import html
import math
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

from autograd import Value
from autograd._checks import checked_keywords, one_of
from autograd._frames import users_level
from autograd.anomaly import place_of
from autograd.expressions.dialects import TextPrinter
from autograd.expressions.tree import Derivative
from viz._arguments import check_result
from viz.backward_trace import backward_trace
from viz.colours import AUTO, DARK, SHARES
from viz.dot import ARROW_WIDTHS, DIRECTIONS, dot, frame_id
from viz.files import as_json, asset, document, framed, save
from viz.folding import fold
from viz.formatting import Formatter, formatter, shorten
from viz.formulas.equations import local_sign
from viz.formulas.symbolic import Rules, is_steady
from viz.graph_model import FramePath, GraphModel, node_names, op_symbol
from viz.javascript.operations import evaluator, supported
from viz.rendering import render
from viz.rendering.convert import STACK
from viz.reports.narration import Edge, NarrationStep, Sentence, steps
from viz.scene import LabelWriter, scene

_SHOWN = frozenset(("values", "gradients", "partials", "constants", "frames"))
_TITLE = re.compile(r"<title>[^<]*</title>\n?")


@dataclass(frozen=True, slots=True)
class GraphDrawing:
    """A page's picture: DOT text, edges in the order of their ids e0, e1, ..., frames."""

    dot: str
    edges: tuple[Edge, ...]
    frames: tuple[FramePath, ...]

    def svg(self) -> str:
        """Return the SVG without tooltips, which would keep old numbers."""
        return _TITLE.sub("", render.svg(self.dot, family=STACK))


def draw_with_ids(
    graph: GraphModel, names: Sequence[str], write: Formatter, direction: str
) -> GraphDrawing:
    """Draw each node of a graph, with gradients with respect to the last node's value.

    ``names`` has a name for each node; those of constants are not written.
    """
    graph = _differentiated(graph, names)
    folding = fold(graph, "none", len(graph.nodes))
    edges = [
        (source, i, index)
        for i, sources in enumerate(graph.inputs)
        for index, source in enumerate(sources)
        if folding.box_of[source] >= 0
    ]
    text = dot(
        scene(folding, LabelWriter(graph, write, _SHOWN, live=True)),
        AUTO,
        theme="auto",
        direction=direction,
        ids="all",
    )
    drawn = [path for path, box in zip(graph.frames, folding.box_of, strict=True) if box >= 0]
    frames = {path[:end] for path in drawn for end in range(1, len(path) + 1)}
    return GraphDrawing(text, tuple(edges), tuple(sorted(frames, key=_natural)))


def _natural(path: FramePath) -> list[tuple[str, int]]:
    """Return the key of natural order: neuron 2 before neuron 10."""
    return [
        (" ".join([frame.kind, *frame.numbers[:-1]]), int(frame.numbers[-1]))
        if frame.numbers
        else (frame.kind, -1)
        for frame in path
    ]


def _differentiated(graph: GraphModel, names: Sequence[str]) -> GraphModel:
    """Copy a graph, with names and with gradients computed from zero."""
    nodes = copy.deepcopy(graph.nodes)
    for node in nodes:
        if not node.is_constant:
            node.grad = 0.0
    nodes[-1].grad = 1.0
    for flow in backward_trace(graph):
        nodes[flow.to].grad = flow.total
    full = [
        own or ("" if node.is_constant else other)
        for node, own, other in zip(nodes, graph.names, names, strict=True)
    ]
    return replace(graph, nodes=nodes, names=full)


Pattern = tuple[Sentence, ...]
_FORMAT = re.compile(r"\.([0-9]|1[0-9])([gfe])")


def page_data(
    rules: Rules,
    steps: Sequence[NarrationStep],
    drawing: GraphDrawing,
    format: tuple[str, int] | None,
) -> dict[str, Any]:
    """Return the page's data, ready for JSON.

    ``format`` is that of numbers, None where the page cannot reproduce it; the data then has a
    table of all numbers as text.
    """
    graph = rules.graph
    number = {edge: k for k, edge in enumerate(drawing.edges)}
    nodes = [_node(rules, i, drawing) for i in range(len(graph.nodes))]
    patterns: dict[Pattern, int] = {}
    return {
        "nodes": nodes,
        "edges": drawing.edges,
        "frames": [
            {
                "id": frame_id(path),
                "title": path[-1],
                "parent": drawing.frames.index(path[:-1]) if path[:-1] else -1,
            }
            for path in drawing.frames
        ],
        "steps": [
            {
                "kind": step.kind,
                "node": step.node,
                "edges": [number[edge] for edge in step.edges if edge in number],
                "sentences": step.sentences,
            }
            for step in steps
            if step.kind != "gradient"
        ],
        "flowing": [
            patterns.setdefault(_pattern(rules, step), len(patterns))
            for step in steps
            if step.kind == "gradient"
        ],
        "patterns": list(patterns),
        "fixed": _why_fixed(graph, can_write=format is not None),
        "format": format,
        "texts": None if format else _texts(rules, steps),
        "style": {
            "gradients": AUTO.gradients,
            "flows": [*AUTO.flows, AUTO.alarm],
            "widths": ARROW_WIDTHS,
            "shares": SHARES,
            "ink": AUTO.ink,
            "muted": AUTO.muted,
            "card": AUTO.card,
            "alarm": AUTO.alarm,
            "alarmFill": AUTO.alarm_fill,
        },
    }


def known_format(digits: int, format: object) -> tuple[str, int] | None:
    """Return the kind and digits of a number format, None for one that the page cannot reproduce.

    Python writes no -0 unless ``format`` asks for it.

    >>> known_format(4, None), known_format(4, ".2f"), known_format(4, "+.1%")
    (('', 4), ('f', 2), None)
    """
    if format is None:
        return "", digits
    match = _FORMAT.fullmatch(format) if isinstance(format, str) else None
    return (match[2], int(match[1])) if match else None


def _node(rules: Rules, i: int, drawing: GraphDrawing) -> dict[str, Any]:
    graph = rules.graph
    node, path = graph.nodes[i], graph.frames[i]
    data: dict[str, Any] = {
        "name": rules.names[i],
        "op": node.op,
        "role": graph.roles[i],
        "inputs": graph.inputs[i],
        "value": plain(node.data),
        "partials": [
            0.0 if source.is_constant else plain(partial)
            for source, partial in zip(node.inputs, node.partials, strict=True)
        ],
        "local": list(_locals(rules, i)),
    }
    optional = {
        "constant": node.is_constant,
        "sign": "" if node.is_constant else _sign(rules, i),
        "full": graph.names[i] if graph.names[i] != rules.names[i] else "",
        "symbol": op_symbol(node),
        "line": place_of(node),
    }
    if path in drawing.frames:
        data["frame"] = drawing.frames.index(path)
    return data | {key: one for key, one in optional.items() if one}


def _pattern(rules: Rules, step: NarrationStep) -> Pattern:
    """Replace the symbols of derivatives in a backward step's words, so that many steps share them.

    The page has these symbols by node; this makes it a third smaller.
    """
    (to, node, index) = step.edges[0]
    local = TextPrinter(rules.write).text(local_sign(rules, node, index))
    signs, target = f"{_sign(rules, node)} * {local}", _sign(rules, to)

    def marked(part: str) -> str:
        return part.replace(signs, "{signs}").replace(target, "{target}")

    return tuple(
        [
            tuple([tuple([marked(part) for part in side]) for side in sides])
            for sides in step.sentences
        ]
    )


def _sign(rules: Rules, i: int) -> str:
    """Write the symbol of the result's derivative with respect to a node."""
    return TextPrinter(rules.write).text(Derivative(rules.names[-1], rules.names[i]))


def _locals(rules: Rules, i: int) -> Iterable[tuple[int, str, str, bool]]:
    """Yield, for each operand with a gradient, its index and the derivative's symbol and formula.

    The last item tells whether the formula also holds for other numbers.
    """
    graph, printer = rules.graph, TextPrinter(rules.write)
    for index, source in enumerate(graph.inputs[i]):
        if not graph.nodes[source].is_constant:
            formula = rules.local(i, index)
            written = printer.text(formula) if formula else ""
            sign = printer.text(local_sign(rules, i, index))
            yield index, sign, written, is_steady(graph.nodes[i].op)


def _why_fixed(graph: GraphModel, *, can_write: bool) -> str:
    """Return why the inputs cannot be changed in the page; empty if they can."""
    if not can_write:
        return "The inputs are fixed: the page cannot repeat the format= of these numbers."
    for op in dict.fromkeys(node.op for node in graph.nodes if node.inputs):
        if not supported(op):
            return f"The inputs are fixed: the page cannot compute {op}."
    return ""


def _texts(rules: Rules, steps: Sequence[NarrationStep]) -> list[tuple[float | str, str]]:
    """Return all numbers of the page with their text."""
    nodes = rules.graph.nodes
    numbers = [0.0, 1.0, *(x for node in nodes for x in (node.data, *node.partials))]
    numbers += [x for step in steps for x in step.numbers]
    return [(plain(x), rules.write(x)) for x in dict.fromkeys(numbers)]


def plain(x: float) -> float | str:
    """Return a number for JSON, as text if it is not finite.

    >>> plain(2.0), plain(float("-inf"))
    (2.0, '-Infinity')
    """
    if math.isfinite(x):
        return x
    return "NaN" if math.isnan(x) else "Infinity" if x > 0 else "-Infinity"


SCRIPTS = ("numbers", "picture", "steps", "details", "inputs", "squeeze", "folds", "view", "keys")
_STEPS = {"first": "Start", "back": "Step back", "play": "Play", "next": "Step", "last": "End"}
_KEYS = {
    "← →": "step back, step",
    "Home End": "to the start, to the end",
    "Tab": "to the graph, to the buttons, to the inputs, to the list of steps",
    "in the graph ↑ ↓": "to the node before, to the node after, and to the frames",
    "in the list ↑ ↓": "to the step before, to the step after; Enter goes there",
    "Enter": "fold or unfold a frame; in the search field, to the next match",
    "Shift and arrows": "move the graph",
    "in the graph + − 0": "larger, smaller, fit; elsewhere Ctrl and the mouse wheel",
}


def page_text(title: str, svg: str, data: str, operations: Sequence[str]) -> str:
    """Write the page; ``operations`` are those that its script has to compute.

    The page allows only its own script to run, and loads nothing.
    """
    scripts = [asset(f"html/{name}.js") for name in SCRIPTS]
    body = f"{_header(html.escape(title))}\n{_main(svg)}"
    return document(
        title,
        body,
        data,
        style=asset("html/explore.css") + _both_themes(),
        script="\n".join(['"use strict";', evaluator(operations), *scripts]),
    )


def _header(title: str) -> str:
    buttons = "".join(f'<button id="{key}">{text}</button>' for key, text in _STEPS.items())
    themes = "".join(
        f'<option value="{value}">{text}</option>'
        for value, text in (("light dark", "System"), ("light", "Light"), ("dark", "Dark"))
    )
    return (
        f"<header><h1>{title}</h1>\n"
        f'<div class="bar"><div role="group" aria-label="Steps">{buttons}</div>\n'
        '<div role="group" aria-label="Picture"><button id="out" aria-label="Smaller">−</button>'
        '<button id="in" aria-label="Larger">+</button><button id="fit">Fit</button>'
        '<button id="fold">Fold</button><button id="unfold">Unfold</button></div>\n'
        '<label>Find <input id="find" type="search" size="10" autocomplete="off"></label>'
        '<span id="found" role="status"></span>\n'
        f'<label>Theme <select id="theme">{themes}</select></label></div>\n'
        '<p id="say" role="status"></p></header>'
    )


def _main(svg: str) -> str:
    keys = "".join(
        f"<dt>{html.escape(key)}</dt><dd>{html.escape(does)}</dd>" for key, does in _KEYS.items()
    )
    return (
        '<main><div id="graph" role="region" aria-label="The graph" tabindex="0">'
        f"{svg}</div>\n"
        '<div id="side"><section id="details" aria-label="Node" tabindex="0"></section>\n'
        '<section aria-labelledby="inputs-title"><h2 id="inputs-title">Inputs</h2>'
        '<p id="fixed"></p><div id="inputs" tabindex="0" role="group"'
        ' aria-labelledby="inputs-title"></div>'
        '<button id="reset">Reset the inputs</button></section>\n'
        '<section id="ledger" aria-label="All steps">'
        '<h2 id="forward-title">Forward pass</h2>'
        '<ol id="forward" aria-labelledby="forward-title"></ol>'
        '<h2 id="backward-title">Backward pass</h2>'
        '<ol id="backward" aria-labelledby="backward-title"></ol></section>\n'
        f"<details><summary>Keys</summary><dl>{keys}</dl></details></div></main>"
    )


def _both_themes() -> str:
    """Write the CSS that exchanges the picture's light colours for dark ones in a dark page.

    The page's colour scheme decides, so that its theme may be chosen against the system's.
    """
    pairs = dict(zip(AUTO.colours(), DARK.colours(), strict=True))
    return "".join(
        f'#graph [{paint}="{light}"] {{ {paint}: light-dark({light}, {dark}) }}\n'
        for light, dark in pairs.items()
        for paint in ("fill", "stroke")
    )


MAX_NODES = 500  # nodes: each is drawn
SIZE_WARNING, MAX_SIZE = 1_000_000, 5_000_000  # bytes of a page
_SMALLER = "take one sample of the graph, shorter labels, or fold it with viz.draw"


@dataclass(frozen=True, slots=True, repr=False)
class Exploration:
    """A page that steps through the passes of a graph; notebooks show it, `save` writes it.

    Attributes
    ----------
    steps
        The steps, each with its node, its edges and its text.
    """

    steps: tuple[NarrationStep, ...]
    name: str
    _drawing: GraphDrawing
    _data: str
    _operations: tuple[str, ...]  # those that the page computes anew; none where inputs are fixed

    def __repr__(self) -> str:
        of = f" of {shorten(self.name)}" if self.name else ""
        return f"<Exploration{of}: {len(self.steps)} steps; .save('graph.html')>"

    def html(self) -> str:
        """Write the page.

        Warns if the page has more than 1 MB; raises ValueError if it has more than 5.
        """
        title = f"Both passes of {self.name or 'a graph'}"
        page = page_text(title, self._drawing.svg(), self._data, self._operations)
        size = len(page.encode())
        if size > MAX_SIZE:
            raise ValueError(
                f"the page would have {size / 1e6:.1f} MB, and at most 5 are sensible: {_SMALLER}"
            )
        if size > SIZE_WARNING:
            warnings.warn(
                f"the page has {size / 1e6:.1f} MB and opens slowly: {_SMALLER}",
                stacklevel=users_level(),
            )
        return page

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the page to a file that ends in .html; return its path.

        Raises ValueError for another suffix, OSError if the file cannot be written.
        """
        return save(path, dict.fromkeys((".html", ".htm"), self.html), "a page")

    def _repr_html_(self) -> str:
        return framed(self.html(), "Both passes, step by step", height=720)


@checked_keywords
def explore(
    J: Value,
    names: Mapping[str, object] | None = None,
    *,
    model: object = None,
    direction: str = "LR",
    digits: int = 4,
    format: str | Formatter | None = None,
) -> Exploration:
    """Make an interactive page that steps through the forward and backward pass of a result.

    The page shows the graph as `viz.draw` does. Each step fills in one number, shows the numbers
    that contribute to it along edges, and tells how it is computed. Inputs can be changed with
    sliders or by typing: all numbers, colours and texts follow. Pointing at a node shows its
    formula and local derivatives, and the line that created it, if graph and page are made inside
    one `autograd.detect_anomaly` block. Layers can be folded, and names searched; the keyboard is
    enough for everything.

    The page is one file without any outside request. The graph and its gradients are not changed,
    and `backward` need not have been called.

    Parameters
    ----------
    J
        The result.
    names, model, direction, digits
        As for `viz.draw`.
    format
        As for `viz.draw`. The page can only reproduce formats such as ``".2f"``, with digits and
        one of f, g, e; with any other format or a function, inputs cannot be changed.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid, the result is a constant, or the graph has more than 500 nodes.

    Examples
    --------
    >>> a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    >>> page = explore(3 * (a + b * c))
    >>> page
    <Exploration: 9 steps; .save('graph.html')>
    >>> page.steps[0].words
    'v₁ = b * c = −3 * 10 = −30'
    """
    check_result(J, "explore")
    one_of("direction", direction, DIRECTIONS)
    write = formatter(digits, format)
    graph = GraphModel.build([J], names, model)
    if len(graph.nodes) > MAX_NODES:
        raise ValueError(
            f"explore draws each node, at most {MAX_NODES}; this graph has "
            f"{len(graph.nodes):,}: take one sample of it, or fold it with viz.draw"
        )
    rules = Rules(graph, node_names(graph, write), write)
    narration = tuple(steps(rules))
    picture = draw_with_ids(graph, rules.names, write, direction)
    known = page_data(rules, narration, picture, known_format(digits, format))
    used = () if known["fixed"] else tuple(sorted({node.op for node in graph.nodes if node.inputs}))
    return Exploration(narration, graph.names[-1], picture, as_json(known), used)
