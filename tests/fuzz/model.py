"""What every number must be: a graph as plain records, by the textbook's formulas."""

import math
from dataclasses import dataclass, field


@dataclass(eq=False)
class Node:
    """A record of a node; ``slopes`` are the local derivatives when it was computed."""

    data: float
    inputs: tuple["Node", ...] = ()
    slopes: tuple[float, ...] = ()
    constant: bool = False
    grad: float | None = None
    was: float = field(init=False)  # the number that results were computed from

    def __post_init__(self):
        self.was = self.data


def _sigmoid(x):
    return 1 / (1 + math.exp(-x))


def _others(xs):
    return [math.prod(xs[:i] + xs[i + 1 :]) for i in range(len(xs))]


def _dot(xs):
    half = len(xs) // 2
    total = sum(x * y for x, y in zip(xs[:half], xs[half:], strict=False)) + sum(xs[2 * half :])
    return total, [*xs[half : 2 * half], *xs[:half], *[1.0] * (len(xs) % 2)]


# operation: (number of operands, value and local derivatives)
OPERATIONS = {
    "add": (2, lambda xs: (xs[0] + xs[1], [1.0, 1.0])),
    "sub": (2, lambda xs: (xs[0] - xs[1], [1.0, -1.0])),
    "mul": (2, lambda xs: (xs[0] * xs[1], [xs[1], xs[0]])),
    "neg": (1, lambda xs: (-xs[0], [-1.0])),
    "square": (1, lambda xs: (xs[0] ** 2, [2 * xs[0]])),
    "tanh": (1, lambda xs: (math.tanh(xs[0]), [math.cosh(min(abs(xs[0]), 300)) ** -2])),
    "sin": (1, lambda xs: (math.sin(xs[0]), [math.cos(xs[0])])),
    "atan": (1, lambda xs: (math.atan(xs[0]), [1 / (1 + xs[0] ** 2)])),
    "relu": (1, lambda xs: (max(xs[0], 0.0), [float(xs[0] > 0)])),
    "sigmoid": (1, lambda xs: (_sigmoid(xs[0]), [_sigmoid(xs[0]) * _sigmoid(-xs[0])])),
    "abs": (1, lambda xs: (abs(xs[0]), [math.copysign(1.0, xs[0]) if xs[0] else 0.0])),
    "sum": (3, lambda xs: (xs[0] + xs[1] + xs[2], [1.0] * 3)),
    "prod": (3, lambda xs: (xs[0] * xs[1] * xs[2], _others(xs))),
    "dot": (5, _dot),
}


def apply(op, inputs):
    """Compute a node; of constants alone, too, since these are nodes as any other."""
    data, slopes = OPERATIONS[op][1]([x.data for x in inputs])
    return Node(data, tuple(inputs), tuple(slopes))


def order(root):
    """List a graph, operands before results."""
    placed, done, stack = [], set(), [root]
    while stack:
        node = stack.pop()
        if id(node) in done:
            continue
        missing = [x for x in node.inputs if id(x) not in done]
        if missing:
            stack += [node, *missing]
        else:
            done.add(id(node))
            placed.append(node)
    return placed


def gradients(root):
    """Return what flows to each node, and the size of the terms that were added up for it."""
    flows, sizes = {id(root): 1.0}, {id(root): 1.0}
    for node in reversed(order(root)):
        for x, slope in zip(node.inputs, node.slopes, strict=True):
            if not x.constant and id(node) in flows:
                term = flows[id(node)] * slope
                flows[id(x)] = flows.get(id(x), 0.0) + term
                size = sizes[id(node)] * abs(slope)
                sizes[id(x)] = sizes.get(id(x), 0.0) + size
    return flows, sizes


def backward(root):
    """Add to leaves, set all others that something flows to."""
    flows, _ = gradients(root)
    for node in order(root):
        if id(node) in flows and not node.constant:
            before = node.grad or 0.0 if not node.inputs else 0.0
            node.grad = before + flows[id(node)]


def copied(roots):
    """Copy graphs together."""
    made = {}
    for root in roots:
        for node in order(root):
            if id(node) not in made:
                inputs = tuple(made[id(x)] for x in node.inputs)
                new = Node(node.data, inputs, node.slopes, node.constant, node.grad)
                new.was = node.was
                made[id(node)] = new
    return [made[id(root)] for root in roots]
