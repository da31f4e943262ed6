"""Handwritten digits: a network of scalars, trained compiled, 10 classes, over 95 % right."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import nn
from autograd.errors import MissingExtraError, require
from demos.iris import Floats, Ints
from demos.pictures import save_plot
from viz.plots import figure_of, grid

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIZES, EPOCHS, BATCH, EAGER = (64, 32, 10), 30, 32, 64


def load() -> tuple[Floats, Ints, Floats, Ints]:
    """Return 8x8 pictures of digits as 64 shades from 0 to 1: three quarters to train on.

    Source: E. Alpaydin and C. Kaynak, *Optical recognition of handwritten digits*, UCI Machine
    Learning Repository, 1998, in the copy of scikit-learn.
    """
    bunch: Any = require("sklearn.datasets", extra="demos").load_digits()
    X, y = bunch.data / 16, bunch.target
    order = np.random.default_rng(0).permutation(len(X))
    test, train = np.split(order, [len(X) // 4])
    return X[train], y[train], X[test], y[test]


def seconds_an_epoch(model: nn.MLP, X: Floats, y: Ints, engine: str, epochs: int) -> float:
    """Return the time of the fastest epoch."""
    history = nn.fit(
        model, X, y, loss="cross_entropy", lr=1e-6, epochs=epochs, batch_size=BATCH, rng=0,
        engine=engine, progress=False,
    )  # fmt: skip
    return float(min(history["seconds"]))


def pictures(X: Floats, y: Ints, guesses: list[int]) -> "Figure":
    """Draw some digits with what the network takes them for; the wrong ones come first."""
    wrong_first = sorted(range(len(y)), key=lambda i: guesses[i] == y[i])
    axes = grid(2, 6, (1.6, 1.9))
    for ax, i in zip(axes, wrong_first[:12], strict=True):
        ax.imshow(X[i].reshape(8, 8), cmap="gray_r")
        ax.set_title(f"{guesses[i]}" + ("" if guesses[i] == y[i] else f", not {y[i]}"), fontsize=11)
        ax.set_axis_off()
    return figure_of(axes[0])


def main(out: Path, epochs: int = EPOCHS) -> list[Path]:
    """Train a 64-32-10 network, test it, and time it compiled and node by node."""
    try:
        X, y, X_test, y_test = load()
    except MissingExtraError as missing:
        print(f"no digits: {missing}")
        return []
    nin, *sizes = SIZES
    model = nn.MLP(nin, sizes, rng=0)
    start = time.perf_counter()
    history = nn.fit(
        model, X, y, loss="cross_entropy", lr=0.005, epochs=epochs, batch_size=BATCH, rng=0,
        progress=False,
    )  # fmt: skip
    print(f"{epochs} epochs of {len(X)} digits in {time.perf_counter() - start:.1f} s")
    print(f"loss {history['loss'][0]:.3f} at first, {history['loss'][-1]:.3f} at last")
    scores = nn.predict(model, X_test)
    print(f"{nn.accuracy(scores, y_test):.1%} of {len(X_test)} others are right")
    lifted = seconds_an_epoch(model, X, y, "compiled", 5)
    some = seconds_an_epoch(model, X[:EAGER], y[:EAGER], "eager", 2)
    eager = some * len(X) / EAGER
    print(f"an epoch takes {lifted * 1e3:.0f} ms compiled, {eager:.1f} s node by node", end=" ")
    print(f"(from {EAGER} digits): {eager / lifted:.0f} times as long")
    guesses = [int(np.argmax(row)) for row in scores]
    return save_plot(lambda: pictures(X_test, y_test, guesses), out, "digits")
