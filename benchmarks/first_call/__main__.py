"""Measure first calls: `python -m benchmarks --first-call --help`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from benchmarks.first_call import run, table
from benchmarks.first_call.cases import CASES
from benchmarks.machine import machine
from benchmarks.process import PeerError

PEERS = ("casadi", "jax")
STEPS = "3000"  # of the demonstration, as it has them


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks --first-call", description="Time first calls of compiled functions."
    )
    parser.add_argument(
        "--only", nargs="*", metavar="CASE", choices=CASES, default=list(CASES),
        help=f"of {', '.join(CASES)}",
    )  # fmt: skip
    parser.add_argument(
        "--peers", nargs="*", metavar="PEER", choices=PEERS, default=list(PEERS),
        help=f"of {', '.join(PEERS)}",
    )  # fmt: skip
    parser.add_argument("--rounds", type=int, default=3, help="turns; the least time counts")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for a peer")
    parser.add_argument(
        "--demo", nargs="?", const=STEPS, metavar="STEPS",
        help="also run demos/tiny_transformer.py: what part of its time are first calls",
    )  # fmt: skip
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table there, too")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print and write the table; return the exit status."""
    asked = arguments(argv)
    rounds = max(1, asked.rounds)
    steps = rounds * sum(len(run.ways_of(CASES[name](), asked.peers)) for name in asked.only)
    with tqdm(total=steps, unit="process") as bar:

        def advance(name: str) -> None:
            bar.set_description(name)
            bar.update()

        rows, versions = run.measure(asked.only, asked.peers, rounds, asked.limit, advance)
    aims = list(table.goals(rows))
    if asked.demo:
        try:
            aims.append(table.of_demo(run.ask("demo", asked.demo, run.PATIENCE)[0]))
        except PeerError as error:
            print(f"tiny_transformer: {error}", file=sys.stderr)
    names = {"compiled": "scalar-autograd", "casadi": "CasADi", "jax": "JAX"}
    told = [f"{title} {versions[way]}" for way, title in names.items() if way in versions]
    notes = (
        f"Value and all gradients (or the Hessian); the least of {rounds} fresh processes, taking "
        "turns, one thread, processor time. Ratios: the first call to the column's; traces and "
        "calls after the first to an eager run. Bytes: peak memory of the first call above an "
        "eager run's, a node."
    )
    text = "\n".join([
        *table.markdown(rows),
        "",
        notes,
        f"Versions: {', '.join(told)}. Machine: {machine()}.",
        "",
        *(f"{'reached' if reached else 'MISSED'}: {aim}" for aim, reached in aims),
        "",
    ])  # fmt: skip
    print(text)
    if asked.markdown:
        asked.markdown.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
