"""The chain rule as equations: symbols, then formulas, then numbers, then the sum."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from autograd.expressions.dialects import TextPrinter
from autograd.expressions.latex import LatexPrinter
from autograd.expressions.tree import (
    DOTS,
    FIRST,
    MAX_OPERANDS,
    Derivative,
    Expression,
    Operation,
    joined,
    number,
)
from viz.backward_trace import BackwardStep
from viz.formatting import Formatter, superscript
from viz.formulas.symbolic import Rules
from viz.text_width import columns

WIDTH = 88  # columns of a line; a longer equation gets a line for each of its sides


@dataclass(frozen=True, slots=True)
class Equation:
    """A left side and the expressions that it equals, from symbols to the number."""

    left: Expression
    sides: tuple[Expression, ...]

    def line(self, write: Formatter) -> str:
        """Write in one line, without repeating equal sides."""
        left = TextPrinter(write).text(self.left)
        return " = ".join(dict.fromkeys([left, *self._texts(write)]))

    def text(self, write: Formatter) -> str:
        """Write in one line, or in a line for each side where it would be too long."""
        line = self.line(write)
        if columns(line) <= WIDTH:
            return line
        left = TextPrinter(write).text(self.left)
        return f"{left} = " + f"\n{' ' * columns(left)} = ".join(self._texts(write))

    def latex(self, write: Formatter) -> str:
        """Write as rows of an aligned block of LaTeX."""
        return self._latex(write, " &= ", " \\\\\n&= " if "\n" in self.text(write) else " = ")

    def inline_latex(self, write: Formatter) -> str:
        """Write as LaTeX between dollar signs."""
        return f"${self._latex(write, ' = ', ' = ')}$"

    def _latex(self, write: Formatter, first: str, other: str) -> str:
        left, *sides = map(LatexPrinter(write).text, (self.left, *self.sides))
        return left + first + other.join(dict.fromkeys(sides))

    def _texts(self, write: Formatter) -> list[str]:
        return list(dict.fromkeys(map(TextPrinter(write).text, self.sides)))


def definition(rules: Rules, i: int) -> Equation:
    """Write what a node is: its name, its formula, its number."""
    return Equation(rules.node(i), (rules.definition(i), number(rules.graph.nodes[i].data)))


def local_sign(rules: Rules, i: int, operand: int) -> Expression:
    """Return the symbol of a node's derivative with respect to one of its operands: ∂u/∂a⁽²⁾."""
    source = rules.graph.inputs[i][operand]
    uses = [k for k, s in enumerate(rules.graph.inputs[i]) if s == source]
    mark = superscript([str(uses.index(operand) + 1)]) if len(uses) > 1 else ""
    of, wrt = rules.names[i], rules.names[source]
    return Derivative(of, wrt, partial=rules.uses[source] > 1, index=mark)


def chain_rule(rules: Rules, terms: Sequence[BackwardStep]) -> Equation:
    """Write the derivative of the result with respect to a node: one term per use of the node.

    The derivative along one of several uses is partial, ∂u/∂x: the others are held constant. Where
    there is only one way it is all of du/dx.
    """
    root, x = len(rules.names) - 1, terms[0].to
    marks = _places(terms)
    parts = [
        (DOTS,) * 3 if k is None else _term(rules, terms[k], marks[k], partial=len(terms) > 1)
        for k in _first_and_last(len(terms))
    ]
    sides = [joined("add", column) for column in zip(*parts, strict=True)]
    left = Derivative(rules.names[root], rules.names[x])
    return Equation(left, (*[side for side in sides if side != left], number(terms[-1].total)))


def _term(
    rules: Rules, flow: BackwardStep, mark: str, *, partial: bool
) -> tuple[Expression, Expression, Expression]:
    """Write one term: in symbols, with the incoming number and the rule, in numbers."""
    root = len(rules.names) - 1
    wrt = Derivative(rules.names[flow.node], rules.names[flow.to], partial=partial, index=mark)
    value = number(flow.local)
    local = rules.local(flow.node, flow.place) or value
    if flow.node == root:
        return wrt, local, value
    incoming = number(flow.incoming)
    before = Derivative(rules.names[root], rules.names[flow.node])
    return _times(before, wrt), _times(incoming, local), _times(incoming, value)


def _times(x: Expression, y: Expression) -> Expression:
    """Multiply without simplification: a factor of 1 is shown, too."""
    return Operation("mul", (x, y))


def _places(terms: Sequence[BackwardStep]) -> list[str]:
    """Name the positions of an operand that one operation uses more than once."""
    times, count = Counter(term.node for term in terms), Counter[int]()
    marks = []
    for term in terms:
        count[term.node] += 1
        marks.append(superscript([str(count[term.node])]) if times[term.node] > 1 else "")
    return marks


def has_places(terms: Sequence[BackwardStep]) -> bool:
    """Return whether one operation uses the node several times."""
    return len({term.node for term in terms}) < len(terms)


def _first_and_last(count: int) -> list[int | None]:
    """Return the indices of the terms to show, None for those left out."""
    if count <= MAX_OPERANDS:
        return list(range(count))
    return [*range(FIRST), None, count - 1]
