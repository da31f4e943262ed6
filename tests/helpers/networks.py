"""Small networks: one of 20 parameters written out, and classifiers made by `nn`."""

from itertools import pairwise

import numpy as np

import autograd
import nn
from autograd import Value

WIDTHS = (2, 3, 2, 1)
SAMPLES = [([0.5, -1.0], 1.0), ([1.0, 0.3], 0.0), ([-0.7, 0.2], -1.0)]


def parameters():
    return np.random.default_rng(0).normal(size=20)


def layers(p):
    """Cut a row of parameters into weights and biases."""
    start = 0
    for nin, nout in pairwise(WIDTHS):
        end = start + nin * nout
        yield p[start:end].reshape(nout, nin), p[end : end + nout]
        start = end + nout


def loss(p):
    errors = []
    for x, y in SAMPLES:
        a = x
        for W, b in layers(p):
            a = [autograd.tanh(autograd.dot(w, a, c)) for w, c in zip(W, b, strict=True)]
        errors.append(autograd.square(a[0] - y))
    return autograd.mean(errors)


def torch_loss(torch):
    def function(p):
        a = torch.tensor([x for x, _ in SAMPLES], dtype=torch.float64).T
        y = torch.tensor([y for _, y in SAMPLES], dtype=torch.float64)
        for W, b in layers(p):
            a = torch.tanh(W @ a + b[:, None])
        return ((a[0] - y) ** 2).mean()

    return function


def classifier(*sizes, inputs=2):
    return nn.MLP(inputs, list(sizes), activation="tanh", output="sigmoid", rng=0)


def classifier_loss(numbers, *sizes, label="x{}"):
    """The loss of a classifier for one sample, whose inputs are labelled by their positions."""
    x = [Value(number, label.format(k)) for k, number in enumerate(numbers)]
    L = nn.binary_cross_entropy(classifier(*sizes, inputs=len(x))(x), 1)
    L.label = "L"
    return L


def compiled_classifier(**options):
    """The step of a classifier, called once."""
    model = classifier(4, 1)

    def loss(x, y):
        return nn.binary_cross_entropy(model(x), y)

    step = autograd.compile(loss, batch=("x", "y"), **options)
    step([[0.5, 1.0], [-1.0, 2.0]], [1.0, 0.0])
    return step
