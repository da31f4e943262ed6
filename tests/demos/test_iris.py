import numpy as np
import pytest

from demos.iris import SPECIES, load, split


def test_data_is_fisher_s():
    X, y = load()
    assert X.shape == (150, 4)
    assert np.bincount(y).tolist() == [50, 50, 50]
    assert X[34].tolist() == [4.9, 3.1, 1.5, 0.2]  # the UCI file has 0.1 here
    assert X[37].tolist() == [4.9, 3.6, 1.4, 0.1]  # and 3.1, 1.5 here
    means = {0: [5.006, 3.428, 1.462, 0.246], 1: [5.936, 2.770, 4.260, 1.326]}
    means[2] = [6.588, 2.974, 5.552, 2.026]  # Fisher 1936, table I
    for k in range(3):
        assert X[y == k].mean(axis=0) == pytest.approx(means[k], abs=1e-9)


def test_classes_count_in_the_order_asked_for():
    X, y = load("virginica", "setosa")
    everything, species = load()
    assert np.bincount(y).tolist() == [50, 50]
    assert (X[y == 0] == everything[species == SPECIES.index("virginica")]).all()


def test_split_uses_each_flower_once_and_nothing_of_the_test_part():
    X, y = load()
    a, ya, b, yb = split(X, y)
    assert (len(a), len(b)) == (105, 45)
    assert np.bincount([*ya, *yb]).tolist() == [50, 50, 50]
    assert a.mean(axis=0) == pytest.approx(np.zeros(4), abs=1e-12)
    assert a.std(axis=0) == pytest.approx(np.ones(4))
    assert np.abs(b.mean(axis=0)).max() > 1e-3
    assert (split(X, y)[0] == a).all()
    assert (split(X, y, seed=1)[1] != ya).any()
