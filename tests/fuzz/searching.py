"""Go on after a failure: the shortest failing program of each kind, and how many there were."""

import re
from collections import Counter

from hypothesis import given

NUMBERS = r"-?[0-9][-+.0-9e]*|op='[a-z_]+'"


def kind_of(error):
    """Name a failure without its numbers, so that each kind is told once."""
    first = str(error).partition("\n")[0]
    return f"{type(error).__name__}: {re.sub(NUMBERS, '#', first)[:70]}"


def search(strategy, failures, settings, tried=None):
    """Run many programs. ``failures`` gives a program's (kind, error) pairs, and may raise.

    Return, by kind, a count, the shortest program, and its error.
    """
    found = {}
    tried = Counter() if tried is None else tried

    @settings
    @given(strategy)
    def test(program):
        try:
            failed = list(failures(program))
        except Exception as error:  # noqa: BLE001 - any is to be told
            failed = [(kind_of(error), error)]
        for kind, error in failed:
            tried["failed"] += 1
            count, shortest, said = found.get(kind, (0, program, error))
            if len(str(program)) < len(str(shortest)):
                shortest, said = program, error
            found[kind] = count + 1, shortest, said

    test()
    return found


def told(found):
    """Write failures down, the most frequent first."""
    for kind, (count, program, error) in sorted(found.items(), key=lambda item: -item[1][0]):
        yield f"{count} x {kind}\n{type(error).__name__}: {error}\n{program}\n"
