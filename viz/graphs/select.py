"""Keep a part of a graph: what lies around a node, or on the paths between two."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograd import Value
from autograd.errors import shown
from viz.basics.labels import shorten
from viz.graphs.passes import dependents
from viz.graphs.survey import Survey


@dataclass(frozen=True, slots=True)
class Part:
    """Hold which nodes of a graph are kept, and say in words which these are."""

    kept: tuple[bool, ...]
    words: str

    @property
    def size(self) -> int:
        """The number of nodes that are kept."""
        return sum(self.kept)


def around(graph: Survey, centres: object, hops: int) -> Part:
    """Keep the nodes that are at most so many edges from a node, or from several.

    Raises
    ------
    TypeError, ValueError
        If a centre is no Value or not in the graph, or ``hops`` no whole number of at least 0.
    """
    if isinstance(hops, bool) or not isinstance(hops, int) or hops < 0:
        raise ValueError(f"hops must be an int of at least 0, not {shown(hops)}")
    middles = [_position(graph, "around", node) for node in _values("around", centres)]
    users = _users(graph)
    kept = [False] * len(graph.nodes)
    near = dict.fromkeys(middles)
    for _ in range(hops + 1):
        for i in near:
            kept[i] = True
        near = dict.fromkeys(k for i in near for k in (*graph.inputs[i], *users[i]) if not kept[k])
    what = ", ".join(_called(graph, i) for i in middles[:3]) + (", …" if len(middles) > 3 else "")
    return Part(tuple(kept), f"at most {hops} edge{'s' if hops != 1 else ''} from {what}")


def between(graph: Survey, ends: object) -> Part:
    """Keep the nodes on the paths between two, whichever of them depends on the other.

    Raises
    ------
    TypeError, ValueError
        If there are not two Values, one is not in the graph, or none depends on the other.
    """
    two = _values("path", ends)
    if len(two) != 2:
        raise ValueError(f"path must be two Values, such as (x, J), not {len(two)}")
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
    return Part(tuple(kept), f"on the paths from {_called(graph, first)} to {_called(graph, last)}")


def _users(graph: Survey) -> list[list[int]]:
    users: list[list[int]] = [[] for _ in graph.nodes]
    for i, sources in enumerate(graph.inputs):
        for source in dict.fromkeys(sources):
            users[source].append(i)
    return users


def _values(argument: str, things: object) -> Sequence[Value]:
    listed = (things,) if isinstance(things, Value) else things
    if isinstance(listed, (str, bytes)) or not isinstance(listed, Iterable):
        raise TypeError(f"{argument} must be a Value or several, not {shown(things)}")
    found = tuple(listed)
    for thing in found:
        if not isinstance(thing, Value):
            raise TypeError(f"{argument} must be Values of the graph, not {shown(thing)}")
    if not found:
        raise ValueError(f"{argument} must be a Value or several, and this list is empty")
    return found


def _position(graph: Survey, argument: str, node: Value) -> int:
    for i, other in enumerate(graph.nodes):
        if other is node:
            return i
    raise ValueError(f"{argument}: {node!r} is not in the graph that is drawn")


def _called(graph: Survey, i: int) -> str:
    """Name a node for a note or a message."""
    return shorten(graph.names[i]) or f"the {graph.nodes[i].op} node"
