"""Derivatives as results: `gradient` returns them, as numbers or as graphs of their own."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from math import isfinite
from typing import Any

from autograd import ieee, nary
from autograd.errors import shown
from autograd.graph import topological, walk
from autograd.later import Way, set_value_names, waiting_for
from autograd.modes import modes
from autograd.ops import CHECKPOINT, CONSTANT, CONSTANTS, TABLE
from autograd.primitives import FUNCTIONS
from autograd.readings import OPAQUE, local_derivatives
from autograd.value import Value, constant


def gradient(result: Value, wrt: Sequence[Value], *, create_graph: bool = False) -> list[Any]:
    """Return the derivatives of one node towards others; no node's ``grad`` changes.

    Parameters
    ----------
    result : Value
        What to differentiate.
    wrt : sequence of Value
        Towards what: leaves, or nodes between.
    create_graph : bool
        Return `Value`s that are graphs themselves, to be drawn and differentiated again, rather
        than floats.

    Returns
    -------
    list of float, or of Value
        One for each of ``wrt``; 0 where ``result`` does not depend on it.

    Raises
    ------
    TypeError
        If ``result`` or an element of ``wrt`` is no `Value`.
    RuntimeError
        With ``create_graph``, if a leaf was changed after ``result`` was computed.

    Examples
    --------
    >>> x = Value(2.0)
    >>> first, = gradient(x**3, [x], create_graph=True)
    >>> first.data, gradient(first, [x])
    (12.0, [12.0])
    """
    _check(result, wrt)
    if create_graph:
        return [
            g if type(g) is Value else constant(g)
            for g in _sweep(result, wrt, 1.0, Collected(_partial_graphs, graphs=True))
        ]
    return _sweep(result, wrt, 1.0, Collected(lambda node: node._partials))


def _sweep(result: Value, wrt: Sequence[Value], start: Any, way: "Collected") -> list[Any]:
    """Send gradients back, as floats or as graphs: the same sums in the same order."""
    way.grads[result] = start
    way.send(topological(result))
    return [way.grads.get(x, 0.0) for x in wrt]


class Collected(Way):
    """A way back whose gradients are in a dictionary: no node changes."""

    def __init__(
        self, partials_of: Callable[[Value], Iterable[Any]], *, graphs: bool = False
    ) -> None:
        self.partials_of, self.graphs = partials_of, graphs
        self.grads: dict[Value, Any] = {}
        self.watcher = modes.here.watchers[-1] if modes.here.watchers else None

    def add(self, x: Value, flow: Any) -> None:
        """Add to the gradient of a node."""
        self.grads[x] = self.grads[x] + flow if x in self.grads else flow

    def through(self, flows: Sequence[tuple[Value, Any]], stops: Sequence[Value]) -> None:
        """Send gradients from roots through the graph between these and the stops."""
        for root, g in flows:
            self.add(root, g)
        order = walk([root for root, _ in flows], set(stops))
        self.send(order)
        for node in order:  # let them go: they were made for this way back
            self.grads.pop(node, None)

    def send(self, order: Sequence[Value]) -> None:
        """Send gradients back, results before operands."""
        waiting = waiting_for(order)
        for node in reversed(order):
            g = self.grads.get(node)
            if waiting is not None and node._later is not None:
                node._later.back(node, 0.0 if g is None else g, waiting, self)
            elif g is not None and node._inputs and not _is_zero(g):
                self._spread(node, g)

    def _spread(self, node: Value, g: Any) -> None:
        """Send a gradient along a node's edges."""
        watcher = self.watcher
        for x, d in zip(node._inputs, self.partials_of(node), strict=True):
            if x._op != CONSTANT and not _is_zero(d) and not _is_lost(g, d):
                if watcher:
                    watcher.check_flow(node, x, number(g), number(d))
                flow = _product(g, d)
                self.add(x, flow)
                if watcher:
                    watcher.check_sum(node, x, number(self.grads[x]), number(flow))


def _is_zero(g: Any) -> bool:
    """Whether nothing flows: a plain 0. A `Value` of 0 may still have derivatives."""
    return type(g) is not Value and g == 0


def _is_lost(g: Any, d: Any) -> bool:
    """Whether a 0 meets what is not finite: nothing flows there, as in `Value.backward`."""
    a, b = number(g), number(d)
    return (a == 0 and not isfinite(b)) or (b == 0 and not isfinite(a))


def _product(g: Any, d: Any) -> Any:
    """Multiply, without a node for a factor of 1."""
    if type(g) is not Value and g == 1:
        return d
    return g if type(d) is not Value and d == 1 else g * d


def number(x: Any) -> float:
    """Return the number in a `Value` or a float."""
    return x._data if type(x) is Value else float(x)


def _partial_graphs(node: Value) -> list[Any]:
    """Evaluate the table's rules on the inputs themselves; constants go in as floats."""
    if node._op == CHECKPOINT:
        raise RuntimeError(
            f"gradient: {node!r} is the copy of a checkpoint's result, which keeps numbers alone: "
            "it can be differentiated once"
        )
    entry = TABLE[node._op]
    inputs = [x._data if x._op == CONSTANT else x for x in node._inputs]
    rules = _rules(node._op, entry.partials)
    if entry.variadic:
        partials = rules[0](*nary.split(node._op, inputs), node)[: len(inputs)]
    else:
        partials = [
            0.0 if x._op == CONSTANT else rule(*inputs, node)
            for x, rule in zip(node._inputs, rules, strict=True)
        ]
    for x, d, fixed in zip(node._inputs, partials, node._partials, strict=True):
        if x._op != CONSTANT and not _agree(number(d), fixed):
            raise RuntimeError(
                f"gradient: a leaf beneath {node!r} was changed after it was computed, or its "
                f"operation defined anew (its local derivative was {fixed!r}, now {number(d)!r}); "
                "compute the result again first"
            )
    return list(partials)


def _agree(a: float, b: float) -> bool:
    return a == b or (a != a and b != b) or abs(a - b) <= 1e-9 * max(abs(a), abs(b))


@cache
def _rules(op: str, texts: tuple[str, ...]) -> list[Callable[..., Any]]:  # noqa: ARG001 - see below
    """Compile an operation's rules; the texts tell apart two operations of one name."""
    return local_derivatives(TABLE[op], _names(), "values")


def _names() -> dict[str, Any]:
    """Return what rules may name when they are read for `Value`s."""
    return {
        **CONSTANTS,
        **FUNCTIONS,
        **OPAQUE,
        "number": number,
        "others": ieee.others,
        "complements": ieee.complements,
        "shares": lambda xs, z: ieee.shares([number(x) for x in xs], number(z)),
    }


set_value_names(_names)


def _check(result: Any, wrt: Any) -> None:
    if type(result) is not Value:
        raise TypeError(f"gradient: got {shown(result)} to differentiate; allowed is a Value")
    if not isinstance(wrt, (list, tuple)):
        raise TypeError(f"gradient: got {shown(wrt)} for wrt; allowed is a list of Values")
    for x in wrt:
        if type(x) is not Value:
            raise TypeError(f"gradient: got {shown(x)} in wrt; allowed are Values")
