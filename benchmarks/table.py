"""The results as text: blocks for the terminal, one table in Markdown."""

from collections.abc import Iterator, Mapping, Sequence

from benchmarks.peers import OURS, PEERS
from benchmarks.runner import Outcome, Row


def duration(seconds: float) -> str:
    """Write a time with three digits and a fitting unit.

    >>> duration(1.2345e-6), duration(0.02), duration(12.3456)
    ('1.23 us', '20.0 ms', '12.3 s')
    """
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= 0.9995 * size:
            return f"{digits(seconds / size)} {unit}"
    return f"{digits(seconds / 1e-9)} ns"


def digits(x: float) -> str:
    """Write a number with about three digits.

    >>> digits(0.0123), digits(1.2345), digits(98.76), digits(1234.5)
    ('0.01', '1.23', '98.8', '1,234')
    """
    if x < 9.995:
        return f"{x:.2f}"
    return f"{x:.1f}" if x < 99.95 else f"{x:,.0f}"


def base(row: Row) -> float | None:
    """Return the time of this library's fastest kernel that was timed.

    >>> base(Row("t", 7, {"python": Outcome(2.0), "xad": Outcome(1.0)}))
    2.0
    """
    for name in OURS:
        seconds = row.outcomes.get(name, Outcome()).seconds
        if seconds is not None:
            return seconds
    return None


def ratio(outcome: Outcome, row: Row) -> str:
    """Write how many times our time a peer takes; an empty text where that has no meaning."""
    ours = base(row)
    if outcome.seconds is None or ours is None:
        return ""
    return f"{digits(outcome.seconds / ours)}x"


def blocks(rows: Sequence[Row]) -> Iterator[str]:
    r"""Give lines for the terminal: a block a workload, a line a peer.

    >>> print(*blocks([Row("t", 10, {"native": Outcome(1e-6), "xad": Outcome(problem="no erf")})]),
    ...       sep="\n")
    <BLANKLINE>
    t: 10 nodes
      native kernel                 1.00 us      1.00x    100 ns a node
      XAD                            no erf
    """
    for row in rows:
        yield ""
        yield f"{row.title}: {row.nodes:,} nodes"
        for name in PEERS:
            if name not in row.outcomes:
                continue
            outcome = row.outcomes[name]
            line = f"  {PEERS[name].title:26}{_time(outcome):>11}{ratio(outcome, row):>11}"
            if name in OURS and outcome.seconds is not None:
                line += f"    {digits(outcome.seconds / row.nodes * 1e9)} ns a node"
            yield line.rstrip()


def _time(outcome: Outcome) -> str:
    return outcome.problem if outcome.seconds is None else duration(outcome.seconds)


def markdown(rows: Sequence[Row]) -> Iterator[str]:
    r"""Give lines of one Markdown table: a row a workload, a column a peer, times and ratios.

    >>> print(*markdown([Row("t", 10, {"native": Outcome(1e-6), "xad": Outcome(2e-5)})]), sep="\n")
    | | nodes | native kernel | XAD |
    |---|--:|--:|--:|
    | t | 10 | **1.00 us** | 20.0 us, **20.0x** |
    """
    names = [name for name in PEERS if any(name in row.outcomes for row in rows)]
    yield f"| | nodes | {' | '.join(PEERS[name].title for name in names)} |"
    yield f"|---|--:|{'--:|' * len(names)}"
    for row in rows:
        cells = [_cell(row.outcomes.get(name, Outcome()), row) for name in names]
        yield f"| {row.title} | {row.nodes:,} | {' | '.join(cells)} |"


def _cell(outcome: Outcome, row: Row) -> str:
    if outcome.seconds is None:
        return outcome.problem.replace("|", "\\|")
    if outcome.seconds == base(row):
        return f"**{duration(outcome.seconds)}**"
    factor = ratio(outcome, row)
    return duration(outcome.seconds) + (f", **{factor}**" if factor else "")


def notes(
    versions: Mapping[str, str], missing: Mapping[str, str], machine: str, rounds: int
) -> Iterator[str]:
    """Give the lines under a table: what it means, versions, machine, who is missing.

    >>> for line in notes({"XAD": "1.5"}, {"jax": "pip install jax"}, "a CPU, 2 cores", 5):
    ...     print(line)
    Build, gradient and free; medians of 5 turns; x: times this library's fastest kernel here.
    Versions: XAD 1.5.
    Machine: a CPU, 2 cores.
    JAX: not installed: pip install jax
    """
    yield (
        f"Build, gradient and free; medians of {rounds} turns; "
        "x: times this library's fastest kernel here."
    )
    yield f"Versions: {', '.join(f'{name} {v}' for name, v in versions.items())}."
    yield f"Machine: {machine}."
    for name, reason in missing.items():
        yield f"{PEERS[name].title}: not installed: {reason}"
