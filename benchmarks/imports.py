"""How long it takes to import each package, beside NumPy: `python -m benchmarks --imports`."""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence

PACKAGES = ("autograd", "nn", "viz")


def cpu(statement: str, rounds: int, environment: Mapping[str, str]) -> float:
    """Return the least CPU time of a Python process that runs a statement, in seconds.

    A first process, which is not counted, leaves the modules' bytecode for the others.
    """
    times = []
    for _ in range(rounds + 1):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", statement], check=True, env=environment)  # noqa: S603 - ours
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times[1:])


def main(argv: Sequence[str] | None = None) -> int:
    """Print a line for each package; return the exit status."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks --imports",
        description="CPU time of a process that imports a package, as a multiple of NumPy's own.",
    )
    parser.add_argument("--rounds", type=int, default=15, help="the least of so many counts")
    rounds = parser.parse_args(argv).rounds
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        numpy = cpu("import numpy", rounds, environment)
        print(f"numpy     {numpy * 1e3:6.0f} ms")
        for package in PACKAGES:
            seconds = cpu(f"import {package}", rounds, environment)
            print(f"{package:<9} {seconds * 1e3:6.0f} ms  {seconds / numpy:.2f}x")
    return 0
