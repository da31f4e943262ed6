"""The loop behind `fit`: epochs, steps, validation, and how they end."""
# FOLDED from nn/training/loop.py: The progress bar of a training: epochs, the loss, and samples a second.

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import isfinite
from time import perf_counter
from typing import Any
import numpy as np
import autograd
from autograd import Value
from nn._utils import plain
from nn.checkpoint import Run
from nn.checkpoint import Saver
from nn.data import Data
from nn.data import Prefetched
from nn.data import Batch, Batches, Samples, Source
from nn.training.interrupts import Whole
from nn.metrics import Metric
from nn.module import Module
from nn.inspect.history import History
from nn.inspect.history import Recording
from nn.schedules import Schedule
from nn.engines.resident import Mover, Prepared
from nn.engines.steps import Step
from collections.abc import Mapping
from types import TracebackType
from tqdm import tqdm


@dataclass
class Training:
    """A training run, all its settings checked; `fit` explains them."""

    model: Module
    step: Step
    loss: Callable[[Any, Any], Any]
    now: Run
    source: Source
    validation: Data | None
    prefetch: int
    patience: int | None
    metrics: dict[str, Metric]
    callbacks: Sequence[Callable[[History], object]]
    schedule: Schedule
    clip: Callable[[list[Value]], object] | None
    saver: Saver | None
    mover: Mover | None = None
    recording: Recording | None = None
    every: int = 1  # epochs between two snapshots
    guard: Whole = field(default_factory=Whole)
    begun: tuple[Batch, bool] | None = None  # the step at work, and whether the mover does it

    def run(self, epochs: int, *, progress: bool) -> History:
        """Train until so many epochs are done, or until something ends it."""
        optimiser, lr = self.now.optimiser, self.now.optimiser.lr
        try:
            with self.guard:
                self._guarded(epochs, lr, progress=progress)
        finally:
            optimiser.lr = lr
            self.now.zero_grad()  # so that what is drawn or computed next begins anew
        history, best = self.now.history, self.now.best
        if history.stopped != "interrupted":
            self._record(history.epochs)
        if best.numbers.size:
            autograd.scatter(self.now.parameters, best.numbers)
        return history

    def _guarded(self, epochs: int, lr: float, *, progress: bool) -> None:
        """Train, and write the last checkpoint, however it ends."""
        history = self.now.history
        history.recording = self.recording
        self._record(0)
        try:
            if self.saver is not None:
                with self.guard.block:
                    self.saver.begin(self.now)
            with Bar(epochs, history.epochs, wanted=progress) as bar:
                history.stopped = self._ended(epochs, lr, bar)
        except KeyboardInterrupt:
            history.stopped = "interrupted"
        except BaseException:
            with contextlib.suppress(OSError):  # what came first is what is to be told
                self._save()
            raise
        self._save()

    def _ended(self, epochs: int, lr: float, bar: Bar) -> str:
        """Run the epochs, and have all numbers here, however they end."""
        try:
            return self._epochs(epochs, lr, bar)
        finally:
            self._release()

    def _save(self) -> None:
        """Write a checkpoint, unless a step was cut short."""
        if self.saver is not None and not self.guard.torn:
            with self.guard.block:
                self.saver.save(self.now)

    def _epochs(self, epochs: int, lr: float, bar: Bar) -> str:
        """Run the epochs; say why they ended."""
        history = self.now.history
        if history.stopped == "callback":  # a run that is taken up after its end
            return history.stopped
        history.stopped = "running"
        while not self._is_stuck():
            if history.epochs >= epochs:
                return "finished"
            row = self._epoch(lr, bar)
            with self.guard.block:
                self.now.end_epoch(row, remember=self.patience is not None)
                if history.epochs % self.every == 0:
                    self._record(history.epochs)
            bar.epoch(row)
            if self._is_stuck():
                break
            answers = [callback(history) for callback in self.callbacks]
            if any(answer is True for answer in answers):
                return "callback"
        return "early stopping"

    def _record(self, epoch: int) -> None:
        """Keep the parameters, where that was asked for."""
        if self.recording is not None:
            self.recording.take(epoch)

    def _is_stuck(self) -> bool:
        """Say whether patience has run out."""
        return self.patience is not None and self.now.best.epochs_since >= self.patience

    def _epoch(self, lr: float, bar: Bar) -> dict[str, float]:
        """Use every sample once, or what is left of them; return the epoch's numbers."""
        now, place = self.now, self.now.place
        started = perf_counter() - place.seconds
        with self.guard.block:
            order = now.order(self.source)
        self._steps(order, lr, bar, started)
        if self.metrics or self.validation or self.callbacks or self.recording or self._asks():
            self._release()  # they look at the numbers, and may change them
        row = {"loss": now.mean_loss()}
        if self.metrics and isinstance(self.source, Samples):
            row |= self._judge(self.source.data, "")[1]
        if self.validation is not None:
            row["validation_loss"], judged = self._judge(self.validation, "validation_")
            row |= judged
        return {**row, "lr": now.optimiser.lr, "seconds": perf_counter() - started}

    def _asks(self) -> bool:
        """Tell whether batches come from code that may look at the model."""
        return isinstance(self.source, Batches)

    def _steps(self, order: Any, lr: float, bar: Bar, started: float) -> None:
        """Do the steps of an epoch, or what is left of them."""
        now, number, mover = self.now, self.now.history.epochs + 1, self.mover
        between = self._asks() and not self.prefetch
        end = partial(self._end, number, bar, started)
        batches = self.source.epoch(number, order, now.place.steps)
        with Prefetched(batches, self.prefetch) as ready:
            try:
                for batch in ready:
                    there = None if mover is None else mover.prepare(batch.X, batch.Y)
                    end()  # of the step before: devices have worked at it meanwhile
                    now.optimiser.lr = lr * self.schedule(now.steps)
                    self._begin(batch, there)
                    if between or mover is None or not mover.waits:
                        end()
                    if between:
                        self._release()
            finally:
                end()  # what stops the training comes after a step

    def _begin(self, batch: Batch, there: Prepared | None) -> None:
        """Begin a step in arrays, where it can be done there."""
        moves = self.mover is not None and there is not None and self.mover.begin(there)
        if not moves:
            self._release()
        self.begun = batch, moves

    def _end(self, number: int, bar: Bar, started: float) -> None:
        """End the step that has begun, if one has; save it and show it where it is time."""
        if self.begun is None:
            return
        (batch, moves), self.begun = self.begun, None
        if not (moves and self._moved(batch)):
            self._with_values(batch, number)
        now, place = self.now, self.now.place
        place.seconds = perf_counter() - started
        if self.saver is not None:
            self.saver.after_step(now)
        bar.step(len(batch.X), place.steps, now.mean_loss())

    def _moved(self, batch: Batch) -> bool:
        """Change the parameters in arrays, an interrupt comes before or after that; say if so."""
        assert self.mover is not None
        with self.guard.block:
            loss = self.mover.end()
            if loss is not None:
                self.now.advance(len(batch.X), loss)
                return True
        self._release()
        return False

    def _with_values(self, batch: Batch, epoch: int) -> None:
        """Do a step for which all numbers are in the `Value`s.

        Also parameters that only the loss and the optimiser know begin with no gradient.
        """
        self.now.zero_grad()
        loss = self.step(batch.X, batch.Y)
        optimiser = self.now.optimiser
        gradients = autograd.gather(optimiser.parameters, grads=True)
        if not isfinite(loss) or not np.isfinite(gradients).all():
            self._explain(loss, batch, epoch)
        if self.clip is not None:
            self.clip(list(optimiser.parameters))
        with self.guard.block:
            optimiser.step()
            self.now.advance(len(batch.X), loss)

    def _release(self) -> None:
        """Bring the numbers home, where an engine keeps them elsewhere."""
        if self.mover is not None:
            with self.guard.block:
                self.mover.release()

    def _explain(self, loss: float, batch: Batch, epoch: int) -> None:
        """Raise an error that says where a bad number comes from."""
        what = "a gradient is not finite" if isfinite(loss) else f"the loss is {loss}"
        self.now.zero_grad()
        stopped = f"training stopped in epoch {epoch}, step {self.now.steps + 1}: {what}"
        try:
            self.step.explain(batch.X, batch.Y)
        except FloatingPointError as error:
            raise FloatingPointError(f"{stopped}. {error}") from error
        raise FloatingPointError(f"{stopped}, though no operation made it: look at the data")

    def _judge(self, data: Data, prefix: str) -> tuple[float, dict[str, float]]:
        """Return the mean loss and the metrics on data, one sample's graph at a time.

        Not under no_grad: the losses look at what made a probability (see binary_cross_entropy).
        """
        outputs, losses = [], []
        for x, y in zip(data.X.rows(), data.Y.rows(), strict=True):
            output = self.model(x)
            losses.append(float(self.loss(output, y)))
            several = isinstance(output, list | tuple)
            outputs.append([float(v) for v in output] if several else float(output))
        targets = plain(data.Y.items) if self.metrics else ()
        judged = {prefix + name: metric(outputs, targets) for name, metric in self.metrics.items()}
        return autograd.mean(losses), judged


REFRESH = 0.5  # seconds between two looks within an epoch


class Bar:
    """Show how far a training is; nothing where it is not wanted.

    Examples
    --------
    >>> with Bar(epochs=2, done=0, wanted=False) as bar:
    ...     bar.step(samples=4, steps=1, loss=0.5)
    ...     bar.epoch({"loss": 0.5})
    """

    def __init__(self, epochs: int, done: int, *, wanted: bool) -> None:
        self.bar: Any = tqdm(total=epochs, initial=done, unit="epoch", disable=not wanted)
        self.wanted = wanted
        self.samples = 0
        self.started = self.stepped = self.looked = perf_counter()

    def __enter__(self) -> "Bar":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.bar.close()

    def step(self, samples: int, steps: int, loss: float) -> None:
        """Count samples; show the step where the last look is some time ago."""
        if not self.wanted:
            return
        self.samples += samples
        self.stepped = perf_counter()
        if self.stepped - self.looked > REFRESH:
            self._show({"step": str(steps), "loss": f"{loss:.4g}"})
            self.bar.refresh()
            self.looked = self.stepped

    def epoch(self, row: Mapping[str, float]) -> None:
        """Show the numbers of an epoch that has ended."""
        if not self.wanted:
            return
        self._show({name: f"{number:.4g}" for name, number in row.items() if name != "seconds"})
        self.bar.update()
        self.samples, self.started = 0, perf_counter()

    def _show(self, numbers: dict[str, str]) -> None:
        """Add the samples a second of this epoch's steps, without what comes after them."""
        rate = self.samples / max(self.stepped - self.started, 1e-9)
        self.bar.set_postfix({**numbers, "samples/s": f"{rate:,.0f}"}, refresh=False)
