"""Write a table as text, as Markdown and as HTML."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

from viz.basics.columns import columns
from viz.words.terminal import cut, padded

Row = Sequence[str]
_LEAST = 10  # columns that a cut cell keeps
_GAP = "  "


@dataclass(frozen=True, slots=True)
class Table:
    """A head and rows of as many cells; a row that is one text stands for rows left out.

    ``right`` names the columns of numbers, ``soft`` those that may be cut where room is scarce.
    """

    head: Row
    rows: Sequence[Row | str]
    right: Sequence[int] = ()
    soft: Sequence[int] = ()

    @property
    def width(self) -> int:
        """The columns of the table, nothing cut."""
        return sum(self._sizes()) + len(_GAP) * (len(self.head) - 1)

    def text(self, width: int) -> str:
        """Write for a terminal of so many columns."""
        sizes = self._sizes()
        self._shrink(sizes, width)
        return "\n".join(
            f"  … {row}" if isinstance(row, str) else self._line(row, sizes)
            for row in (self.head, *self.rows)
        )

    def _sizes(self) -> list[int]:
        cells = [self.head, *(row for row in self.rows if not isinstance(row, str))]
        return [max(columns(row[k]) for row in cells) for k in range(len(self.head))]

    def _shrink(self, sizes: list[int], width: int) -> None:
        """Take from the widest of the soft columns, one at a time."""
        excess = sum(sizes) + len(_GAP) * (len(sizes) - 1) - width
        while excess > 0 and any(sizes[k] > _LEAST for k in self.soft):
            sizes[max(self.soft, key=lambda k: sizes[k])] -= 1
            excess -= 1

    def _line(self, row: Row, sizes: Sequence[int]) -> str:
        cells = [
            padded(cut(cell, size), size, right=k in self.right)
            for k, (cell, size) in enumerate(zip(row, sizes, strict=True))
        ]
        return _GAP.join(cells).rstrip()

    def markdown(self) -> str:
        """Write as a table of Markdown; the cells are Markdown already."""
        marks = ["--:" if k in self.right else "---" for k in range(len(self.head))]
        rows = [
            [f"… {row}", *[""] * (len(marks) - 1)] if isinstance(row, str) else row
            for row in self.rows
        ]
        return "".join(f"| {' | '.join(row)} |\n" for row in (self.head, marks, *rows))

    def html(self, caption: str) -> str:
        """Write as a table of HTML; all text is escaped."""
        head = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in self.head)
        rows = "".join(f"<tr>{self._cells(row)}</tr>\n" for row in self.rows)
        return (
            f"<table>\n<caption>{html.escape(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n"
            f"<tbody>\n{rows}</tbody>\n</table>\n"
        )

    def _cells(self, row: Row | str) -> str:
        if isinstance(row, str):
            return f'<td colspan="{len(self.head)}">… {html.escape(row)}</td>'
        return "".join(
            f'<td style="text-align: {"right" if k in self.right else "left"}">'
            f"<bdi>{html.escape(cell)}</bdi></td>"
            for k, cell in enumerate(row)
        )
