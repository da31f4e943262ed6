"""Draw the graph that the page of `explore` steps through, with ids for its script."""

import copy
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from viz.basics.colours import AUTO
from viz.basics.numbers import Formatter
from viz.drawing.cards import Writer
from viz.drawing.dot import dot
from viz.drawing.scene import scene
from viz.graphs.fold import fold
from viz.graphs.names import Path
from viz.graphs.passes import flows
from viz.graphs.survey import Survey
from viz.rendering import fonts, render
from viz.words.stepping import Edge

_SHOWN = frozenset(("values", "gradients", "partials", "constants", "frames"))
_TITLE = re.compile(r"<title>[^<]*</title>\n?")


@dataclass(frozen=True, slots=True)
class Drawing:
    """DOT text; the edges that it draws, in the order of their ids e0, e1, ...; the frames."""

    dot: str
    edges: tuple[Edge, ...]
    frames: tuple[Path, ...]

    def svg(self) -> str:
        """Lay out. Tooltips are left out: they would tell old numbers."""
        return _TITLE.sub("", render.svg(self.dot, family=fonts.STACK))


def drawing(graph: Survey, called: Sequence[str], write: Formatter, direction: str) -> Drawing:
    """Draw each node of a graph, with its gradients from the last node.

    ``called`` has a name for each node; those of constants are not written.
    """
    graph = _differentiated(graph, called)
    folding = fold(graph, "none", len(graph.nodes))
    edges = [
        (source, i, place)
        for i, sources in enumerate(graph.inputs)
        for place, source in enumerate(sources)
        if folding.box_of[source] >= 0
    ]
    text = dot(
        scene(folding, Writer(graph, write, _SHOWN, live=True)),
        AUTO,
        theme="auto",
        direction=direction,
        marked=True,
    )
    drawn = [path for path, box in zip(graph.frames, folding.box_of, strict=True) if box >= 0]
    frames = {path[:end] for path in drawn for end in range(1, len(path) + 1)}
    return Drawing(text, tuple(edges), tuple(sorted(frames, key=_natural)))


def _natural(path: Path) -> list[tuple[str, int]]:
    """Order frames as people do: neuron 2 before neuron 10."""
    parts = (title.rpartition(" ") for title in path)
    return [(word, int(end)) if end.isdecimal() else (word + end, -1) for word, _, end in parts]


def _differentiated(graph: Survey, called: Sequence[str]) -> Survey:
    """Copy a graph with names and with gradients from zero: the user's own is not changed."""
    nodes = copy.deepcopy(graph.nodes)
    for node in nodes:
        if not node.is_constant:
            node.grad = 0.0
    nodes[-1].grad = 1.0
    for flow in flows(graph):
        nodes[flow.to].grad = flow.total
    names = [
        own or ("" if node.is_constant else other)
        for node, own, other in zip(nodes, graph.names, called, strict=True)
    ]
    return replace(graph, nodes=nodes, names=names)
