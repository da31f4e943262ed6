"""Training steps on `Value`s: the loss of a batch; its gradients are added to the parameters'.

The caller resets the gradients before a step, as before any backward pass.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Protocol

import autograd
from autograd import Value
from autograd._checks import float_or_none
from autograd.context import context
from autograd.errors import ConcretizationError, shown
from nn._utils import as_array, plain
from nn.engines.forward import ForwardPass
from nn.losses import as_value
from nn.module import Module


class TrainingStep(Protocol):
    """The interface of an engine's step, as `fit` uses it."""

    def __call__(self, X: Sequence[Any], Y: Sequence[Any]) -> float:
        """Return the mean loss of a batch, and add its gradients to the parameters' ``.grad``."""

    def explain(self, X: Sequence[Any], Y: Sequence[Any]) -> None:
        """Raise FloatingPointError at the first node of the batch's graph that is not finite."""

    @property
    def forward(self) -> ForwardPass:
        """The outputs and losses of samples, without gradients."""


@dataclass(frozen=True)
class EagerStep:
    """A step that builds the graph of a batch and runs its backward pass.

    Examples
    --------
    >>> import nn
    >>> model = nn.Neuron(1, activation="linear", init="zeros")
    >>> step = EagerStep(model, nn.mse)
    >>> step([[1.0], [2.0]], [1.0, 2.0]), model.w[0].grad
    (2.5, -5.0)
    """

    model: Module
    loss: Callable[[Any, Any], Any]
    penalty: Callable[[list[Value]], Any] | None = None

    def __call__(self, X: Sequence[Any], Y: Sequence[Any]) -> float:
        """Compute the loss of a batch and its gradients."""
        loss = self._loss(X, Y)
        if isfinite(loss.data) and depends_on_parameters(loss):
            loss.backward()
        return loss.data

    def explain(self, X: Sequence[Any], Y: Sequence[Any]) -> None:
        """Compute the step once more, raising FloatingPointError at the first bad number.

        Examples
        --------
        >>> import nn
        >>> EagerStep(nn.Neuron(1), nn.mse).explain([[1.0]], [2.0])  # everything is finite
        """
        with autograd.detect_anomaly():
            loss = self._loss(X, Y)
            if depends_on_parameters(loss):
                loss.backward()

    @property
    def forward(self) -> ForwardPass:
        """The outputs and losses of samples, one sample's graph at a time."""
        return ForwardPass(self.model, self.loss, compiled=False)

    def _loss(self, X: Sequence[Any], Y: Sequence[Any]) -> Value:
        losses = [
            _number("loss", self.loss(self.model(x), y))
            for x, y in zip(plain(X), plain(Y), strict=True)
        ]
        loss = losses[0] if len(losses) == 1 else autograd.mean(losses)
        if self.penalty is not None:
            loss = loss + _number("penalty", self.penalty(self.model.parameters()))
        return as_value(loss)


def depends_on_parameters(loss: Value) -> bool:
    """Return whether the loss of a batch depends on a parameter; raise RuntimeError under no_grad.

    With branches, all samples of a batch may yield plain numbers: such a step changes nothing.
    """
    if loss.is_constant and context.thread.no_grad_depth:
        raise RuntimeError(
            "fit: under no_grad no loss has gradients; train outside of it, or with "
            "engine='compiled', which traces the model with gradients"
        )
    return not loss.is_constant


class CompiledStep:
    """A step that traces the loss of one sample, and runs batches as a compiled program.

    Samples that form no array of numbers (lists of different lengths, Values) are computed eagerly.

    Examples
    --------
    >>> import nn
    >>> model = nn.Neuron(1, activation="linear", init="zeros")
    >>> step = CompiledStep(model, nn.mse)
    >>> step([[1.0], [2.0]], [1.0, 2.0]), model.w[0].grad
    (2.5, -5.0)
    """

    def __init__(
        self,
        model: Module,
        loss: Callable[[Any, Any], Any],
        penalty: Callable[[list[Value]], Any] | None = None,
        engine: str = "auto",
    ) -> None:
        self.eager = EagerStep(model, loss, penalty)

        def sample_loss(x: Any, y: Any) -> Value:
            result = _number("loss", loss(model(x), y))
            if penalty is not None:
                result = result + _number("penalty", penalty(model.parameters()))
            return as_value(result)

        sample_loss.__name__ = "fit"  # messages begin with it
        self.program = autograd.compile(sample_loss, batch=("x", "y"), engine=engine)
        self.forward = ForwardPass(model, loss)

    def __call__(self, X: Sequence[Any], Y: Sequence[Any]) -> float:
        """Compute the loss of a batch and its gradients."""
        batch = as_array(X), as_array(Y)
        if batch[0] is None or batch[1] is None:
            return self.eager(X, Y)
        try:
            return self.program.backward(*batch)
        except ConcretizationError as error:
            raise ConcretizationError(
                f"{error}; or train with engine='eager', which runs every node"
            ) from error

    def explain(self, X: Sequence[Any], Y: Sequence[Any]) -> None:
        """Compute the step once more, eagerly, raising at the first bad number."""
        self.eager.explain(plain(X), plain(Y))


def _number(role: str, result: Any) -> Value | float:
    """Return what a user's function returned, if it is one number."""
    number = result if isinstance(result, Value) else float_or_none(result)
    if number is None:
        missing = ": is its return missing?" if result is None else ""
        raise TypeError(
            f"the {role} must be one number, a Value or a float, got {shown(result)}{missing}"
        )
    return number
