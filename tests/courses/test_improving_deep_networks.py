"""deeplearning.ai: planar data (week 3), step by step (week 4), and course 2 of the specialisation.

The numbers are those under "expected output"; inputs come from the exercises' seeds.
"""

import numpy as np
import pytest

import autograd
import nn


def assessed(seed, *shapes):
    """Draw arrays as a `..._test_case` does."""
    rng = np.random.RandomState(seed)
    return [rng.randn(*shape) for shape in shapes]


def test_linear_forward_and_activations(engine):
    A, W, b = assessed(1, (3, 2), (1, 3), (1, 1))
    linear = autograd.compile(lambda A, W, b: W @ A + b, gradients=False, engine=engine)
    np.testing.assert_allclose(linear(A, W, b), [[3.26295337, -1.23429987]], atol=5e-9)
    A, W, b = assessed(2, (3, 2), (1, 3), (1, 1))
    for name, want in (("sigmoid", [0.96890023, 0.11013289]), ("relu", [3.43896131, 0.0])):
        neuron = nn.Neuron(3, activation=name)
        for p, number in zip(neuron.parameters(), [*W[0], b[0, 0]], strict=True):
            p.data = number
        np.testing.assert_allclose(nn.predict(neuron, A.T), want, atol=5e-9)


def test_linear_backward(differentiate):
    dZ, A, W, b = assessed(1, (1, 2), (3, 2), (1, 3), (1, 1))
    _, (dA, dW, db) = differentiate(lambda A, W, b: np.sum(dZ * (W @ A + b)), A, W, b)
    want = [[0.51822968, -0.19517421], [-0.40506361, 0.15255393], [2.37496825, -0.89445391]]
    np.testing.assert_allclose(dA, want, atol=5e-9)
    np.testing.assert_allclose(dW / 2, [[-0.10076895, 1.40685096, 1.64992505]], atol=5e-9)
    np.testing.assert_allclose(db / 2, [[0.50629448]], atol=5e-9)


def test_the_cost_of_planar_data(differentiate):
    a2 = np.array([[0.5002307, 0.49985831, 0.50023963]])
    Y = np.random.RandomState(1).randn(1, 3) > 0

    def cost(a2):
        return -np.mean(Y * np.log(a2) + (1 - Y) * np.log(1 - a2))

    value, slope = differentiate(cost, a2)
    assert value == pytest.approx(0.6930587610394646, rel=1e-14)
    np.testing.assert_allclose(slope, (a2 - Y) / (a2 * (1 - a2)) / 3, rtol=1e-13)
    assert nn.binary_cross_entropy(autograd.values(a2[0]), Y[0]).data == pytest.approx(value)


def test_backward_propagation_of_planar_data(differentiate):
    W1, b1, W2, b2, X = assessed(3, (4, 2), (4, 1), (1, 4), (1, 1), (2, 5))
    Y = np.array([[1, 0, 1, 1, 0]])

    def cost(W1, b1, W2, b2):
        A2 = 1 / (1 + np.exp(-(W2 @ np.tanh(W1 @ X + b1) + b2)))
        return -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / 5

    _, slopes = differentiate(cost, W1, b1, W2, b2)
    A1 = np.tanh(W1 @ X + b1)
    dZ2 = 1 / (1 + np.exp(-(W2 @ A1 + b2))) - Y
    dZ1 = W2.T @ dZ2 * (1 - A1**2)
    want = (dZ1 @ X.T, dZ1.sum(axis=1, keepdims=True), dZ2 @ A1.T, dZ2.sum(axis=1, keepdims=True))
    for slope, right in zip(slopes, want, strict=True):
        np.testing.assert_allclose(slope, right / 5, rtol=1e-11, atol=1e-14)


SHAPES = ((2, 3), (2, 1), (3, 2), (3, 1), (1, 3), (1, 1))


def test_the_cost_with_regularisation(differentiate):
    weights = assessed(1, *SHAPES)[::2]
    a3 = np.array([[0.40682402, 0.01629284, 0.16722898, 0.10118111, 0.40682402]])
    Y = np.array([[1, 1, 0, 1, 0]])

    def cost(W1, W2, W3):
        entropy = -np.sum(Y * np.log(a3) + (1 - Y) * np.log(1 - a3)) / 5
        squares = np.sum(np.square(W1)) + np.sum(np.square(W2)) + np.sum(np.square(W3))
        return entropy + 0.1 / (2 * 5) * squares

    value, slopes = differentiate(cost, *weights)
    assert value == pytest.approx(1.7864859451590756, rel=1e-14)
    for slope, W in zip(slopes, weights, strict=True):
        np.testing.assert_allclose(slope, 0.1 / 5 * W, rtol=1e-13)


def test_gradient_checking_in_one_dimension(differentiate):
    # forward_propagation(2, 4) = 8, backward_propagation(2, 4) = 2
    assert differentiate(lambda x, theta: theta * x, 2.0, 4.0) == (8.0, (4.0, 2.0))
    assert autograd.check.gradients(lambda theta: theta * 2, [4.0])


def test_gradient_checking_in_n_dimensions():
    W1, b1, W2, b2, W3, b3 = assessed(2, *SHAPES)
    X, Y = np.random.RandomState(1).randn(3, 4), np.array([1, 1, 0, 1])

    def cost(W1, b1, W2, b2, W3, b3):
        A1 = np.maximum(0, W1 @ X + b1)
        A2 = np.maximum(0, W2 @ A1 + b2)
        A3 = 1 / (1 + np.exp(-(W3 @ A2 + b3)))
        return -np.mean(Y * np.log(A3) + (1 - Y) * np.log(1 - A3))

    assert autograd.check.gradients(cost, [W1, b1, W2, b2, W3, b3])


@pytest.mark.parametrize("engine", ["eager", "compiled"])
@pytest.mark.parametrize("name", ["momentum", "adam"])
def test_optimisers_of_course_2(name, engine):
    # The exercises' rules written out; momentum there averages: (1 - beta) g, here it adds g.
    X, y = np.random.RandomState(3).randn(5, 2), [1.0, 0.0, 1.0, 1.0, 0.0]
    model = nn.Neuron(2, activation="linear")
    start = np.array([0.3, -0.2, 0.1])
    for p, number in zip(model.parameters(), start, strict=True):
        p.data = number
    parameters = model.parameters()
    optimiser = (
        nn.SGD(parameters, lr=0.01, momentum=0.9)
        if name == "momentum"
        else nn.Adam(parameters, lr=0.01)
    )
    nn.fit(
        *(model, X, y), loss="binary_cross_entropy_with_logits", optimiser=optimiser, epochs=10,
        engine=engine, progress=False,
    )  # fmt: skip
    inputs, p, v, s = np.column_stack([X, np.ones(5)]), start.copy(), np.zeros(3), np.zeros(3)
    for t in range(1, 11):
        g = inputs.T @ (1 / (1 + np.exp(-inputs @ p)) - y) / 5
        v = 0.9 * v + 0.1 * g
        s = 0.999 * s + 0.001 * g**2
        if name == "momentum":
            p -= 0.1 * v
        else:
            p -= 0.01 * (v / (1 - 0.9**t)) / (np.sqrt(s / (1 - 0.999**t)) + 1e-8)
    assert [q.data for q in parameters] == pytest.approx(p.tolist(), rel=1e-11)
