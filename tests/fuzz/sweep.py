"""Call every public entry with every hostile value, in a process of its own.

Each attempt is named on standard output before it is made, so that a crash or a hang has a name.
"""

import faulthandler
import json
import os
import resource
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
MEMORY = 4 * 2**30  # bytes of address space


def attempts(names, values, stride=1):
    """Give (entry, slot, value) by name; a stride takes every so-many-th, another in each slot."""
    from tests.fuzz.entries import entries

    table = entries()
    count = 0
    for name in names or table:
        for slot in table[name]().slots():
            for value in values:
                count += 1
                if count % stride == 0:
                    yield name, slot, value


def sweep(names=(), values=(), stride=1):
    """Make the attempts; return their number, that of failures, and the problems."""
    from tests.fuzz.attempts import judge, replaced
    from tests.fuzz.entries import entries
    from tests.fuzz.hostile import HOSTILE

    table = entries()
    count = failed = 0
    problems = []
    for name, slot, value in attempts(names, values or HOSTILE, stride):
        print(f"{name} | {slot} | {value}", flush=True)
        entry = table[name]()
        wrong = HOSTILE[value]()
        watched = () if callable(wrong) else entry.watched  # the caller's code may fail midway
        problem, has_failed = judge(replaced(entry, slot, wrong), watched, entry.also)
        count += 1
        failed += has_failed
        if problem:
            problems.append(f"{name} | {slot} | {value}: {problem}")
            print(problems[-1], file=sys.stderr, flush=True)
    return count, failed, problems


if __name__ == "__main__":
    faulthandler.enable()
    os.chdir(tempfile.mkdtemp())
    sys.path.insert(0, str(ROOT))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    asked = json.loads(sys.argv[1])
    print(json.dumps(sweep(**asked)))
