"""How long it takes to import each package, beside NumPy: `python -m benchmarks --imports`."""

import argparse
import resource
import subprocess
import sys
from collections.abc import Sequence

PACKAGES = ("autograd", "nn", "viz")


def cpu(statement: str, rounds: int) -> float:
    """Return the least CPU time of a Python process that runs a statement, in seconds."""
    times = []
    for _ in range(rounds):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", statement], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times)


def main(argv: Sequence[str] | None = None) -> int:
    """Print a line for each package; return the exit status."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks --imports",
        description="CPU time of a process that imports a package, as a multiple of NumPy's own.",
    )
    parser.add_argument("--rounds", type=int, default=15, help="the least of so many counts")
    rounds = parser.parse_args(argv).rounds
    numpy = cpu("import numpy", rounds)
    print(f"numpy     {numpy * 1e3:6.0f} ms")
    for package in PACKAGES:
        seconds = cpu(f"import {package}", rounds)
        print(f"{package:<9} {seconds * 1e3:6.0f} ms  {seconds / numpy:.2f}x")
    return 0
