"""Count what a folded box holds: its parts, and how often it does the same."""

import math
from collections import Counter
from collections.abc import Sequence

from viz.graphs.survey import Survey, shared


def parts(graph: Survey, members: Sequence[int]) -> tuple[str, int]:
    """Return what the frames within a box are, and how many: neurons, 16."""
    paths = {graph.frames[i] for i in members}
    depth = len(shared(tuple(paths)))
    inner = {path[: depth + 1] for path in paths if len(path) > depth}
    words = {path[-1].split(" ")[0] for path in inner}
    return (f"{words.pop()}s" if len(words) == 1 else "parts"), len(inner)


def repeats(graph: Survey, members: Sequence[int]) -> int:
    """Return how often a box does the same, as for the samples of a batch; 1 if it does not.

    >>> from autograd import Value
    >>> from viz.graphs.survey import survey
    >>> w = Value(0.5, "layers.0.w")
    >>> graph = survey([(w * 1.0).tanh(), (w * 2.0).tanh()])
    >>> repeats(graph, [i for i, node in enumerate(graph.nodes) if graph.frames[i]])
    2
    """
    times = Counter(
        (graph.frames[i], graph.nodes[i].op, _parameters(graph, i))
        for i in members
        if graph.frames[i] and graph.inputs[i]
    )
    return max(1, math.gcd(*times.values()))


def _parameters(graph: Survey, i: int) -> tuple[int, ...]:
    """Return what of a node's inputs is the same for all samples."""
    return tuple([s for s in graph.inputs[i] if graph.roles[s] == "parameter"])


def mean(numbers: Sequence[float]) -> float:
    """Return the mean of finite numbers; their sum may overflow, their mean cannot."""
    try:
        return math.fsum(numbers) / len(numbers)
    except OverflowError:
        return math.fsum(x / len(numbers) for x in numbers)


def spread(what: str, numbers: Sequence[float]) -> str:
    r"""Write a tooltip's line about several numbers; nothing about fewer, or those not finite.

    >>> spread("value", [1.0, 2.0, 6.0])
    '\nvalue 1.0 … 6.0, mean 3.0'
    """
    if len(numbers) < 2 or not all(map(math.isfinite, numbers)):
        return ""
    return f"\n{what} {min(numbers)!r} … {max(numbers)!r}, mean {mean(numbers)!r}"
