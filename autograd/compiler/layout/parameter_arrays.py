"""Parameters that make an array, read off their labels: ``w[1][2]``, ``layers.0.neurons.3.w.1``."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import prod

import numpy as np

from autograd.compiler.layout.views import Array, Ids

MATRIX = 2
MAX_DIGITS = 9  # of an index


def blocks_of(leaves: Iterable[tuple[int, str | None]]) -> list[Array]:
    """Read off the labels which parameters make an array: ``w[1][2]``, ``layers.0.w.1``.

    >>> labels = ["w[0][0]", "w[0][1]", "l.0.b.0", "l.1.b.0", "l.1.b.1", "a"]
    >>> [(block.name, block.ids.shape) for block in blocks_of(enumerate(labels))]
    [('W', (1, 2)), ('b1', (1,)), ('b2', (2,)), ('a', ())]
    """
    blocks: list[Array] = []
    labelled = [(node, label) for node, label in leaves if label]
    if not labelled:
        return blocks
    for family, index, nodes in _families(labelled):
        last = family[-1]
        is_index = (last == "" or last.endswith("]")) and len(family) > 1
        most = MATRIX if is_index or not any("." in text for text in family) else 1
        order = np.lexsort((nodes, *index.T[::-1]))
        for prefix, ids in _rectangles(index[order], nodes[order], (), most):
            blocks.append(Array(_block_name(family, prefix, ids.ndim), ids, kind="parameter"))
    return blocks


def _families(labelled: list[tuple[int, str]]) -> Iterator[tuple[list[str], Ids, Ids]]:
    """Yield labels that differ in their numbers alone: the texts between, the numbers, the nodes.

    All labels are searched at once, as the lines of one text: a network has a hundred thousand.
    """
    lines = "\n".join([label for _, label in labelled])
    if "\0" in lines or lines.count("\n") >= len(labelled):
        lines = "\n".join([re.sub(r"[\n\0]", " ", label) for _, label in labelled])
    patterns, digits = _numbers_apart(lines)
    number_of = {pattern: i for i, pattern in enumerate(dict.fromkeys(patterns))}
    numbers = np.array(list(map(number_of.__getitem__, patterns)), np.int64)
    axes = np.array([pattern.count("\0") for pattern in number_of], np.int64)
    ends, nodes = np.cumsum(axes[numbers]), np.array([node for node, _ in labelled], np.int64)
    families = np.split(np.argsort(numbers, kind="stable"), np.cumsum(np.bincount(numbers))[:-1])
    for pattern, count, own in zip(number_of, axes, families, strict=True):
        index = digits[ends[own][:, None] + np.arange(-count, 0)]
        yield pattern.split("\0"), index, nodes[own]


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
    index: Ids, nodes: Ids, prefix: tuple[int, ...], most: int
) -> Iterator[tuple[tuple[int, ...], Ids]]:
    """Cut a family into full arrays: all of it, or one by one along its first axis.

    The indices are rows, in order. What is there twice is no array.
    """
    shape = tuple((index.max(axis=0) + 1).tolist())
    is_twice = (index[1:] == index[:-1]).all(axis=1)
    if len(shape) <= most and prod(shape) == len(nodes) and not is_twice.any():
        yield prefix, nodes.reshape(shape)
    elif shape:
        starts = np.flatnonzero(np.diff(index[:, 0], prepend=-1))
        for start, end in pairwise([*starts.tolist(), len(nodes)]):
            if not is_twice[start : end - 1].any():
                own = (*prefix, int(index[start, 0]))
                yield from _rectangles(index[start:end, 1:], nodes[start:end], own, most)


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
