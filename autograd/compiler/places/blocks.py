"""Parameters that make an array, read off their labels: ``w[1][2]``, ``layers.0.neurons.3.w.1``."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from autograd.compiler.places.views import Ids

MATRIX = 2


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
    families: dict[str, list[tuple[tuple[int, ...], int]]] = {}
    for node, label in leaves:
        if label:
            index = tuple(int(digits) for digits in re.findall(r"(?<![A-Za-z_])\d+", label))
            family = re.sub(r"(?<![A-Za-z_])\d+", "#", label)
            families.setdefault(family, []).append((index, node))
    blocks: list[Block] = []
    for family, members in families.items():
        most = MATRIX if family.endswith(("#", "]")) or "." not in family else 1
        for prefix, ids in _rectangles(sorted(members), (), most):
            blocks.append(Block(len(blocks), _block_name(family, prefix, ids.ndim), ids))
    return blocks


def _rectangles(
    members: Sequence[tuple[tuple[int, ...], int]], prefix: tuple[int, ...], most: int
) -> Iterable[tuple[tuple[int, ...], Ids]]:
    """Cut a family of indices into full arrays: all of it, or one by one along its first axis."""
    index = np.array([index for index, _ in members])
    nodes = np.array([node for _, node in members])
    shape = tuple((index.max(axis=0) + 1).tolist()) if index.size else ()
    if int(np.prod(shape)) == len(members) == len({i for i, _ in members}) and len(shape) <= most:
        yield prefix, nodes.reshape(shape)  # sorted by index
    elif shape:
        for first in dict.fromkeys(int(i[0]) for i in index):
            part = [(i[1:], node) for i, node in members if i[0] == first]
            if len({i for i, _ in part}) == len(part):
                yield from _rectangles(part, (*prefix, first), most)


def _block_name(family: str, prefix: tuple[int, ...], ndim: int) -> str:
    """Name an array as a textbook would: W1 for the weights of layer 0."""
    words = re.findall(r"[A-Za-z_]\w*", unicodedata.normalize("NFKC", family.replace("#", " ")))
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
