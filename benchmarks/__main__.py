"""Run the benchmarks: `python -m benchmarks --help`."""

import argparse
import contextlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from benchmarks import (
    derivatives,
    drawing,
    estimators,
    imports,
    large,
    scaling,
    scores,
    table,
    training,
    workloads,
)
from benchmarks.accuracy import __main__ as accuracy
from benchmarks.costs import __main__ as costs
from benchmarks.first_call import __main__ as first_call
from benchmarks.lifting import __main__ as lifting
from benchmarks.machine import cache, machine, python_apart
from benchmarks.peers import PEERS, Entry
from benchmarks.process import PeerError, Process
from benchmarks.runner import Row, Settings, measure

QUICK = Settings(rounds=3, turn=0.05, limit=5.0)

OTHERS = {  # what else can be measured, each with a command line of its own
    "--lifted": ("lifted programs", lifting.main),
    "--first-call": ("first calls of compiled functions", first_call.main),
    "--drawing": ("pictures", drawing.main),
    "--derivatives": ("Hessians and others", derivatives.main),
    "--training": ("training at scale", training.main),
    "--estimators": ("estimators, beside those of scikit-learn", estimators.main),
    "--scores": ("time to a score, beside other libraries", scores.main),
    "--scaling": ("training under JAX on several devices", scaling.main),
    "--large": ("a large network, made and called once", large.main),
    "--imports": ("imports, beside NumPy's", imports.main),
    "--costs": ("the engines, and fit the costs that choose one", costs.main),
    "--accuracy": ("errors, in ulp", accuracy.main),
}


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks", description="Time scalar autograd beside its peers."
    )
    for flag, (what, _) in OTHERS.items():
        parser.add_argument(
            flag, action="store_true", help=f"measure {what}; {flag} --help says more"
        )
    parser.add_argument(
        "--only",
        nargs="+",
        metavar="WORKLOAD",
        default=workloads.DEFAULT,
        help=f"of {', '.join(workloads.DEFAULT)}; {', '.join(workloads.SIZED)} take any size",
    )
    parser.add_argument(
        "--peers",
        nargs="+",
        choices=PEERS,
        default=list(PEERS),
        metavar="PEER",
        help=f"of {', '.join(PEERS)}",
    )
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table there, too")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter turns, 5 s a run")
    parser.add_argument(
        "--hips-python",
        metavar="PATH",
        help=f"a Python that has HIPS autograd and SciPy (default: one made in {cache()})",
    )
    return parser.parse_args(argv)


def start(
    entries: Sequence[Entry], hips_python: str | None
) -> tuple[dict[str, Process], dict[str, str]]:
    """Start the peers; return those that are there, and how to install the others."""
    found, missing = {}, {}
    for entry in tqdm(entries, desc="start", leave=False):
        try:
            python = (hips_python or python_apart(cache())) if entry.apart else sys.executable
            process = Process(entry, python)
            if process.start():
                found[entry.name] = process
            else:
                missing[entry.name] = f"{entry.install} ({process.missing})"
        except (OSError, subprocess.CalledProcessError, PeerError) as error:
            missing[entry.name] = f"{entry.install} ({error})"
    return found, missing


def run(
    chosen: Sequence[workloads.Workload], processes: dict[str, Process], settings: Settings
) -> list[Row]:
    """Time all workloads, with a progress bar."""
    reference = Process(PEERS["python"])
    steps = len(chosen) * len(processes) * (settings.rounds + 1)
    rows = []
    with contextlib.closing(tqdm(total=steps, unit="step")) as bar:
        for workload in chosen:
            bar.set_description(workload.name)
            try:
                rows.append(measure(workload, processes, reference, settings, bar.update))
            finally:
                reference.stop()  # it would hold memory while others are timed
    return rows


def main(argv: Sequence[str] | None = None) -> int:
    """Time, print and write the table; return the exit status."""
    given = list(sys.argv[1:] if argv is None else argv)
    for flag, (_, other) in OTHERS.items():
        if flag in given:
            return other([word for word in given if word != flag])
    asked = arguments(given)
    try:
        chosen = [workloads.find(name) for name in asked.only]
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    entries = [entry for name, entry in PEERS.items() if name in asked.peers]
    processes, missing = start(entries, asked.hips_python)
    settings = QUICK if asked.quick else Settings()
    try:
        rows = run(chosen, processes, settings)
    finally:
        for process in processes.values():
            process.stop()
    versions = {process.entry.library: process.version for process in processes.values()}
    notes = list(table.notes(versions, missing, machine(), settings.rounds))
    print(*table.blocks(rows), "", *notes, sep="\n")
    if asked.markdown:
        text = "\n".join([*table.markdown(rows), "", *(f"{note}  " for note in notes)])
        asked.markdown.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
