"""One compiled variant: a program, its engine, and where its numbers come from."""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, field
from itertools import starmap
from math import inf
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from autograd.compiler.executors import engines
from autograd.compiler.executors.blocked_engine import (
    WIDE,
    Engine,
    array_engine,
    blocked_engine,
)
from autograd.compiler.executors.cost import choose, lowered_if_short
from autograd.compiler.executors.engines import TapeEngine, is_finite
from autograd.compiler.executors.index_bounds import Bound, bounds_of, check_index
from autograd.compiler.layout.views import Array, Ids
from autograd.compiler.programs.hessian import Derivative
from autograd.compiler.programs.lowering import lower_program, scalar_program
from autograd.compiler.programs.program import Arrays, CallSpec, Program
from autograd.compiler.tape.choice import COMPILED
from autograd.compiler.tracing.leaves import Leaves, count_of
from autograd.compiler.tracing.purity import Fingerprint
from autograd.compiler.tracing.trace import Trace
from autograd.compiler.vectorize.canonicalize import reached
from autograd.value import Value, get_data


@dataclass
class Result:
    """What a call found: the value, and the gradients of arguments and parameters.

    ``arguments`` has gradients by the argument array's number; ``parameters`` has nodes with a row
    of their gradients, of all parameters that the result depends on; ``named`` has those of each
    array by its name.
    """

    value: float
    arguments: dict[int, Any] = field(default_factory=dict)
    parameters: list[tuple[list[Value], Any]] = field(default_factory=list)
    named: dict[str, Any] = field(default_factory=dict)
    divided: bool = False  # a sum of several results, which may have parameters in common
    graph: int = 0  # a hash of the graph's structure, of one eager run

    @property
    def finite(self) -> bool:
        """Whether the value and all gradients are finite."""
        gradients = [*self.arguments.values(), *(row for _, row in self.parameters)]
        return bool(np.isfinite(self.value) and all(np.isfinite(g).all() for g in gradients))

    def close_to(self, other: "Result") -> bool:
        """Whether another call found the same, but for rounding in sums of another order."""
        return all(starmap(is_close, zip(self.compared(), other.compared(), strict=True)))

    def compared(self) -> list[Any]:
        """Return the numbers in which two calls are compared: the value, and all gradients."""
        slopes: dict[Value, float] = {}
        for nodes, row in self.parameters:
            slopes.update(zip(nodes, np.asarray(row).tolist(), strict=True))
        own = [self.arguments[i] for i in sorted(self.arguments)]
        return [self.value, *own, [slopes[node] for node in sorted(slopes, key=id)]]


def is_close(one: Any, other: Any) -> bool:
    """Whether numbers agree to 9 digits of the largest; those of a nan agree with a nan's."""
    one, other = np.asarray(one, float), np.asarray(other, float)
    size = np.abs(other[np.isfinite(other)]).max(initial=0.0)
    return one.shape == other.shape and bool(
        np.allclose(one, other, rtol=0, atol=1e-9 * size, equal_nan=True)
    )


def total(parts: Sequence[tuple[float, Result]]) -> Result:
    """Add results up, each with its weight."""
    if len(parts) == 1 and parts[0][0] == 1:
        return parts[0][1]
    found = Result(sum(weight * part.value for weight, part in parts), divided=True)
    for weight, part in parts:
        for i, gradient in part.arguments.items():
            found.arguments[i] = found.arguments.get(i, 0.0) + weight * gradient
        found.parameters += [(nodes, weight * row) for nodes, row in part.parameters]
        for name, gradient in part.named.items():
            found.named[name] = found.named.get(name, 0.0) + weight * gradient
    return found


@dataclass(eq=False)
class Specialization:
    """A program with its engine; ``sources`` say which argument array each of its arrays is.

    ``parameters`` are in a row, which arrays of parameters read in turn; ``reached`` tells which of
    them get gradients, as others are only compared: None for all. ``beside`` get gradients of 0,
    as the program does not need them.
    """

    program: Program
    engine: Engine
    sources: list[int | None]
    parameters: list[Value]
    bounds: list[Bound]
    fingerprint: Fingerprint
    reached: NDArray[np.bool_] | None = None
    beside: Sequence[Value] = ()
    replay: TapeEngine | None = None
    quickened: frozenset[bool] = frozenset()  # which quick calls it was asked for
    call: Any = None  # its quick call, if it has one
    rows: Any = None  # its program on rows of parameters, once asked for
    lower: Callable[[], Program] | None = None  # of a scalar program
    most_samples: float = inf  # the largest batch that its engine runs; larger ones are arrays
    batch_size: int = 0  # of the last call, where there is a largest batch
    _lowered: "Specialization | None" = None
    _larger: "Specialization | None" = None

    def run(self, arrays: Sequence[Any]) -> Result | int:
        """Return what a call finds, or the number of the first guard that fails.

        With a batch, a guard fails that fails for any sample.
        """
        if (own := self.serving(arrays)) is not self:
            return own.run(arrays)
        found = self.computed(self.numbers(arrays))
        failed = self._first_failed(found[2])
        return self.result_of(found, arrays) if failed is None else failed

    def computed(self, numbers: list[Any]) -> engines.Found:
        """Run the engine; where something is not finite, replay scalar by scalar.

        Zeros stop there what is not finite, as in `backward`, and nothing is padded: comparisons
        come out as in the function itself.
        """
        found = self.engine.run(numbers)
        if not self.engine.is_exact:
            checked = [*found[1], *(numbers if self.program.guards else ())]
            if not is_finite(found[0], checked):
                return self._exactly(numbers)
        return found

    def accepted(self, arrays: Sequence[Any]) -> Result:
        """Return what a call finds that is known to go this way.

        The function itself was run on these numbers; what a program computes in another order may
        come out on the other side of a comparison by a rounding.
        """
        own = self.serving(arrays)
        return own.result_of(own.computed(own.numbers(arrays)), arrays)

    def serving(self, arrays: Sequence[Any]) -> "Specialization":
        """Return what runs a batch: the same, or for many samples the same as arrays."""
        if self.most_samples == inf:
            return self
        self.batch_size = self.count_samples(arrays)
        return self.larger() if self.batch_size > self.most_samples else self

    def larger(self) -> "Specialization":
        """Return the same for batches of more than ``most_samples``, made once."""
        if self._larger is None:
            engine = blocked_engine(self.program, most=WIDE)
            other = copy(self if engine else self.lowered())
            other.engine = engine or array_engine(other.program, most=WIDE)
            other.most_samples = inf
            self._larger = other
        return self._larger

    @property
    def engine_name(self) -> str:
        """The engine of the last call."""
        return (self.larger() if self.batch_size > self.most_samples else self).engine.name

    def count_samples(self, arrays: Sequence[Any]) -> int:
        """Count the samples of a batch."""
        given = zip(self.sources, self.program.arrays, strict=True)
        return next(len(arrays[i]) for i, a in given if a.sample and i is not None)

    def failures(self, arrays: Sequence[Any], count: int) -> NDArray[np.intp]:
        """Return for each of ``count`` samples its first guard that fails; -1 where all hold."""
        if not self.program.guards:
            return np.full(count, -1)
        own = self.serving(arrays)
        outcomes = own.computed(own.numbers(arrays))[2]
        first = np.full(count, -1)
        for k in range(len(outcomes) - 1, -1, -1):
            first[np.asarray(outcomes[k]) != self.program.guards[k].outcome] = k
        return first

    def _first_failed(self, outcomes: Sequence[Any]) -> int | None:
        """Return the number of the first guard that fails; None where all hold."""
        for k, (guard, outcome) in enumerate(zip(self.program.guards, outcomes, strict=True)):
            if not (outcome == guard.outcome if type(outcome) is np.bool_
                    else (np.asarray(outcome) == guard.outcome).all()):  # fmt: skip
                return k
        return None

    def result_of(self, found: engines.Found, arrays: Sequence[Any]) -> Result:  # noqa: ARG002 - for a batch of results
        """Return what was found as a result."""
        return self.result(float(found[0]), found[1])

    def _exactly(self, numbers: list[Any]) -> engines.Found:
        """Replay scalar by scalar."""
        if self.replay is None:
            self.replay = TapeEngine(self.program)
        return self.replay.run(numbers)

    def numbers(self, arrays: Sequence[Any]) -> list[Any]:
        """Return the program's arrays as it reads them: the samples along the last axis."""
        return [
            (given.T if given.ndim == 2 else np.moveaxis(given, 0, -1)) if array.sample else given
            for array, given in zip(self.program.arrays, self.given(arrays), strict=True)
        ]

    def given(self, arrays: Sequence[Any]) -> list[Any]:
        """Return the program's arrays: parameters' numbers, and arguments as they came."""
        arguments = iter(self.arguments(arrays))
        row = numbers_of(self.parameters)
        for place, positions, bound, size in self.bounds:
            if place is None:  # a parameter that selects
                check_index(row, positions, bound, size)
        own = iter(self.cut(row))
        return [next(own if source is None else arguments) for source in self.sources]

    def cut(self, row: NDArray[Any]) -> list[NDArray[Any]]:
        """Return the parts of a row, one number a parameter, as the arrays of parameters."""
        start, found = 0, []
        for array in self.program.arrays:
            if array.kind == "parameter":
                end = start + array.ids.size
                found.append(row[start:end].reshape(array.shape))
                start = end
        return found

    def arguments(self, arrays: Sequence[Any]) -> list[Any]:
        """Return the program's arrays that are no parameters, checked where they select."""
        with np.errstate(over="ignore"):  # a long double beyond all floats is inf
            return [a.astype(float) if a.dtype != float else a for a in self.chosen(arrays)]

    def chosen(self, arrays: Sequence[Any]) -> list[Any]:
        """Return the same as `arguments`, but with the dtypes that were given."""
        for place, positions, bound, size in self.bounds:
            if place is not None:
                check_index(arrays[place], positions, bound, size)
        return [arrays[source] for source in self.sources if source is not None]

    def current(self) -> dict[str, Any]:
        """Return the parameters' numbers of now, by the array's name."""
        names = [array.name for array in self.program.arrays if array.kind == "parameter"]
        return dict(zip(names, self.cut(numbers_of(self.parameters)), strict=True))

    def blamed(self, arrays: Sequence[Any]) -> str:
        """Name the line of the program where the first number that is not finite stands."""
        replay = TapeEngine(self.program)
        replay.run(self.numbers(arrays))
        ((numbers, _),) = replay.idle
        bad = set(np.flatnonzero(~np.isfinite(numbers)).tolist())
        for step in self.lowered().program.instructions:
            if bad.intersection(step.out.ids.reshape(-1).tolist()):
                return f"in the line of {step.out.name}: "
        return "in the gradients: "

    def result(self, value: float, gradients: Sequence[Any]) -> Result:
        """Say whose gradients these are: an argument's array or a parameter."""
        found = Result(value)
        given = dict(zip(self.program.wanted, gradients, strict=True))
        start = 0
        for array, source in zip(self.program.arrays, self.sources, strict=True):
            if source is not None:
                if array in given:
                    found.arguments[source] = given[array]
                continue
            end = start + array.ids.size
            gradient = given.get(array, 0.0)
            row = np.broadcast_to(gradient, array.shape or (1,)).reshape(-1)
            nodes = self.parameters[start:end]
            if self.reached is not None:
                chosen = self.reached[start:end]
                nodes = [node for node, is_reached in zip(nodes, chosen, strict=True) if is_reached]
                row = row[chosen]
            found.parameters.append((nodes, row))
            if array in given:
                found.named[array.name] = np.array(gradient)  # not what the user gave
            start = end
        if self.beside:
            found.parameters.append((list(self.beside), np.zeros(len(self.beside))))
        return found

    def form(
        self,
        name: str,
        take: Callable[[tuple[Any, ...]], Arrays],
        give: Callable[[Result], Any],
    ) -> CallSpec:
        """Say how it is called: ``take`` flattens arguments, ``give`` structures a result."""
        own = self.lowered()
        return CallSpec(
            own.program,
            name,
            lambda args: own.given(take(args)),
            lambda value, gradients: give(own.result(value, gradients)),
            own.current(),
            lambda args: own.arguments(take(args)),
            own.parameters,
            own.chosen,
            own.reached,
            own.beside,
        )

    def lowered(self) -> "Specialization":
        """Return the same with its program lowered, to be read; the tape needs no lowering."""
        if self.lower is not None and self._lowered is None:
            program = self.lower()
            self._lowered = self if program is self.program else self._with(program)
            self.lower = None
        return self if self._lowered is None else self._lowered

    def _with(self, program: Program) -> Self:
        """Return the same for the lowered form of its program."""
        arguments: list[tuple[int | None, Ids]] = []
        places: dict[str, int | None] = {}
        for array, source in zip(self.program.arrays, self.sources, strict=True):
            if source is not None:
                places[array.name] = source
                arguments.append((source, array.ids.ravel()))
        row = parameters_of(self.program)
        nodes = dict(zip(row.tolist(), self.parameters, strict=True))
        ends = set((row if self.reached is None else row[self.reached]).tolist())
        other = copy(self)
        other.program, other.engine = program, TapeEngine(program)
        other.lower, other.replay, other.quickened, other.rows = None, None, frozenset(), None
        other.sources = [places.get(array.name) if array.kind == "argument" else None
                         for array in program.arrays]  # fmt: skip
        row = parameters_of(program)
        kept = row.tolist()
        other.parameters = [nodes[i] for i in kept]
        other.reached = None if ends.issuperset(kept) else np.array([i in ends for i in kept])
        other.beside = [*self.beside, *(nodes[i] for i in sorted(ends.difference(kept)))]
        other.bounds = bounds_of(program, [*arguments, (None, row)])
        return other


def make(
    trace: Trace,
    leaves: Sequence[Leaves],
    own: Fingerprint,
    reduce: str,
    engine: str,
    *,
    gradients: bool,
    exact: bool = False,
    outputs: Sequence[Any] | None = None,
    derivative: Derivative | None = None,
) -> Specialization:
    """Lower a trace, choose its engine, and note where its arrays come from.

    ``own`` is the trace's fingerprint; a ``derivative`` has its own way to be lowered.
    """
    arguments = arguments_of(leaves)
    bare = scalar_program(trace, arguments, reduce, gradients=gradients, outputs=outputs)
    batch = any(argument.sample for argument in arguments)
    program, chosen, most_samples = choose(
        bare, engine, batch=batch, exact=exact, derivative=derivative
    )
    places = {argument.name: i for i, argument in enumerate(arguments)}
    sources = [places[a.name] if a.kind == "argument" else None for a in program.arrays]
    row = parameters_of(program)
    parameters = trace.leaves.at(row)
    is_reached, beside = _reached(trace, row, count_of(leaves))
    nodes = [(i, argument.ids.ravel()) for i, argument in enumerate(arguments)]
    later = None
    if program is bare:

        def later() -> Program:
            lower = lower_program if batch or not COMPILED else lowered_if_short
            return (derivative and derivative.lowered(bare)) or lower(bare, exact=exact)

    return Specialization(
        program, chosen, sources, parameters, bounds_of(program, [*nodes, (None, row)]),
        own, is_reached, beside, lower=later, most_samples=most_samples,
    )  # fmt: skip


def _reached(trace: Trace, row: Ids, count: int) -> tuple[NDArray[np.bool_] | None, list[Value]]:
    """Return which parameters get gradients, None for all; and the leaves beside them that do.

    The first ``count`` leaves of the trace are those of the arguments.
    """
    if len(trace.leaves.leaves) == count:
        return None, []
    ends = reached(trace.scalars, trace.result)
    is_reached = None if ends[row].all() else ends[row]
    ends[row] = ends[:count] = False
    return is_reached, trace.leaves.at(np.flatnonzero(ends))


def arguments_of(leaves: Sequence[Leaves]) -> list[Array]:
    """Return the arrays of arguments: their leaves are the first nodes of a trace."""
    arguments, first = [], 0
    for leaf in leaves:
        ids = np.arange(first, first + len(leaf.nodes), dtype=np.int64).reshape(leaf.shape)
        arguments.append(Array(leaf.name, ids, leaf.sample, "argument"))
        first += len(leaf.nodes)
    return arguments


def parameters_of(program: Program) -> Ids:
    """Return the nodes of a program's parameters, in the order of its arrays."""
    rows = [a.ids.ravel() for a in program.arrays if a.kind == "parameter"]
    return np.concatenate(rows).astype(np.int64) if rows else np.zeros(0, np.int64)


def numbers_of(nodes: list[Value]) -> NDArray[np.float64]:
    """Return the numbers of many nodes, which are known to be nodes."""
    out = np.empty(len(nodes))
    get_data(nodes, out, False)
    return out
