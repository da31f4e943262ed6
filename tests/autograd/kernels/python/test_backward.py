"""`Value.backward`: the chain rule, repeated, shared, at the edges, in every process."""

import math
import subprocess
import sys

import pytest

import autograd
from autograd import Value, constant


def gradients(result, *leaves):
    result.backward()
    return [leaf.grad for leaf in leaves]


def test_the_lecture():
    a, b, c = Value(5.0), Value(3.0), Value(2.0)
    u = b * c
    v = a + u
    J = 3 * v
    J.backward()
    assert [x.grad for x in (J, v, u, a, b, c)] == [1.0, 3.0, 3.0, 3.0, 6.0, 9.0]


def test_backward_twice_adds_into_leaves_only():
    a, b, d = Value(3.0), Value(2.0), Value(1.0)
    c = a + b
    e = c * d
    e.backward()
    e.backward()
    assert [x.grad for x in (a, b, d, c, e)] == [2.0, 2.0, 10.0, 1.0, 1.0]


def test_two_losses_that_share_inner_nodes():
    a = Value(3.0)
    shared = a * a
    first, second = 2 * shared, shared * shared
    first.backward()
    second.backward()
    assert a.grad == 2 * 6 + 2 * 9 * 6
    total = Value(3.0)
    shared = total * total
    (2 * shared + shared * shared).backward()
    assert total.grad == a.grad


def test_preorder_trap():
    a = Value(1.0)
    b = 2 * a
    d = 3 * b + b
    assert gradients(d, a, b) == [8.0, 4.0]


def test_backward_from_an_inner_node_after_the_whole():
    a = Value(2.0)
    b = a * a
    c = b * a
    c.backward()
    a.zero_grad()
    b.backward()
    assert (a.grad, b.grad) == (4.0, 1.0)
    assert c.grad == 1.0  # not beneath b: left as it was


def test_backward_on_a_leaf():
    a = Value(2.0)
    a.backward()
    a.backward()
    assert a.grad == 2.0


def test_zero_grad():
    a = Value(2.0)
    b = a * a
    b.backward()
    a.zero_grad()
    b.zero_grad()
    assert (a.has_grad, b.has_grad, b.grad) == (False, False, 0.0)
    assert gradients(b, a) == [4.0]


def test_backward_on_a_constant_is_an_error():
    with autograd.no_grad():
        inside = 3 * Value(2.0)
    for node in (constant(3), Value(2.0).detach(), inside):
        with pytest.raises(
            RuntimeError, match=r"backward on Value\(.*\), a constant: nothing flows"
        ):
            node.backward()


def test_backward_under_no_grad_of_a_graph_from_outside():
    a = Value(3.0)
    b = a * a
    with autograd.no_grad():
        assert gradients(b, a) == [6.0]


def test_backward_on_what_is_no_value():
    with pytest.raises(AttributeError):
        (3.0).backward()


def test_gradient_of_a_mixture():
    a, b = Value(-2.0), Value(3.0)
    assert gradients((a * b) * (a + b), a, b) == [-3.0, -8.0]


def test_nothing_flows_through_a_zero():
    """An input that cannot matter is not multiplied by inf."""
    for x in (-1.0, 0.0):
        a = Value(x)
        assert gradients(autograd.where(a > 0, autograd.sqrt(a), 0.0), a) == [0.0]
    a = Value(0.0)
    assert gradients(0 * autograd.sqrt(a), a) == [0.0]  # gradient 0 times derivative inf
    b = Value(2.0)
    c = autograd.floor(b) * float("inf")
    assert gradients(c, b) == [0.0]  # gradient inf times derivative 0


def test_inf_and_nan_propagate_without_raising():
    a = Value(0.0)
    assert gradients(a.log(), a) == [float("inf")]
    a.zero_grad()
    assert math.isnan(gradients((a - 1).log() * 2, a)[0])
    assert Value(1.0) / 0 > 1e308
    assert (Value(1e200) ** 2).data == float("inf")


def test_infinity_less_itself():
    a = Value(float("inf"))
    difference = a - a
    assert math.isnan(difference.data)
    assert gradients(difference, a) == [0.0]


PROGRAM = """
from autograd import Value
import autograd
values = [Value(x) for x in (.1, .2, .3)]
a, b, c = values
d = (a * 1e16 + b) + (a * -1e16 + c) + a * b
for i in range(50):
    d = d + autograd.tanh(d * values[i % 3]) / (i + 1) + autograd.sum(values)
d.backward()
print(d.data.hex(), *[v.grad.hex() for v in values])
print([v.op for v in autograd.graph.topological(d)][:40])
"""


def test_the_same_bits_in_every_process():
    outputs = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "12345")
    }
    assert len(outputs) == 1
    assert "0x1." in outputs.pop()


def test_a_program_written_for_micrograd():
    """The usual demonstration of its shape of use, with only the import changed."""
    a = Value(-4.0)
    b = Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    assert f"{g.data:.4f} {a.grad:.4f} {b.grad:.4f}" == "24.7041 138.8338 645.5773"


def test_a_training_loop_written_for_micrograd():
    weights = [Value(0.5), Value(-0.25)]
    bias = Value(0.0)
    points = [([1.0, 2.0], 1.0), ([-1.0, 0.5], -1.0), ([2.0, -1.0], 1.0)]
    losses = []
    for _ in range(30):
        loss = sum(
            (1 + -y * (sum((w * x for w, x in zip(weights, xs, strict=True)), bias)).tanh()).relu()
            for xs, y in points
        )
        for p in [*weights, bias]:
            p.grad = 0
        loss.backward()
        for p in [*weights, bias]:
            p.data -= 0.1 * p.grad
        losses.append(loss.data)
    assert losses[-1] < 0.5 * losses[0]
