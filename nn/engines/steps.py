"""Training steps on `Value`s: the loss of a batch; its gradients are added to the parameters'.

The caller resets the gradients before a step, as before any backward pass.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import Any, Protocol

import autograd
from autograd import Value
from autograd._checks import float_or_none
from autograd.compiler.compiled import Compiled
from autograd.context import context
from autograd.errors import ConcretizationError, shown
from nn._utils import as_array, plain
from nn.dropout import Masks, masks_of
from nn.engines.forward import ForwardPass
from nn.losses import Penalty, as_value
from nn.mode import running
from nn.module import Module


class TrainingStep(Protocol):
    """The interface of an engine's step, as `fit` uses it."""

    @property
    def masks(self) -> Masks | None:
        """The masks of the model's dropout layers, if it has any."""

    def __call__(self, *columns: Any) -> float:
        """Return the mean loss of a batch, and add its gradients to the parameters' ``.grad``.

        The columns are samples and targets, then, where there are any, weights and masks.
        """

    def explain(self, *columns: Any) -> None:
        """Raise FloatingPointError at the first node of the batch's graph that is not finite."""

    @property
    def forward(self) -> ForwardPass:
        """The outputs and losses of samples, without gradients."""


def sample_loss(
    model: Module,
    loss: Callable[[Any, Any], Any],
    masks: Masks | None,
    sample: Sequence[Any],
    index: int = 0,
) -> Value | float:
    """Return the loss of one sample of a batch, a number of each of its columns."""
    x, y, *others = sample
    weight, row = (*others, None, None)[:2]
    if masks is None or row is None:
        with running(training=True):
            result = _number("loss", loss(model(x), y))
    else:
        with masks.supplied(row, index):
            output = model(x)
        result = _number("loss", loss(output, y))
    return result if weight is None else result * weight


def penalty_of(model: Module, penalty: Penalty | Callable[[list[Value]], Any]) -> Any:
    """Return what a penalty, by names or a function, adds to a step's loss."""
    if isinstance(penalty, Penalty):
        return penalty.of(model.named_parameters())
    return penalty(model.parameters())


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
    penalty: Penalty | Callable[[list[Value]], Any] | None = None

    @cached_property
    def masks(self) -> Masks | None:
        """The masks of the model's dropout layers, if it has any."""
        return masks_of(self.model)

    def __call__(self, *columns: Any) -> float:
        """Compute the loss of a batch and its gradients."""
        loss = self._loss(columns)
        if isfinite(loss.data) and depends_on_parameters(loss):
            loss.backward()
        return loss.data

    def explain(self, *columns: Any) -> None:
        """Compute the step once more, raising FloatingPointError at the first bad number.

        Examples
        --------
        >>> import nn
        >>> EagerStep(nn.Neuron(1), nn.mse).explain([[1.0]], [2.0])  # everything is finite
        """
        with autograd.detect_anomaly():
            loss = self._loss(columns)
            if depends_on_parameters(loss):
                loss.backward()

    @property
    def forward(self) -> ForwardPass:
        """The outputs and losses of samples, one sample's graph at a time."""
        return ForwardPass(self.model, self.loss, compiled=False)

    def _loss(self, columns: Sequence[Any]) -> Value:
        losses = [
            sample_loss(self.model, self.loss, self.masks, sample, index)
            for index, sample in enumerate(zip(*map(plain, columns), strict=True))
        ]
        loss = losses[0] if len(losses) == 1 else autograd.mean(losses)
        if self.penalty is not None:
            loss = loss + _number("penalty", penalty_of(self.model, self.penalty))
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
        penalty: Penalty | Callable[[list[Value]], Any] | None = None,
        engine: str = "auto",
    ) -> None:
        self.eager = EagerStep(model, loss, penalty)
        self.masks = masks = self.eager.masks
        self.forward = ForwardPass(model, loss)

        def full_loss(*sample: Any) -> Value:
            result = sample_loss(model, loss, masks, sample)
            if penalty is not None:
                result = result + _number("penalty", penalty_of(model, penalty))
            return as_value(result)

        def fit(x: Any, y: Any) -> Value:
            return full_loss(x, y)

        def weighted(x: Any, y: Any, weight: Any) -> Value:
            return full_loss(x, y, weight)

        def masked(x: Any, y: Any, weight: Any, mask: Any) -> Value:
            return full_loss(x, y, weight, mask)

        weighted.__name__ = masked.__name__ = "fit"  # messages begin with it
        self.programs = {
            len(names): autograd.compile(function, batch=names, engine=engine)
            for function in (fit, weighted, masked)
            for names in [tuple(inspect.signature(function).parameters)]
        }

    def program(self, *columns: Any) -> Compiled:
        """Return the program of batches with so many columns."""
        return self.programs[len(columns)]

    def __call__(self, *columns: Any) -> float:
        """Compute the loss of a batch and its gradients."""
        batch = [as_array(column) for column in columns]
        if any(array is None for array in batch):
            return self.eager(*columns)
        try:
            return self.program(*columns).backward(*batch)
        except ConcretizationError as error:
            raise ConcretizationError(
                f"{error}; or train with engine='eager', which runs every node"
            ) from error

    def explain(self, *columns: Any) -> None:
        """Compute the step once more, eagerly, raising at the first bad number."""
        self.eager.explain(*columns)


def _number(role: str, result: Any) -> Value | float:
    """Return what a user's function returned, if it is one number."""
    number = result if isinstance(result, Value) else float_or_none(result)
    if number is None:
        missing = ": is its return missing?" if result is None else ""
        raise TypeError(
            f"the {role} must be one number, a Value or a float, got {shown(result)}{missing}"
        )
    return number
