"""Turn a scalar program into sums of products, element-wise operations and functions of lists.

Chains of additions become one sum; a product that only a sum uses becomes one of its terms. What
a program computes from constants alone becomes a constant. Nodes that compute the same are one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from autograd.compiler.tracing.scalar_ir import ScalarProgram
from autograd.primitives import CONSTANT, LEAF, TABLE

NONE = -1
MAX_SCALED = 64  # a sum longer than this is not copied only to change its terms' signs


class Term(NamedTuple):
    """One addend: a coefficient times a node, or times two."""

    coefficient: float
    x: int
    y: int = NONE


@dataclass
class CanonicalProgram:
    """A normalised program over the trace's own numbering; nodes that were absorbed are absent.

    ``order`` lists the nodes that remain, operands first. A node is in ``sums`` with its terms, or
    in ``calls`` with its operation and inputs, or it is a leaf or a constant.
    """

    order: list[int] = field(default_factory=list)
    sums: dict[int, list[Term]] = field(default_factory=dict)
    calls: dict[int, tuple[str, tuple[int, ...]]] = field(default_factory=dict)
    constants: set[int] = field(default_factory=set)
    same: dict[int, int] = field(default_factory=dict)  # a node that another one stands for
    deciding: set[int] = field(default_factory=set)  # what comparisons and choices rest on

    def operands(self, node: int) -> list[int]:
        """Return the nodes that a node reads, with repetitions."""
        if node in self.sums:
            return [j for _, x, y in self.sums[node] for j in (x, y) if j != NONE]
        return list(self.calls[node][1]) if node in self.calls else []


def canonicalize(
    scalars: ScalarProgram, roots: Sequence[int], compared: Sequence[int] = ()
) -> CanonicalProgram:
    """Normalise a program, for the gradients of the nodes that are wanted.

    ``compared`` are roots, too: they are what comparisons look at.
    """
    normal = _Normaliser(scalars, [*roots, *compared]).run()
    normal.deciding = _deciding(normal, compared)
    return normal


def _deciding(normal: CanonicalProgram, compared: Sequence[int]) -> set[int]:
    """Find what a nan would change without a trace: comparisons, conditions, positions.

    Everything else that a nan reaches is nan itself, or does not depend on it.
    """
    found = {normal.same.get(j, j) for j in compared}
    for node in reversed(normal.order):  # results before operands
        if node in normal.calls:
            op, inputs = normal.calls[node]
            if op == "where":
                found.add(inputs[0])
            elif TABLE[op].arguments == ("xs", "k"):
                found.add(inputs[-1])
        if node in found:
            found.update(normal.operands(node))
    return found


class _Normaliser:
    """The state of one pass, from operands to results."""

    def __init__(self, scalars: ScalarProgram, roots: Sequence[int]) -> None:
        starts = scalars.starts.tolist()
        inputs = scalars.inputs.tolist()
        self.ops = scalars.ops
        self.numbers = scalars.numbers.tolist()
        self.inputs = [inputs[a:b] for a, b in pairwise(starts)]
        self.uses = [0] * len(self.ops)
        for j in (*inputs, *roots):
            self.uses[j] += 1
        self.roots = set(roots)
        self.normal = CanonicalProgram()
        self.known: dict[tuple[object, ...], int] = {}  # what a node computes: that node
        self.products: dict[int, tuple[int, int]] = {}  # used once, so far in no sum
        self.pending: dict[int, list[Term]] = {}  # sums that are used once

    def run(self) -> CanonicalProgram:
        normal, same = self.normal, self.normal.same
        for i, op in enumerate(self.ops):
            edges = [same.get(j, j) for j in self.inputs[i]]
            if op == LEAF:
                normal.order.append(i)
            elif op == CONSTANT or all(j in normal.constants for j in edges):
                first = self.known.setdefault(("constant", repr(self.numbers[i])), i)
                if first == i:
                    normal.constants.add(i)
                else:
                    same[i] = first
            elif op in ADDENDS:
                self._sum(i, ADDENDS[op](edges))
            elif op == "where" and edges[0] in normal.constants:
                same[i] = self._settled(edges[1 if self.numbers[edges[0]] else 2])
            else:
                self._call(i, op, edges)
        normal.order = _reachable(normal, [self._settled(j) for j in sorted(self.roots)])
        return normal

    def _sum(self, i: int, addends: list[Term]) -> None:
        terms: list[Term] = []
        for term in addends:
            terms = self._absorbed(term, terms)
        if len(addends) == 1 and len(terms) == 1 and terms[0].y == NONE and terms[0][0] == 1:
            self.normal.same[i] = terms[0].x  # the sum of one number: an inner derivative's input
        elif self.uses[i] == 1 and i not in self.roots:
            self.pending[i] = terms
        else:
            self._add_sum(i, terms)

    def _absorbed(self, term: Term, terms: list[Term]) -> list[Term]:
        """Add a term, or what it stands for where it is a sum or a product used here only."""
        c, j, y = term
        if y == NONE and j in self.pending:
            inner = self.pending[j]
            if c == 1:
                del self.pending[j]
                if len(inner) > len(terms):  # long chains: the short list joins the long one
                    inner += terms
                    return inner
                return terms + inner if len(terms) < 2 else _extended(terms, inner)
            if len(inner) <= MAX_SCALED:
                del self.pending[j]
                return _extended(terms, [Term(c * d, a, b) for d, a, b in inner])
        if y == NONE and j in self.products:
            a, b = self.products.pop(j)
            terms.append(Term(c, a, b))
            return terms
        terms.append(Term(c, self._settled(j), y if y == NONE else self._settled(y)))
        return terms

    def _call(self, i: int, op: str, edges: list[int]) -> None:
        edges = [self._settled(j) for j in edges]
        once = self.uses[i] == 1 and i not in self.roots
        if op == "mul" and once:
            self.products[i] = (edges[0], edges[1])
        elif op == "square" and once:
            self.products[i] = (edges[0], edges[0])
        elif op == "mul":
            self._add_sum(i, [Term(1.0, edges[0], edges[1])])
        else:
            self._add_call(i, op, tuple(edges))

    def _settled(self, j: int) -> int:
        """Make a sum or product that waited to be absorbed a node; return what stands for it."""
        if j in self.pending:
            self._add_sum(j, self.pending.pop(j))
        elif j in self.products:
            x, y = self.products.pop(j)
            if self.ops[j] == "mul":
                self._add_sum(j, [Term(1.0, x, y)])
            else:
                self._add_call(j, self.ops[j], (x,))
        return self.normal.same.get(j, j)

    def _add_sum(self, i: int, terms: list[Term]) -> None:
        if not self._merge(i, ("sum", *terms)):
            self.normal.sums[i] = terms

    def _add_call(self, i: int, op: str, edges: tuple[int, ...]) -> None:
        if not self._merge(i, (op, edges)):
            self.normal.calls[i] = (op, edges)

    def _merge(self, i: int, what: tuple[object, ...]) -> bool:
        first = self.known.setdefault(what, i)
        if first != i:
            self.normal.same[i] = first
            return True
        self.normal.order.append(i)
        return False


def _extended(terms: list[Term], more: list[Term]) -> list[Term]:
    terms += more
    return terms


def _dot(edges: list[int]) -> list[Term]:
    half = len(edges) // 2
    pairs = [Term(1.0, x, y) for x, y in zip(edges[:half], edges[half:], strict=False)]
    return pairs + [Term(1.0, j) for j in edges[2 * half :]]


ADDENDS = {
    "add": lambda e: [Term(1.0, e[0]), Term(1.0, e[1])],
    "sub": lambda e: [Term(1.0, e[0]), Term(-1.0, e[1])],
    "neg": lambda e: [Term(-1.0, e[0])],
    "sum": lambda e: [Term(1.0, j) for j in e],
    "mean": lambda e: [Term(1.0 / len(e), j) for j in e],
    "dot": _dot,
}
assert ADDENDS.keys() <= TABLE.keys()


def _reachable(normal: CanonicalProgram, roots: Sequence[int]) -> list[int]:
    """Keep what the roots need, operands before results."""
    order: list[int] = []
    seen: set[int] = set()
    stack = list(reversed(roots))
    while stack:
        node = stack.pop()
        if node < 0:
            order.append(~node)
        elif node not in seen:
            seen.add(node)
            stack.append(~node)
            stack += [j for j in reversed(normal.operands(node)) if j not in seen]
    return order
