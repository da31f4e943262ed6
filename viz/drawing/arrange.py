"""Say where boxes are to stand, as far as Graphviz listens, so that a picture reads like a formula.

* Leaves of one operation stand in a column in the order of the operands.
* Results stand in a column.
* Boxes folded from one frame stand in a column in their order.
* Outputs of a last layer lead to invisible points in a column, which keep its neurons in order.
* An arrow into a frame passes a point, its inlet, in the frame's first column, and so goes between
  the boxes there instead of around the whole frame.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from viz.drawing.boxes import Box, Scene
from viz.graphs.names import Path

_LEAVES = ("input", "parameter", "constant")
_COMPUTED = ("operation", "result")
_CROWD = 6  # arrows that reach a box from all sides without crossing much


def inlets(scene: Scene) -> dict[int, str]:
    """Name a point for each arrow into a frame where the frame has boxes before its head."""
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


def columns(scene: Scene, inlets: dict[int, str]) -> dict[Path, list[list[str]]]:
    """List, by frame, the nodes that are to stand in one column in this order."""
    columns: dict[Path, list[list[str]]] = {}
    for path, column in (*_operands(scene, inlets), *_folded(scene), _results(scene)):
        if len(column) > 1:
            columns.setdefault(path, []).append(column)
    return columns


def _operands(scene: Scene, inlets: dict[int, str]) -> Iterator[tuple[Path, list[str]]]:
    """Yield each box's leaves in the order of the operands, then its inlets."""
    boxes = scene.boxes
    into: dict[int, list[int]] = {}
    for k, arrow in enumerate(scene.arrows):
        into.setdefault(arrow.head, []).append(k)
    placed: set[int] = set()
    for head, arrows in into.items():
        columns: dict[Path, list[str]] = {}
        for k in arrows:
            tail = scene.arrows[k].tail
            if boxes[tail].role in _LEAVES and tail not in placed:
                placed.add(tail)
                columns.setdefault(boxes[tail].frame, []).append(boxes[tail].key)
        for k in arrows:
            if k in inlets:
                columns.setdefault(boxes[head].frame, []).append(inlets[k])
        yield from columns.items()


def _folded(scene: Scene) -> Iterator[tuple[Path, list[str]]]:
    """Yield the boxes folded from one frame, and those beside frames, if no arrow joins them."""
    boxes = scene.boxes
    outer = {box.frame[:end] for box in boxes for end in range(1, len(box.frame))}
    columns: dict[Path, list[str]] = {}
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
    """List, by layer, the outputs of its neurons where no inlets of a next layer order them.

    A layer that goes on after its neurons, as a softmax does, has no room for anchors.
    """
    outputs: dict[Path, str] = {}
    for box in scene.boxes:
        if len(box.frame) > 1:
            outputs[box.frame] = box.key
    ordered = {scene.boxes[scene.arrows[k].tail].key for k in inlets}
    layers: dict[Path, list[str]] = {}
    for frame, key in outputs.items():
        if key not in ordered:
            layers.setdefault(frame[:-1], []).append(key)
    going_on = {box.frame for box in scene.boxes if box.role in _COMPUTED}
    return [keys for layer, keys in layers.items() if len(keys) > 1 and layer not in going_on]


def crowded(scene: Scene, inlets: dict[int, str]) -> frozenset[int]:
    """Find the boxes in frames that many arrows from outside reach: not across the titles."""
    boxes = scene.boxes
    count = Counter(
        arrow.head
        for k, arrow in enumerate(scene.arrows)
        if k not in inlets
        and boxes[arrow.head].frame
        and not _within(boxes[arrow.tail], boxes[arrow.head].frame)
    )
    return frozenset(head for head, arrows in count.items() if arrows > _CROWD)


def _results(scene: Scene) -> tuple[Path, list[str]]:
    """Return the results that nothing else is computed from, in order."""
    used = {arrow.tail for arrow in scene.arrows}
    free = [k for k, box in enumerate(scene.boxes) if box.role == "result" and k not in used]
    return (), [scene.boxes[k].key for k in free if not scene.boxes[k].frame]


def nested(boxes: Sequence[Box]) -> dict[Path, list[Box | Path]]:
    """List the boxes and frames directly in each frame; a frame stands where its last box does."""
    if not any(box.frame for box in boxes):
        return {(): list(boxes)}
    inside: dict[Path, list[Box | Path]] = {(): []}
    for box in reversed(boxes):
        for end in range(1, len(box.frame) + 1):
            if box.frame[:end] not in inside:
                inside[box.frame[:end]] = []
                inside[box.frame[: end - 1]].append(box.frame[:end])
        inside[box.frame].append(box)
    # Graphviz' search keeps the order of neurons if layers are declared from the last to the first.
    return {path: items[::-1] if path else items for path, items in inside.items()}


def _within(box: Box, frame: Path) -> bool:
    return box.frame[: len(frame)] == frame
