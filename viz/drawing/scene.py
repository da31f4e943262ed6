"""Turn a looked-over, folded graph into boxes and arrows, without any layout."""

from dataclasses import dataclass, replace

from viz.drawing.boxes import Arrow, Box, Scene
from viz.drawing.cards import Writer, badness
from viz.graphs.fold import Folding
from viz.graphs.passes import LEFT_OVER
from viz.graphs.survey import Survey

MOST_LABELS = 80  # beyond, the local derivatives on the arrows hide each other


@dataclass(slots=True)
class _Bundle:
    """All edges between two boxes: how many, and the strongest flow back where it is known."""

    count: int = 0
    strongest: float | None = None

    def add(self, flow: float | None) -> None:
        self.count += 1
        if flow is not None and (self.strongest is None or badness(flow) > badness(self.strongest)):
            self.strongest = flow


def scene(folding: Folding, writer: Writer) -> Scene:
    """Make the boxes and arrows of a folded graph; a box of one node is that node's card."""
    graph, box_of = writer.graph, folding.box_of
    members: list[list[int]] = [[] for _ in folding.titles]
    for i, box in enumerate(box_of):
        if box >= 0:
            members[box].append(i)
    single = [
        len(inside) == 1 and title is None
        for inside, title in zip(members, folding.titles, strict=True)
    ]
    arrows, outgoing = _arrows(graph, box_of, single, writer)
    boxes: list[Box] = []
    for box, (inside, frame) in enumerate(zip(members, folding.frames, strict=True)):
        shown = frame if "frames" in writer.show else ()
        if single[box]:
            boxes.append(writer.card(inside[0], shown))
        else:
            outputs = [i for i in inside if i in outgoing or graph.roles[i] == "result"]
            title = folding.titles[box] or ""
            boxes.append(writer.group(inside, outputs or inside, title, shown))
    if sum(bool(arrow.label) for arrow in arrows) > MOST_LABELS:
        arrows = [replace(arrow, label="") for arrow in arrows]
    notes = [folding.note] * bool(folding.note) + [LEFT_OVER] * bool(writer.left_over)
    return Scene(tuple(boxes), tuple(arrows), "\n".join(notes))


def _arrows(
    graph: Survey, box_of: list[int], single: list[bool], writer: Writer
) -> tuple[list[Arrow], set[int]]:
    """Collect the arrows, and the nodes that are used outside their box."""
    arrows: list[Arrow | tuple[int, int]] = []
    bundles: dict[tuple[int, int], _Bundle] = {}
    outgoing: set[int] = set()
    for i, sources in enumerate(graph.inputs):
        for place, source in enumerate(sources):
            ends = box_of[source], box_of[i]
            if -1 in ends or (ends[0] == ends[1]):
                continue
            outgoing.add(source)
            if single[ends[0]] and single[ends[1]]:
                arrows.append(writer.arrow(ends, i, place))
                continue
            if ends not in bundles:
                bundles[ends] = _Bundle()
                arrows.append(ends)
            bundles[ends].add(writer.flow(i, place))
    made = [
        a if isinstance(a, Arrow) else writer.bundle(a, bundles[a].count, bundles[a].strongest)
        for a in arrows
    ]
    return made, outgoing
