"""Time to a score, beside other libraries: `python -m benchmarks --scores --help`.

What a user writes in each library to train the same network until its score on held-out samples is
good enough: run as it is written here, with its lines counted. The score is computed after each
epoch, which counts, and so do first calls (traces, XLA); imports do not.
"""

import argparse
import importlib.util
import statistics
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
from tqdm import tqdm

from autograd.errors import require
from benchmarks.machine import machine
from benchmarks.table import duration
from benchmarks.training import table

# Each takes X, y, X_test, y_test, `score` of outputs, `target`, `epochs`, `hidden`, `outputs`,
# `kind` and `seed`, and leaves the number of epochs that it took in `epoch`.
CODE: Mapping[str, str] = {
    "scalar-autograd": """
        import nn

        loss = {
            "binary": "binary_cross_entropy_with_logits",
            "several": "cross_entropy",
            "numbers": "mse",
        }[kind]
        model = nn.MLP(X.shape[1], [*hidden, outputs], rng=seed)
        good = lambda history: bool(score(model.predict(X_test)) >= target)
        history = nn.fit(model, X, y, loss=loss, lr=0.01, epochs=epochs, batch_size=32, rng=seed,
                         callbacks=[good], progress=False)
        epoch = history.epochs
    """,
    "scikit-learn": """
        from sklearn.neural_network import MLPClassifier, MLPRegressor

        estimator = MLPRegressor if kind == "numbers" else MLPClassifier
        model = estimator(hidden_layer_sizes=hidden, learning_rate_init=0.01, batch_size=32,
                          alpha=0, random_state=seed)
        classes = {} if kind == "numbers" else {"classes": sorted(set(y))}
        for epoch in range(1, epochs + 1):
            model.partial_fit(X, y, **classes)
            if score(model.predict(X_test), decided=True) >= target:
                break
    """,
    "PyTorch": """
        import torch

        torch.manual_seed(seed)
        widths = [X.shape[1], *hidden, outputs]
        layers = []
        for nin, nout in zip(widths, widths[1:]):
            layers += [torch.nn.Linear(nin, nout), torch.nn.ReLU()]
        model = torch.nn.Sequential(*layers[:-1])
        loss_of = {
            "binary": torch.nn.BCEWithLogitsLoss(),
            "several": torch.nn.CrossEntropyLoss(),
            "numbers": torch.nn.MSELoss(),
        }[kind]
        optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
        inputs, tests = torch.tensor(X).float(), torch.tensor(X_test).float()
        targets = torch.tensor(y) if kind == "several" else torch.tensor(y).float()[:, None]
        for epoch in range(1, epochs + 1):
            for chosen in torch.randperm(len(inputs)).split(32):
                optimiser.zero_grad()
                loss_of(model(inputs[chosen]), targets[chosen]).backward()
                optimiser.step()
            with torch.no_grad():
                if score(model(tests).numpy().squeeze()) >= target:
                    break
    """,
    "Keras": """
        import keras

        keras.utils.set_random_seed(seed)
        layers = [keras.layers.Dense(n, activation="relu") for n in hidden]
        model = keras.Sequential([*layers, keras.layers.Dense(outputs)])
        loss = {
            "binary": keras.losses.BinaryCrossentropy(from_logits=True),
            "several": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            "numbers": "mse",
        }[kind]
        model.compile(keras.optimizers.Adam(0.01), loss)

        class Good(keras.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                outputs = self.model.predict(X_test, verbose=0).squeeze()
                self.model.stop_training = bool(score(outputs) >= target)

        history = model.fit(X, y, epochs=epochs, batch_size=32, verbose=0, callbacks=[Good()])
        epoch = len(history.epoch)
    """,
}
MODULES = {"scikit-learn": "sklearn", "PyTorch": "torch", "Keras": "keras"}


@dataclass(frozen=True)
class Task:
    """Data of scikit-learn, a network, and the score on a quarter of the samples to be reached."""

    name: str
    hidden: tuple[int, ...]
    target: float
    kind: str  # "binary", "several" classes, or "numbers"

    def load(self) -> tuple[Any, Any]:
        """Return standardised samples, and targets."""
        datasets = require("sklearn.datasets", extra="sklearn")
        scale = require("sklearn.preprocessing", extra="sklearn").scale
        if self.name == "moons":
            X, y = datasets.make_moons(1000, noise=0.15, random_state=0)
        else:
            X, y = getattr(datasets, f"load_{self.name}")(return_X_y=True)
        return scale(X), scale(y) if self.kind == "numbers" else y


TASKS = (
    Task("moons", (16, 16), 0.97, "binary"),
    Task("breast_cancer", (16,), 0.95, "binary"),
    Task("digits", (32,), 0.96, "several"),
    Task("diabetes", (16,), 0.42, "numbers"),
)
EPOCHS = 100


def scoring(kind: str, y_test: Any) -> Any:
    """Return the function of outputs that gives accuracy, or R2; decided ones are classes."""

    def score(outputs: Any, *, decided: bool = False) -> float:
        if kind == "numbers":
            rest = float(((outputs - y_test) ** 2).sum())
            return 1 - rest / float(((y_test - y_test.mean()) ** 2).sum())
        found = outputs if decided else outputs > 0 if kind == "binary" else outputs.argmax(axis=1)
        return float((found == y_test).mean())

    return score


def run(library: str, task: Task, seed: int) -> tuple[float, int]:
    """Run a library's code; return the seconds and the epochs that it took."""
    X, y = task.load()
    order = np.random.default_rng(seed).permutation(len(X))
    train, test = order[len(X) // 4 :], order[: len(X) // 4]
    outputs = len(set(y)) if task.kind == "several" else 1
    names: dict[str, Any] = {
        "X": X[train], "y": y[train], "X_test": X[test], "y_test": y[test],
        "score": scoring(task.kind, y[test]), "target": task.target, "epochs": EPOCHS,
        "hidden": task.hidden, "outputs": outputs, "kind": task.kind, "seed": seed,
    }  # fmt: skip
    code = compile(dedent(CODE[library]), library, "exec")
    begin = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of other libraries
        exec(code, names)  # noqa: S102 - the text above
    return time.perf_counter() - begin, names["epoch"]


def lines_of(library: str) -> int:
    """Count the lines of a library's code that are not empty.

    >>> lines_of("scalar-autograd")
    11
    """
    return sum(1 for line in CODE[library].splitlines() if line.strip())


def compare(task: Task, libraries: Sequence[str], seeds: int) -> tuple[str, ...]:
    """Run all libraries on each seed's split; return a row of the table."""
    found: dict[str, list[tuple[float, int]]] = {library: [] for library in libraries}
    for seed in range(seeds):
        for library in libraries:
            found[library].append(run(library, task, seed))
    cells = []
    for results in found.values():
        seconds, epochs = (statistics.median(column) for column in zip(*results, strict=True))
        cells.append(f"{duration(seconds)} ({epochs:g})")
    return task.name, f"{'-'.join(map(str, task.hidden))}", f"{task.target:g}", *cells


def main(argv: Sequence[str]) -> int:
    """Train, print and write the table; return the exit status."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks --scores",
        description="Train until a score is reached, in this library and in others.",
    )
    parser.add_argument("--seeds", type=int, default=5, help="and splits; the median counts")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table there, too")
    parser.add_argument(
        "--only", nargs="*", choices=[*CODE], help="libraries, by default all that are installed"
    )
    asked = parser.parse_args(argv)
    libraries = [
        name
        for name in asked.only or CODE
        if name not in MODULES or importlib.util.find_spec(MODULES[name])
    ]
    modules = {
        name: importlib.import_module(MODULES[name]) for name in libraries if name in MODULES
    }
    versions = [f"{name} {module.__version__}" for name, module in modules.items()]
    run(libraries[0], Task("moons", (2,), 0.0, "binary"), 0)
    tasks = tqdm(TASKS, unit="task")
    rows = [compare(task, libraries, max(1, asked.seeds)) for task in tasks]
    rows.append(("lines of code", "", "", *(str(lines_of(name)) for name in libraries)))
    about = f"Median of {asked.seeds} seeds: time, and epochs, until the score was reached"
    text = "\n".join(
        [
            *table(("data", "hidden", "score", *libraries), rows),
            "",
            f"{about} (at most {EPOCHS}). {', '.join(versions)}. Machine: {machine()}.",
            "",
        ]
    )
    print(text)
    if asked.markdown:
        asked.markdown.write_text(text, encoding="utf-8")
    return 0
