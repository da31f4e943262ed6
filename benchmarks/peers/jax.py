"""JAX on the CPU, in double precision: as it comes, and compiled."""

from collections.abc import Callable
from typing import Any

from benchmarks.peers.base import Peer, Run, library
from benchmarks.workloads import Workload


class Jax(Peer):
    """`grad` of a function of a list of numbers, evaluated operation by operation."""

    distribution = "jax"

    def __init__(self) -> None:
        super().__init__()
        self.jax = jax = library("jax")
        jax.config.update("jax_enable_x64", True)
        numpy = library("jax.numpy")
        self.array = numpy.array
        self.exp, self.log, self.sqrt = numpy.exp, numpy.log, numpy.sqrt
        self.erf = library("jax.scipy.special").erf
        self.relu = jax.nn.relu

    def gradient(self, workload: Workload) -> Callable[[Any], list[Any]]:
        """Return the function from numbers to gradients, not compiled."""
        grad = self.jax.grad
        first = grad(lambda leaves: workload.program(self, leaves))
        if not workload.gamma:
            return first  # type: ignore[no-any-return]

        def delta(spot: Any, others: list[Any]) -> Any:
            gradients = first([spot, *others])
            return gradients[0], gradients

        gamma = grad(delta, has_aux=True)

        def both(leaves: Any) -> list[Any]:
            second, gradients = gamma(leaves[0], list(leaves[1:]))
            return [*gradients, second]

        return both

    def first(self, workload: Workload) -> Run:
        """Return a run that traces, evaluates and differentiates."""
        gradient, inputs = self.gradient(workload), workload.inputs
        return lambda: [float(g) for g in gradient(inputs)]

    second = first


class Jitted(Jax):
    """Compile once, and evaluate in each run: numbers in one array, gradients in another."""

    def first(self, workload: Workload) -> Run:
        """Return a run that evaluates."""
        gradient, stack = self.gradient(workload), self.jax.numpy.stack
        compiled = self.jax.jit(lambda xs: stack(gradient(list(xs))))
        inputs = self.array(workload.inputs)
        compiled(inputs)
        return lambda: compiled(inputs).tolist()

    second = first
