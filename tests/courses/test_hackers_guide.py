"""Andrej Karpathy, Hacker's Guide to Neural Networks: circuits that are tugged upwards.

https://karpathy.github.io/neuralnets/
"""

import pytest

import autograd
import nn


def tugged(numbers, slopes, step=0.01):
    return [x + step * slope for x, slope in zip(numbers, slopes, strict=True)]


def test_one_gate(differentiate):
    value, slopes = differentiate(lambda x, y: x * y, -2.0, 3.0)
    assert (value, slopes) == (-6.0, (3.0, -2.0))
    x, y = tugged((-2.0, 3.0), slopes)
    assert (x, y) == (-1.97, 2.98)
    assert round(x * y, 2) == -5.87


def test_two_gates(differentiate):
    def circuit(x, y, z):
        return (x + y) * z

    value, slopes = differentiate(circuit, -2.0, 5.0, -4.0)
    assert (value, slopes) == (-12.0, (-4.0, -4.0, 3.0))
    x, y, z = tugged((-2.0, 5.0, -4.0), slopes)
    assert [round(number, 2) for number in (x, y, z)] == [-2.04, 4.96, -3.97]
    assert round(differentiate(circuit, x, y, z)[0], 4) == -11.5924


def test_a_neuron(differentiate):
    def neuron(a, b, c, x, y):
        return autograd.sigmoid(a * x + b * y + c)

    numbers = (1.0, 2.0, -3.0, -1.0, 3.0)
    value, slopes = differentiate(neuron, *numbers)
    assert round(value, 4) == 0.8808
    assert [round(slope, 3) for slope in slopes] == [-0.105, 0.315, 0.105, 0.105, 0.210]
    value, _ = differentiate(neuron, *tugged(numbers, slopes))
    assert value == pytest.approx(0.8825, abs=1e-4)  # the guide cuts digits off


@pytest.mark.parametrize("engine", ["eager", "compiled"])
def test_the_support_vector_machine_learns_its_six_points(engine):
    data = [[1.2, 0.7], [-0.3, -0.5], [3.0, 0.1], [-0.1, -1.0], [-1.0, 1.1], [2.1, -3.0]]
    labels = [1, -1, 1, -1, -1, 1]
    model = nn.Neuron(2, activation="linear")
    for p, number in zip(model.parameters(), (1.0, -2.0, -1.0), strict=True):
        p.data = number
    nn.fit(
        *(model, data, labels), loss="hinge", optimiser=nn.SGD(model.parameters(), lr=0.1),
        epochs=100, batch_size=1, rng=0, engine=engine, progress=False,
    )  # fmt: skip
    assert [1 if model(x).data > 0 else -1 for x in data] == labels
