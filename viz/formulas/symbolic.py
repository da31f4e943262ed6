"""The table's rules as formulas, to show local derivatives.

The rules that compute numbers are evaluated on expressions. Each expression has a value, so that
``where`` chooses the case that applies at this point: relu's derivative is 1 or 0, not a case
distinction.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from math import isfinite
from typing import Any

from autograd import Value
from autograd.expressions.dialects import TextPrinter
from autograd.expressions.tree import (
    ARITHMETIC,
    COMPARISONS,
    Expression,
    Number,
    Operation,
    Symbol,
    UnsupportedSyntaxError,
    as_expression,
    divide,
    number,
    parse,
    product,
    total,
    walk,
)
from autograd.functions import reductions
from autograd.primitives import CONSTANTS, TABLE, Primitive
from autograd.rules.backends import FLOATS, OPAQUE, local_derivatives
from autograd.rules.floats import FUNCTIONS, others
from viz.formatting import Formatter
from viz.graph_model import INDEX, GraphModel

_LONGEST = 44  # columns of a local derivative that still explains something
_SEARCHED = 50  # inputs of a softmax up to which its other components are called by their names
_WHERE = frozenset({"where"})
_CHOOSING = COMPARISONS | {"where", "shares"}  # what picks a case by the numbers


@dataclass(slots=True)
class Rules:
    """Write nodes and their local derivatives as formulas in the names of the nodes.

    A derivative that no short formula gives is written ``gelu_tanh′(x)``, or left to its number.
    """

    graph: GraphModel
    names: Sequence[str]
    write: Formatter
    uses: Counter[int] = field(default_factory=Counter)  # of each node, as an operand
    is_stale: bool = False  # whether a formula gave another number than the one kept
    _twins: dict[tuple[Any, ...], int] = field(default_factory=dict)
    _known: dict[int, list[Expression | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Count uses; find the nodes that are one component of a list's function: a softmax's."""
        for i, node in enumerate(self.graph.nodes):
            self.uses.update(self.graph.inputs[i])
            row = TABLE.get(node.op)
            if row and row.variadic and row.arguments[-1] == INDEX:
                *sources, index = self.graph.inputs[i]
                if len(sources) <= _SEARCHED:
                    named = tuple(map(self.node, sources))
                    self._twins.setdefault((node.op, named, self.graph.nodes[index].data), i)

    def node(self, i: int) -> Expression:
        """Return a node's name, or the number of a constant without one."""
        node = self.graph.nodes[i]
        if node.is_constant and not self.graph.names[i]:
            return number(node.data)
        return Symbol(self.names[i], node.data)

    def inputs(self, i: int, *, literal: bool = False) -> list[Expression]:
        """Return the names of a node's inputs; ``literal`` numbers stay as they are, 1 * x."""
        names = [self.node(source) for source in self.graph.inputs[i]]
        return [replace(x, literal=True) if literal and isinstance(x, Number) else x for x in names]

    def definition(self, i: int) -> Expression:
        """Write what a node computes, as arithmetic or as a function of its inputs."""
        node, inputs = self.graph.nodes[i], self.inputs(i, literal=True)
        row = TABLE.get(node.op)
        if row is None:
            return Operation(node.op, tuple(inputs), node.data)
        formula = None if _uses(row.rule, _WHERE) else _evaluated(_forward(row), row, inputs, node)
        if isinstance(formula, Expression):
            own = isinstance(formula, Operation) and formula.op == row.name
            if own or (not isinstance(formula, Symbol) and _is_arithmetic(formula)):
                return formula
        return Operation(node.op, tuple(inputs), node.data)

    def local(self, i: int, operand: int) -> Expression | None:
        """Return the local derivative of a node with respect to the operand at an index.

        None if it is long, or if its value differs from the number stored when the node was
        computed, because a leaf was changed since.
        """
        if i not in self._known:
            self._known[i] = self._locals(i)
        return self._known[i][operand]

    def _locals(self, i: int) -> list[Expression | None]:
        node, inputs = self.graph.nodes[i], self.inputs(i)
        row = TABLE.get(node.op)
        if row is None or row.vjps:  # a custom vjp is no multiple of the gradient
            return [None] * len(inputs)
        functions = _partials(row)
        z = self.node(i)
        if row.variadic:
            partials = list(_evaluated(functions[0], row, inputs, node, z))[: len(inputs)]
        else:
            partials = [_evaluated(function, row, inputs, node, z) for function in functions]
        return [
            None if x.is_constant else self._fit(row, inputs, one, kept)
            for x, one, kept in zip(node.inputs, partials, node.partials, strict=True)
        ]

    def _fit(
        self, row: Primitive, inputs: list[Expression], partial: Any, kept: float
    ) -> Expression | None:
        """Return a local derivative, if it is short and its value is the stored number."""
        formula = self._shared(as_expression(partial))
        if not _agree(formula.value, kept):
            self.is_stale = True
            return None
        if len(TextPrinter(self.write).text(formula)) <= _LONGEST:
            return formula
        single = len(row.arguments) == 1 and not row.variadic
        return Operation(f"{row.name}′", tuple(inputs), kept) if single else None

    def _shared(self, x: Expression) -> Expression:
        """Exchange a component of a list's function for the node that is that component."""
        if not isinstance(x, Operation):
            return x
        if x.index and len(x.operands) <= _SEARCHED:
            twin = self._twins.get((x.op, x.operands, float(x.index)))
            return x if twin is None else self.node(twin)
        return replace(x, operands=tuple(map(self._shared, x.operands)))


def _forward(row: Primitive) -> Callable[..., Any]:
    """Compile an operation's own rule."""
    single = replace(row, partials=(row.rule,))
    return _compiled(row.name, single.partials, single.arguments)[0]


def _partials(row: Primitive) -> list[Callable[..., Any]]:
    """Compile the rules of the local derivatives."""
    return _compiled(row.name, _texts(row), row.arguments)


def _texts(row: Primitive) -> tuple[str, ...]:
    """Return the rules of the local derivatives, those of the textbook where there are."""
    textbook = row.textbook if not row.variadic else ()
    clear = textbook and not any(_uses(text, COMPARISONS) for text in textbook)
    return textbook if clear else row.partials


@cache
def _uses(rule: str, ops: frozenset[str]) -> bool:
    """Return whether a rule has one of some operations, or may have, where it cannot be read."""
    try:
        return any(isinstance(x, Operation) and x.op in ops for x in walk(parse(rule)))
    except UnsupportedSyntaxError:
        return True


def is_steady(op: str) -> bool:
    """Return whether an operation's local derivatives are one formula for all numbers.

    >>> is_steady("tanh"), is_steady("relu"), is_steady("max")
    (True, False, False)
    """
    row = TABLE.get(op)
    return row is not None and not any(_uses(text, _CHOOSING) for text in _texts(row))


@cache
def _compiled(
    op: str, texts: tuple[str, ...], arguments: tuple[str, ...]
) -> list[Callable[..., Any]]:
    row = Primitive(name=op, rule="", partials=texts, arguments=arguments)
    return local_derivatives(row, _vocabulary(), "values")


def _vocabulary() -> dict[str, Any]:
    """Return what rules may name when they are read for formulas."""
    functions = {name: _function(name) for name in (*FUNCTIONS, *TABLE, *OPAQUE)}
    return functions | {
        **CONSTANTS,
        "number": _number,
        "int": lambda x: int(_number(x)),
        "div": divide,
        "pow": _power,
        "sum": total,
        "prod": product,
        "others": others,
        "shares": lambda xs, z: FLOATS["shares"]([x.value for x in xs], z.value),
        "complements": _complements,
    }


def _number(x: Any) -> float:
    return x.value if isinstance(x, Expression) else float(x)


def _function(name: str) -> Callable[..., Any]:
    """Return a function of formulas; one that gives a list gives one formula an element."""

    def apply(*operands: Any) -> Any:
        lists = [
            [_number(x) for x in xs] if isinstance(xs, list) else _number(xs) for xs in operands
        ]
        value = FLOATS[name](*lists)
        flat = [x for xs in operands for x in (xs if isinstance(xs, list) else [xs])]
        parts = tuple(map(as_expression, flat))
        if isinstance(value, list):
            return [Operation(name, parts, one, str(i)) for i, one in enumerate(value)]
        return Operation(name, parts, value)

    return apply


def _power(x: Any, y: Any) -> Expression:
    """Raise to a power; nothing is written for an exponent of 1, and 1 for one of 0."""
    base, exponent = as_expression(x), as_expression(y)
    if isinstance(exponent, Number) and not exponent.literal and exponent.value in (0, 1):
        return base if exponent.value else number(1.0)
    power: Expression = _function("pow")(base, exponent)
    return power


def _complements(ps: Sequence[Expression], k: Any) -> list[Expression]:
    """Return (i == k) - p_i, as textbooks write it."""
    return [1 - p if i == _number(k) else -p for i, p in enumerate(ps)]


def _evaluated(
    function: Callable[..., Any],
    row: Primitive,
    inputs: list[Expression],
    node: Value,
    z: Expression | None = None,
) -> Any:
    """Evaluate a rule at a node's inputs and result."""
    arguments = reductions.split(row.name, inputs) if row.variadic else tuple(inputs)
    result = number(node.data) if z is None else z
    return function(*arguments, result)


def _is_arithmetic(x: Expression) -> bool:
    """Return whether a formula needs no function but powers."""
    if isinstance(x, Operation):
        return x.op in ARITHMETIC and all(map(_is_arithmetic, x.operands))
    return True


def _agree(a: float, b: float) -> bool:
    if not (isfinite(a) and isfinite(b)):
        return a == b or (a != a and b != b)
    return abs(a - b) <= 1e-6 * max(1.0, abs(a), abs(b))
