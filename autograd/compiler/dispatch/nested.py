"""Nested calls: within another trace, within a derivative, or with Values as arguments.

There the function itself runs, so that its operations become part of the larger graph: JAX's
``grad(jit(f))`` is the model. Of a batch, it runs on each sample.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.tracing.arguments import samples
from autograd.errors import ConcretizationError
from autograd.functions import mean, sum
from autograd.tree_spec import ArraySpec, TreeSpec, collapsed, has_values, ravel, split
from autograd.value import Value
from autograd.value_array import ValueArray, array_of


class NestedCallError(ConcretizationError):
    """Raised where a program would give numbers, and the call is part of a larger graph.

    ``owner`` is the compiled function that was called.
    """

    def __init__(self, message: str, owner: object) -> None:
        super().__init__(message)
        self.owner = owner


def samples_of_batch(name: str, argument: Any) -> NDArray[Any]:
    """Return the samples of a batch, arrays of Values or of numbers.

    >>> samples_of_batch("x", [[Value(1.0), 2.0]])[0].shape
    (2,)
    """
    if not has_values(argument):
        samples(name, argument, [])  # raises for what is no batch
        return np.asarray(argument)
    array = argument if isinstance(argument, np.ndarray) else ValueArray(argument)
    if not array.ndim or not len(array) or any(isinstance(x, list | tuple) for x in array.flat):
        raise TypeError(
            f"{name}: a batch is an array with the samples along its first axis, and at least one, "
            "all of one shape"
        )
    return array


def reduced(values: Sequence[Value], reduce: str) -> Value:
    """Return the mean or the sum of the samples' values."""
    reductions: dict[str, Callable[[Sequence[Value]], Value]] = {"mean": mean, "sum": sum}
    return reductions[reduce](values)


def stacked(results: Sequence[Any], name: str) -> Any:
    """Return results of one structure with the samples along their first axes.

    >>> stacked([{"y": 1.0, "z": [2.0]}, {"y": 3.0, "z": [4.0]}], "f")
    {'y': array([1., 3.]), 'z': array([[2.],
           [4.]])}
    """
    pairs = [ravel(result, "the result", f"{name}: the function returned") for result in results]
    specs = [numbered(collapsed(spec)) for _, spec in pairs]
    if any(spec != specs[0] for spec in specs):
        raise different_structures(name)
    own = specs[0].arrays
    columns = zip(*[split(entries, own) for entries, _ in pairs], strict=True)
    return specs[0].unflatten(
        [
            array_of([x for part in column for x in part], (len(pairs), *spec.shape))
            for spec, column in zip(own, columns, strict=True)
        ]
    )


def numbered(spec: TreeSpec) -> TreeSpec:
    """Describe arrays of one number without axes as that number, as those of samples are alike."""
    number = ArraySpec("number", ())
    return spec._replace(leaves=tuple([x if x[1:2] != ((),) else number for x in spec.leaves]))


def different_structures(name: str) -> ValueError:
    """Build the error for samples whose results differ in structure."""
    return ValueError(
        f"{name}: the samples' results differ in structure, as the comparisons came out; return "
        "the same structure for all"
    )
