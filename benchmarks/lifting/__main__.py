"""Time lifted programs: `python -m benchmarks --lifted --help`."""

import argparse
import contextlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tqdm import tqdm

from benchmarks.lifting import cases, run, table
from benchmarks.machine import machine
from benchmarks.process import PeerError, Process
from benchmarks.runner import Settings

QUICK = Settings(rounds=3, turn=0.05, limit=20.0)
FULL = Settings(rounds=9, turn=0.1, limit=60.0)


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks --lifted", description="Time lifted programs beside others."
    )
    parser.add_argument(
        "--only",
        nargs="+",
        metavar="WORKLOAD",
        default=cases.DEFAULT,
        help=f"of {', '.join(cases.DEFAULT)}; hinge, chain, irregular take any size",
    )
    parser.add_argument(
        "--ways",
        nargs="+",
        choices=run.TITLES,
        default=list(run.TITLES),
        metavar="WAY",
        help=f"of {', '.join(run.TITLES)}",
    )
    parser.add_argument(
        "--instructions",
        choices=run.CORES,
        help="limit ours and NumPy's to an older level of x86-64",
    )
    parser.add_argument(
        "--threads", type=int, default=1, metavar="N", help="for each way; by default 1"
    )
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table there, too")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter turns")
    return parser.parse_args(argv)


def start(processes: Mapping[str, Process]) -> tuple[dict[str, Process], dict[str, str]]:
    """Start the ways; return those that are there, and how to install the others."""
    found, missing = {}, {}
    for way, process in processes.items():
        title = process.entry.title
        try:
            if process.start():
                found[way] = process
            else:
                missing[title] = f"{process.entry.install} ({process.missing})"
        except PeerError as error:
            missing[title] = f"{process.entry.install} ({error})"
    return found, missing


def timed(
    chosen: Sequence[cases.Case], processes: Mapping[str, Process], settings: Settings
) -> list[run.CaseRow]:
    """Time all cases, with a progress bar."""
    steps = sum(len(run.chosen(case, processes)) for case in chosen) * (settings.rounds + 1)
    rows = []
    with contextlib.closing(tqdm(total=steps, unit="step")) as bar:
        for case in chosen:
            bar.set_description(case.name)
            rows.append(run.measure(case, processes, settings, bar.update))
    return rows


def main(argv: Sequence[str] | None = None) -> int:
    """Time, print and write the table; return the exit status."""
    asked = arguments(argv)
    try:
        chosen = [cases.find(name) for name in asked.only]
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    wanted = {"lifted", "one", *asked.ways}
    ways = run.ways(asked.threads, asked.instructions)
    processes, missing = start({way: ways[way] for way in ways if way in wanted})
    settings = QUICK if asked.quick else FULL
    try:
        rows = timed(chosen, processes, settings)
    finally:
        for process in processes.values():
            process.stop()
    versions = {
        name: processes[way].version
        for way, name in (("lifted", "scalar-autograd"), ("hand", "NumPy"), ("jax", "JAX"))
        if way in processes
    }
    notes = list(table.notes(versions, missing, machine(), settings.rounds, asked.threads))
    print(*table.blocks(rows), "", *notes, sep="\n")
    if asked.markdown:
        text = "\n".join([*table.markdown(rows), "", *(f"{note}  " for note in notes)])
        asked.markdown.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
