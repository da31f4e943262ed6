"""Run a program by blocks of samples, in C; NumPy runs what the records are not made for."""

from typing import Any

from autograd.compiler.executors.blocked import build
from autograd.compiler.executors.blocked_operands import settled
from autograd.compiler.executors.engines import Found, Numbers, NumpyEngine
from autograd.compiler.programs.program import Program
from autograd.kernels.selection import kernel, missing

MODULE = "autograd.kernels.cython._blocked"
COMPILED = kernel == "native" and not missing(MODULE)
if COMPILED:
    from autograd.kernels.cython import _blocked


def blocked_plan(program: Program, level: int | None = None) -> "_blocked.Plan | None":
    """Return a program's records, ready to run; None where it has something that they cannot do."""
    if not COMPILED or program.equations is None:
        return None
    records = build(program.equations, _blocked.OPERATIONS, _blocked.KINDS)
    if records is None:
        return None
    code, numbers = records.code, records.numbers
    return _blocked.Plan(
        lambda samples: tuple([settled(each, samples, len(numbers)) for each in code]),
        numbers, records.rows, records.inputs, records.results,
        _blocked.BEST if level is None else level,
    )  # fmt: skip


class BlockedEngine(NumpyEngine):
    """Runs a program's equations as records; its text where a call's numbers need that."""

    name = "blocked"

    def __init__(self, program: Program, plan: "_blocked.Plan") -> None:
        super().__init__(program)
        self.plan = plan
        self.is_value = program.outputs is None
        self.split = self.is_value + len(program.wanted if self.is_value else program.outputs or ())

    def run(self, numbers: Numbers) -> Found:
        """Return the value, the gradients and the guards' outcomes."""
        found = self.plan.run(numbers)
        if found is None:
            return super().run(numbers)
        said: list[Any] = [outcomes != 0.0 for outcomes in found[self.split :]]
        if not self.is_value:
            return 0.0, found[: self.split], said
        return float(found[0]), found[1 : self.split], said


def array_engine(program: Program) -> NumpyEngine:
    """Return the engine for a program that is run as arrays: by blocks, if they can do it."""
    plan = blocked_plan(program)
    return NumpyEngine(program) if plan is None else BlockedEngine(program, plan)
