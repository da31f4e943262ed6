"""Tell both passes step by step: what is computed, from what, and in which words."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from autograd.expressions.dialects import TextPrinter
from autograd.expressions.tree import Derivative, Operation
from viz.formulas.equations import definition, local_sign
from viz.formulas.symbolic import Rules
from viz.graphs.passes import Flow, flows
from viz.words.slots import Sentence, slot, template, told, with_slots

Edge = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: the node whose number is found, the edges that it comes along, and the words.

    ``kind`` is ``value``, ``seed`` or ``gradient``; ``edges`` are positions of the operand and of
    the result, and the operand's place; ``number`` is what the node shows after the step.
    ``sentences`` are the words with slots: ``v4`` for node 4's value, ``incoming``, ``local``,
    ``product`` and ``total`` for what flows, which ``numbers`` has in this order.
    """

    kind: str
    node: int
    edges: tuple[Edge, ...]
    number: str
    words: str
    sentences: tuple[Sentence, ...]
    numbers: tuple[float, ...] = ()


def steps(rules: Rules) -> Iterator[Step]:
    """Yield the steps of the forward pass, then those of the backward pass.

    >>> from autograd import Value
    >>> from viz.graphs.called import called
    >>> from viz.basics.numbers import formatter
    >>> from viz.graphs.survey import survey
    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> graph, write = survey([a * b]), formatter(4, None)
    >>> for step in steps(Rules(graph, called(graph, write), write)):
    ...     print(step.kind, step.words)
    value J = a * b = 2 * (−3) = −6
    seed dJ/dJ = 1: the result changes as much as itself.
    gradient dJ/da = dJ/dJ * dJ/da = 1 * (−3) = −3
    gradient dJ/db = dJ/dJ * dJ/db = 1 * 2 = 2
    """
    graph, write = rules.graph, rules.write
    value = [node.data for node in graph.nodes]
    keys = {rules.names[i]: f"v{i}" for i, node in enumerate(graph.nodes) if not node.is_constant}
    for i, sources in enumerate(graph.inputs):
        if sources:
            edges = tuple([(s, i, place) for place, s in enumerate(sources)])
            sentences: tuple[Sentence, ...] = (_computed(rules, i, keys),)
            words = told(sentences, lambda key: value[int(key[1:])], write)
            yield Step("value", i, edges, write(value[i]), words, sentences)
    root, name = len(graph.nodes) - 1, rules.names[-1]
    sign = TextPrinter(write).text(Derivative(name, name))
    words = f"{sign} = 1: the result changes as much as itself."
    yield Step("seed", root, (), write(1.0), words, (((words,),),))
    met: set[int] = set()
    for flow in flows(graph):
        sentences = _flowed(rules, flow, is_first=flow.to not in met)
        met.add(flow.to)
        words = told(sentences, partial(getattr, flow), write)
        edge = (flow.to, flow.node, flow.place)
        yield Step("gradient", flow.to, (edge,), write(flow.total), words, sentences, flow[3:])


def _computed(rules: Rules, i: int, keys: dict[str, str]) -> Sentence:
    """Write a node's formula with names, with numbers, and its value."""
    made = definition(rules, i)
    formula = made.sides[0]
    sides = (made.left, formula, with_slots(formula, keys), slot(f"v{i}"))
    return tuple([template(side, rules.write) for side in sides])


def _flowed(rules: Rules, flow: Flow, *, is_first: bool) -> tuple[Sentence, ...]:
    """Write what flows along one edge as a product, and the sum where paths meet."""
    names, write = rules.names, rules.write
    target = Derivative(names[-1], names[flow.to])
    incoming = Derivative(names[-1], names[flow.node])
    signs = Operation("mul", (incoming, local_sign(rules, flow.node, flow.place)))
    numbers = Operation("mul", (slot("incoming"), slot("local")))
    product = (signs, numbers, slot("product"))
    if rules.uses[flow.to] <= 1:
        return (tuple([template(side, write) for side in (target, *product)]),)
    verb = "starts with" if is_first else "is now"
    total = TextPrinter(write).text(target)
    sum_so_far = (f"{total} {verb} ", "total", "")
    return (tuple([template(side, write) for side in product]), (sum_so_far,))
