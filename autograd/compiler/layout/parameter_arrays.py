"""Parameters that make an array, read off their labels: ``w[1][2]``, ``layers.0.neurons.3.w.1``."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import prod

import numpy as np

from autograd.compiler.layout.views import Array, Ids
from autograd.compiler.tracing.labels import ALONE, Ints, Labels

MATRIX = 2
MAX_DIGITS = 9  # of an index
MAX_KEY = 2**63 - 1  # of an array's places, as one number


def blocks_of(labels: Labels) -> list[Array]:
    """Read off the labels which parameters make an array: ``w[1][2]``, ``layers.0.w.1``.

    >>> labels = ["w[0][0]", "w[0][1]", "l.0.b.0", "l.1.b.0", "l.1.b.1", "a"]
    >>> [(block.name, block.ids.shape) for block in blocks_of(Labels.of(enumerate(labels)))]
    [('W', (1, 2)), ('b1', (1,)), ('b2', (2,)), ('a', ())]
    """
    blocks: list[Array] = []
    if not len(labels.nodes):
        return blocks
    for family, index, nodes in _families(labels):
        last = family[-1]
        is_index = (last == "" or last.endswith("]")) and len(family) > 1
        most = MATRIX if is_index or not any("." in text for text in family) else 1
        order = _order(index)
        for prefix, ids in _rectangles(index[:, order], nodes[order], (), most):
            blocks.append(Array(_block_name(family, prefix, ids.ndim), ids, kind="parameter"))
    return blocks


def _order(index: Ints) -> Ids:
    """Return the order of nodes by their indices, the first axis first.

    Indices as one number are sorted in one pass where nodes are in order, as they mostly are.
    """
    shape = tuple((index.max(axis=1) + 1).tolist())
    if prod(shape) > MAX_KEY or not shape:
        return np.lexsort(index[::-1]) if shape else np.arange(index.shape[1])
    return np.argsort(np.ravel_multi_index(tuple(index), shape), kind="stable")


def _families(labels: Labels) -> Iterator[tuple[list[str], Ints, Ids]]:
    """Yield labels that differ in their numbers alone: the texts between, the numbers, the nodes.

    Only the texts are searched, all at once, as the lines of one text: one row of a network's
    parameters has one, and their places in it are one more number of each.
    """
    patterns, digits, counts = _numbers_of(labels.texts)
    patterns += [f"{pattern}.\0" for pattern in patterns]  # of rows
    number_of = {pattern: i for i, pattern in enumerate(dict.fromkeys(patterns))}
    in_rows = labels.places != ALONE
    number = np.array([number_of[pattern] for pattern in patterns], np.int32)
    numbers = number[labels.numbers + len(labels.texts) * in_rows]
    order = np.argsort(numbers, kind="stable")
    ends = np.cumsum(np.bincount(numbers, minlength=len(number_of)))
    families = {
        int(rows[0]): (pattern, rows)
        for pattern, rows in zip(number_of, np.split(order, ends[:-1]), strict=True)
        if len(rows)
    }
    first = np.cumsum(counts) - counts
    for _, (pattern, rows) in sorted(families.items()):  # in the order of their first nodes
        texts, places = labels.numbers[rows], labels.places[rows]
        axes = pattern.count("\0")
        index = np.empty((axes, len(rows)), np.int32)
        for axis in range(axes):
            number_at = np.where(counts > axis, first + axis, 0)  # of each text, if it has so many
            known = digits[number_at] if len(digits) else number_at
            index[axis] = np.where(counts > axis, known, 0)[texts]
            is_place = (counts == axis)[texts]
            index[axis, is_place] = places[is_place]
        yield pattern.split("\0"), index, labels.nodes[rows].astype(np.int64)


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
    index: Ints, nodes: Ids, prefix: tuple[int, ...], most: int
) -> Iterator[tuple[tuple[int, ...], Ids]]:
    """Cut a family into full arrays: all of it, or one by one along its first axis.

    There is a row an axis, with an index for each node, which are in order. What is there twice
    is no array.
    """
    shape = tuple((index.max(axis=1) + 1).tolist())
    is_twice = (index[:, 1:] == index[:, :-1]).all(axis=0)
    if len(shape) <= most and prod(shape) == len(nodes) and not is_twice.any():
        yield prefix, nodes.reshape(shape)
    elif shape:
        starts = np.flatnonzero(np.diff(index[0], prepend=-1))
        for start, end in pairwise([*starts.tolist(), len(nodes)]):
            if not is_twice[start : end - 1].any():
                own = (*prefix, int(index[0, start]))
                yield from _rectangles(index[1:, start:end], nodes[start:end], own, most)


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
