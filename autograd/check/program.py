"""A function of structures as one of a row of numbers, and what its derivatives should be."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import fsum, isfinite
from typing import Any

import numpy as np

from autograd._checks import as_float, check_type
from autograd.check.exact import Exact
from autograd.check.report import FINE, KINK, UNKNOWN, WRONG, Row
from autograd.context import no_grad
from autograd.engine.forward import jvp, why_no_jvp
from autograd.engine.reverse import between, floats
from autograd.errors import shown
from autograd.finite_differences import EPSILON, Estimate, has_kink, slope
from autograd.functions import dot
from autograd.graph import topological
from autograd.transforms.gradient import gradient
from autograd.tree import Path, check_depth, index_key, keystr, tree_map, tree_map_with_path
from autograd.tree_spec import values_of
from autograd.value import Value

Numbers = Sequence[float]


class Program:
    """A function, its arguments' numbers as leaves, and the derivatives that it claims."""

    def __init__(
        self, f: Callable[..., Any], args: Sequence[Any], *, parameters: bool = False
    ) -> None:
        check_type("args", args, (list, tuple), "a list with one element an argument")
        check_type("f", f, Callable, "a function that returns a Value")
        check_depth(args, "gradients")
        self.f = f
        names = _parameters(f, len(args))
        self.args = [_leaves(arg, name) for arg, name in zip(args, names, strict=True)]
        self.leaves = values_of(self.args)
        self.count = len(self.leaves)
        self.result = self._run(self.leaves)
        if parameters:
            self.leaves += _parameters_of(self.result, self.leaves)
        if not self.leaves:
            raise ValueError("gradients: got no numbers in args; a derivative needs one at least")
        self.numbers = tuple([x.data for x in self.leaves])
        self.places = range(len(self.leaves))
        self.known = {"first": gradient(self.result, self.leaves), "second": []}
        self.rounding = _rounding(self.result, self.leaves)

    def _run(self, leaves: Sequence[Value]) -> Value:
        place = iter(leaves)
        result: Any = self.f(*tree_map(lambda x: next(place) if type(x) is Value else x, self.args))
        if type(result) is not Value:
            raise TypeError(f"gradients: the function returned {shown(result)}; return one Value")
        return result

    def value(self, numbers: Numbers) -> float:
        """Return the function's number elsewhere."""
        with no_grad(), self._moved(numbers) as leaves:
            return self._run(leaves).data

    def slopes(self, numbers: Numbers) -> list[float]:
        """Return its gradient elsewhere."""
        with self._moved(numbers) as leaves:
            return [float(g) for g in gradient(self._run(leaves), leaves)]

    @contextmanager
    def _moved(self, numbers: Numbers) -> Iterator[list[Value]]:
        """Give new leaves for the arguments; set the parameters, for as long as that takes."""
        parameters = self.leaves[self.count :]
        before = [x.data for x in parameters]
        try:
            for x, number in zip(parameters, numbers[self.count :], strict=True):
                x.data = number
            yield [Value(x) for x in numbers[: self.count]] + parameters
        finally:
            for x, number in zip(parameters, before, strict=True):
                x.data = number

    def along(self, steps: Numbers) -> Value:
        """Return the graph of the derivative along a direction; its gradient is known from now."""
        firsts = gradient(self.result, self.leaves, create_graph=True)
        graph: Value = dot(firsts, list(steps))
        self.known["second"] = gradient(graph, self.leaves)
        return graph

    def row(self, kind: str, i: int, expected: Estimate | None, *, kinked: bool) -> Row:
        """Compare one derivative; where ``kinked`` there is none, and nothing is expected."""
        claimed = float(self.known[kind][i])
        verdict = UNKNOWN if expected is None else WRONG
        if expected is not None:
            room = expected.bound + (self.rounding[i] if kind == "first" else 1e-9 * abs(claimed))
            if Estimate(expected.value, room).agrees(claimed):
                verdict = FINE
        where = [KINK] * kinked + ["along a random direction"] * (kind == "second")
        name = self.leaves[i].label or f"leaf {i}"
        return Row(kind, name, claimed, expected, verdict, ", ".join(where))

    def forward(self, steps: Numbers) -> Row | None:
        """Compare forward mode with reverse mode, along a direction; None where it cannot pass."""
        order = between(self.leaves, [self.result])
        if why_no_jvp(order, graphs=False):
            return None
        seeds = dict(zip(self.leaves, steps, strict=True))
        claimed = float(jvp(order, seeds, [self.result], floats)[0])
        expected, verdict = None, UNKNOWN
        if all(isfinite(g) for g in (claimed, *self.known["first"])):
            pairs = [*zip(steps, self.known["first"], self.rounding, strict=True)]
            room = sum(abs(step) * (rounding + EPSILON * abs(g)) for step, g, rounding in pairs)
            expected = Estimate(fsum([step * g for step, g, _ in pairs]), 2 * room)
            verdict = FINE if expected.agrees(claimed) else WRONG
        return Row("forward", "the result", claimed, expected, verdict, "along a random direction")


def _parameters_of(result: Value, leaves: Sequence[Value]) -> list[Value]:
    known = set(leaves)
    nodes = topological(result)
    return [x for x in nodes if x.is_leaf and not x.is_constant and x not in known]


def _parameters(f: Callable[..., Any], count: int) -> list[str]:
    try:
        names = [
            p.name for p in inspect.signature(f).parameters.values() if p.kind < p.KEYWORD_ONLY
        ]
    except (TypeError, ValueError):  # built in, and silent about its arguments
        names = []
    return [*names[:count], *(f"argument {i}" for i in range(len(names[:count]), count))]


def _leaves(tree: Any, name: str) -> Any:
    """Return a tree with a labelled leaf for each number."""

    def leaf(path: Path, x: Any) -> Any:
        if isinstance(x, np.ndarray) and x.ndim:
            array = np.empty(x.shape, dtype=object)
            for index in np.ndindex(*x.shape):
                array[index] = leaf((*path, index_key(index)), x[index])
            return array
        label = keystr(path, name)
        return Value(x.data if type(x) is Value else as_float(x, f"gradients: {label}"), label)

    return tree_map_with_path(leaf, tree, lambda x: x is None)


def _rounding(result: Value, leaves: Sequence[Value]) -> list[float]:
    """Bound the rounding of a gradient: one a node, of the sizes of all that flows."""
    order = topological(result)
    sizes: dict[Value, float] = {result: 1.0}
    for node in reversed(order):
        for x, d in zip(node.inputs, node.partials, strict=True):
            sizes[x] = sizes.get(x, 0.0) + sizes.get(node, 0.0) * abs(d)
    return [EPSILON * (len(order) + 8) * sizes.get(x, 0.0) for x in leaves]


class Differences:
    """What derivatives should be, by differences of the function and of its gradient."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.values: dict[tuple[int, float], float] = {}
        self.runs: dict[float, list[float]] = {}

    def first(self, i: int) -> Estimate | None:
        """Return the derivative with respect to number i."""
        return slope(self._value(i), self.program.numbers[i])

    def second(self, i: int, steps: Numbers) -> Estimate | None:
        """Return how derivative i changes along a direction."""
        return slope(self._slope(i, steps), 0.0)

    def has_first_kink(self, i: int) -> bool:
        """Tell whether there is no derivative with respect to number i."""
        return has_kink(self._value(i), self.program.numbers[i])

    def is_smooth(self, steps: Numbers) -> bool:
        """Tell whether the derivative along a direction is what those along the arguments say.

        Along each argument a function may have a derivative, and yet none as a whole: the larger
        and the smaller of two equal numbers, added up in another way on each side.
        """
        numbers = self.program.numbers

        def at(t: float) -> float:
            moved = [x + t * step for x, step in zip(numbers, steps, strict=True)]
            return self.program.value(moved)

        along = slope(at, 0.0)
        firsts = [self.first(i) for i in self.program.places]
        if along is None or None in firsts or has_kink(at, 0.0):
            return False
        known = [first for first in firsts if first is not None]
        total = fsum([step * first.value for step, first in zip(steps, known, strict=True)])
        room = fsum([abs(step) * one.bound for step, one in zip(steps, known, strict=True)])
        return Estimate(along.value, along.bound + room).agrees(total)

    def has_second_kink(self, i: int, steps: Numbers) -> bool:
        """Tell whether derivative i has no derivative along a direction."""
        return has_kink(self._slope(i, steps), 0.0)

    def _value(self, i: int) -> Callable[[float], float]:
        """Return the function of number i alone."""
        numbers, values = self.program.numbers, self.values

        def at(x: float) -> float:
            if (i, x) not in values:
                values[i, x] = self.program.value([*numbers[:i], x, *numbers[i + 1 :]])
            return values[i, x]

        return at

    def _slope(self, i: int, steps: Numbers) -> Callable[[float], float]:
        """Return derivative i as a function of the way along a direction."""

        def at(t: float) -> float:
            if t not in self.runs:
                numbers = zip(self.program.numbers, steps, strict=True)
                self.runs[t] = self.program.slopes([x + t * step for x, step in numbers])
            return self.runs[t][i]

        return at


class Exactly:
    """What derivatives should be, by differences in 60 digits of the recorded graph."""

    def __init__(self, program: Program) -> None:
        self.exact = Exact(program.result, program.leaves)

    def first(self, i: int) -> Estimate | None:
        """Return the derivative with respect to number i."""
        return self.exact.along(self._unit(i))

    def second(self, i: int, steps: Numbers) -> Estimate | None:
        """Return how derivative i changes along a direction."""
        return self.exact.along(self._unit(i), steps)

    def _unit(self, i: int) -> list[float]:
        return [float(k == i) for k in range(len(self.exact.leaves))]
