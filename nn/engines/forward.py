"""Forward passes over many samples: `predict`, and the metrics and the validation of a training.

Their programs are kept on the model.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograd._checks import checked_keywords
from autograd.compiler.batched import BatchedFunction
from autograd.compiler.cache import borrow
from nn._utils import PROGRAMS, plain
from nn.data import Column, as_items
from nn.mode import running

CHUNK = 4096  # samples of one call: all their intermediate results exist at once

Array = NDArray[np.float64]


class ForwardPass:
    """The outputs of a model for many samples, with a loss also each sample's loss, as arrays.

    Where there is a column of weights, too, each loss is times its weight.

    >>> forward = ForwardPass(lambda x: 2 * x[0], lambda output, y: (output - y) ** 2)
    >>> forward(Column([[1.0, 2.0], [-1.0, 5.0]]), Column([0.0, 2.0]))
    [array([ 2., -2.]), array([ 4., 16.])]
    """

    def __init__(
        self,
        model: Callable[[Any], Any],
        loss: Callable[[Any, Any], Any] | None = None,
        *,
        compiled: bool = True,
    ) -> None:
        self.op: str | None = None  # that makes the outputs, as the model was last run

        def outputs(x: Any) -> tuple[Any, ...]:
            with running(training=False):
                output = model(plain(x))
            first = output[0] if isinstance(output, list | tuple) and output else output
            self.op = getattr(first, "op", None)
            return (output,)

        def outputs_and_loss(x: Any, y: Any) -> tuple[Any, ...]:
            assert loss is not None
            with running(training=False):
                output = model(plain(x))
            return output, loss(output, plain(y))

        self.batched = BatchedFunction(
            outputs if loss is None else outputs_and_loss, compiled=compiled
        )

    def __call__(self, *columns: Column) -> list[Array]:
        """Return the outputs for the samples of a column, and the losses for two or more."""
        first, weights = columns[:2], columns[2:]
        parts = [
            self.batched(*[column.take(slice(start, start + CHUNK)) for column in first])
            for start in range(0, len(columns[0]), CHUNK)
        ]
        results = [np.concatenate(arrays) for arrays in zip(*parts, strict=True)]
        for column in weights:
            results[1] = results[1] * column.take(slice(None))
        return results


@checked_keywords
def predict(model: Any, X: Any) -> Array:
    """Return a model's outputs for a batch as numbers: shape (n,) for one output, else (n, k).

    The model is compiled at the first call, and the program is kept on it. A model that cannot be
    traced, since it looks at numbers, is called sample by sample.

    Examples
    --------
    >>> import nn
    >>> predict(nn.MLP(2, [3, 1], init="zeros"), [[1.0, 2.0], [3.0, 4.0]])
    array([0., 0.])
    """
    return model_outputs(model, X)[0]


def model_outputs(model: Any, X: Any) -> tuple[Array, str | None]:
    """Return a model's outputs for a batch, and the operation that makes them, if it is known."""
    items = as_items(X)
    samples = Column(items if hasattr(items, "__len__") else list(items))
    if not len(samples):
        return np.zeros(0), None
    loan = borrow(model, PROGRAMS, (), "predict", lambda: ForwardPass(model))
    (outputs,) = loan.compiled(samples)
    op = loan.compiled.op
    loan.give_back(PROGRAMS, recheck=False)
    return outputs, op
