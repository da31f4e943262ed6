"""The blocked executor against NumPy's arrays and the tape."""

import threading
from itertools import pairwise

import numpy as np
import pytest

import autograd
from autograd.compiler.executors.blocked import build
from autograd.compiler.executors.blocked_engine import COMPILED, BlockedEngine, blocked_plan
from autograd.compiler.executors.blocked_operands import settled
from autograd.compiler.executors.engines import NumpyEngine, TapeEngine
from autograd.compiler.ir.array_ir import ArrayProgram, Equation, Variable
from autograd.compiler.ir.builder import Builder
from autograd.primitives import TABLE
from autograd.rules import special
from autograd.rules.backends import ARRAYS
from tests.autograd.compiler import test_random_batches as batches

pytestmark = pytest.mark.skipif(not COMPILED, reason="needs the compiled kernel")
if COMPILED:
    from autograd.kernels.cython import _blocked

    LEVELS = range(_blocked.BEST + 1)
else:
    LEVELS = range(1)
SIZES = (1, 7, 8, 9, 128, 129, 300)


def lifted(function, batch, *arguments):
    """Return a function's program for NumPy, and its numbers as an engine takes them."""
    step = autograd.compile(function, batch=batch, engine="numpy")
    step(*arguments)
    program, given = step.program, iter(arguments)
    parameters = program.form().parameters
    numbers = []
    for array in program.arrays:
        if array.kind == "argument":
            x = np.asarray(next(given), dtype=float)
            numbers.append(np.moveaxis(x, 0, -1) if array.sample else x)
        else:
            numbers.append(parameters[array.name])
    return program, numbers


def plan_of(program, level=0):
    """Return a program of arrays, ready to run."""
    records = build(program, _blocked.OPERATIONS, _blocked.KINDS)
    assert records is not None
    code, size = records.code, len(records.numbers)
    return _blocked.Plan(
        lambda samples: tuple([settled(each, samples, size) for each in code]),
        records.numbers, records.rows, records.inputs, records.results, level,
    )  # fmt: skip


def network(*widths, zeros=False):
    """Return weights and biases."""
    draw = np.random.default_rng(0)
    return [
        (
            autograd.values((draw.normal(size=(m, n)) * (not zeros)).tolist(), f"W{m}"),
            autograd.values((draw.normal(size=m) * (not zeros)).tolist(), f"b{m}"),
        )
        for n, m in pairwise(widths)
    ]


def logits(layers, x, activation=autograd.relu):
    """Return a network's outputs."""
    for i, (W, b) in enumerate(layers):
        z = [autograd.dot(row, x) + c for row, c in zip(W, b, strict=True)]
        x = [activation(v) for v in z] if i < len(layers) - 1 else z
    return x


def classifier():
    """Return the cross-entropy of a network."""
    layers = network(5, 11, 3)
    return lambda x, k: autograd.cross_entropy(logits(layers, x), k)


def samples(n):
    """Return samples and their classes."""
    draw = np.random.default_rng(n)
    return draw.normal(size=(n, 5)), draw.integers(0, 3, n)


def agree(found, expected, within=1e-13):
    """Compare two results, relative to the largest gradient, or 1e-3 if all are tiny."""
    assert found[0] == pytest.approx(expected[0], rel=1e-13, abs=1e-13)
    largest = max([1e-3, *(np.abs(g).max() for g in expected[1])])
    for ours, theirs in zip(found[1], expected[1], strict=True):
        assert np.shape(ours) == np.shape(theirs)
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=within * largest)
    for ours, theirs in zip(found[2], expected[2], strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("n", SIZES)
def test_a_network(n, level):
    program, numbers = lifted(classifier(), ("x", "k"), *samples(n))
    plan = blocked_plan(program, level)
    found = BlockedEngine(program, plan).run(numbers)
    agree(found, NumpyEngine(program).run(numbers))
    agree(found, TapeEngine(program).run(numbers))


@pytest.mark.parametrize("level", LEVELS)
def test_random_programs(level):
    ran = 0
    for seed in range(120):
        function, _, X, K = batches.case(seed)
        program, numbers = lifted(function, ("x", "k"), X, K)
        plan = blocked_plan(program, level)
        if plan is None:
            continue
        expected = NumpyEngine(program).run(numbers)
        if all(np.isfinite(g).all() for g in (expected[0], *expected[1])):
            agree(BlockedEngine(program, plan).run(numbers), expected, 1e-11)
            ran += 1
    assert ran > 60


def test_results_with_samples():
    """A program without gradients: results of each sample, shared ones, and comparisons."""

    def function(x):
        y = x[0] if x[0] > -100 else x[1]
        return [y * x[1], autograd.exp(x[1]), a * 2]

    a = autograd.Value(3.0, "a")
    for n in SIZES:
        x = np.random.default_rng(n).normal(size=(n, 2))
        step = autograd.compile(function, batch=("x",), engine="numpy", gradients=False)
        step(x)
        engine = BlockedEngine(step.program, blocked_plan(step.program))
        numbers = [x.T] + [np.asarray(3.0)] * (len(step.program.arrays) - 1)
        agree(engine.run(numbers), NumpyEngine(step.program).run(numbers))


def test_programs_without_samples():
    def function(x, y):
        return autograd.tanh(autograd.dot(x, y)) + autograd.logsumexp(x)

    program, numbers = lifted(function, (), [0.1, 0.2, 0.3], [1.0, 2.0, -1.0])
    agree(BlockedEngine(program, blocked_plan(program)).run(numbers),
          NumpyEngine(program).run(numbers))  # fmt: skip


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("width", [2, 3, 5, 8, 13, 17])
def test_equal_neurons_stay_equal(width, level):
    """Neurons with equal weights get equal gradients, bit by bit, wherever they are in a tile."""
    hidden = network(4, width, 1, zeros=True)
    for W, b in hidden:
        for row in W:
            for i, w in enumerate(row):
                w.data = 0.3 + 0.1 * i if len(W) == width else 0.7
        for c in b:
            c.data = 0.2
    program, numbers = lifted(
        lambda x, y: (logits(hidden, x, autograd.tanh)[0] - y) ** 2, ("x", "y"),
        np.random.default_rng(0).normal(size=(77, 4)), np.arange(77.0),
    )  # fmt: skip
    plan = blocked_plan(program, level)
    _, gradients, _ = BlockedEngine(program, plan).run(numbers)
    for array, gradient in zip(program.wanted, gradients, strict=True):
        axis = 0 if array.shape[0] == width else -1
        assert (np.ptp(gradient, axis=axis) == 0).all()


def test_bits_do_not_change():
    """A run gives the same bits again, alone or beside others in threads."""
    program, numbers = lifted(classifier(), ("x", "k"), *samples(1000))
    engine = BlockedEngine(program, blocked_plan(program))
    value, gradients, _ = engine.run(numbers)
    found = []
    threads = [threading.Thread(target=lambda: found.append(engine.run(numbers))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    for again, others, _ in found:
        assert again == value
        for one, other in zip(gradients, others, strict=True):
            np.testing.assert_array_equal(one, other)


def test_layouts_of_inputs():
    """Inputs of any strides and types."""
    program, (x, k, *rest) = lifted(classifier(), ("x", "k"), *samples(20))
    engine = BlockedEngine(program, blocked_plan(program))
    expected = engine.run([x, k, *rest])
    for layout in (
        np.ascontiguousarray,
        np.asfortranarray,
        lambda a: np.repeat(a, 2, -1)[..., ::2],
    ):
        agree(engine.run([layout(x), k.astype(int), *map(np.asfortranarray, rest)]), expected, 0)


def test_what_records_are_not_made_for_numpy_runs():
    """Positions from the end, and infinite numbers."""
    program, (x, k, *rest) = lifted(classifier(), ("x", "k"), *samples(9))
    plan = blocked_plan(program)
    engine = BlockedEngine(program, plan)
    assert plan.run([x, np.full(9, -1.0), *rest]) is None
    last = [x, np.full(9, -1.0), *rest]
    agree(engine.run(last), NumpyEngine(program).run(last), 0)
    assert plan.run([np.full_like(x, 1e308), k, *rest]) is None
    assert plan.run([x[:, :0], k[:0], *rest]) is None
    with pytest.raises(IndexError):
        engine.run([x, np.full(9, 3.0), *rest])


def test_arrays_that_do_not_fit():
    program, (x, k, *rest) = lifted(classifier(), ("x", "k"), *samples(9))
    plan = blocked_plan(program)
    for wrong in ([x], [x[:4], k, *rest], [x, k[:5], *rest], [x, k, *rest[1:], rest[0]]):
        with pytest.raises(ValueError, match=r"got \d+ arrays|does not fit"):
            plan.run(wrong)
    with pytest.raises(ValueError, match="level: got 9"):
        blocked_plan(program, 9)


def test_an_operation_of_the_user_is_refused():
    """A function of Python's has no form in C."""
    x, y = Variable("x", (3, "n"), "argument"), Variable("y", (3, "n"), "result")
    program = ArrayProgram((x,), {}, [Equation(y, Builder().call("user_s", x))], outputs=(y,))
    assert build(program, _blocked.OPERATIONS, _blocked.KINDS) is None


LISTS = {
    "dot": lambda xs: autograd.dot(xs[:2], xs[1:], xs[0]),
    "softmax": lambda xs: autograd.softmax(xs)[1],
    "take": lambda xs: autograd.take(xs, autograd.constant(1)),
    "cross_entropy": lambda xs: autograd.cross_entropy(xs, 2),
    "polygamma": lambda xs: autograd.polygamma(1.0, xs[0]),
    "round": lambda xs: autograd.round(xs[0], 1.0) + autograd.round(xs[1]),
}


def primitive(name, count):
    """Return a function of so many numbers times parameters, by an operation of the table."""
    w = autograd.values([1.0] * count, "w")

    def function(xs):
        given = [a * x for a, x in zip(w, xs[:count], strict=True)]
        if name in LISTS:
            return LISTS[name](given)
        return getattr(autograd, name)(*([given] if TABLE[name].variadic else given))

    return function


@pytest.mark.parametrize("name", TABLE)
def test_every_primitive_has_records(name):
    """Values and gradients of samples and of parameters; options given and left out."""
    entry = TABLE[name]
    draw = np.random.default_rng(0)
    domains = entry.domain[:1] * 3 if name in LISTS or entry.variadic else entry.domain
    X = np.column_stack([draw.uniform(*domain, 11) for domain in domains])
    for count in {X.shape[1], X.shape[1] - len(entry.defaults)}:
        program, numbers = lifted(primitive(name, count), ("xs",), X)
        expected = NumpyEngine(program).run(numbers)
        for level in LEVELS:
            plan = blocked_plan(program, level)
            assert plan is not None
            agree(BlockedEngine(program, plan).run(numbers), expected)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", ["max", "min", "prod", "norm"])
def test_reductions_of_special_numbers(name, level):
    """Zeros, ties, infinite numbers, and those whose squares are not in the range of doubles."""
    special = [0.0, -0.0, 1.0, -2.0, np.inf, -np.inf, np.nan, 5e-324, 1e-200, 1e308]
    X = np.array([[x, y, z] for x in special for y in special for z in (0.0, 1.0, 1e200)])
    program, numbers = lifted(getattr(autograd, name), ("xs",), X)
    value = Variable("z", ("n",), "result")
    y = program.equations.equations[0].expression
    alone = ArrayProgram(program.equations.inputs, {}, [Equation(value, y)], outputs=(value,))
    (found,) = plan_of(alone, level).run(numbers)
    with np.errstate(all="ignore"):
        expected = ARRAYS[name](numbers[0])
    np.testing.assert_allclose(found, expected, rtol=1e-15)


def test_an_exception_of_a_function_in_python_is_raised(monkeypatch):
    """It reaches the caller, and the plan can run again."""

    def fail(_):
        raise KeyboardInterrupt

    program, numbers = lifted(autograd.lgamma, ("x",), np.arange(1.0, 12.0))
    plan = blocked_plan(program)
    expected = plan.run(numbers)
    monkeypatch.setattr(special, "lgamma", fail)
    with pytest.raises(KeyboardInterrupt):
        plan.run(numbers)
    with pytest.raises(KeyboardInterrupt):
        _blocked.apply("lgamma", np.zeros(1), np.ones(1))
    monkeypatch.undo()
    assert plan.run(numbers) == expected


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_results_say_whether_they_are_finite(bad):
    """Of one number that is not, in any result, at any place."""
    x, w = Variable("x", (2, "n"), "argument"), Variable("w", (3,), "argument")
    y, v = Variable("y", (2, "n"), "result"), Variable("v", (3,), "result")
    make = Builder()
    equations = [
        Equation(y, make.mul(x, make.number(2.0))), Equation(v, make.mul(w, make.number(2.0)))
    ]  # fmt: skip
    plan = plan_of(ArrayProgram((x, w), {}, equations, outputs=(y, v)))
    for n in SIZES:
        numbers = [np.full((2, n), 8e307), np.full(3, 5e-324)]
        assert plan.run(numbers).finite
        for array in numbers:
            for place in {0, array.size // 2, array.size - 1}:
                array.flat[place], kept = bad, array.flat[place]
                assert not plan.run(numbers).finite
                array.flat[place] = kept


def test_arrays_of_nothing():
    """An axis of length 0, and sums over it."""
    x, y = Variable("x", (0, 2, "n"), "argument"), Variable("y", (0,), "argument")
    make = Builder()
    outputs = [
        Variable("a", (2, "n"), "result"), Variable("b", (0, 2, "n"), "result"),
        Variable("c", (), "result"), Variable("d", (), "result"),
    ]  # fmt: skip
    found = [
        make.reduce_sum(x, (0,)), make.mul(x, make.number(2.0)), make.reduce_sum(y, (0,)),
        make.call("prod", y),
    ]  # fmt: skip
    equations = [Equation(*pair) for pair in zip(outputs, found, strict=True)]
    plan = plan_of(ArrayProgram((x, y), {}, equations, outputs=tuple(outputs)))
    a, b, c, d = plan.run([np.zeros((0, 2, 9)), np.zeros(0)])
    np.testing.assert_array_equal(a, np.zeros((2, 9)))
    assert (b.shape, c, d) == ((0, 2, 9), 0.0, 1.0)


def test_rows_are_used_again():
    """A long chain of arrays needs few rows at a time."""

    def function(x):
        for i in range(30):
            x = [autograd.tanh(v) + float(i) for v in x]
        return autograd.sum(x)

    step = autograd.compile(function, batch=("x",), engine="numpy")
    step(np.zeros((4, 5)))
    records = build(step.program.equations, _blocked.OPERATIONS, _blocked.KINDS)
    assert records is not None
    assert records.rows <= 30


def test_rows_of_an_operand_are_not_the_result_s():
    """What is read for several rows, and never again, is kept until all of them are written."""
    make, x, y = Builder(), Variable("x", (3, "n"), "argument"), Variable("y", (3, "n"), "argument")
    a, b = Variable("a", ("n",), "result"), Variable("b", ("n",), "result")
    c = Variable("c", (3, "n"), "result")
    equations = [
        Equation(a, make.reduce_sum(x, (0,))),
        Equation(b, make.call("tanh", a)),
        Equation(c, make.add(make.mul(b, y), make.number(1.0))),
    ]
    program = ArrayProgram((x, y), {}, equations, outputs=(c,))
    plan = plan_of(program)
    numbers = np.random.default_rng(0).normal(size=(2, 3, 20))
    (found,) = plan.run([*numbers])
    np.testing.assert_allclose(found, np.tanh(numbers[0].sum(0)) * numbers[1] + 1, rtol=1e-14)
