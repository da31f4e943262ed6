"""Random graphs of Values, and how far another order of addition may move their results."""

import math
import random
import sys

import numpy as np

import autograd
from autograd import Value
from autograd.graph import topological
from autograd.primitives import TABLE
from tests.helpers.programs import apply

ENTRIES = [e for e in TABLE.values() if e.name not in {"polygamma", "round", "floordiv", "mod"}]
LISTS = ("sum", "mean", "prod", "max", "logsumexp", "norm", "softmax")


def rows(r, pool):
    """Make nodes as a loop does: the same operation on shifted operands."""
    entry, count, width = r.choice(ENTRIES), r.randint(2, 6), r.randint(1, 4)
    shared = [r.choice(pool) for _ in range(width)]
    kind = r.choice(["each", "dot", "lists", "affine"])
    made = []
    for i in range(count):
        turn = [pool[(i + j) % len(pool)] for j in range(max(width, len(entry.arguments)))]
        if kind == "each" and not entry.variadic:
            made.append(apply(entry.name, turn[: len(entry.arguments)]))
        elif kind == "dot":
            products = zip(turn[:width], shared, strict=True)
            made.append(sum((a * b for a, b in products), r.choice([0, pool[i % len(pool)]])))
        elif kind == "lists":
            ragged = turn[:width] + pool[: i if r.random() < 0.3 else 0]
            found = getattr(autograd, r.choice(LISTS))(ragged)
            made += found if isinstance(found, list) else [found]
        else:
            made.append(0.5 * turn[0] - pool[(i + 1) % len(pool)] * shared[0] + turn[0].tanh())
    return [v if math.isfinite(v.data) and abs(v.data) < 5 else v.tanh() for v in made]


def random_graph(seed):
    """Return a result and its leaves, some of which may be unused."""
    r = random.Random(seed)
    labels = [None, "p[{}]", "w.{}"]
    leaves = [
        Value(r.uniform(0.2, 1.5), (r.choice(labels) or "").format(i) or None)
        for i in range(r.randint(1, 6))
    ]
    nodes = list(leaves)
    for _ in range(r.randint(0, 3)):
        nodes = nodes + rows(r, nodes) if r.random() < 0.6 else rows(r, nodes)
    for _ in range(r.randint(0, 10)):
        entry = r.choice(ENTRIES)
        count = r.randint(1, 4) if entry.variadic else len(entry.arguments)
        if entry.name == "dot":
            count = 2 * r.randint(1, 3) + r.randint(0, 1)
        operands = [
            r.choice(nodes) if r.random() < 0.85 else r.uniform(0.1, 1) for _ in range(count)
        ]
        if any(isinstance(x, Value) for x in operands):
            made = apply(entry.name, operands)
            nodes += [made] if isinstance(made, Value) and math.isfinite(made.data) else []
    tail = nodes[-r.randint(1, 8) :]
    ends = [v.tanh() if abs(v.data) > 3 else v for v in tail]
    return autograd.sum(ends) * r.choice([1, 0.5, -2]), leaves


NEAR, JUMP = 1e-9, 1e-4  # far above rounding; far below any jump, and above what slopes make of it


def at_jump(node):
    """Whether rounding of what an operation reads may change its result, or its slope, by a jump.

    A compiled program adds in another order, so that of `x + x * x - x - x * x` the sign may be
    another. Leaves are read as they are, and the same node has the same rounding everywhere.
    """
    if node.op not in TABLE or TABLE[node.op].smooth:
        return False

    def local(moved, by):
        """The result and its derivatives with respect to different nodes, where one has moved."""
        seen = {id(v): Value(v.data + by * (v is moved)) for v in node.inputs}
        made = apply(node.op, [seen[id(v)] for v in node.inputs])
        made.backward()
        return np.array([made.data, *(v.grad for v in seen.values())])

    rounded = {id(v): v for v in node.inputs if v.inputs}.values()
    moves = [(v, by) for v in rounded for by in (NEAR, -NEAR)]
    gaps = [(v, other.data - v.data) for v in rounded for other in node.inputs]
    moves += [(v, gap) for v, gap in gaps if abs(gap) < NEAR]  # numbers that may be equal
    still = local(None, 0.0)
    return any(np.abs(local(*move) - still).max() > JUMP for move in moves)


def rounding(result):
    """Bound, after `backward`, what one rounding of each node makes of a result, as a share of it.

    Below 1e-14 as a rule; above 1e-12 in two programs of a thousand, as in `atanh(tanh(11))`, where
    what is computed in another order does not keep the digits that are compared.
    """
    moved = sum(abs(v.grad * v.data) for v in topological(result))
    return sys.float_info.epsilon * moved / max(1.0, abs(result.data))
