"""A traced scalar program as flat data: what the engines of a compiled program read."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class ScalarProgram:
    """A traced scalar program: node i computes ``ops[i]`` of earlier nodes; pure data.

    Operations are names of the table, or ``"leaf"`` or ``"constant"``. Node i's inputs are
    ``inputs[starts[i]:starts[i + 1]]``, in order, with repetitions. ``numbers`` has every node's
    number when it was traced; constants keep theirs. ``live`` tells through which nodes a gradient
    is wanted: constants and unwanted leaves are not, nor is what depends on nothing else.
    """

    ops: tuple[str, ...]
    starts: NDArray[np.int32]
    inputs: NDArray[np.int32]
    numbers: NDArray[np.float64]
    live: NDArray[np.bool_]
