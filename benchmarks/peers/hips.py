"""HIPS autograd, in a process where its import name is its own."""

from typing import Any

from benchmarks.peers.base import Peer, Run, UnsupportedError, library
from benchmarks.workloads import Workload


class Hips(Peer):
    """`grad` of a function of one array, whose elements are the leaves."""

    distribution = "autograd"

    def __init__(self) -> None:
        super().__init__()
        self.autograd = library("autograd")
        if not hasattr(self.autograd, "elementwise_grad"):
            raise ImportError("this autograd is another one")
        self.numpy = numpy = library("autograd.numpy")
        self.exp, self.log, self.sqrt = numpy.exp, numpy.log, numpy.sqrt
        self.relu = lambda x: numpy.maximum(x, 0.0)
        try:
            self.erf = library("autograd.scipy.special").erf
        except ImportError as cause:
            raise UnsupportedError("no SciPy") from cause

    def first(self, workload: Workload) -> Run:
        """Return a run of `grad`."""
        gradient = self.autograd.grad(self._function(workload))
        inputs = self.numpy.array(workload.inputs)
        return lambda: gradient(inputs).tolist()

    def second(self, workload: Workload) -> Run:
        """Return a run of `grad` of the first derivative; all of them come along."""
        value = library("autograd.tracer").getval
        gradient = self.autograd.grad(self._function(workload))

        def delta(xs: Any) -> Any:
            first = gradient(xs)
            return first[0], value(first)

        gamma = self.autograd.grad_and_aux(delta)
        inputs = self.numpy.array(workload.inputs)

        def once() -> list[float]:
            second, first = gamma(inputs)
            return [*first.tolist(), float(second[0])]

        return once

    def _function(self, workload: Workload) -> Any:
        size, program = len(workload.inputs), workload.program
        return lambda xs: program(self, [xs[i] for i in range(size)])
