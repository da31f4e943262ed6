import numpy as np
import pytest

from demos.points import two_moons, two_spirals


@pytest.mark.parametrize("make", [two_moons, two_spirals])
def test_points_are_the_same_for_a_seed_and_half_of_each_class(make):
    X, y = make(40, seed=3)
    assert X.shape == (40, 2)
    assert y.sum() == 20
    assert (make(40, seed=3)[0] == X).all()
    assert (make(40, seed=4)[0] != X).any()


@pytest.mark.parametrize("make", [two_moons, two_spirals])
def test_no_straight_line_separates_the_classes(make):
    X, y = make(120)
    ones = np.column_stack([X, np.ones(len(X))])
    best = np.linalg.lstsq(ones, 2 * y - 1.0, rcond=None)[0]
    assert ((ones @ best > 0) == y).mean() < 0.95


def test_without_noise_the_moons_are_half_circles():
    X, y = two_moons(50, noise=0)
    centres = np.array([[-0.5, -0.25], [0.5, 0.25]])
    assert np.linalg.norm(X - centres[y], axis=1) == pytest.approx(1.0)
    assert (X[y == 0, 1] >= -0.25).all()


def test_without_noise_the_arms_are_half_a_turn_apart():
    X, _ = two_spirals(1001, noise=0)
    assert np.abs(X[::2][:500] + X[1::2]).max() < 0.1
