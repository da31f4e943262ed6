"""Fold a graph too large to read: a layer, a neuron, or a stretch of alike operations is one box.

Every node is given the number of its box, -1 where it is left out. All steps are linear in the
graph's size, so that a chain of a million nodes is folded in seconds.
"""

from dataclasses import dataclass, field
from typing import Any

from viz.names import Path
from viz.survey import Survey

FOLDS = ("auto", "none", "neurons", "layers")
MOST = 5000  # boxes: Graphviz takes 5 s for 4,200 and more than 180 s for 6,200
ROOM = 60  # boxes of a picture folded without being asked: about what a screen shows
_LOOSE_LEAVES = 20  # leaves outside all frames that are still drawn one by one
_BANDS = 12
LEAVES = ("input", "parameter")
Key = tuple[Any, ...]  # what the nodes of one box have in common; its first part says in which way
LEFT_OUT: Key = ()


@dataclass(slots=True)
class Folding:
    """Say which box each node is in; boxes are numbered in the order of their first node.

    ``titles`` has a title for each box that stands for a frame, None for the others; ``frames``
    the frame that a box stands in; ``note`` says what was folded, and is empty where nothing was.
    """

    box_of: list[int]
    titles: list[str | None] = field(default_factory=list)
    frames: list[Path] = field(default_factory=list)
    note: str = ""


def fold(graph: Survey, how: str, limit: int, *, constants: bool = True) -> Folding:
    """Choose the boxes of a picture.

    ``none`` draws every node, ``neurons`` folds the innermost frames, ``layers`` the outer ones;
    ``auto`` draws every node up to ``limit``, and folds layers above. What stands in no frame is
    folded by operation and depth where it would still not fit.
    """
    size = len(graph.nodes)
    left_out = ("setting",) if constants else ("setting", "constant")
    hidden = sum(role in left_out for role in graph.roles)
    if how == "auto" and size - hidden <= limit:
        how = "none"
    if how == "none":
        _refuse(size - hidden, how)
        keys: list[Key] = [("node", i) for i in range(size)]
    else:
        keys = _by_frame(graph, deep=how == "neurons")
        room = min(limit, ROOM) if how == "auto" else limit
        if len(set(keys)) > room:
            keys = _summarised(graph, keys, room)
    keys = [LEFT_OUT if graph.roles[i] in left_out else key for i, key in enumerate(keys)]
    folding = _numbered(graph, keys)
    boxes = len(folding.titles)
    _refuse(boxes, how)
    if how != "none":
        folding.note = f"{size:,} nodes folded into {boxes:,} box{'es' if boxes != 1 else ''}"
    return folding


def _refuse(boxes: int, how: str) -> None:
    if boxes > MOST:
        raise ValueError(
            f"fold={how!r} would draw {boxes:,} boxes, and at most {MOST:,} can be laid out; "
            "use fold='auto' or fold='layers'"
        )


def layer(path: Path) -> Path:
    """Return the outer frame that counts as a layer: down to the first title with a number.

    >>> layer(("net", "layer 0", "neuron 3"))
    ('net', 'layer 0')
    """
    for end, title in enumerate(path, 1):
        if title[-1].isdecimal():
            return path[:end]
    return path


def _by_frame(graph: Survey, *, deep: bool) -> list[Key]:
    """Give one key to all nodes of a frame, and its own to each node outside."""
    outer = {path[:end] for path in graph.frames for end in range(1, len(path))}
    keys: list[Key] = []
    for i, path in enumerate(graph.frames):
        frame = path if deep else layer(path)
        alone = not frame or (deep and frame in outer)
        keys.append(("node", i) if alone else ("frame", frame))
    return keys


def _summarised(graph: Survey, keys: list[Key], room: int) -> list[Key]:
    """Fold what stands in no frame by operation and depth, then everything in bands of depth."""
    depth = _depths(graph)
    alike = list(keys)
    for i, role in enumerate(graph.roles):
        if keys[i][0] == "node" and role == "operation":
            alike[i] = ("alike", graph.nodes[i].op, depth[i])
    alike = _runs(graph, _leaves(graph, alike))
    if len(set(alike)) <= room:
        return alike
    width = -(-(max(depth) + 1) // max(1, min(_BANDS, room - 1)))
    return _leaves(graph, [("band", depth[i] // width) for i in range(len(keys))])


def _depths(graph: Survey) -> list[int]:
    """Measure each node's longest way from a leaf."""
    depth = [0] * len(graph.nodes)
    for i, sources in enumerate(graph.inputs):
        if sources:
            depth[i] = 1 + max(depth[s] for s in sources)
    return depth


def _leaves(graph: Survey, keys: list[Key]) -> list[Key]:
    """Leave constants out; draw leaves and results alone, or together where they are many."""
    keys = list(keys)
    user: dict[int, int] = {}
    for i, sources in enumerate(graph.inputs):
        for source in sources:
            user.setdefault(source, i)
    free = [i for i, key in enumerate(keys) if key[0] != "frame"]
    leaves = [i for i in free if graph.roles[i] in LEAVES]
    results = [i for i in free if graph.roles[i] == "result"]
    for i in leaves:
        many = len(leaves) > _LOOSE_LEAVES
        keys[i] = ("leaves", graph.roles[i], keys[user[i]]) if many else ("node", i)
    for i in results:
        keys[i] = ("node", i) if len(results) <= _LOOSE_LEAVES else ("results",)
    return [
        LEFT_OUT if graph.roles[i] in ("constant", "setting") else key for i, key in enumerate(keys)
    ]


def _runs(graph: Survey, keys: list[Key]) -> list[Key]:
    """Join a box with the one after it where that is its only user and does the same operation.

    The only user cannot be reached by another way, so that joining never makes a cycle.
    """
    onward: dict[Key, Key] = {}  # the only user, LEFT_OUT where there are several
    for i, sources in enumerate(graph.inputs):
        for source in sources:
            if keys[source] != keys[i] and onward.setdefault(keys[source], keys[i]) != keys[i]:
                onward[keys[source]] = LEFT_OUT
    end: dict[Key, Key] = {}
    for key in dict.fromkeys(reversed(keys)):  # users before what they use
        user = onward.get(key, LEFT_OUT)
        end[key] = end[user] if key[:1] == ("alike",) and key[:2] == user[:2] else key
    return [end[key] for key in keys]


def _numbered(graph: Survey, keys: list[Key]) -> Folding:
    """Give the boxes numbers in the order of their first node."""
    number: dict[Key, int] = {}
    paths: list[Path] = []
    for i, key in enumerate(keys):
        if key != LEFT_OUT and key not in number:
            number[key] = len(number)
            paths.append(graph.frames[i])
    folding = Folding([number.get(key, -1) for key in keys])
    for key, path in zip(number, paths, strict=True):
        frame = key[1] if key[0] == "frame" else None
        folding.frames.append(frame[:-1] if frame else path if key[0] == "node" else ())
        folding.titles.append(frame[-1] if frame else None)
    return folding
