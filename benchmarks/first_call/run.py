"""Measure cases: each way of each case in fresh processes, in turns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.first_call.cases import CASES, Case
from benchmarks.lifting.run import environment_of
from benchmarks.peers import Entry
from benchmarks.process import PeerError, Process
from benchmarks.runner import difference

LEAST = (
    "eager",
    "first",
    "second",
    "later",
    "trace",
    "casadi",
    "jax",
)  # of which the least time counts
PATIENCE = 600.0  # seconds for this library


@dataclass
class Row:
    """What a case costs: seconds and other facts, and the problems that ways have had."""

    name: str
    facts: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    expected: list[float] = field(default_factory=list)

    @property
    def case(self) -> Case:
        """The case."""
        return CASES[self.name]()

    def add(self, way: str, found: dict[str, Any]) -> None:
        """Note what a way has found; the least times and memory stay.

        Raises PeerError if its numbers are not those of the way before.
        """
        numbers = found.pop("numbers", None)
        if numbers is not None:
            self.expected = self.expected or numbers
            worst = difference(numbers, self.expected)
            if worst > 1e-9:
                raise PeerError(f"wrong numbers (off by {worst:.1e})")
        for key, value in found.items():
            name = f"{way} {key}" if key not in LEAST or way in {"numpy", "tape"} else key
            known = self.facts.get(name, value)
            self.facts[name] = value if isinstance(value, str) else min(known, value)

    @property
    def nodes(self) -> int | None:
        """Nodes of the eager graph; of second derivatives, those that are traced."""
        return self.facts.get("eager nodes") or self.facts.get("trace nodes")

    @property
    def bytes_a_node(self) -> float | None:
        """What the first call holds at its peak above what the eager run does."""
        ours, eager = self.facts.get("compiled memory"), self.facts.get("eager memory")
        if ours is None or eager is None or not self.nodes:
            return None
        return float((ours - eager) / self.nodes)


def process(way: str) -> Process:
    """Return the process of a way, not yet started."""
    install = f"pip install {way}" if way in {"casadi", "jax"} else "pip install ."
    environment = {**environment_of(1), "AUTOGRAD_KERNEL": "native"}
    return Process(Entry(f"first-call:{way}", way, "", install, environment))


def ways_of(case: Case, asked: Sequence[str]) -> list[str]:
    """Return the ways of a case, those of this library first."""
    peers = [way for way in case.peers if way in asked]
    return ["eager", "compiled", "trace", *case.engines, *peers]


def ask(way: str, workload: str, limit: float) -> tuple[dict[str, Any], str]:
    """Measure in a fresh process; return what was found, and the version of the library.

    Raises PeerError if that fails, takes longer than `limit`, or the library is missing.
    """
    fresh = process(way)
    try:
        if not fresh.start():
            raise PeerError("not installed")
        return fresh.ask("measure", limit, workload=workload), fresh.version
    finally:
        fresh.stop()


def measure(
    names: Sequence[str],
    peers: Sequence[str],
    rounds: int,
    limit: float,
    advance: Callable[[str], object],
) -> tuple[list[Row], dict[str, str]]:
    """Measure all cases, and note the versions; `advance` is told the case after each step."""
    rows, versions = [], {}
    for name in names:
        row = Row(name)
        rows.append(row)
        for _ in range(rounds):
            for way in ways_of(row.case, peers):
                if way not in row.problems:  # it would fail again, or take as long
                    try:
                        found, versions[way] = ask(way, name, limit if way in peers else PATIENCE)
                        row.add(way, found)
                    except PeerError as error:
                        row.problems[way] = str(error)
                advance(name)
    return rows, versions
