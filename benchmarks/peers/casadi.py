"""CasADi: symbolic scalars, from which a function is made."""

from collections.abc import Callable
from typing import Any

from benchmarks.peers.base import Peer, Run, library
from benchmarks.workloads import Workload

Function = Callable[[list[float]], Any]


class Casadi(Peer):
    """Build the expression and its gradient, make a function of them, call it once."""

    distribution = "casadi"

    def __init__(self) -> None:
        super().__init__()
        self.casadi = casadi = library("casadi")
        self.exp, self.log, self.sqrt = casadi.exp, casadi.log, casadi.sqrt
        self.erf = casadi.erf
        self.relu = lambda x: casadi.fmax(x, 0.0)

    def function(self, workload: Workload) -> Function:
        """Return a function from a list of numbers to the gradients."""
        casadi = self.casadi
        leaves = [casadi.SX.sym("x") for _ in workload.inputs]
        where = casadi.vertcat(*leaves)
        gradient = casadi.gradient(workload.program(self, leaves), where)
        if workload.gamma:
            gradient = casadi.vertcat(gradient, casadi.gradient(gradient[0], leaves[0]))
        function: Function = casadi.Function("gradient", [where], [gradient])
        return function

    def first(self, workload: Workload) -> Run:
        """Return a run that builds and evaluates."""
        return lambda: self.function(workload)(workload.inputs).full().ravel().tolist()

    second = first


class Evaluation(Casadi):
    """Build once, and evaluate in each run."""

    def first(self, workload: Workload) -> Run:
        """Return a run that evaluates."""
        function, inputs = self.function(workload), workload.inputs
        return lambda: function(inputs).full().ravel().tolist()

    second = first
