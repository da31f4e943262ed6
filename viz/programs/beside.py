"""Put a program's scalar graph beside it, each node marked by the line that computes it."""

from collections.abc import Sequence
from dataclasses import replace

from autograd.compiler.programs.origins import Origin
from viz.basics.colours import LIGHT
from viz.drawing.boxes import Arrow, Box, Row, Scene
from viz.drawing.cards import Writer
from viz.drawing.scene import scene
from viz.graphs.fold import Folding
from viz.graphs.names import Path
from viz.graphs.survey import symbol
from viz.programs.lines import program_scene
from viz.programs.traced import Traced

SHOWN = frozenset({"values", "gradients", "frames"})
HUES = len(LIGHT.hues)
GRAPH, PROGRAM = "scalar graph", "NumPy program"
_TITLES = {"given": "is", "computed": "is", "absorbed": "in", "merged": "as", "constant": "is"}


def beside(traced: Traced, *, gradients: bool, limit: int) -> Scene:
    """Make one scene of both; above ``limit`` nodes, those of a line are one box."""
    left, _ = scalars(traced, limit=limit)
    right, place = program_scene(traced.program, gradients=gradients)
    shift = len(left.boxes)
    boxes = list(left.boxes)
    lines = {place[step.out]: k for k, step in enumerate(traced.program.instructions)}
    for k, box in enumerate(right.boxes):
        boxes.append(badged(replace(box, key=f"p{k}", frame=(PROGRAM,)), lines.get(k, -1)))
    arrows = [*left.arrows, *(_shifted(arrow, shift) for arrow in right.arrows)]
    ties = [
        (first, shift + k)
        for k, line in lines.items()
        for first in [_first(left.boxes, line)]
        if first >= 0
    ]
    note = f"{right.note}; a line and its scalar nodes have one number and one colour"
    return Scene(tuple(boxes), tuple(arrows), note, left.hues, tuple(ties))


def badged(box: Box, line: int) -> Box:
    """Mark a box by the number and the colour of its line, the first being 1; -1 is none."""
    return box if line < 0 else replace(box, badge=str(line + 1), hue=line % HUES)


def scalars(traced: Traced, *, limit: int) -> tuple[Scene, list[list[int]]]:
    """Make the boxes of the scalar nodes; above ``limit``, of the nodes of each line and array.

    Return the nodes of each box, too.
    """
    graph = traced.graph
    folded = sum(role != "setting" for role in graph.roles) > limit
    keys = [_key(traced, i, folded=folded) for i in range(len(graph.nodes))]
    members: dict[object, list[int]] = {}
    for i, key in enumerate(keys):
        if key is not None:
            members.setdefault(key, []).append(i)
    number = {key: k for k, key in enumerate(members)}
    groups = list(members.values())
    folding = Folding(
        [-1 if key is None else number[key] for key in keys],
        [_title(traced, group[0], folded=folded) for group in groups],
        [(GRAPH,) if folded else _frame(traced, group[0]) for group in groups],
    )
    made = scene(folding, Writer(graph, traced.write, SHOWN))
    boxes = [
        _marked(traced, box, group[0], folded=folded)
        for box, group in zip(made.boxes, groups, strict=True)
    ]
    unwanted = [not any(graph.nodes[i].has_grad for i in group) for group in groups]
    arrows = [replace(a, step=0) if unwanted[a.tail] else a for a in made.arrows]
    hues = {box.frame: box.hue for box in boxes if box.badge and len(box.frame) > 1}
    return replace(made, boxes=tuple(boxes), arrows=tuple(arrows), hues=hues), groups


def _title(traced: Traced, i: int, *, folded: bool) -> str | None:
    array = traced.origins[i].array
    return array.name if folded and array else None


def _key(traced: Traced, i: int, *, folded: bool) -> object:
    """Tell nodes of one box by one key; None for what is not drawn."""
    role, array = traced.graph.roles[i], traced.origins[i].array
    if role == "setting" or (folded and (role == "constant" or array is None)):
        return None
    return array if folded else i


def _frame(traced: Traced, i: int) -> Path:
    """Return the frame of a node's line."""
    origin = traced.origins[i]
    if origin.line < 0 or origin.array is None:
        return (GRAPH,)
    return GRAPH, f"{origin.line + 1} · {origin.array.name}"


def _marked(traced: Traced, box: Box, i: int, *, folded: bool) -> Box:
    """Say on a card which element the node is, and mark it by the number of its line."""
    origin = traced.origins[i]
    rows, header = box.rows, box.header
    if not folded and box.role != "constant":
        header = f"{symbol(traced.graph.nodes[i])} {traced.names[i]}".strip()
        rows = (*rows, Row(_TITLES.get(origin.kind, ""), origin.element or traced.says(i)))
    tip = f"{box.tooltip}\n{_tip(traced, origin, i, folded=folded)}"
    return badged(replace(box, header=header, rows=rows, tooltip=tip), origin.line)


def _tip(traced: Traced, origin: Origin, i: int, *, folded: bool) -> str:
    if origin.line < 0:
        return traced.home(i) if folded else traced.says(i)
    line = f"line {origin.line + 1}: {traced.home(i)}"
    return line if folded else f"{traced.says(i)}, {line}"


def _shifted(arrow: Arrow, by: int) -> Arrow:
    return replace(arrow, tail=arrow.tail + by, head=arrow.head + by)


def _first(boxes: Sequence[Box], line: int) -> int:
    """Find the first box of a line's nodes."""
    return next((k for k, box in enumerate(boxes) if box.badge == str(line + 1)), -1)
