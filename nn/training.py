"""The loop behind `fit`: epochs, steps, validation, and how they end."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from math import inf, isfinite
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

import autograd
from autograd import Value
from nn.history import History
from nn.metrics import Metric
from nn.module import Module
from nn.optimiser import Optimiser
from nn.recording import Recording
from nn.schedules import Schedule
from nn.steps import Step, as_array


class Data(NamedTuple):
    """Samples and their targets."""

    X: Any
    Y: Any


@dataclass
class Best:
    """The parameters of the lowest validation loss so far."""

    loss: float = inf
    numbers: dict[str, float] = field(default_factory=dict)
    epochs_since: int = 0


@dataclass
class Training:
    """A training run, all its settings checked; `fit` explains them."""

    model: Module
    step: Step
    loss: Callable[[Any, Any], Any]
    optimiser: Optimiser
    data: Data
    validation: Data | None
    batch_size: int | None
    rng: np.random.Generator | None
    patience: int | None
    metrics: dict[str, Metric]
    callbacks: Sequence[Callable[[History], object]]
    schedule: Schedule
    clip: Callable[[list[Value]], object] | None
    recording: Recording | None = None
    every: int = 1  # epochs between two snapshots
    steps: int = 0
    best: Best = field(default_factory=Best)

    def __post_init__(self) -> None:
        self.arrays = [as_array(items) for items in self.data]  # None where they are not regular

    def run(self, epochs: int, *, progress: bool) -> History:
        """Train for a number of epochs, or until something ends it."""
        history = History()
        history.recording = self.recording
        self._record(0)
        lr = self.optimiser.lr
        try:
            with tqdm(total=epochs, unit="epoch", disable=not progress) as bar:
                history.stopped = self._epochs(epochs, lr, history, bar)
            self._record(history.epochs)
        except KeyboardInterrupt:
            history.stopped = "interrupted"
        finally:
            self.optimiser.lr = lr
        if self.best.numbers:
            self.model.load_state_dict(self.best.numbers)
        return history

    def _epochs(self, epochs: int, lr: float, history: History, bar: Any) -> str:
        """Run the epochs; say why they ended."""
        for _ in range(epochs):
            row = self._epoch(lr, history.epochs + 1)
            history.add(row)
            if history.epochs % self.every == 0:
                self._record(history.epochs)
            shown = {name: f"{number:.4g}" for name, number in row.items() if name != "seconds"}
            bar.set_postfix(shown, refresh=False)
            bar.update()
            if self.patience is not None and self._is_stuck(row["validation_loss"]):
                return "early stopping"
            answers = [callback(history) for callback in self.callbacks]
            if any(answer is True for answer in answers):
                return "callback"
        return "finished"

    def _record(self, epoch: int) -> None:
        """Keep the parameters, where that was asked for."""
        if self.recording is not None:
            self.recording.take(epoch)

    def _epoch(self, lr: float, epoch: int) -> dict[str, float]:
        """Use every sample once; return the epoch's numbers."""
        started = perf_counter()
        total = 0.0
        for batch in self._batches():
            self.optimiser.lr = lr * self.schedule(self.steps)
            total += len(batch.X) * self._one_step(batch, epoch)
        row = {"loss": total / len(self.data.X)}
        if self.metrics:
            row |= self._judge(self.data, "")[1]
        if self.validation is not None:
            row["validation_loss"], judged = self._judge(self.validation, "validation_")
            row |= judged
        return {**row, "lr": self.optimiser.lr, "seconds": perf_counter() - started}

    def _batches(self) -> Iterator[Data]:
        """Cut the samples into batches; where one holds them all, order does not matter."""
        X, Y = self.data
        size = self.batch_size or len(X)
        order: Sequence[int] = range(len(X))
        if self.rng is not None and size < len(X):
            order = self.rng.permutation(len(X)).tolist()
        for start in range(0, len(X), size):
            chosen = order[start : start + size]
            xs, ys = (
                [items[i] for i in chosen] if array is None else array[chosen]
                for items, array in zip((X, Y), self.arrays, strict=True)
            )
            yield Data(xs, ys)

    def _one_step(self, batch: Data, epoch: int) -> float:
        """Change the parameters once; return the loss before."""
        loss = self.step(batch.X, batch.Y)
        gradients = autograd.gather(self.optimiser.parameters, grads=True)
        if not isfinite(loss) or not np.isfinite(gradients).all():
            self._explain(loss, batch, epoch)
        if self.clip is not None:
            self.clip(list(self.optimiser.parameters))
        self.optimiser.step()
        self.steps += 1
        return loss

    def _explain(self, loss: float, batch: Data, epoch: int) -> None:
        """Raise an error that says where a bad number comes from."""
        what = "a gradient is not finite" if isfinite(loss) else f"the loss is {loss}"
        stopped = f"training stopped in epoch {epoch}, step {self.steps + 1}: {what}"
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
        for x, y in zip(*data, strict=True):
            output = self.model(x)
            losses.append(float(self.loss(output, y)))
            several = isinstance(output, list | tuple)
            outputs.append([float(v) for v in output] if several else float(output))
        judged = {prefix + name: metric(outputs, data.Y) for name, metric in self.metrics.items()}
        return autograd.mean(losses), judged

    def _is_stuck(self, loss: float) -> bool:
        """Remember the best parameters; say whether patience has run out."""
        if loss < self.best.loss:
            self.best = Best(loss, self.model.state_dict())
            return False
        self.best.epochs_since += 1
        return self.patience is not None and self.best.epochs_since >= self.patience
