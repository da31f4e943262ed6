"""`gradient`: derivatives as results, as numbers and as graphs, to any order."""

import math

import pytest

import autograd
from autograd import Value, constant, gradient
from autograd.functions.install import install, uninstall
from autograd.graph import topological
from autograd.primitives import unary


def orders(x, f, n):
    """The number f(x) and its first n derivatives."""
    node = f(x)
    found = [node.data]
    for _ in range(n):
        (node,) = gradient(node, [x], create_graph=True)
        found.append(node.data)
    return found


def test_numbers():
    a, b = Value(2.0), Value(3.0)
    J = a * b + a
    assert gradient(J, [a, b]) == [4.0, 2.0]
    assert gradient(J, (b,)) == [2.0]
    assert gradient(J, []) == []
    assert not any(x.has_grad for x in topological(J))


def test_with_respect_to_nodes_between_and_the_result():
    a = Value(2.0)
    u = a * a
    J = u * 3 + a
    assert gradient(J, [u, J, a]) == [3.0, 1.0, 13.0]
    graphs = gradient(J, [u, J, a], create_graph=True)
    assert [g.data for g in graphs] == [3.0, 1.0, 13.0]


def test_what_does_not_matter_is_zero():
    a, b = Value(2.0), Value(3.0)
    assert gradient(a * a, [b]) == [0.0]
    (g,) = gradient(a * a, [b], create_graph=True)
    assert (g.data, g.is_constant) == (0.0, True)
    assert gradient(3 * constant(2), [a]) == [0.0]
    k = constant(5.0)
    assert gradient(a * k, [k]) == [0.0]
    assert gradient(a, [a]) == [1.0]


def test_agrees_with_backward():
    a, b, c = Value(0.3), Value(-1.2), Value(2.5)
    J = autograd.tanh(a * b + c) / c + a**b * autograd.logsumexp([a, b, c, a * a])
    J = J + autograd.where(b > 0, autograd.sqrt(abs(b)), 0.0) + autograd.prod([a, b, c])
    J.backward()
    assert gradient(J, [a, b, c]) == [a.grad, b.grad, c.grad]
    graphs = gradient(J, [a, b, c], create_graph=True)
    assert [g.data for g in graphs] == pytest.approx([a.grad, b.grad, c.grad], rel=1e-15)


def test_third_order():
    assert orders(Value(2.0), lambda x: x**5, 5) == [32.0, 80.0, 160.0, 240.0, 240.0, 120.0]
    assert orders(Value(0.7), autograd.exp, 3) == [math.exp(0.7)] * 4
    sine = [math.sin(0.7), math.cos(0.7), -math.sin(0.7), -math.cos(0.7)]
    assert orders(Value(0.7), autograd.sin, 3) == sine
    t = math.tanh(0.7)
    s = 1 - t * t
    assert orders(Value(0.7), autograd.tanh, 3) == pytest.approx(
        [t, s, -2 * t * s, s * (6 * t * t - 2)], rel=1e-13
    )


@pytest.mark.parametrize("n", range(1, 6))
def test_powers_at_zero(n):
    assert orders(Value(0.0), lambda x: x**n, n + 1)[-2:] == [math.factorial(n), 0.0]


@pytest.mark.parametrize(
    ("name", "second"),
    [
        ("gelu", 0.728450727529601),
        ("silu", 0.4779977681948189),
        ("softplus", 0.2444583116907459),
        ("erf", -0.6187565457713778),
    ],
)
def test_second_derivatives_of_the_numbers_page(name, second):
    found = orders(Value(0.3), getattr(autograd, name), 2)[2]
    assert found == pytest.approx(second, rel=1e-14)


def test_mixed_derivatives_commute():
    x, y = Value(0.4), Value(1.3)
    f = autograd.exp(x * y) + autograd.hypot(x, y) * autograd.atan2(y, x) + x**y
    fx, fy = gradient(f, [x, y], create_graph=True)
    ((fxy,), (fyx,)) = gradient(fx, [y]), gradient(fy, [x])
    assert fxy == pytest.approx(fyx, rel=1e-13)


def test_list_functions_twice():
    x = Value(0.4)
    for f in [
        lambda x: autograd.dot([x, 2.0, x * x], [x * x, x, 1.0], x),
        lambda x: autograd.logsumexp([x, 2 * x, 1.0]),
        lambda x: autograd.cross_entropy([x, 1.0, x * x], 2),
        lambda x: autograd.softmax([x, x * x, 0.3])[1],
        lambda x: autograd.prod([x, x + 1, 2.0]),
        lambda x: autograd.norm([x, 2.0, x * x]),
        lambda x: autograd.mean([x * x, x, 1.0]),
        lambda x: autograd.max([x * x, x * x * x, 0.0]),
    ]:
        h = 1e-4
        values = [f(Value(x.data + k * h)).data for k in (-1, 0, 1)]
        second = (values[0] - 2 * values[1] + values[2]) / h**2
        assert orders(x, f, 2)[2] == pytest.approx(second, rel=1e-5, abs=1e-6)


def test_the_gradient_is_a_small_graph():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    da, db = gradient(a * b, [a, b], create_graph=True)
    assert da is b  # no node for a factor of 1
    assert db is a
    (g,) = gradient(3 * (a * b), [a], create_graph=True)
    assert [v.label or v.op for v in topological(g)] == ["constant", "b", "mul"]


def test_backward_through_a_gradient():
    x = Value(3.0)
    (first,) = gradient(x**3, [x], create_graph=True)
    (first * first).backward()  # (3 x²)² has the derivative 36 x³
    assert x.grad == pytest.approx(36 * 27)


def test_nothing_flows_through_a_zero():
    for create_graph in (False, True):

        def numbers(f, x, create_graph=create_graph):
            return [float(g) for g in gradient(f(x), [x], create_graph=create_graph)]

        for x in (-1.0, 0.0):
            chosen = numbers(lambda v: autograd.where(v > 0, autograd.sqrt(v), 0.0), Value(x))
            assert chosen == [0.0]
        assert numbers(lambda v: 0 * v.sqrt(), Value(0.0)) == [0.0]
        assert numbers(lambda v: (v * v) * 0.0 + v.sqrt() * v, Value(0.0)) == [0.0]
        # the gradient inf of the square root meets the derivative 0 of the square
        assert numbers(lambda v: (v * v).sqrt(), Value(0.0)) == [0.0]
        assert numbers(lambda v: autograd.log(v.square()), Value(0.0)) == [0.0]


def test_a_changed_leaf_is_detected():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    J = a * b
    a.data = 5.0
    assert gradient(J, [a, b]) == [3.0, 2.0]  # those of the forward that was computed
    message = (
        r"a leaf beneath Value\(6\.0, op='mul'\) was changed after it was computed, or its "
        r"operation defined anew \(its local derivative was 2\.0, now 5\.0\); compute the "
        r"result again first"
    )
    with pytest.raises(RuntimeError, match=message):
        gradient(J, [a, b], create_graph=True)
    a.data = 2.0
    assert gradient(J, [a, b], create_graph=True)[1].data == 2.0


def test_errors():
    a = Value(2.0)
    for result, wrt, message in [
        (3.0, [a], r"result: got a float \(3\.0\); allowed: a Value"),
        ([a], [a], r"result: got a list of 1; allowed: a Value"),
        (a, a, r"wrt: got a Value .*; allowed: a list of Values"),
        (a, {a}, r"wrt: got a set of 1; allowed: a list"),
        (a, [a, "a"], r"wrt\[1\]: got a str \('a'\); allowed: a Value"),
    ]:
        with pytest.raises(TypeError, match=message):
            gradient(result, wrt)


def test_under_no_grad():
    a = Value(2.0)
    J = a * a * a
    with autograd.no_grad():
        assert gradient(J, [a]) == [12.0]
        (g,) = gradient(J, [a], create_graph=True)
    assert (g.data, g.is_constant) == (12.0, True)


def test_two_primitives_of_one_name_one_after_the_other():
    for factor in (2, 3):
        entry = unary("tested", f"{factor} * x * x", f"{2 * factor} * x")
        install(entry)
        try:
            x = Value(5.0)
            y = x.tested()
            assert y.data == 25.0 * factor
            assert orders(x, Value.tested, 2) == [25.0 * factor, 10.0 * factor, 2.0 * factor]
        finally:
            uninstall(entry)


def test_graphs_of_derivatives_draw_and_lift():
    viz = pytest.importorskip("viz")
    a, b = Value(2.0, "a"), Value(3.0, "b")
    J = autograd.tanh(a * b) * a
    node = J
    for x in (a, b, a):
        (node,) = gradient(node, [x], create_graph=True)
        picture = viz.draw(node)
        assert f"{len(topological(node)):,} nodes" in repr(picture)
        for engine in ("numpy", "blocked", "tape"):
            value, slopes = autograd.lift(node, [a, b], engine=engine, exact=True)(2.0, 3.0)
            assert value == pytest.approx(node.data, rel=1e-12)
            assert slopes == pytest.approx(gradient(node, [a, b]), rel=1e-12)
