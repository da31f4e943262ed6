"""Stanford's CS231n: the circuits of the notes on backpropagation, losses, and assignment 1.

https://cs231n.github.io/optimization-2/, /linear-classify/, /neural-networks-case-study/, and
https://cs231n.github.io/assignments2017/assignment1/ (two_layer_net).
"""

import math

import numpy as np
import pytest

import autograd
import nn
from autograd import Value


def test_add_and_multiply(differentiate):
    def f(x, y, z):
        q = x + y
        return q * z

    assert differentiate(f, -2.0, 5.0, -4.0) == (-12.0, (-4.0, -4.0, 3.0))


def neuron(w, x):
    return 1 / (1 + autograd.exp(-(w[0] * x[0] + w[1] * x[1] + w[2])))


def test_the_sigmoid_neuron_written_out(differentiate):
    value, (dw, dx) = differentiate(neuron, [2.0, -3.0, -3.0], [-1.0, -2.0])
    assert round(value, 2) == 0.73
    assert [round(d, 2) for d in [*dw, *dx]] == [-0.20, -0.39, 0.20, 0.39, -0.59]
    slope = 0.19661193324148185  # (1 - f) f
    assert value == pytest.approx(0.7310585786300049, rel=1e-15)
    assert [*dw, *dx] == pytest.approx([k * slope for k in (-1, -2, 1, 2, -3)], rel=1e-14)


@pytest.mark.parametrize("compiled", [False, True])
def test_the_sigmoid_neuron_of_nn(compiled):
    model = nn.Neuron(2, activation="sigmoid")
    for p, number in zip(model.parameters(), (2.0, -3.0, -3.0), strict=True):
        p.data = number
    slope = 0.19661193324148185
    if compiled:
        step = autograd.compile(model)
        assert step.backward([-1.0, -2.0]) == pytest.approx(0.7310585786300049, rel=1e-15)
        assert step([-1.0, -2.0])[1] == pytest.approx([2 * slope, -3 * slope], rel=1e-14)
    else:
        model([-1.0, -2.0]).backward()
    assert [p.grad for p in model.parameters()] == pytest.approx(
        [-slope, -2 * slope, slope], rel=1e-14
    )


def staged(x, y):
    """Compute f as the notes do, in stages."""
    sigy = 1.0 / (1 + autograd.exp(-y))
    num = x + sigy
    sigx = 1.0 / (1 + autograd.exp(-x))
    xpy = x + y
    xpysqr = xpy**2
    den = sigx + xpysqr
    invden = 1.0 / den
    return num * invden


def at_once(x, y):
    return (x + autograd.sigmoid(y)) / (autograd.sigmoid(x) + (x + y) ** 2)


@pytest.mark.parametrize("f", [staged, at_once])
def test_staged_computation(f, differentiate):
    value, slopes = differentiate(f, 3.0, -4.0)
    assert value == pytest.approx(1.54564488410664408, rel=1e-15)
    assert slopes == pytest.approx((2.05956979557216491, 1.59223275148380931), rel=1e-14)


def larger(z, w):
    if z > w:
        return z
    return w


@pytest.mark.parametrize("largest", [max, autograd.maximum, larger])
def test_patterns_in_backward_flow(largest, differentiate):
    def f(x, y, z, w):
        return 2 * (x * y + largest(z, w))

    assert differentiate(f, 3.0, -4.0, 2.0, -1.0) == (-20.0, (-8.0, 6.0, 2.0, 0.0))


def test_matrix_products(differentiate):
    # The notes' rule of dimensions: dW = dD X', dX = W' dD.
    rng = np.random.RandomState(0)
    W, X, dD = rng.randn(5, 10), rng.randn(10, 3), rng.randn(5, 3)
    _, (dW, dX) = differentiate(lambda W, X: ((W @ X) * dD).sum(), W, X)
    np.testing.assert_allclose(dW, dD @ X.T, rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(dX, W.T @ dD, rtol=1e-13, atol=1e-13)


LOGITS = [math.log(p) for p in (0.2, 0.3, 0.5)]


def softmax_loss(scores):
    """Compute the loss as a student does: exponentials, their sum, a logarithm."""
    exps = [autograd.exp(s) for s in scores]
    return -autograd.log(exps[1] / sum(exps))


@pytest.mark.parametrize(
    "f",
    [softmax_loss, lambda z: autograd.cross_entropy(z, 1), lambda z: nn.cross_entropy(z, 1)],
)
def test_the_gradient_of_the_softmax_loss(f, differentiate):
    value, slopes = differentiate(f, LOGITS)
    assert value == pytest.approx(-math.log(0.3), rel=1e-14)
    assert slopes == pytest.approx([0.2, -0.7, 0.5], rel=1e-14)


W0 = [[0.01, -0.05, 0.1, 0.05], [0.7, 0.2, 0.05, 0.16], [0.0, -0.45, -0.2, 0.03]]
B0 = [0.0, 0.2, -0.3]
X0 = [-15.0, 22.0, -44.0, 56.0]


def scores(W, b, x):
    return [sum(w * xi for w, xi in zip(row, x, strict=True)) + bi for row, bi in zip(W, b)]  # noqa: B905


def svm(s, y, delta=1.0):
    return sum(max(sj - s[y] + delta, 0.0) for j, sj in enumerate(s) if j != y)


def test_the_classifier_of_the_picture():
    # printed: scores -2.85, 0.86, 0.28; hinge loss 1.58, softmax loss 1.04
    s = scores(W0, B0, X0)
    assert [round(x, 2) for x in s] == [-2.85, 0.86, 0.28]
    assert round(svm(s, 2), 2) == 1.58
    assert round(autograd.cross_entropy([Value(x) for x in s], 2).data, 2) == 1.04


def test_the_classifier_s_gradients(differentiate):
    value, (dW, db) = differentiate(lambda W, b: svm(scores(W, b, X0), 2), W0, B0)
    assert value == pytest.approx(1.58, abs=5e-3)
    # only class 1 is within the margin: its row gets x, that of the right class gets -x
    assert dW == [[0.0] * 4, X0, [-x for x in X0]]
    assert db == [0.0, 1.0, -1.0]
    value, (dW, db) = differentiate(
        lambda W, b: autograd.cross_entropy(scores(W, b, X0), 2), W0, B0
    )
    assert value == pytest.approx(1.04, abs=5e-3)
    p = np.exp(scores(W0, B0, X0))
    p /= p.sum()
    assert db == pytest.approx((p - [0, 0, 1]).tolist(), rel=1e-13)
    np.testing.assert_allclose(dW, np.outer(p - [0, 0, 1], X0), rtol=1e-13)


def test_the_hinge_loss_with_a_margin_of_ten(differentiate):
    # linear-classify: scores 13, -7, 11, the first class is right: 0 + 8
    assert differentiate(lambda s: svm(s, 0, 10.0), [13.0, -7.0, 11.0]) == (8.0, [-1.0, 0.0, 1.0])


LECTURE = [[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]]  # cat, car, frog


def test_three_images_of_the_lecture(differentiate):
    def loss(rows):
        return sum(svm(row, y) for y, row in enumerate(rows)) / 3

    value, slopes = differentiate(loss, LECTURE)
    assert value == pytest.approx((2.9 + 0 + 12.9) / 3, rel=1e-14)
    assert slopes[1] == [0.0, 0.0, 0.0]  # the car is right by more than the margin
    assert slopes[0] == pytest.approx([-1 / 3, 1 / 3, 0.0], rel=1e-15)
    assert slopes[2] == pytest.approx([1 / 3, 1 / 3, -2 / 3], rel=1e-15)


@pytest.mark.parametrize("way", ["transform", "numpy", "tape", "auto"])
def test_an_image_that_costs_nothing(way):
    # Each max is the plain 0.0 then: the loss is a constant, here and only here.
    def loss(s):
        return svm(s, 1)

    f = autograd.value_and_grad(loss) if way == "transform" else autograd.compile(loss, engine=way)
    for _ in range(2):
        assert f(LECTURE[1]) == (0.0, [0.0, 0.0, 0.0])
        value, slopes = f([5.1, 3.2, -1.7])
        assert value == pytest.approx(2.9, rel=1e-14)
        assert slopes == [1.0, -1.0, 0.0]


def test_a_batch_is_the_mean_although_the_samples_take_different_branches(engine):
    step = autograd.compile(svm_of_row, batch=("x", "y"), engine=engine)
    W, x = np.eye(3), np.array(LECTURE)
    value, slope = step(W, x, np.array([0, 1, 2]))
    want = np.zeros((3, 3))
    for row, y in zip(x, range(3), strict=True):
        margins = row - row[y] + 1 > 0
        margins[y] = False
        for j in np.flatnonzero(margins):
            want[j] += row / 3
            want[y] -= row / 3
    assert value == pytest.approx(15.8 / 3, rel=1e-14)
    np.testing.assert_allclose(slope, want, rtol=1e-13, atol=1e-15)


def svm_of_row(W, x, y):
    s = [autograd.dot(list(row), list(x)) for row in W]
    right = autograd.take(s, y)
    return sum(max(sj - right + 1.0, 0.0) for sj in s) - 1.0


def toy():
    """Return weights, inputs and classes of the assignment's toy problem, from its two seeds."""
    rng = np.random.RandomState(0)
    W1 = 1e-1 * rng.randn(4, 10)
    W2 = 1e-1 * rng.randn(10, 3)
    X = 10 * np.random.RandomState(1).randn(5, 4)
    return W1, np.zeros(10), W2, np.zeros(3), X, np.array([0, 1, 2, 2, 1])


SCORES = [
    [-0.81233741, -1.27654624, -0.70335995],
    [-0.17129677, -1.18803311, -0.47310444],
    [-0.51590475, -1.01354314, -0.8504215],
    [-0.15419291, -0.48629638, -0.52901952],
    [-0.00618733, -0.12435261, -0.15226949],
]
LOSS, DATA_LOSS = 1.30378789132982, 1.2658570521180537


def by_hand(W1, b1, W2, b2, X, y, reg):
    """Return loss and gradients in NumPy, as the assignment has them written."""
    hidden = np.maximum(0, X @ W1 + b1)
    s = hidden @ W2 + b2
    p = np.exp(s - s.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(p[range(5), y]).mean() + reg * ((W1**2).sum() + (W2**2).sum())
    p[range(5), y] -= 1
    p /= 5
    dhidden = (p @ W2.T) * (hidden > 0)
    return loss, (
        *(X.T @ dhidden + 2 * reg * W1, dhidden.sum(axis=0)),
        *(hidden.T @ p + 2 * reg * W2, p.sum(axis=0)),
    )


def row_scores(W1, b1, W2, b2, x):
    hidden = [autograd.relu(sum(x[i] * W1[i][j] for i in range(4)) + b1[j]) for j in range(10)]
    return [sum(hidden[j] * W2[j][k] for j in range(10)) + b2[k] for k in range(3)]


def squares(*matrices):
    return sum(w * w for matrix in matrices for row in matrix for w in row)


def test_the_toy_network_written_number_by_number(differentiate):
    W1, b1, W2, b2, X, y = toy()

    def loss(W1, b1, W2, b2):
        rows = [row_scores(W1, b1, W2, b2, x) for x in X.tolist()]
        data = sum(autograd.cross_entropy(row, int(k)) for row, k in zip(rows, y, strict=True)) / 5
        return data + 0.05 * squares(W1, W2)

    value, slopes = differentiate(loss, W1.tolist(), b1.tolist(), W2.tolist(), b2.tolist())
    hand, wanted = by_hand(W1, b1, W2, b2, X, y, 0.05)
    assert value == pytest.approx(LOSS, abs=1e-12) == pytest.approx(hand, rel=1e-14)
    for slope, want in zip(slopes, wanted, strict=True):
        np.testing.assert_allclose(slope, want, rtol=1e-11, atol=1e-14)


def test_the_toy_network_written_for_numpy(differentiate):
    W1, b1, W2, b2, X, y = toy()

    def loss(W1, b1, W2, b2):
        hidden = np.maximum(0, X @ W1 + b1)
        s = hidden @ W2 + b2
        s = s - np.max(s, axis=1, keepdims=True)
        logp = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
        return -np.sum(logp[range(5), y]) / 5 + 0.05 * (np.sum(W1 * W1) + np.sum(W2 * W2))

    value, slopes = differentiate(loss, W1, b1, W2, b2)
    _, wanted = by_hand(W1, b1, W2, b2, X, y, 0.05)
    assert value == pytest.approx(LOSS, abs=1e-12)
    for slope, want in zip(slopes, wanted, strict=True):
        np.testing.assert_allclose(slope, want, rtol=1e-11, atol=1e-14)


def toy_network():
    W1, b1, W2, b2, X, y = toy()
    model = nn.MLP(4, [10, 3], activation="relu")
    for layer, (W, b) in zip(model.layers, ((W1, b1), (W2, b2)), strict=True):
        for j, one in enumerate(layer.neurons):
            one.b.data = b[j]
            for w, number in zip(one.w, W[:, j], strict=True):
                w.data = number
    return model, X, y


def test_the_toy_network_of_nn():
    model, X, y = toy_network()
    np.testing.assert_allclose(nn.predict(model, X), SCORES, atol=5e-9)
    loss = nn.cross_entropy(model(X), y)
    assert loss.data == pytest.approx(DATA_LOSS, rel=1e-14)
    weights = [w for layer in model.layers for one in layer.neurons for w in one.w]
    total = loss + nn.l2_penalty(weights, 0.05)
    assert total.data == pytest.approx(LOSS, abs=1e-12)
    total.backward()
    wanted = by_hand(*toy(), 0.05)[1]
    for k, layer in enumerate(model.layers):
        got = np.array([[w.grad for w in one.w] for one in layer.neurons]).T
        np.testing.assert_allclose(got, wanted[2 * k], rtol=1e-11, atol=1e-14)
        biases = [one.b.grad for one in layer.neurons]
        np.testing.assert_allclose(biases, wanted[2 * k + 1], rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("steps", ["eager", "compiled"])
def test_the_toy_network_trained_one_step(steps):
    model, X, y = toy_network()
    weights = [w for layer in model.layers for one in layer.neurons for w in one.w]
    history = nn.fit(
        *(model, X, y), loss="cross_entropy", optimiser=nn.SGD(model.parameters(), lr=0.1),
        epochs=1, engine=steps, progress=False,
        penalty=lambda _: nn.l2_penalty(weights, 0.05),
    )  # fmt: skip
    assert history["loss"] == pytest.approx([LOSS], abs=1e-12)
    W1, _, W2, _, _, _ = toy()
    wanted = by_hand(*toy(), 0.05)[1]
    for layer, W, slope in zip(model.layers, (W1, W2), wanted[::2], strict=True):
        got = np.array([[w.data for w in one.w] for one in layer.neurons]).T
        np.testing.assert_allclose(got, W - 0.1 * slope, rtol=1e-12)
