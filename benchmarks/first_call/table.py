"""The costs of first calls as a table in Markdown, and what is aimed at."""

from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.first_call.run import Row
from benchmarks.table import digits, duration

HEADS = (
    "", "nodes", "eager run", "trace alone", "first call", "CasADi's build", "JAX's jit compile",
    "second call", "later call", "engine", "bytes a node",
)  # fmt: skip


def seconds(row: Row, key: str, way: str) -> str:
    """Write a time, or why there is none."""
    if way in row.problems:
        return row.problems[way].replace("|", "\\|")
    return duration(row.facts[key]) if key in row.facts else ""


def times(row: Row, key: str, base: str) -> str:
    """Write a ratio of two times; an empty text where one is missing."""
    if key not in row.facts or base not in row.facts:
        return ""
    return f"{digits(row.facts[key] / row.facts[base])}x"


def beside(*texts: str) -> str:
    """Join a time and its ratio, those that are there."""
    return ", ".join(text for text in texts if text)


def line(row: Row) -> Sequence[str]:
    """Return a case's cells; ratios are those of the first call."""
    room = row.bytes_a_node
    return (
        row.case.title,
        "" if row.nodes is None else f"{row.nodes:,}",
        seconds(row, "eager", "eager"),
        beside(seconds(row, "trace", "trace"), times(row, "trace", "eager")),
        beside(f"**{seconds(row, 'first', 'compiled')}**", times(row, "first", "eager")),
        beside(seconds(row, "casadi", "casadi"), times(row, "first", "casadi")),
        beside(seconds(row, "jax", "jax"), times(row, "first", "jax")),
        beside(seconds(row, "second", "compiled"), times(row, "second", "eager")),
        beside(seconds(row, "later", "compiled"), times(row, "later", "eager")),
        str(row.facts.get("compiled engine", "")),
        "" if room is None else f"{room:,.0f}",
    )


def markdown(rows: Sequence[Row]) -> Iterator[str]:
    """Give the lines of the table."""
    yield f"| {' | '.join(HEADS)} |"
    yield f"|---|{'--:|' * (len(HEADS) - 1)}"
    for row in rows:
        yield f"| {' | '.join(line(row))} |"


def goals(rows: Sequence[Row]) -> Iterator[tuple[str, bool]]:
    """Give what cases aim at, and whether that was reached; nothing of what was not measured."""
    for row in rows:
        first = row.facts.get("first")
        for base, most in row.case.goals.items():
            if first is None or (base != "seconds" and base not in row.facts):
                continue
            if base == "seconds":
                text = f"{duration(first)}, aim at most {duration(most)}"
                reached = first <= most
            else:
                title = {"eager": "an eager run", "casadi": "CasADi's build"}[base]
                ratio = first / row.facts[base]
                text = f"{digits(ratio)}x {title}, aim at most {most:g}x"
                reached = ratio <= most
            yield f"{row.case.title}: first call {text}", reached
        yield from _engines(row)


def _engines(row: Row) -> Iterator[tuple[str, bool]]:
    """Give whether calls are on the faster engine, where both were timed."""
    rivals = {e: row.facts[f"{e} later"] for e in row.case.engines if f"{e} later" in row.facts}
    later = row.facts.get("later")
    if rivals and later is not None:
        told = ", ".join(f"{engine} {duration(time)}" for engine, time in rivals.items())
        # The same engine measured twice differs by less than a tenth on a quiet machine.
        yield (
            f"{row.case.title}: call {duration(later)}, {told}",
            later <= 1.2 * min(rivals.values()),
        )


def of_demo(found: dict[str, Any]) -> tuple[str, bool]:
    """Return what part of the demonstration's time its first calls take, and whether it is small.

    >>> of_demo({"whole": 8.0, "first": 4.0, "lengths": 9})
    ('tiny_transformer: 9 first calls 4.00 s of 8.00 s, 50%, aim at most 25%', False)
    """
    whole, first = found["whole"], found["first"]
    text = f"{found['lengths']} first calls {duration(first)} of {duration(whole)}"
    part = first / whole
    return f"tiny_transformer: {text}, {part:.0%}, aim at most 25%", part <= 0.25
