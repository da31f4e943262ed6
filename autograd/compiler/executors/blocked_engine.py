"""Run a program by blocks of samples, in C."""

from functools import cached_property
from math import inf
from typing import Any

from autograd.compiler.executors.blocked import build
from autograd.compiler.executors.blocked_operands import settled
from autograd.compiler.executors.blocked_records import Records
from autograd.compiler.executors.engines import Found, Numbers, NumpyEngine, TapeEngine
from autograd.compiler.executors.index_bounds import bounds_of
from autograd.compiler.executors.scalar_records import build_rows
from autograd.compiler.programs.program import Program
from autograd.kernels.selection import chosen, kernel, missing

MODULE = "autograd.kernels.cython._blocked"
COMPILED = kernel == "native" and not missing(MODULE)
if COMPILED:
    from autograd.kernels.cython import _blocked

    LEVELS = _blocked.LEVELS[_blocked.BEST :: -1]  # the best that the processor has comes first
    LEVEL = _blocked.LEVELS.index(chosen("AUTOGRAD_INSTRUCTION_SET", LEVELS))
SMALL = 1 << 13  # numbers of a matrix that each block reads anew at no cost
# Numbers of a matrix that samples are multiplied with; NumPy is as fast or faster with larger ones.
# Measured beside it: 2,048 take 0.5 to 0.7 times the time; 65,536 0.95 (1.2 with AVX2), 262,144 1.0
# (1.4; 1.2 with two threads), a million 1.25.
WIDE = 1 << (17 if COMPILED and _blocked.LEVELS[LEVEL] == "x86-64-v4" else 16)


def records_of(program: Program, *, fuse: bool = True) -> Records | None:
    """Return a program's records; None where it has something that they cannot do.

    Those of a program that was not lowered have a row for each of its numbers; ``fuse`` says
    whether these may round a product and a sum at once.
    """
    if not COMPILED:
        return None
    if program.equations is None:
        return build_rows(program, _blocked.OPERATIONS, _blocked.KINDS, fuse=fuse)
    bounds = bounds_of(program, [(i, array.ids.ravel()) for i, array in enumerate(program.arrays)])
    return build(program.equations, _blocked.OPERATIONS, _blocked.KINDS, bounds)


def plan_of(records: Records, level: int | None = None, **options: float) -> "_blocked.Plan":
    """Return records that are ready to run; ``options`` are the plan's."""
    code, numbers = records.code, records.numbers
    return _blocked.Plan(
        lambda samples: tuple([settled(each, samples, len(numbers)) for each in code]),
        numbers, records.rows, records.inputs, records.results, records.accumulators,
        LEVEL if level is None else level, halves=records.widest <= SMALL, **options,
    )  # fmt: skip


class BlockedEngine:
    """Runs a program's records; what is not finite is replayed, as the eager engine has it."""

    name = "blocked"

    def __init__(self, program: Program, plan: "_blocked.Plan") -> None:
        self.program, self.plan = program, plan
        self.is_value = program.outputs is None
        self.is_exact = not program.guards  # comparisons may hide that a number is not finite
        self.split = self.is_value + len(program.wanted if self.is_value else program.outputs or ())

    @cached_property
    def replay(self) -> TapeEngine:
        """The engine that computes what is not finite as the eager engine does."""
        return TapeEngine(self.program)

    def run(self, numbers: Numbers) -> Found:
        """Return the value, the gradients and the guards' outcomes."""
        found = self.plan.run(numbers)
        if found is None:  # they are not finite, or the records not made for a number
            return self.replay.run(numbers)
        said: list[Any] = [outcomes != 0.0 for outcomes in found[self.split :]]
        if not self.is_value:
            return 0.0, found[: self.split], said
        return found[0], found[1 : self.split], said


Engine = NumpyEngine | BlockedEngine | TapeEngine


def blocked_engine(program: Program, *, most: float = inf) -> BlockedEngine | None:
    """Return the engine that runs a program by blocks; None where it cannot, or NumPy is as fast.

    Programs that multiply samples with matrices of more than ``most`` numbers are NumPy's.
    """
    records = records_of(program)
    if records is None or records.widest > most:
        return None
    return BlockedEngine(program, plan_of(records))


def array_engine(program: Program, *, most: float = inf) -> NumpyEngine | BlockedEngine:
    """Return the engine for a program that is run as arrays: by blocks where it can be."""
    return blocked_engine(program, most=most) or NumpyEngine(program)
