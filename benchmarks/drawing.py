"""Time drawing: `python -m benchmarks --drawing --help`.

Graphs of four sizes, each as a user draws it (``viz.draw(J).svg()``): up to 300 nodes one by one,
above folded. The survey of the graph, the layout and the writing of the SVG are all in the time;
building the graph is not.
"""

import argparse
import re
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tqdm import tqdm

import autograd
import nn
import viz
from autograd import Value
from benchmarks.machine import machine
from benchmarks.table import duration
from viz.graph_model import GraphModel

SIZES = (50, 500, 5_000, 100_000)
HEADS = ("what is drawn", "nodes", "boxes", "time", "SVG")


def network(nodes: int) -> Value:
    """Return the hinge loss of a small network, over as many samples as give so many nodes."""
    width = 2 if nodes <= 500 else 16
    widths = [width, 1] if nodes <= 500 else [width, width, 1]
    model = nn.MLP(2, widths, activation="relu", rng=0)
    samples = 1 + max(0, nodes - 20) // (2 * sum(widths) + 6)
    scores = [model([(0.37 * k) % 2 - 1, (0.61 * k) % 2 - 1]) for k in range(samples)]
    loss = autograd.mean([(1 - score * (-1) ** k).relu() for k, score in enumerate(scores)])
    loss.label = "loss"
    loss.backward()
    return loss


def chain(nodes: int) -> Value:
    """Return a long formula without any names, as numerical programs have."""
    x, y = Value(0.3, "x"), Value(0.7, "y")
    result = x
    for k in range(nodes - 2):
        result = result.sin() if k % 3 else result + y
    result.backward()
    return result


BUILDERS: dict[str, Callable[[int], Value]] = {
    "loss of a network": network,
    "formula without frames": chain,
}


def measure(result: Value, rounds: int) -> tuple[int, float, int]:
    """Return the number of boxes, the median time in seconds and the SVG's size in bytes."""
    times, picture, svg = [], viz.draw(result), ""
    for _ in range(rounds):
        begin = time.perf_counter()
        picture = viz.draw(result)
        svg = picture.svg()
        times.append(time.perf_counter() - begin)
    boxes = len(re.findall(r"^\s*n\d+ \[label=", picture.dot, re.MULTILINE))
    return boxes, statistics.median(times), len(svg.encode())


def rows(sizes: Sequence[int], rounds: int) -> list[tuple[str, ...]]:
    """Draw each graph in each size, with a progress bar."""
    found = []
    with tqdm(total=len(sizes) * len(BUILDERS), unit="picture") as bar:
        for name, build in BUILDERS.items():
            for size in sizes:
                result = build(size)
                count = len(GraphModel.build([result]).nodes)
                boxes, seconds, length = measure(result, rounds)
                written = f"{length / 1000:,.0f} kB"
                found.append((name, f"{count:,}", f"{boxes:,}", duration(seconds), written))
                bar.update()
    return found


def main(argv: Sequence[str]) -> int:
    """Time, print and write the table; return the exit status."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks --drawing", description="Time pictures of graphs of several sizes."
    )
    parser.add_argument("--sizes", nargs="+", type=int, metavar="NODES", default=list(SIZES))
    parser.add_argument("--rounds", type=int, default=3, help="turns; the median counts")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table there, too")
    asked = parser.parse_args(argv)
    found = rows(asked.sizes, max(1, asked.rounds))
    lines = [f"| {' | '.join(HEADS)} |", "|---|--:|--:|--:|--:|"]
    lines += [f"| {' | '.join(row)} |" for row in found]
    text = "\n".join([*lines, "", f"Medians of {asked.rounds} turns. Machine: {machine()}.", ""])
    print(text)
    if asked.markdown:
        asked.markdown.write_text(text, encoding="utf-8")
    return 0
