"""The blocked executor against NumPy's arrays and the tape."""

import sys
import threading
from itertools import pairwise, product

import numpy as np
import pytest

import autograd
from autograd.compiler.executors.blocked import build
from autograd.compiler.executors.blocked_engine import (
    COMPILED,
    BlockedEngine,
    plan_of,
    records_of,
)
from autograd.compiler.executors.engines import NumpyEngine, TapeEngine
from autograd.compiler.ir.array_ir import ArrayProgram, Equation, Variable
from autograd.compiler.ir.builder import Builder
from autograd.primitives import TABLE
from autograd.rules import special
from autograd.rules.backends import ARRAYS
from tests.autograd.compiler import test_random_batches as batches
from tests.helpers.blocked import LEVELS, agree

pytestmark = pytest.mark.skipif(not COMPILED, reason="needs the compiled kernel")
if COMPILED:
    from autograd.kernels.cython import _blocked
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


def array_plan(program, level=0):
    """Return a program of arrays, ready to run."""
    return plan_of(build(program, _blocked.OPERATIONS, _blocked.KINDS), level)


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


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("n", SIZES)
def test_a_network(n, level):
    program, numbers = lifted(classifier(), ("x", "k"), *samples(n))
    plan = plan_of(records_of(program), level)
    found = BlockedEngine(program, plan).run(numbers)
    agree(found, NumpyEngine(program).run(numbers))
    agree(found, TapeEngine(program).run(numbers))


def random_programs(count):
    """Return random programs, each with a function that draws samples for it."""
    for seed in range(count):
        function, _, X, K = batches.case(seed)
        program, numbers = lifted(function, ("x", "k"), X, K)

        def draw(n, X=X, K=K, rest=tuple(numbers[2:]), seed=seed):
            generator = np.random.default_rng(seed + n)
            chosen = generator.integers(0, len(X), n)
            x = X[chosen] * generator.uniform(0.9, 1.1, (n, X.shape[1]))
            return [np.moveaxis(x, 0, -1), np.moveaxis(K[chosen].astype(float), 0, -1), *rest]

        yield program, draw


def test_random_programs():
    for program, draw in random_programs(120):
        plans = [plan_of(records_of(program), level) for level in LEVELS]
        for n in (1, 2, 7, 8, 9, 100, 128, 129, 1003):
            expected = NumpyEngine(program).run(numbers := draw(n))
            if not all(np.isfinite(g).all() for g in (expected[0], *expected[1])):
                continue
            for plan in plans:
                assert plan is not None
                agree(BlockedEngine(program, plan).run(numbers), expected)


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
        engine = BlockedEngine(step.program, plan_of(records_of(step.program)))
        numbers = [x.T] + [np.asarray(3.0)] * (len(step.program.arrays) - 1)
        agree(engine.run(numbers), NumpyEngine(step.program).run(numbers))


def test_programs_without_samples():
    def function(x, y):
        return autograd.tanh(autograd.dot(x, y)) + autograd.logsumexp(x)

    program, numbers = lifted(function, (), [0.1, 0.2, 0.3], [1.0, 2.0, -1.0])
    agree(BlockedEngine(program, plan_of(records_of(program))).run(numbers),
          NumpyEngine(program).run(numbers))  # fmt: skip


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("width", [2, 3, 5, 8, 13, 17])
@pytest.mark.parametrize("inputs", [4, 515])
def test_equal_neurons_stay_equal(inputs, width, level):
    """Neurons with equal weights get equal gradients, bit by bit, wherever they are in a tile."""
    hidden = network(inputs, width, 1, zeros=True)
    for W, b in hidden:
        for row in W:
            for i, w in enumerate(row):
                w.data = np.sin(i + 1.0) if len(W) == width else 0.7
        for c in b:
            c.data = 0.2
    x = np.random.default_rng(0).normal(size=(inputs, 1003))
    program, numbers = lifted(
        lambda x, y: (logits(hidden, x, autograd.tanh)[0] - y) ** 2, ("x", "y"), x.T, x[0]
    )
    engine = BlockedEngine(program, plan_of(records_of(program), level))
    for n in (1, 2, 7, 8, 9, 100, 128, 129, 1003):
        _, gradients, _ = engine.run([x[:, :n], x[0, :n], *numbers[2:]])
        for array, gradient in zip(program.wanted, gradients, strict=True):
            axis = 0 if array.shape[0] == width else -1
            assert (np.ptp(gradient, axis=axis) == 0).all()


def test_bits_do_not_change():
    """A run gives the same bits again, alone or beside others in threads, of whatever size."""
    program, numbers = lifted(classifier(), ("x", "k"), *samples(1000))
    engine = BlockedEngine(program, plan_of(records_of(program)))
    batch = {n: [numbers[0][:, :n], numbers[1][:n], *numbers[2:]] for n in (1, 9, 129, 1000)}
    expected = {n: engine.run(some) for n, some in batch.items()}
    found = []

    def work():
        for _ in range(20):
            found.extend((n, engine.run(some)) for n, some in batch.items())

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 * 20 * len(batch)
    for n, (value, gradients, _) in found:
        assert value == expected[n][0]
        for one, other in zip(gradients, expected[n][1], strict=True):
            np.testing.assert_array_equal(one, other)


def test_layouts_of_inputs():
    """Inputs of any strides and types."""
    program, (x, k, *rest) = lifted(classifier(), ("x", "k"), *samples(20))
    engine = BlockedEngine(program, plan_of(records_of(program)))
    expected = engine.run([x, k, *rest])
    for layout in (
        np.ascontiguousarray,
        np.asfortranarray,
        lambda a: np.repeat(a, 2, -1)[..., ::2],
    ):
        agree(engine.run([layout(x), k.astype(int), *map(np.asfortranarray, rest)]), expected, 0)
    agree(engine.run([x.tolist(), k.tolist(), *[array.tolist() for array in rest]]), expected, 0)
    small = x.astype(np.float32)
    agree(engine.run([small, k, *rest]), engine.run([small.astype(float), k, *rest]), 0)
    swapped = x.astype(x.dtype.newbyteorder())
    agree(engine.run([swapped, k, *rest]), expected, 0)


def test_what_records_are_not_made_for_is_replayed():
    """Positions that there are not, and infinite numbers."""
    program, (x, k, *rest) = lifted(classifier(), ("x", "k"), *samples(9))
    plan = plan_of(records_of(program))
    engine = BlockedEngine(program, plan)
    assert plan.run([x[:, :0], k[:0], *rest]) is None
    for wrong in (np.full(9, -1.0), np.full(9, 3.0)):
        assert plan.run([x, wrong, *rest]) is None
        with pytest.raises((IndexError, ValueError)):
            engine.run([x, wrong, *rest])
    large = [np.full_like(x, 1e308), k, *rest]
    assert plan.run(large) is None
    found, expected = engine.run(large), TapeEngine(program).run(large)
    assert repr(found) == repr(expected)


def test_arrays_that_do_not_fit():
    program, (x, k, *rest) = lifted(classifier(), ("x", "k"), *samples(9))
    plan = plan_of(records_of(program))
    for wrong in ([x], [x[:4], k, *rest], [x, k[:5], *rest], [x, k, *rest[1:], rest[0]]):
        with pytest.raises(ValueError, match=r"got \d+ arrays|does not fit"):
            plan.run(wrong)
    with pytest.raises(ValueError, match="level: got 9"):
        plan_of(records_of(program), 9)


def results_of(*expressions, inputs):
    """Return a program that gives some expressions."""
    outputs = [Variable(f"r{i}", x.shape, "result") for i, x in enumerate(expressions)]
    equations = [Equation(*pair) for pair in zip(outputs, expressions, strict=True)]
    return ArrayProgram(tuple(inputs), {}, equations, outputs=tuple(outputs))


def input_arrays(*shapes):
    """Return variables of some shapes."""
    return [Variable(f"x{i}", shape, "argument") for i, shape in enumerate(shapes)]


REFUSED = {
    "a function in Python": (((3, "n"),), lambda m, x: m.call("user_s", x)),
    "a sum of truths": (
        (("n",), ("n",)), lambda m, x, y: m.add(m.call("lt", x, y), m.call("gt", x, y))
    ),
    "samples that are not last": (
        ((2, 3, "n"),),
        lambda m, x: m.reshape(m.transpose(x, (2, 0, 1)), ("n", 6)),
    ),
    "a diagonal": (
        ((3, 3), (3,)), lambda m, x, y: m.make("einsum", x, y, attributes=("ii,i->i",))
    ),
    "a sum over samples of one": (
        ((3, "n"), (3,)), lambda m, x, y: m.make("einsum", x, y, attributes=("kn,k->k",))
    ),
    "samples that need their sum": (
        (("n",),), lambda m, x: m.call("mul", x, m.reduce_sum(x, (0,)))
    ),
    "samples chosen by samples": (((3, "n"), ("n",)), lambda m, x, k: m.gather(x, k)),
    "an input of too many axes": (((1,) * 40,), lambda m, x: m.call("tanh", x)),
    "too many axes": (
        ((2,) * 18, (2,) * 18),
        lambda m, x, y: m.call("mul", m.transpose(x, range(17, -1, -1)), y),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_records_cannot_do_is_refused(name):
    shapes, function = REFUSED[name]
    inputs = input_arrays(*shapes)
    program = results_of(function(Builder(), *inputs), inputs=inputs)
    assert build(program, _blocked.OPERATIONS, _blocked.KINDS) is None


def test_means_of_few_numbers_and_positions():
    """A mean of one number is a copy; positions are known."""
    make = Builder()
    x, y, z = inputs = input_arrays((), (3,), (2, 4))
    program = results_of(
        make.make("mean", x), make.make("mean", y), make.make("positions", z), inputs=inputs
    )
    found = array_plan(program).run([np.array(1.5), np.array([1.0, 2.0, 6.0]), np.zeros((2, 4))])
    assert (found[0], found[1]) == (1.5, 3.0)
    np.testing.assert_array_equal(found[2].ravel(), [0.0, 1.0])


def test_functions_of_lists_leave_no_rows():
    """What they are made of is dropped: a second one uses the rows of the first."""
    make = Builder()
    x, k = inputs = input_arrays((3, "n"), ("n",))

    def rows(count, name, *operands):
        y = x
        for _ in range(count):
            y = make.call("mul", x, make.call(name, y, *operands))
        return build(results_of(y, inputs=inputs), _blocked.OPERATIONS, _blocked.KINDS).rows

    for name, operands in (("softmax", ()), ("logsumexp", ()), ("cross_entropy", (k,))):
        assert rows(9, name, *operands) <= rows(2, name, *operands) + 3, name


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
            plan = plan_of(records_of(program), level)
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
    (found,) = array_plan(alone, level).run(numbers, finite=False)
    with np.errstate(all="ignore"):
        expected = ARRAYS[name](numbers[0])
    np.testing.assert_allclose(found, expected, rtol=1e-15)


def test_an_exception_of_a_function_in_python_is_raised(monkeypatch):
    """It reaches the caller, and the plan can run again."""

    def fail(_):
        raise KeyboardInterrupt

    program, numbers = lifted(autograd.lgamma, ("x",), np.arange(1.0, 12.0))
    plan = plan_of(records_of(program))
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
    plan = array_plan(ArrayProgram((x, w), {}, equations, outputs=(y, v)))
    for n in SIZES:
        numbers = [np.full((2, n), 8e307), np.full(3, 5e-324)]
        assert plan.run(numbers) is not None
        for array in numbers:
            for place in {0, array.size // 2, array.size - 1}:
                array.flat[place], kept = bad, array.flat[place]
                assert plan.run(numbers) is None
                assert not all(np.isfinite(y).all() for y in plan.run(numbers, finite=False))
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
    plan = array_plan(ArrayProgram((x, y), {}, equations, outputs=tuple(outputs)))
    a, b, c, d = plan.run([np.zeros((0, 2, 9)), np.zeros(0)])
    np.testing.assert_array_equal(a, np.zeros((2, 9)))
    assert (b.shape, c, d) == ((0, 2, 9), 0.0, 1.0)


SPECIAL = (
    *(0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, 20.0, -40.0, 710.0, -745.5, 1e16, 1e-9, 1e-310),
    *(5e-324, -5e-324, 1e308, -1e308, np.inf, -np.inf, np.nan),
)
ELEMENTWISE = [name for name, entry in TABLE.items() if not entry.variadic]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_special_numbers_are_as_numpy_has_them(name, level):
    """Zeros with their signs, subnormal and huge numbers, infinite ones and nan."""
    first = (0.0, 1.0, 3.0, -1.0, 0.5, np.nan) if name == "polygamma" else SPECIAL
    second = (0.0, 1.0, -1.0, np.nan) if name == "round" else SPECIAL
    count = len(TABLE[name].arguments)
    X = np.array(list(product(*(first, second, SPECIAL)[:count]))).T.copy()
    found = np.empty(X.shape[1])
    _blocked.apply(name, found, *X, level=level)
    with np.errstate(all="ignore"):
        expected = np.asarray(ARRAYS[name](*X), float)
    np.testing.assert_allclose(found, expected, rtol=1e-13)
    zeros = expected == 0
    np.testing.assert_array_equal(np.signbit(found[zeros]), np.signbit(expected[zeros]))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_equal_numbers_give_equal_bits(name, level):
    """Wherever they are in a row, and whether an operand is a row or one number."""
    draw = np.random.default_rng(0)
    numbers = [draw.uniform(max(low, -5.0), min(high, 5.0)) for low, high in TABLE[name].domain]
    bits = set()
    for n in (1, 3, 8, 17, 64):
        for rows in product([True, False], repeat=len(numbers)):
            found = np.empty(n)
            given = [np.full(n, x) if row else np.broadcast_to(np.array(x), n)
                     for x, row in zip(numbers, rows, strict=True)]  # fmt: skip
            _blocked.apply(name, found, *given, level=level)
            bits |= set(found.view(np.int64).tolist())
    assert len(bits) == 1


@pytest.mark.parametrize("engine", ["blocked", "numpy", "tape"])
def test_subnormal_sigmoids(engine):
    """Values and derivatives where exp(-x) overflows and exp(x) is not 0."""
    w = autograd.Value(0.0)
    step = autograd.compile(lambda x: autograd.sigmoid(w + x), batch=("x",), engine=engine)
    for x in (-720.0, -745.0, -800.0, 0.0):
        w.zero_grad()
        value, expected = step.backward(np.array([x])), autograd.Value(x)
        autograd.sigmoid(expected).backward()
        assert (value, w.grad) == pytest.approx((autograd.sigmoid(x), expected.grad), rel=1e-12)


@pytest.mark.parametrize("rows", [1 << 44, 1 << 58])
def test_memory_that_there_is_not(rows):
    """MemoryError, and no array is held any longer."""
    x = np.zeros((3, 20))
    empty = np.zeros(0, np.int64)
    plan = _blocked.Plan(lambda _: (empty,) * 3, np.zeros(8), rows, [(0, (3,), True)], [], [])
    before = sys.getrefcount(x)
    with pytest.raises(MemoryError):
        plan.run([x])
    assert sys.getrefcount(x) == before


def test_wide_matrices_are_told():
    x, w = Variable("x", (40, "n"), "argument"), Variable("w", (30, 40), "argument")
    y = Variable("y", (30, "n"), "result")
    equations = [Equation(y, Builder().make("einsum", w, x, attributes=("ik,kn->in",)))]
    program = ArrayProgram((w, x), {}, equations, outputs=(y,))
    records = build(program, _blocked.OPERATIONS, _blocked.KINDS)
    assert records is not None
    assert records.widest == 30 * 40


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
    plan = array_plan(program)
    numbers = np.random.default_rng(0).normal(size=(2, 3, 20))
    (found,) = plan.run([*numbers])
    np.testing.assert_allclose(found, np.tanh(numbers[0].sum(0)) * numbers[1] + 1, rtol=1e-14)


@pytest.mark.parametrize("level", LEVELS)
def test_results_are_written_into_arrays_of_the_caller(level):
    step = autograd.compile(
        lambda x, w, b: (autograd.dot(w, x) + b) ** 2, batch=["x"], engine="numpy"
    )
    x, w = np.arange(600.0).reshape(200, 3) / 100, np.array([1.0, -2.0, 0.5])
    step(x, w, 0.5)
    plan = plan_of(records_of(step.program), level)
    numbers = [x.T, w, 0.5]
    value, *gradients = plan.run(numbers)
    into = [None, np.empty(3), np.empty(())]
    found = plan.run(numbers, into=into)
    assert found[0] == value
    assert found[1] is into[1]
    assert found[2] is into[2]
    assert [np.asarray(g).tobytes() for g in gradients] == [a.tobytes() for a in into[1:]]
    readonly = np.empty(3)
    readonly.flags.writeable = False
    for wrong in (np.empty(4), np.empty(3, "f4"), np.empty(6)[::2], [0.0] * 3, readonly):
        with pytest.raises(ValueError, match="the array for result 1 does not fit"):
            plan.run(numbers, into=[None, wrong, None])
    with pytest.raises(ValueError, match="got 1 arrays for results; give 3"):
        plan.run(numbers, into=[None])


@pytest.mark.parametrize("level", LEVELS)
def test_what_selects_is_checked_where_it_is_one_of_several_numbers(level):
    def program(x, y):
        return y[0] * autograd.take([x[0], x[1] * x[1], x[2]], y[1])

    step = autograd.compile(program, batch=["x", "y"], engine="blocked")
    x = np.random.default_rng(0).normal(size=(20, 3))
    y = np.stack([np.full(20, 7.5), np.arange(20) % 3], axis=1)
    step(x, y)
    plan = plan_of(records_of(step.program), level)
    assert plan.run([x.T, y.T]) is not None
    for wrong in (-1.0, 3.0, 0.5, np.nan, np.inf, 1e300):
        other = y.copy()
        other[17, 1] = wrong
        assert plan.run([x.T, other.T]) is None
        with pytest.raises(IndexError, match="selects with"):
            step(x, other)
