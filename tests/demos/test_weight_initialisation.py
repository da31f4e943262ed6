import re

import numpy as np
import pytest

from demos.points import two_moons
from demos.weight_initialisation import mean_slope


def blocks(tour):
    """Return the two starts' tables of the hidden neurons, gradients then weights."""
    _, zeros, near = tour.of("weight_initialisation").split("start: ")
    for text in (zeros, near):
        rows = re.findall(r"^ +neuron \d +(\S+) +(\S+) +(\S+)$", text, re.MULTILINE)
        yield np.array(rows, dtype=float).reshape(2, 3, 3)


def test_zeros_keep_the_neurons_identical_and_random_numbers_do_not(tour):
    zeros, near = blocks(tour)
    assert (zeros == zeros[:, :1]).all()
    assert (np.abs(zeros) > 1e-5).all()  # equal, and not by being 0
    for table in near:
        assert np.ptp(table, axis=0).min() > 1e-4


def test_identical_neurons_learn_less(tour):
    zeros, near = map(float, re.findall(r"accuracy (\d+\.\d)%", tour.of("weight_initialisation")))
    assert zeros < 91
    assert near > max(zeros, 92)


def test_the_derivative_is_largest_near_zero(tour):
    slopes = re.findall(r"mean g'\(z\) = (\S+)", tour.of("weight_initialisation"))
    assert [float(s) for s in slopes] == sorted(map(float, slopes), reverse=True)
    X, _ = two_moons(20)
    assert mean_slope(0.0, X) == pytest.approx(0.25, rel=1e-12)


def test_the_words_name_the_identical_neurons(tour):
    zeros, near = tour.of("weight_initialisation").split("start: ")[1:]
    assert "layers.0: neurons 0 to 2 are identical: the same weights" in zeros
    assert "Nothing was found" in near
