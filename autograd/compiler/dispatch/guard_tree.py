"""The decision tree of a structure's specializations: their guards, branched by outcome.

Two traces of a function agree up to the first comparison that came out differently, and so do the
specializations made of them: guard by guard, in the order of the trace. A run therefore tells more
than whether its specialization holds: the first guard that fails rules out all specializations
that share its outcome, and says which branch to follow. A call runs one specialization a turn that
it takes, not one after another.

The tree is kept as a table in each leaf: ``branches[specialization][k]`` is a specialization that
agrees with it before guard k and has the other outcome there. So a search can begin anywhere, as at
the specialization that was used last.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.executors.specialization import Specialization
from autograd.compiler.runtime.sets import distinct
from autograd.compiler.tracing.trace import SIGNS

CODES = {sign: code for code, sign in enumerate(SIGNS)}
Samples = NDArray[np.intp]
MAX_SEEN = 1000  # graphs of outcomes that came once
WIDTH = 16  # bytes of a guard: four numbers of 32 bits


class GuardTree:
    """The specializations of one structure of arguments, in the order of their making.

    ``roots`` reach all of them: one, unless traces differ otherwise than by an outcome, as where
    the function iterates over a set.
    """

    def __init__(self) -> None:
        self.variants: list[Specialization] = []
        self.roots: list[Specialization] = []
        self._branches: dict[int, list[Specialization | None]] = {}
        self._guards: dict[int, bytes] = {}
        self._root: dict[int, Specialization] = {}
        self._seen: set[int] = set()

    def __len__(self) -> int:
        return len(self.variants)

    def __contains__(self, variant: object) -> bool:
        return id(variant) in self._root

    def __iter__(self) -> Iterator[Specialization]:
        return iter(self.variants)

    @property
    def is_of_tape(self) -> bool:
        """Whether all specializations are run by the tape, as far as is known."""
        return self.variants[0].engine.name == "tape"

    def is_new(self, graph: int) -> bool:
        """Whether the graph of an outcome, by its hash, has not come before; note that it has."""
        if graph in self._seen:
            return False
        if len(self._seen) == MAX_SEEN:
            self._seen.clear()
        self._seen.add(graph)
        return True

    def add(self, made: Specialization) -> None:
        """Insert a specialization."""
        guards = made.program.guards
        rows = [(CODES[g.sign], g.x, g.y, g.outcome) for g in guards]
        text = np.array(rows, np.int32).reshape(-1, 4).tobytes()
        branches: list[Specialization | None] = [None] * len(guards)
        root = made
        for other in self.variants:
            theirs = self._guards[id(other)]
            k = _common(text, theirs)
            if not _is_fork(text, theirs, k):
                continue
            root = self._root[id(other)]
            table = self._branches[id(other)]
            if branches[k] is None:
                branches[k] = other
            if table[k] is None:
                table[k] = made
        self.variants.append(made)
        self._guards[id(made)], self._branches[id(made)] = text, branches
        self._root[id(made)] = root
        if root is made:
            self.roots.append(made)

    def branches(self, variant: Specialization) -> Sequence[Specialization | None]:
        """Return where to go on, guard by guard, when it is the first that fails.

        The list grows complete as specializations are added.
        """
        return self._branches[id(variant)]

    def starts(self, last: Specialization | None) -> list[Specialization]:
        """Return where searches begin: at the last one used, then at the roots of others."""
        root = self._root.get(id(last))
        if last is None or root is None:
            return self.roots
        return [last, *(other for other in self.roots if other is not root)]

    def root(self, variant: Specialization) -> Specialization:
        """Return the root from which a specialization is reached."""
        return self._root[id(variant)]

    def search(
        self, last: Specialization | None, fails: Callable[[Specialization], int | None]
    ) -> Specialization | None:
        """Return the specialization whose guards all hold; None where there is none yet.

        ``fails(variant)`` runs a specialization, and returns the number of its first guard that
        fails, or None.
        """
        for start in self.starts(last):
            variant: Specialization | None = start
            passed = -1
            while variant is not None:
                k = fails(variant)
                if k is None:
                    return variant
                variant, passed = self._after(variant, k, passed), k
        return None

    def partition(
        self,
        last: Specialization | None,
        samples: Samples,
        failures: Callable[[Specialization, Samples], Samples],
    ) -> tuple[list[tuple[Specialization, Samples]], Samples]:
        """Divide samples among the specializations whose guards hold for them.

        Returns pairs of these, and the samples that have none yet, in order. ``failures`` is as
        ``fails`` above, for each sample; -1 where all guards hold.
        """
        found, left = [], samples
        for start in self.starts(last):
            pending: list[tuple[Specialization, Samples, int]] = [(start, left, -1)]
            lost = [left[:0]]
            while pending:
                variant, some, passed = pending.pop()
                failed = failures(variant, some)
                if (failed < 0).any():
                    found.append((variant, some[failed < 0]))
                for k in distinct(failed[failed >= 0]).tolist():
                    after = self._after(variant, k, passed)
                    if after is None:
                        lost.append(some[failed == k])
                    else:
                        pending.append((after, some[failed == k], k))
            left = np.sort(np.concatenate(lost))
            if not left.size:
                break
        return found, left

    def _after(self, variant: Specialization, k: int, passed: int) -> Specialization | None:
        """Return where to go on when guard k failed; ``passed`` was followed before.

        Programs compute in orders of their own: where rounding lets a guard fail that has held, no
        branch is right.
        """
        return self._branches[id(variant)][k] if k > passed else None


def _common(one: bytes, other: bytes) -> int:
    """Count the guards that two specializations share at the beginning.

    >>> _common(bytes(32), bytes(16) + b"1" + bytes(15)), _common(bytes(16), bytes(32))
    (1, 1)
    """
    size = min(len(one), len(other))
    if one[:size] == other[:size]:
        return size // WIDTH
    a, b = (np.frombuffer(text, np.uint8, size) for text in (one, other))
    return int((a != b).argmax()) // WIDTH


def _is_fork(one: bytes, other: bytes, k: int) -> bool:
    """Whether guard k is the same comparison in both, with another outcome."""
    begin, end = WIDTH * k, WIDTH * (k + 1)
    sides = slice(begin, end - 4)
    return end <= min(len(one), len(other)) and one[sides] == other[sides]
