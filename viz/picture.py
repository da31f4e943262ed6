"""`draw`: from `Value`s to a `Picture`, for notebooks and files.

`draw` runs the steps of every picture: the graph model, its folding, the scene of boxes and arrows,
and DOT text. A `Picture` holds the DOT text, and is laid out when it is shown or saved.
"""

import html
import os
import tempfile
import webbrowser
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from types import NoneType

from autograd import Value, files
from autograd._checks import (
    check_type,
    checked_keywords,
    one_of,
    optional_whole_number,
    some_of,
    whole_number,
)
from viz._arguments import check_values
from viz.colours import PALETTES, dark_rules
from viz.dot import DIRECTIONS, dot
from viz.files import Contents, save
from viz.folding import FOLDS, Selection, fold, named_frames, select_around, select_between
from viz.formatting import Formatter, formatter, shorten
from viz.graph_model import GraphModel
from viz.rendering import render
from viz.rendering.convert import STACK
from viz.scene import LabelWriter, scene


@dataclass(frozen=True, slots=True, repr=False)
class Picture:
    """A drawn graph, fixed at the time of drawing.

    Attributes
    ----------
    dot
        The picture as DOT text.
    name
        The name of the first result, or an empty str.
    nodes, edges
        The size of the whole graph.
    note
        What was folded, or an empty str.
    """

    dot: str
    name: str = ""
    nodes: int = 0
    edges: int = 0
    note: str = ""
    theme: str = "light"
    font: str | None = None

    def __repr__(self) -> str:
        of = f" of {shorten(self.name)}" if self.name else ""
        stem = self.name if self.name.isidentifier() else "graph"
        size = f"{self.nodes:,} nodes, {self.edges:,} edges"
        folded = f" ({self.note})" if self.note else ""
        return f"<Picture{of}: {size}{folded}; .save('{stem}.svg'), .show()>"

    def svg(self) -> str:
        """Render as SVG text, with tooltips of full precision on boxes and arrows.

        Raises `viz.RenderError`, as the other formats do, if the picture cannot be laid out.
        """
        style = dark_rules() if self.theme == "auto" else None
        return render.svg(self.dot, style, family=self.font or STACK)

    def png(self, scale: float = 2.0) -> bytes:
        """Render as PNG; ``scale`` 1 is the size on a screen of 96 dots an inch."""
        return render.png(self.dot, scale)

    def pdf(self) -> bytes:
        """Render as PDF of one page."""
        return render.pdf(self.dot)

    def html(self) -> str:
        """Render as an HTML page that contains the SVG."""
        paper = PALETTES[self.theme].paper
        dark = PALETTES["dark"].paper
        auto = f" @media (prefers-color-scheme: dark) {{ body {{ background: {dark} }} }}"
        return (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            f"<title>{html.escape(self.name or 'graph')}</title>"
            f"<style>body {{ margin: 0; background: {paper} }}"
            f"{auto if self.theme == 'auto' else ''}</style></head>\n"
            f"<body>{self.svg()}</body></html>\n"
        )

    def save(self, path: str | PathLike[str], *, scale: float = 2.0) -> Path:
        """Write to a file, in the format of its suffix: .svg, .png, .pdf or .dot; return its path.

        ``scale`` is for PNG. The file is written once the picture is rendered, at once or not at
        all.

        Raises
        ------
        ValueError
            If the suffix is another one.
        OSError
            If the folder does not exist or the file cannot be written.
        """
        contents: Contents = {
            ".svg": self.svg,
            ".png": lambda: self.png(scale),
            ".pdf": self.pdf,
            ".dot": lambda: self.dot,
        }
        return save(path, contents, "a picture")

    def show(self) -> Path:
        """Open in the web browser, as a temporary HTML file; return its path.

        Raises RuntimeError, which names the file, if no browser can be opened.
        """
        page = self.html().encode()
        handle, name = tempfile.mkstemp(prefix="graph-", suffix=".html")
        os.close(handle)
        files.write(name, page, action="write the page of a picture")
        path = Path(name)
        if not webbrowser.open(path.as_uri()):
            raise RuntimeError(f"no browser could be opened; the picture is in {str(path)!r}")
        return path

    def _repr_mimebundle_(
        self, include: Container[str] | None = None, exclude: Container[str] | None = None
    ) -> dict[str, str]:
        """Offer notebooks HTML with inline SVG (tooltips), SVG, and one line of text."""
        bundle = {"text/plain": repr(self)}
        try:
            svg = self.svg()
        except render.RenderError as error:
            bundle["text/html"] = f"<pre>{html.escape(str(error))}</pre>"
        else:
            bundle["text/html"] = f'<div style="overflow: auto">{svg}</div>'
            bundle["image/svg+xml"] = svg
        return {
            kind: text
            for kind, text in bundle.items()
            if (include is None or kind in include) and (exclude is None or kind not in exclude)
        }

    def _repr_html_(self) -> str:
        return self._repr_mimebundle_()["text/html"]

    def _repr_svg_(self) -> str | None:
        return self._repr_mimebundle_().get("image/svg+xml")


SHOWN = ("values", "gradients", "partials", "constants", "frames")


@checked_keywords
def draw(
    J: Value | Iterable[Value],
    names: Mapping[str, object] | None = None,
    *,
    model: object = None,
    direction: str = "LR",
    digits: int = 4,
    format: str | Formatter | None = None,
    show: str | Iterable[str] = SHOWN,
    theme: str = "light",
    fold: str = "auto",
    open: str | Value | Iterable[str | Value] = (),
    depth: int | None = None,
    around: Value | Iterable[Value] | None = None,
    hops: int = 2,
    path: tuple[Value, Value] | None = None,
    limit: int = 300,
    title: str = "",
    font: str | None = None,
) -> Picture:
    """Draw the graph of one or several results in its current state.

    A box is a node, with its operation and name, its value, and its gradient: a dash if none was
    computed, red if it is not finite, a star if it is not the sum of the contributions along the
    arrows, as after several backward calls. An arrow shows its local derivative; its colour and
    width show the contribution to the gradient, blue for negative, orange for positive. Inputs are
    blue; parameters amber with a bar; operations plain; results violet with a thick border;
    constants small and dashed. Layers and neurons, known from the parameters' dotted names, have
    frames.

    Parameters
    ----------
    J
        A `Value`, or several.
    names
        Names for nodes without a label: ``locals()``, or any mapping from names to Values, lists of
        Values and models.
    model
        An object with ``named_parameters()``, or a list of Values: these are drawn as parameters.
        The parameters of an `nn.Module` are recognised by their labels.
    direction
        The direction of the arrows: ``"LR"``, ``"TB"``, ``"RL"`` or ``"BT"``.
    digits, format
        Significant digits of numbers; or a format such as ``".2f"``, or a function float -> str.
    show
        What to show, any of ``"values"``, ``"gradients"``, ``"partials"`` (on the arrows; omitted
        if more than 80 arrows would have one), ``"constants"``, ``"frames"``.
    theme
        ``"light"``, ``"dark"``, or ``"auto"``: an SVG that follows the reader's system.
    fold
        What to draw as one box: ``"none"``, ``"neurons"`` or ``"layers"``. ``"auto"`` draws every
        node of graphs up to ``limit``; of larger ones, a layer is one box, and operations outside
        layers are folded by kind and depth.
    open
        Frames to unfold, by name: ``"layers.0"``, ``"layers.0.neurons.3"``, ``"layer 0"``; or by a
        Value in them.
    depth
        The number of levels of frames to unfold: 0 none, 1 the outer ones.
    around, hops
        Draw only nodes at most ``hops`` arrows away from a Value, or from several.
    path
        Draw only nodes on the paths between two Values.
    limit
        The maximal number of boxes to draw without folding.
    title
        A line above the picture.
    font
        A CSS list of monospaced fonts, for SVG.

    Raises
    ------
    TypeError, ValueError
        If an argument is not one of those above; if more than 5,000 boxes would have to be drawn.

    Examples
    --------
    >>> a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    >>> u = b * c
    >>> J = 3 * (a + u)
    >>> J.backward()
    >>> draw(J, names={"u": u, "J": J})
    <Picture of J: 7 nodes, 6 edges; .save('J.svg'), .show()>
    """
    roots = check_values("J", J)
    things = frozenset(some_of("show", show, SHOWN))
    one_of("direction", direction, DIRECTIONS)
    one_of("theme", theme, PALETTES)
    one_of("fold", fold, FOLDS)
    number = formatter(digits, format)
    limit = whole_number("limit", limit)
    check_type("title", title, str, "a str")
    check_type("font", font, (str, NoneType), "a str of CSS font families, or None")
    graph = GraphModel.build(roots, names, model)
    folding = _folded(
        graph,
        fold,
        limit,
        constants="constants" in things,
        opened=named_frames(graph, open),
        depth=optional_whole_number("depth", depth, 0, "None for what fold= says"),
        selection=_selection(graph, around, hops, path),
    )
    text = dot(
        scene(folding, LabelWriter(graph, number, things)),
        PALETTES[theme],
        theme=theme,
        direction=direction,
        title=title,
    )
    name = dict(zip(graph.nodes, graph.names, strict=True))[roots[0]]
    edges = sum(map(len, graph.inputs))
    return Picture(text, name, len(graph.nodes), edges, folding.note, theme, font)


_folded = fold  # the argument of draw has the better right to the short name


def _selection(graph: GraphModel, around: object, hops: int, path: object) -> Selection | None:
    """Return the selection of nodes to draw, None for all."""
    if around is not None and path is not None:
        raise ValueError("draw takes around= or path=, not both")
    if around is not None:
        return select_around(graph, around, hops)
    return select_between(graph, path) if path is not None else None
