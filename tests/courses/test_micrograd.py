"""Andrej Karpathy, The spelled-out intro to neural networks and backpropagation: micrograd.

The lecture, its exercises, and the example in https://github.com/karpathy/micrograd; and the first
losses of the lectures on makemore.
"""

import math

import pytest

import autograd
import nn
from autograd import Value

INPUTS = (2.0, -3.0, 10.0, -2.0)


def expression(a, b, c, f):
    e = a * b
    d = e + c
    return d * f


def test_the_expression(differentiate):
    assert differentiate(expression, *INPUTS) == (-8.0, (6.0, -4.0, -2.0, 4.0))


def test_the_expression_after_a_step_uphill(differentiate):
    _, slopes = differentiate(expression, *INPUTS)
    moved = [x + 0.01 * slope for x, slope in zip(INPUTS, slopes, strict=True)]
    assert differentiate(expression, *moved)[0] == pytest.approx(-7.286496, rel=1e-14)


def test_every_node_of_the_expression():
    a, b, c, f = (Value(x) for x in INPUTS)
    e = a * b
    d = e + c
    L = d * f
    L.backward()
    assert [node.grad for node in (L, f, d, e, c, b, a)] == [1, 4, -2, -2, -2, -4, 6]


NEURON = (2.0, 0.0, -3.0, 1.0, 6.8813735870195432)
SLOPES = (-1.5, 0.5, 1.0, 0.0, 0.5)


def with_tanh(x1, x2, w1, w2, b):
    return autograd.tanh(x1 * w1 + x2 * w2 + b)


def with_exp(x1, x2, w1, w2, b):
    e = autograd.exp(2 * (x1 * w1 + x2 * w2 + b))
    return (e - 1) / (e + 1)


@pytest.mark.parametrize("neuron", [with_tanh, with_exp])
def test_the_neuron(neuron, differentiate):
    value, slopes = differentiate(neuron, *NEURON)
    assert value == pytest.approx(0.70710678118654757, rel=1e-15)
    assert slopes == pytest.approx(SLOPES, rel=2e-15, abs=1e-15)


@pytest.mark.parametrize("compiled", [False, True])
def test_the_neuron_of_nn(compiled):
    x1, x2, w1, w2, b = NEURON
    model = nn.Neuron(2, activation="tanh")
    for p, number in zip(model.parameters(), (w1, w2, b), strict=True):
        p.data = number
    if compiled:
        value, slopes = autograd.compile(model)([x1, x2])
        autograd.compile(model).backward([x1, x2])
    else:
        x = autograd.values([x1, x2])
        out = model(x)
        out.backward()
        value, slopes = out.data, [node.grad for node in x]
    assert value == pytest.approx(0.70710678118654757, rel=1e-15)
    assert slopes == pytest.approx([-1.5, 0.5], rel=2e-15)
    assert [p.grad for p in model.parameters()] == pytest.approx([1.0, 0.0, 0.5], rel=2e-15)


def test_a_node_used_twice(differentiate):
    assert differentiate(lambda a: a + a, 3.0) == (6.0, 2.0)
    assert differentiate(lambda a, b: (a * b) * (a + b), -2.0, 3.0) == (-6.0, (-3.0, -8.0))


def test_the_readme_s_example(differentiate):
    def g(a, b):
        c = a + b
        d = a * b + b**3
        c += c + 1
        c += 1 + c + (-a)
        d += d * 2 + (b + a).relu()
        d += 3 * d + (b - a).relu()
        e = c - d
        f = e**2
        return f / 2.0 + 10.0 / f

    value, (da, db) = differentiate(g, -4.0, 2.0)
    assert [f"{x:.4f}" for x in (value, da, db)] == ["24.7041", "138.8338", "645.5773"]


def exercise(a, b, c):
    return -(a**3) + autograd.sin(3 * b) - 1.0 / c + b**2.5 - a**0.5


def test_the_exercise_on_derivatives(differentiate):
    value, slopes = differentiate(exercise, 2.0, 3.0, 4.0)
    assert value == pytest.approx(6.336362190988558, rel=1e-15)
    assert slopes == pytest.approx((-12.353553390593273, 10.25699027111255, 0.0625), rel=1e-15)


LOGITS = [0.0, 3.0, -2.0, 1.0]
NLL_SLOPES = [
    *(0.041772570515350445, 0.8390245074625319, 0.005653302662216329, -0.8864503806400986)
]


def written_out(logits):
    """Compute the exercise's softmax and negative log likelihood."""
    counts = [autograd.exp(logit) for logit in logits]
    denominator = sum(counts)
    probs = [c / denominator for c in counts]
    return -autograd.log(probs[3])


@pytest.mark.parametrize(
    "loss",
    [
        written_out,
        lambda z: -autograd.log(autograd.softmax(z)[3]),
        lambda z: autograd.cross_entropy(z, 3),
        lambda z: nn.cross_entropy(z, 3),
    ],
)
def test_the_exercise_on_softmax(loss, differentiate):
    value, slopes = differentiate(loss, LOGITS)
    assert value == pytest.approx(2.1755153626167147, rel=1e-15)
    assert slopes == pytest.approx(NLL_SLOPES, rel=1e-14)


def test_methods_as_the_lecture_writes_them():
    logits = [Value(x) for x in LOGITS]
    counts = [logit.exp() for logit in logits]
    loss = -(counts[3] / sum(counts)).log()
    loss.backward()
    assert [logit.grad for logit in logits] == pytest.approx(NLL_SLOPES, rel=1e-14)


def test_the_first_loss_that_makemore_expects(differentiate):
    # 27 characters, each as likely: -log(1/27) = 3.2958
    value, slopes = differentiate(lambda z: autograd.cross_entropy(z, 4), [0.0] * 27)
    assert round(value, 4) == 3.2958
    assert slopes == pytest.approx([1 / 27 - (k == 4) for k in range(27)], rel=1e-14)


def test_a_fixed_network_after_twenty_steps():
    # the lecture's four samples; its weights are drawn, so these are not: sin(1), sin(2), ...
    xs = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
    ys = [1.0, -1.0, -1.0, 1.0]

    def start():
        model = nn.MLP(3, [4, 4, 1], activation="tanh", output="tanh")
        for k, p in enumerate(model.parameters()):
            p.data = math.sin(k + 1)
        return model

    model = start()
    for _ in range(20):
        loss = sum((model(x) - y) ** 2 for x, y in zip(xs, ys, strict=True))
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data += -0.1 * p.grad
    other = start()
    history = nn.fit(
        *(other, xs, ys), loss="mse", optimiser=nn.SGD(other.parameters(), lr=0.4), epochs=20,
        progress=False,
    )  # fmt: skip
    third = start()
    step = autograd.compile(lambda x, y: (third(x) - y) ** 2, batch=("x", "y"), reduce="sum")
    for _ in range(20):
        value = step.backward(xs, ys, fresh=True)
        for p in third.parameters():
            p.data -= 0.1 * p.grad
    assert loss.data == pytest.approx(4 * history["loss"][-1], rel=1e-10)
    assert loss.data == pytest.approx(value, rel=1e-10)
    found = [[p.data for p in m.parameters()] for m in (model, other, third)]
    assert found[0] == pytest.approx(found[1], rel=1e-10)
    assert found[0] == pytest.approx(found[2], rel=1e-10)
