"""What a large network costs before it trains: `python -m benchmarks --large`.

A fresh process makes it, calls its compiled loss, and another one trains a step. Memory is what the
process holds at its peak, beyond what it holds after the imports.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

import autograd
import nn
from benchmarks.machine import machine

WIDTHS = (784, 1024, 1024, 10)
SAMPLES = 256
MEBIBYTE = 1 << 20
STATUS = Path("/proc/self/statm")  # Linux has it


def resident() -> int:
    """Return the bytes that the process holds now; 0 where the system does not say."""
    if not STATUS.is_file():
        return 0
    return int(STATUS.read_text(encoding="ascii").split()[1]) * resource.getpagesize()


def peak() -> int:
    """Return the most bytes that the process has held."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def timed(action: Callable[[], object]) -> float:
    """Return the seconds that an action takes."""
    before = time.perf_counter()
    action()
    return time.perf_counter() - before


def run(widths: Sequence[int], kind: str) -> dict[str, float]:
    """Make a network and call it, or train it for a step; return seconds by name, and bytes."""
    random = np.random.default_rng(0)
    X, Y = (random.normal(size=(SAMPLES, width)) for width in (widths[0], widths[-1]))
    before = resident()
    models: list[nn.MLP] = []
    found = {"make": timed(lambda: models.append(nn.MLP(widths[0], widths[1:], rng=0)))}
    (model,) = models
    if kind == "fit":
        found["first step of fit"] = timed(
            lambda: nn.fit(
                model, X, Y, loss="mse", epochs=1, batch_size=SAMPLES, rng=0, progress=False
            )
        )
    else:

        def loss(x: list[autograd.Value], y: list[autograd.Value]) -> autograd.Value:
            outputs = model(x)
            total: autograd.Value = autograd.sum(
                [(p - q) ** 2 for p, q in zip(outputs, y, strict=True)]
            )
            return total

        compiled = autograd.compile(loss, batch=("x", "y"))
        found["first call"] = timed(lambda: compiled(X, Y))
        found["second call"] = timed(lambda: compiled(X, Y))
        found["third call"] = timed(lambda: compiled(X, Y))
    return {**found, "peak": float(peak() - before)}


def measure(widths: Sequence[int], kind: str) -> dict[str, float]:
    """Run in a process of its own."""
    program = f"import json; from benchmarks.large import run; print(json.dumps(run({list(widths)}, {kind!r})))"  # noqa: E501
    done = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Print a line a figure; return the exit status."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks --large",
        description="Time and peak memory of a large network, made, called and trained once.",
    )
    parser.add_argument("--widths", type=int, nargs="+", default=WIDTHS, metavar="N")
    parser.add_argument("--rounds", type=int, default=3, help="the least of so many processes")
    asked = parser.parse_args(argv)
    count = sum((a + 1) * b for a, b in pairwise(asked.widths))
    print(
        f"{'-'.join(map(str, asked.widths))}, {count:,} parameters, {SAMPLES} samples, {machine()}"
    )
    for kind in ("call", "fit"):
        rounds = [measure(asked.widths, kind) for _ in range(asked.rounds)]
        for name in rounds[0]:
            least = min(found[name] for found in rounds)
            is_memory = name == "peak"
            text = f"{least / MEBIBYTE:7.0f} MiB" if is_memory else f"{least:7.2f} s"
            print(f"{kind + ' ' if is_memory else ''}{name:<18}{text}")
    return 0
