"""What a workload may ask of a peer, and how a peer that records as it computes is run."""

import importlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from benchmarks.workloads import Workload

Run = Callable[[], list[float]]


class UnsupportedError(Exception):
    """Raised where a peer lacks what a workload needs; the text goes into the table."""


def library(name: str) -> Any:
    """Import a peer's library, untyped: none of them is needed to check this package."""
    return importlib.import_module(name)


def _lacking(name: str) -> Callable[[Any], Any]:
    def lack(_x: Any) -> Any:
        raise UnsupportedError(f"no {name}")

    return lack


class Peer(ABC):
    """A library: its functions, set by the constructor, and how it differentiates."""

    distribution: str

    def __init__(self) -> None:
        self.constant: Callable[[float], Any] = float
        self.relu = _lacking("relu")
        self.exp = _lacking("exp")
        self.log = _lacking("log")
        self.sqrt = _lacking("sqrt")
        self.erf = _lacking("erf")

    def version(self) -> str:
        """Return the installed version."""
        try:
            return version(self.distribution)
        except PackageNotFoundError:
            return "unknown version"

    def run(self, workload: Workload) -> Run:
        """Return the function to be timed: one run, which returns the gradients."""
        return self.second(workload) if workload.gamma else self.first(workload)

    @abstractmethod
    def first(self, workload: Workload) -> Run:
        """Return a run that gives the derivatives with respect to all leaves."""

    def second(self, workload: Workload) -> Run:
        """Return a run that gives these, and the first leaf's second derivative."""
        del workload
        raise UnsupportedError("no second derivative")

    def nodes(self, workload: Workload) -> int:
        """Return how many nodes the graph has; 0 where that is not known."""
        del workload
        return 0


class Eager(Peer):
    """A library of leaves: operators record as they compute, then `gradient` walks back."""

    @abstractmethod
    def leaf(self, x: float) -> Any:
        """Return a number to differentiate with respect to."""

    @abstractmethod
    def gradient(self, result: Any, leaves: Sequence[Any]) -> list[float]:
        """Return the derivatives of a result with respect to leaves."""

    def builder(self, workload: Workload) -> Callable[[], tuple[Any, Sequence[Any]]]:
        """Return a function that makes leaves and computes the result."""
        inputs, program, leaf = workload.inputs, workload.program, self.leaf

        def build() -> tuple[Any, Sequence[Any]]:
            leaves = [leaf(x) for x in inputs]
            return program(self, leaves), leaves

        return build

    def first(self, workload: Workload) -> Run:
        """Return a run that gives the derivatives with respect to all leaves."""
        build, gradient = self.builder(workload), self.gradient

        def once() -> list[float]:
            result, leaves = build()
            return gradient(result, leaves)

        return once
