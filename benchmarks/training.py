"""Time training at scale: `python -m benchmarks --training --help`.

Steps of `nn.fit` beside those of the same training by hand in NumPy, in turn. Throughput of the
same samples in memory, in a mapped file (read in order and shuffled) and from an iterable
that reads the file; and what a checkpoint costs, beside a step. The file is sparse: zeros
that take no room on the disk, but memory for its cache as any other file.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

import nn
from benchmarks.machine import machine
from benchmarks.table import duration
from benchmarks.turns import RATE, InNumpy
from nn import checkpoint
from nn.checkpoint import Checkpointer, TrainState, capture

FEATURES, BATCH = 128, 1024
PARAMETERS = (337, 10_000, 100_000)
BESIDE = (
    "network",
    "parameters",
    "batch",
    "by hand in NumPy",
    "nn.fit",
    "ratio",
    "through the Values",
)
WAYS: dict[str, Callable[[Any, Any], tuple[tuple[Any, ...], dict[str, Any]]]] = {
    "in memory, shuffled": lambda X, Y: ((np.array(X), Y), {}),
    "mapped, in order": lambda X, Y: ((X, Y), {"shuffle": False}),
    "mapped, shuffled": lambda X, Y: ((X, Y), {}),
    "mapped, shuffled, 2 batches ahead": lambda X, Y: ((X, Y), {"prefetch": 2}),
    "iterable, 2 batches ahead": lambda X, Y: ((lambda: slices(X, Y),), {}),
}


NETWORKS = (((2, 16, 1), 32), ((64, 32, 10), 128), ((784, 64, 10), 128), ((784, 256, 256, 10), 512))


def slices(X: Any, Y: Any) -> Iterator[tuple[Any, Any]]:
    """Yield batches in order, as a user's own reader would."""
    for start in range(0, len(X), BATCH):
        yield np.array(X[start : start + BATCH]), Y[start : start + BATCH]


def throughput(megabytes: int) -> list[tuple[str, ...]]:
    """Return the ways to hold samples, with the time and the samples a second of an epoch."""
    samples = max(BATCH, megabytes * 1_000_000 // (8 * FEATURES))
    found = []
    with tempfile.NamedTemporaryFile() as file:
        file.truncate(samples * FEATURES * 8)
        X = np.memmap(file.name, dtype="f8", mode="r", shape=(samples, FEATURES))
        Y = np.zeros(samples)
        X.sum()  # the file is in the system's cache from here on
        for name, way in tqdm(WAYS.items(), unit="way"):
            model = nn.MLP(FEATURES, [16, 1], activation="tanh", rng=0)
            data, options = way(X, Y)
            if len(data) == 2:
                options |= {"batch_size": BATCH, "rng": 0}
            history = nn.fit(model, *data, epochs=1, progress=False, **options)
            [seconds] = history["seconds"]
            found.append((name, duration(seconds), f"{samples / seconds:,.0f}"))
    return found


def steps(networks: Sequence[tuple[Sequence[int], int]], count: int) -> list[tuple[str, ...]]:
    """Return networks with the time of a step of Adam by hand, of `fit`, and through the `Value`s.

    A clipping function that does nothing has each step's gradients brought to the `Value`s, and
    the parameters from there.
    """
    found = []
    for widths, batch in tqdm(networks, unit="network"):
        few = max(2, min(count, 2 * 10**7 // (batch * widths[0])))
        ours, hand = turns(widths, batch, few, None)
        slow, other = turns(widths, batch, min(few, 20), lambda _parameters: None)
        parameters = sum((a + 1) * b for a, b in pairwise(widths))
        name, ratios = "-".join(map(str, widths)), (f"{ours / hand:.2f} x", f"{slow / other:.1f} x")
        found.append((name, f"{parameters:,}", f"{batch}", duration(hand), duration(ours), *ratios))
    return found


def turns(widths: Sequence[int], batch: int, count: int, clip: Any) -> tuple[float, float]:
    """Return the median seconds of a step of `fit`, and of one by hand in between."""
    random = np.random.default_rng(0)
    X, Y = (
        random.random((batch * 10, widths[0])),
        random.integers(0, max(2, widths[-1]), batch * 10),
    )
    binary = widths[-1] == 1
    hand = InNumpy(widths, X, Y, batch)
    network = nn.MLP(widths[0], widths[1:], output="sigmoid" if binary else "softmax", rng=0)
    nn.fit(
        network, X, Y, loss="binary_cross_entropy" if binary else "cross_entropy", lr=RATE,
        epochs=-(-count // 10), batch_size=batch, rng=0, schedule=hand, clip=clip, progress=False,
    )  # fmt: skip
    return hand.medians()


def checkpoints(sizes: Sequence[int], rounds: int) -> list[tuple[str, ...]]:
    """Return the cost of writing and reading a checkpoint of Adam, for numbers of parameters."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.ckpt"
        for size in tqdm(sizes, unit="size"):
            model = nn.Neuron(size - 1, activation="linear", rng=0)
            optimiser = nn.Adam(model.parameters())
            state = TrainState(model.parameters(), optimiser, np.random.default_rng(0))
            checkpointer = Checkpointer(path, 1, resume=False, settings={})
            written = median(partial(checkpointer.save, state), rounds)
            gathered = median(partial(capture, state, {}), rounds)
            read = median(partial(checkpoint.read, path), rounds)
            length = f"{path.stat().st_size / 1000:,.0f} kB"
            found.append((f"{size:,}", length, *map(duration, (written, gathered, read))))
    return found


def median(action: Callable[[], object], rounds: int) -> float:
    """Return the median time of an action in seconds."""
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        action()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a table in Markdown, its first column words and the others numbers."""
    lines = [f"| {' | '.join(heads)} |", f"|---|{'--:|' * (len(heads) - 1)}"]
    return [*lines, *(f"| {' | '.join(row)} |" for row in rows)]


def main(argv: Sequence[str]) -> int:
    """Time, print and write the tables; return the exit status."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks --training", description="Time training at scale and checkpoints."
    )
    parser.add_argument("--megabytes", type=int, default=2000, help="of samples")
    parser.add_argument("--sizes", nargs="+", type=int, default=PARAMETERS, metavar="PARAMETERS")
    parser.add_argument("--rounds", type=int, default=9, help="checkpoints; the median counts")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables there, too")
    parser.add_argument("--steps", type=int, default=500, help="beside those by hand, at most")
    asked = parser.parse_args(argv)
    beside = table(BESIDE, steps(NETWORKS, asked.steps))
    speeds = table(("samples", "an epoch", "samples/s"), throughput(asked.megabytes))
    heads = ("parameters", "checkpoint", "written in", "of which gathering", "read in")
    costs = table(heads, checkpoints(asked.sizes, max(1, asked.rounds)))
    about = f"An MLP({FEATURES}, [16, 1]), batches of {BATCH}, {asked.megabytes} MB of float64."
    text = "\n".join([*beside, "", *speeds, "", *costs, "", f"{about} Machine: {machine()}.", ""])
    print(text)
    if asked.markdown:
        asked.markdown.write_text(text, encoding="utf-8")
    return 0
