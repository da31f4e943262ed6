"""The ways to run a case, each in a process of its own; what a run is, and what it found."""

import gc
import importlib
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
from autograd import Value
from autograd.compiler.runtime.malloc import keep_freed_memory
from autograd.compiler.tape.choice import Tape as Replay
from autograd.compiler.tracing.trace import record
from autograd.graph import topological
from benchmarks.lifting.cases import Case, find
from benchmarks.lifting.programs import hinge_of_operators
from benchmarks.lifting.structure import flat, grads, leaves, nodes_of, plain
from benchmarks.timed import Timed

Run = Callable[[], tuple[float, Any]]  # the value, and the gradients in the arguments' structure


class Way(ABC):
    """One way to run cases."""

    def version(self) -> str:
        """Return the version of the library that does the work."""
        return autograd.__version__

    @abstractmethod
    def run(self, case: Case) -> tuple[Run, dict[str, Any]]:
        """Return the function to be timed, and what is known of it besides its time."""


class Lifted(Way):
    """The compiled function, on the engine that it chooses or on the one insisted on."""

    engine = "auto"

    def run(self, case: Case) -> tuple[Run, dict[str, Any]]:
        """Compile, run once, and time both; trace alone before, as a part of that."""
        start = time.perf_counter()
        sample = [a[0] if i in batched(case) else a for i, a in enumerate(case.arguments)]
        case.program(*leaves(plain(sample)))
        traced = time.perf_counter() - start
        step = autograd.compile(case.program, batch=case.batch, engine=self.engine)
        arguments = case.arguments
        start = time.perf_counter()
        step(*arguments)
        first = time.perf_counter() - start
        return lambda: step(*arguments), {"trace": traced, "first": first, "engine": step.engine}


class Arrays(Lifted):
    """The same, always in NumPy."""

    engine = "numpy"


class Blocks(Lifted):
    """The same, always by blocks."""

    engine = "blocked"


class Tape(Lifted):
    """The same, always on the tape."""

    engine = "tape"


class Alone(Way):
    """The tape without a call's checks: numbers in one array, gradients in another."""

    def run(self, case: Case) -> tuple[Run, dict[str, Any]]:
        """Record the graph; return a run that replays it for numbers of the leaves."""
        start = time.perf_counter()
        given = leaves(plain(case.arguments))
        nodes = list(nodes_of(given))
        trace = record(case.program(*given), leaves=nodes)
        tape, numbers = Replay(trace.scalars, trace.result), trace.scalars.numbers.copy()
        grads, inputs = np.empty_like(numbers), np.array([node.data for node in nodes])
        count = len(nodes)

        def once() -> tuple[float, Any]:
            numbers[:count] = inputs
            return tape.value_and_grad(numbers, grads), grads[:count]

        return once, {"first": time.perf_counter() - start}


class Eager(Way):
    """Build the graph, differentiate it and free it, on the kernel that AUTOGRAD_KERNEL names."""

    def run(self, case: Case) -> tuple[Run, dict[str, Any]]:
        """Return a run that makes leaves, computes, goes back and reads the gradients."""
        program, arguments, batch = self.program(case), case.arguments, batched(case)
        own = [plain(a) for i, a in enumerate(arguments) if i not in batch]
        samples = list(zip(*(arguments[i].tolist() for i in batch), strict=True))

        def build() -> tuple[Value, list[Any]]:
            given = leaves(own)
            if not samples:
                return program(*given), given
            return autograd.mean([program(*given, *sample) for sample in samples]), given

        def once() -> tuple[float, Any]:
            result, given = build()
            result.backward()
            return result.data, grads(given)

        return once, {"nodes": len(topological(build()[0]))}

    def program(self, case: Case) -> Callable[..., Any]:
        """Return the program."""
        return case.program


class Operators(Eager):
    """The same with a node for each + and *, as in the first table."""

    def program(self, case: Case) -> Callable[..., Any]:
        """Return the program that has no dot products."""
        del case
        return hinge_of_operators


class Hand(Way):
    """Hand-written NumPy."""

    def version(self) -> str:
        """Return NumPy's version."""
        return np.__version__

    def run(self, case: Case) -> tuple[Run, dict[str, Any]]:
        """Return a run of the function by hand."""
        function, arguments = case.hand, case.arguments
        assert function is not None, "the case has one"
        keep_freed_memory()  # as lifted programs do: else 10,000 samples take 1.6 times as long
        return lambda: function(*arguments), {}


class Jax(Way):
    """Vectorised code, differentiated and compiled by JAX, in double precision on the CPU."""

    def __init__(self) -> None:
        self.jax: Any = importlib.import_module("jax")
        importlib.import_module("jax.scipy.special")
        self.jax.config.update("jax_enable_x64", True)

    def version(self) -> str:
        """Return JAX's version."""
        return str(self.jax.__version__)

    def run(self, case: Case) -> tuple[Run, dict[str, Any]]:
        """Compile for arrays that JAX holds; return a run that waits for the result."""
        jax, write = self.jax, case.jax
        assert write is not None, "the case has one"
        arguments = jax.tree.map(jax.numpy.asarray, case.arguments)
        step = jax.jit(jax.value_and_grad(write(jax)))
        start = time.perf_counter()
        jax.block_until_ready(step(*arguments))
        first = time.perf_counter() - start
        return lambda: jax.block_until_ready(step(*arguments)), {"first": first}


def batched(case: Case) -> list[int]:
    """Return the positions of the arguments that are batches: the last ones, here."""
    return list(range(len(case.arguments) - len(case.batch), len(case.arguments)))


class CaseWorker(Timed):
    """Answers what `benchmarks.worker.Worker` does, for cases."""

    def __init__(self, way: Way) -> None:
        super().__init__()
        self.way = way

    def version(self) -> str:
        """Return the version of what does the work."""
        return self.way.version()

    def load(self, workload: str) -> dict[str, Any]:
        """Prepare a case; return what is known of its run."""
        self.run = None
        gc.collect()
        self.run, known = self.way.run(find(workload))
        return known

    def found(self) -> dict[str, Any]:
        """Run once; return all numbers that were found, and how long that took."""
        start = time.perf_counter()
        found = self.loaded()()
        return {"seconds": time.perf_counter() - start, "found": list(flat(found))}


WAYS: dict[str, type[Way]] = {
    "lifted": Lifted,
    "one": Lifted,
    "blocked": Blocks,
    "numpy": Arrays,
    "tape": Tape,
    "alone": Alone,
    "hand": Hand,
    "jax": Jax,
    "native": Eager,
    "operators": Operators,
    "python": Eager,
}


def worker(name: str) -> CaseWorker:
    """Return the worker of a way; ImportError where its library is not installed."""
    return CaseWorker(WAYS[name.removeprefix("lifted:")]())
