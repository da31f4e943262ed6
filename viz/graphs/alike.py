"""Fold what is alike: nodes that repeat in a frame, operations of one kind and depth, leaves.

Each function takes a key for each node, equal for the nodes of one box, and returns such a list.
"""

from collections.abc import Sequence
from typing import Any

from viz.graphs.survey import Survey

LEAVES = ("input", "parameter")
Key = tuple[Any, ...]  # what the nodes of one box have in common; its first part says in which way
LEFT_OUT: Key = ()
_LOOSE_LEAVES = 20  # leaves outside all frames that are still drawn one by one
_BANDS = 12


def numbers(graph: Survey, keys: list[Key]) -> list[Key]:
    """Fold the constants that go into frames from outside, as the samples of a batch do."""
    user = _first_users(graph, keys)
    return [
        ("numbers", keys[user[i]])
        if graph.roles[i] == "constant" and _is_alone(key) and graph.frames[user.get(i, i)]
        else key
        for i, key in enumerate(keys)
    ]


def twins(graph: Survey, keys: list[Key]) -> list[Key]:
    """Fold what an open frame does again and again: one operation at one place in it."""
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


def weights(graph: Survey, keys: list[Key]) -> list[Key]:
    """Fold the parameters of each open frame."""
    return [
        ("weights", graph.frames[i])
        if _is_alone(key) and graph.frames[i] and graph.roles[i] == "parameter"
        else key
        for i, key in enumerate(keys)
    ]


def loose(graph: Survey, keys: list[Key]) -> list[Key]:
    """Fold what stands in no frame by operation and depth; leave its constants out."""
    depth = _depths(graph)
    alike = list(keys)
    for i, role in enumerate(graph.roles):
        if _is_alone(keys[i]) and role == "operation" and not graph.frames[i]:
            alike[i] = ("alike", graph.nodes[i].op, depth[i])
    return _runs(graph, _leaves(graph, alike))


def bands(graph: Survey, keys: list[Key], room: int) -> list[Key]:
    """Fold everything in bands of depth, whatever it is."""
    depth = _depths(graph)
    width = -(-(max(depth) + 1) // max(1, min(_BANDS, room - 1)))
    return _leaves(
        graph, [("band", depth[i] // width) if key else key for i, key in enumerate(keys)]
    )


def _is_alone(key: Key) -> bool:
    return key[:1] == ("node",)


def _first_users(graph: Survey, keys: Sequence[Key]) -> dict[int, int]:
    """Return for each node the first that uses it, among those that are drawn."""
    user: dict[int, int] = {}
    for i, sources in enumerate(graph.inputs):
        if keys[i]:
            for source in sources:
                user.setdefault(source, i)
    return user


def _depths(graph: Survey) -> list[int]:
    """Measure each node's longest way from a leaf."""
    depth = [0] * len(graph.nodes)
    for i, sources in enumerate(graph.inputs):
        if sources:
            depth[i] = 1 + max(depth[s] for s in sources)
    return depth


def _leaves(graph: Survey, keys: list[Key]) -> list[Key]:
    """Leave loose constants out; draw leaves and results alone, or together where they are many."""
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
        folds = key[:1] in (("alike",), ("twins",)) and key[:-1] == user[:-1]
        end[key] = end[user] if folds else key
    return [end[key] for key in keys]
