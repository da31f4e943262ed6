"""Stanford's CS224n, assignment 1: softmax, sigmoid, the gradient check, a two-layer network.

https://web.stanford.edu/class/archive/cs/cs224n/cs224n.1174/ (q1_softmax, q2_sigmoid, q2_neural).
"""

import numpy as np
import pytest

import autograd
import nn
from autograd import check


@pytest.mark.parametrize(
    ("row", "want"),
    [
        ([1.0, 2.0], [0.26894142, 0.73105858]),
        ([1001.0, 1002.0], [0.26894142, 0.73105858]),
        ([3.0, 4.0], [0.26894142, 0.73105858]),
        ([-1001.0, -1002.0], [0.73105858, 0.26894142]),
    ],
)
def test_softmax(row, want, engine):
    assert [p.data for p in autograd.softmax(autograd.values(row))] == pytest.approx(want, abs=1e-6)
    lifted = autograd.compile(autograd.softmax, gradients=False, engine=engine)
    assert lifted(row) == pytest.approx(want, abs=1e-8)
    layer = nn.Layer(2, 2, activation="softmax", init="zeros")
    for neuron, number in zip(layer.neurons, row, strict=True):
        neuron.b.data = number
    assert [p.data for p in layer([0.0, 0.0])] == pytest.approx(want, abs=1e-8)


def test_softmax_s_gradient(differentiate):
    _, slopes = differentiate(lambda z: autograd.softmax(z)[0], [1001.0, 1002.0])
    assert slopes == pytest.approx([0.19661193324148185, -0.19661193324148185], rel=1e-13)


SIGMOID = [[0.73105858, 0.88079708], [0.26894142, 0.11920292]]
SIGMOID_GRAD = [[0.19661193, 0.10499359], [0.19661193, 0.10499359]]


@pytest.mark.parametrize("f", [autograd.sigmoid, lambda x: 1 / (1 + autograd.exp(-x))])
def test_sigmoid(f, differentiate):
    x = [[1.0, 2.0], [-1.0, -2.0]]
    for row, values, slopes in zip(x, SIGMOID, SIGMOID_GRAD, strict=True):
        for number, value, slope in zip(row, values, slopes, strict=True):
            assert differentiate(f, number) == (
                pytest.approx(value, abs=5e-9), pytest.approx(slope, abs=5e-9)
            )  # fmt: skip


def quad(x):
    return np.sum(x**2)


@pytest.mark.parametrize("shape", [(3,), (4, 5)])
def test_the_gradient_check_of_a_sum_of_squares(shape):
    x = np.random.RandomState(0).randn(*shape)
    np.testing.assert_allclose(autograd.grad(quad)(x), 2 * x, rtol=1e-15)
    check.gradients(quad, [x])


def test_the_gradient_check_of_one_number_in_an_array_without_axes():
    assert autograd.grad(quad)(np.array(123.456)) == pytest.approx(246.912, rel=1e-15)


def test_the_gradient_check_of_a_table(differentiate):
    x = np.random.RandomState(1).randn(4, 5)
    value, slope = differentiate(lambda x: np.sum(x**2), x)
    assert value == pytest.approx((x**2).sum(), rel=1e-14)
    np.testing.assert_allclose(slope, 2 * x, rtol=1e-15)


def network():
    """Return data, one-hot labels and one row of parameters, as `sanity_check` draws them."""
    rng = np.random.RandomState(0)
    data, labels = rng.randn(20, 10), np.zeros((20, 10))
    for i in range(20):
        labels[i, rng.randint(0, 10)] = 1
    return data, labels, rng.randn((10 + 1) * 5 + (5 + 1) * 10)


def by_hand(data, labels, params):
    W1, b1 = params[:50].reshape(10, 5), params[50:55]
    W2, b2 = params[55:105].reshape(5, 10), params[105:]
    h = 1 / (1 + np.exp(-(data @ W1 + b1)))
    z = h @ W2 + b2
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    d2 = p - labels
    d1 = (d2 @ W2.T) * h * (1 - h)
    slopes = (data.T @ d1, d1.sum(axis=0), h.T @ d2, d2.sum(axis=0))
    return -(labels * np.log(p)).sum(), np.concatenate([s.ravel() for s in slopes])


def test_forward_backward_prop_from_one_row_of_parameters(differentiate):
    data, labels, params = network()

    def cost(params):
        W1, b1 = params[:50].reshape(10, 5), params[50:55]
        W2, b2 = params[55:105].reshape(5, 10), params[105:]
        h = 1 / (1 + np.exp(-(data @ W1 + b1)))
        z = np.exp(h @ W2 + b2)
        return -np.sum(labels * np.log(z / z.sum(axis=1, keepdims=True)))

    value, slopes = differentiate(cost, params)
    want, wanted = by_hand(data, labels, params)
    assert value == pytest.approx(want, rel=1e-13)
    np.testing.assert_allclose(slopes, wanted, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("steps", ["eager", "compiled"])
def test_forward_backward_prop_of_nn(steps):
    data, labels, params = network()
    model = nn.MLP(10, [5, 10], activation="sigmoid")
    rows = (params[:50].reshape(10, 5).T, params[50:55], params[55:105].reshape(5, 10).T)
    blocks = [(rows[0], rows[1]), (rows[2], params[105:])]
    for layer, (W, b) in zip(model.layers, blocks, strict=True):
        for neuron, weights, bias in zip(layer.neurons, W, b, strict=True):
            neuron.b.data = bias
            for w, number in zip(neuron.w, weights, strict=True):
                w.data = number
    before = np.array([p.data for p in model.parameters()])
    classes = labels.argmax(axis=1)
    history = nn.fit(
        *(model, data, classes), loss="cross_entropy", epochs=1, engine=steps, progress=False,
        optimiser=nn.SGD(model.parameters(), lr=20.0),
    )  # fmt: skip
    want, wanted = by_hand(data, labels, params)
    assert history["loss"] == pytest.approx([want / 20], rel=1e-13)  # nn's is the mean
    W1, b1 = wanted[:50].reshape(10, 5), wanted[50:55]
    W2, b2 = wanted[55:105].reshape(5, 10), wanted[105:]
    order = np.concatenate(
        [np.column_stack([W1.T, b1]).ravel(), np.column_stack([W2.T, b2]).ravel()]
    )
    after = np.array([p.data for p in model.parameters()])
    np.testing.assert_allclose(before - after, order, rtol=1e-9, atol=1e-11)
