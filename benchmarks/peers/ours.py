"""Our own library, on the kernel that AUTOGRAD_KERNEL names."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import autograd
import nn
from autograd import Value, constant
from autograd.compiler.tape.choice import Tape
from autograd.compiler.tracing.trace import record
from autograd.graph import topological
from benchmarks.peers.base import Eager, Run, UnsupportedError
from benchmarks.workloads import WIDTHS, Workload


class Ours(Eager):
    """`Value`s; in the nn workloads `nn.MLP` and `nn.hinge`."""

    distribution = "scalar-autograd"

    def __init__(self) -> None:
        super().__init__()
        self.leaf = Value  # type: ignore[method-assign, assignment] # the class itself: no call between
        self.constant = constant
        self.relu = Value.relu
        self.exp, self.log = Value.exp, Value.log
        self.sqrt, self.erf = Value.sqrt, Value.erf

    def version(self) -> str:
        """Return the version of what was imported, installed or not."""
        return autograd.__version__

    def leaf(self, x: float) -> Value:
        """Return a leaf."""
        return Value(x)

    def gradient(self, result: Value, leaves: Sequence[Value]) -> list[float]:
        """Go back and read the leaves."""
        result.backward()
        return [leaf.grad for leaf in leaves]

    def builder(self, workload: Workload) -> Callable[[], tuple[Any, Sequence[Any]]]:
        """Return a function that computes the result, with a model that was made before."""
        network = workload.network
        if network is None:
            return super().builder(workload)
        model = nn.MLP(WIDTHS[0], WIDTHS[1:])
        parameters = model.parameters()
        for parameter, x in zip(parameters, workload.inputs, strict=True):
            parameter.data = x

        def build() -> tuple[Value, list[Value]]:
            model.zero_grad()
            return nn.hinge(model(network.points), network.targets), parameters

        return build

    def second(self, workload: Workload) -> Run:
        """Return a run that differentiates the graph of the first derivative."""
        build = self.builder(workload)

        def once() -> list[float]:
            result, leaves = build()
            first = autograd.gradient(result, leaves, create_graph=True)
            return [g.data for g in first] + autograd.gradient(first[0], [leaves[0]])

        return once

    def nodes(self, workload: Workload) -> int:
        """Count the nodes of the graph."""
        return len(topological(self.builder(workload)()[0]))


class Taped(Ours):
    """The graph is built once; each run puts the leaves' numbers on the tape and replays it."""

    def first(self, workload: Workload) -> Run:
        """Return a run that gives the derivatives with respect to all leaves."""
        result, leaves = self.builder(workload)()
        trace = record(result, leaves=leaves)
        tape = Tape(trace.scalars, trace.result)
        inputs = np.array([leaf.data for leaf in leaves])
        numbers, count = trace.scalars.numbers.copy(), len(leaves)
        grads = np.empty_like(numbers)

        def once() -> list[float]:
            numbers[:count] = inputs
            tape.value_and_grad(numbers, grads)
            found: list[float] = grads[:count].tolist()
            return found

        return once

    def second(self, workload: Workload) -> Run:
        """Refuse: the tape gives first derivatives."""
        del workload
        raise UnsupportedError("no second derivative")
