"""Stanford's CS231n, assignments 1 to 3, as students write them: loops, NumPy, in-place changes.

https://cs231n.github.io/assignments2017/assignment1/ and /assignment2/, /assignment3/. The right
gradients are the ones that the assignments ask for, written out by hand.
"""

import numpy as np
import pytest

import autograd

RNG = np.random.RandomState(231)
X, W, Y = RNG.randn(6, 4), 0.5 * RNG.randn(4, 3), np.array([0, 2, 1, 1, 0, 2])
REG = 0.1
ALL = np.arange(6)


def svm_loss_naive(W):
    loss = 0.0
    for i in range(6):
        scores = X[i].dot(W)
        correct_class_score = scores[Y[i]]
        for j in range(3):
            if j == Y[i]:
                continue
            margin = scores[j] - correct_class_score + 1
            if margin > 0:
                loss += margin
    return loss / 6 + REG * np.sum(W * W)


def svm_loss_vectorized(W):
    scores = X @ W
    margins = np.maximum(0, scores - scores[ALL, Y].reshape(-1, 1) + 1)
    margins[ALL, Y] = 0
    return np.sum(margins) / 6 + REG * np.sum(W * W)


def svm_gradient():
    scores = X @ W
    mask = (scores - scores[ALL, Y][:, None] + 1 > 0).astype(float)
    mask[ALL, Y] = 0
    mask[ALL, Y] = -mask.sum(axis=1)
    return X.T @ mask / 6 + 2 * REG * W


def softmax_loss_vectorized(W):
    scores = X @ W
    scores -= np.max(scores, axis=1, keepdims=True)
    p = np.exp(scores) / np.sum(np.exp(scores), axis=1, keepdims=True)
    return -np.sum(np.log(p[ALL, Y])) / 6 + REG * np.sum(W * W)


def softmax_loss_one_hot(W):
    scores = X @ W
    logs = scores - np.log(np.sum(np.exp(scores), axis=1, keepdims=True))
    return -np.sum(np.eye(3)[Y] * logs) / 6 + REG * np.sum(W * W)


def softmax_gradient():
    p = np.exp(X @ W)
    p /= p.sum(axis=1, keepdims=True)
    return X.T @ (p - np.eye(3)[Y]) / 6 + 2 * REG * W


@pytest.mark.parametrize(
    ("loss", "gradient"),
    [
        (svm_loss_naive, svm_gradient),
        (svm_loss_vectorized, svm_gradient),
        (softmax_loss_vectorized, softmax_gradient),
        (softmax_loss_one_hot, softmax_gradient),
    ],
)
def test_linear_classifiers(loss, gradient, differentiate):
    value, slope = differentiate(loss, W)
    assert value == pytest.approx(loss(W), rel=1e-14)
    np.testing.assert_allclose(slope, gradient(), rtol=1e-11, atol=1e-14)


UPSTREAM = RNG.randn(6, 4)


def batchnorm_forward(x, gamma, beta):
    mean, var = np.mean(x, axis=0), np.var(x, axis=0)
    return gamma * (x - mean) / np.sqrt(var + 1e-5) + beta


def test_batch_normalisation(differentiate):
    gamma, beta = RNG.randn(4), RNG.randn(4)
    value, (dx, dgamma, dbeta) = differentiate(
        lambda x, gamma, beta: np.sum(batchnorm_forward(x, gamma, beta) * UPSTREAM),
        *(X, gamma, beta),
    )
    assert value == pytest.approx(np.sum(batchnorm_forward(X, gamma, beta) * UPSTREAM), rel=1e-13)
    std = np.sqrt(X.var(axis=0) + 1e-5)
    xhat = (X - X.mean(axis=0)) / std
    np.testing.assert_allclose(dbeta, UPSTREAM.sum(axis=0), rtol=1e-12)
    np.testing.assert_allclose(dgamma, (UPSTREAM * xhat).sum(axis=0), rtol=1e-12)
    dxhat = UPSTREAM * gamma
    want = (dxhat - dxhat.mean(axis=0) - xhat * (dxhat * xhat).mean(axis=0)) / std
    np.testing.assert_allclose(dx, want, rtol=1e-10, atol=1e-12)


def test_a_recurrent_network_through_time(differentiate):
    Wh, Wx, b, h0 = RNG.randn(3, 3), RNG.randn(4, 3), RNG.randn(3), RNG.randn(3)

    def loss(Wx, Wh, b):
        h = h0
        for x in X:
            h = np.tanh(x @ Wx + h @ Wh + b)
        return np.sum(h)

    _, (dWx, dWh, db) = differentiate(loss, Wx, Wh, b)
    hs = [h0]
    for x in X:
        hs.append(np.tanh(x @ Wx + hs[-1] @ Wh + b))
    want, dh = [np.zeros((4, 3)), np.zeros((3, 3)), np.zeros(3)], np.ones(3)
    for t in range(5, -1, -1):
        dz = dh * (1 - hs[t + 1] ** 2)
        want[0] += np.outer(X[t], dz)
        want[1] += np.outer(hs[t], dz)
        want[2] += dz
        dh = Wh @ dz
    for slope, right in zip((dWx, dWh, db), want, strict=True):
        np.testing.assert_allclose(slope, right, rtol=1e-10, atol=1e-13)


def test_a_naive_convolution_of_lists(differentiate):
    image, kernel = RNG.randn(4, 5), RNG.randn(2, 3)

    def total(image, kernel):
        out = [
            [sum(image[i + k, j + m] * kernel[k, m] for k in range(2) for m in range(3))
             for j in range(3)] for i in range(3)
        ]  # fmt: skip
        return sum(z * z for row in out for z in row)

    _, (dimage, dkernel) = differentiate(total, image, kernel)
    windows = np.lib.stride_tricks.sliding_window_view(image, (2, 3))
    out = np.einsum("ijkm,km->ij", windows, kernel)
    np.testing.assert_allclose(dkernel, 2 * np.einsum("ij,ijkm->km", out, windows), rtol=1e-12)
    want = np.zeros_like(image)
    for i, j in np.ndindex(3, 3):
        want[i : i + 2, j : j + 3] += 2 * out[i, j] * kernel
    np.testing.assert_allclose(dimage, want, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("way", ["transform", "numpy", "tape", "auto"])
def test_a_naive_convolution_into_an_array_of_zeros_is_refused(way):
    # The assignment's skeleton: an array of floats has no place for a Value.
    def total(kernel):
        out = np.zeros((5, 4))
        for i in range(5):
            for j in range(4):
                out[i, j] = np.sum(X[i : i + 1, j] * kernel)
        return np.sum(out**2)

    f = autograd.grad(total) if way == "transform" else autograd.compile(total, engine=way)
    with pytest.raises(TypeError, match="out\\[i, j\\]"):  # the line is named
        f(np.array([2.0]))
