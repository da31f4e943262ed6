"""Estimators beside scikit-learn's own networks: `python -m benchmarks --estimators --help`.

`nn.Classifier` beside `MLPClassifier`, `nn.Regressor` beside `MLPRegressor`: the same data, splits,
layers, activation, initial distribution of weights, optimiser and number of steps. In turn, a seed
at a time, in one process; each seed has a split of its own.
"""

import argparse
import statistics
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

import nn
from autograd.errors import require
from benchmarks.machine import machine
from benchmarks.table import duration
from benchmarks.training import table

HEADS = (
    "data",
    "network",
    "epochs",
    "score",
    "of scikit-learn",
    "fit",
    "of scikit-learn",
    "ratio",
    "predict",
    "of scikit-learn",
)


@dataclass(frozen=True)
class Task:
    """Data of scikit-learn, ``load_NAME``, and a network for them."""

    name: str
    hidden: tuple[int, ...]
    epochs: int
    batch_size: int = 32
    lr: float = 0.001
    is_regression: bool = False

    def load(self) -> tuple[Any, Any]:
        """Return the samples, and the targets: classes, or standardised numbers."""
        datasets = require("sklearn.datasets", extra="sklearn")
        X, y = getattr(datasets, f"load_{self.name}")(return_X_y=True)
        return X, (y - y.mean()) / y.std() if self.is_regression else y

    def ours(self, seed: int) -> Any:
        """Return this library's estimator."""
        kind = nn.Regressor if self.is_regression else nn.Classifier
        return kind(
            self.hidden, activation="relu", init=nn.initializers.xavier_uniform(), lr=self.lr,
            epochs=self.epochs, batch_size=self.batch_size, early_stopping=None, random_state=seed,
        )  # fmt: skip

    def theirs(self, seed: int) -> Any:
        """Return scikit-learn's, without its penalty, and with all epochs."""
        networks = require("sklearn.neural_network", extra="sklearn")
        kind = networks.MLPRegressor if self.is_regression else networks.MLPClassifier
        return kind(
            hidden_layer_sizes=self.hidden, activation="relu", solver="adam", alpha=0,
            learning_rate_init=self.lr, max_iter=self.epochs, batch_size=self.batch_size,
            n_iter_no_change=self.epochs + 1, random_state=seed,
        )  # fmt: skip


TASKS = (
    Task("iris", (16,), 100),
    Task("breast_cancer", (16,), 50),
    Task("digits", (32,), 50),
    Task("digits", (128, 64), 30, batch_size=128),
    Task("diabetes", (16,), 50, is_regression=True),
)


@dataclass
class Run:
    """The results of one estimator, one entry a seed."""

    make: Callable[[int], Any]
    scores: list[float]
    fits: list[float]
    predictions: list[float]

    def turn(self, seed: int, X: Any, y: Any, X_test: Any, y_test: Any) -> None:
        """Train with a seed, and predict."""
        estimator = self.make(seed)
        begin = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # scikit-learn's, that it could go on
            estimator.fit(X, y)
        self.fits.append(time.perf_counter() - begin)
        estimator.predict(X_test)  # compiles
        begin = time.perf_counter()
        estimator.predict(X_test)
        self.predictions.append(time.perf_counter() - begin)
        self.scores.append(estimator.score(X_test, y_test))

    def score(self) -> str:
        """Write the mean score and the standard deviation over the seeds."""
        return f"{statistics.mean(self.scores):.3f} ± {statistics.pstdev(self.scores):.3f}"


def compare(task: Task, seeds: int) -> tuple[str, ...]:
    """Train both on each seed's split; return a row of the table."""
    split = require("sklearn.model_selection", extra="sklearn").train_test_split
    scaler = require("sklearn.preprocessing", extra="sklearn").StandardScaler
    ours, theirs = Run(task.ours, [], [], []), Run(task.theirs, [], [], [])
    X, y = task.load()
    for seed in range(seeds):
        X_train, X_test, y_train, y_test = split(X, y, random_state=seed)
        scaled = scaler().fit(X_train)
        for run in (ours, theirs):
            run.turn(seed, scaled.transform(X_train), y_train, scaled.transform(X_test), y_test)
    outputs = 1 if task.is_regression or len(set(y)) == 2 else len(set(y))
    widths = [X.shape[1], *task.hidden, outputs]
    fits = min(ours.fits), min(theirs.fits)
    predictions = min(ours.predictions), min(theirs.predictions)
    return (
        task.name,
        "-".join(map(str, widths)),
        f"{task.epochs} x {task.batch_size}",
        ours.score(),
        theirs.score(),
        *map(duration, fits),
        f"{fits[1] / fits[0]:.1f} x",
        *map(duration, predictions),
    )


def main(argv: Sequence[str]) -> int:
    """Train, print and write the table; return the exit status."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks --estimators",
        description="Train estimators beside scikit-learn's own: scores and times.",
    )
    parser.add_argument("--seeds", type=int, default=10, help="and splits; the least time counts")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table there, too")
    asked = parser.parse_args(argv)
    rows = [compare(task, max(1, asked.seeds)) for task in tqdm(TASKS, unit="task")]
    version = require("sklearn", extra="sklearn").__version__
    about = f"{asked.seeds} seeds: accuracy or R2 on a quarter of the samples, the least times."
    text = "\n".join(
        [*table(HEADS, rows), "", f"{about} scikit-learn {version}. Machine: {machine()}.", ""]
    )
    print(text)
    if asked.markdown:
        asked.markdown.write_text(text, encoding="utf-8")
    return 0
