"""The ways to run a case, each answering in a process of its own what it cost."""

import contextlib
import gc
import importlib
import math
import resource
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import autograd
from autograd import Value
from autograd.compiler.tracing.trace import record
from autograd.graph import topological
from benchmarks.first_call.cases import CASES, Case
from benchmarks.lifting.structure import flat, nodes_of

LEAST = 0.2  # seconds of runs, of which the fastest counts
KILOBYTE = 1 if sys.platform == "darwin" else 1024  # what the system counts a peak in


def mapped(make: Callable[[float], Any], argument: Any) -> Any:
    """Return nested lists and dicts with something in each float's place.

    >>> mapped(str, {"w": [1.5, (2.5, 3)]})
    {'w': ['1.5', ['2.5', 3]]}
    """
    if isinstance(argument, dict):
        return {key: mapped(make, item) for key, item in argument.items()}
    if isinstance(argument, (list, tuple)):
        return [mapped(make, item) for item in argument]
    return make(argument) if isinstance(argument, float) else argument


def summary(found: Any) -> list[float]:
    """Return what tells whether two ways found the same: the first number, and sums of all."""
    numbers = list(flat(found))
    return [numbers[0], math.fsum(numbers), math.fsum(map(abs, numbers))]


class Peak:
    """The most memory that this process has, counted from where this was made.

    Linux tells it of this program alone, and forgets on request what was freed before. Elsewhere,
    and where that is not allowed, the peak is that of the process from its beginning.
    """

    STATUS, FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")

    def __init__(self) -> None:
        with contextlib.suppress(OSError):
            self.FORGET.write_text("5", encoding="ascii")  # sets the peak to what is held now
        self.floor = self._now()

    def _now(self) -> int:
        if self.STATUS.exists():
            text = self.STATUS.read_text(encoding="ascii")
            return int(text.partition("VmHWM:")[2].split()[0]) * 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KILOBYTE

    def bytes(self) -> int:
        """Return by how much the peak has risen."""
        return self._now() - self.floor


def fastest(run: Callable[[], Any]) -> float:
    """Return the least time of a run, of at least two and of as many as fill `LEAST`."""
    times: list[float] = []
    while len(times) < 2 or (sum(times) < LEAST and len(times) < 100_000):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return min(times)


class Way(ABC):
    """One way to run cases."""

    def version(self) -> str:
        """Return the version of the library that does the work."""
        return autograd.__version__

    def measure(self, workload: str) -> dict[str, Any]:
        """Return what a case costs: seconds by what took them, and other facts."""
        case = CASES[workload]()
        gc.collect()
        return self.cost(case)

    @abstractmethod
    def cost(self, case: Case) -> dict[str, Any]:
        """Return what a case costs, and its numbers' summary."""


class Ours(Way):
    """A way of this library: what it imports is there before anything is measured."""

    def __init__(self) -> None:
        for engine in ("numpy", "tape"):
            autograd.compile(lambda x: autograd.tanh(x) * x, engine=engine)(0.5)

    def program(self, case: Case) -> Callable[..., Any]:
        """Return the function to be run or compiled."""
        program = case.write(autograd)
        return autograd.hessian(program) if case.hessian else program


class Eager(Ours):
    """Build the graph, differentiate it and free it."""

    def cost(self, case: Case) -> dict[str, Any]:
        """Run once to see the memory, then for the time."""
        program, nodes = self.program(case), 0
        peak = Peak()

        def run(*, count: bool = False) -> Any:
            nonlocal nodes
            if case.hessian:
                return program(*case.arguments)
            given = mapped(Value, case.arguments[: len(case.arguments) - len(case.batch)])
            rows = list(zip(*case.arguments[len(given) :], strict=True))
            losses = [program(*given, *row) for row in rows] if rows else [program(*given)]
            result = autograd.mean(losses) if rows else losses[0]
            result.backward()
            found = result.data, [leaf.grad for leaf in nodes_of(given)]
            if count:
                nodes = len(topological(result))
            return found

        found = summary(run())
        memory = peak.bytes()
        run(count=True)
        return {"eager": fastest(run), "memory": memory, "nodes": nodes, "numbers": found}


class Compiled(Ours):
    """Compile, call once and call again, on the engine that is chosen."""

    engine = "auto"

    def cost(self, case: Case) -> dict[str, Any]:
        """Time the first call, see the memory, and time calls after that."""
        program, arguments = self.program(case), case.arguments
        peak = Peak()
        start = time.process_time()
        step = autograd.compile(program, batch=case.batch, engine=self.engine)
        found = step(*arguments)
        first = time.process_time() - start
        memory = peak.bytes()
        engine = getattr(step, "engine", "")
        start = time.process_time()
        step(*arguments)  # traces once more, to see whether the function does the same
        second = time.process_time() - start
        return {
            "first": first, "second": second, "later": fastest(lambda: step(*arguments)),
            "memory": memory, "engine": engine, "numbers": summary(found),
        }  # fmt: skip


class InNumpy(Compiled):
    """The same in NumPy."""

    engine = "numpy"


class OnTape(Compiled):
    """The same on the tape."""

    engine = "tape"


class Traced(Ours):
    """Run the function once and record its graph, without lowering it."""

    def cost(self, case: Case) -> dict[str, Any]:
        """Time the function on leaves, and the recording; of a batch, of one sample."""
        own = len(case.arguments) - len(case.batch)
        sample = [a if i < own else a[0] for i, a in enumerate(case.arguments)]
        program = self.program(case)
        times, nodes = [], 0
        for _ in range(2):
            start = time.process_time()
            given = mapped(Value, sample)
            result = program(*given)
            trace = record(
                result if isinstance(result, Value) else list(nodes_of(_lists(result))),
                leaves=list(nodes_of(given)),
            )
            times.append(time.process_time() - start)
            nodes = len(trace.scalars.numbers)
            del result, trace
        return {"trace": min(times), "nodes": nodes}


def _lists(found: Any) -> Any:
    return found.tolist() if hasattr(found, "tolist") else found


class Demo(Ours):
    """The demonstration of the transformer: what part of its time its first calls take."""

    def measure(self, workload: str) -> dict[str, Any]:
        """Train as it does, and call it first for each length of a word."""
        demo = importlib.import_module("demos.tiny_transformer")
        start = time.process_time()
        demo.train(demo.make_parameters(seed=1), int(workload), progress=False)
        whole = time.process_time() - start
        parameters = demo.make_parameters(seed=1)
        step = autograd.compile(lambda tokens: demo.loss(parameters, tokens))
        lengths = {len(word): word for word in demo.WORDS}
        start = time.process_time()
        for word in lengths.values():
            step.backward(demo.encoded(word), fresh=True)
        return {"whole": whole, "first": time.process_time() - start, "lengths": len(lengths)}

    def cost(self, case: Case) -> dict[str, Any]:
        """Raise TypeError: the demonstration is one case."""
        raise TypeError(case.title)


class Scalars:
    """The operations that another library lacks, of those that it has."""

    exp: Callable[[Any], Any]
    log: Callable[[Any], Any]
    sqrt: Callable[[Any], Any]
    tanh: Callable[[Any], Any]
    relu: Callable[[Any], Any]

    def sum(self, xs: Sequence[Any]) -> Any:
        """Add numbers."""
        total = xs[0]
        for x in xs[1:]:
            total = total + x
        return total

    def softmax(self, xs: Sequence[Any]) -> list[Any]:
        """Return shares; the numbers are small here."""
        powers = [self.exp(x) for x in xs]
        total = self.sum(powers)
        return [power / total for power in powers]

    def take(self, rows: Sequence[Any], index: int) -> Any:
        """Return the row of an index."""
        return rows[index]

    def cross_entropy(self, xs: Sequence[Any], index: int) -> Any:
        """Return the surprise at an index."""
        return self.log(self.sum([self.exp(x) for x in xs])) - xs[index]


class Casadi(Way):
    """Build a function of value and gradient, or of the Hessian, from symbols of scalars."""

    def __init__(self) -> None:
        self.casadi: Any = importlib.import_module("casadi")
        self.ops = Scalars()
        for name in ("exp", "log", "sqrt", "tanh"):
            setattr(self.ops, name, getattr(self.casadi, name))
        self.ops.relu = lambda x: self.casadi.fmax(x, 0.0)

    def version(self) -> str:
        """Return CasADi's version."""
        return str(self.casadi.__version__)

    def cost(self, case: Case) -> dict[str, Any]:
        """Time the build; evaluate untimed."""
        casadi, own = self.casadi, len(case.arguments) - len(case.batch)
        start = time.process_time()
        leaves: list[Any] = []
        inputs: list[Any] = []

        def symbol(into: list[Any]) -> Callable[[float], Any]:
            def make(_x: float) -> Any:
                into.append(casadi.SX.sym("x"))
                return into[-1]

            return make

        given = mapped(symbol(leaves), case.arguments[:own])
        rows = [mapped(symbol(inputs), a[0]) for a in case.arguments[own:]]
        result, where = case.write(self.ops)(*given, *rows), casadi.vertcat(*leaves)
        outputs = (
            [casadi.hessian(result, where)[0]]
            if case.hessian
            else [result, casadi.gradient(result, where)]
        )
        function = casadi.Function("f", [where, casadi.vertcat(*inputs)], outputs)
        count = len(case.arguments[-1]) if case.batch else 1
        if case.batch:
            function = function.map(count)
        seconds = time.process_time() - start
        columns = [[_floats(case.arguments[:own])] * count, _columns(case.arguments[own:])]
        found = function.call([casadi.DM(rows).T if rows[0] else casadi.DM(0, count)
                               for rows in columns])  # fmt: skip
        means = [part.full() if case.hessian else part.full().mean(axis=1) for part in found]
        return {"casadi": seconds, "numbers": summary(means)}


def _columns(batches: Sequence[Any]) -> list[list[float]]:
    """Return the numbers of each sample; one without any where there is no batch."""
    return [_floats(row) for row in zip(*batches, strict=True)] or [[]]


class Jax(Way):
    """Trace and compile by `jax.jit` what one writes for arrays, in double precision."""

    def __init__(self) -> None:
        self.jax: Any = importlib.import_module("jax")
        self.jax.config.update("jax_enable_x64", True)
        self.jax.jit(self.jax.numpy.tanh).lower(0.5).compile()

    def version(self) -> str:
        """Return JAX's version."""
        return str(self.jax.__version__)

    def cost(self, case: Case) -> dict[str, Any]:
        """Time the compilation; run untimed."""
        jax = self.jax
        assert case.arrays is not None, "the case has one"
        program, arguments = case.arrays(jax), [_arrays(jax, a) for a in case.arguments]
        positions = tuple(i for i, a in enumerate(case.arguments) if _floats(a))
        own = positions[: len(case.arguments) - len(case.batch)]
        start = time.process_time()
        derived = jax.hessian(program) if case.hessian else jax.value_and_grad(program, own)
        compiled = jax.jit(derived).lower(*arguments).compile()
        seconds = time.process_time() - start
        return {"jax": seconds, "numbers": summary(compiled(*arguments))}


def _arrays(jax: Any, argument: Any) -> Any:
    """Return arrays for nested lists, in the structure of those that are not rectangular."""
    if isinstance(argument, dict):
        return {key: _arrays(jax, item) for key, item in argument.items()}
    try:
        return jax.numpy.asarray(np.asarray(argument))
    except ValueError:  # rows differ in length
        return [_arrays(jax, item) for item in argument]


def _floats(argument: Any) -> list[float]:
    found: list[float] = []
    mapped(found.append, argument)
    return found


WAYS: dict[str, type[Way]] = {
    "eager": Eager,
    "compiled": Compiled,
    "numpy": InNumpy,
    "tape": OnTape,
    "trace": Traced,
    "casadi": Casadi,
    "jax": Jax,
    "demo": Demo,
}


def worker(name: str) -> Way:
    """Return a way ("first-call:jax"); ImportError where its library is not installed."""
    return WAYS[name.removeprefix("first-call:")]()
