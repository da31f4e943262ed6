"""What several tests of networks need."""

import pytest

import nn


@pytest.fixture
def slope():
    """Return the central difference of a function of a float."""

    def difference(f, x, h=1e-6):
        return (f(x + h) - f(x - h)) / (2 * h)

    return difference


@pytest.fixture
def XOR():
    """Samples and targets that no straight line separates."""
    return [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0]


@pytest.fixture
def line():
    """A neuron that starts at 0 x + 0, with four points on 2 x + 1."""
    model = nn.Neuron(1, activation="linear", init="zeros")
    return model, [[-1.0], [0.0], [1.0], [2.0]], [-1.0, 1.0, 3.0, 5.0]
