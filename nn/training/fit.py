"""Train a model on data: `fit`."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import numpy as np

from autograd import Value
from autograd._checks import check_type, checked_keywords, whole_number
from nn import initializers
from nn._utils import PROGRAMS
from nn.checkpoint import MASK_SEEDS, TrainState, fingerprint, make_checkpointer
from nn.data import SampleLoader, resolve_loader
from nn.engines.jax import Jax
from nn.engines.resident import (
    borrow_step,
    engine_fingerprint,
    resident_state,
    writes_files,
)
from nn.inspect.history import History, Recording
from nn.losses import resolve_loss, resolve_penalty
from nn.metrics import Score, resolve_metrics
from nn.module import Module
from nn.optim import GradientTransformation, Optimiser, resolve_optimiser
from nn.outputs import kind_of_loss
from nn.schedules import Constant, Schedule
from nn.shapes import outputs_of
from nn.training import validate
from nn.training.loop import Step, Training


@checked_keywords
def fit(
    model: Module,
    X: Any,
    Y: Any = None,
    *,
    loss: str | Callable[[Any, Any], Any] = "mse",
    optimiser: str | Optimiser | GradientTransformation = "adam",
    lr: float | None = None,
    epochs: int = 100,
    batch_size: int | None = None,
    steps_per_epoch: int | None = None,
    accumulate: int = 1,
    prefetch: int | None = None,
    shuffle: bool = True,
    rng: int | np.random.Generator | None = None,
    validation: tuple[Any, ...] | float | None = None,
    early_stopping: int | None = None,
    metrics: str | Score | Iterable[str | Score] = (),
    class_weight: str | Mapping[Any, float] | Sequence[float] | None = None,
    sample_weight: Any = None,
    callbacks: Iterable[Callable[[History], object]] = (),
    step_callbacks: Iterable[Callable[[Step], object]] = (),
    schedule: Schedule | None = None,
    clip: float | Callable[[list[Value]], object] | None = None,
    penalty: Mapping[str, float] | Callable[[list[Value]], Any] | None = None,
    progress: bool = True,
    engine: str | Jax = "compiled",
    record: int | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_every: int | timedelta | None = None,
    resume: bool | str = False,
) -> History:
    """Train a model; return the history of the training.

    Parameters
    ----------
    model
        A Module that is called with one sample.
    X, Y
        Samples and targets, lists or arrays of equal length; memory-mapped ones (``np.load(path,
        mmap_mode="r")``) are read batch by batch. Or X alone: an iterable of batches (X, Y), which
        is iterated once per epoch, or a function that returns one and is called at the start of
        each epoch, with its number (from 1) if it takes an argument.
        Targets may be texts, which are numbered in their order: ``model.classes_``.
    loss
        A name in `nn.LOSSES`, or a function of a prediction and a target. A step's loss is the mean
        over its samples.
    optimiser, lr
        A name in `nn.OPTIMISERS` with a learning rate, 0.01 by default, or an Optimiser; under JAX
        also one of optax, such as ``optax.adamw(1e-3)``. "lbfgs" is `nn.LBFGS` (extra scipy), for
        all samples at once, without a learning rate: an epoch is one of its iterations.
    epochs
        The number of passes over all samples.
    batch_size
        Samples per step; None for all at once.
    steps_per_epoch
        The number of batches of an iterable per epoch, needed if it is endless. An iterator
        continues where the previous epoch ended; any other iterable is restarted.
    accumulate
        How many batches make one step: its gradient is the mean over the samples of all of them.
        The bits are those of one batch of that size. Programs run by blocks of samples, so that a
        step's memory hardly grows; it does with wide layers, and under JAX.
    prefetch
        How many batches a background thread prepares ahead; by default 2 of an iterable, and none
        of samples and targets. The result does not depend on it, unless the iterable reads the
        model: with 0 it reads the current parameters, otherwise those of the epoch's beginning or
        later ones.
    shuffle, rng
        Whether to reshuffle the samples in each epoch, and the seed.
    validation
        Held-out samples and targets, whose loss is the column "validation_loss"; or their share of
        ``X`` and ``Y``, such as 0.2: drawn at random, the same in each training of as many samples,
        or the last ones if ``shuffle`` is False, as mapped files need it. The model is not trained
        with them.
    early_stopping
        Stop after this many epochs in a row without a new lowest validation loss. The model ends
        with the parameters of the lowest one, even if the training was not stopped early.
    metrics
        Names ("accuracy", "precision", "recall", "f1", "roc_auc", "top_k_accuracy", "r2", "mae"),
        or functions of outputs and targets, arrays with the samples first, that return a number;
        computed at the end of each epoch, with an additional forward pass.
    class_weight
        By how much the loss of a sample counts, by its class: a dict or a list, or "balanced" for
        weights that make rare classes count as much as others, n / (classes x samples of it). The
        losses in the history are weighted, too.
    sample_weight
        By how much the loss of each sample counts: as many numbers as samples, at least 0; the mean
        is over the number of samples, not over the weights. Batches of an iterable, and validation
        data, have theirs as a third item. Metrics do not depend on weights.
    callbacks
        Called with the history after each epoch; one that returns True ends the training.
    step_callbacks
        Called after each step with an `nn.Step`: its number, epoch, loss and learning rate; its
        ``model`` has the numbers of after the step. One that returns True ends the training there.
    schedule
        The factor on the learning rate as a function of the steps done (`nn.schedules`).
    clip
        The maximal norm of a step's gradient, or a function that modifies the gradients of a list
        of parameters.
    penalty
        What is added to each step's loss: strengths by name, as ``{"l2": 1e-4, "l1": 1e-5}``, of
        all parameters but biases and gains (`nn.l2_penalty`, `nn.l1_penalty`), or a function of the
        list of all parameters.
    progress
        Whether to show a progress bar.
    engine
        How to compute a step. "compiled" traces the loss of one sample once, and runs each batch as
        a program (`autograd.compile`); "eager" builds the graph of every sample, hundreds of
        times slower, with each node there to be inspected; "jax" runs that program under JAX (the
        extra jax), sharding a batch over all its CPUs or GPUs, and
        ``nn.Jax(dtype="float32", devices=8)`` does so with settings (docs/scale.md). Between the
        steps of an epoch, all but "eager" keep the parameters in arrays; those of the model are
        brought up to date for callbacks, metrics, validation and checkpoints, and at the end,
        including errors and interrupts.
    record
        Take snapshots of the parameters before the first step, after every ``record`` epochs, and
        after the last one, in ``history.snapshots``: 8 bytes x parameters x snapshots. Then
        ``history.animate`` shows the training, and ``history.states()`` replays it.
    checkpoint
        A file from which the training can be resumed at any time: it is written at the beginning,
        periodically, and at the end, even after an interrupt or an error.
    checkpoint_every
        The interval: a number of steps or a datetime.timedelta, by default ten seconds.
    resume
        Continue from the checkpoint, which must exist unless this is "auto". ``epochs`` includes
        those already done. The result is that of an uninterrupted training, bit for bit, except for
        "seconds". An iterable is iterated again for the epoch in which the training stopped; the
        batches already used are skipped.

    Returns
    -------
    One number per epoch of "loss" (the mean over the epoch's samples, each before the update of its
    step; a smaller last batch counts proportionally less), "validation_loss", every metric, "lr"
    and "seconds". A KeyboardInterrupt ends the training, not the program: the parameters are kept
    and ``history.interrupted`` is True. However it ends, the parameters hold no gradients
    afterwards.

    Raises
    ------
    FloatingPointError
        If a loss or gradient is not finite; names the operation, its inputs and the line of your
        code. The parameters are those before that step.
    CollectiveError
        If another of the processes that train together under JAX has ended or cannot be reached.
    ImpureFunctionError
        If the model or the loss, traced again, behaves differently for samples of the same
        structure: because of a mask drawn by hand, a counter, a flag. Names the line and what to do
        (docs/how-to/compile.md); with ``engine="eager"`` all Python code runs in each step.
    ValueError
        If the model's output does not suit the loss (logits instead of probabilities, or the other
        way round), or if a target does not: nan, a class out of range, -1 instead of 0.
    ValueError
        If a checkpoint is truncated, foreign or of another training; names what differs. The model
        is unchanged. (The length of the training, ``epochs``, ``early_stopping`` and ``callbacks``,
        may be changed; the numbers of the data are not compared.)

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
    check_type("model", model, Module, "a Module such as nn.MLP")
    total = validate.epochs(epochs)
    validate.function("schedule", schedule, "nn.schedules.Cosine(1000)")
    penalised = resolve_penalty(penalty)
    parameters = validate.parameters(model)
    loss_entry, chosen = resolve_loss(loss), resolve_optimiser(optimiser, parameters, lr)
    source = resolve_loader(X, Y, batch_size, steps_per_epoch, sample_weight, accumulate)
    loader = validate.loader(source, total)
    loader, held_out = validate.held_out(validation, loader, shuffle=shuffle)
    loader, held_out, names = validate.labels(loss_entry, loader, held_out)
    last = outputs_of(model)
    validate.samples(loader, held_out, model)
    validate.targets(loss_entry, loader, held_out, last)
    validate.outputs(loss_entry, last)
    validate.counts(loss_entry, loader, held_out, last)
    measured = resolve_metrics(metrics, loss_entry.threshold)
    validate.metrics(measured, loader, held_out)
    weights = validate.class_weights(class_weight, loss_entry, loader, names)
    loader, held_out = validate.weighed(weights, loss_entry, loader, held_out)
    generator = initializers.make_rng(rng)
    shuffles = shuffle and isinstance(loader, SampleLoader)
    state = TrainState(
        parameters, validate.optimiser(chosen, parameters), generator if shuffles else None
    )
    state.columns = validate.history_columns(measured, loader, held_out)
    loan = borrow_step(engine, model, loss_entry.function, penalised)
    step = loan.compiled
    if step.masks is not None:
        state.mask_seed = int(generator.integers(MASK_SEEDS))
    others = {
        "loss": loss,
        "class_weight": weights,
        "engine": engine_fingerprint(engine),
        "schedule": schedule,
        "clip": clip,
        "penalty": penalised,
        "metrics": list(measured),
        "record": record,
        "dropout": step.masks and [layer.architecture() for layer in step.masks.layers],
    }
    called = validate.callbacks("step_callbacks", step_callbacks, "a step")
    own = {
        "batches": not isinstance(loader, SampleLoader) or loader.size < len(loader.data.X),
        "schedule": schedule is not None,
        "clip": clip is not None,
        "checkpoint": checkpoint is not None,
        "step_callbacks": bool(called),
    }
    validate.iterations(chosen, engine, step, own)
    clipping = validate.clipping(clip)
    resident = resident_state(step, state.optimiser, clipping)
    if resident is not None:
        state.sync = resident.sync
    training = Training(
        model=model,
        step=step,
        loss=loss_entry.function,
        output_kind=kind_of_loss(loss_entry, names),
        state=state,
        loader=loader,
        validation=held_out,
        prefetch=validate.prefetch_depth(prefetch, loader),
        patience=validate.patience(early_stopping, validation),
        metrics=measured,
        callbacks=validate.callbacks("callbacks", callbacks, "the history"),
        step_callbacks=called,
        schedule=Constant() if schedule is None else schedule,
        clip=clipping,
        resident=resident,
        recording=None if record is None else Recording(model, loss_entry),
        every=1 if record is None else whole_number("record", record, otherwise="None"),
        checkpointer=make_checkpointer(
            checkpoint,
            checkpoint_every,
            resume,
            lambda: fingerprint(
                model,
                [name for name, _ in model.named_parameters()],
                state,
                loader,
                held_out,
                others,
            ),
            writes=writes_files(step),
        ),
    )
    history = training.run(total, progress=progress)
    if not history.interrupted:  # which may have come amid a call
        loan.give_back(PROGRAMS)
    return history
