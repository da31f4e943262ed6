"""Search for failures for as long as you like: ``python -m tests.fuzz --help``."""

import argparse
import random
import subprocess
import sys
import time

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.fuzz import (
    arguments,
    differential,
    fuzzer,
    leaks,
    lifted,
    machine,
    searching,
    stateful,
    training,
)


def say(text):
    """Write a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def long(examples):
    """Return settings for so many examples."""
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=False,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def hostile(_asked):
    """Make all attempts of calling public entries with hostile values."""
    return subprocess.run([sys.executable, "-m", "tests.fuzz.sweep", "{}"], check=False).returncode


def programs(asked):
    """Run random programs against mpmath, PyTorch and JAX, lifted ones against the tape."""
    begin = random.randrange(10**9)
    seeds = range(begin, begin + asked.examples)
    wrong = [line for seed in seeds for line in lifted.attempt(seed)]
    say("\n".join([f"lifted: {sum(lifted.TRIED.values())} programs, {dict(lifted.TRIED)}", *wrong]))
    tests = {"mpmath": differential.against_mpmath}
    for library in ("pytorch", "jax"):
        try:
            tests[library] = differential.peer(library)
        except ImportError as error:
            say(f"{library}: {error}")
    for library, test in tests.items():
        differential.TRIED.clear()
        long(asked.examples)(test)()
        say(f"{library}: {sum(differential.TRIED.values())} programs, {dict(differential.TRIED)}")
    found = {name: arguments.search(name, long(asked.examples)) for name in arguments.CHECKS}
    return len(wrong) + sum(report(name, asked.examples, bad) for name, bad in found.items())


def report(what, examples, found, tried=None):
    """Say what a search found; return 1 where it found anything."""
    for text in searching.told(found):
        say(text)
    failed = sum(count for count, *_ in found.values())
    say(f"{what}: {examples} programs, {len(found)} kinds of failures in {failed} places")
    if tried:
        say(f"{what}: {dict(tried)}")
    return int(bool(found))


def trainings(asked):
    """Train random models on all engines, beside JAX; compile functions with Python's state."""
    failed = report(
        "training", asked.examples, training.search(long(asked.examples)), training.TRIED
    )
    count = max(1, asked.examples // 4)
    return failed | report("state", count, stateful.search(long(count)), stateful.TRIED)


def leaking(asked):
    """Give Values to every function that may ask for their numbers."""
    tried, without = leaks.search(asked.only)
    for line in leaks.table(tried, without):
        say(line)
    return int(any(use.leaks for use in tried))


def states(asked):
    """Do everything to graphs, in any order, on both kernels."""

    class Graphs(machine.Graphs):
        """Counts its steps."""

        steps = 0

        def do(self, *command):
            Graphs.steps += command[0] != "look"
            return super().do(*command)

    Graphs.remote = machine.Remote() if machine.has_two_kernels() else None
    run_state_machine_as_test(
        Graphs, settings=settings(long(asked.examples), stateful_step_count=50)
    )
    say(f"{asked.examples} graphs, {Graphs.steps} steps")
    return 0


def kills(asked):
    """Kill a process that saves."""
    command = [sys.executable, "-m", "tests.fuzz.kills", str(asked.examples)]
    return subprocess.run(command, check=False).returncode


def fuzz(asked):
    """Let a coverage-guided fuzzer loose on the loader, or on what a Value does."""
    return fuzzer.run(asked.what, asked.seconds)


WAYS = {
    "hostile": hostile, "programs": programs, "states": states, "kills": kills,
    "loader": fuzz, "values": fuzz, "training": trainings, "leaks": leaking,
}  # fmt: skip


def main():
    """Run what was asked for; return the exit status."""
    parser = argparse.ArgumentParser("python -m tests.fuzz", description=__doc__)
    parser.add_argument("what", choices=WAYS)
    parser.add_argument("--examples", type=int, default=1000, help="programs, graphs or kills")
    parser.add_argument("--seconds", type=int, default=300, help="of loader and values")
    parser.add_argument("--only", nargs="*", help="leaks of functions with such beginnings: np.lin")
    asked = parser.parse_args()
    begin = time.perf_counter()
    status = WAYS[asked.what](asked)
    say(f"{time.perf_counter() - begin:.0f} s")
    return status


if __name__ == "__main__":
    sys.exit(main())
