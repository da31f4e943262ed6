"""Time each program on each engine; note what work it is by the estimate's own count."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from unittest import mock

import autograd
from autograd.compiler.executors import specialization
from autograd.compiler.executors.blocked_engine import WIDE, array_engine, records_of
from autograd.compiler.executors.cost import (
    Choice,
    Costs,
    array_work,
    blocked_work,
    choose,
    pack_operations,
    rows_work,
    tape_work,
)
from autograd.compiler.executors.engines import TapeEngine
from autograd.compiler.programs.lowering import canonical
from autograd.compiler.programs.program import Program
from benchmarks.costs.programs import Subject

MOST_OPERATIONS = 3000  # more take minutes to lower: such a program is timed on the tape alone


@dataclass
class Measured:
    """A program as it was traced, its work by engine, and the least seconds of a call."""

    name: str
    program: Program
    samples: int
    work: dict[str, tuple[float, ...]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    calls: dict[str, Callable[[], object]] = field(default_factory=dict)

    def engine(self, costs: Costs) -> str:
        """Return the engine that is chosen by some costs."""
        choice = choose(self.program, "auto", batch=bool(self.samples), costs=costs)
        if not self.samples or self.samples <= choice.most_samples:
            return choice.engine.name
        if choice.program.equations is not None:
            return array_engine(choice.program, most=WIDE).name
        return "rows" if "rows" in self.seconds else "blocked"


class Compiled(NamedTuple):
    """A call of a subject on some engine, and the program before and after that was chosen."""

    call: Callable[[], object]
    program: Program
    choice: Choice


def compiled(subject: Subject, engine: str) -> Compiled:
    """Compile a subject for an engine; for "rows", by blocks with a row a number."""
    chosen: list[tuple[Program, Choice]] = []

    def chosen_here(program: Program, _wish: str, **options: Any) -> Choice:
        if engine == "rows":
            choice = Choice(program, TapeEngine(program), 0)
        else:
            choice = choose(program, engine, **options)
        chosen.append((program, choice))
        return choice

    step = autograd.compile(
        subject.function, batch=subject.batch, gradients=None if subject.gradients else False
    )
    with mock.patch.object(specialization, "choose", chosen_here):
        for _ in range(3):  # the second makes the quick call
            step(*subject.arguments)
    ((program, choice),) = chosen
    return Compiled(lambda: step(*subject.arguments), program, choice)


def prepared(subject: Subject) -> Measured:
    """Compile a subject for each engine that can run it."""
    samples = subject.samples
    call, program, _ = compiled(subject, "tape")
    found = Measured(subject.name, program, samples)

    def add(engine: str, call: Callable[[], object], work: tuple[float, ...]) -> None:
        found.calls[engine], found.work[engine], found.seconds[engine] = call, work, math.inf

    add("tape", call, tape_work(program, samples))
    if samples and records_of(program) is not None:
        add("rows", compiled(subject, "rows").call, rows_work(program, samples))
    if pack_operations(program, canonical(program))[0] <= MOST_OPERATIONS:
        for engine, count in (("numpy", array_work), ("blocked", blocked_work)):
            call, _, choice = compiled(subject, engine)
            if choice.engine.name == engine:
                add(engine, call, count(choice.program, samples))
    return found


def measure(measured: Sequence[Measured], *, turn: float) -> None:
    """Let the engines of each program take turns of some seconds; keep the least of a call."""
    for one in measured:
        for engine, call in one.calls.items():
            one.seconds[engine] = min(one.seconds[engine], seconds(call, turn))


def seconds(call: Callable[[], object], turn: float) -> float:
    """Return the least mean of several calls in a turn."""
    least, count, end = math.inf, 1, time.perf_counter() + turn
    while True:
        start = time.perf_counter()
        for _ in range(count):
            call()
        now = time.perf_counter()
        least = min(least, (now - start) / count)
        if now - start < turn / 8:
            count *= 2
        if now >= end:
            return least
