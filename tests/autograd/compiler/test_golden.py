"""Programs read as the lecture's equations: their text, line by line."""

import numpy as np

import autograd
import nn


def lines(step):
    return [line.strip() for line in step.source.splitlines()]


def test_the_lecture_s_network():
    model = nn.MLP(2, [4, 1], activation="tanh", output="sigmoid", rng=0)
    step = autograd.compile(lambda x, y: nn.binary_cross_entropy(model(x), y), batch=("x", "y"))
    step.backward(np.eye(2), [0, 1])
    assert lines(step) == [
        "def program(x, y, W1, b1, W2, b2):",
        "n = x.shape[-1]",
        "Z1 = W1 @ x + b1",
        "A1 = tanh(Z1)",
        "Z2 = W2 @ A1 + b2",
        "T1 = sigmoid_cross_entropy(Z2, y)",
        "J = T1.mean()",
        "dZ2 = (sigmoid(Z2) - y) / n",
        "dZ1 = W2.T @ dZ2 * (1 - A1 * A1)",
        "dW1 = dZ1 @ x.T",
        "db1 = dZ1.sum(axis=1, keepdims=True)",
        "dW2 = dZ2 @ A1.T",
        "db2 = dZ2.sum(axis=1, keepdims=True)",
        "return (J, (dW1, db1, dW2, db2))",
    ]
    assert step.program.kept == {}  # no index arrays


def test_three_classes():
    model = nn.MLP(2, [4, 3], activation="relu", rng=0)
    step = autograd.compile(lambda x, y: nn.cross_entropy(model(x), y), batch=("x", "y"))
    step.backward(np.eye(2), [0, 2])
    text = lines(step)
    assert text[2:5] == ["Z1 = W1 @ x + b1", "A1 = relu(Z1)", "Z2 = W2 @ A1 + b2"]
    assert "dZ1 = W2.T @ dZ2 * (Z1 > 0)" in text
    assert "dW2 = dZ2 @ A1.T" in text
    assert step.source.count("softmax") == 1  # computed once, forwards


def test_attention_scores_are_one_product_a_head():
    heads, size = 2, 3

    def loss(Q, K):
        total = []
        for h in range(heads):
            part = slice(h * size, (h + 1) * size)
            for q in Q:
                total += [autograd.tanh(autograd.dot(q[part], k[part])) for k in K]
        return autograd.sum(total)

    step = autograd.compile(loss)
    rng = np.random.default_rng(0)
    step(rng.normal(size=(5, 6)), rng.normal(size=(4, 6)))
    assert step.program.instructions[0].is_product
    assert step.program.instructions[0].out.shape == (2, 5, 4)
    assert lines(step)[1] == (
        "Z1 = Q.reshape(5, 2, 3).transpose(1, 0, 2) @ K.reshape(4, 2, 3).transpose(1, 2, 0)"
    )
    assert step.program.kept == {}
