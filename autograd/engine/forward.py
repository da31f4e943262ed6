"""Forward mode: tangents, sent from inputs to results in one walk over the recorded graph."""

from collections.abc import Mapping, Sequence
from typing import Any

from autograd.context import anomaly_detector
from autograd.engine.reverse import (
    Derivatives,
    Pullback,
    floats,
    is_symbolic_zero,
    number,
    scaled,
)
from autograd.graph import Node


def jvp(
    order: Sequence[Node],
    tangents: Mapping[Any, Any],
    results: Sequence[Any],
    derivatives: Derivatives,
) -> list[Any]:
    """Return the tangents of results, from those of inputs.

    ``order`` has what depends on these inputs, operands first. Raises TypeError at a node that
    forward mode cannot pass.
    """
    known = dict(tangents)
    if why := why_no_jvp(order, graphs=derivatives is not floats):
        raise TypeError(why)
    if (detector := anomaly_detector()) is not None:
        moving = [node for node, t in known.items() if not is_symbolic_zero(t)]
        check = detector.tangents(order, results, moving)
    elif derivatives is floats:
        _float_pass(order, known)
        return [known.get(node, 0.0) for node in results]
    for node in order:
        if detector is not None:
            check(node, {x: number(known.get(x, 0.0)) for x in node._inputs})
        total: Any = 0.0
        for x, d in zip(node._inputs, derivatives.partials(node), strict=True):
            term = scaled(known.get(x, 0.0), d)
            if not is_symbolic_zero(term):
                total = total + term
        if not is_symbolic_zero(total):
            known[node] = total
    return [known.get(node, 0.0) for node in results]


def _float_pass(order: Sequence[Node], known: dict[Any, float]) -> None:
    """Do what `jvp` does where all are floats."""
    find = known.get
    for node in order:
        total = 0.0
        for x, d in zip(node._inputs, node._partials, strict=True):
            t = find(x)
            if t and d:
                total += t * d
        if total:
            known[node] = total


def why_no_jvp(order: Sequence[Node], *, graphs: bool) -> str:
    """Say why forward mode cannot go along a graph; an empty text where it can."""
    if Pullback.exist:
        for node in order:
            pullback: Pullback | None = node._pullback
            if pullback is not None and (why := pullback.why_no_jvp(node, graphs=graphs)):
                return why
    return ""
