"""The loop behind `fit`: epochs, steps, validation, and how they end.

A step is done either by the engine's resident state, in arrays, or on the `Value`s
(`Training._step_on_values`), which is also the fallback: it explains what is not finite. With an
asynchronous backend, the next batch is prepared while a step is running, so a step has a beginning
and an end. An interrupt (Ctrl-C) takes effect between updates, never within one.
"""

import contextlib
import importlib
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import fsum, isfinite
from time import perf_counter
from types import TracebackType
from typing import Any

import numpy as np

import autograd
from autograd import Value
from autograd.errors import require
from nn._utils import OUTPUT_KIND
from nn.checkpoint import Checkpointer, TrainState
from nn.data import Batch, BatchLoader, Dataset, Loader, Prefetched, SampleLoader
from nn.engines.resident import Prepared, ResidentState
from nn.engines.steps import TrainingStep
from nn.inspect.history import History, Recording
from nn.metrics import Metric
from nn.module import Module
from nn.optim import LBFGS
from nn.outputs import OutputKind
from nn.schedules import Schedule, following
from nn.training.interrupts import DeferInterrupts

REFRESH = 0.5  # seconds between two updates of the progress bar within an epoch


class ProgressBar:
    """A progress bar: epochs, the loss, and samples per second.

    Examples
    --------
    >>> with ProgressBar(epochs=2, done=0, shown=False) as bar:
    ...     bar.step(samples=4, steps=1, loss=0.5)
    ...     bar.epoch({"loss": 0.5})
    """

    def __init__(self, epochs: int, done: int, *, shown: bool) -> None:
        self.bar: Any = _bar(epochs, done) if shown else None
        self.shown = shown
        self.samples = 0
        self.started = self.last_step = self.refreshed = perf_counter()

    def __enter__(self) -> "ProgressBar":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.shown:
            self.bar.close()

    def step(self, samples: int, steps: int, loss: float) -> None:
        """Count samples; refresh the bar if the last time is long enough ago."""
        if not self.shown:
            return
        self.samples += samples
        self.last_step = perf_counter()
        if self.last_step - self.refreshed > REFRESH:
            self._show({"step": str(steps), "loss": f"{loss:.4g}"})
            self.bar.refresh()
            self.refreshed = self.last_step

    def epoch(self, row: Mapping[str, float]) -> None:
        """Show the numbers of an epoch that has ended."""
        if not self.shown:
            return
        self._show({name: f"{number:.4g}" for name, number in row.items() if name != "seconds"})
        self.bar.update()
        self.samples, self.started = 0, perf_counter()

    def _show(self, numbers: dict[str, str]) -> None:
        """Show numbers, and the rate of this epoch's steps, without metrics and validation."""
        rate = self.samples / max(self.last_step - self.started, 1e-9)
        self.bar.set_postfix({**numbers, "samples/s": f"{rate:,.0f}"}, refresh=False)


def _bar(total: int, done: int) -> Any:
    """Return a bar for a terminal or a notebook; without ipywidgets, of which tqdm warns, text."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "IProgress not found")
        tqdm = importlib.import_module("tqdm.auto").tqdm  # 0.1 s, where a bar is shown
    try:
        return tqdm(total=total, initial=done, unit="epoch")
    except ImportError:  # in a notebook
        return importlib.import_module("tqdm").tqdm(total=total, initial=done, unit="epoch")


@dataclass(frozen=True)
class Step:
    """A step that has been done, as callbacks of steps see it.

    ``number`` counts the steps of the training from 1, ``epoch`` its epochs; ``loss`` is the mean
    over the step's samples, ``lr`` its learning rate.

    Examples
    --------
    >>> Step(number=3, epoch=1, loss=0.5, lr=0.01)
    Step(number=3, epoch=1, loss=0.5, lr=0.01)
    """

    number: int
    epoch: int
    loss: float
    lr: float

    @property
    def model(self) -> Module:
        """The model, with the numbers of after this step, which are brought to it when asked for.

        Raises RuntimeError after the callbacks of the step, when the numbers are others.

        Examples
        --------
        >>> Step(number=3, epoch=1, loss=0.5, lr=0.01).model
        Traceback (most recent call last):
        RuntimeError: a step has its model within its callbacks alone
        """
        training: Training | None = vars(self).get("_training")
        if training is None:
            raise RuntimeError("a step has its model within its callbacks alone")
        training._invalidate()  # noqa: SLF001 - its own module
        return training.model

    def seen_by(self, training: "Training") -> bool:
        """Show the step to a training's callbacks; return whether one of them ends it."""
        vars(self)["_training"] = training
        try:
            return asks_to_end([callback(self) for callback in training.step_callbacks])
        finally:
            del vars(self)["_training"]


def asks_to_end(answers: Sequence[object]) -> bool:
    """Whether a callback has returned True, as a `bool` or NumPy's.

    Examples
    --------
    >>> asks_to_end([None, 1, np.False_]), asks_to_end([None, np.True_])
    (False, True)
    """
    return any(isinstance(answer, bool | np.bool_) and bool(answer) for answer in answers)


@dataclass
class Training:
    """A training with checked settings, which `fit` documents."""

    model: Module
    step: TrainingStep
    loss: Callable[[Any, Any], Any]
    output_kind: OutputKind
    state: TrainState
    loader: Loader
    validation: Dataset | None
    prefetch: int
    patience: int | None
    metrics: dict[str, Metric]
    callbacks: Sequence[Callable[[History], object]]
    step_callbacks: Sequence[Callable[[Step], object]]
    schedule: Schedule
    clip: Callable[[list[Value]], object] | None
    checkpointer: Checkpointer | None
    resident: ResidentState | None = None
    recording: Recording | None = None
    every: int = 1  # epochs between two snapshots
    guard: DeferInterrupts = field(default_factory=DeferInterrupts)
    pending: tuple[Batch, bool] | None = None  # the step under way; whether it is in arrays
    has_ended: bool = False  # a callback of a step has said so

    def __post_init__(self) -> None:
        self.schedule_after = following(self.schedule)

    def run(self, epochs: int, *, progress: bool) -> History:
        """Train until a number of epochs is done, or until something ends the training."""
        optimiser, lr = self.state.optimiser, self.state.optimiser.lr
        try:
            with self.guard:
                self._guarded(epochs, lr, progress=progress)
        finally:
            optimiser.lr = lr
            self.state.zero_grad()  # what is drawn or computed next begins without gradients
        history, best = self.state.history, self.state.best
        if self.state.steps:
            vars(self.model)[OUTPUT_KIND] = self.output_kind
        if history.stopped != "interrupted" and not self.state.epoch.steps:
            self._record(history.epochs)
        if best.numbers.size:
            autograd.set_data(self.state.parameters, best.numbers)
        return history

    def _guarded(self, epochs: int, lr: float, *, progress: bool) -> None:
        """Train, and write the last checkpoint, however the training ends."""
        history = self.state.history
        history.recording = self.recording
        self._record(0)
        try:
            if self.checkpointer is not None:
                with self.guard.block:
                    self.checkpointer.begin(self.state)
            with ProgressBar(epochs, history.epochs, shown=progress) as bar:
                history.stopped = self._synced_epochs(epochs, lr, bar)
        except KeyboardInterrupt:
            history.stopped = "interrupted"
        except BaseException:
            with contextlib.suppress(OSError):  # the error before it is the one to report
                self._save()
            raise
        self._save()

    def _synced_epochs(self, epochs: int, lr: float, bar: ProgressBar) -> str:
        """Run the epochs; however they end, leave the `Value`s up to date."""
        try:
            return self._epochs(epochs, lr, bar)
        finally:
            self._invalidate()

    def _save(self) -> None:
        """Write a checkpoint, unless an update was cut short."""
        if self.checkpointer is not None and not self.guard.torn:
            with self.guard.block:
                self.checkpointer.save(self.state)

    def _epochs(self, epochs: int, lr: float, bar: ProgressBar) -> str:
        """Run the epochs; return why they ended."""
        history = self.state.history
        if history.stopped == "callback":  # resumed after its end
            return history.stopped
        history.stopped = "running"
        if isinstance(self.state.optimiser, LBFGS):
            return self._iterations(self.state.optimiser, epochs, bar)
        while not self._has_stopped_improving():
            if history.epochs >= epochs:
                return "finished"
            row = self._epoch(lr, bar)
            ended = "callback" if row is None else self._end_epoch(row, bar)
            if ended is not None:
                return ended
        return "early stopping"

    def _end_epoch(self, row: dict[str, float], bar: ProgressBar) -> str | None:
        """Note an epoch; return why it was the last one, if it was."""
        history = self.state.history
        with self.guard.block:
            vars(self.model)[OUTPUT_KIND] = self.output_kind  # for callbacks
            self.state.end_epoch(row, keep_best=self.patience is not None)
            if history.epochs % self.every == 0:
                self._record(history.epochs)
        bar.epoch(row)
        if self._has_stopped_improving():
            return "early stopping"
        ended = asks_to_end([callback(history) for callback in self.callbacks])
        return "callback" if ended or self.has_ended else None

    def _iterations(self, optimiser: LBFGS, epochs: int, bar: ProgressBar) -> str:
        """Run SciPy's L-BFGS, each iteration as an epoch; return why they ended."""
        if not epochs:  # SciPy looks after an iteration
            return "finished"
        (batch,) = self.loader.epoch(1, None, 0)
        nodes = optimiser.parameters
        numbers, ended, started = autograd.get_data(nodes), "finished", perf_counter()

        def loss_and_gradient(trial: Any) -> tuple[float, Any]:
            autograd.set_data(nodes, trial)
            self.state.zero_grad()
            loss = self.step(*batch.columns())
            gradients = autograd.get_data(nodes, grads=True)
            if not isfinite(loss) or not np.isfinite(gradients).all():
                self._explain(loss, batch, self.state.history.epochs + 1)
            return loss, gradients

        def note(intermediate_result: Any) -> None:  # SciPy knows it by this name
            nonlocal numbers, ended, started
            numbers = intermediate_result.x.copy()
            autograd.set_data(nodes, numbers)
            self.state.advance(len(batch.X), float(intermediate_result.fun))
            why = self._end_epoch(self._row(started), bar)
            if why is not None:
                ended = why
                raise StopIteration
            numbers, started = autograd.get_data(nodes), perf_counter()

        options = {"maxiter": epochs, "maxcor": optimiser.memory, "gtol": optimiser.tol}
        options |= {"ftol": 0.0, "maxfun": 20 * epochs + 100}
        minimize = require("scipy.optimize", extra="scipy").minimize
        try:
            minimize(
                loss_and_gradient, numbers, jac=True, method="L-BFGS-B", callback=note,
                options=options,
            )  # fmt: skip
        finally:
            autograd.set_data(nodes, numbers)  # not those of its last trial
        return ended

    def _record(self, epoch: int) -> None:
        """Take a snapshot of the parameters, if asked for."""
        if self.recording is not None:
            self.recording.add(epoch)

    def _has_stopped_improving(self) -> bool:
        """Return whether early stopping has run out of patience."""
        return self.patience is not None and self.state.best.epochs_since >= self.patience

    def _epoch(self, lr: float, bar: ProgressBar) -> dict[str, float] | None:
        """Run the epoch, or what is left; return its row of the history, None if it was ended."""
        state = self.state
        started = perf_counter() - state.epoch.seconds
        with self.guard.block:
            order = state.order(self.loader)
        if not self._steps(order, lr, bar, started):
            return None
        if (
            self.metrics
            or self.validation
            or self.callbacks
            or self.recording
            or self._loads_from_user()
        ):
            self._invalidate()  # they look at the numbers, and may change them
        return self._row(started)

    def _row(self, started: float) -> dict[str, float]:
        """Return the row of the history of an epoch whose steps are done."""
        row = {"loss": self.state.mean_loss()}
        if self.metrics and isinstance(self.loader, SampleLoader):
            row |= self._evaluate(self.loader.data, "")[1]
        if self.validation is not None:
            row["validation_loss"], metrics = self._evaluate(self.validation, "validation_")
            row |= metrics
        return {**row, "lr": self.state.optimiser.lr, "seconds": perf_counter() - started}

    def _loads_from_user(self) -> bool:
        """Return whether the loader runs user code, which may read the model."""
        return isinstance(self.loader, BatchLoader)

    def _steps(self, order: Any, lr: float, bar: ProgressBar, started: float) -> bool:
        """Run the steps of an epoch, or those that are left; return whether all were done."""
        state, number, resident = self.state, self.state.history.epochs + 1, self.resident
        between = self._loads_from_user() and not self.prefetch
        end = partial(self._end, number, bar, started)
        schedule = self.schedule_after(state.history)
        batches = self.loader.epoch(number, order, state.epoch.steps)
        with Prefetched(batches, self.prefetch) as ready:
            try:
                for loaded in ready:
                    if self.has_ended:
                        return False
                    batch = self._masked(loaded)
                    prepared = None if resident is None else resident.prepare(*batch.columns())
                    end()  # the step before, at which devices have worked meanwhile
                    if self.has_ended:
                        return False
                    state.optimiser.lr = lr * schedule(state.steps)
                    self._begin(batch, prepared)
                    if between or resident is None or not resident.is_async:
                        end()
                    if between:
                        self._invalidate()
            finally:
                end()  # an error or interrupt comes after a step
        return True

    def _masked(self, batch: Batch) -> Batch:
        """Return a batch with the masks of dropout for the step that comes next."""
        masks, seed = self.step.masks, self.state.mask_seed
        if masks is None or seed is None:
            return batch
        step = self.state.steps + (self.pending is not None)
        return batch._replace(masks=masks.draw(batch.X, seed, step))

    def _begin(self, batch: Batch, prepared: Prepared | None) -> None:
        """Begin a step, in arrays if possible."""
        resident = self.resident
        in_arrays = resident is not None and prepared is not None and resident.begin(prepared)
        if not in_arrays:
            self._invalidate()
        self.pending = batch, in_arrays

    def _end(self, number: int, bar: ProgressBar, started: float) -> None:
        """End the running step, if any; write a checkpoint and show progress if due."""
        if self.pending is None:
            return
        (batch, in_arrays), self.pending = self.pending, None
        if not (in_arrays and self._end_in_arrays(batch)):
            self._step_on_values(batch, number)
        state = self.state
        state.epoch.seconds = perf_counter() - started
        if self.checkpointer is not None:
            self.checkpointer.after_step(state)
        bar.step(len(batch.X), state.epoch.steps, state.mean_loss())
        if self.step_callbacks:
            step = Step(state.steps, number, state.loss, state.optimiser.lr)
            self.has_ended = step.seen_by(self)

    def _end_in_arrays(self, batch: Batch) -> bool:
        """Apply the update atomically with respect to Ctrl-C; return whether it was applied."""
        assert self.resident is not None
        with self.guard.block:
            loss = self.resident.end()
            if loss is not None:
                self.state.advance(len(batch.X), loss)
                return True
        self._invalidate()
        return False

    def _step_on_values(self, batch: Batch, epoch: int) -> None:
        """Run a step on the `Value`s."""
        self.state.zero_grad()
        loss = self.step(*batch.columns())
        optimiser = self.state.optimiser
        gradients = autograd.get_data(optimiser.parameters, grads=True)
        if not isfinite(loss) or not np.isfinite(gradients).all():
            self._explain(loss, batch, epoch)
        if self.clip is not None:
            self.clip(list(optimiser.parameters))
        with self.guard.block:
            optimiser.step()
            self.state.advance(len(batch.X), loss)

    def _invalidate(self) -> None:
        """Sync the `Value`s with the resident state, and allow them to be changed."""
        if self.resident is not None:
            with self.guard.block:
                self.resident.invalidate()

    def _explain(self, loss: float, batch: Batch, epoch: int) -> None:
        """Raise FloatingPointError, naming where a number that is not finite comes from."""
        what = "a gradient is not finite" if isfinite(loss) else f"the loss is {loss}"
        self.state.zero_grad()
        stopped = f"training stopped in epoch {epoch}, step {self.state.steps + 1}: {what}"
        try:
            self.step.explain(*batch.columns())
        except FloatingPointError as error:
            raise FloatingPointError(f"{stopped}. {error}") from error
        raise FloatingPointError(f"{stopped}, though no operation made it: look at the data")

    def _evaluate(self, data: Dataset, prefix: str) -> tuple[float, dict[str, float]]:
        """Return the mean loss and the metrics on a dataset."""
        outputs, losses = self.step.forward(*data.columns())
        targets = data.Y.take(slice(None)) if self.metrics else ()
        metrics = {prefix + name: metric(outputs, targets) for name, metric in self.metrics.items()}
        return fsum(losses.tolist()) / len(losses), metrics
