"""Train a model on data: `fit`."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from autograd import Value
from autograd.errors import shown
from nn import initialise, losses, optim, steps
from nn import metrics as metric_table
from nn.clip import clip_norm
from nn.history import History
from nn.inputs import plain
from nn.metrics import Metric
from nn.module import Module
from nn.names import count, in_range
from nn.optimiser import Optimiser
from nn.recording import Recording
from nn.schedules import Constant, Schedule
from nn.training import Data, Training


def fit(
    model: Module,
    X: Any,
    Y: Any,
    *,
    loss: str | Callable[[Any, Any], Any] = "mse",
    optimiser: str | Optimiser = "adam",
    lr: float | None = None,
    epochs: int = 100,
    batch_size: int | None = None,
    shuffle: bool = True,
    rng: int | np.random.Generator | None = None,
    validation: tuple[Any, Any] | None = None,
    early_stopping: int | None = None,
    metrics: str | Metric | Iterable[str | Metric] = (),
    callbacks: Iterable[Callable[[History], object]] = (),
    schedule: Schedule | None = None,
    clip: float | Callable[[list[Value]], object] | None = None,
    penalty: Callable[[list[Value]], Any] | None = None,
    progress: bool = True,
    engine: str = "compiled",
    record: int | None = None,
) -> History:
    """Train a model, and return how it went.

    Parameters
    ----------
    model : a Module that is called with one sample.
    X, Y : samples and targets, lists or arrays of equal length.
    loss : a name in `nn.LOSSES`, or a function of a prediction and a target. A step's loss is the
        mean over its samples.
    optimiser, lr : a name in `nn.OPTIMISERS` with its learning rate, or an Optimiser.
    epochs : how often all samples are used.
    batch_size : samples a step; None for all at once.
    shuffle, rng : whether samples change their order from epoch to epoch, and the seed of that.
    validation : samples and targets that are only looked at, as the column "validation_loss".
    early_stopping : stop after so many epochs in a row without a new lowest validation loss.
        The model ends with the parameters of the lowest, also where it was not stopped.
    metrics : "accuracy", or functions of lists of outputs and targets that return a number; they
        are measured at the end of each epoch, at the cost of one more forward pass.
    callbacks : called with the history after each epoch; one that returns True ends the training.
    schedule : the factor on the learning rate as a function of the steps done (`nn.schedules`).
    clip : the largest norm of a step's gradient, or a function that changes the gradients of a
        list of parameters.
    penalty : a function of the list of parameters that is added to each step's loss.
    progress : whether a progress bar is shown.
    engine : how a step is computed: "compiled" traces a sample's loss once and runs each batch as
        a NumPy program (`autograd.compile`); "eager" builds the graph of every sample, slower by a
        factor of hundreds, with each node there to be looked at.
    record : keep the parameters' numbers before the first step and after every so many epochs, and
        after the last, in `history.snapshots`: 8 bytes x parameters x snapshots. Then
        `history.animate` shows the training, and `history.states()` goes through it again.

    Returns
    -------
    One number an epoch of "loss" (the mean over the epoch's steps, each before its
    change), "validation_loss", every metric, "lr" and "seconds". A KeyboardInterrupt ends the
    training, not the program: the parameters are kept and `history.interrupted` is True.

    Raises
    ------
    FloatingPointError
        Where a loss or gradient is not finite: it names the operation, its inputs and the line of
        your code. The parameters are those before that step.

    Examples
    --------
    >>> import nn
    >>> X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> model = nn.MLP(2, [8, 1], activation="tanh", output="sigmoid", rng=3)
    >>> history = fit(model, X, Y, loss="binary_cross_entropy", lr=0.1, progress=False)
    >>> [round(y.data) for y in model(X)]
    [0, 1, 1, 0]
    >>> history["loss"][0] > history["loss"][-1]
    True
    """
    if not isinstance(model, Module):
        raise TypeError(f"fit trains a Module such as nn.MLP, got {shown(model)}")
    parameters = model.parameters()
    chosen = losses.find(loss)
    training = Training(
        model=model,
        step=steps.find(engine, model, chosen.function, penalty),
        loss=chosen.function,
        optimiser=_matching(optim.find(optimiser, parameters, lr), parameters),
        data=_data("training", X, Y),
        validation=None if validation is None else _data("validation", *_pair(validation)),
        batch_size=None if batch_size is None else count("batch_size", batch_size),
        rng=initialise.generator(rng) if shuffle else None,
        patience=_patience(early_stopping, validation),
        metrics=metric_table.find(metrics, chosen.threshold),
        callbacks=_functions(callbacks),
        schedule=Constant() if schedule is None else schedule,
        clip=_clipping(clip),
        recording=None if record is None else Recording(model, chosen),
        every=1 if record is None else count("record", record),
    )
    return training.run(count("epochs", epochs, 0), progress=progress)


def _data(role: str, X: Any, Y: Any) -> Data:
    """Check that samples and targets are sequences of one length, and at least one of each."""
    xs, ys = plain(X), plain(Y)
    for name, given, items in (("samples", X, xs), ("targets", Y, ys)):
        if not isinstance(items, Sequence) or isinstance(items, str | bytes):
            raise TypeError(f"the {role} {name} must be a list or an array, got {shown(given)}")
    if len(xs) != len(ys) or not len(xs):
        raise ValueError(
            f"{role} needs as many targets as samples (and at least one), "
            f"got {len(xs)} samples and {len(ys)} targets",
        )
    return Data(xs, ys)


def _pair(validation: Any) -> tuple[Any, Any]:
    """Unpack the validation data."""
    if not isinstance(validation, list | tuple) or len(validation) != 2:
        raise TypeError(f"validation must be (samples, targets), got {shown(validation)}")
    return validation[0], validation[1]


def _matching(optimiser: Optimiser, parameters: list[Value]) -> Optimiser:
    """Refuse an optimiser of another model, with which nothing would be learnt."""
    if set(parameters).isdisjoint(optimiser.parameters):
        raise ValueError(
            "the optimiser moves none of the model's parameters: make it with model.parameters()",
        )
    return optimiser


def _functions(callbacks: Iterable[Any]) -> tuple[Callable[[History], object], ...]:
    """Refuse callbacks that cannot be called, before the first epoch."""
    found = tuple(callbacks)
    for callback in found:
        if not callable(callback):
            raise TypeError(f"callbacks must be functions of the history, got {shown(callback)}")
    return found


def _patience(early_stopping: int | None, validation: object) -> int | None:
    """Check early stopping."""
    if early_stopping is None:
        return None
    if validation is None:
        raise ValueError(
            "early_stopping watches the validation loss: give validation=(samples, targets) too",
        )
    return count("early_stopping", early_stopping)


def _clipping(
    clip: float | Callable[[list[Value]], object] | None,
) -> Callable[[list[Value]], object] | None:
    """Return a function that clips, or None."""
    if clip is None or callable(clip):
        return clip
    limit = in_range("clip", clip, open_low=True)
    return lambda parameters: clip_norm(parameters, limit)
