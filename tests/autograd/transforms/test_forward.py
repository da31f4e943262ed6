"""`jvp` and `hvp`: forward mode equals reverse mode, structures, edges, errors."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value, grad, hessian, hvp, jacobian, jvp, vjp
from tests.helpers.formulas import STRUCTURES, flat, formula, points, same_structure


@settings(max_examples=80)
@given(seed=st.integers(0, 10**9), n=st.integers(1, 5), m=st.integers(1, 5))
def test_forward_and_reverse_mode_agree(seed, n, m):
    f, x = formula(seed, m), points(seed, n)
    v, u = points(seed + 1, n), points(seed + 2, m)
    value, moved = jvp(f, (x,), (v,))
    result, pull_back = vjp(f, x)
    (back,) = pull_back(u)
    assert value == result
    scale = np.linalg.norm(u) * np.linalg.norm(moved) + np.linalg.norm(back) * np.linalg.norm(v)
    assert abs(np.dot(u, moved) - np.dot(back, v)) <= 1e-13 * max(scale, 1)  # sums may cancel
    matrix = np.array(jacobian(f)(x))
    assert matrix @ v == pytest.approx(np.array(moved), rel=1e-12, abs=1e-13)
    assert u @ matrix == pytest.approx(np.array(back), rel=1e-12, abs=1e-13)


@settings(max_examples=30)
@given(seed=st.integers(0, 10**9), n=st.integers(1, 4))
def test_a_hessian_times_a_vector(seed, n):
    f, x, v = formula(seed), points(seed, n), points(seed + 1, n)
    (product,) = hvp(lambda x: f(x)[0], (x,), (v,))
    matrix = np.array(hessian(lambda x: f(x)[0])(x))
    assert product == pytest.approx(matrix @ v, rel=1e-11, abs=1e-12)
    assert matrix == pytest.approx(matrix.T, rel=1e-11, abs=1e-12)


@settings(max_examples=40)
@given(thing=STRUCTURES)
def test_changes_have_the_structure_of_results(thing):
    value, moved = jvp(lambda x: x, (thing,), (thing,))
    assert same_structure(thing, value)
    assert flat(value) == flat(moved) == flat(thing)
    (product,) = hvp(lambda x: autograd.sum([v**3 for v in flat(x)]), (thing,), (thing,))
    assert same_structure(thing, product)
    assert flat(product) == pytest.approx([6 * x * x for x in flat(thing)])


def test_several_arguments_and_aux():
    f = lambda x, y: (x * y, [x, "text"])  # noqa: E731
    assert jvp(f, (2.0, 3.0), (1.0, 10.0), has_aux=True) == (6.0, 23.0, [2.0, "text"])
    assert hvp(f, (2.0, 3.0), (1.0, 10.0), has_aux=True) == ((10.0, 1.0), [2.0, "text"])
    assert jvp(f, [2.0, 3.0], [1.0, 0.0], has_aux=True)[1] == 3.0


def test_what_does_not_matter_is_zero():
    assert jvp(lambda x: [1.0, x], (2.0,), (3.0,)) == ([1.0, 2.0], [0.0, 3.0])
    assert jvp(lambda x: x * x, (2.0,), (0.0,)) == (4.0, 0.0)
    assert hvp(lambda x: 3.0, (2.0,), (1.0,)) == (0.0,)  # noqa: ARG005
    assert hvp(lambda x: 3 * x, (2.0,), (1.0,)) == (0.0,)


def test_nothing_flows_along_a_zero():
    chosen = lambda v: autograd.where(v > 0, autograd.sqrt(v), 0.0)  # noqa: E731
    for x in (0.0, Value(0.0)):
        assert float(jvp(chosen, (x,), (1.0,))[1]) == 0.0
        assert float(jvp(lambda v: autograd.sqrt(v * v), (x,), (1.0,))[1]) == 0.0
        assert float(jvp(autograd.sqrt, (x,), (0.0,))[1]) == 0.0
        assert float(jvp(autograd.sqrt, (x,), (1.0,))[1]) == np.inf


def test_values_give_values_that_are_graphs():
    x, v = Value(2.0), Value(5.0)
    value, moved = jvp(lambda x: x**3, (x,), (v,))
    moved.backward()
    assert (value.data, moved.data, x.grad, v.grad) == (8.0, 60.0, 60.0, 12.0)
    (product,) = hvp(lambda x: x**3, (2.0,), (v,))
    assert (product.data, autograd.gradient(product, [v])) == (60.0, [12.0])
    assert grad(lambda v: jvp(lambda x: x**3, (2.0,), (v,))[1])(5.0) == 12.0


def test_the_order_of_costs_is_that_of_the_graph():
    """A Hessian-vector product makes a few nodes for each node, however many inputs there are."""
    from autograd.graph import topological

    def nodes(n):
        x = [Value(0.1 * i) for i in range(n)]

        def f(xs):
            return autograd.sum([a * b.tanh() for a, b in pairwise(xs)])

        return len(topological(list(hvp(f, (x,), ([1.0] * n,))[0])))

    assert nodes(400) < 10.5 * nodes(40)


@pytest.mark.parametrize("name", ["jvp", "hvp"])
def test_errors(name):
    call = getattr(autograd, name)
    for function, primals, tangents, message in [
        (None, (1.0,), (1.0,), "got None; allowed: a function"),
        (
            abs, 1.0, (1.0,),
            "primals: got a float (1.0); allowed: a tuple, one for each argument: (x,) for one",
        ),
        (
            abs, (1.0,), {"x": 1.0},
            "tangents: got a dict of 1; allowed: a tuple, one for each argument: (x,) for one",
        ),
        (abs, (1.0,), (), "got 1 primals and 0 tangents; give one for each"),
        (
            abs, ({"w": [1.0, np.ones(2)]},), ({"w": [1.0, np.ones(3)]},),
            ("tangent 0['w'][1] is an array of shape (3,); the primal has an array of shape (2,) "
            "there"),
        ),
        (abs, ([1.0],), (1.0,), "tangent 0 is a number; the primal has a list of 1 there"),
        (abs, (None,), (1.0,), "tangent 0 is a number; the primal has None there"),
        (
            abs, ((),), ({},), "tangent 0 is a dict of nothing; the primal has a tuple of 0 there"
        ),
        (
            abs, (1.0,), ("a",),
            ("got a str ('a') at tangent 0; allowed are real numbers, Values, and lists, tuples, "
            "dicts and arrays of them"),
        ),
    ]:  # fmt: skip
        if primals and not isinstance(primals[0] if isinstance(primals, tuple) else 0, float):
            function = lambda x: autograd.sum(flat(x))  # noqa: E731, PLW2901
        with pytest.raises(TypeError) as caught:
            call(function, primals, tangents)
        names_itself = message.startswith(("primals", "tangents: "))
        assert str(caught.value) == (message if names_itself else f"{name}: {message}")


def test_a_product_needs_one_result():
    with pytest.raises(TypeError, match="hvp: the function returned a list of 1; give a function"):
        hvp(lambda x: [x], (1.0,), (1.0,))


@pytest.mark.parametrize(
    ("nodes", "way", "want"),
    [
        (1_000_000, lambda f: grad(f)(0.5), 1.0),
        (1_000_000, lambda f: jvp(f, (0.5,), (2.0,)), (0.5, 2.0)),
        (200_000, lambda f: vjp(f, 0.5)[1](3.0), (3.0,)),  # the walks of grad
    ],
    ids=["grad", "jvp", "vjp"],
)
def test_graphs_a_million_nodes_deep(nodes, way, want):
    def deep(x):
        for _ in range(nodes):
            x = -x
        return x

    assert way(deep) == want


def test_forward_mode_goes_through_a_checkpoint_with_numbers():
    def block(x, y):
        return [autograd.tanh(x * y), x + autograd.exp(y)]

    def f(x, y):
        u, v = autograd.checkpoint(block)(x, y)
        return u * v

    plain = jvp(lambda x, y: block(x, y)[0] * block(x, y)[1], (0.5, 0.3), (1.0, -2.0))
    value, moved = jvp(f, (0.5, 0.3), (1.0, -2.0))
    assert value == plain[0]
    assert moved == pytest.approx(plain[1], rel=1e-15)
    with pytest.raises(TypeError, match=r"a checkpoint's result, which forward mode passes with"):
        jvp(lambda x: jvp(autograd.checkpoint(autograd.tanh), (x,), (1.0,))[1], (0.5,), (1.0,))
    twice = autograd.grad(autograd.grad(autograd.checkpoint(autograd.tanh)))(0.5)
    assert twice == autograd.grad(autograd.grad(autograd.tanh))(0.5)


def test_forward_mode_stops_at_a_rule_for_the_way_back():
    clipped = autograd.custom_vjp("clipped", "x", "clip(g, -1, 1)")
    with pytest.raises(TypeError, match=r"a rule for the way back alone \(custom_vjp\)"):
        jvp(clipped, (3.0,), (1.0,))
    assert autograd.jacobian(lambda x: [5 * clipped(x), 0.5 * clipped(x)])(3.0) == [1.0, 0.5]
    assert autograd.grad(lambda x: 5 * clipped(x) * x)(3.0) == 15.0 + 1.0
