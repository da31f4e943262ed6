"""A function of one sample, for many: a compiled program, or the function sample by sample."""

import inspect
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.function import compile
from autograd.errors import SpecializationWarning

Array = NDArray[np.float64]


class BatchedFunction:
    """What a function returns for each of many samples, as arrays with the samples first.

    The function returns a tuple of outputs: each a number or a row of numbers, Values or not. It is
    compiled for batches. One that cannot be traced, as it looks at numbers, or is not to be, is
    called sample by sample, and then says itself what is wrong.

    >>> both = BatchedFunction(lambda x, y: (x[0] if x[0] > 0 else x[1], x[0] * y))
    >>> both(np.array([[1.0, 2.0], [-1.0, 5.0]]), np.array([3.0, 4.0]))
    [array([1., 5.]), array([ 3., -4.])]
    """

    def __init__(self, function: Callable[..., tuple[Any, ...]], *, compiled: bool = True) -> None:
        self.function = function
        self.program: Callable[..., Any] | None = None
        if compiled:
            names = list(inspect.signature(function).parameters)
            self.program = compile(function, batch=names, gradients=False)

    def __call__(self, *batches: Any) -> list[Array]:
        """Return the outputs for some samples: an array, or a list, an argument of the function."""
        if self.program is not None and all(isinstance(batch, np.ndarray) for batch in batches):
            try:
                with warnings.catch_warnings():  # of many branches, which are slower but right
                    warnings.simplefilter("ignore", SpecializationWarning)
                    return list(map(_stacked, self.program(*batches)))
            except (TypeError, ValueError, RuntimeError):
                self.program = None
        columns = [x.tolist() if isinstance(x, np.ndarray) else x for x in batches]
        rows = [list(map(_floats, self.function(*row))) for row in zip(*columns, strict=True)]
        return [np.array(column, np.float64) for column in zip(*rows, strict=True)]


def _stacked(output: Any) -> Array:
    """Return what a batch gave for an output: one array, or a row of these."""
    if isinstance(output, np.ndarray):
        return output
    return np.stack([_stacked(part) for part in output], axis=1)


def _floats(output: Any) -> Any:
    """Return an output's numbers: one, or a row of these."""
    if isinstance(output, list | tuple | np.ndarray):
        return [_floats(y) for y in output]
    return float(output)
