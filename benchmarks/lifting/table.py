"""The results of lifted programs as text: blocks for the terminal, one table in Markdown."""

from collections.abc import Iterator, Mapping, Sequence

from benchmarks.lifting.cases import ENGINES
from benchmarks.lifting.run import TITLES, CaseRow
from benchmarks.runner import Outcome
from benchmarks.table import digits, duration

WORTH_THREADS = 50e-6  # seconds from which on threads shall share a call, of more than a block
A_BLOCK = 128  # samples
THREADS_GAIN, NO_LOSS = 1.7, 0.95  # times one thread's speed


def ratio(row: CaseRow, way: str) -> float | None:
    """Return how many times the lifted program's time a way takes."""
    ours = row.outcomes.get("lifted", Outcome()).seconds
    other = row.outcomes.get(way, Outcome()).seconds
    return other / ours if ours and other else None


def aims(row: CaseRow) -> Iterator[tuple[str, bool]]:
    """Give what a case aims at, and whether it was reached; nothing of ways that were not timed."""
    seconds = row.outcomes.get("lifted", Outcome()).seconds
    for way, target in row.case.targets.items():
        times = ratio(row, way)
        if times is None:
            continue
        text = f"{digits(times)}x faster than {TITLES[way]}, aim at least {target:g}x"
        yield text, times >= target
    one = row.outcomes.get("one", Outcome()).seconds
    if one and seconds:
        least = THREADS_GAIN if one > WORTH_THREADS and row.case.samples > A_BLOCK else NO_LOSS
        yield (
            f"{digits(one / seconds)}x faster than on one thread, aim at least {least:g}x",
            (one >= least * seconds),
        )
    eager, alone = (row.outcomes.get(way, Outcome()).seconds for way in ("native", "alone"))
    if eager and alone and row.case.targets:
        text = f"the tape alone is {digits(eager / alone)}x faster than {TITLES['native']}"
        yield f"{text}, aim at least 10x", eager >= 10 * alone
    first = row.known.get("lifted", {}).get("first")
    for what, found, most in zip(
        ("call", "first call"), (seconds, first), row.case.most, strict=True
    ):
        if most is not None and found is not None:
            yield f"{what} {duration(found)}, aim at most {duration(most)}", found <= most
    rival = min((t for e in ENGINES if (t := row.outcomes.get(e, Outcome()).seconds)),
                default=None)  # fmt: skip
    if rival is not None and seconds is not None:
        # The same engine measured twice differs by less than a tenth on a quiet machine.
        yield "the faster engine is chosen", seconds <= 1.2 * rival


def blocks(rows: Sequence[CaseRow]) -> Iterator[str]:
    """Give lines for the terminal: a block a case, a line a way, then what is aimed at."""
    for row in rows:
        yield ""
        yield f"{row.case.title}: {_nodes(row)} nodes"
        for way in (way for way in TITLES if way in row.outcomes):
            outcome, times = row.outcomes[way], ratio(row, way)
            time = outcome.problem if outcome.seconds is None else duration(outcome.seconds)
            line = f"  {TITLES[way]:26}{time:>11}"
            line += f"{digits(times) + 'x':>11}" if times is not None else ""
            yield line + _facts(row.known.get(way, {}))
        for text, reached in aims(row):
            yield f"  {'reached' if reached else 'MISSED'}: {text}"


def _facts(known: Mapping[str, object]) -> str:
    """Say which engine was chosen, and how long preparations took."""
    facts = [f"engine {known['engine']}"] if "engine" in known else []
    for name, title in (("first", "first call"), ("trace", "of which tracing")):
        seconds = known.get(name)
        if isinstance(seconds, float):
            facts.append(f"{title} {duration(seconds)}")
    return "".join(f"    {fact}" for fact in facts)


def _nodes(row: CaseRow) -> str:
    nodes = row.known.get("native", {}).get("nodes")
    return f"{nodes:,}" if nodes is not None else "?"


def markdown(rows: Sequence[CaseRow]) -> Iterator[str]:
    """Give lines of one Markdown table: a row a case, a column a way, times and ratios."""
    found = [way for way in TITLES if any(way in row.outcomes for row in rows)]
    columns = [way for way in found if way not in ENGINES]
    columns[1:1] = ["other"] if len(found) > len(columns) else []
    titles = [{"other": "the other engine"}.get(way) or TITLES[way] for way in columns]
    yield f"| | nodes | engine | tracing | first call | {' | '.join(titles)} |"
    yield f"|---|--:|---|--:|--:|{'--:|' * len(columns)}"
    for row in rows:
        known = row.known.get("lifted", {})
        times = [duration(known[k]) if k in known else "" for k in ("trace", "first")]
        other = "tape" if known.get("engine") == "numpy" else "numpy"
        cells = [_cell(row, other if way == "other" else way) for way in columns]
        facts = [row.case.title, _nodes(row), known.get("engine", ""), *times]
        yield f"| {' | '.join([*facts, *cells])} |"


def _cell(row: CaseRow, way: str) -> str:
    outcome, times = row.outcomes.get(way, Outcome()), ratio(row, way)
    if outcome.seconds is None:
        return outcome.problem.replace("|", "\\|")
    if way == "lifted":
        return f"**{duration(outcome.seconds)}**"
    factor = f", **{digits(times)}x**" if times is not None else ""
    return f"{duration(outcome.seconds)}{factor}"


def notes(
    versions: Mapping[str, str], missing: Mapping[str, str], machine: str, rounds: int, threads: int
) -> Iterator[str]:
    """Give the lines under a table: what it means, versions, machine, who is missing.

    >>> for line in notes({"JAX": "0.10"}, {}, "a CPU, 2 cores", 5, threads=1):
    ...     print(line)
    Value and all gradients; medians of 5 turns; x: times the lifted program's; one thread.
    Versions: JAX 0.10.
    Machine: a CPU, 2 cores.
    """
    yield (
        f"Value and all gradients; medians of {rounds} turns; "
        f"x: times the lifted program's; {'one thread' if threads == 1 else f'{threads} threads'}."
    )
    yield f"Versions: {', '.join(f'{name} {version}' for name, version in versions.items())}."
    yield f"Machine: {machine}."
    for name, reason in missing.items():
        yield f"{name}: not there: {reason}"
