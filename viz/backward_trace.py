"""The backward pass step by step, with the numbers that `Value.backward` computes.

The steps are in the order of execution: results before operands, the inputs of a node from left to
right. Gradients are accumulated from zero: no node's ``grad`` is read or changed.
"""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, NamedTuple

from autograd import Value
from autograd.engine.pullbacks import CustomPullback, input_cotangents
from autograd.engine.reverse import CotangentMap, Pullback, backward_pass, scaled
from autograd.graph import Node
from autograd.primitives import TABLE
from viz.graph_model import GraphModel

_ROUNDING = 1e-9  # of sums in another order
UNEXPLAINED = (  # what a star beside a gradient says
    "* not the sum of what flows back here: other backward calls added to it; see zero_grad()"
)


class BackwardStep(NamedTuple):
    """The contribution of a node to the gradient of one of its inputs, as indices in the graph.

    ``place`` is the index of the input among the node's operands. ``product`` is the incoming
    gradient times the local derivative, 0 if either is exactly 0; ``total`` is the input's gradient
    after the step. For a node with a custom vjp (`autograd.custom_vjp`), ``local`` is the ratio of
    the contribution to the incoming gradient.
    """

    node: int
    to: int
    place: int
    incoming: float
    local: float
    product: float
    total: float


def backward_trace(graph: GraphModel) -> Iterator[BackwardStep]:
    """Yield the steps of the backward pass from a graph's only result; constants get none.

    >>> from autograd import Value
    >>> from viz.graph_model import GraphModel
    >>> a = Value(3.0)
    >>> [(step.product, step.total) for step in backward_trace(GraphModel.build([a * a]))]
    [(3.0, 3.0), (3.0, 6.0)]
    """
    trace = _Trace(graph)
    backward_pass(graph.nodes, trace)
    return iter(trace.steps)


class _Trace(CotangentMap):
    """A sink that records the contribution along each edge, zeros included."""

    def __init__(self, graph: GraphModel) -> None:
        super().__init__({graph.nodes[-1]: 1.0}, graph.nodes)
        self.float_pass = None  # which goes past the sink
        self.position: dict[Node, int] = {node: i for i, node in enumerate(graph.nodes)}
        self.steps: list[BackwardStep] = []
        self._indices: Iterator[int] = iter(())

    def take(self, node: Node) -> float:
        """Go to the next node; without a cotangent, it contributes nothing."""
        cotangent: float = super().take(node)
        self._indices = count()
        if not cotangent:
            partials = [0.0] * len(node.inputs) if has_custom_vjp(node.op) else node.partials
            for x, d in zip(node.inputs, partials, strict=True):
                self.receive(node, x, cotangent, d, 0.0)
        return cotangent

    def accepts(self, node: Node) -> bool:  # noqa: ARG002 - constants are counted, too
        """Accept all: `receive` leaves out constants."""
        return True

    def pullback(self, node: Node) -> Pullback | None:
        """Return only custom vjps: a checkpoint counts as a node with local derivatives here."""
        pullback = super().pullback(node)
        return pullback if isinstance(pullback, CustomPullback) else None

    def receive(self, node: Node, x: Node, cotangent: float, partial: Any, term: float) -> None:
        """Record a step."""
        index = next(self._indices)
        if not x.is_constant:
            super().receive(node, x, cotangent, partial, term)
            local = term / cotangent if partial is None else partial
            ends = self.position[node], self.position[x]
            self.steps.append(BackwardStep(*ends, index, cotangent, local, term, self.total(x)))


def flow(node: Value, index: int) -> float | None:
    """Return the contribution of a node to its input at an index, None if not known."""
    if not node.has_grad or node.inputs[index].is_constant:
        return None
    if has_custom_vjp(node.op):
        return input_cotangents(node, node.grad)[index]
    product: float = scaled(node.grad, node.partials[index])  # 0 times inf is 0 in backward too
    return product


def unexplained_gradients(graph: GraphModel) -> dict[int, float]:
    """Return the gradients of this graph, for nodes whose ``grad`` differs from it.

    `Value.backward` accumulates into the gradients of leaves, so they may include those of other
    results or of earlier calls. Results are left out: their gradient is the seed of the pass.

    >>> from autograd import Value
    >>> from viz.graph_model import GraphModel
    >>> a = Value(3.0)
    >>> b = a * 2
    >>> b.backward(); b.backward()
    >>> a.grad, unexplained_gradients(GraphModel.build([b]))
    (4.0, {0: 2.0})
    """
    sums, sizes = [0.0] * len(graph.nodes), [0.0] * len(graph.nodes)
    for i, sources in enumerate(graph.inputs):
        for index, source in enumerate(sources):
            part = flow(graph.nodes[i], index) or 0.0
            sums[source] += part
            sizes[source] += abs(part)
    return {
        i: sums[i]
        for i, (node, role) in enumerate(zip(graph.nodes, graph.roles, strict=True))
        if role != "result" and not node.is_constant and node.has_grad
        if abs(node.grad - sums[i]) > _ROUNDING * (sizes[i] + abs(node.grad))
    }


def has_custom_vjp(op: str) -> bool:
    """Return whether an operation has a vjp that is no multiple of the incoming gradient.

    >>> has_custom_vjp("tanh")
    False
    """
    return op in TABLE and bool(TABLE[op].vjps)


def dependents(graph: GraphModel, sources: Sequence[int]) -> list[bool]:
    """Return for each node whether it is in ``sources`` or depends on one of them."""
    depends = [False] * len(graph.nodes)
    for source in sources:
        depends[source] = True
    for i, inputs in enumerate(graph.inputs):
        if not depends[i]:
            depends[i] = any(depends[source] for source in inputs)
    return depends
