"""Points in the plane that no straight line separates, made with NumPy."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def two_spirals(
    n: int, turns: float = 1.4, noise: float = 0.03, seed: int = 0
) -> tuple[Floats, Ints]:
    """Return n points, shape (n, 2), on two arms wound around each other, and their arm, 0 or 1.

    Examples
    --------
    >>> X, y = two_spirals(6)
    >>> X.shape, y.tolist()
    ((6, 2), [0, 1, 0, 1, 0, 1])
    """
    rng = np.random.default_rng(seed)
    arm = np.arange(n) % 2
    radius = np.sqrt(np.linspace(0.03, 1, n))  # the root spreads points evenly over the area
    angle = 2 * np.pi * turns * radius + np.pi * arm
    X = radius * np.array([np.cos(angle), np.sin(angle)])
    return (2 * X + noise * rng.normal(size=X.shape)).T, arm


def two_moons(n: int, noise: float = 0.12, seed: int = 0) -> tuple[Floats, Ints]:
    """Return n points, shape (n, 2), on two half circles that reach into each other.

    Examples
    --------
    >>> X, y = two_moons(6)
    >>> X.shape, y.tolist()
    ((6, 2), [0, 1, 0, 1, 0, 1])
    """
    rng = np.random.default_rng(seed)
    moon = np.arange(n) % 2
    angle = np.pi * rng.uniform(size=n)
    side = 1 - 2 * moon
    X = np.array([side * np.cos(angle) - 0.5 + moon, side * np.sin(angle) - 0.25 + 0.5 * moon])
    return (X + noise * rng.normal(size=X.shape)).T, moon
