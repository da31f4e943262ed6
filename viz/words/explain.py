"""Explain a derivative: the chain rule written out, in symbols and in numbers."""

from collections.abc import Iterable, Mapping

from autograd import Value
from autograd.errors import shown
from viz.basics.arguments import checked_count, checked_result
from viz.basics.labels import shorten
from viz.basics.numbers import Formatter, formatter
from viz.formulas.symbolic import Rules
from viz.graphs.called import called, visible
from viz.graphs.passes import Flow, dependents, flows
from viz.graphs.survey import Survey, survey
from viz.words.explanation import Explanation

TAKES = "explain takes derivatives with respect to"


def explain(
    J: Value,
    wrt: Value | Iterable[Value],
    names: Mapping[str, object] | None = None,
    *,
    model: object = None,
    digits: int = 4,
    format: str | Formatter | None = None,
    limit: int | None = 40,
) -> Explanation:
    """Write out how the chain rule gives the derivative of a result with respect to a node.

    First what is computed on the way, then an equation for each node from the result back: signs,
    symbols, numbers, sum. A node that several others use has a term for each; its derivative is
    found once, before it is used. So the text grows with the graph, not with the number of paths.
    Numbers are computed afresh: whether `backward` was called makes no difference.

    Parameters
    ----------
    J
        The result.
    wrt
        A node that it depends on, or several.
    names, model, digits, format
        As for `viz.draw`. Nodes without a name are called v₁, v₂, ..., inputs x₁, x₂, ...
    limit
        Number of equations that are written: the first and the last of more. None for all.

    Raises
    ------
    TypeError, ValueError
        If an argument is not one of those above, or the result a constant.

    Examples
    --------
    >>> a, b, c = Value(1.0, "a"), Value(4.0, "b"), Value(2.0, "c")
    >>> u = b * c
    >>> explain(3 * (a + u), b, names={"u": u})
    dJ/db = 6 at a = 1, b = 4, c = 2
    <BLANKLINE>
    u = b * c = 8
    v₁ = a + u = 9
    J = 3 * v₁ = 27
    <BLANKLINE>
    dJ/dv₁ = 3
    dJ/du = dJ/dv₁ * dv₁/du = 3 * 1 = 3
    dJ/db = dJ/du * du/db = 3 * c = 3 * 2 = 6
    """
    checked_result(J, "explain")
    targets = _targets(wrt)
    checked_count("limit", limit, 2, "all")
    write = formatter(digits, format)
    graph = survey([J], names, model)
    position = {node: i for i, node in enumerate(graph.nodes)}
    places = tuple([-1 if x.is_constant else position.get(x, -1) for x in targets])
    steps = _steps(graph, [i for i in places if i >= 0])
    outside = {
        k: shorten(visible(survey([x], names, model).names[-1]))
        for k, (x, i) in enumerate(zip(targets, places, strict=True))
        if i < 0
    }
    return Explanation(
        Rules(graph, called(graph, write), write), targets, places, steps, outside, limit
    )


def _targets(wrt: object) -> tuple[Value, ...]:
    targets = (wrt,) if isinstance(wrt, Value) else wrt
    if isinstance(targets, (str, bytes, Mapping)) or not isinstance(targets, Iterable):
        raise TypeError(f"{TAKES} a Value or several, not {shown(wrt)}")
    found = tuple(targets)
    for x in found:
        if not isinstance(x, Value):
            raise TypeError(f"{TAKES} Values; the list has {shown(x)}")
    if not found:
        raise ValueError(f"{TAKES} a Value or several; the list is empty")
    return found


def _steps(graph: Survey, targets: list[int]) -> tuple[tuple[Flow, ...], ...]:
    """Collect what flows to each node between the result and the targets, in order."""
    wanted = dependents(graph, targets)
    terms: dict[int, list[Flow]] = {}
    for flow in flows(graph):
        if wanted[flow.to]:
            terms.setdefault(flow.to, []).append(flow)
    return tuple([tuple(terms[i]) for i in sorted(terms, reverse=True)])
