"""The history of a training: one row of numbers per epoch, and snapshots of the parameters."""

import copy
import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

import autograd
from autograd._checks import check_type, real_number
from autograd.errors import shown
from nn.inspect.displays import curves_svg
from nn.inspect.signals import Signal, observe
from nn.losses import Loss, resolve_loss
from nn.module import Module


@dataclass
class Recording:
    """Snapshots of all parameters by epoch, 0 before the first step, each a flat float64 array.

    A snapshot takes 8 bytes per parameter. Copies and pickles omit the model and the loss, which
    need not be picklable: pass the model again to methods that need one.

    Examples
    --------
    >>> import nn
    >>> from nn.losses import resolve_loss
    >>> model = nn.Neuron(2, init="zeros")
    >>> recording = Recording(model, resolve_loss("mse"))
    >>> recording.add(0)
    >>> model.b.data = 3.0
    >>> recording.add(1)
    >>> recording.snapshots
    {0: array([0., 0., 0.]), 1: array([0., 0., 3.])}
    >>> [(epoch, past.b.data) for epoch, past in recording.states()]
    [(0, 0.0), (1, 3.0)]
    """

    model: Module | None
    loss: Loss | None
    snapshots: dict[int, NDArray[np.float64]] = field(default_factory=dict)

    def add(self, epoch: int) -> None:
        """Add a snapshot of the current parameters."""
        assert self.model is not None
        self.snapshots[epoch] = autograd.get_data(self.model.parameters())

    def states(self, model: Module | None = None) -> Iterator[tuple[int, Module]]:
        """Yield each epoch with the model at that time: one copy, updated at each snapshot.

        ``model`` has the same architecture; by default it is the model that was trained. Raises
        ValueError if there is none, or if it has another number of parameters.
        """
        past = copy.deepcopy(self.resolve_model(model))
        parameters = past.parameters()
        for epoch, numbers in self.snapshots.items():
            autograd.set_data(parameters, numbers)
            yield epoch, past

    def resolve_model(self, model: Module | None) -> Module:
        """Return a model to load the snapshots into, by default the one that was trained."""
        chosen = self.model if model is None else model
        if chosen is None:
            raise ValueError("this history was copied without its model: give model=")
        check_type("model", chosen, Module, "a Module")
        saved, count = len(next(iter(self.snapshots.values()))), len(chosen.parameters())
        if saved != count:
            raise ValueError(f"the snapshots have {saved} parameters, the model has {count}")
        return chosen

    def resolve_loss(
        self, loss: str | Callable[[Any, Any], Any] | None
    ) -> str | Callable[..., Any]:
        """Return a loss, by default that of the training."""
        if loss is not None:
            return loss
        if self.loss is None:
            raise ValueError("this history was copied without its loss: give loss=")
        return self.loss.function

    def __getstate__(self) -> dict[str, Any]:
        return {"model": None, "loss": None, "snapshots": self.snapshots}


STOPPED = ("running", "finished", "early stopping", "callback", "interrupted")


class History(Mapping[str, list[float]]):
    """A mapping from names, such as "loss" and "validation_loss", to one number per epoch.

    ``stopped`` is the reason why the training ended: "finished", "early stopping", "callback" or
    "interrupted" ("running" until then).

    Examples
    --------
    >>> history = History()
    >>> history.add({"loss": 0.5, "lr": 0.1})
    >>> history.add({"loss": 0.25, "lr": 0.1})
    >>> history["loss"], list(history)
    ([0.5, 0.25], ['loss', 'lr'])
    >>> history
    <History of 2 epochs, running: loss 0.5 → 0.25, lr 0.1 → 0.1>
    """

    def __init__(self) -> None:
        self._rows: list[dict[str, float]] = []  # an interrupted append has happened or not
        self.stopped = "running"
        self.recording: Recording | None = None

    @property
    def epochs(self) -> int:
        """The number of epochs.

        Examples
        --------
        >>> History().epochs
        0
        """
        return len(self._rows)

    @property
    def interrupted(self) -> bool:
        """Whether a KeyboardInterrupt ended the training.

        Examples
        --------
        >>> History().interrupted
        False
        """
        return self.stopped == "interrupted"

    def _repr_html_(self) -> str | None:
        """Show the losses as curves, in notebooks; None where there are none."""
        curves = {name: self[name] for name in ("loss", "validation_loss") if name in self}
        if not curves:
            return None
        return f"<div>{curves_svg(repr(self), curves)}<div>{escape(repr(self))}</div></div>"

    def add(self, row: Mapping[str, float]) -> None:
        """Add an epoch; each must have the names of the first.

        Examples
        --------
        >>> history = History()
        >>> history.add({"loss": 0.5})
        >>> history.epochs
        1
        """
        check_type("row", row, Mapping, "a dict of names and numbers")
        if self._rows and list(row) != list(self):
            names = [name if isinstance(name, str) else shown(name) for name in row]
            raise ValueError(f"an epoch has {names}, those before {list(self)}")
        self._rows.append(
            {name: real_number(name, number, finite=False) for name, number in row.items()}
        )

    def rows(self) -> list[dict[str, float]]:
        """Return one dict per epoch, its number (from 1) included.

        Examples
        --------
        >>> history = History()
        >>> history.add({"loss": 0.5})
        >>> history.rows()
        [{'epoch': 1, 'loss': 0.5}]
        """
        return [{"epoch": position + 1, **row} for position, row in enumerate(self._rows)]

    @property
    def snapshots(self) -> dict[int, NDArray[np.float64]]:
        """The snapshots that `fit` recorded: all parameters as flat arrays, by epoch from 0.

        Epoch 0 is before the first step. Empty without ``record``. Together they take 8 bytes x
        parameters x snapshots.

        Examples
        --------
        >>> History().snapshots
        {}
        """
        return {} if self.recording is None else dict(self.recording.snapshots)

    def states(self, model: Module | None = None) -> Iterator[tuple[int, Module]]:
        """Yield each recorded epoch with a copy of the model at that time.

        It is one copy, updated each time; the trained model is not changed. ``model`` is needed if
        the history was pickled or copied, which omits the model. Raises ValueError if nothing was
        recorded.

        Examples
        --------
        >>> import nn
        >>> model = nn.Neuron(1, activation="linear", init="zeros")
        >>> history = nn.fit(model, [[1.0]], [1.0], epochs=2, lr=0.5, record=1, progress=False)
        >>> [(epoch, past([1.0]).data) for epoch, past in history.states()][0]
        (0, 0.0)
        """
        return self._recorded().states(model)

    def signals(
        self,
        X: Any,
        Y: Any,
        *,
        model: Module | None = None,
        loss: str | Callable[[Any, Any], Any] | None = None,
    ) -> Iterator[tuple[int, list[Signal]]]:
        """Yield each recorded epoch with the signals of the layers at that time; see `nn.signals`.

        Examples
        --------
        >>> import nn
        >>> model = nn.MLP(1, [2, 1], rng=0)
        >>> history = nn.fit(model, [[1.0]], [1.0], epochs=1, record=1, progress=False)
        >>> for epoch, (hidden, output) in history.signals([[1.0]], [1.0]):
        ...     print(epoch, hidden)
        0 <Signal of layers.0: 2 neurons (relu), 1 rows>
        1 <Signal of layers.0: 2 neurons (relu), 1 rows>
        """
        function = resolve_loss(self._recorded().resolve_loss(loss)).function
        for epoch, past in self.states(model):
            yield epoch, observe(past, X, Y, function)

    def animate(self, X: Any, Y: Any, **options: Any) -> Any:
        """Animate the training: `viz.animate_training` with the same arguments.

        Raises ValueError if nothing was recorded.

        Examples
        --------
        >>> import nn
        >>> X, Y = [[0.0], [1.0]], [0, 1]
        >>> model = nn.MLP(1, [2, 1], output="sigmoid", rng=0)
        >>> history = nn.fit(model, X, Y, epochs=2, record=1, progress=False)
        >>> history.animate(X, Y)
        <Animation of the training: 3 frames, 2.2 s; .save('animation.gif')>
        """
        self._recorded()
        return importlib.import_module("viz").animate_training(self, X, Y, **options)

    def _recorded(self) -> Recording:
        if self.recording is None or not self.recording.snapshots:
            raise ValueError("nothing was recorded: train with nn.fit(..., record=1)")
        return self.recording

    def __getitem__(self, name: str) -> list[float]:
        if not isinstance(name, str) or name not in list(self):
            got = repr(name) if isinstance(name, str) else shown(name)
            raise KeyError(f"the history has no {got}, it has {list(self)}")
        return [row[name] for row in self._rows]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows[0] if self._rows else ())

    def __len__(self) -> int:
        return len(self._rows[0]) if self._rows else 0

    def __repr__(self) -> str:
        """Show the first and the last number of each column."""
        spans = ", ".join(
            f"{name} {column[0]:.4g} → {column[-1]:.4g}" for name, column in self.items()
        )
        epochs = f"{self.epochs} epoch{'s' if self.epochs != 1 else ''}"
        return f"<History of {epochs}, {self.stopped}{': ' if spans else ''}{spans}>"
