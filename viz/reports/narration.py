"""Narrate both passes step by step: what is computed, from what, and in which words.

The words are templates, written once in Python and filled in again by the page of `explore` when
its reader changes a number. A template is a tuple of texts with a slot between each two:
``("3 * ", "(v4", "")``. A slot is a mode and a key; the mode is how a negative number is written:
nothing (an empty mode), brackets around the number (``(``), or a sign of its own in a sum (``+``:
a + 3, a − 3). A sentence is the sides of an equation, and a step is a tuple of sentences.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from autograd.expressions import MINUS
from autograd.expressions.dialects import TextPrinter
from autograd.expressions.tree import Derivative, Expression, Number, Operation, Symbol, number
from viz.backward_trace import BackwardStep, backward_trace
from viz.formatting import Formatter
from viz.formulas.equations import definition, local_sign
from viz.formulas.symbolic import Rules

Template = tuple[str, ...]
Sentence = tuple[Template, ...]

# Noncharacters: no name has them, as `formatting.printable` replaces them.
_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
_MODES = {"(": "(", " + ": "+", "": ""}
# Brackets around a number are optional, those of a function's argument are not: exp(2).
_SLOT = re.compile(
    f"(?<![\\w′])(?P<bracket>\\(){_OPEN}(?P<inner>\\w+){_CLOSE}\\)"
    f"|(?P<sign> \\+ )?{_OPEN}(?P<key>\\w+){_CLOSE}"
)


def slot(key: str) -> Expression:
    """Return a number that is filled in later."""
    return Number(0.0, f"{_OPEN}{key}{_CLOSE}")


def substitute_slots(x: Expression, keys: dict[str, str]) -> Expression:
    """Replace names by slots; ``keys`` has the slot of each name."""
    if isinstance(x, Symbol):
        return slot(keys[x.name]) if x.name in keys else number(x.value)
    if isinstance(x, Operation):
        return replace(x, operands=tuple([substitute_slots(part, keys) for part in x.operands]))
    return x


def template(x: Expression | str, write: Formatter) -> Template:
    """Convert a formula to a template.

    >>> from viz.formatting import formatter
    >>> u, v = slot("v1"), Symbol("v")
    >>> template(Operation("mul", (v, u)), formatter(4, None))
    ('v * ', '(v1', '')
    >>> template(Operation("add", (v, u)), formatter(4, None))
    ('v', '+v1', '')
    """
    text = x if isinstance(x, str) else TextPrinter(write).text(x)
    parts, end = [], 0
    for match in _SLOT.finditer(text):
        mode = _MODES[match["bracket"] or match["sign"] or ""]
        parts += [text[end : match.start()], mode + (match["inner"] or match["key"])]
        end = match.end()
    return (*parts, text[end:])


def fill(one: Template, value: Callable[[str], float], write: Formatter) -> str:
    """Fill in the numbers of a template; ``value`` returns the number of a key.

    >>> from viz.formatting import formatter
    >>> fill(("v", "+v1", ""), lambda key: -2.0, formatter(4, None))
    'v − 2'
    """
    parts = list(one)
    for k in range(1, len(parts), 2):
        mode, key = _taken_apart(parts[k])
        parts[k] = _MODE_WRITERS[mode](write(value(key)))
    return "".join(parts)


def fill_sentences(
    sentences: tuple[Sentence, ...], value: Callable[[str], float], write: Formatter
) -> str:
    """Write sentences, each without repeating equal sides."""
    return "; ".join(
        " = ".join(dict.fromkeys(fill(side, value, write) for side in sides)) for sides in sentences
    )


def _taken_apart(mark: str) -> tuple[str, str]:
    return (mark[0], mark[1:]) if mark[0] in "(+" else ("", mark)


def _bracketed(text: str) -> str:
    return text if text[:1].isalnum() else f"({text})"


def _signed(text: str) -> str:
    return f" {MINUS} {text[1:]}" if text[:1] == MINUS else f" + {text}"


_MODE_WRITERS: dict[str, Callable[[str], str]] = {"": str, "(": _bracketed, "+": _signed}


Edge = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class NarrationStep:
    """One step: the node whose number is computed, the edges that it arrives by, and the words.

    ``kind`` is ``value``, ``seed`` or ``gradient``; an edge is the positions of operand and result,
    and the index among the operands; ``number`` is what the node shows after the step.
    ``sentences`` are the words with slots: ``v4`` for node 4's value, and ``incoming``, ``local``,
    ``product`` and ``total``, which ``numbers`` has in this order, for what flows.
    """

    kind: str
    node: int
    edges: tuple[Edge, ...]
    number: str
    words: str
    sentences: tuple[Sentence, ...]
    numbers: tuple[float, ...] = ()


def steps(rules: Rules) -> Iterator[NarrationStep]:
    """Yield the steps of the forward pass, then those of the backward pass.

    >>> from autograd import Value
    >>> from viz.graph_model import node_names
    >>> from viz.formatting import formatter
    >>> from viz.graph_model import GraphModel
    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> graph, write = GraphModel.build([a * b]), formatter(4, None)
    >>> for step in steps(Rules(graph, node_names(graph, write), write)):
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
            edges = tuple([(s, i, index) for index, s in enumerate(sources)])
            sentences: tuple[Sentence, ...] = (_computed(rules, i, keys),)
            words = fill_sentences(sentences, lambda key: value[int(key[1:])], write)
            yield NarrationStep("value", i, edges, write(value[i]), words, sentences)
    root, name = len(graph.nodes) - 1, rules.names[-1]
    sign = TextPrinter(write).text(Derivative(name, name))
    words = f"{sign} = 1: the result changes as much as itself."
    yield NarrationStep("seed", root, (), write(1.0), words, (((words,),),))
    met: set[int] = set()
    for flow in backward_trace(graph):
        sentences = _flowed(rules, flow, is_first=flow.to not in met)
        met.add(flow.to)
        words = fill_sentences(sentences, partial(getattr, flow), write)
        edge = (flow.to, flow.node, flow.place)
        yield NarrationStep(
            "gradient", flow.to, (edge,), write(flow.total), words, sentences, flow[3:]
        )


def _computed(rules: Rules, i: int, keys: dict[str, str]) -> Sentence:
    """Write a node's formula with names, with numbers, and its value."""
    equation = definition(rules, i)
    formula = equation.sides[0]
    sides = (equation.left, formula, substitute_slots(formula, keys), slot(f"v{i}"))
    return tuple([template(side, rules.write) for side in sides])


def _flowed(rules: Rules, flow: BackwardStep, *, is_first: bool) -> tuple[Sentence, ...]:
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
