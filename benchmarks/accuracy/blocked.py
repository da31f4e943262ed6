"""The blocked executor's functions, values alone: all points of a primitive are one row."""

from collections.abc import Sequence

import numpy as np

import autograd
from autograd.compiler.executors.blocked_engine import COMPILED
from autograd.errors import MissingExtraError
from benchmarks.accuracy.library import Found, Library
from benchmarks.accuracy.references import Numbers

if COMPILED:
    from autograd.kernels.cython import _blocked


def load() -> Library:
    """Bring in the executor, at the best level of the machine."""
    if not COMPILED:
        raise MissingExtraError("the blocked executor needs the compiled kernel")

    def at(name: str, points: Sequence[Numbers]) -> list[Found] | None:
        if name not in _blocked.OPERATIONS:
            return None
        found = np.empty(len(points))
        _blocked.apply(name, found, *np.array(points).T)
        return [(z, {}) for z in found.tolist()]

    level = _blocked.LEVELS[_blocked.BEST]
    return Library("by blocks", f"{autograd.__version__} ({level})", at, has_slopes=False)
