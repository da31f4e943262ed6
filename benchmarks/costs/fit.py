"""Fit costs to times: linear, by relative least squares."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.executors.cost import ArrayWork, Costs, RowsWork, TapeWork
from benchmarks.costs.measure import Measured

TURNS, SWEEPS = 20, 3000


def fitted(measured: Sequence[Measured]) -> Costs:
    """Return the nanoseconds of each kind of work that fit the times best."""
    batches = [one for one in measured if one.samples]
    others = [one for one in measured if not one.samples]
    return Costs(
        TapeWork(*coefficients(measured, "tape")),
        RowsWork(*coefficients(batches, "rows")),
        ArrayWork(*coefficients(batches, "blocked")),
        ArrayWork(*coefficients(others, "blocked")),
        ArrayWork(*coefficients(others, "numpy")),
    )


def coefficients(measured: Sequence[Measured], engine: str) -> list[float]:
    """Return the costs of an engine's work."""
    own = [one for one in measured if engine in one.seconds]
    times = np.array([one.seconds[engine] for one in own]) * 1e9
    return solved(np.array([one.work[engine] for one in own]), times)


def solved(work: NDArray[np.float64], times: NDArray[np.float64]) -> list[float]:
    """Return what each kind of work costs, nothing or more, by relative least squares.

    The sum of estimate / time + time / estimate becomes least, where half of a time is as wrong as
    twice, by turns: its derivative is that of squares with these weights.

    >>> solved(np.array([[1.0, 10.0], [1.0, 30.0], [1.0, 20.0]]), np.array([120.0, 160.0, 140.0]))
    [100.0, 2.0]
    """
    estimate = times
    for _ in range(TURNS):
        weights = np.sqrt((times + estimate) / times) / estimate
        costs = nonnegative(work * weights[:, None], times * weights)
        estimate = np.maximum(work @ costs, times / 1000)
    return [float(f"{x:.3g}") for x in costs]


def nonnegative(A: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Solve least squares for numbers that are not negative, one after another (NNLS)."""
    size = np.linalg.norm(A, axis=0)
    size[size == 0] = 1
    A = A / size
    gram, target, x = A.T @ A, A.T @ b, np.zeros(A.shape[1])
    for _ in range(SWEEPS):
        before = x.copy()
        for j in np.flatnonzero(gram.diagonal()):
            x[j] = max(0.0, x[j] + (target[j] - gram[j] @ x) / gram[j, j])
        if np.abs(x - before).max() <= 1e-12 * np.abs(x).max():
            break
    return np.asarray(x / size)
