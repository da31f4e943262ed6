"""Time cases: their ways take turns, once their numbers are known to be right."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from numpy._core._multiarray_umath import __cpu_dispatch__

from benchmarks.lifting.cases import Case
from benchmarks.peers import Entry
from benchmarks.process import PeerError, Process
from benchmarks.runner import Outcome, Settings, difference

LIBRARIES = (
    *("AUTOGRAD_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"),
    "VECLIB_MAXIMUM_THREADS",
)
NEWER = {  # what NumPy is built for beyond a level of x86-64, by words in its names
    "x86-64-v2": ("X86_V3", "X86_V4", "AVX2", "FMA", "512"),
    "x86-64-v3": ("X86_V4", "512"),
}
CORES = {"x86-64-v2": "Nehalem", "x86-64-v3": "Haswell"}  # OpenBLAS's names
TITLES = {
    "lifted": "lifted",
    "one": "lifted, one thread",
    "blocked": 'engine="blocked"',
    "numpy": 'engine="numpy"',
    "tape": 'engine="tape"',
    "alone": "the tape alone",
    "hand": "NumPy by hand",
    "jax": "JAX jit",
    "native": "eager, native kernel",
    "operators": "the same, + and * alone",
    "python": "eager, plain kernel",
}
PATIENCE = 100.0  # seconds to lift, or for the numbers without which nothing is checked


@dataclass
class CaseRow:
    """A case's outcomes by way, the facts that "lifted" told, and the graph's nodes."""

    case: Case
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    known: dict[str, dict[str, Any]] = field(default_factory=dict)


def limited(instructions: str | None) -> dict[str, str]:
    """Return the environment in which we, NumPy and OpenBLAS use an instruction set at most.

    JAX's products cannot be limited.
    """
    if instructions is None:
        return {}
    names = [name for name in __cpu_dispatch__ if any(x in name for x in NEWER[instructions])]
    return {
        "AUTOGRAD_INSTRUCTION_SET": instructions,
        "OPENBLAS_CORETYPE": CORES[instructions],
        "NPY_DISABLE_CPU_FEATURES": " ".join(names),
    }


def environment_of(threads: int) -> dict[str, str]:
    """Return the environment in which all libraries use so many threads."""
    eigen = str(threads > 1).lower()
    flags = f"--xla_cpu_multi_thread_eigen={eigen} intra_op_parallelism_threads={threads}"
    numbers = dict.fromkeys(LIBRARIES, str(threads))
    return {**numbers, "JAX_PLATFORMS": "cpu", "XLA_FLAGS": flags}


def ways(threads: int = 1, instructions: str | None = None) -> dict[str, Process]:
    """Return the process of each way, not yet started; one thread is a way beside several."""
    made = {}
    own = limited(instructions)
    for way, title in TITLES.items():
        if way == "one" and threads == 1:
            continue
        kernel = "python" if way == "python" else "native"
        environment = environment_of(1 if way == "one" else threads)
        environment |= {**own, "AUTOGRAD_KERNEL": kernel}
        install = "pip install jax" if way == "jax" else "pip install . (with a C compiler)"
        made[way] = Process(Entry(f"lifted:{way}", title, "", install, environment))
    return made


def chosen(case: Case, processes: Mapping[str, Process]) -> list[str]:
    """Return the ways of a case that are there, in the table's order."""
    return [way for way in TITLES if way in processes and way in ("lifted", "one", *case.ways)]


def measure(
    case: Case,
    processes: Mapping[str, Process],
    settings: Settings,
    advance: Callable[[int], object],
) -> CaseRow:
    """Time a case in all its ways; `advance` is told how many steps are done.

    A way takes one step to prepare and one for each round.
    """
    row = CaseRow(case)
    own = chosen(case, processes)
    expected: Sequence[float] | None = None
    repeats: dict[str, int] = {}
    for way in sorted(own, key=lambda way: way != "native"):  # the numbers that all must find
        process = processes[way]
        try:
            row.known[way] = process.ask("load", PATIENCE, workload=case.name)
            first = process.ask("found", PATIENCE)
            expected = _checked(first["found"], expected)
            repeats[way] = _repeats(process, first["seconds"], settings)
        except PeerError as error:
            row.outcomes[way] = Outcome(problem=str(error))
            advance(settings.rounds)
        advance(1)
    _turns(row, {way: repeats[way] for way in own if way in repeats}, processes, settings, advance)
    return row


def _checked(found: Sequence[float], expected: Sequence[float] | None) -> Sequence[float]:
    """Return the numbers to compare the next way's with."""
    if expected is None:
        return found
    worst = difference(found, expected)
    if worst > 1e-9:
        raise PeerError(f"wrong numbers (off by {worst:.1e})")
    return expected


def _repeats(process: Process, first: float, settings: Settings) -> int:
    if first > 2 * settings.turn:
        return 1
    repeats: int = process.ask("repeats", settings.limit, target=settings.turn)["repeats"]
    return repeats


def _turns(
    row: CaseRow,
    repeats: Mapping[str, int],
    processes: Mapping[str, Process],
    settings: Settings,
    advance: Callable[[int], object],
) -> None:
    """Let the ways take turns, and note the medians."""
    times: dict[str, list[float]] = {way: [] for way in repeats}
    for _ in range(settings.rounds):
        for way, count in repeats.items():
            advance(1)
            if way in row.outcomes:
                continue
            try:
                answer = processes[way].ask("time", settings.limit, repeats=count)
            except PeerError as error:
                row.outcomes[way] = Outcome(problem=str(error))
            else:
                times[way].append(answer["seconds"])
    for way in times.keys() - row.outcomes.keys():
        row.outcomes[way] = Outcome(statistics.median(times[way]))
