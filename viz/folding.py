"""Folding: which nodes of a graph are drawn, and which share a box.

A large graph is unreadable node by node, so a layer, a neuron, or a run of similar operations
becomes one box. Every node gets a key; nodes with equal keys share a box, and an empty key omits a
node. The keys are computed in steps, each linear in the size of the graph, so that a chain of a
million nodes is folded in seconds:

1. A selection restricts the nodes to draw: those around a node, or on the paths between two.
2. The nodes of a closed frame share a key (`OpenFrames` has the open frames).
3. While there are still too many boxes, the merge rules give one key to similar nodes.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd import Value
from autograd._checks import check_type, error_text, whole_number
from viz._arguments import check_values
from viz.backward_trace import dependents
from viz.formatting import shorten
from viz.graph_model import FramePath, GraphModel, plural_kind, split

_DOTTED = re.compile(r"\w+(\.\w+)*")
_LISTED = 6  # titles in an error's text


@dataclass(frozen=True, slots=True)
class OpenFrames:
    """The frames that are open.

    Everything in an ``asked`` frame is shown part by part. The others are open only because
    something within them is; all else in them is one box.
    """

    open: frozenset[FramePath] = frozenset()
    asked: frozenset[FramePath] = frozenset()

    def box(self, path: FramePath) -> FramePath:
        """Return the outermost closed frame around a path; empty if all are open.

        >>> OpenFrames(open=frozenset([("layer 0",)])).box(("layer 0", "neuron 3"))
        ('layer 0', 'neuron 3')
        """
        for end in range(1, len(path) + 1):
            if path[:end] not in self.open:
                return path[:end]
        return ()

    def is_aside(self, box: FramePath) -> bool:
        """Return whether a box is in a frame that is open only because of others within it."""
        return len(box) > 1 and box[:-1] not in self.asked


def frames_of(graph: GraphModel) -> set[FramePath]:
    """Return all frames of a graph, the outer ones too."""
    return {path[:end] for path in set(graph.frames) for end in range(1, len(path) + 1)}


def layer(path: FramePath) -> FramePath:
    """Return the outer frame that counts as a layer: down to the first that is numbered.

    >>> layer(split("net.layers.0.neurons.3.w")[0])
    ('net', 'layer 0')
    """
    for end, frame in enumerate(path, 1):
        if frame.is_numbered:
            return path[:end]
    return path


def opening(
    graph: GraphModel, how: str, depth: int | None, named: Iterable[FramePath]
) -> OpenFrames:
    """Return the frames that a way of folding leaves open, and those that are named.

    ``depth`` counts the levels that are open; without it ``neurons`` closes the innermost frames,
    ``layers`` the layers, and ``none`` no frame.
    """
    known = frames_of(graph)
    if depth is not None:
        asked = {path for path in known if len(path) <= depth}
    elif how == "layers":
        asked = {path for path in known if len(path) < len(layer(path))}
        asked |= {layer(path)[:end] for path in known for end in range(1, len(layer(path)))}
    else:
        asked = {path[:-1] for path in known if len(path) > 1} if how == "neurons" else known
    wanted = set(named)
    around = {path[:end] for path in wanted for end in range(1, len(path))}
    return OpenFrames(frozenset(asked | wanted | around), frozenset(asked | wanted))


_FRAMES = "names of frames such as 'layers.0', and Values"


def named_frames(graph: GraphModel, request: object) -> list[FramePath]:
    """Return the frames that the argument ``open`` names.

    A name is a dotted one (``layers.0``, ``layers.0.neurons.3``, or its end, ``neurons.3``), or the
    titles in the picture (``layer 0``, ``layer 0/neuron 3``); a `Value` names the frame it is in.

    Raises
    ------
    TypeError, ValueError
        If a name is no text or Value, or names no frame of the graph.
    """
    requests = (request,) if isinstance(request, (str, Value)) else request
    check_type("open", requests, Iterable, _FRAMES)
    assert isinstance(requests, Iterable)
    known = sorted(frames_of(graph))
    return [path for one in requests for path in _named(graph, known, one)]


def _named(graph: GraphModel, known: list[FramePath], request: object) -> list[FramePath]:
    if isinstance(request, Value):
        path = next(
            (f for n, f in zip(graph.nodes, graph.frames, strict=True) if n is request), None
        )
        if path is None:
            raise ValueError(f"open: {request!r} is not in the graph")
        return [path] if path else []
    check_type("open", request, str, _FRAMES)
    assert isinstance(request, str)
    titles = split(f"{request}.x")[0] if _DOTTED.fullmatch(request) else ()
    ends = {titles, tuple(part.strip() for part in request.split("/"))} - {()}
    paths = [path for path in known if any(path[-len(end) :] == end for end in ends)]
    if not paths:
        raise ValueError(error_text("open", request, _listed(known)))
    return paths


def _listed(known: list[FramePath]) -> str:
    """List frames by their titles, the outer ones first."""
    if not known:
        return "none; frames come from parameters' names such as 'layers.0.w'"
    titles = ["/".join(path) for path in sorted(known, key=len)]
    more = f" and {len(titles) - _LISTED:,} more" if len(titles) > _LISTED else ""
    return f"{', '.join(map(repr, titles[:_LISTED]))}{more}"


LEAVES = ("input", "parameter")
Key = tuple[Any, ...]  # what the nodes of one box have in common; its first part says in which way
LEFT_OUT: Key = ()
_LOOSE_LEAVES = 20  # leaves outside all frames that are still drawn one by one
_BANDS = 12


def merge_constants(graph: GraphModel, keys: list[Key]) -> list[Key]:
    """Merge the constants that enter frames from outside, as the samples of a batch do."""
    user = _first_users(graph, keys)
    return [
        ("numbers", keys[user[i]])
        if graph.roles[i] == "constant" and _is_alone(key) and graph.frames[user.get(i, i)]
        else key
        for i, key in enumerate(keys)
    ]


def merge_repeats(graph: GraphModel, keys: list[Key]) -> list[Key]:
    """Merge repeated operations of an open frame: the same operation at the same depth."""
    inner = [0] * len(keys)
    for i, sources in enumerate(graph.inputs):
        own = [inner[s] for s in sources if graph.frames[s] == graph.frames[i] and graph.inputs[s]]
        inner[i] = 1 + max(own, default=0)
    alike = [
        ("twins", graph.nodes[i].op, graph.frames[i], inner[i])
        if _is_alone(key) and graph.frames[i] and graph.roles[i] == "operation"
        else key
        for i, key in enumerate(keys)
    ]
    return _runs(graph, alike)


def merge_parameters(graph: GraphModel, keys: list[Key]) -> list[Key]:
    """Merge the parameters of each open frame."""
    return [
        ("weights", graph.frames[i])
        if _is_alone(key) and graph.frames[i] and graph.roles[i] == "parameter"
        else key
        for i, key in enumerate(keys)
    ]


def merge_frameless(graph: GraphModel, keys: list[Key]) -> list[Key]:
    """Merge the nodes outside frames by operation and depth; leave their constants out."""
    depth = _depths(graph)
    alike = list(keys)
    for i, role in enumerate(graph.roles):
        if _is_alone(keys[i]) and role == "operation" and not graph.frames[i]:
            alike[i] = ("alike", graph.nodes[i].op, depth[i])
    return _runs(graph, _leaves(graph, alike))


def merge_bands(graph: GraphModel, keys: list[Key], room: int) -> list[Key]:
    """Merge everything in bands of depth, whatever it is."""
    depth = _depths(graph)
    width = -(-(max(depth) + 1) // max(1, min(_BANDS, room - 1)))
    return _leaves(
        graph, [("band", depth[i] // width) if key else key for i, key in enumerate(keys)]
    )


def _is_alone(key: Key) -> bool:
    return key[:1] == ("node",)


def _first_users(graph: GraphModel, keys: Sequence[Key]) -> dict[int, int]:
    """Return for each node the first that uses it, among those that are drawn."""
    user: dict[int, int] = {}
    for i, sources in enumerate(graph.inputs):
        if keys[i]:
            for source in sources:
                user.setdefault(source, i)
    return user


def _depths(graph: GraphModel) -> list[int]:
    """Return the length of the longest path from a leaf to each node."""
    depth = [0] * len(graph.nodes)
    for i, sources in enumerate(graph.inputs):
        if sources:
            depth[i] = 1 + max(depth[s] for s in sources)
    return depth


def _leaves(graph: GraphModel, keys: list[Key]) -> list[Key]:
    """Leave loose constants out; give leaves and results a box each, or one for many."""
    keys = list(keys)
    user = _first_users(graph, keys)
    free = [i for i, key in enumerate(keys) if key[:1] in (("node",), ("alike",), ("band",))]
    leaves = [i for i in free if graph.roles[i] in LEAVES]
    results = [i for i in free if graph.roles[i] == "result"]
    for i in leaves:
        many = len(leaves) > _LOOSE_LEAVES and i in user
        keys[i] = ("leaves", graph.roles[i], keys[user[i]]) if many else ("node", i)
    for i in results:
        keys[i] = ("node", i) if len(results) <= _LOOSE_LEAVES else ("results",)
    constants = {i for i in free if graph.roles[i] in ("constant", "setting")}
    return [LEFT_OUT if i in constants else key for i, key in enumerate(keys)]


def _runs(graph: GraphModel, keys: list[Key]) -> list[Key]:
    """Merge a box with its only user where both do the same operation.

    The only user cannot be reached along another path, so merging never makes a cycle.
    """
    onward: dict[Key, Key] = {}  # the only user, LEFT_OUT where there are several
    for i, sources in enumerate(graph.inputs):
        for source in sources:
            if keys[source] != keys[i] and onward.setdefault(keys[source], keys[i]) != keys[i]:
                onward[keys[source]] = LEFT_OUT
    end: dict[Key, Key] = {}
    for key in dict.fromkeys(reversed(keys)):  # users before what they use
        user = onward.get(key, LEFT_OUT)
        folds = key[:1] in (("alike",), ("twins",)) and key[:-1] == user[:-1]
        end[key] = end[user] if folds else key
    return [end[key] for key in keys]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which nodes of a graph are kept, and a description of them."""

    kept: tuple[bool, ...]
    words: str

    @property
    def size(self) -> int:
        """The number of nodes that are kept."""
        return sum(self.kept)


def select_around(graph: GraphModel, centres: object, hops: int) -> Selection:
    """Select the nodes that are at most ``hops`` edges from a node, or from several.

    Raises
    ------
    TypeError, ValueError
        If a centre is not a Value of the graph, or ``hops`` not a non-negative integer.
    """
    hops = whole_number("hops", hops, 0)
    middles = [_position(graph, "around", node) for node in check_values("around", centres)]
    users = _users(graph)
    kept = [False] * len(graph.nodes)
    near = dict.fromkeys(middles)
    for _ in range(hops + 1):
        for i in near:
            kept[i] = True
        near = dict.fromkeys(k for i in near for k in (*graph.inputs[i], *users[i]) if not kept[k])
    what = ", ".join(_called(graph, i) for i in middles[:3]) + (", …" if len(middles) > 3 else "")
    return Selection(tuple(kept), f"at most {hops} edge{'s' if hops != 1 else ''} from {what}")


def select_between(graph: GraphModel, ends: object) -> Selection:
    """Select the nodes on the paths between two nodes, whichever depends on the other.

    Raises
    ------
    TypeError, ValueError
        If there are not two Values, one is not in the graph, or none depends on the other.
    """
    two = check_values("path", ends)
    if len(two) != 2:
        raise ValueError(error_text("path", ends, "two Values, such as (x, J)"))
    first, last = sorted(_position(graph, "path", node) for node in two)
    after = dependents(graph, [first])
    if not after[last]:
        names = _called(graph, first), _called(graph, last)
        raise ValueError(f"path: none of {names[0]} and {names[1]} depends on the other")
    kept = [False] * len(graph.nodes)
    kept[last] = True
    for i in range(last, first, -1):
        if kept[i]:
            for source in graph.inputs[i]:
                kept[source] = after[source]
    return Selection(
        tuple(kept), f"on the paths from {_called(graph, first)} to {_called(graph, last)}"
    )


def _users(graph: GraphModel) -> list[list[int]]:
    users: list[list[int]] = [[] for _ in graph.nodes]
    for i, sources in enumerate(graph.inputs):
        for source in dict.fromkeys(sources):
            users[source].append(i)
    return users


def _position(graph: GraphModel, argument: str, node: Value) -> int:
    for i, other in enumerate(graph.nodes):
        if other is node:
            return i
    raise ValueError(f"{argument}: {node!r} is not in the graph that is drawn")


def _called(graph: GraphModel, i: int) -> str:
    """Return the name of a node, for a note or a message."""
    return shorten(graph.names[i]) or f"the {graph.nodes[i].op} node"


FOLDS = ("auto", "none", "neurons", "layers")
MAX_BOXES = 5000  # boxes: Graphviz takes 5 s for 4,200 and more than 180 s for 6,200
AUTO_BOXES = 60  # boxes of a picture that is folded automatically: about what fits on a screen


@dataclass(slots=True)
class Folding:
    """The box of each node; boxes are numbered in the order of their first node.

    ``box_of`` is -1 for nodes that are left out. ``titles`` has a title for each box that stands
    for a frame, None for the others; ``frames`` has the frame around each box; ``note`` says what
    was folded, and is empty where nothing was.
    """

    box_of: list[int]
    titles: list[str | None] = field(default_factory=list)
    frames: list[FramePath] = field(default_factory=list)
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Request:
    """The arguments of `fold`."""

    how: str
    limit: int
    opened: Sequence[FramePath]
    depth: int | None
    selection: Selection | None

    @property
    def is_free(self) -> bool:
        """Whether folding is left to `fold`."""
        return self.how == "auto" and not self.opened and self.depth is None


def fold(
    graph: GraphModel,
    how: str,
    limit: int,
    *,
    constants: bool = True,
    opened: Sequence[FramePath] = (),
    depth: int | None = None,
    selection: Selection | None = None,
) -> Folding:
    """Choose the boxes of a picture.

    ``none`` draws every node, ``neurons`` folds the innermost frames, ``layers`` the outer ones;
    ``auto`` draws every node up to ``limit``, and folds layers above. Instead, ``depth`` and
    ``opened`` say which frames are open. ``selection`` says which nodes are drawn at all.

    Where that leaves too many boxes, what an open frame does again and again is folded by
    operation, and what stands in no frame by operation and depth.
    """
    request = _Request(how, limit, opened, depth, selection)
    left_out = ("setting",) if constants else ("setting", "constant")
    drawn = [role not in left_out for role in graph.roles]
    if selection:
        drawn = [a and b for a, b in zip(drawn, selection.kept, strict=True)]
    if request.is_free and sum(drawn) <= limit:
        how = "none"
    if how == "none":
        _refuse(sum(drawn), how)
        keys: list[Key] = [("node", i) for i in range(len(drawn))]
        titles: dict[Key, str] = {}
    else:
        keys, titles = _by_frame(graph, _opening(graph, request))
        keys = _fitted(graph, _without(keys, drawn), request)
    folding = _numbered(graph, _without(keys, drawn), titles)
    _refuse(len(folding.titles), how)
    folding.note = _note(graph, folding, how, selection)
    return folding


def _opening(graph: GraphModel, request: _Request) -> OpenFrames:
    closes = {"auto": "none" if request.selection else "layers"}
    return opening(graph, closes.get(request.how, request.how), request.depth, request.opened)


def _without(keys: list[Key], drawn: list[bool]) -> list[Key]:
    return [key if is_drawn else LEFT_OUT for key, is_drawn in zip(keys, drawn, strict=True)]


def _refuse(boxes: int, how: str) -> None:
    if boxes > MAX_BOXES:
        raise ValueError(
            f"fold={how!r} would draw {boxes:,} boxes, and at most {MAX_BOXES:,} can be laid out; "
            "use fold='auto' or fold='layers', or draw a part: around=, path="
        )


def _by_frame(graph: GraphModel, opening: OpenFrames) -> tuple[list[Key], dict[Key, str]]:
    """Give one key to all nodes of a closed frame, and a key of its own to each other node.

    Frames beside an open one that was not asked for share a key. Return titles by key, too.
    """
    boxes = {path: opening.box(path) for path in set(graph.frames)}
    aside: dict[FramePath, set[FramePath]] = {}
    for box in boxes.values():
        if opening.is_aside(box):
            aside.setdefault(box[:-1], set()).add(box)
    keys: dict[FramePath, Key] = {}
    titles: dict[Key, str] = {}
    for path, box in boxes.items():
        beside = aside.get(box[:-1], set()) if opening.is_aside(box) else set()
        key: Key = ("aside", box[:-1]) if len(beside) > 1 else ("frame", box)
        if box:
            keys[path] = key
            titles[key] = (
                f"{len(beside)} other {plural_kind(beside)}" if len(beside) > 1 else box[-1]
            )
    return [keys.get(path, ("node", i)) for i, path in enumerate(graph.frames)], titles


def _fitted(graph: GraphModel, keys: list[Key], request: _Request) -> list[Key]:
    """Apply the merge rules until the boxes fit on a screen."""
    for step in (merge_constants, merge_repeats, merge_parameters):
        if _boxes(keys) > AUTO_BOXES:
            keys = step(graph, keys)
    is_plain = request.how in ("neurons", "layers") and not request.opened and request.depth is None
    if _boxes(keys) > (request.limit if is_plain else min(request.limit, AUTO_BOXES)):
        keys = merge_frameless(graph, keys)
    room = min(request.limit, AUTO_BOXES) if request.is_free else request.limit
    return merge_bands(graph, keys, room) if _boxes(keys) > room else keys


def _boxes(keys: list[Key]) -> int:
    return len(set(keys) - {LEFT_OUT})


def _numbered(graph: GraphModel, keys: list[Key], titles: dict[Key, str]) -> Folding:
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


def _place(graph: GraphModel, i: int, key: Key) -> FramePath:
    """Return the frame around a box."""
    kind = key[0]
    if kind in ("node", "twins"):
        return graph.frames[i]
    path: FramePath = key[1] if kind in ("frame", "aside", "weights") else ()
    return path[:-1] if kind == "frame" else path


def _note(graph: GraphModel, folding: Folding, how: str, selection: Selection | None) -> str:
    """Describe what is drawn and what was folded."""
    size, boxes = len(graph.nodes), len(folding.titles)
    folded = f"folded into {boxes:,} box{'es' if boxes != 1 else ''}" if how != "none" else ""
    if selection:
        said = f"{selection.size:,} of {size:,} nodes: {selection.words}"
        return f"{said}; {folded}" if folded else said
    return f"{size:,} nodes {folded}" if folded else ""
