"""DOT text for a scene: boxes as HTML-like labels, arrows, frames as clusters, and layout hints.

The result is text; nothing is laid out here, and no process is started. Graphviz places the boxes;
the hints, as far as it follows them, make a picture read like a formula:

* The leaves of an operation form a column, in the order of the operands.
* Results form a column.
* Boxes folded from one frame form a column, in their order.
* Outputs of a last layer lead to invisible points in a column, which keep its neurons in order.
* An arrow into a frame passes through a point, its inlet, in the frame's first column, and so runs
  between the boxes there instead of around the whole frame.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape as _escape
from itertools import pairwise
from typing import Literal

import graphviz

from viz.colours import Palette
from viz.formatting import printable
from viz.graph_model import FramePath
from viz.scene import ALARM, Arrow, Box, LabelRow, Scene

SMALL = 10  # points
_THICK = 3  # points: the border of a result
_BAR = 4  # points: the bar at the side of a parameter, seen in grey print too
_BADGE = 22  # points: the bar with a line's number, of up to three digits
_ROOM = 59  # points: a cell for a number of seven columns, −0.1234


def plain(text: str, end: str = "\\n") -> str:
    """Escape text for a DOT attribute that Graphviz shows unchanged, line by line.

    Graphviz reads backslashes and HTML entities in plain attributes, and a text between ``<`` and
    ``>`` as HTML.
    """
    lines = printable(text).replace("&", "&amp;").split("\n")
    return str(graphviz.nohtml(end.join(map(graphviz.escape, lines))))


def tooltip(text: str) -> str:
    """Escape text for a tooltip, whose backslashes Graphviz reads twice."""
    return plain(text.replace("\\", "\\\\"))


def markup(text: str) -> str:
    r"""Escape text for an HTML-like label, where ``\G`` alone would be the name of the graph.

    >>> print(markup(r"\Gamma < 1"))
    \\Gamma &lt; 1
    """
    return _escape(printable(text), quote=True).replace("\\", "\\\\")


def card(box: Box, p: Palette) -> str:
    """Return a box's HTML-like label, a table with square corners, so that no fill shows beyond."""
    return f"<{_constant(box, p) if box.role == 'constant' else _card(box, p)}>"


def partial(text: str, *, horizontal: bool) -> str:
    """Return the label of an arrow, held off its line by a strip below or at its left."""
    cell = f"<TD>{markup(text)}</TD>"
    cells = (
        f'<TR>{cell}</TR><TR><TD HEIGHT="7"></TD></TR>'
        if horizontal
        else f'<TR><TD WIDTH="5"></TD>{cell}</TR>'
    )
    start = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">'
    return f"<{start}{cells}</TABLE>>"


def piece(size: tuple[int, int], colour: str) -> str:
    """Return the label of a piece of an arrow, ``size`` points wide and high."""
    return (
        f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0" BGCOLOR="{colour}"'
        f' FIXEDSIZE="TRUE" WIDTH="{size[0]}" HEIGHT="{size[1]}"><TR><TD></TD></TR></TABLE>>'
    )


def _constant(box: Box, p: Palette) -> str:
    return (
        f'<TABLE BORDER="1" STYLE="DASHED" COLOR="{p.line}" BGCOLOR="{p.card}" CELLBORDER="0"'
        f' CELLSPACING="0" CELLPADDING="4"><TR><TD><FONT COLOR="{p.muted}">{markup(box.header)}'
        "</FONT></TD></TR></TABLE>"
    )


def _card(box: Box, p: Palette) -> str:
    border = _THICK if box.role == "result" else 1
    accent = p.accents[box.role]
    fill = p.card if box.role == "operation" else p.headers[box.role]
    bar = _bar(box, _BAR, accent) if box.role == "parameter" else ""
    if box.badge:
        number = f'<FONT COLOR="{p.card}"><B>{markup(box.badge)}</B></FONT>'
        bar = _bar(box, _BADGE, p.hues[box.hue], number) + bar
    rule = "<HR/>" if box.role == "operation" and box.rows else ""
    table = (
        f'<TABLE BORDER="{border}" COLOR="{accent}" BGCOLOR="{p.card}" CELLBORDER="0"'
        f' CELLSPACING="0" CELLPADDING="4">'
        f'<TR>{bar}<TD COLSPAN="2" BGCOLOR="{fill}"><B>{markup(box.header)}</B></TD></TR>{rule}'
        f"{''.join(_row(row, p) for row in box.rows)}</TABLE>"
    )
    if box.role != "group":
        return table
    return (  # a double border: several nodes
        f'<TABLE BORDER="{_THICK if box.is_final else 1}"'
        f' COLOR="{p.accents["result"] if box.is_final else accent}"'
        f' BGCOLOR="{p.card}" CELLBORDER="0" CELLSPACING="0"'
        f' CELLPADDING="2"><TR><TD>{table}</TD></TR></TABLE>'
    )


def _bar(box: Box, width: int, colour: str, text: str = "") -> str:
    """Return a cell at the side of a card, of its full height."""
    size = f'ROWSPAN="{len(box.rows) + 1}" WIDTH="{width}"'
    return f'<TD {size} CELLPADDING="0" BGCOLOR="{colour}">{text}</TD>'


def _row(row: LabelRow, p: Palette) -> str:
    text = markup(row.text)
    fill = f' BGCOLOR="{p.gradients[row.step + 3]}"' if row.step or row.is_live else ""
    if row.alarm:
        fill, text = f' BGCOLOR="{p.alarm_fill}"', f'<FONT COLOR="{p.alarm}"><B>{text}</B></FONT>'
    room = f' WIDTH="{_ROOM}"' if row.is_live else ""
    return (
        f'<TR><TD ALIGN="LEFT"><FONT COLOR="{p.muted}" POINT-SIZE="{SMALL}">{markup(row.title)}'
        f'</FONT></TD><TD ALIGN="RIGHT"{room}{fill}>{text}</TD></TR>'
    )


_LEAVES = ("input", "parameter", "constant")
_COMPUTED = ("operation", "result")
_CROWD = 6  # arrows that reach a box from all sides without crossing much


def inlets(scene: Scene) -> dict[int, str]:
    """Return an inlet's name for each arrow into a frame that has boxes before the arrow's head."""
    boxes = scene.boxes
    fed_inside = {
        arrow.head
        for arrow in scene.arrows
        if boxes[arrow.head].frame and boxes[arrow.tail].frame == boxes[arrow.head].frame
    }
    return {
        k: f"{boxes[arrow.head].key}_{k}"
        for k, arrow in enumerate(scene.arrows)
        if arrow.head in fed_inside and not _within(boxes[arrow.tail], boxes[arrow.head].frame)
    }


def columns(scene: Scene, inlets: dict[int, str]) -> dict[FramePath, list[list[str]]]:
    """Return, by frame, the nodes that are to form a column, in order."""
    columns: dict[FramePath, list[list[str]]] = {}
    for path, column in (*_operands(scene, inlets), *_folded(scene), _results(scene)):
        if len(column) > 1:
            columns.setdefault(path, []).append(column)
    return columns


def _operands(scene: Scene, inlets: dict[int, str]) -> Iterator[tuple[FramePath, list[str]]]:
    """Yield each box's leaves in the order of the operands, then its inlets."""
    boxes = scene.boxes
    into: dict[int, list[int]] = {}
    for k, arrow in enumerate(scene.arrows):
        into.setdefault(arrow.head, []).append(k)
    placed: set[int] = set()
    for head, arrows in into.items():
        columns: dict[FramePath, list[str]] = {}
        for k in arrows:
            tail = scene.arrows[k].tail
            if boxes[tail].role in _LEAVES and tail not in placed:
                placed.add(tail)
                columns.setdefault(boxes[tail].frame, []).append(boxes[tail].key)
        for k in arrows:
            if k in inlets:
                columns.setdefault(boxes[head].frame, []).append(inlets[k])
        yield from columns.items()


def _folded(scene: Scene) -> Iterator[tuple[FramePath, list[str]]]:
    """Yield the boxes folded from one frame, and those beside frames, if no arrow joins them."""
    boxes = scene.boxes
    outer = {box.frame[:end] for box in boxes for end in range(1, len(box.frame))}
    columns: dict[FramePath, list[str]] = {}
    for box in boxes:
        if box.frame and (box.role == "group" or (box.frame in outer and box.role in _COMPUTED)):
            columns.setdefault(box.frame, []).append(box.key)
    joined = {
        boxes[arrow.tail].frame
        for arrow in scene.arrows
        if boxes[arrow.tail].frame == boxes[arrow.head].frame
    }
    for path, column in columns.items():
        if path not in joined:
            yield path, column


def anchors(scene: Scene, inlets: dict[int, str]) -> list[list[str]]:
    """Return, by layer, the outputs of its neurons where no inlets of a next layer order them.

    A layer that continues after its neurons, as a softmax does, has no room for anchors.
    """
    outputs: dict[FramePath, str] = {}
    for box in scene.boxes:
        if len(box.frame) > 1:
            outputs[box.frame] = box.key
    ordered = {scene.boxes[scene.arrows[k].tail].key for k in inlets}
    layers: dict[FramePath, list[str]] = {}
    for frame, key in outputs.items():
        if key not in ordered:
            layers.setdefault(frame[:-1], []).append(key)
    going_on = {box.frame for box in scene.boxes if box.role in _COMPUTED}
    return [keys for layer, keys in layers.items() if len(keys) > 1 and layer not in going_on]


def crowded(scene: Scene, inlets: dict[int, str]) -> frozenset[int]:
    """Return the boxes in frames that many arrows from outside reach, not across titles."""
    boxes = scene.boxes
    count = Counter(
        arrow.head
        for k, arrow in enumerate(scene.arrows)
        if k not in inlets
        and boxes[arrow.head].frame
        and not _within(boxes[arrow.tail], boxes[arrow.head].frame)
    )
    return frozenset(head for head, arrows in count.items() if arrows > _CROWD)


def _results(scene: Scene) -> tuple[FramePath, list[str]]:
    """Return the results that nothing else is computed from, in order."""
    used = {arrow.tail for arrow in scene.arrows}
    free = [k for k, box in enumerate(scene.boxes) if box.role == "result" and k not in used]
    return (), [scene.boxes[k].key for k in free if not scene.boxes[k].frame]


def frame_contents(boxes: Sequence[Box]) -> dict[FramePath, list[Box | FramePath]]:
    """Return the boxes and frames directly in each frame; a frame has its last box's position."""
    if not any(box.frame for box in boxes):
        return {(): list(boxes)}
    inside: dict[FramePath, list[Box | FramePath]] = {(): []}
    for box in reversed(boxes):
        for end in range(1, len(box.frame) + 1):
            if box.frame[:end] not in inside:
                inside[box.frame[:end]] = []
                inside[box.frame[: end - 1]].append(box.frame[:end])
        inside[box.frame].append(box)
    # Graphviz keeps the order of neurons if layers are declared from the last to the first.
    return {path: items[::-1] if path else items for path, items in inside.items()}


def _within(box: Box, frame: FramePath) -> bool:
    return box.frame[: len(frame)] == frame


Ids = Literal["none", "boxes", "all"]  # which elements of a picture have ids
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
    ids: Ids = "none",
) -> str:
    """Return DOT text for a scene.

    Nodes are named by topological position, so the same graph gives the same text. Colours are part
    of it; classes (the role of a node, ``flow-3`` to ``flow4`` of an edge) are for style sheets.
    ``ids`` are for a script: those of boxes are their keys; arrow k has ``e{k}``, its first part,
    where it has two, ``e{k}a``; see `frame_id` for frames.
    """
    return str(_DotWriter(scene, palette, direction, ids).source(theme, title))


@dataclass(slots=True)
class _DotWriter:
    scene: Scene
    palette: Palette
    direction: str
    ids: Ids = "none"
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
        attributes = {
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
            attributes["remincross"] = (
                "false"  # a second pass upsets the order of columns in clusters
            )
        if self.ids == "all" and len(self.scene.boxes) > _MANY:
            attributes["nslimit"] = "0.1"
        lines = [line for line in (title, self.scene.note) if line]
        if lines:
            caption = plain("\n".join([*lines, ""]), "\\l")  # an empty line keeps a distance
            attributes |= {"label": caption, "labelloc": "t", "labeljust": "l"}
        return attributes

    def _has_neurons(self) -> bool:
        """Return whether folded boxes are in frames: each is joined to all of the next layer."""
        return any(box.role == "group" and box.frame for box in self.scene.boxes)

    def _clusters(self, graph: graphviz.Digraph, points: dict[int, str]) -> None:
        """Write the frames, each with its own boxes and frames."""
        inside = frame_contents(self.scene.boxes)
        number = {path: k for k, path in enumerate(inside)}
        ordered = columns(self.scene, points)

        def write(
            into: graphviz.Digraph, path: FramePath
        ) -> None:  # as deep as frames: six at most
            for item in inside[path]:
                if isinstance(item, Box):
                    into.node(
                        item.key,
                        card(item, self.palette),
                        **self._tooltip(item.tooltip),
                        **({"id": item.key} if self.ids != "none" else {}),
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
        """Write a node without size, with a piece of line in it.

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
        return {"id": own} if self.ids == "all" else {}

    def _tooltip(self, text: str, what: str = "tooltip") -> dict[str, str]:
        return {what: tooltip(text)} if text else {}

    def _frame_attributes(self, path: FramePath) -> dict[str, str]:
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
        """Write a column from the top; Graphviz reverses it in clusters of a horizontal picture."""
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
        attributes = {
            "class": _class(arrow),
            "color": self._colour(arrow),
            "penwidth": _width(arrow),
        } | self._tooltip(arrow.tooltip)
        if arrow.light:
            attributes |= {"style": "dashed", "arrowsize": "0.5"}
        tail, head = boxes[arrow.tail].key, boxes[arrow.head].key
        if inlet:
            before, after = _SIDES[self.direction]
            first = attributes | self._id(f"{own}a")
            graph.edge(tail, f"{inlet}:{before}", arrowhead="none", headclip="false", **first)
            tail = f"{inlet}:{after}"
            attributes["tailclip"] = "false"
        if arrow.label:
            attributes |= {
                "label": partial(arrow.label, horizontal=self.horizontal),
                "fontcolor": p.alarm if arrow.step == ALARM else p.muted,
            } | self._tooltip(arrow.tooltip, "labeltooltip")
        if boxes[arrow.tail].frame == boxes[arrow.head].frame and self._is_main(arrow):
            attributes["weight"] = "4"
        if boxes[arrow.tail].role == "group" and boxes[arrow.tail].frame:
            tail += f":{_SIDES[self.direction][1]}"
        if boxes[arrow.head].role == "group" or (arrow.head in self.crowded and not inlet):
            head += f":{_SIDES[self.direction][0]}"  # many arrows: not across the frame's title
        graph.edge(tail, head, **attributes, **self._id(own))

    def _is_main(self, arrow: Arrow) -> bool:
        """Return whether an arrow is to be straight: in frames, and between folded boxes."""
        tail, head = self.scene.boxes[arrow.tail], self.scene.boxes[arrow.head]
        return bool(head.frame) or (tail.role == "group" and head.role in ("group", "result"))

    def _colour(self, arrow: Arrow) -> str:
        if arrow.light:
            return self.palette.faint
        return self.palette.alarm if arrow.step == ALARM else self.palette.flows[arrow.step + 3]


def _coloured(hue: str) -> dict[str, str]:
    """Return a coloured frame's attributes; it has no title, which arrows would cross."""
    return {"color": hue, "style": "rounded", "penwidth": "1.5", "label": ""}


def frame_id(path: FramePath) -> str:
    """Return the id of a frame in a picture with ids.

    >>> frame_id(("layer 0", "neuron 3"))
    'frame:layer-0/neuron-3'
    """
    return "frame:" + "/".join(path).replace(" ", "-")


def _class(arrow: Arrow) -> str:
    return "constant" if arrow.light else f"flow{arrow.step}"


def _width(arrow: Arrow) -> str:
    return "0.7" if arrow.light else str(ARROW_WIDTHS[abs(arrow.step)])
