"""Matt Mazur, A Step by Step Backpropagation Example: two inputs, two hidden, two output neurons.

https://mattmazur.com/2015/03/17/a-step-by-step-backpropagation-example/ keeps the two biases, one
a layer, as they are. What it prints with nine digits stands here with all that a float has.
"""

import numpy as np
import pytest

import autograd
import nn
from autograd import Value

X, T = [0.05, 0.10], [0.01, 0.99]
W = [0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55]
B = [0.35, 0.60]
FIRST = 0.2983711087600027
AFTER_ONE = [
    *(0.1497807161327628, 0.19956143226552567, 0.24975114363236958, 0.29950228726473915),
    *(0.35891647971788465, 0.4086661860762334, 0.5113012702387375, 0.5613701211079891),
]
SLOPES = [(w - after) / 0.5 for w, after in zip(W, AFTER_ONE, strict=True)]
LAST = 3.510187783e-05  # after 10,000 updates
OUTPUTS = [0.01591362044, 0.98406427351]


def outputs(w, b=B, x=X):
    """Compute the two outputs, each weight by its number in the article."""
    h1 = autograd.sigmoid(w[0] * x[0] + w[1] * x[1] + b[0])
    h2 = autograd.sigmoid(w[2] * x[0] + w[3] * x[1] + b[0])
    o1 = autograd.sigmoid(w[4] * h1 + w[5] * h2 + b[1])
    o2 = autograd.sigmoid(w[6] * h1 + w[7] * h2 + b[1])
    return [o1, o2]


def error(w):
    """Compute E, the sum of half the squared errors."""
    return sum(0.5 * (t - o) ** 2 for t, o in zip(T, outputs(w), strict=True))


def half_squares(prediction, target):
    return autograd.sum([0.5 * (t - o) ** 2 for t, o in zip(target, prediction, strict=True)])


def network():
    """Build the same with `nn`; here each neuron has its own bias."""
    model = nn.MLP(2, [2, 2], activation="sigmoid", output="sigmoid")
    rows = iter(np.reshape(W, (4, 2)).tolist())
    for layer, bias in zip(model.layers, B, strict=True):
        for neuron in layer.neurons:
            neuron.b.data = bias
            for w, number in zip(neuron.w, next(rows), strict=True):
                w.data = number
    return model


def weights(model):
    return [w for layer in model.layers for neuron in layer.neurons for w in neuron.w]


def test_the_gradients(differentiate):
    value, slopes = differentiate(error, W)
    assert value == pytest.approx(FIRST, rel=1e-15)
    assert slopes[4] == pytest.approx(0.0821670405642308, rel=1e-14)
    assert slopes[0] == pytest.approx(0.000438567734474347, rel=1e-13)
    assert list(slopes) == pytest.approx(SLOPES, rel=1e-11)


def test_ten_thousand_updates_node_by_node():
    w = autograd.values(W)
    errors = []
    for _ in range(10_000):
        for p in w:
            p.zero_grad()
        e = error(w)
        e.backward()
        errors.append(e.data)
        for p in w:
            p.data -= 0.5 * p.grad
        if len(errors) == 1:
            assert [p.data for p in w] == pytest.approx(AFTER_ONE, rel=1e-15)
    found = [errors[0], errors[1], errors[-1], error(w).data]
    assert found == pytest.approx([FIRST, 0.29102777369359933, 3.510854812e-05, LAST], rel=1e-9)
    assert [o.data for o in outputs(w)] == pytest.approx(OUTPUTS, rel=1e-9)


def test_ten_thousand_updates_compiled(engine):
    step, w = autograd.compile(error, engine=engine), np.array(W)
    for count in range(10_000):
        _, slopes = step(w)
        w -= 0.5 * slopes
        if count == 0:
            assert w.tolist() == pytest.approx(AFTER_ONE, rel=1e-15)
    assert step.value(w) == pytest.approx(LAST, rel=1e-9)
    assert [o.data for o in outputs(autograd.values(w.tolist()))] == pytest.approx(
        OUTPUTS, rel=1e-9
    )


def test_ten_thousand_updates_of_parameters_that_the_program_closes_over():
    w = autograd.values(W)
    step = autograd.compile(lambda: error(w))
    for _ in range(10_000):
        step.backward(fresh=True)
        for p in w:
            p.data -= 0.5 * p.grad
    assert step.value() == pytest.approx(LAST, rel=1e-9)


@pytest.mark.parametrize("engine", ["eager", "compiled"])
def test_a_network_with_fixed_biases(engine):
    model = network()
    optimiser = nn.SGD(weights(model), lr=0.5)
    settings = {"loss": half_squares, "optimiser": optimiser, "engine": engine, "progress": False}
    history = nn.fit(model, [X], [T], epochs=1, **settings)
    assert history["loss"] == pytest.approx([FIRST], rel=1e-15)
    assert [w.data for w in weights(model)] == pytest.approx(AFTER_ONE, rel=1e-15)
    history = nn.fit(model, [X], [T], epochs=1, **settings)
    assert history["loss"] == pytest.approx([0.29102777369359933], rel=1e-14)
    assert [p.data for p in model.parameters() if not any(p is w for w in weights(model))] == [
        *(0.35, 0.35, 0.6, 0.6)
    ]


def test_a_network_trained_ten_thousand_times_biases_too():
    # nn's mean over the two outputs is E itself: half of the sum
    model = network()
    optimiser = nn.SGD(model.parameters(), lr=0.5)
    history = nn.fit(
        model, [X], [T], loss="mse", optimiser=optimiser, epochs=10_000, progress=False
    )
    assert history["loss"][:2] == pytest.approx([FIRST, 0.28047144679143016], rel=1e-14)
    assert half_squares(model(X), T).data == pytest.approx(2.4475622e-06, rel=1e-7)


def test_whole_numbers_among_the_weights_are_numbers_where_wrt_names_them(engine):
    def with_int_bias(w, b):
        z = [w[0] * X[0] + w[1] * X[1] + b, w[2] * X[0] + w[3] * X[1] + b]
        return sum(autograd.sigmoid(part) for part in z)

    want = autograd.compile(with_int_bias, wrt=("w", "b"), engine=engine)(W[:4], 0.0)
    assert autograd.compile(with_int_bias, wrt=("w", "b"), engine=engine)(W[:4], 0) == want
    b = Value(0)
    with_int_bias(W[:4], b).backward()
    assert want[1][1] == pytest.approx(b.grad, rel=1e-14)
