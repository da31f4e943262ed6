"""The labels of a program's nodes: a million of them take 12 bytes each, and a text a row."""

from collections.abc import Iterable
from typing import NamedTuple, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.runtime.sets import distinct

Ints = NDArray[np.int32]
Rows: TypeAlias = NDArray[np.bool_] | NDArray[np.integer]  # marked, or by number
ALONE = -1  # the place of a node whose label is the whole text


class Labels(NamedTuple):
    """Nodes with their labels: the text that a number means, and a place in a row behind a dot.

    Nodes that were labelled by rows share a text (`autograd.value.label_row`).

    >>> labels = Labels(*np.array([[4, 5, 9], [0, 0, 1], [0, 1, ALONE]], "i4"), ("w", "b"))
    >>> labels.by_node()
    {4: 'w.0', 5: 'w.1', 9: 'b'}
    """

    nodes: Ints
    numbers: Ints
    places: Ints
    texts: tuple[str, ...]

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, str]]) -> Self:
        """Make labels that are whole texts.

        >>> Labels.of([(3, "a")]).by_node()
        {3: 'a'}
        """
        rows = list(pairs)
        nodes = np.array([node for node, _ in rows], np.int32)
        numbers = np.arange(len(rows), dtype=np.int32)
        return cls(nodes, numbers, np.full_like(numbers, ALONE), tuple([x for _, x in rows]))

    def by_node(self) -> dict[int, str]:
        """Return the labels by their nodes, written out."""
        rows = zip(self.numbers.tolist(), self.places.tolist(), strict=True)
        texts = [
            self.texts[number] if place == ALONE else f"{self.texts[number]}.{place}"
            for number, place in rows
        ]
        return dict(zip(self.nodes.tolist(), texts, strict=True))

    def chosen(self, rows: Rows) -> Self:
        """Return some of the labels; those that stand one after another are not copied."""
        taken = _span(rows)
        return self._replace(
            nodes=self.nodes[taken], numbers=self.numbers[taken], places=self.places[taken]
        )

    def moved(self, where: NDArray[np.integer]) -> Self:
        """Return the labels of nodes that stand elsewhere now; of one that is gone, at -1, none."""
        nodes = where[self.nodes].astype(np.int32)
        return self._replace(nodes=nodes).chosen(nodes >= 0)

    def compact(self) -> Self:
        """Return the same without the texts that are not in use."""
        used = distinct(self.numbers)
        if len(used) == len(self.texts):
            return self
        numbers = np.zeros(len(self.texts), np.int32)
        numbers[used] = np.arange(len(used), dtype=np.int32)
        texts = tuple([self.texts[i] for i in used.tolist()])
        return self._replace(numbers=numbers[self.numbers], texts=texts)

    def among(self, nodes: NDArray[np.integer]) -> Self:
        """Return the labels of some nodes, in the order of these.

        >>> Labels.of([(3, "a"), (5, "b"), (6, "c")]).among(np.array([6, 4, 3])).by_node()
        {6: 'c', 3: 'a'}
        """
        if not len(nodes) or not len(self.nodes):
            return self.chosen(np.zeros(0, np.int32))
        row_of = np.full(max(int(nodes.max()), int(self.nodes.max())) + 1, -1, np.int32)
        row_of[self.nodes] = np.arange(len(self.nodes), dtype=np.int32)
        rows = row_of[nodes]
        return self.chosen(rows[rows >= 0])


def _span(rows: Rows) -> Rows | slice:
    """Return chosen rows, marked or by number, as a slice where they stand one after another.

    >>> _span(np.array([False, True, True])), _span(np.array([4, 5])), _span(np.array([5, 4]))
    (slice(1, 3, None), slice(4, 6, None), array([5, 4]))
    """
    if rows.dtype == bool:
        first, count = int(rows.argmax()) if len(rows) else 0, int(np.count_nonzero(rows))
        is_span = bool(rows[first : first + count].all())
    else:
        first, count = int(rows[0]) if len(rows) else 0, len(rows)
        is_span = bool((rows[1:] - rows[:-1] == 1).all())
    return slice(first, first + count) if is_span else rows
