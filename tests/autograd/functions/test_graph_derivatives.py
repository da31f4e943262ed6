"""Local derivatives as graphs, also while a function is traced."""

import pytest

import autograd
from autograd import Value, constant
from autograd.compiler.tracing.trace import Tracing
from autograd.functions import graph_derivatives as module
from autograd.functions.graph_derivatives import GraphDerivatives, partial_graphs
from autograd.graph import topological
from autograd.primitives import TABLE


def test_each_is_built_once():
    x = Value(0.5)
    z = autograd.tanh(x)
    graphs = GraphDerivatives()
    assert graphs.partials(z) is graphs.partials(z)
    assert partial_graphs(z)[0] is not graphs.partials(z)[0]


def ops(node):
    return [v.op for v in topological(node) if not v.is_leaf]


def test_a_trace_takes_the_textbooks_rule_or_the_exact_one():
    x = Value(0.5)
    z = autograd.tanh(x)
    with Tracing("f"):
        (short,) = partial_graphs(z)
    with Tracing("f", exact=True):
        (exact,) = partial_graphs(z)
    assert ops(short) == ["tanh", "mul", "sub"]
    assert ops(exact) == ["sech", "square"]
    assert exact.data == pytest.approx(short.data)


def test_a_trace_compares_by_nodes():
    x, y = Value(0.5), Value(0.25)
    z = autograd.maximum(x, y)
    with Tracing("f") as tracing:
        dx, dy = partial_graphs(z)
    assert (dx.data, dy.data) == (1.0, 0.0)
    assert "less" in ops(dx)
    assert not tracing.compared_pairs
    with Tracing("f"):
        (d,) = partial_graphs(autograd.relu(x))
    assert ops(d) == ["less"]


def test_a_trace_watches_where_a_short_rule_says_too_much():
    """1 / x is a number where log x is none."""
    blind = []
    for entry in TABLE.values():
        if entry.textbook and not entry.variadic:
            xs = [Value(0.5) for _ in entry.arguments]
            z = getattr(autograd, entry.name)(*xs)
            with Tracing("f") as tracing:
                partial_graphs(z)
            assert tracing.finite_checks in ([], [z])
            blind += [entry.name] * bool(tracing.finite_checks)
    assert blind == ["log", "log1p", "log2", "log10"]
    z = autograd.log(Value(0.5))
    with Tracing("f", exact=True) as tracing:
        partial_graphs(z)
    assert not tracing.finite_checks


def test_plain_numbers_are_decided_at_once():
    assert module.less(1, 2) is True
    assert module.equal(1, 2) is False
    assert module.unequal(1, 2) is True
    assert module.negated(True) is False
    assert module.choose(True, "x", "y") == "x"
    assert module.choose(False, "x", "y") == "y"
    assert module.power(3.0, 0) == 1.0
    x, c = Value(3.0), autograd.less(Value(1.0), 2.0)
    assert module.power(x, 1) is x
    assert module.power(x, 2).op == "pow"
    assert module.both(True, c) is c
    assert module.both(c, True) is c
    assert module.both(False, c) is False
    assert module.both(c, False) is False
    assert module.choose(c, 1, 0) is c
    assert module.choose(c, 7, 7) == 7
    assert module.choose(c, x, 0).op == "where"
    assert module.unequal(c, 0) is c
    assert module.unequal(x, 0).data == 1.0


@pytest.mark.parametrize(("c", "d"), [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_truths_of_nodes(c, d):
    one, other = Value(float(c)), Value(float(d))
    assert module.both(one, other).data == float(c and d)
    assert module.either(one, other).data == float(c or d)
    assert module.negated(one).data == 1 - c


def test_what_a_constant_zero_multiplies_is_zero():
    x = Value(2.0)
    assert module._fold_constant(0.0 * x) == 0.0
    assert module._fold_constant(constant(3.0)) == 3.0
    assert module._fold_constant(3.0) == 3.0
    node = 2.0 * x
    assert module._fold_constant(node) is node


def test_shares_and_complements_of_nodes():
    xs = [Value(2.0), Value(2.0), Value(1.0)]
    names = module._names("traces")
    found = [v.data for v in names["shares"](xs, autograd.max(xs))]
    assert found == [0.5, 0.5, 0.0]
    ps = autograd.softmax(xs)
    assert [v.data for v in names["complements"](ps, Value(1.0))] == pytest.approx(
        [-ps[0].data, 1 - ps[1].data, -ps[2].data]
    )
