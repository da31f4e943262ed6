"""Time workloads on peers that take turns, once their gradients are known to be right."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.process import PeerError, Process
from benchmarks.workloads import Workload

PATIENCE = 600.0  # seconds for the plain kernel's gradients, without which nothing is checked


@dataclass(frozen=True)
class Settings:
    """How often, and how long, in seconds: `limit` for one run, `turn` for one peer's turn."""

    rounds: int = 5
    turn: float = 0.2
    limit: float = 20.0


@dataclass(frozen=True)
class Outcome:
    """The median seconds of a run, or why there is none."""

    seconds: float | None = None
    problem: str = ""


@dataclass
class Row:
    """A workload's outcomes, by peer."""

    title: str
    nodes: int
    outcomes: dict[str, Outcome] = field(default_factory=dict)


def difference(found: Sequence[float], expected: Sequence[float]) -> float:
    """Return the largest difference, relative where the expected number is above 1.

    >>> difference([1.0, 2000.0], [1.5, 1000.0]), difference([1.0], [])
    (1.0, inf)
    """
    if len(found) != len(expected):
        return float("inf")
    pairs = zip(found, expected, strict=True)
    gaps = [abs(f - e) / max(1.0, abs(e)) for f, e in pairs]
    return max((gap if gap == gap else float("inf") for gap in gaps), default=0.0)


def measure(
    workload: Workload,
    processes: Mapping[str, Process],
    reference: Process,
    settings: Settings,
    advance: Callable[[int], object],
) -> Row:
    """Time one workload on all peers; `advance` is told how many steps are done.

    A peer takes one step to prepare and one for each round.
    """
    reference.ask("load", PATIENCE, workload=workload.name)
    expected = reference.ask("gradient", PATIENCE)["gradient"]
    row = Row(workload.title, reference.ask("count", PATIENCE, workload=workload.name)["nodes"])
    repeats: dict[str, int] = {}
    for name, process in processes.items():
        try:
            repeats[name] = _prepare(process, workload, expected, settings)
        except PeerError as error:
            row.outcomes[name] = Outcome(problem=str(error))
            advance(settings.rounds)
        advance(1)
    times: dict[str, list[float]] = {name: [] for name in repeats}
    for _ in range(settings.rounds):
        for name, count in repeats.items():
            advance(1)
            if name in row.outcomes:
                continue
            try:
                answer = processes[name].ask("time", settings.limit, repeats=count)
            except PeerError as error:
                row.outcomes[name] = Outcome(problem=str(error))
            else:
                times[name].append(answer["seconds"])
    for name in times.keys() - row.outcomes.keys():
        row.outcomes[name] = Outcome(statistics.median(times[name]))
    return row


def _prepare(
    process: Process, workload: Workload, expected: Sequence[float], settings: Settings
) -> int:
    """Load a workload and check its gradients; return how many runs fill a turn."""
    limit = settings.limit
    try:
        process.ask("load", limit, workload=workload.name)
    except PeerError as error:
        what = " to build" if str(error).startswith(">") else ""
        raise PeerError(f"{error}{what}") from error
    first = process.ask("gradient", limit)
    worst = difference(first["gradient"], expected)
    if worst > 1e-9:
        raise PeerError(f"wrong gradient (off by {worst:.1e})")
    if first["seconds"] > 2 * settings.turn:  # once is a turn, and it is warm enough
        return 1
    repeats: int = process.ask("repeats", limit, target=settings.turn)["repeats"]
    return repeats
