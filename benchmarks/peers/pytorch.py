"""PyTorch, one 0-d tensor of float64 a number."""

from collections.abc import Sequence
from typing import Any

from benchmarks.peers.base import Eager, Run, library
from benchmarks.workloads import Workload


class PyTorch(Eager):
    """Leaves are tensors that require a gradient; constants are Python floats."""

    distribution = "torch"

    def __init__(self) -> None:
        super().__init__()
        self.torch = torch = library("torch")
        self.relu, self.exp, self.log = torch.relu, torch.exp, torch.log
        self.sqrt, self.erf = torch.sqrt, torch.erf

    def leaf(self, x: float) -> Any:
        """Return a leaf."""
        return self.torch.tensor(x, dtype=self.torch.float64, requires_grad=True)

    def gradient(self, result: Any, leaves: Sequence[Any]) -> list[float]:
        """Go back and read the leaves."""
        result.backward()
        return [leaf.grad.item() for leaf in leaves]

    def second(self, workload: Workload) -> Run:
        """Return a run that differentiates the graph of the first derivative."""
        build, grad = self.builder(workload), self.torch.autograd.grad

        def once() -> list[float]:
            result, leaves = build()
            first = grad(result, leaves, create_graph=True)
            return [g.item() for g in (*first, *grad(first[0], leaves[:1]))]

        return once
