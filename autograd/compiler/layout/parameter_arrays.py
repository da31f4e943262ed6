"""Parameters that make an array, read off their labels: ``w[1][2]``, ``layers.0.neurons.3.w.1``."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from autograd.compiler.layout.views import Ids

MATRIX = 2
NUMBERS = re.compile(r"(?<!\w)([0-9]{1,9})(?![0-9])")  # of a label: w[1][2], layers.0.w.1; not x2


@dataclass(eq=False)
class Block:
    """Parameters whose labels say that they are one array."""

    number: int
    name: str
    ids: Ids


def blocks_of(leaves: Iterable[tuple[int, str | None]]) -> list[Block]:
    """Read off the labels which parameters make an array: ``w[1][2]``, ``layers.0.w.1``.

    >>> labels = ["w[0][0]", "w[0][1]", "l.0.b.0", "l.1.b.0", "l.1.b.1", "a"]
    >>> [(block.name, block.ids.shape) for block in blocks_of(enumerate(labels))]
    [('W', (1, 2)), ('b1', (1,)), ('b2', (2,)), ('a', ())]
    """
    families: dict[tuple[str, ...], list[tuple[tuple[int, ...], int]]] = {}
    for node, label in leaves:
        if label:
            parts = NUMBERS.split(label)  # text, number, text, ...: no text stands for a number
            index = tuple(int(digits) for digits in parts[1::2])
            families.setdefault(tuple(parts[::2]), []).append((index, node))
    blocks: list[Block] = []
    for family, members in families.items():
        last = family[-1]
        is_index = (last == "" or last.endswith("]")) and len(family) > 1
        most = MATRIX if is_index or not any("." in text for text in family) else 1
        for prefix, ids in _rectangles(sorted(members), (), most):
            blocks.append(Block(len(blocks), _block_name(family, prefix, ids.ndim), ids))
    return blocks


def _rectangles(
    members: Sequence[tuple[tuple[int, ...], int]], prefix: tuple[int, ...], most: int
) -> Iterable[tuple[tuple[int, ...], Ids]]:
    """Cut a family of indices into full arrays: all of it, or one by one along its first axis."""
    nodes = np.array([node for _, node in members])
    shape = tuple(max(axis) + 1 for axis in zip(*(index for index, _ in members), strict=True))
    if prod(shape) == len(members) == len({i for i, _ in members}) and len(shape) <= most:
        yield prefix, nodes.reshape(shape)  # sorted by index
    elif shape:
        rows: dict[int, list[tuple[tuple[int, ...], int]]] = {}
        for (first, *rest), node in members:
            rows.setdefault(first, []).append((tuple(rest), node))
        for first, part in rows.items():
            if len({i for i, _ in part}) == len(part):
                yield from _rectangles(part, (*prefix, first), most)


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
