"""Compare the derivatives of a function with differences.

`FlatFunction` sees the function under check as one of a flat row of numbers; `FiniteDifferences`
and `ExactDerivatives` say what its derivatives should be; `operations` compares the local
derivatives of each operation with differences of its own rule, to say where an error comes from.
"""

import inspect
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from math import fsum, inf, isfinite
from typing import Any

import numpy as np

from autograd._checks import as_float, check_type, checked_keywords, one_of, whole_number
from autograd.anomaly import formula
from autograd.check.exact import ExactDerivatives
from autograd.check.report import FINE, KINK, PURPOSE, UNKNOWN, WRONG, GradientError, Report, Row
from autograd.compiler.tape.plain import rules
from autograd.context import no_grad
from autograd.engine.forward import jvp, why_no_jvp
from autograd.engine.reverse import between, floats
from autograd.errors import shown
from autograd.finite_differences import EPSILON, Estimate, has_kink, slope
from autograd.functions import dot
from autograd.graph import topological
from autograd.primitives import TABLE
from autograd.transforms.gradient import gradient
from autograd.tree import Path, check_depth, index_key, keystr, tree_map, tree_map_with_path
from autograd.tree_spec import values_of
from autograd.value import Value

Numbers = Sequence[float]
Case = tuple[float, Estimate | None, Value]  # a local derivative, what it should be, its node


class FlatFunction:
    """A function of trees as one of a flat row of numbers, with its computed derivatives."""

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
        self.indices = range(len(self.leaves))
        self.computed = {"first": gradient(self.result, self.leaves), "second": []}
        self.rounding = _rounding(self.result, self.leaves)

    def _run(self, leaves: Sequence[Value]) -> Value:
        rest = iter(leaves)
        result: Any = self.f(*tree_map(lambda x: next(rest) if type(x) is Value else x, self.args))
        if type(result) is not Value:
            raise TypeError(f"gradients: the function returned {shown(result)}; return one Value")
        return result

    def value(self, numbers: Numbers) -> float:
        """Compute the function at other numbers."""
        with no_grad(), self._moved(numbers) as leaves:
            return self._run(leaves).data

    def slopes(self, numbers: Numbers) -> list[float]:
        """Compute the gradient at other numbers."""
        with self._moved(numbers) as leaves:
            return [float(g) for g in gradient(self._run(leaves), leaves)]

    @contextmanager
    def _moved(self, numbers: Numbers) -> Iterator[list[Value]]:
        """Provide new leaves for the arguments, with the parameters set for the duration."""
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
        """Return the graph of the directional derivative; store its gradient in ``computed``."""
        firsts = gradient(self.result, self.leaves, create_graph=True)
        graph: Value = dot(firsts, list(steps))
        self.computed["second"] = gradient(graph, self.leaves)
        return graph

    def row(self, kind: str, i: int, expected: Estimate | None, *, kinked: bool) -> Row:
        """Compare one derivative with its estimate, None at a kink and where there is none."""
        claimed = float(self.computed[kind][i])
        verdict = UNKNOWN if expected is None else WRONG
        if expected is not None:
            room = expected.bound + (self.rounding[i] if kind == "first" else 1e-9 * abs(claimed))
            if Estimate(expected.value, room).agrees(claimed):
                verdict = FINE
        where = [KINK] * kinked + ["along a random direction"] * (kind == "second")
        name = self.leaves[i].label or f"leaf {i}"
        return Row(kind, name, claimed, expected, verdict, ", ".join(where))

    def forward(self, steps: Numbers) -> Row | None:
        """Compare forward with reverse mode along a direction; None without a forward rule."""
        order = between(self.leaves, [self.result])
        if why_no_jvp(order, graphs=False):
            return None
        seeds = dict(zip(self.leaves, steps, strict=True))
        claimed = float(jvp(order, seeds, [self.result], floats)[0])
        expected, verdict = None, UNKNOWN
        if all(isfinite(g) for g in (claimed, *self.computed["first"])):
            pairs = [*zip(steps, self.computed["first"], self.rounding, strict=True)]
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
    """Bound the rounding of a gradient: one error a node, relative to the sum of magnitudes."""
    order = topological(result)
    sizes: dict[Value, float] = {result: 1.0}
    for node in reversed(order):
        for x, d in zip(node.inputs, node.partials, strict=True):
            sizes[x] = sizes.get(x, 0.0) + sizes.get(node, 0.0) * abs(d)
    return [EPSILON * (len(order) + 8) * sizes.get(x, 0.0) for x in leaves]


class FiniteDifferences:
    """What derivatives should be, by differences of the function and of its gradient."""

    def __init__(self, function: FlatFunction) -> None:
        self.function = function
        self.values: dict[tuple[int, float], float] = {}
        self.runs: dict[float, list[float]] = {}

    def first(self, i: int) -> Estimate | None:
        """Return the derivative with respect to number i."""
        return slope(self._value(i), self.function.numbers[i])

    def second(self, i: int, steps: Numbers) -> Estimate | None:
        """Return the derivative of derivative i along a direction."""
        return slope(self._slope(i, steps), 0.0)

    def has_first_kink(self, i: int) -> bool:
        """Return whether there is no derivative with respect to number i."""
        return has_kink(self._value(i), self.function.numbers[i])

    def is_smooth(self, steps: Numbers) -> bool:
        """Return whether the derivative along a direction follows from the partial derivatives.

        A function may have all partial derivatives and yet not be differentiable: a weighted sum
        of the larger and the smaller of two equal numbers.
        """
        numbers = self.function.numbers

        def at(t: float) -> float:
            moved = [x + t * step for x, step in zip(numbers, steps, strict=True)]
            return self.function.value(moved)

        along = slope(at, 0.0)
        firsts = [self.first(i) for i in self.function.indices]
        if along is None or None in firsts or has_kink(at, 0.0):
            return False
        known = [first for first in firsts if first is not None]
        total = fsum([step * first.value for step, first in zip(steps, known, strict=True)])
        room = fsum([abs(step) * one.bound for step, one in zip(steps, known, strict=True)])
        return Estimate(along.value, along.bound + room).agrees(total)

    def has_second_kink(self, i: int, steps: Numbers) -> bool:
        """Return whether derivative i has no derivative along a direction."""
        return has_kink(self._slope(i, steps), 0.0)

    def _value(self, i: int) -> Callable[[float], float]:
        """Return the function of number i alone."""
        numbers, values = self.function.numbers, self.values

        def at(x: float) -> float:
            if (i, x) not in values:
                values[i, x] = self.function.value([*numbers[:i], x, *numbers[i + 1 :]])
            return values[i, x]

        return at

    def _slope(self, i: int, steps: Numbers) -> Callable[[float], float]:
        """Return derivative i as a function of the step along a direction."""

        def at(t: float) -> float:
            if t not in self.runs:
                numbers = zip(self.function.numbers, steps, strict=True)
                self.runs[t] = self.function.slopes([x + t * step for x, step in numbers])
            return self.runs[t][i]

        return at


def operations(results: Sequence[Value]) -> list[Row]:
    """Return a row for each operation of some graphs: the worst local derivative of its nodes."""
    groups: dict[str, list[Value]] = {}
    for node in topological(results):
        if node.inputs:
            groups.setdefault(node.op, []).append(node)
    return [_row(op, nodes) for op, nodes in groups.items()]


def _row(op: str, nodes: Sequence[Value]) -> Row:
    """Make the row of one operation, from its worst local derivative."""
    if op not in TABLE:
        return Row("operation", op, nodes[0].data, None, UNKNOWN, f"{len(nodes)} without a rule")
    cases = [case for node in nodes for case in _cases(node)]
    if not cases:
        return Row("operation", op, nodes[0].data, None, UNKNOWN, f"{len(nodes)} of constants")
    claimed, expected, node = max(cases, key=_badness)
    verdict = FINE if expected is not None else UNKNOWN
    if expected is not None and not expected.agrees(claimed):
        verdict = WRONG if TABLE[op].exact else PURPOSE
    if TABLE[op].vjps:  # for a gradient of 1 it may agree, as clipping does
        verdict = PURPOSE
    what = KINK if expected is None else f"worst of {len(nodes)}"
    return Row("operation", op, claimed, expected, verdict, f"{what}: {formula(node)}")


def _cases(node: Value) -> Iterator[Case]:
    """Yield each local derivative with its estimate."""
    rule, _ = rules(node.op)
    xs = [x.data for x in node.inputs]
    for k, (x, claimed) in enumerate(zip(node.inputs, node.partials, strict=True)):
        if not x.is_constant:
            at = partial(_moved, rule, xs, k)
            yield claimed, None if has_kink(at, xs[k]) else slope(at, xs[k]), node


def _moved(rule: Callable[[Sequence[float]], float], xs: list[float], k: int, x: float) -> float:
    """Compute an operation with its k-th operand replaced."""
    return rule([*xs[:k], x, *xs[k + 1 :]])


def _badness(case: Case) -> float:
    """Return the error of a local derivative, in multiples of its bound."""
    claimed, expected, _ = case
    if expected is None:
        return -1.0
    off = abs(claimed - expected.value)
    return inf if off != off else off / (expected.bound or 1e-300)


@checked_keywords
def gradients(
    f: Callable[..., Any],
    args: Sequence[Any],
    *,
    reference: str = "differences",
    second: bool = True,
    parameters: bool = False,
    rng: int = 0,
    raises: bool = True,
) -> Report:
    """Compare the derivatives of a function with differences, and those of each operation in it.

    Checked are the first derivatives with respect to every number in ``args``; the second ones
    along a random direction (a Hessian-vector product); forward mode against reverse mode along
    this direction, where all operations support forward mode; and the local derivatives of every
    node, in the graph and in that of its derivative, against differences of the operation's own
    rule: these say where a wrong gradient comes from.
    Tolerances are computed error bounds, not guesses: see `autograd.finite_differences`.

    Parameters
    ----------
    f : function
        Takes numbers, or trees of them; returns one `Value`.
    args : list or tuple
        The arguments at which to check.
    reference : "differences" or "mpmath"
        Whether expected derivatives come from differences of ``f`` in floats, or from the recorded
        graph computed in 60 digits (the extra ``check``).
    second : bool
        Whether to check second derivatives.
    parameters : bool
        Whether to check also the derivatives with respect to leaves that ``f`` closes over.
    rng : int
        The seed of the random direction.
    raises : bool
        Whether to raise an error if something is wrong, or only to report it.

    Returns
    -------
    Report
        Prints as a table; is true if nothing is wrong; ``report.failures`` has the wrong rows.

    Raises
    ------
    GradientError
        An AssertionError that names each argument and operation that is wrong.

    Notes
    -----
    The cost is some 70 runs of ``f`` for each number, and 70 gradients. Operations whose gradient
    differs on purpose (`stop_gradient`, `custom_vjp`) are listed; in a function with one of them,
    derivatives that differ are put down to it and do not count as wrong.
    At a kink or a jump (`relu` at 0, equal numbers in `max`, a border of `where`) the one-sided
    differences do not converge to one number: there is no derivative to compare with. Such rows say
    "not checked" and "at a kink"; so does a derivative that differs where an operation is at a
    kink, or where the directional derivative does not follow from the partial derivatives. What is
    not checked raises nothing and is no failure: to check it, choose another point.
    """
    one_of("reference", reference, ("differences", "mpmath"))
    rng = whole_number("rng", rng, 0)
    function = FlatFunction(f, args, parameters=parameters)
    direction = random.Random(rng)  # noqa: S311 - any direction will do
    steps = [direction.uniform(-1, 1) for _ in function.leaves]
    differences = FiniteDifferences(function)
    expected: FiniteDifferences | ExactDerivatives = differences
    if reference == "mpmath":
        expected = ExactDerivatives(function.result, function.leaves)
    graphs = [function.result]
    if second:
        graphs.append(function.along(steps))
    local = operations(graphs)
    rows = []
    for i in function.indices:
        kinked = differences.has_first_kink(i)
        rows.append(function.row("first", i, None if kinked else expected.first(i), kinked=kinked))
    for i in function.indices if second else ():
        kinked = differences.has_second_kink(i, steps)
        estimate = None if kinked else expected.second(i, steps)
        rows.append(function.row("second", i, estimate, kinked=kinked))
    if any(row.verdict == WRONG for row in rows):
        if any(row.verdict == PURPOSE for row in local):
            rows = [row.excused(PURPOSE) for row in rows]
        elif any(KINK in row.where for row in local) or not differences.is_smooth(steps):
            rows = [row.excused(UNKNOWN, KINK) for row in rows]
    forward = function.forward(steps)
    report = Report((*rows, *([forward] if forward else []), *local))
    if raises and not report:
        raise GradientError(report)
    return report
