"""Derivatives of orders 1 to 3 where a rule changes its formula: exact, and alike on every way.

The borders are read off the rules: the numbers that an argument is compared with, zeros of both
signs, ones, whole numbers and equal operands. A new entry of the table is covered by itself, as
soon as it has a reference.
"""

import ast
import itertools
from math import isfinite

import numpy as np
import pytest
from mpmath import mp

import autograd
from autograd import compile, grad, hessian, hvp, jacobian, jvp
from autograd.primitives import CONSTANTS, TABLE
from benchmarks.accuracy.references import LISTS as REFERENCES_OF_LISTS
from benchmarks.accuracy.references import REFERENCES, differentiable

ANYWHERE = (0.0, 1.0, -1.0)
WHOLE = {2.0, 3.0, -2.0}
NAMES = [name for name, e in TABLE.items() if not e.variadic and name in REFERENCES]
SHIFT = mp.mpf("1e-20")  # beside a border: between the digits of floats and of differences


def compared(entry):
    """Return for each argument the numbers that its rules compare it, or its size, with."""
    found = {name: set() for name in entry.arguments}
    for text in (entry.rule, *entry.partials, *entry.textbook):
        for node in ast.walk(ast.parse(text, mode="eval")):
            if isinstance(node, ast.Compare):
                sides = [node.left, *node.comparators]
                numbers = [n for n in map(number_of, sides) if n is not None and isfinite(n)]
                within = {n.id for side in sides for n in ast.walk(side) if isinstance(n, ast.Name)}
                for name in within & found.keys():
                    found[name] |= {sign * n for n in numbers for sign in (1, -1)}
    return found


def number_of(side):
    try:
        return float(eval(ast.unparse(side), {**CONSTANTS, "__builtins__": {}}))
    except (NameError, TypeError):
        return None


def points(name):
    """Return all combinations of borders; a function of one number takes zeros of both signs."""
    entry = TABLE[name]
    wrt, borders = differentiable(name), compared(entry)
    choices = []
    for i in wrt:
        low, high = entry.domain[i]
        some = {*borders[entry.arguments[i]], *(ANYWHERE if len(wrt) < 3 else (0.0, 1.0))}
        some |= {low + 0.7 * (high - low)} | (WHOLE if name == "pow" else set())
        choices.append(sorted(some))
    if len(wrt) == 1:
        choices[0].append(-0.0)
    for xs in itertools.product(*choices):
        if isfinite(FUNCTIONS[name](xs)) and not (name == "clip" and xs[1] == xs[2]):
            yield list(xs)  # where lo is hi, the function of x is flat, and that of three is not


class Function:
    """A primitive as a function of the list of its arguments that have derivatives."""

    def __init__(self, name):
        self.name = name

    def __call__(self, xs):
        return getattr(autograd, self.name)(*self.complete(xs))

    def reference(self, *xs):
        return REFERENCES[self.name](*self.complete(xs))

    def complete(self, xs):
        """Add an order in front, or a number of digits behind."""
        before = [1.0] if self.name == "polygamma" else []
        return [*before, *xs, *([0.0] if self.name == "round" else [])]


FUNCTIONS = {name: Function(name) for name in NAMES}


def wanted(reference, xs):
    """Return the tensors of all derivatives; nan where the sides differ, or what lies beneath."""
    known = {}
    for orders in itertools.product(range(4), repeat=len(xs)):
        if 0 < sum(orders) <= 3:
            lower = [(*orders[:i], n - 1, *orders[i + 1 :]) for i, n in enumerate(orders) if n]
            bad = any(np.isnan(known.get(o, 0.0)) for o in lower)
            known[orders] = np.nan if bad else one_derivative(reference, xs, orders)
    tensors = []
    for order in (1, 2, 3):
        tensor = np.empty((len(xs),) * order)
        for index in np.ndindex(*tensor.shape):
            tensor[index] = known[tuple(index.count(i) for i in range(len(xs)))]
        tensors.append(tensor)
    return tensors


def one_derivative(reference, xs, orders):
    """Differentiate the reference on all sides of a point: they agree where it is smooth."""
    sides = []
    with mp.workdps(30 if max(map(abs, xs)) < 1e3 else 250):
        for signs in itertools.product(*((1, -1) if n else (0,) for n in orders)):
            place = [mp.mpf(x) + s * SHIFT * max(1, abs(x)) for x, s in zip(xs, signs, strict=True)]
            where = (place[0], orders[0]) if len(xs) == 1 else (tuple(place), orders)
            try:
                side = mp.diff(reference, *where)
            except (ValueError, ZeroDivisionError, TypeError):
                return np.nan
            if isinstance(side, mp.mpc) and side.imag != 0:
                return np.nan
            sides.append(float(mp.re(side)))
    size = max(map(abs, sides))
    return sides[0] if size < 1e6 and max(sides) - min(sides) <= 1e-9 * size + 1e-15 else np.nan


TRANSFORMS = {1: grad, 2: hessian, 3: lambda f: jacobian(hessian(f))}


def forward_over_reverse(function, xs, order):
    """The tensor, its last axis by forward mode."""
    units = np.eye(len(xs)).tolist()
    if order == 1:
        return [jvp(function, (xs,), (unit,))[1] for unit in units]
    if order == 2:
        return [hvp(function, (xs,), (unit,))[0] for unit in units]
    columns = [jvp(hessian(function), (xs,), (unit,))[1] for unit in units]
    return np.moveaxis(np.array(columns), 0, -1)


def agree(got, want, xs):
    """Whether two tensors agree to 1e-9 of the largest element, where the second has numbers."""
    got, want = np.array(got, float), np.array(want, float)
    size = np.nanmax(np.abs(want), initial=0.0)
    far = max(map(abs, xs)) > 20 and 0.0 not in xs
    floor = 1e-300 if far else 1e-13  # tails are tiny, and still have digits
    return bool(np.all(np.isnan(want) | (np.abs(got - want) <= 1e-9 * size + floor)))


def differing(transform, function, order, cases):
    """Yield where the eager tensor is not the wanted one, or another way has another tensor."""
    eager = transform(function)
    compiled = {e: compile(eager, engine=e) for e in ("numpy", "blocked", "tape")}
    for xs, tensors in cases:
        got, want = np.array(eager(xs), float), tensors[order - 1]
        if not agree(got, want, xs):
            yield "eager", order, xs, got.tolist(), want.tolist()
        ways = {"forward": forward_over_reverse(function, xs, order)}
        ways |= {engine: program(xs) for engine, program in compiled.items()}
        for way, result in ways.items():
            found = np.array(result, float)
            # a power of a negative base has none in its exponent: 0 times nan, on one way alone
            none = np.isnan(want) & (np.isnan(found) | np.isnan(got))
            if not np.all(none | np.isclose(found, got, rtol=1e-9, atol=1e-13)):
                yield way, order, xs, found.tolist(), got.tolist()


@pytest.mark.parametrize("name", NAMES)
def test_derivatives_at_borders(name):
    cases = [(xs, wanted(FUNCTIONS[name].reference, xs)) for xs in points(name)]
    assert cases
    wrong = [
        found
        for order, transform in TRANSFORMS.items()
        for found in differing(transform, FUNCTIONS[name], order, cases)
    ]
    assert not wrong, "\n".join(map(repr, wrong))


# Lists with zeros and ties, and sure choices; of functions with a position, of the first.
LISTS = {
    "sum": ([0.0, 0.0],),
    "mean": ([0.0, 1.0, 1.0],),
    "prod": ([0.0, 2.0, 3.0], [0.0, 0.0, 2.0], [0.0, 0.0, 0.0], [1.0, -1.0]),
    "dot": ([0.0, 1.0, 1.0, 0.0, 0.0],),
    "logsumexp": ([0.0, 0.0], [1.0, 1.0, 1.0], [30.0, 0.0]),
    "softmax": ([0.0, 0.0], [1.0, 1.0, 1.0], [30.0, 0.0]),
    "cross_entropy": ([0.0, 0.0], [1.0, 1.0, 1.0], [30.0, 0.0]),
    "take": ([0.0, 0.0], [1.0, 2.0]),
    "norm": ([0.0, 1.0], [1.0, 1.0, 0.0]),
    "max": ([0.0, 1.0], [2.0, -1.0, 0.0]),
    "min": ([0.0, 1.0], [2.0, -1.0, 0.0]),
}
OF_LISTS = {
    "dot": lambda xs: autograd.dot(xs[:2], xs[2:4], xs[4]),
    "softmax": lambda xs: autograd.softmax(xs)[0],
    "cross_entropy": lambda xs: autograd.cross_entropy(xs, 0),
    "take": lambda xs: autograd.take(xs, autograd.constant(0)),
}


def test_every_function_of_lists_has_borders():
    assert LISTS.keys() == {name for name, entry in TABLE.items() if entry.variadic}


@pytest.mark.parametrize("name", LISTS)
def test_derivatives_of_functions_of_lists_at_borders(name):
    function = OF_LISTS.get(name, getattr(autograd, name))
    position = [0] if TABLE[name].arguments[-1] == "k" else []
    wrong = []
    for xs in LISTS[name]:
        tensors = wanted(lambda *v: REFERENCES_OF_LISTS[name]([*v, *position]), xs)
        for order, transform in TRANSFORMS.items():
            wrong += differing(transform, function, order, [(xs, tensors)])
    assert not wrong, "\n".join(map(repr, wrong))
