"""Fisher's irises: 150 flowers of three species, measured in centimetres (see data/README.md)."""

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SPECIES = ("setosa", "versicolor", "virginica")
MEASURES = ("sepal length", "sepal width", "petal length", "petal width")
_FILE = Path(__file__).parent / "data" / "iris.csv"


def load(*species: str) -> tuple[Floats, Ints]:
    """Return the measures, shape (n, 4), and the class numbers, shape (n,), of the species named.

    Classes count from 0 in the order given; without names all three species come.

    Examples
    --------
    >>> X, y = load("versicolor", "virginica")
    >>> X.shape, y.tolist().count(1), X[0].tolist()
    ((100, 4), 50, [7.0, 3.2, 4.7, 1.4])
    """
    wanted = species or SPECIES
    with _FILE.open(encoding="utf-8", newline="") as file:
        rows = [row for row in list(csv.reader(file))[1:] if row[-1] in wanted]
    X = np.array([[float(number) for number in row[:-1]] for row in rows])
    return X, np.array([wanted.index(row[-1]) for row in rows])


def split(
    X: Floats, y: Ints, share: float = 0.3, seed: int = 0
) -> tuple[Floats, Ints, Floats, Ints]:
    """Shuffle, set a share aside for testing, and bring each input to mean 0 and deviation 1.

    Mean and deviation are those of the training samples: nothing of the test samples is used.
    Returns X and y for training, then X and y for testing.

    Examples
    --------
    >>> X, y, X_test, y_test = split(*load())
    >>> len(X), len(X_test), bool(np.allclose(X.mean(axis=0), 0))
    (105, 45, True)
    """
    order = np.random.default_rng(seed).permutation(len(X))
    test, train = np.split(order, [round(share * len(X))])
    mean, deviation = X[train].mean(axis=0), X[train].std(axis=0)
    scaled = (X - mean) / deviation
    return scaled[train], y[train], scaled[test], y[test]
