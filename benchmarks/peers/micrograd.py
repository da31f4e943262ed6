"""micrograd: a class of a hundred lines, its backward steps closures."""

from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.peers.base import Eager, library
from benchmarks.workloads import WIDTHS, Workload


class Micrograd(Eager):
    """`micrograd.engine.Value`; in the nn workloads `micrograd.nn.MLP`."""

    distribution = "micrograd"

    def __init__(self) -> None:
        super().__init__()
        value = library("micrograd.engine").Value
        self.leaf = value  # type: ignore[method-assign] # the class itself: no call between
        self.constant = value
        self.relu = value.relu

    def leaf(self, x: float) -> Any:
        """Return a leaf."""
        return self.constant(x)

    def gradient(self, result: Any, leaves: Sequence[Any]) -> list[float]:
        """Go back and read the leaves."""
        result.backward()
        return [leaf.grad for leaf in leaves]

    def builder(self, workload: Workload) -> Callable[[], tuple[Any, Sequence[Any]]]:
        """Return a function that computes the result, with a model that was made before."""
        network = workload.network
        if network is None:
            return super().builder(workload)
        model = library("micrograd.nn").MLP(WIDTHS[0], list(WIDTHS[1:]))
        parameters = model.parameters()
        for parameter, x in zip(parameters, workload.inputs, strict=True):
            parameter.data = x

        def build() -> tuple[Any, list[Any]]:
            model.zero_grad()
            outputs = [model(point) for point in network.points]
            losses = [
                (1 - target * output).relu()
                for target, output in zip(network.targets, outputs, strict=True)
            ]
            return sum(losses) * (1 / len(losses)), parameters

        return build
