"""Programs by blocks of samples whose numbers are rows, against the tape and the eager engine."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Value
from autograd.compiler.executors.blocked_engine import (
    COMPILED,
    BlockedEngine,
    plan_of,
    records_of,
)
from autograd.compiler.executors.engines import TapeEngine
from tests.helpers.blocked import LEVELS, agree

pytestmark = pytest.mark.skipif(not COMPILED, reason="needs the compiled kernel")
SIZES = (1, 2, 9, 130)
EXPONENTS = (2.0, 0.5, -0.5, -1.0, -1.5, 3.0, 1.7)


def scalar(function, *arguments, gradients=True, reduce="mean"):
    """Return a batched function's program, not lowered, and its numbers as an engine takes them."""
    names = ("x", "y")[: len(arguments)]
    step = autograd.compile(
        function, batch=names, engine="tape", gradients=gradients, reduce=reduce
    )
    with np.errstate(all="ignore"):
        (step if gradients is False else step.backward)(*arguments)
    variant = step.last
    assert variant.program.equations is None
    return variant.program, variant.numbers([np.asarray(x, float) for x in arguments])


def runs(program, numbers, levels=LEVELS):
    """Yield what the blocked executor finds, on each instruction set."""
    records = records_of(program)
    assert records is not None
    for level in levels:
        found = plan_of(records, level).run(numbers)
        assert found is not None
        yield BlockedEngine(program, plan_of(records, level)).run(numbers)


def check(function, *arguments, **options):
    """Compare each instruction set with the tape."""
    program, numbers = scalar(function, *arguments, **options)
    expected = TapeEngine(program).run(numbers)
    for found in runs(program, numbers):
        agree(found, expected, 1e-12)


def positive(x):
    """Keep a number away from the poles of powers."""
    return autograd.softplus(x) + 0.5


def unary(r, pool):
    name = r.choice(["tanh", "sigmoid", "softplus", "sin", "relu", "elu", "leaky_relu", "neg"])
    return getattr(autograd, name)(r.choice(pool))


def binary(r, pool):
    name = r.choice(["add", "sub", "mul", "maximum", "less", "atan2"])
    return getattr(autograd, name)(r.choice(pool), r.choice(pool)).tanh()


def fused(r, pool):
    a, b, c = (r.choice(pool) for _ in range(3))
    return autograd.tanh(r.choice([a * b + c, c + a * b, a * b - c, c - a * b, a * b + b * c]))


def power(r, pool):
    exponent = r.choice([*EXPONENTS, r.choice(pool)])
    return autograd.tanh(positive(r.choice(pool)) ** exponent)


def constants(r, pool):
    return r.choice(pool) * r.choice([0.5, -2.0]) + r.choice([1.0, 0.25])


def lists(r, pool):
    name, xs = r.choice(["sum", "mean"]), [r.choice(pool) for _ in range(r.randint(1, 4))]
    return getattr(autograd, name)(xs).tanh()


def dots(r, pool):
    count = r.randint(1, 3)
    xs, ys = ([r.choice(pool) for _ in range(count)] for _ in range(2))
    return autograd.dot(xs, ys, *r.choice([(), (r.choice(pool),)])).tanh()


def choices(r, pool):
    a, b, c = (r.choice(pool) for _ in range(3))
    return autograd.where(autograd.less(a, b), b, c)


KINDS = (unary, binary, fused, power, constants, lists, dots, choices)


def thin(seed, parameters):
    """Return a function of a sample, a chain of operations; the same one at each call."""

    def function(x):
        r = random.Random(seed)
        pool = [*parameters, *x]
        for _ in range(r.randint(1, 25)):
            pool.append(r.choice(KINDS)(r, pool[-8:]))
        return r.choice([pool[-1], r.choice(pool), pool[-1] * parameters[0]])

    return function


@pytest.mark.parametrize("reduce", ["mean", "sum"])
@settings(max_examples=60)
@given(seed=st.integers(0, 10**9))
def test_thin_programs_agree_with_the_eager_engine(reduce, seed):
    r = random.Random(seed)
    parameters = [Value(r.uniform(-1.5, 1.5), f"p{i}") for i in range(r.randint(1, 3))]
    function, n = thin(seed, parameters), r.choice(SIZES)
    X = np.random.default_rng(seed).normal(size=(n, 2))
    samples = [[autograd.constant(v) for v in x] for x in X.tolist()]
    results = [function(x) for x in samples]
    total = autograd.mean(results) if reduce == "mean" else autograd.sum(results)
    if total.is_constant:
        return
    gradients = dict(zip(parameters, autograd.gradient(total, parameters), strict=True))
    program, numbers = scalar(function, X, reduce=reduce)
    order = [array.name for array in program.wanted]
    named = {f"p{i}": gradients[node] for i, node in enumerate(parameters)}
    expected = total.data, [np.array(named[name]) for name in order], []
    scale = 1 + sum(abs(result.data) for result in results) / (n if reduce == "mean" else 1)
    for value, found, said in runs(program, numbers):
        assert value == pytest.approx(expected[0], rel=1e-12, abs=1e-13 * scale)
        agree((expected[0], found, said), expected, 1e-11 * scale)


@pytest.mark.parametrize("n", SIZES)
@settings(max_examples=20)
@given(seed=st.integers(0, 10**9))
def test_comparisons_and_results_agree_with_the_tape(n, seed):
    """Of each sample, and of parameters alone; some results are arguments, or the same for all."""
    w, v = autograd.values([0.3, -0.2], "w")

    def function(x):
        y = thin(seed, [w, v])(x)
        z = y if y > x[0] else x[1]
        z = z * 2 if w >= v else z
        return {"y": [y, z], "x": x[0], "w": w, "shared": w * v + 1, "constant": 3.0}

    X = np.random.default_rng(seed).normal(size=(n, 2))
    check(function, X, gradients=False)


def test_comparisons_beside_a_value():
    """They are not added up; those of parameters alone have one outcome."""
    w = Value(0.5, "w")

    def function(x, y):
        z = x * w if x < y else y
        return z + 1 if w > 0 else z

    X, Y = np.random.default_rng(0).normal(size=(2, 130))
    for n in SIZES:
        check(function, X[:n], Y[:n])


@pytest.mark.parametrize("exponent", EXPONENTS)
def test_powers(exponent):
    w = Value(1.3, "w")
    x = np.random.default_rng(0).uniform(0.5, 2.0, 9)
    check(lambda x: (x * w) ** exponent, x)
    check(lambda x: x**exponent + w**exponent, x)


FUNCTIONS = {
    "an argument": lambda x, w: x[0],  # noqa: ARG005
    "a parameter": lambda x, w: w[0],  # noqa: ARG005
    "a constant gradient": lambda x, w: x[0] + w[0],
    "a gradient twice": lambda x, w: x[0] * (w[0] + w[1]),
    "nothing of a sample": lambda x, w: autograd.sin(w[0] * w[1]),  # noqa: ARG005
    "a parameter without gradient": lambda x, w: autograd.less(w[0], w[1]) * x[0] + w[2],
    "a sum of one": lambda x, w: autograd.sum([x[0] * w[0]]),
    "a mean of the same": lambda x, w: autograd.mean([x[0], x[0], w[0]]),
    "a dot with a start": lambda x, w: autograd.dot(x, w[:2], w[2]),
    "a dot without": lambda x, w: autograd.dot(x, w[:2]),
    "unbatched sums": lambda x, w: autograd.mean(w) * autograd.dot(w, w) * x[0] + autograd.sum(w),
    "options left out": lambda x, w: autograd.elu(x[0] * w[0]) + autograd.leaky_relu(x[1] * w[1]),
    "options": lambda x, w: autograd.elu(x[0] * w[0], 0.3) + autograd.clip(x[1] * w[1], -1, w[2]),
    "a product read twice": lambda x, w: autograd.sin(x[0] * w[0]) + x[0] * w[0],
    "a square of a sum": lambda x, w: (x[0] * w[0] - x[1] * w[1] + w[2] - x[0] * x[1]) ** 2,
}


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_kinds_of_nodes(name, n):
    w = autograd.values([0.4, -1.2, 0.7], "w")
    X = np.random.default_rng(n).normal(size=(n, 2))
    for reduce in ("mean", "sum"):
        check(lambda x: FUNCTIONS[name](x, w), X, reduce=reduce)


def test_what_has_no_records_is_refused():
    """Functions of lists have no row each; functions of the user are none of the interpreter's."""
    w = Value(0.5, "w")
    steady = autograd.custom_vjp("rows_steady", "2 * x", "clip(g, -1, 1)")
    tripled = autograd.custom("rows_tripled", "3 * x", "3")
    refused = (
        lambda x: autograd.logsumexp([w * x, x]),
        lambda x: autograd.prod([w * x, x]),
        lambda x: steady(x * w),
        lambda x: tripled(x * w),
    )
    for function in refused:
        program, _ = scalar(function, np.ones(3))
        assert records_of(program) is None


def test_what_is_not_finite_is_replayed():
    w = Value(2.0, "w")
    program, numbers = scalar(lambda x: autograd.exp(x * w), np.array([1.0, 2.0]))
    numbers[0] = np.array([1.0, 800.0])
    plan = plan_of(records_of(program))
    assert plan.run(numbers) is None
    found = BlockedEngine(program, plan).run(numbers)
    assert repr(found) == repr(TapeEngine(program).run(numbers))


def test_rows_are_used_again():
    """A long chain needs few rows at a time; so does its gradient, but for what it reads."""

    def function(x):
        for i in range(200):
            x = autograd.tanh(x) + float(i)
        return x

    X = np.ones(9)
    program, _ = scalar(lambda x: [function(x)], X, gradients=False)
    assert records_of(program).rows <= 4
    w = Value(0.1, "w")
    program, _ = scalar(lambda x: function(x * w), X)
    assert records_of(program).rows <= 210
