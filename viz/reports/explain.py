"""Explain a derivative: the chain rule written out, in symbols and in numbers.

An `Explanation` holds the terms that flow to each node between the result and the nodes asked for;
text, Markdown and LaTeX are written from them when they are asked for.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import NamedTuple

from autograd import Value
from autograd._checks import checked_keywords, optional_whole_number
from autograd.expressions.dialects import TextPrinter
from autograd.expressions.latex import LatexPrinter
from autograd.expressions.tree import Derivative, Expression, Symbol, number
from viz._arguments import check_result, check_values
from viz.backward_trace import BackwardStep, backward_trace, dependents
from viz.formatting import Formatter, formatter, shorten
from viz.formulas.equations import WIDTH, Equation, chain_rule, definition, has_places
from viz.formulas.symbolic import Rules
from viz.graph_model import GraphModel, legend, node_names, one_line
from viz.text_width import columns

MAX_LISTED = 8  # numbers in a list
PLACES = "⁽¹⁾, ⁽²⁾, … tell the places of an operand that one operation uses more than once."
ZERO = "0 times what is not finite counts as 0: nothing flows back along a zero."
STALE = "A leaf was changed since: the numbers are those of the time of computing."


class ChainRuleTerm(NamedTuple):
    """One term of a derivative: the path to the result through ``node``, which uses the operand."""

    node: Value
    incoming: float
    local: float
    product: float


class ExplanationStep(NamedTuple):
    """The derivative of the result with respect to one node: the sum of its terms' products."""

    node: Value
    name: str
    gradient: float
    terms: tuple[ChainRuleTerm, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Explanation:
    """An explanation of derivatives: ``str()`` is text; notebooks show it typeset.

    Attributes
    ----------
    gradients
        The derivatives asked for, in order; 0.0 where the result does not depend on the node.
    steps
        The equations as data, in the order of the backward pass.
    markdown, latex
        The explanation for notebooks and papers.
    """

    _rules: Rules
    _targets: tuple[Value, ...]
    _places: tuple[int, ...]  # in the graph, -1 where nothing flows to a target
    _terms: tuple[tuple[BackwardStep, ...], ...]  # for each node from the result back
    _outside: Mapping[int, str]  # names of the targets that are not in the graph
    _limit: int | None

    @property
    def gradients(self) -> tuple[float, ...]:
        """The derivatives asked for.

        >>> import viz
        >>> a, b = Value(3.0), Value(2.0)
        >>> viz.explain(a * a, [a, b]).gradients
        (6.0, 0.0)
        """
        totals = {terms[-1].to: terms[-1].total for terms in self._terms}
        totals[self._root] = 1.0
        return tuple([totals.get(i, 0.0) for i in self._places])

    @property
    def steps(self) -> tuple[ExplanationStep, ...]:
        """The equations as data.

        >>> import viz
        >>> a = Value(3.0, "a")
        >>> step = viz.explain(a * a, a).steps[-1]
        >>> step.name, step.gradient, [term.product for term in step.terms]
        ('a', 6.0, [3.0, 3.0])
        """
        nodes, names = self._rules.graph.nodes, self._rules.names
        return tuple(
            ExplanationStep(
                nodes[terms[0].to],
                names[terms[0].to],
                terms[-1].total,
                tuple(ChainRuleTerm(nodes[t.node], t.incoming, t.local, t.product) for t in terms),
            )
            for terms in self._terms
        )

    def __str__(self) -> str:
        write = self._rules.write
        heads = _listed([head.text(write) for head in self._heads()])
        at = _listed([one.text(write) for one in self._given()])
        head = f"{heads} at {at}" if at else heads
        head = head if columns(head) <= WIDTH else f"{heads}\nat {at}"
        blocks = [head, "\n".join(self._sentences())]
        blocks += ["\n".join(_texts(rows, self._rules)) for rows in (self._forward(), self._back())]
        return "\n\n".join(block for block in [*blocks, "\n".join(self._notes())] if block)

    __repr__ = __str__

    @property
    def latex(self) -> str:
        """The equations as an aligned block of LaTeX, to be put into display mathematics."""
        rows = [*self._forward(), *self._back()] or list(self._heads())
        lines = [
            row.latex(self._rules.write)
            if isinstance(row, Equation)
            else rf"&\ \vdots \quad \text{{{row}}}"
            for row in rows
        ]
        return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"

    @property
    def markdown(self) -> str:
        """The explanation as Markdown with LaTeX between dollar signs."""
        heads, at = _listed(self._inline(self._heads())), _listed(self._inline(self._given()))
        parts = [f"{heads} at {at}" if at else heads, *self._sentences(typeset=True)]
        if self._terms:
            parts.append(f"$$\n{self.latex}\n$$")
        return "\n\n".join(part for part in [*parts, *self._notes()] if part) + "\n"

    def _repr_markdown_(self) -> str:
        return self.markdown

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex}\n$$"

    @property
    def _root(self) -> int:
        return len(self._rules.names) - 1

    def _inline(self, equations: Iterable[Equation]) -> list[str]:
        return [equation.inline_latex(self._rules.write) for equation in equations]

    def _heads(self) -> Iterator[Equation]:
        """Yield the derivatives asked for, with their values."""
        names = self._rules.names
        for i, gradient in dict(zip(self._places, self.gradients, strict=True)).items():
            if i >= 0:
                left = Derivative(names[self._root], names[i])
                yield Equation(left, (number(gradient),))

    def _sentences(self, *, typeset: bool = False) -> Iterator[str]:
        """Say why nothing flows to the other targets."""
        write = self._rules.write
        for k, name in self._outside.items():
            target = Symbol(name) if name else number(self._targets[k].data)
            if typeset:
                text = LatexPrinter(write).text
                what, result = (f"${text(x)}$" for x in (target, self._result))
            else:
                what, result = map(TextPrinter(write).text, (target, self._result))
            if self._targets[k].is_constant:
                yield f"{what} is a constant: no gradient flows to it."
            else:
                yield f"{result} does not depend on {what}: the derivative is 0."

    @property
    def _result(self) -> Expression:
        return self._rules.node(self._root)

    def _shown(self) -> tuple[list[tuple[BackwardStep, ...]], int]:
        """Return the steps that are written, and how many of them come before the gap."""
        steps, limit = self._terms, self._limit
        if limit is None or len(steps) <= limit:
            return list(steps), len(steps)
        first = limit // 2
        return [*steps[:first], *steps[first - limit :]], first

    def _back(self) -> list[Equation | str]:
        """Return the equations from the result back, with a note where some are left out."""
        steps, first = self._shown()
        rows = [chain_rule(self._rules, terms) for terms in steps]
        return self._with_gap(rows, first)

    def _forward(self) -> list[Equation | str]:
        """Return the definitions of the nodes on the way, operands before results."""
        steps, first = self._shown()
        computed = [bool(self._rules.graph.inputs[terms[0].to]) for terms in steps]
        rows = [
            definition(self._rules, terms[0].to)
            for terms, is_computed in zip(steps, computed, strict=True)
            if is_computed
        ]
        if self._terms:
            rows = [definition(self._rules, self._root), *rows]
        return self._with_gap(rows, 1 + sum(computed[:first]))[::-1]

    def _with_gap(self, rows: list[Equation], first: int) -> list[Equation | str]:
        hidden = len(self._terms) - len(self._shown()[0])
        gap = [f"{hidden:,} more"] if hidden else []
        return [*rows[:first], *gap, *rows[first:]]

    def _given(self) -> list[Equation]:
        """Return the values that the equations use but do not compute."""
        graph = self._rules.graph
        shown = [*(terms[0].to for terms in self._shown()[0]), self._root] if self._terms else []
        near = dict.fromkeys(s for i in reversed(shown) for s in (*graph.inputs[i], i))
        computed = {i for i in shown if graph.inputs[i]}
        named = [i for i in near if i not in computed and isinstance(self._rules.node(i), Symbol)]
        order = [*sorted(named[:MAX_LISTED]), *named[MAX_LISTED:]]
        return [Equation(self._rules.node(i), (number(graph.nodes[i].data),)) for i in order]

    def _notes(self) -> list[str]:
        """Explain the symbols and short names that the text uses."""
        steps = self._shown()[0]
        nodes = [
            i for terms in steps for i in (terms[0].to, *self._rules.graph.inputs[terms[0].to])
        ]
        near = [flow for terms in steps for flow in terms]
        notes = [
            (PLACES, any(map(has_places, steps))),
            (ZERO, any(not isfinite(f.incoming * f.local) and f.product == 0 for f in near)),
            (STALE, self._rules.is_stale),
            (legend(self._rules.graph, self._rules.names, [*self._places, *nodes]), True),
        ]
        return [note for note, applies in notes if applies and note]


def _texts(rows: list[Equation | str], rules: Rules) -> Iterator[str]:
    for row in rows:
        yield row.text(rules.write) if isinstance(row, Equation) else f"…  ({row})"


def _listed(texts: Sequence[str]) -> str:
    """Join the first of many texts."""
    return ", ".join([*texts[:MAX_LISTED], *(["…"] if len(texts) > MAX_LISTED else [])])


@checked_keywords
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
    """Explain the derivative of a result with respect to a node by the chain rule.

    First the intermediate results, then an equation for each node from the result backwards:
    symbols, formulas, numbers, sum. A node with several users has a term for each; its derivative
    is computed once, before it is used, so the text grows with the graph, not with the number of
    paths. Gradients are computed from zero, whether or not `backward` was called.

    Parameters
    ----------
    J
        The result.
    wrt
        One or several nodes that it depends on.
    names, model, digits, format
        As for `viz.draw`. Nodes without a name are called v₁, v₂, ..., inputs x₁, x₂, ...
    limit
        The maximal number of equations; of more, the first and the last are shown. None for all.

    Raises
    ------
    TypeError, ValueError
        If an argument is invalid, or the result is a constant.

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
    check_result(J, "explain")
    targets = check_values("wrt", wrt)
    optional_whole_number("limit", limit, 2, "None for all")
    write = formatter(digits, format)
    graph = GraphModel.build([J], names, model)
    position = {node: i for i, node in enumerate(graph.nodes)}
    places = tuple([-1 if x.is_constant else position.get(x, -1) for x in targets])
    steps = _steps(graph, [i for i in places if i >= 0])
    outside = {
        k: shorten(one_line(GraphModel.build([x], names, model).names[-1]))
        for k, (x, i) in enumerate(zip(targets, places, strict=True))
        if i < 0
    }
    return Explanation(
        Rules(graph, node_names(graph, write), write), targets, places, steps, outside, limit
    )


def _steps(graph: GraphModel, targets: list[int]) -> tuple[tuple[BackwardStep, ...], ...]:
    """Collect what flows to each node between the result and the targets, in order."""
    wanted = dependents(graph, targets)
    terms: dict[int, list[BackwardStep]] = {}
    for flow in backward_trace(graph):
        if wanted[flow.to]:
            terms.setdefault(flow.to, []).append(flow)
    return tuple([tuple(terms[i]) for i in sorted(terms, reverse=True)])
