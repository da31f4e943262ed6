"""Nodes and their topological order: operands before results, without recursion, deterministic."""
# ruff: noqa: D102 - documented in `Value`

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeVar

from autograd.errors import shown


class HasInputs(Protocol):
    """Anything with inputs: all that a walk needs of a node."""

    @property
    def _op(self) -> str: ...
    @property
    def _inputs(self) -> "tuple[HasInputs, ...]": ...


class Node(Protocol):
    """The part of a `Value` that the engine uses, the same in both kernels."""

    _data: float
    _grad: float | None
    _label: str | None
    grad: float

    @property
    def _op(self) -> str: ...
    @property
    def _inputs(self) -> "tuple[Node, ...]": ...
    @property
    def _partials(self) -> Iterable[float]: ...
    @property
    def _pullback(self) -> Any: ...
    @property
    def data(self) -> float: ...
    @property
    def op(self) -> str: ...
    @property
    def label(self) -> str | None: ...
    @property
    def inputs(self) -> "tuple[Node, ...]": ...
    @property
    def partials(self) -> tuple[float, ...]: ...
    @property
    def has_grad(self) -> bool: ...
    @property
    def is_leaf(self) -> bool: ...
    @property
    def is_constant(self) -> bool: ...


N = TypeVar("N", bound=HasInputs)


def topological(roots: N | Sequence[N]) -> list[N]:
    """Return all nodes that the roots depend on, and the roots, operands before results.

    The order is that of a depth-first walk that visits inputs from left to right. It depends only
    on the graph, so that pictures number nodes by it. Time and memory are linear; a chain of a
    million nodes takes about a second.

    >>> from autograd import Value
    >>> a, b = Value(2.0, "a"), Value(3.0, "b")
    >>> [v.label or v.op for v in topological(a * b + a)]
    ['a', 'b', 'mul', 'add']
    """
    several = roots if isinstance(roots, Sequence) else [roots]
    for root in several:
        if not hasattr(root, "_inputs"):
            raise TypeError(f"topological: got {shown(root)}; allowed: Values")
    return walk(several, set())


def walk(roots: Sequence[N], seen: set[N], ends: frozenset[str] = frozenset()) -> list[N]:
    """Return the nodes that are not in ``seen`` in topological order, and add them to it.

    Operations among ``ends`` are treated as leaves: the walk does not visit their inputs.
    """
    order: list[N] = []
    stack: list[N | None] = list(roots[::-1])
    while stack:
        node = stack.pop()
        if node is None:  # all inputs of the node beneath this marker are in the order
            order.append(stack.pop())  # type: ignore[arg-type]
        elif node not in seen:
            seen.add(node)
            inputs = node._inputs
            if inputs and not (ends and node._op in ends):
                stack += (node, None, *inputs[::-1])  # type: ignore[arg-type]
            else:
                order.append(node)
    return order
