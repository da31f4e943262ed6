"""Call every public entry with every hostile value: ``python -m tests.fuzz hostile``.

Each attempt is named on standard output before it is made, so that a crash or a hang has a name.
"""

import contextlib
import faulthandler
import json
import os
import sys
import tempfile

from tests.fuzz.attempts import judge, replaced
from tests.fuzz.entries import entries
from tests.fuzz.hostile import HOSTILE

WANTED = {("epochs", "2**62")}  # who asks for so many epochs gets them
MEMORY = 4 * 2**30  # bytes of address space


def attempts(names=(), values=(), stride=1):
    """Give (entry, slot, value) by name; a stride takes every so-many-th of all."""
    table = entries()
    count = 0
    for name in names or table:
        for slot in table[name]().slots():
            for value in values or HOSTILE:
                if (slot, value) in WANTED:
                    continue
                count += 1
                if count % stride == 0:
                    yield name, slot, value


def attempt(name, slot, value):
    """Make one; return its problem, an empty text where there is none, and whether it failed."""
    entry = entries()[name]()
    wrong = HOSTILE[value]()
    watched = () if callable(wrong) else entry.watched  # the caller's code may fail midway
    return judge(replaced(entry, slot, wrong), watched, entry.also)


def sweep(chosen, say=print):
    """Make attempts; return their number, that of failures, and the problems."""
    count = failed = 0
    problems = []
    for name, slot, value in chosen:
        say(f"{name} | {slot} | {value}")
        problem, has_failed = attempt(name, slot, value)
        count += 1
        failed += has_failed
        if problem:
            problems.append(f"{name} | {slot} | {value}: {problem}")
            sys.stderr.write(f"{problems[-1]}\n")
    return count, failed, problems


def limited():
    """Limit this process: less memory, an empty folder, a traceback where it crashes."""
    faulthandler.enable()
    os.chdir(tempfile.mkdtemp())
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    limited()
    found = sweep([tuple(a) for a in asked] if isinstance(asked, list) else attempts(**asked))
    sys.stdout.write(json.dumps(found) + "\n")
