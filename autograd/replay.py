"""Replay a function's graph for many samples at once, on arrays.

A network's graph is the same for each point of a grid: it is recorded once, and each node is then
computed for all points together, by the table's rule read for arrays. Unlike a compiled program,
which gives the mean of a batch and its gradients, a replay gives every sample's own results.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.trace import Tracing
from autograd.construct import values
from autograd.errors import shown
from autograd.graph import topological
from autograd.nary import split
from autograd.ops import TABLE
from autograd.readings import ARRAYS, define, execute
from autograd.value import Value, constant

Array = NDArray[np.float64]


class NotReplayableError(TypeError):
    """Raised where another sample might have another graph: the function looked at a number."""


class Replay:
    """A function of one sample, ready to be computed for many.

    Parameters
    ----------
    function
        Takes a list of numbers, returns one number or a list of them. Leaf Values that it closes
        over are read afresh at each call.
    sample
        Numbers to record it with; any others of the same length may follow.

    Raises
    ------
    NotReplayableError
        Where the function compares numbers, or reads them out of the graph.

    Examples
    --------
    >>> w = Value(2.0)
    >>> replay = Replay(lambda x: [w * x[0] + x[1], x[1].tanh()], [0.0, 0.0])
    >>> replay([[1.0, 0.5], [3.0, -1.0]]).round(3)
    array([[ 2.5  ,  0.462],
           [ 5.   , -0.762]])
    """

    def __init__(self, function: Callable[[list[Value]], Any], sample: Sequence[float]) -> None:
        self._inputs = values([float(x) for x in sample])
        try:
            with Tracing("the function") as tracing:
                result = function(list(self._inputs))
        except TypeError as error:
            if "would freeze" in str(error):
                raise NotReplayableError(str(error)) from error
            raise
        if tracing.compared_pairs:
            raise NotReplayableError(
                f"the function compares numbers, at {tracing.compared_pairs[0][4]}"
            )
        outputs = result if isinstance(result, (list, tuple)) else [result]
        self._outputs = [x if isinstance(x, Value) else constant(x) for x in outputs]
        given = set(self._inputs)
        self._order = [node for node in topological(self._outputs) if node not in given]

    def __call__(self, X: Any) -> Array:
        """Return the outputs for samples of shape (n, inputs), shape (n, outputs)."""
        samples = np.asarray(X, dtype=float)
        if samples.ndim != 2 or samples.shape[1] != len(self._inputs):
            raise ValueError(f"expected samples of shape (n, {len(self._inputs)}), got {shown(X)}")
        found: dict[Value, Any] = dict(zip(self._inputs, samples.T, strict=True))
        with np.errstate(all="ignore"):  # inf and nan are results
            for node in self._order:
                found[node] = _computed(node, [found[x] for x in node.inputs])
        columns = [np.broadcast_to(found[x], len(samples)) for x in self._outputs]
        return np.stack(columns, axis=1)


def _computed(node: Value, inputs: list[Any]) -> Any:
    """Compute one node for all samples; what depends on none of them is a single number."""
    if not inputs:
        return node.data
    entry = TABLE[node.op]
    if not entry.variadic:
        return ARRAYS[node.op](*inputs)
    shape = np.broadcast_shapes(*[np.shape(x) for x in inputs])
    parts = split(node.op, inputs)
    lists = [[np.broadcast_to(x, shape) for x in p] if isinstance(p, list) else p for p in parts]
    return _of_lists(node.op, entry.arguments, entry.rule)(*lists)


@cache
def _of_lists(op: str, arguments: tuple[str, ...], rule: str) -> Callable[..., Any]:
    """Compile the rule of a function of lists, whose own name may mean something else in it."""
    made = execute(define(op, arguments, rule), f"list function {op} for arrays", ARRAYS)
    function: Callable[..., Any] = made[op]
    return function
