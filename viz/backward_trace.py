"""The backward pass step by step, with the numbers that `Value.backward` computes.

The steps come in the order in which they happen: results before operands, a node's inputs from the
left to the right. Gradients are computed afresh, from zero: no node's ``grad`` is read or changed.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from autograd import Value
from autograd.engine.pullbacks import sent
from autograd.primitives import TABLE
from viz.graph_model import GraphModel

_ROUNDING = 1e-9  # of sums in another order
UNEXPLAINED = (  # what a star beside a gradient says
    "* not the sum of what flows back here: other backward calls added to it; see zero_grad()"
)


class BackwardStep(NamedTuple):
    """What flows back from a node to one of its inputs, both as positions in the graph.

    ``place`` is the input's place among the node's operands. ``product`` is the incoming gradient
    times the local derivative, 0 where either is exactly 0; ``total`` is the sum in the input's
    gradient after the step. For a node with a custom vjp
    (`autograd.custom_gradient`), ``local`` is the ratio of what flows to the incoming gradient.
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
    constant = [node.is_constant for node in graph.nodes]
    gradient = [0.0] * len(graph.nodes)
    gradient[-1] = 1.0
    for i in range(len(graph.nodes) - 1, -1, -1):
        if not graph.inputs[i]:
            continue
        g = gradient[i]
        node = graph.nodes[i]
        products = sent(node, g)
        parts = (
            [x / g if g else 0.0 for x in products] if has_custom_vjp(node.op) else node.partials
        )
        steps = zip(graph.inputs[i], parts, products, strict=True)
        for index, (source, partial, product) in enumerate(steps):
            if constant[source]:
                continue
            gradient[source] += product
            yield BackwardStep(i, source, index, g, partial, product, gradient[source])


def flow(node: Value, index: int) -> float | None:
    """Return what flows back from a node to the input at an index, None if not known."""
    if not node.has_grad or node.inputs[index].is_constant:
        return None
    if has_custom_vjp(node.op):
        return sent(node, node.grad)[index]
    partial, grad = node.partials[index], node.grad
    return partial * grad if partial and grad else 0.0  # 0 times inf is 0 in backward too


def unexplained_gradients(graph: GraphModel) -> dict[int, float]:
    """Return the sums of what flows back, for the nodes whose gradients differ from them.

    `Value.backward` accumulates into the gradients of leaves, so they may include those of other
    results or of earlier calls. A result is left out: its own gradient is where the pass began.

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
    """Tell whether what flows back is not a multiple of the incoming gradient.

    >>> has_custom_vjp("tanh")
    False
    """
    return op in TABLE and bool(TABLE[op].flows)


def dependents(graph: GraphModel, sources: Sequence[int]) -> list[bool]:
    """Tell of each node whether it is one of ``sources`` or computed from one of them."""
    depends = [False] * len(graph.nodes)
    for source in sources:
        depends[source] = True
    for i, inputs in enumerate(graph.inputs):
        if not depends[i]:
            depends[i] = any(depends[source] for source in inputs)
    return depends
