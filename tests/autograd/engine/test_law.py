"""Fast copies of the backward pass agree with the law, bit for bit: the kernel's, and the map's."""

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value, gradient
from autograd.engine.reverse import CotangentMap, backward_pass
from autograd.graph import topological
from autograd.primitives import TABLE
from tests.helpers.programs import apply

NUMBERS = st.one_of(
    st.floats(-3, 3).map(lambda x: round(x, 3)),
    st.sampled_from([0.0, -0.0, 1e-300, -1e300, float("inf"), float("nan")]),
)


def block(x, y):
    t = autograd.tanh(x * y)
    return [t + x, autograd.checkpoint(lambda u: u * u * t)(y), t]


def of_block(x, y):
    return autograd.sum(autograd.checkpoint(block)(x, y))


OPS = sorted({*TABLE} - {"take"})


@cache
def clipped():
    return autograd.custom_vjp("clipped_product", "x * y", "clip(g, -1, 1)", "g * g * x")


@st.composite
def results(draw):
    """Draw the last result of a program that may have custom vjps and checkpoints."""
    nodes = [Value(draw(NUMBERS)) for _ in range(draw(st.integers(1, 3)))]
    for _ in range(draw(st.integers(1, 12))):
        op = draw(st.sampled_from(["block", "clipped", *OPS]))
        x, y = draw(st.sampled_from(nodes)), draw(st.sampled_from(nodes))
        if op in {"block", "clipped"}:
            nodes.append(of_block(x, y) if op == "block" else clipped()(x, y))
            continue
        entry = TABLE[op]
        size = draw(st.integers(2, 5)) if entry.variadic else len(entry.arguments)
        more = st.one_of(st.just(x), st.just(y), NUMBERS)  # often the same: sums have an order
        operands = [x, *(draw(more) for _ in range(size - 1))]
        if op in {"round", "polygamma"}:  # their second and first arguments count
            operands[op == "round"] = float(draw(st.integers(0, 3)))
        made = apply(op, operands)
        if isinstance(made, Value):
            nodes.append(made)
    u, v = draw(st.sampled_from(nodes)), nodes[-1]
    return u * v - v / 3 + u * 0.7 + autograd.dot([u, v, u], [0.1, u, -0.3])


class Law(CotangentMap):
    """The law itself, whatever the graph."""

    def __init__(self, cotangents, wrt):
        super().__init__(cotangents, wrt)
        self.float_pass = None


def by_law(result, order, cotangents=()):
    sink = Law({result: 1.0, **dict(cotangents)}, order)
    backward_pass(order, sink)
    return [sink.total(x).hex() for x in order]


@settings(max_examples=150, deadline=None)
@given(results())
def test_the_copies_of_the_kernel_and_of_the_map_agree_with_the_law(result):
    order = topological(result)
    variables = [i for i, x in enumerate(order) if not x.is_constant]
    wanted = by_law(result, order)
    result.backward()
    assert [order[i].grad.hex() for i in variables] == [wanted[i] for i in variables]
    assert [g.hex() for g in gradient(result, order)] == wanted
    leaves = [i for i in variables if order[i].is_leaf and order[i] is not result]
    wanted = by_law(result, order, {order[i]: order[i].grad for i in leaves})
    result.backward()  # adds to the leaves, in the same order
    assert [order[i].grad.hex() for i in leaves] == [wanted[i] for i in leaves]
