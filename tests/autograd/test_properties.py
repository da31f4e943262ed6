"""Random programs: every operation, shared nodes, against dual numbers and central differences."""
# ruff: noqa: ARG005 - functions of one table have one signature

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value, gradient
from autograd.graph import topological


class Dual:
    """A number and its derivative along one direction, by the textbook's rules."""

    def __init__(self, x, d=0.0):
        self.x, self.d = x, d


def _chain(value, derivative):
    return lambda a: Dual(value(a.x), derivative(a.x) * a.d)


def _sigmoid(x):
    return 1 / (1 + math.exp(-x))


# name: (on Values, on duals); the ranges stay where no result is larger than about 10
UNARY = {
    "neg": (lambda a: -a, _chain(lambda x: -x, lambda x: -1.0)),
    "tanh": (lambda a: a.tanh(), _chain(math.tanh, lambda x: 1 - math.tanh(x) ** 2)),
    "sin": (autograd.sin, _chain(math.sin, math.cos)),
    "sigmoid": (
        lambda a: a.sigmoid(),
        _chain(_sigmoid, lambda x: _sigmoid(x) * _sigmoid(-x)),
    ),
    "exp of -x²": (
        lambda a: (-(a**2)).exp(),
        _chain(lambda x: math.exp(-x * x), lambda x: -2 * x * math.exp(-x * x)),
    ),
    "log of 1 + x²": (
        lambda a: autograd.log(1 + a * a),
        _chain(lambda x: math.log(1 + x * x), lambda x: 2 * x / (1 + x * x)),
    ),
    "root of 2 + x²": (
        lambda a: (2 + a.square()) ** 0.5,
        _chain(lambda x: math.sqrt(2 + x * x), lambda x: x / math.sqrt(2 + x * x)),
    ),
    "softsign": (
        autograd.softsign,
        _chain(lambda x: x / (1 + abs(x)), lambda x: (1 + abs(x)) ** -2),
    ),
}
BINARY = {
    "+": (lambda a, b: a + b, lambda a, b: Dual(a.x + b.x, a.d + b.d)),
    "-": (lambda a, b: a - b, lambda a, b: Dual(a.x - b.x, a.d - b.d)),
    "tanh of ×": (
        lambda a, b: autograd.tanh(a * b),
        lambda a, b: UNARY["tanh"][1](Dual(a.x * b.x, a.d * b.x + a.x * b.d)),
    ),
    "÷": (
        lambda a, b: a / (b * b + 1),
        lambda a, b: Dual(
            a.x / (b.x**2 + 1), a.d / (b.x**2 + 1) - a.x * 2 * b.x * b.d / (b.x**2 + 1) ** 2
        ),
    ),
    "hypot": (
        lambda a, b: autograd.hypot(autograd.hypot(a, b), 1.0),
        lambda a, b: Dual(
            math.sqrt(a.x**2 + b.x**2 + 1),
            (a.x * a.d + b.x * b.d) / math.sqrt(a.x**2 + b.x**2 + 1),
        ),
    ),
    "max": (autograd.maximum, lambda a, b: max(a, b, key=lambda v: v.x)),
    "dot": (
        lambda a, b: autograd.dot([a, b], [0.5, a]) / 4,
        lambda a, b: Dual((a.x / 2 + a.x * b.x) / 4, (a.d / 2 + a.d * b.x + a.x * b.d) / 4),
    ),
    "mean": (
        lambda a, b: autograd.mean([a, b, a]),
        lambda a, b: Dual((2 * a.x + b.x) / 3, (2 * a.d + b.d) / 3),
    ),
    "constant": (lambda a, b: 0.5 * a - 0.25, lambda a, b: Dual(0.5 * a.x - 0.25, 0.5 * a.d)),
}
NAMES = [*UNARY, *BINARY]
LEAVES = 3

numbers = st.floats(-2, 2).filter(lambda x: abs(x) > 1e-3)
inputs = st.tuples(numbers, numbers, numbers)
steps = st.lists(
    st.tuples(st.sampled_from(NAMES), st.integers(0, 30), st.integers(0, 30)),
    min_size=1,
    max_size=12,
)


def run(program, start, which):
    """Run a program; each step takes nodes made before, so nodes are shared."""
    made = list(start)
    for name, i, k in program:
        a, b = made[i % len(made)], made[k % len(made)]
        made.append(UNARY[name][which](a) if name in UNARY else BINARY[name][which](a, b))
    return made[-1]


def has_tie(program, point):
    """Whether a maximum meets equal numbers: the duals take one side there, the engine both."""
    node = run(program, [Value(x) for x in point], 0)
    return any(
        n.op == "maximum" and abs(n.inputs[0].data - n.inputs[1].data) < 1e-9
        for n in topological(node)
    )


@given(steps, inputs)
@settings(max_examples=150)
def test_gradients_agree_with_dual_numbers(program, point):
    if has_tie(program, point):
        return
    leaves = [Value(x) for x in point]
    result = run(program, leaves, 0)
    result.backward()
    for i, leaf in enumerate(leaves):
        duals = [Dual(x, float(i == k)) for k, x in enumerate(point)]
        expected = run(program, duals, 1)
        assert result.data == pytest.approx(expected.x, rel=1e-9, abs=1e-12)
        assert leaf.grad == pytest.approx(expected.d, rel=1e-7, abs=1e-9)


@given(steps, inputs)
@settings(max_examples=50)
def test_second_derivatives_agree_with_central_differences(program, point):
    program = [step for step in program if step[0] not in {"max", "softsign"}] or [("sin", 0, 0)]
    leaves = [Value(x) for x in point]
    (first,) = gradient(run(program, leaves, 0), leaves[:1], create_graph=True)
    (second,) = gradient(first, leaves[:1])
    h = 1e-5

    def slope(x):
        moved = [Value(x), *(Value(y) for y in point[1:])]
        return gradient(run(program, moved, 0), moved[:1])[0]

    difference = (slope(point[0] + h) - slope(point[0] - h)) / (2 * h)
    assert first.data == pytest.approx(slope(point[0]), rel=1e-12, abs=1e-14)
    assert second == pytest.approx(difference, rel=1e-4, abs=1e-4)


@given(steps, steps, inputs)
@settings(max_examples=50)
def test_gradients_of_a_sum_are_sums_of_gradients(one, two, point):
    def grads(*programs):
        leaves = [Value(x) for x in point]
        for program in programs:
            run(program, leaves, 0).backward()
        return [leaf.grad for leaf in leaves]

    together = [Value(x) for x in point]
    (run(one, together, 0) + run(two, together, 0)).backward()
    separate = [a + b for a, b in zip(grads(one), grads(two), strict=True)]
    assert grads(one, two) == pytest.approx(separate, rel=1e-12, abs=1e-12)
    assert grads(two, one) == pytest.approx(separate, rel=1e-12, abs=1e-12)
    assert [v.grad for v in together] == pytest.approx(separate, rel=1e-12, abs=1e-12)


@given(steps, inputs)
@settings(max_examples=50)
def test_every_run_gives_the_same_bits(program, point):
    def bits():
        leaves = [Value(x) for x in point]
        result = run(program, leaves, 0)
        result.backward()
        return [x.hex() for x in (result.data, *(v.grad for v in leaves))]

    assert bits() == bits()


@given(steps, inputs)
@settings(max_examples=50)
def test_order_has_operands_before_results(program, point):
    result = run(program, [Value(x) for x in point], 0)
    order = topological(result)
    place = {node: i for i, node in enumerate(order)}
    assert len(place) == len(order)
    assert all(place[x] < place[node] for node in order for x in node.inputs)
