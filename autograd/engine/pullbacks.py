"""Nodes whose way back is a function: local derivatives that are not numbers kept in the node.

Such a node holds a `Later` in the place of its local derivatives. The kernels ask it to send a
gradient back; who only wants numbers iterates over it. There are two: a `Gate`, here, whose rule
need not be a multiple of the incoming gradient, and an output of a block that is computed again
(`autograd.engine.checkpoint`).
"""
# ruff: noqa: SLF001 - the kernels' own fields

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

from autograd.context import anomaly_detector, tracing
from autograd.graph import Node
from autograd.primitives import TABLE
from autograd.rules.backends import FLOATS, define, execute
from autograd.rules.parsing import for_floats, for_traces, for_values

Waiting = dict[Any, dict[int, Any]]  # of each block, what has come to its outputs so far
Sweep = Callable[[Sequence[tuple[Node, Any]], Sequence[Node]], None]


class _Use:
    """Whether any such node was made in this process: until then, nobody looks for one."""

    on = False


class Way:
    """One way back: how it adds to a gradient, and how it goes through a graph within a node."""

    graphs = False  # whether what flows are graphs

    def add(self, x: Node, flow: Any) -> None:
        """Add to the gradient of a node."""
        raise NotImplementedError

    def through(self, flows: Sequence[tuple[Node, Any]], stops: Sequence[Node]) -> None:
        """Send gradients from roots through the graph between these and the stops."""
        raise NotImplementedError


class _Numbers(Way):
    """The way back of `Value.backward`: gradients are numbers in the nodes."""

    sweep: Sweep

    def add(self, x: Node, flow: Any) -> None:
        """Add to the gradient of a node."""
        x.grad += flow

    def through(self, flows: Sequence[tuple[Node, Any]], stops: Sequence[Node]) -> None:
        """Let the kernel go through a graph."""
        self.sweep(flows, stops)


NUMBERS = _Numbers()


def set_sweep(sweep: Sweep) -> None:
    """Learn from the kernel how it goes through the graph within a node."""
    NUMBERS.sweep = sweep


class Later:
    """What stands in the place of a node's local derivatives."""

    __slots__ = ()

    def __init__(self) -> None:
        _Use.on = True

    def expected(self, waiting: Waiting) -> None:
        """Learn, before gradients are sent back, that the node takes part."""

    def back(self, node: Node, g: Any, waiting: Waiting, way: Way) -> None:
        """Send the gradient ``g`` of the node to its inputs; 0 where none came."""
        raise NotImplementedError

    def refusal(self, node: Node, *, graphs: bool) -> str:
        """Say why forward mode cannot pass the node; nothing where it can."""
        raise NotImplementedError

    def kept(self) -> Any:
        """Return what a copy of the node holds."""
        raise NotImplementedError

    def __iter__(self) -> Iterator[float]:
        raise NotImplementedError


Partials = tuple[float, ...] | Later  # what a node holds


def waiting_for(order: Sequence[Node]) -> Waiting | None:
    """Tell all such nodes that a way back begins; None where there can be none."""
    if not _Use.on:
        return None
    waiting: Waiting | None = None
    for node in order:
        if node._later is not None:
            waiting = {} if waiting is None else waiting
            node._later.expected(waiting)
    return waiting


def refusal(order: Sequence[Node], *, graphs: bool) -> str:
    """Say why forward mode cannot go along a graph; nothing where it can."""
    if _Use.on:
        for node in order:
            later: Later | None = node._later
            if later is not None and (why := later.refusal(node, graphs=graphs)):
                return why
    return ""


def nothing(g: Any) -> bool:
    """Whether nothing flows: a plain 0. A `Value` of 0 may still have derivatives."""
    return isinstance(g, float) and g == 0


def _number(x: Any) -> float:
    return float(getattr(x, "_data", x))


class Gate(Later):
    """The way back of an operation whose rule for it has the incoming gradient ``g``: clipping."""

    __slots__ = ("op", "xs", "z")

    def __init__(self, op: str, xs: tuple[float, ...], z: float) -> None:
        super().__init__()
        self.op, self.xs, self.z = op, xs, z

    def back(self, node: Node, g: Any, waiting: Waiting, way: Way) -> None:  # noqa: ARG002 - see above
        """Send what the rules make of the gradient."""
        if nothing(g):
            return
        inputs = node.inputs
        if way.graphs:
            operands = [x._data if x.is_constant else x for x in inputs]
            form = "traces" if tracing() else "values"
            flows = [rule(*operands, node, g) for rule in _rules(self.op, form)]
        else:
            flows = self.flows(g)
        watched = anomaly_detector()
        for x, flow in zip(inputs, flows, strict=True):
            if not x.is_constant and not nothing(flow):
                if watched is not None:
                    watched.check_rule(node, x, _number(g), _number(flow))
                way.add(x, flow)

    def flows(self, g: float) -> list[float]:
        """Return what flows to each input for a gradient, in numbers."""
        return flows_of(self.op)(self.xs, self.z, g)

    def refusal(self, node: Node, *, graphs: bool) -> str:  # noqa: ARG002 - see above
        """Say that the rule knows what comes back, not what goes forward."""
        return (
            f"{node!r} has a rule for the way back alone (custom_vjp), and forward mode "
            "cannot pass it; use grad, vjp or jacobian, and grad of grad for second derivatives"
        )

    def kept(self) -> "Gate":
        """Return itself: it holds numbers alone."""
        return self

    def __iter__(self) -> Iterator[float]:
        return iter(self.flows(1.0))


def sent(node: Node, g: float) -> list[float]:
    """Return what a node sends to each of its inputs for a gradient, in numbers.

    The gradient times the local derivatives, 0 where either is exactly 0; a `Gate` has its rule.

    >>> from autograd import Value
    >>> sent(Value(2.0) * Value(3.0), 5.0)
    [15.0, 10.0]
    """
    if isinstance(node._later, Gate):
        return node._later.flows(g) if g else [0.0] * len(node._inputs)
    return [g * d if g and d else 0.0 for d in node._partials]


def flows_of(op: str) -> Callable[[Sequence[float], float, float], list[float]]:
    """Return what flows back from an operation: a function of its inputs, result and gradient."""
    rules = _rules(op, "floats")
    return lambda xs, z, g: [float(rule(*xs, z, g)) for rule in rules]


_VALUES: list[Callable[[str], dict[str, Any]]] = []  # the names for rules over Values


def set_value_names(names: Callable[[str], dict[str, Any]]) -> None:
    """Learn what rules may name when they are read for `Value`s, or while a function is traced."""
    _VALUES[:] = [names]


def _rules(op: str, form: str) -> list[Callable[..., Any]]:
    entry = TABLE[op]
    return _compiled(op, entry.arguments, entry.flows, form)


@cache
def _compiled(
    op: str, arguments: tuple[str, ...], flows: tuple[str, ...], form: str
) -> list[Callable[..., Any]]:
    rewrite = {"floats": for_floats, "values": for_values, "traces": for_traces}[form]
    names = FLOATS if form == "floats" else _VALUES[0](form)
    made = []
    for argument, text in zip(arguments, flows, strict=True):
        name = f"flow_{op}_to_{argument}"
        source = define(name, (*arguments, "z", "g"), rewrite(text, op))
        made.append(execute(source, f"{name} for {form}", names)[name])
    return made
