"""Fit the costs by which engines are chosen: `python -m benchmarks --costs --help`."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

import autograd
from autograd.compiler.executors import fitted_costs
from autograd.compiler.executors.blocked_engine import COMPILED as HAS_BLOCKS
from autograd.compiler.executors.cost import FITTED, Costs
from autograd.compiler.tape.choice import COMPILED
from benchmarks.costs.fit import fitted
from benchmarks.costs.measure import Measured, measure, prepared
from benchmarks.costs.programs import subjects
from benchmarks.machine import machine

WITHIN = (1.1, 1.5, 2.0)
WORST = 10
TITLE = "Nanoseconds of each engine's work, written by `python -m benchmarks --costs --write`."


class Verdict(NamedTuple):
    """How many times the best engine's time the chosen one takes, and which these are."""

    ratio: float
    name: str
    chosen: str
    best: str


def verdicts(measured: Sequence[Measured], costs: Costs) -> list[Verdict]:
    """Return how good the engines are that some costs choose, the worst first."""
    found = []
    for one in measured:
        chosen, best = one.engine(costs), min(one.seconds, key=one.seconds.__getitem__)
        ratio = one.seconds.get(chosen, float("inf")) / one.seconds[best]
        found.append(Verdict(ratio, one.name, chosen, best))
    return sorted(found, reverse=True)


def lines(title: str, found: Sequence[Verdict]) -> Iterator[str]:
    r"""Give lines that say how often a choice is right, and the worst cases.

    >>> print(*lines("now", [Verdict(1.3, "chain", "numpy", "tape")]), sep="\n")
    now: of 1 programs 0 right, 0 within 1.1, 1 within 1.5, 1 within 2.0 times the least time
      chain: numpy takes 1.30 times as long as tape
    """
    right = sum(one.ratio == 1 for one in found)
    within = ", ".join(f"{sum(one.ratio <= k for one in found)} within {k}" for k in WITHIN)
    yield f"{title}: of {len(found)} programs {right} right, {within} times the least time"
    for one in found[:WORST]:
        if one.ratio > WITHIN[0]:
            yield f"  {one.name}: {one.chosen} takes {one.ratio:.2f} times as long as {one.best}"


def module(costs: Costs) -> str:
    """Write costs as the module that the estimate reads."""
    parts = [f'"""{TITLE}"""\n']
    for name in Costs._fields:
        cost = getattr(costs, name)._asdict()
        entries = "".join(f'    "{what}": {value!r},\n' for what, value in cost.items())
        parts.append(f"{name.upper()} = {{\n{entries}}}")
    return "\n".join([*parts, ""])


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks --costs",
        description="Time programs on each engine and one thread; fit the costs that choose.",
    )
    parser.add_argument("--rounds", type=int, default=12, help="the least of so many turns")
    parser.add_argument("--quick", action="store_true", help="a few small programs, shorter turns")
    parser.add_argument(
        "--write",
        nargs="?",
        type=Path,
        const=Path(fitted_costs.__file__),
        metavar="FILE",
        help="write the costs to the module that the estimate reads, or to another file",
    )
    return parser.parse_args(argv)


def timed(*, quick: bool, rounds: int) -> list[Measured]:
    """Time all programs, with a progress bar; the rounds pass all of them in turn."""
    before = autograd.get_num_threads()
    autograd.set_num_threads(1)
    try:
        found = [prepared(one) for one in tqdm(subjects(quick=quick), desc="compile", leave=False)]
        for _ in tqdm(range(rounds), desc="rounds", leave=False):
            measure(found, turn=1e-4 if quick else 0.01)
    finally:
        autograd.set_num_threads(before)
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Time, fit, print, and write if asked; return the exit status."""
    asked = arguments(argv)
    if not (COMPILED and HAS_BLOCKS):
        print("the costs are those of the compiled engines: build the kernels", file=sys.stderr)
        return 2
    found = timed(quick=asked.quick, rounds=asked.rounds)
    costs = fitted(found)
    print(f"{len(found)} programs, {machine()}\n")
    print(module(costs))
    print(*lines("before", verdicts(found, FITTED)), sep="\n")
    print(*lines("fitted", verdicts(found, costs)), sep="\n")
    if asked.write:
        asked.write.write_text(module(costs), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
