"""XAD: a tape in C++, with Python bindings."""

from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.peers.base import Eager, library
from benchmarks.workloads import Workload


class Xad(Eager):
    """Adjoint reals on one tape, cleared before each run (a new tape costs 10 us more)."""

    distribution = "xad"

    def __init__(self) -> None:
        super().__init__()
        reverse, functions = library("xad.adj_1st"), library("xad.math")
        self.real = reverse.Real
        self.tape = reverse.Tape()
        self.tape.activate()
        self.exp, self.log, self.sqrt = functions.exp, functions.log, functions.sqrt
        self.erf = functions.erf
        self.relu = lambda x: functions.max(x, 0.0)

    def leaf(self, x: float) -> Any:
        """Return a leaf, which is not on the tape yet."""
        return self.real(x)

    def builder(self, workload: Workload) -> Callable[[], tuple[Any, Sequence[Any]]]:
        """Return a function that puts leaves on the tape and computes the result."""
        inputs, program, real, tape = workload.inputs, workload.program, self.real, self.tape

        def build() -> tuple[Any, Sequence[Any]]:
            leaves = [real(x) for x in inputs]
            tape.registerInputs(leaves)
            tape.newRecording()
            return program(self, leaves), leaves

        return build

    def gradient(self, result: Any, leaves: Sequence[Any]) -> list[float]:
        """Go back, read the leaves, clear the tape."""
        tape = self.tape
        tape.registerOutput(result)
        result.setDerivative(1.0)
        tape.computeAdjoints()
        gradients = [leaf.getDerivative() for leaf in leaves]
        tape.clearAll()
        return gradients
