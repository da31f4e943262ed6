"""Values with another way back: straight-through, reversal, clipping."""

import copy
import pickle

import numpy as np
import pytest

import autograd
import viz
from autograd import Value, custom_vjp, gradient
from autograd.custom_ops.custom_vjp import factor
from autograd.primitives import TABLE

# The rule, what flows back, and for 3 f(x) x at 1.6: gradient, and the derivative of that.
RULES = {
    "through": ("round(x, 0)", "g", 3 * 2.0 + 3 * 1.6, 6.0),
    "reversed": ("x", "-g", 0.0, -6.0),
    "gated": ("x", "clip(g, -1, 1)", 3 * 1.6 + 1.0, 1.0),  # 1 through the gate of cl(x), 0 else
    "tempered": ("x", "g * g", 3 * 1.6 + (3 * 1.6) ** 2, 9.0 + 6 * 4.8),
}


@pytest.mark.parametrize("name", RULES)
def test_eager_drawn_lifted_and_twice(name):
    rule, flow, slope, second = RULES[name]
    f = custom_vjp(name, rule, flow)

    def J(x):
        return 3 * f(x) * x

    x = Value(1.6, "x")
    y = J(x)
    y.backward()
    assert x.grad == pytest.approx(slope, rel=1e-15, abs=1e-15)
    assert gradient(y, [x]) == [x.grad]
    (first,) = gradient(y, [x], create_graph=True)
    assert (first.data, gradient(first, [x])) == (x.grad, pytest.approx([second]))
    assert name in viz.draw(y).dot
    for engine in ("numpy", "blocked", "tape"):
        assert autograd.compile(J, engine=engine)(1.6) == (y.data, pytest.approx(x.grad))
    total = autograd.compile(lambda xs: autograd.sum([J(x) for x in xs]), engine="numpy")
    assert total(np.array([1.6, 0.0]))[1][0] == pytest.approx(slope)


def test_a_multiple_of_the_gradient_is_a_local_derivative():
    custom_vjp("through", "round(x, 0)", "g")
    custom_vjp("gated", "x", "clip(g, -1, 1)")
    assert (TABLE["through"].partials, TABLE["through"].vjps) == (("1",), ())
    assert (TABLE["gated"].partials, TABLE["gated"].vjps) == (
        ("clip(1, -1, 1)",),
        ("clip(g, -1, 1)",),
    )
    assert not TABLE["through"].exact


@pytest.mark.parametrize(
    ("text", "found"),
    [("2 * g", "2 * 1"), ("g * x / z", "1 * x / z"), ("-(x * g)", "-(x * 1)"), ("0", "0"),
     ("where(x > 1, g, -g) - g", "where(x > 1, 1, -1) - 1"), ("g * g", None), ("x / g", None),
     ("g + x", None), ("where(g > 1, 1, g)", None), ("x", None), ("exp(g) * x", None),
     ("-exp(g)", None), ("x * exp(g)", None), ("where(x > 1, g, 1)", None), ("max([g])", None)],
)  # fmt: skip
def test_what_is_a_multiple(text, found):
    from ast import parse, unparse

    tree = factor(parse(text, mode="eval").body)
    assert (None if tree is None else unparse(tree)) == found


def test_functions_take_what_they_name():
    @custom_vjp(backward={"y": lambda g, z: g * z, "x": lambda y, g: autograd.clip(g * y, 0, 1)})
    def both(x, y=2.0):
        return x * y

    x, y = Value(3.0), Value(5.0)
    z = both(x, y)
    assert (z.partials, both(3)) == ((1.0, 15.0), 6.0)
    (-2 * z).backward()
    assert (x.grad, y.grad) == (0.0, -30.0)
    x.zero_grad()
    (2 * both(x, 5)).backward()
    assert x.grad == 1.0


def test_python_stays_python():
    @custom_vjp(backward=lambda g, x: g if abs(x) < 1 else 0.0)
    def hard(x):
        return 1.0 if x > 0 else -1.0

    for x, slope in ((0.5, 5.0), (-1.5, 0.0)):
        leaf = Value(x)
        (5 * hard(leaf)).backward()
        assert leaf.grad == slope
        for engine in ("numpy", "blocked", "tape"):
            got = autograd.compile(lambda x: 5 * hard(x), engine=engine)(x)
            assert got == (5.0 if x > 0 else -5.0, slope)


def test_nothing_flows_along_a_zero_nor_to_constants_nor_under_no_grad():
    gated = custom_vjp("gated", "x + y", "clip(g, -1, 1)", "where(g > 0, nan, 0)")
    x = Value(1.0)
    (0 * gated(x, 2.0)).backward()
    assert x.grad == 0.0
    gated(x, 2.0).backward()
    assert x.grad == 1.0
    with autograd.no_grad():
        assert gated(x, 1.0).is_constant
    with autograd.detect_anomaly():
        (5 * gated(x, 2.0)).backward()
    assert x.grad == 2.0


def test_copies_clip_too():
    gated = custom_vjp("gated", "x", "clip(g, -1, 1)")
    z = 100 * gated(Value(3.0, "x"))
    for copied in (copy.deepcopy(z), pickle.loads(pickle.dumps(z)), copy.copy(z)):
        copied.backward()
        assert copied.inputs[1].inputs[0].grad == 1.0
        z.inputs[1].inputs[0].zero_grad()


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (lambda: custom_vjp("f", "x"), "f: got 0 rules for the arguments x; give one"),
        (lambda: custom_vjp("f"), "custom_vjp: give a name, a rule and what"),
        (lambda: custom_vjp(backward=lambda t: t)(lambda x: x),
         "<lambda>: a rule of the way back takes 't'; it takes by name what it"),
        (lambda: custom_vjp("f", backward=[3])(lambda x: x), "f: got an int"),
    ],
)  # fmt: skip
def test_what_is_refused(attempt, message):
    with pytest.raises(TypeError, match=message):
        attempt()


def test_an_unknown_name_is_named():
    with pytest.raises(NameError, match=r"f: the rule 'clop\(g\)' names 'clop', which is unknown"):
        custom_vjp("f", "x", "clop(g)")
    assert "f" not in TABLE
