"""Fold a graph too large to read: a layer, a neuron, or a stretch of alike operations is one box.

Every node is given the number of its box, -1 where it is left out. All steps are linear in the
graph's size, so that a chain of a million nodes is folded in seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from viz.graphs.alike import LEFT_OUT, Key, bands, loose, numbers, twins, weights
from viz.graphs.frames import Opening, opening
from viz.graphs.names import Path
from viz.graphs.select import Part
from viz.graphs.survey import Survey

FOLDS = ("auto", "none", "neurons", "layers")
MOST = 5000  # boxes: Graphviz takes 5 s for 4,200 and more than 180 s for 6,200
ROOM = 60  # boxes of a picture folded without being asked: about what a screen shows


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


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a reader asks for; see `fold`."""

    how: str
    limit: int
    opened: Sequence[Path]
    depth: int | None
    part: Part | None

    @property
    def is_free(self) -> bool:
        """Whether nobody said what is to be folded."""
        return self.how == "auto" and not self.opened and self.depth is None


def fold(
    graph: Survey,
    how: str,
    limit: int,
    *,
    constants: bool = True,
    opened: Sequence[Path] = (),
    depth: int | None = None,
    part: Part | None = None,
) -> Folding:
    """Choose the boxes of a picture.

    ``none`` draws every node, ``neurons`` folds the innermost frames, ``layers`` the outer ones;
    ``auto`` draws every node up to ``limit``, and folds layers above. ``depth`` and ``opened`` say
    which frames are open instead, ``part`` which nodes are drawn at all. What stands in no frame is
    folded by operation and depth where it would still not fit, and what an open frame does again
    and again by operation.
    """
    wish = _Wish(how, limit, opened, depth, part)
    left_out = ("setting",) if constants else ("setting", "constant")
    drawn = [role not in left_out for role in graph.roles]
    if part:
        drawn = [a and b for a, b in zip(drawn, part.kept, strict=True)]
    if wish.is_free and sum(drawn) <= limit:
        how = "none"
    if how == "none":
        _refuse(sum(drawn), how)
        keys: list[Key] = [("node", i) for i in range(len(drawn))]
        titles: dict[Key, str] = {}
    else:
        keys, titles = _by_frame(graph, _opening(graph, wish))
        keys = _fitted(graph, _without(keys, drawn), wish)
    folding = _numbered(graph, _without(keys, drawn), titles)
    _refuse(len(folding.titles), how)
    folding.note = _note(graph, folding, how, part)
    return folding


def _opening(graph: Survey, wish: _Wish) -> Opening:
    closes = {"auto": "none" if wish.part else "layers"}
    return opening(graph, closes.get(wish.how, wish.how), wish.depth, wish.opened)


def _without(keys: list[Key], drawn: list[bool]) -> list[Key]:
    return [key if is_drawn else LEFT_OUT for key, is_drawn in zip(keys, drawn, strict=True)]


def _refuse(boxes: int, how: str) -> None:
    if boxes > MOST:
        raise ValueError(
            f"fold={how!r} would draw {boxes:,} boxes, and at most {MOST:,} can be laid out; "
            "use fold='auto' or fold='layers', or draw a part: around=, path="
        )


def _by_frame(graph: Survey, opening: Opening) -> tuple[list[Key], dict[Key, str]]:
    """Give one key to all nodes of a closed frame, and its own to each other node.

    The frames beside an open one that nobody asked for share a key. Return titles by key, too.
    """
    boxes = {path: opening.box(path) for path in set(graph.frames)}
    aside: dict[Path, set[Path]] = {}
    for box in boxes.values():
        if opening.is_aside(box):
            aside.setdefault(box[:-1], set()).add(box)
    keys: dict[Path, Key] = {}
    titles: dict[Key, str] = {}
    for path, box in boxes.items():
        beside = aside.get(box[:-1], set()) if opening.is_aside(box) else set()
        key: Key = ("aside", box[:-1]) if len(beside) > 1 else ("frame", box)
        if box:
            keys[path] = key
            titles[key] = f"{len(beside)} other {_kind(beside)}" if len(beside) > 1 else box[-1]
    return [keys.get(path, ("node", i)) for i, path in enumerate(graph.frames)], titles


def _kind(boxes: set[Path]) -> str:
    """Say what several frames are: neurons, or parts."""
    words = {box[-1].split(" ")[0] for box in boxes}
    return f"{words.pop()}s" if len(words) == 1 else "parts"


def _fitted(graph: Survey, keys: list[Key], wish: _Wish) -> list[Key]:
    """Fold what is alike until a screen has room for it."""
    for step in (numbers, twins, weights):
        if _boxes(keys) > ROOM:
            keys = step(graph, keys)
    is_plain = wish.how in ("neurons", "layers") and not wish.opened and wish.depth is None
    if _boxes(keys) > (wish.limit if is_plain else min(wish.limit, ROOM)):
        keys = loose(graph, keys)
    room = min(wish.limit, ROOM) if wish.is_free else wish.limit
    return bands(graph, keys, room) if _boxes(keys) > room else keys


def _boxes(keys: list[Key]) -> int:
    return len(set(keys) - {LEFT_OUT})


def _numbered(graph: Survey, keys: list[Key], titles: dict[Key, str]) -> Folding:
    """Give the boxes numbers in the order of their first node."""
    number: dict[Key, int] = {}
    folding = Folding([])
    for i, key in enumerate(keys):
        if key and key not in number:
            number[key] = len(number)
            folding.titles.append(titles.get(key))
            folding.frames.append(_place(graph, i, key))
    folding.box_of = [number.get(key, -1) for key in keys]
    return folding


def _place(graph: Survey, i: int, key: Key) -> Path:
    """Return the frame that a box stands in."""
    kind = key[0]
    if kind in ("node", "twins"):
        return graph.frames[i]
    path: Path = key[1] if kind in ("frame", "aside", "weights") else ()
    return path[:-1] if kind == "frame" else path


def _note(graph: Survey, folding: Folding, how: str, part: Part | None) -> str:
    """Say what is drawn and what was folded."""
    size, boxes = len(graph.nodes), len(folding.titles)
    folded = f"folded into {boxes:,} box{'es' if boxes != 1 else ''}" if how != "none" else ""
    if part:
        said = f"{part.size:,} of {size:,} nodes: {part.words}"
        return f"{said}; {folded}" if folded else said
    return f"{size:,} nodes {folded}" if folded else ""
