"""What a program finds that is run forward only: arrays of results, in a structure."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.executors.engines import Found
from autograd.compiler.executors.specialization import Result, Specialization
from autograd.tree_spec import NOTHING, TreeSpec


@dataclass
class Outputs(Result):
    """What a call found: the arrays of the results, samples first, and the spec of their tree."""

    arrays: Sequence[NDArray[Any]] = ()
    spec: TreeSpec = NOTHING
    watched: Sequence[NDArray[Any]] = ()  # numbers that must be finite for the results to hold

    def compared(self) -> list[Any]:
        """Return all results."""
        return list(self.arrays)

    @property
    def finite(self) -> bool:
        """Whether all results are finite, and what they rest on."""
        return all(bool(np.isfinite(array).all()) for array in (*self.arrays, *self.watched))


class ForwardSpecialization(Specialization):
    """A program that is run forward only, with the spec of its results."""

    spec: TreeSpec = NOTHING

    @cached_property
    def samples(self) -> list[int]:
        """The numbers of the argument arrays that are batches."""
        arrays = zip(self.sources, self.program.arrays, strict=True)
        return [i for i, array in arrays if array.sample and i is not None]

    def result_of(self, found: Found, arrays: Sequence[Any]) -> Outputs:
        """Return what was found in the structure of the results."""
        results = found[1]
        outputs = self.program.outputs
        assert outputs is not None
        batches = [len(arrays[i]) for i in self.samples[:1]]
        made = [
            placed(result, output.shape, output.sample, batches)
            for result, output in zip(results, outputs, strict=True)
        ]
        count = self.count
        watched = [*made[count:], *self._given(arrays, batches)]
        return Outputs(0.0, arrays=made[:count], spec=self.spec, watched=watched)

    @property
    def count(self) -> int:
        """The number of results that are returned; others are watched."""
        return len(self.spec.arrays)

    def result(self, value: Any, gradients: Sequence[Any]) -> Outputs:  # noqa: ARG002 - has none
        """Return results that were computed elsewhere: one number, or a tuple of arrays."""
        results = value if isinstance(value, tuple) else (value,)
        assert self.program.outputs is not None
        pairs = list(zip(results, self.program.outputs[: self.count], strict=True))
        batches = [np.shape(result)[-1] for result, output in pairs if output.sample][:1]
        arrays = [placed(x, output.shape, output.sample, batches) for x, output in pairs]
        return Outputs(0.0, arrays=arrays, spec=self.spec)

    def _given(self, arrays: Sequence[Any], batches: Sequence[int]) -> list[NDArray[Any]]:
        """Return what is finite where the arguments are: a comparison hides a nan."""
        samples = self.samples
        sound = all(bool(np.isfinite(a).all()) for i, a in enumerate(arrays) if i not in samples)
        rest = [] if sound else [np.full(batches, np.nan)]
        return [*rest, *(arrays[i] for i in samples)]


def placed(
    result: Any, shape: tuple[int, ...], sample: bool, batches: Sequence[int]
) -> NDArray[Any]:
    """Return a result as an array that is the caller's own, the samples along its first axis."""
    if not sample:
        wanted = (*batches, *shape)
        return np.array(result if np.shape(result) == wanted else np.broadcast_to(result, wanted))
    spread = np.broadcast_to(result, (*shape, *batches))
    return np.array(np.moveaxis(spread, -1, 0))


def soundness(found: Outputs) -> NDArray[Any]:
    """Return a finite number for each sample whose results are finite, as is what they rest on."""
    rows = [array.reshape(len(array), -1) for array in (*found.arrays, *found.watched)]
    finite = np.isfinite(np.concatenate(rows, axis=1)).all(axis=1)
    return np.asarray(np.where(finite, 0.0, np.nan))
