"""The report of a gradient check: a table with one row for each derivative."""

from dataclasses import dataclass, replace

from autograd.finite_differences import Estimate

WRONG, FINE, UNKNOWN, PURPOSE = "WRONG", "ok", "not checked", "on purpose"
KINK = "at a kink"  # why there is nothing to check


def shortened(text: str, width: int = 60) -> str:
    """Truncate a text that is too long for a table.

    >>> shortened("abc", 3), shortened("abcd", 3)
    ('abc', 'ab…')
    """
    return text if len(text) <= width else text[: width - 1] + "…"


class GradientError(AssertionError):
    """Raised where a gradient is wrong; ``report`` has all rows of the check."""

    def __init__(self, report: "Report") -> None:
        super().__init__("\n" + "\n".join(row.sentence() for row in report.failures))
        self.report = report


@dataclass(frozen=True)
class Row:
    """One derivative that was checked.

    ``kind`` is "first" or "second" for derivatives with respect to an argument (the second one
    along a random direction), "forward" for forward mode against reverse mode along that direction,
    and "operation" for the local derivatives of all nodes of one operation; ``where`` is then the
    worst of them.
    """

    kind: str
    name: str
    computed: float
    expected: Estimate | None
    verdict: str
    where: str = ""

    def excused(self, verdict: str, why: str = "") -> "Row":
        """Return the row with the verdict "WRONG" replaced by another one."""
        if self.verdict != WRONG:
            return self
        where = ", ".join(text for text in (why, self.where) if text)
        return replace(self, verdict=verdict, where=where)

    def sentence(self) -> str:
        """Describe what is wrong, in one line."""
        what = {
            "first": f"the derivative with respect to {self.name}",
            "second": f"the second derivative with respect to {self.name} {self.where}",
            "forward": f"forward mode's derivative of {self.name} {self.where}",
            "operation": f"a local derivative of {self.name}, {shortened(self.where, 200)},",
        }[self.kind]
        return f"{what} is {self.computed!r}; expected: {self.expected}"


@dataclass(frozen=True)
class Report:
    """The rows of a gradient check; prints as a table, and is true if nothing is wrong."""

    rows: tuple[Row, ...]

    @property
    def failures(self) -> tuple[Row, ...]:
        """The rows whose verdict is "WRONG"."""
        return tuple(row for row in self.rows if row.verdict == WRONG)

    def __bool__(self) -> bool:
        return not self.failures

    def __repr__(self) -> str:
        heads = ("derivative", "for", "computed", "expected", "verdict", "")
        cells = [
            (row.kind, row.name, f"{row.computed:.10g}", str(row.expected or "-"), row.verdict,
             shortened(row.where))
            for row in self.rows
        ]  # fmt: skip
        widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in (heads, *cells)
        )
