import math

from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
import nn
import viz
from autograd import Value, custom_vjp, gradient
from autograd.graph import topological
from autograd.primitives import TABLE
from tests.helpers.programs import apply
from viz.backward_trace import backward_trace, dependents, unexplained_gradients
from viz.graph_model import GraphModel

NUMBERS = st.floats(-3, 3).map(lambda x: round(x, 3))


@st.composite
def results(draw):
    """Draw the result of a random program over all primitives, with shared nodes and numbers."""
    nodes = [Value(draw(NUMBERS)) for _ in range(draw(st.integers(1, 3)))]
    for _ in range(draw(st.integers(1, 12))):
        op = draw(st.sampled_from(sorted(set(TABLE) - {"take"})))
        entry = TABLE[op]
        size = draw(st.integers(2, 5)) if entry.variadic else len(entry.arguments)
        operands = [draw(st.one_of(st.sampled_from(nodes), NUMBERS)) for _ in range(size)]
        operands[0] = draw(st.sampled_from(nodes))
        if op in {"round", "polygamma"}:  # their second and first arguments count
            operands[op == "round"] = float(draw(st.integers(0, 3)))
        made = apply(op, operands)
        if isinstance(made, Value):
            nodes.append(made)
    return nodes[-1]


def same(a, b):
    return a == b or (math.isnan(a) and math.isnan(b))


@settings(max_examples=150)
@given(results())
def test_numbers_are_those_of_backward(J):
    J.backward()
    rows = viz.ledger(J).rows
    sums, last = {}, {}
    for row in rows:
        assert same(row.product, row.incoming * row.local if row.incoming and row.local else 0.0)
        sums[row.to] = sums.get(row.to, 0.0) + row.product
        last[row.to] = row.total
    order = topological(J)
    for node in order:
        if node is not J and not node.is_constant:
            assert same(sums[node], node.grad)
            assert same(last[node], node.grad)
    leaves = [node for node in order if node.is_leaf and not node.is_constant]
    explained = viz.explain(J, leaves)
    assert all(map(same, explained.gradients, (leaf.grad for leaf in leaves)))
    for step in explained.steps:
        assert same(step.gradient, step.node.grad)
        assert same(sum((term.product for term in step.terms), 0.0), step.node.grad)
    assert str(explained)
    assert explained.latex.count("{") == explained.latex.count("}")
    assert str(viz.ledger(J))
    assert str(viz.text(J))


def test_steps_come_in_the_order_of_backward():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    u = a * b
    J = u + u.log()
    graph = GraphModel.build([J])
    names = [node.label or node.op for node in graph.nodes]
    order = [(names[flow.node], names[flow.to], flow.place) for flow in backward_trace(graph)]
    assert order == [
        ("add", "mul", 0), ("add", "log", 1), ("log", "mul", 0), ("mul", "a", 0), ("mul", "b", 1),
    ]  # fmt: skip


def test_nothing_flows_along_a_zero():
    x = Value(0.0)
    [*_, last] = backward_trace(GraphModel.build([0 * x.log()]))
    assert (last.incoming, last.local, last.product) == (0.0, math.inf, 0.0)


def test_gradients_are_neither_read_nor_changed():
    x = Value(3.0)
    J = x * x
    J.backward()
    x.grad = 7.0
    assert viz.ledger(J).rows[-1].total == 6.0
    assert viz.explain(J, x).gradients == (6.0,)
    assert x.grad == 7.0
    assert gradient(J, [x]) == [6.0]


def test_dependents():
    a, b = Value(1.0), Value(2.0)
    graph = GraphModel.build([(a * b) + b.exp()])
    found = dependents(graph, [graph.nodes.index(a)])
    assert [node.op for node, yes in zip(graph.nodes, found, strict=True) if yes] == [
        "leaf", "mul", "add",
    ]  # fmt: skip


def test_a_rule_of_its_own_says_what_flows_in_every_view():
    clipped = custom_vjp("clipped", "x", "clip(g, -1, 1)")
    for data, flow in ((3.0, 1.0), (-0.25, -0.5), (0.0, 0.0)):  # cut off, passed, nothing
        x = Value(data, "x")
        u = clipped(x)
        y = u * u
        y.backward()
        assert x.grad == flow
        assert [(step.incoming, step.product) for step in backward_trace(GraphModel.build([y]))][
            -1
        ] == (u.grad, flow)
        assert viz.explain(y, x).gradients == (flow,)
        assert viz.ledger(y).rows[-1].total == flow
        assert f"flows back {flow!r} of {u.grad!r}" in viz.draw(y).dot
        page = viz.explore(y)
        assert page.steps[-1].numbers[-1] == flow
        assert "The inputs are fixed: the page cannot compute clipped." in page.html()


def test_nothing_flows_through_a_rule_of_its_own_for_a_gradient_of_0():
    clipped = custom_vjp("clipped", "x", "clip(g, -1, 1) + 1")
    x = Value(2.0, "x")
    y = clipped(x) * 0.0
    y.backward()
    assert x.grad == 0.0 == [*backward_trace(GraphModel.build([y]))][-1].product


def explained(*roots):
    return unexplained_gradients(GraphModel.build(list(roots))) == {}


def test_gradients_are_the_sum_of_what_flows_back(graphs):
    for name in ("lecture", "loss"):
        assert explained(graphs[name]())
    assert explained(graphs["logistic"]()[0])
    a = Value(2.0)
    common_prefix = [a * a, a.exp()]
    for result in common_prefix:
        result.backward()
    assert explained(*common_prefix)


def test_before_backward_nothing_is_left_over():
    assert explained(Value(2.0) * 3)


def test_gradients_of_other_results_and_calls_are_left_over():
    a, b = Value(2.0), Value(3.0)
    J, K = a * b, a.exp()
    J.backward()
    K.backward()
    assert unexplained_gradients(GraphModel.build([J])) == {0: 3.0}
    assert explained(J, K)
    J.backward()
    assert unexplained_gradients(GraphModel.build([J])) == {0: 3.0, 1: 2.0}
    for leaf in (a, b):
        leaf.zero_grad()
    assert explained(J)
    J.backward()
    assert explained(J)
    b.grad = -1.0
    assert unexplained_gradients(GraphModel.build([J])) == {1: 2.0}


def test_a_part_of_a_graph_says_what_comes_from_outside():
    a = Value(2.0)
    u = a * a
    (u * a).backward()
    assert unexplained_gradients(GraphModel.build([u])) == {0: 8.0}


def test_a_trained_network_is_explained_after_a_pass_of_its_own():
    model = nn.MLP(2, [3, 1], rng=0)
    X, y = [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0]
    nn.fit(model, X, y, loss="mse", epochs=2, progress=False)
    for p in model.parameters():
        p.zero_grad()
    loss = nn.mse(model([Value(0.5), Value(-1.0)]), 1.0)
    loss.backward()
    assert explained(loss)
    loss.backward()
    assert not explained(loss)


def test_what_is_not_finite_and_rounding_are_no_reason():
    x = Value(0.0)
    J = autograd.sum([x.log() * 0.1 for _ in range(3)]) - autograd.sqrt(x)
    J.backward()
    assert explained(J)
    w = Value(0.1)
    J = autograd.sum([w * k / 7 for k in range(1000)])
    J.backward()
    assert explained(J)


def test_custom_rules_and_checkpoints_are_explained():
    gentle = autograd.custom_vjp("gentle", "x", "clip(g, -1, 1)")
    a = Value(2.0)
    J = gentle(a * 3) * 5 + autograd.checkpoint(lambda x: x * x)(a)
    J.backward()
    assert explained(J)
