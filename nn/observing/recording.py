"""Keep a model's parameters as they were during a training, and bring them back in a copy."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

import autograd
from autograd.errors import shown
from nn.measures.losses import Loss
from nn.models.module import Module


@dataclass
class Recording:
    """Snapshots of all parameters by epoch, 0 before the first step, each a flat float64 array.

    A snapshot takes 8 bytes a parameter. Copies and pickles leave out the model and the loss, which
    need not be picklable: give the model again where one is asked for.

    Examples
    --------
    >>> import nn
    >>> from nn.measures.losses import find
    >>> model = nn.Neuron(2, init="zeros")
    >>> recording = Recording(model, find("mse"))
    >>> recording.take(0)
    >>> model.b.data = 3.0
    >>> recording.take(1)
    >>> recording.snapshots
    {0: array([0., 0., 0.]), 1: array([0., 0., 3.])}
    >>> [(epoch, past.b.data) for epoch, past in recording.states()]
    [(0, 0.0), (1, 3.0)]
    """

    model: Module | None
    loss: Loss | None
    snapshots: dict[int, NDArray[np.float64]] = field(default_factory=dict)

    def take(self, epoch: int) -> None:
        """Keep the parameters as they are now."""
        assert self.model is not None
        self.snapshots[epoch] = autograd.get_data(self.model.parameters())

    def states(self, model: Module | None = None) -> Iterator[tuple[int, Module]]:
        """Yield each epoch with the model as it was: one copy, moved on from snapshot to snapshot.

        ``model`` is one of the same architecture; by default the one that was trained. Raises
        ValueError where there is none, or it has another number of parameters.
        """
        past = copy.deepcopy(self.the(model))
        parameters = past.parameters()
        for epoch, numbers in self.snapshots.items():
            autograd.set_data(parameters, numbers)
            yield epoch, past

    def the(self, model: Module | None) -> Module:
        """Return the model that is meant, checked."""
        chosen = self.model if model is None else model
        if chosen is None:
            raise ValueError("this history was copied without its model: give model=")
        if not isinstance(chosen, Module):
            raise TypeError(f"model must be a Module, got {shown(chosen)}")
        kept, count = len(next(iter(self.snapshots.values()))), len(chosen.parameters())
        if kept != count:
            raise ValueError(f"the snapshots have {kept} parameters, the model has {count}")
        return chosen

    def loss_of(self, loss: str | Callable[[Any, Any], Any] | None) -> str | Callable[..., Any]:
        """Return the loss that is meant, by default that of the training."""
        if loss is not None:
            return loss
        if self.loss is None:
            raise ValueError("this history was copied without its loss: give loss=")
        return self.loss.function

    def __getstate__(self) -> dict[str, Any]:
        return {"model": None, "loss": None, "snapshots": self.snapshots}
