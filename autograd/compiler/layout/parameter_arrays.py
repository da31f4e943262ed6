"""Parameters that make an array, read off their labels: ``w[1][2]``, ``layers.0.neurons.3.w.1``."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import prod
from typing import NamedTuple, Self

import numpy as np

from autograd.compiler.layout.views import Array, Ids
from autograd.compiler.tracing.labels import ALONE, Ints, Labels

MATRIX = 2
MAX_DIGITS = 9  # of an index
MAX_KEY = 2**63 - 1  # of an array's places, as one number


class _Runs(NamedTuple):
    """Labels that differ in their numbers alone, as runs: the last number counts on in each.

    A row of a network's parameters is one run. ``numbers`` has a row an axis, with those of each
    run's first label, ``begin`` this label's place among all labels.
    """

    numbers: Ints
    begin: Ids
    lengths: Ids

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of an array with a place for each label."""
        if not len(self.numbers):
            return ()
        *before, last = self.numbers
        ends = [int(axis.max()) + 1 for axis in before]
        return (*ends, int((last + self.lengths).max()))

    @property
    def places(self) -> Ids:
        """The places of the labels among all labels."""
        ends = np.cumsum(self.lengths)
        return np.repeat(self.begin - ends + self.lengths, self.lengths) + np.arange(ends[-1])

    def chosen(self, rows: Ids | slice) -> Self:
        """Return some of the runs."""
        return type(self)(self.numbers[:, rows], self.begin[rows], self.lengths[rows])

    def below(self, start: int, end: int) -> Self:
        """Return some of the runs without their first axis."""
        return self._replace(numbers=self.numbers[1:]).chosen(slice(start, end))

    def single(self) -> Self:
        """Return a run a label."""
        if (self.lengths == 1).all():
            return self
        places, index = self.places, np.repeat(self.numbers, self.lengths, axis=1)
        index[-1] += (places - np.repeat(self.begin, self.lengths)).astype(np.int32)
        return type(self)(index, places, np.ones_like(places))

    def in_order(self) -> Self:
        """Return the labels in the order of their numbers, the first axis first.

        Runs that overlap are taken apart. Numbers are compared as one, where it is not too large.
        """
        shape = self.shape
        if prod(shape) > MAX_KEY:
            runs = self.single()
            return runs.chosen(np.lexsort(runs.numbers[::-1]))
        keys = (
            np.ravel_multi_index(tuple(self.numbers), shape) if shape else np.zeros_like(self.begin)
        )
        order = np.argsort(keys, kind="stable")
        starts = keys[order]
        runs = self.chosen(order)
        overlap = (starts[:-1] + runs.lengths[:-1] > starts[1:]).any()
        return self.single().in_order() if overlap and runs.lengths.max() > 1 else runs


def blocks_of(labels: Labels) -> list[Array]:
    """Read off the labels which parameters make an array: ``w[1][2]``, ``layers.0.w.1``.

    >>> labels = ["w[0][0]", "w[0][1]", "l.0.b.0", "l.1.b.0", "l.1.b.1", "a"]
    >>> [(block.name, block.ids.shape) for block in blocks_of(Labels.of(enumerate(labels)))]
    [('W', (1, 2)), ('b1', (1,)), ('b2', (2,)), ('a', ())]
    """
    blocks: list[Array] = []
    if not len(labels.nodes):
        return blocks
    for family, runs in _families(labels):
        last = family[-1]
        is_index = (last == "" or last.endswith("]")) and len(family) > 1
        most = MATRIX if is_index or not any("." in text for text in family) else 1
        for prefix, shape, places in _rectangles(runs.in_order(), (), most):
            ids = labels.nodes[places].astype(np.int64).reshape(shape)
            blocks.append(Array(_block_name(family, prefix, ids.ndim), ids, kind="parameter"))
    return blocks


def _families(labels: Labels) -> Iterator[tuple[list[str], _Runs]]:
    """Yield labels that differ in their numbers alone: the texts between, and the numbers.

    Only the texts are searched, all at once, as the lines of one text: one row of a network's
    parameters has one, and their places in it are one more number of each.
    """
    patterns, digits, counts = _numbers_of(labels.texts)
    patterns += [f"{pattern}.\0" for pattern in patterns]  # of rows
    number_of = {pattern: i for i, pattern in enumerate(dict.fromkeys(patterns))}
    is_start = labels.places <= 0  # of a row, or alone
    is_start[0] = True
    is_start[1:] |= labels.numbers[1:] != labels.numbers[:-1]
    is_start[1:] |= labels.places[1:] != labels.places[:-1] + 1
    begin = np.flatnonzero(is_start)
    lengths = np.diff(begin, append=len(is_start))
    texts, places = labels.numbers[begin], labels.places[begin]
    number = np.array([number_of[pattern] for pattern in patterns], np.int32)
    numbers = number[texts + len(labels.texts) * (places != ALONE)]
    order = np.argsort(numbers, kind="stable")
    ends = np.cumsum(np.bincount(numbers, minlength=len(number_of)))
    families = {
        int(rows[0]): (pattern, rows)
        for pattern, rows in zip(number_of, np.split(order, ends[:-1]), strict=True)
        if len(rows)
    }
    first = np.cumsum(counts) - counts
    for _, (pattern, rows) in sorted(families.items()):  # in the order of their first nodes
        index = np.empty((pattern.count("\0"), len(rows)), np.int32)
        for axis, numbers_there in enumerate(index):
            known = np.zeros(len(counts), np.int32)  # the number of each text, if it has so many
            known[counts > axis] = digits[first[counts > axis] + axis]
            known.take(texts[rows], out=numbers_there)
        if len(index):  # a place in a row is the last
            np.copyto(index[-1], places[rows], where=places[rows] != ALONE)
        yield pattern.split("\0"), _Runs(index, begin[rows], lengths[rows])


def _numbers_of(texts: Sequence[str]) -> tuple[list[str], Ids, Ids]:
    """Return the pattern of each text, the numbers in all, and how many each has."""
    lines = "\n".join(texts)
    if "\0" in lines or lines.count("\n") >= len(texts):
        lines = "\n".join([re.sub(r"[\n\0]", " ", text) for text in texts])
    patterns, digits = _numbers_apart(lines)
    return patterns, digits, np.array([pattern.count("\0") for pattern in patterns], np.int64)


def _numbers_apart(lines: str) -> tuple[list[str], Ids]:
    """Return lines with a zero character for each number, and the numbers: of w[1][2], l.1; not x2.

    A number has at most nine digits, and no letter or digit before it.

    >>> patterns, numbers = _numbers_apart("w[1][20], x2")
    >>> patterns[0].replace(chr(0), "#"), numbers
    ('w[#][#], x2', array([ 1, 20]))
    """
    characters = np.frombuffer(lines.encode("utf-32-le", "surrogatepass"), np.uint32)
    is_digit = (characters >= ord("0")) & (characters <= ord("9"))
    edges = np.flatnonzero(np.diff(is_digit, prepend=False, append=False))
    starts, ends = edges[::2], edges[1::2]
    before = characters[np.maximum(starts - 1, 0)]
    in_words = [c for c in np.unique(before).tolist() if re.match(r"\w", chr(c))]
    chosen = (ends - starts <= MAX_DIGITS) & ((starts == 0) | ~np.isin(before, in_words))
    starts, lengths = starts[chosen], (ends - starts)[chosen]
    numbers, marked = np.zeros(len(starts), np.int64), characters.copy()
    marked[starts] = 0
    kept = np.ones(len(characters), np.bool_)
    for place in range(lengths.max(initial=0)):
        longer = lengths > place
        at = starts[longer] + place
        numbers[longer] = 10 * numbers[longer] + characters[at] - ord("0")
        kept[at] = place == 0
    return marked[kept].tobytes().decode("utf-32-le", "surrogatepass").split("\n"), numbers


def _rectangles(
    runs: _Runs, prefix: tuple[int, ...], most: int
) -> Iterator[tuple[tuple[int, ...], tuple[int, ...], Ids]]:
    """Cut labels into full arrays: all of them, or one by one along their first axis.

    They are in order. What is there twice is no array. Yields the numbers of the axes that were
    cut, the array's shape, and the places of its labels among all.
    """
    shape = runs.shape
    is_twice = (runs.numbers[:, 1:] == runs.numbers[:, :-1]).all(axis=0)
    if len(shape) <= most and prod(shape) == runs.lengths.sum() and not is_twice.any():
        yield prefix, shape, runs.places
    elif shape:
        if len(shape) == 1:
            runs = runs.single()
            is_twice = runs.numbers[0, 1:] == runs.numbers[0, :-1]
        starts = np.flatnonzero(np.diff(runs.numbers[0], prepend=-1))
        for start, end in pairwise([*starts.tolist(), len(runs.begin)]):
            if not is_twice[start : end - 1].any():
                own = (*prefix, int(runs.numbers[0, start]))
                yield from _rectangles(runs.below(start, end), own, most)


def _block_name(family: Sequence[str], prefix: tuple[int, ...], ndim: int) -> str:
    """Name an array as a textbook would: W1 for the weights of layer 0."""
    words = re.findall(r"[A-Za-z_]\w*", unicodedata.normalize("NFKC", " ".join(family)))
    stem = _identifier(words[-1]) if words else "p"
    if ndim == MATRIX and len(stem) == 1:
        stem = stem.upper()
    return stem + "_".join(str(i + 1) for i in prefix)


def _identifier(word: str) -> str:
    """Cut a word where Python would: not all that Unicode counts as a number may be in a name.

    >>> _identifier("W1"), _identifier("A৴2")
    ('W1', 'A')
    """
    return next(word[:end] for end in range(len(word), 0, -1) if word[:end].isidentifier())
