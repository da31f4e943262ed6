"""Tell both passes step by step: what is computed, from what, and in which words."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from viz import expression as e
from viz import inline
from viz.called import called, superscript
from viz.equations import Equation, definition
from viz.expression import Expression
from viz.passes import Flow, flows
from viz.style import Formatter
from viz.survey import Survey
from viz.symbolic import Rules


@dataclass(frozen=True, slots=True)
class Step:
    """One step: the node whose number is found, the edges that it comes along, and the words.

    ``kind`` is ``value``, ``seed`` or ``gradient``; ``edges`` are pairs of positions, from the
    operand to the result; ``number`` is what the node shows after the step.
    """

    kind: str
    node: int
    edges: tuple[tuple[int, int], ...]
    number: str
    words: str


def steps(graph: Survey, write: Formatter) -> Iterator[Step]:
    """Yield the steps of the forward pass, then those of the backward pass.

    >>> from autograd import Value
    >>> from viz.style import formatter
    >>> from viz.survey import survey
    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> for step in steps(survey([a * b]), formatter(4, None)):
    ...     print(step.kind, step.words)
    value J = a * b = 2 * (−3) = −6
    seed dJ/dJ = 1: the result changes as much as itself.
    gradient dJ/da = dJ/dJ * dJ/da = 1 * (−3) = −3
    gradient dJ/db = dJ/dJ * dJ/db = 1 * 2 = 2
    """
    rules = Rules(graph, called(graph, write), write)
    for i, sources in enumerate(graph.inputs):
        if sources:
            edges = tuple((s, i) for s in dict.fromkeys(sources))
            yield Step("value", i, edges, write(graph.nodes[i].data), _computed(rules, i))
    root, name = len(graph.nodes) - 1, rules.names[-1]
    sign = inline.text(e.derivative(name, name), write)
    yield Step("seed", root, (), write(1.0), f"{sign} = 1: the result changes as much as itself.")
    met: set[int] = set()
    for flow in flows(graph):
        words = _flowed(rules, flow, is_first=flow.to not in met)
        met.add(flow.to)
        yield Step("gradient", flow.to, ((flow.to, flow.node),), write(flow.total), words)


def _computed(rules: Rules, i: int) -> str:
    """Write a node's formula with names, with numbers, and its value."""
    formula = definition(rules, i)
    sides = (formula.sides[0], _filled(formula.sides[0]), formula.sides[-1])
    return Equation(formula.left, sides).line(rules.write)


def _filled(x: Expression) -> Expression:
    """Put numbers in the place of names."""
    if x.kind == "name":
        return e.number(x.value)
    if x.parts and x.kind != "derivative":
        return replace(x, parts=tuple([_filled(part) for part in x.parts]))
    return x


def _flowed(rules: Rules, flow: Flow, *, is_first: bool) -> str:
    """Write what flows along one edge as a product, and the sum where paths meet."""
    write, names = rules.write, rules.names
    places = [p for p, s in enumerate(rules.graph.inputs[flow.node]) if s == flow.to]
    mark = superscript([str(places.index(flow.place) + 1)]) if len(places) > 1 else ""
    partial = rules.uses[flow.to] > 1
    target = e.derivative(names[-1], names[flow.to])
    incoming = e.derivative(names[-1], names[flow.node])
    local = e.derivative(names[flow.node], names[flow.to], partial=partial, index=mark)
    signs = Expression("product", (incoming, local))
    numbers = Expression("product", (e.number(flow.incoming), e.number(flow.local)))
    product = e.number(flow.product)
    if not partial:
        return Equation(target, (signs, numbers, product)).line(write)
    part = Equation(signs, (numbers, product)).line(write)
    total = inline.text(target, write)
    verb = "starts with" if is_first else "is now"
    return f"{part}; {total} {verb} {write(flow.total)}"
