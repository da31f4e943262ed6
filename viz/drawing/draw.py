"""Draw a graph: from `Value`s to DOT text, kept in a `Picture`."""

from collections.abc import Iterable, Mapping

from autograd import Value
from autograd.errors import list_of, shown
from viz.basics.arguments import checked_count, checked_results, chosen
from viz.basics.colours import PALETTES
from viz.basics.numbers import Formatter, formatter
from viz.drawing.cards import Writer
from viz.drawing.dot import DIRECTIONS, dot
from viz.drawing.picture import Picture
from viz.drawing.scene import scene
from viz.graphs import select
from viz.graphs.fold import FOLDS, fold
from viz.graphs.frames import named_frames
from viz.graphs.select import Part
from viz.graphs.survey import Survey, survey

SHOWN = ("values", "gradients", "partials", "constants", "frames")


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
    """Draw the graph of one or several results, as it is now.

    A box is a node: its operation and name, its value, its gradient (a dash until one was computed,
    red where a number is not finite; a star where it is not the sum of what flows back along the
    arrows, as backward was called before). An arrow shows its local derivative; its colour and
    width show what flows back along it, blue for negative, orange for positive. Inputs are blue;
    parameters amber with a bar; operations plain; results violet with a thick border; constants
    small and dashed. Layers and neurons are framed, as the parameters' dotted names say.

    Parameters
    ----------
    J
        A `Value`, or several.
    names
        Names of nodes that have no label: ``locals()``, or any mapping of names to Values, lists of
        Values and models.
    model
        An object with ``named_parameters()``, or a list of Values: these are drawn as parameters.
        The parameters of an `nn.Module` are recognised by their labels.
    direction
        ``"LR"``, ``"TB"``, ``"RL"`` or ``"BT"``: where the arrows point.
    digits, format
        Significant digits of numbers; or a format such as ``".2f"``, or a function float -> str.
    show
        What is shown, any of ``"values"``, ``"gradients"``, ``"partials"`` (on the arrows; left out
        where more than 80 arrows would have one), ``"constants"``, ``"frames"``.
    theme
        ``"light"``, ``"dark"``, or ``"auto"``: an SVG that follows the reader's system.
    fold
        ``"none"``, ``"neurons"`` or ``"layers"``: what is drawn as one box. ``"auto"`` draws every
        node up to ``limit``; above, a layer is one box, and operations outside layers are folded by
        kind and depth.
    open
        Frames to be unfolded, by name: ``"layers.0"``, ``"layers.0.neurons.3"``, ``"layer 0"``; or
        Values that are to be seen.
    depth
        How many levels of frames are unfolded: 0 none, 1 the outer ones.
    around, hops
        Only what is at most so many arrows away from a Value, or from several.
    path
        Only what lies on the paths between two Values.
    limit
        Number of boxes that are drawn without folding.
    title
        A line above the picture.
    font
        CSS list of monospaced fonts for SVG.

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
    roots = checked_results(J, "draw")
    things = _shown(show)
    chosen("direction", direction, DIRECTIONS)
    chosen("theme", theme, tuple(PALETTES))
    chosen("fold", fold, FOLDS)
    number = formatter(digits, format)
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise ValueError(f"limit must be a positive int, not {shown(limit)}")
    if not isinstance(title, str):
        raise TypeError(f"title must be a str, not {shown(title)}")
    if font is not None and not isinstance(font, str):
        raise TypeError(f"font must be a str of CSS font families, not {shown(font)}")
    graph = survey(roots, names, model)
    folding = _folded(
        graph,
        fold,
        limit,
        constants="constants" in things,
        opened=named_frames(graph, open),
        depth=checked_count("depth", depth, 0, "what fold= says"),
        part=_part(graph, around, hops, path),
    )
    text = dot(
        scene(folding, Writer(graph, number, things)),
        PALETTES[theme],
        theme=theme,
        direction=direction,
        title=title,
    )
    called = dict(zip(graph.nodes, graph.names, strict=True))[roots[0]]
    edges = sum(map(len, graph.inputs))
    return Picture(text, called, len(graph.nodes), edges, folding.note, theme, font)


_folded = fold  # the argument of draw has the better right to the short name


def _part(graph: Survey, around: object, hops: int, path: object) -> Part | None:
    """Return what is to be drawn, None for all."""
    if around is not None and path is not None:
        raise ValueError("draw takes around= or path=, not both")
    if around is not None:
        return select.around(graph, around, hops)
    return select.between(graph, path) if path is not None else None


def _shown(show: str | Iterable[str]) -> frozenset[str]:
    if not isinstance(show, (str, Iterable)):
        raise TypeError(f"show must be names of what is shown, not {shown(show)}")
    things = (show,) if isinstance(show, str) else tuple(show)
    for thing in things:
        if thing not in SHOWN:
            raise ValueError(f"show takes {list_of(map(repr, SHOWN))}, not {shown(thing)}")
    return frozenset(things)
