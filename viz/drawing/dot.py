"""Write a scene as DOT text. Pure: no process is started and nothing is laid out here."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import graphviz

from viz.basics.colours import Palette
from viz.drawing.arrange import anchors, columns, crowded, inlets, nested
from viz.drawing.boxes import ALARM, Arrow, Box, Scene
from viz.drawing.markup import SMALL, card, partial, piece, plain, tooltip
from viz.graphs.names import Path

DIRECTIONS = ("LR", "TB", "RL", "BT")
LAYOUT_FONT = "Courier New"  # every Graphviz knows its metrics; the finished SVG names others
SIZE = 12  # points
ARROW_WIDTHS = (1.0, 1.0, 1.8, 2.8, 1.8)  # of an arrow, by the magnitude of its step
_MANY = 100  # boxes: a chain of 500 nodes on one weight takes 2 s with a limit, 120 without
_SIDES = {"LR": ("w", "e"), "RL": ("e", "w"), "TB": ("n", "s"), "BT": ("s", "n")}


def dot(
    scene: Scene,
    palette: Palette,
    *,
    theme: str = "light",
    direction: str = "LR",
    title: str = "",
    marked: bool = False,
) -> str:
    """Return DOT text for a scene.

    Nodes are named by topological position, so that one graph gives one text. Colours stand in the
    text; classes (the role of a node, ``flow-3`` to ``flow4`` of an edge) are for style sheets.
    ``marked`` gives ids for a script: boxes have their keys, arrow k is ``e{k}``, its first part,
    where it has two, ``e{k}a``; see `frame_id` for frames.
    """
    return str(_Writing(scene, palette, direction, marked).source(theme, title))


@dataclass(slots=True)
class _Writing:
    scene: Scene
    palette: Palette
    direction: str
    marked: bool = False
    crowded: frozenset[int] = frozenset()  # boxes whose arrows meet at a side

    @property
    def horizontal(self) -> bool:
        """Whether arrows run from side to side."""
        return self.direction in ("LR", "RL")

    def source(self, theme: str, title: str) -> str:
        p = self.palette
        graph = graphviz.Digraph("graph", graph_attr=self._graph_attributes(theme, title))
        graph.attr("node", shape="plain", fontname=LAYOUT_FONT, fontsize=str(SIZE), fontcolor=p.ink)
        graph.attr("edge", fontname=LAYOUT_FONT, fontsize=str(SMALL), arrowsize="0.7")
        points = inlets(self.scene)
        self.crowded = crowded(self.scene, points)
        self._clusters(graph, points)
        for k, arrow in enumerate(self.scene.arrows):
            self._edge(graph, arrow, points.get(k, ""), f"e{k}")
        self._anchors(graph, points)
        for tail, head in self.scene.ties:
            ends = self.scene.boxes[tail].key, self.scene.boxes[head].key
            graph.edge(*ends, style="invis", minlen="0", weight="2")
        return str(graph.source)

    def _graph_attributes(self, theme: str, title: str) -> dict[str, str]:
        p = self.palette
        found = {
            "rankdir": self.direction,
            "bgcolor": p.paper,
            "class": theme,
            "fontname": LAYOUT_FONT,
            "fontsize": str(SIZE),
            "fontcolor": p.muted,
            "nodesep": "0.2",
            "ranksep": "0.9" if self._has_neurons() else "0.45",  # inches
            "pad": "0.15",
        }
        if any(box.frame for box in self.scene.boxes):
            found["remincross"] = "false"  # a second pass upsets the order of columns in clusters
        if self.marked and len(self.scene.boxes) > _MANY:
            found["nslimit"] = "0.1"
        lines = [line for line in (title, self.scene.note) if line]
        if lines:
            caption = plain("\n".join([*lines, ""]), "\\l")  # an empty line keeps a distance
            found |= {"label": caption, "labelloc": "t", "labeljust": "l"}
        return found

    def _has_neurons(self) -> bool:
        """Tell whether folded boxes stand in frames: every one of a layer meets all of the next."""
        return any(box.role == "group" and box.frame for box in self.scene.boxes)

    def _clusters(self, graph: graphviz.Digraph, points: dict[int, str]) -> None:
        """Write the frames, each with its own boxes and frames."""
        inside = nested(self.scene.boxes)
        number = {path: k for k, path in enumerate(inside)}
        ordered = columns(self.scene, points)

        def write(into: graphviz.Digraph, path: Path) -> None:  # as deep as frames: six at most
            for item in inside[path]:
                if isinstance(item, Box):
                    into.node(
                        item.key,
                        card(item, self.palette),
                        **self._tooltip(item.tooltip),
                        **self._id(item.key),
                        **{"class": item.role},
                    )
                else:
                    with into.subgraph(name=f"cluster_{number[item]}") as frame:
                        frame.attr(**self._frame_attributes(item))
                        write(frame, item)
            for k, inlet in points.items():
                if self.scene.boxes[self.scene.arrows[k].head].frame == path:
                    self._inlet(into, inlet, self.scene.arrows[k])
            for column in ordered.get(path, ()):
                self._column(into, column, inside_frame=bool(path))

        write(graph, ())

    def _inlet(self, graph: graphviz.Digraph, key: str, arrow: Arrow) -> None:
        """Write a node without size, and a piece of line in it.

        Graphviz leaves a gap of 2.2 points between the two parts of the arrow; the piece closes it.
        """
        size = (3, round(float(_width(arrow))))
        graph.node(
            key,
            piece(size if self.horizontal else size[::-1], self._colour(arrow)),
            shape="none",
            fixedsize="true",
            width="0",
            height="0",
            margin="0",
            **self._tooltip(arrow.tooltip),
            **self._id(f"{key}p"),
            **{"class": _class(arrow)},
        )

    def _id(self, own: str) -> dict[str, str]:
        return {"id": own} if self.marked else {}

    def _tooltip(self, text: str, what: str = "tooltip") -> dict[str, str]:
        return {what: tooltip(text)} if text else {}

    def _frame_attributes(self, path: Path) -> dict[str, str]:
        p, outer = self.palette, len(path) == 1
        hue = self.scene.hues.get(path)
        line = {} if hue is None else _coloured(p.hues[hue])
        return (
            self._id(frame_id(path))
            | {
                "label": plain(path[-1]),
                "labeljust": "l",
                "class": "frame",
                "style": "filled" if outer else "dotted",
                "color": p.frame_line if outer else p.line,
                "fillcolor": p.frame,
                "fontcolor": p.muted,
                "fontsize": str(SMALL),
                "margin": "10",
                "tooltip": tooltip(" / ".join(path)),
            }
            | line
        )

    def _column(
        self, graph: graphviz.Digraph, column: Sequence[str], *, inside_frame: bool
    ) -> None:
        """Write a column from above; in clusters of a horizontal picture Graphviz reverses it."""
        if inside_frame and self.horizontal:
            column = column[::-1]
        with graph.subgraph() as same:
            same.attr(rank="same")
            for one, other in pairwise(column):
                same.edge(one, other, style="invis", minlen="0")

    def _anchors(self, graph: graphviz.Digraph, points: dict[int, str]) -> None:
        """Write the invisible points behind the neurons of a last layer."""
        for outputs in anchors(self.scene, points):
            ends = [f"{key}_end" for key in outputs]
            for key, end in zip(outputs, ends, strict=True):
                graph.node(end, "", shape="point", width="0", height="0", style="invis")
                graph.edge(key, end, style="invis")
            self._column(graph, ends, inside_frame=False)

    def _edge(self, graph: graphviz.Digraph, arrow: Arrow, inlet: str, own: str) -> None:
        p, boxes = self.palette, self.scene.boxes
        found = {
            "class": _class(arrow),
            "color": self._colour(arrow),
            "penwidth": _width(arrow),
        } | self._tooltip(arrow.tooltip)
        if arrow.light:
            found |= {"style": "dashed", "arrowsize": "0.5"}
        tail, head = boxes[arrow.tail].key, boxes[arrow.head].key
        if inlet:
            before, after = _SIDES[self.direction]
            first = found | self._id(f"{own}a")
            graph.edge(tail, f"{inlet}:{before}", arrowhead="none", headclip="false", **first)
            tail = f"{inlet}:{after}"
            found["tailclip"] = "false"
        if arrow.label:
            found |= {
                "label": partial(arrow.label, horizontal=self.horizontal),
                "fontcolor": p.alarm if arrow.step == ALARM else p.muted,
            } | self._tooltip(arrow.tooltip, "labeltooltip")
        if boxes[arrow.tail].frame == boxes[arrow.head].frame and self._is_main(arrow):
            found["weight"] = "4"
        if boxes[arrow.tail].role == "group" and boxes[arrow.tail].frame:
            tail += f":{_SIDES[self.direction][1]}"
        if boxes[arrow.head].role == "group" or (arrow.head in self.crowded and not inlet):
            head += f":{_SIDES[self.direction][0]}"  # many arrows: not across the frame's title
        graph.edge(tail, head, **found, **self._id(own))

    def _is_main(self, arrow: Arrow) -> bool:
        """Tell whether an arrow is to be straight: in frames, and where stretches were folded."""
        tail, head = self.scene.boxes[arrow.tail], self.scene.boxes[arrow.head]
        return bool(head.frame) or (tail.role == "group" and head.role in ("group", "result"))

    def _colour(self, arrow: Arrow) -> str:
        if arrow.light:
            return self.palette.faint
        return self.palette.alarm if arrow.step == ALARM else self.palette.flows[arrow.step + 3]


def _coloured(hue: str) -> dict[str, str]:
    """Draw a frame in a colour; its boxes have badges, where arrows would cross a title."""
    return {"color": hue, "style": "rounded", "penwidth": "1.5", "label": ""}


def frame_id(path: Path) -> str:
    """Return the id of a frame in a marked picture.

    >>> frame_id(("layer 0", "neuron 3"))
    'frame:layer-0/neuron-3'
    """
    return "frame:" + "/".join(path).replace(" ", "-")


def _class(arrow: Arrow) -> str:
    return "constant" if arrow.light else f"flow{arrow.step}"


def _width(arrow: Arrow) -> str:
    return "0.7" if arrow.light else str(ARROW_WIDTHS[abs(arrow.step)])
