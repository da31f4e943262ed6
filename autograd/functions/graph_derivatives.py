"""Local derivatives as graphs: the table's rules, evaluated on `Value`s.

While `autograd.compile` traces a function, a rule must not read numbers, since the program will be
called with others. Its comparisons become nodes (`less`, `equal`), its choices become `where`, and
the textbook's rule is used if the table has one, as in a program's own gradients. The nodes that
must be finite for such a rule to hold are reported to the tracer (``finite_checks``).
"""

from collections.abc import Callable, Sequence
from functools import cache
from math import isnan
from typing import Any

from autograd.context import context, tracing
from autograd.engine.reverse import number
from autograd.functions import reductions
from autograd.functions.install import FUNCTIONS
from autograd.primitives import (
    CHECKPOINT,
    CONSTANT,
    CONSTANTS,
    LIST_FUNCTIONS,
    TABLE,
    ListFunction,
)
from autograd.rules import floats
from autograd.rules.backends import (
    FLOATS,
    OPAQUE,
    execute,
    local_derivatives,
    vjp_rules,
    written,
)
from autograd.rules.parsing import for_traces, for_values
from autograd.value import Value

Rules = list[Callable[..., Any]]
BOOLEAN_OPS = {"less", "equal"}  # their results are 0 or 1


class GraphDerivatives:
    """Local derivatives as graphs, each built once; see `autograd.engine.reverse.Derivatives`."""

    def __init__(self) -> None:
        self._known: dict[Value, list[Any]] = {}

    def partials(self, node: Value) -> list[Any]:
        """Return the local derivatives, one per input."""
        partials = self._known.get(node)
        if partials is None:
            partials = self._known[node] = partial_graphs(node)
        return partials

    def vjp(self, node: Value, cotangent: Any) -> list[Any]:
        """Return the input cotangents of a node with a custom vjp."""
        operands = [x._data if x._op == CONSTANT else x for x in node._inputs]
        rules = _vjp_rules(node._op, TABLE[node._op].vjps, "traces" if tracing() else "values")
        return [rule(*operands, node, cotangent) for rule in rules]


def partial_graphs(node: Value) -> list[Any]:
    """Evaluate the table's rules on a node's inputs, with constants as floats.

    Raises RuntimeError if a leaf was changed after the node was computed.
    """
    if node._op == CHECKPOINT:
        raise RuntimeError(
            f"gradient: {node!r} is the copy of a checkpoint's result, which keeps numbers alone: "
            "it can be differentiated once"
        )
    traced = tracing()
    entry = TABLE[node._op]
    inputs = [x._data if x._op == CONSTANT else x for x in node._inputs]
    short = traced and not entry.variadic and not context.thread.tracer.exact  # type: ignore[union-attr]
    texts = entry.textbook if short and entry.textbook else entry.partials
    if texts is not entry.partials and is_blind(node._op, texts):
        context.thread.tracer.finite_checks.append(node)  # type: ignore[union-attr]
    rules = _rules(node._op, texts, "traces" if traced else "values")
    if entry.variadic:
        partials = rules[0](*reductions.split(node._op, inputs), node)[: len(inputs)]
    else:
        partials = [
            0.0 if x._op == CONSTANT else rule(*inputs, node)
            for x, rule in zip(node._inputs, rules, strict=True)
        ]
    if traced:
        return [_fold_constant(d) for d in partials]
    _check(node, partials)
    return list(partials)


def _check(node: Value, partials: Sequence[Any]) -> None:
    for x, d, fixed in zip(node._inputs, partials, node._partials, strict=True):
        if x._op != CONSTANT and not _agree(number(d), fixed):
            raise RuntimeError(
                f"gradient: a leaf beneath {node!r} was changed after it was computed, or its "
                f"operation defined anew (its local derivative was {fixed!r}, now {number(d)!r}); "
                "compute the result again first"
            )


def _agree(a: float, b: float) -> bool:
    return a == b or (a != a and b != b) or abs(a - b) <= 1e-9 * max(abs(a), abs(b))


def _fold_constant(d: Any) -> Any:
    """Return a constant as a plain number, and a product with a constant 0 as 0."""
    if type(d) is not Value:
        return d
    if d._op == CONSTANT:
        return d._data
    zero = d._op == "mul" and any(x._op == CONSTANT and x._data == 0 for x in d._inputs)
    return 0.0 if zero else d


@cache
def _rules(op: str, texts: tuple[str, ...], form: str) -> Rules:
    """Compile an operation's rules; with their texts as a key, since a name can be redefined."""
    return local_derivatives(TABLE[op], _names(form), form, texts)


@cache
def _vjp_rules(op: str, texts: tuple[str, ...], form: str) -> Rules:  # noqa: ARG001 - as above
    return vjp_rules(TABLE[op], _names(form), form)


def _names(form: str, *, lists: bool = True) -> dict[str, Any]:
    """Return the names that rules may use when they are evaluated on `Value`s."""
    names = {
        **CONSTANTS,
        **FUNCTIONS,
        **OPAQUE,
        "number": number,
        "others": floats.others,
        "same": lambda x, y: floats.same(number(x), number(y)),
    }
    names = names | TRACED if form == "traces" else names
    return {**names, **_list_functions(form)} if lists else names


@cache
def _list_functions(form: str) -> dict[str, Any]:
    """Compile the functions of lists that rules may use."""
    names = _names(form, lists=False)
    before = set(names)
    read = for_traces if form == "traces" else for_values
    for name, function in LIST_FUNCTIONS.items():
        if name not in names:
            entry = function
            if function.textbook and form == "traces":
                entry = ListFunction(arguments=function.arguments, rule=function.textbook)
            source = written(name, function.arguments, entry, read)
            names.update(execute(source, f"{name} for {form}", names))
    return {name: function for name, function in names.items() if name not in before}


@cache
def is_blind(op: str, texts: tuple[str, ...]) -> bool:
    """Whether a textbook rule gives a number where the function is nan, as 1 / x for log x."""
    entry = TABLE[op]
    xs = [-2.0] * len(entry.arguments)
    z = FLOATS[op](*xs)
    exact = local_derivatives(entry, FLOATS, "floats")
    short = local_derivatives(entry, FLOATS, "floats", texts)
    return any(isnan(a(*xs, z)) and not isnan(b(*xs, z)) for a, b in zip(exact, short, strict=True))


def _is_plain(*xs: Any) -> bool:
    return not any(type(x) is Value for x in xs)


def less(x: Any, y: Any) -> Any:
    """Return whether x < y: a bool, or a node."""
    return x < y if _is_plain(x, y) else FUNCTIONS["less"](x, y)


def equal(x: Any, y: Any) -> Any:
    """Return whether x == y: a bool, or a node."""
    return x == y if _is_plain(x, y) else FUNCTIONS["equal"](x, y)


def unequal(x: Any, y: Any) -> Any:
    """Return whether x != y; a boolean x is itself the answer to x != 0."""
    if _is_plain(y) and y == 0 and type(x) is Value and x._op in BOOLEAN_OPS:
        return x
    return negated(equal(x, y))


def negated(c: Any) -> Any:
    """Return the negation of a boolean."""
    return not c if _is_plain(c) else 1.0 - c


def both(c: Any, d: Any) -> Any:
    """Return the conjunction of two booleans."""
    if _is_plain(c):
        return d if c else False
    if _is_plain(d):
        return c if d else False
    return c * d


def either(c: Any, d: Any) -> Any:
    """Return the disjunction of two booleans."""
    return negated(both(negated(c), negated(d)))


def choose(c: Any, x: Any, y: Any) -> Any:
    """Return x where c is true, else y; for a plain 1 and 0 that is c itself."""
    if _is_plain(c):
        return x if c else y
    if _is_plain(x, y) and (x, y) == (1, 0):
        return c
    return x if _is_plain(x, y) and x == y else FUNCTIONS["where"](c, x, y)


def power(x: Any, y: Any) -> Any:
    """Raise to a power, without a node for the powers 0 and 1."""
    if _is_plain(y) and y in {0, 1}:
        return x if y else 1.0
    return FUNCTIONS["pow"](x, y)


TRACED: dict[str, Any] = {
    "less": less,
    "equal": equal,
    "unequal": unequal,
    "negated": negated,
    "both": both,
    "either": either,
    "choose": choose,
    "pow": power,
    "same": equal,
}
