"""The engine is chosen by what a program is, and rightly for programs whose times are known."""

import random
from itertools import pairwise

import numpy as np
import pytest

import autograd
from autograd.compiler.executors.cost import (
    array_work,
    blocked_work,
    pack_operations,
    tape_work,
)
from autograd.compiler.ir.attributes import operation_count
from autograd.compiler.programs.lowering import canonical
from autograd.compiler.tape.choice import COMPILED
from autograd.compiler.vectorize.canonicalize import least_operations


def rosenbrock(x):
    return sum((1 - a) ** 2 + 100 * (b - a**2) ** 2 for a, b in pairwise(x))


def product(W, x):
    return autograd.sum([autograd.square(autograd.dot(row, x)) for row in W])


def deep(layers, x):
    for W in layers:
        x = [autograd.tanh(autograd.dot(row, x)) for row in W]
    return autograd.sum(x)


@pytest.mark.skipif(not COMPILED, reason="the tape in plain Python is never faster")
@pytest.mark.parametrize(
    ("function", "shapes", "engine"),
    [  # beside each, what the engines took in microseconds: numpy, blocked, tape
        (rosenbrock, [(30,)], "tape"),  # 23, 2.7, 1.5
        (rosenbrock, [(10_000,)], "numpy"),  # 166, 490, 390
        (product, [(5, 5), (5,)], "tape"),  # 6.9, 1.5, 0.7
        (product, [(40, 40), (40,)], "blocked"),  # 8.7, 4.8, 11
        (product, [(200, 200), (200,)], "numpy"),  # 40, 89, 195
        (deep, [(8, 40, 40), (40,)], "blocked"),  # 53, 30, 78
    ],
)
def test_the_faster_engine_is_chosen(function, shapes, engine):
    step = autograd.compile(function)
    step(*(np.ones(shape) for shape in shapes))
    assert step.engine == engine


def euler(p):
    x, v = p
    for _ in range(500):
        x, v = x + 0.01 * v, v - 0.01 * autograd.sin(x)
    return x


def text_is_known(step):
    """Whether the program of the last call was lowered."""
    return step._latest().lower is None


def test_the_tape_that_is_asked_for_lowers_nothing_before_its_text_is_read():
    step = autograd.compile(product, engine="tape")
    step(np.ones((50, 50)), np.ones(50))
    assert not text_is_known(step)
    known = autograd.compile(product, engine="numpy")
    known(np.ones((50, 50)), np.ones(50))
    assert step.source == known.source
    assert text_is_known(step)
    assert step.program.instructions
    assert [a.name for a in step.program.arrays] == [a.name for a in known.program.arrays]
    assert step.program is step.program


@pytest.mark.skipif(not COMPILED, reason="the tape in plain Python is never faster")
def test_a_long_thin_program_goes_to_the_tape_before_it_is_lowered():
    step = autograd.compile(euler)
    step([1.0, 0.0])
    assert step.engine == "tape"
    assert not text_is_known(step)
    assert "too irregular" in step.source


@pytest.mark.parametrize("function", [euler, lambda p: autograd.dot(p, p), rosenbrock])
def test_no_program_has_fewer_operations_than_its_levels_say(function):
    step = autograd.compile(function, engine="numpy")
    step([1.0, 0.5])
    program = step.program
    least = least_operations(program.scalars, [program.result], gradients=True)
    assert 0 < least <= operation_count(program.equations)


def scalars_of(function, *args, **options):
    """Return the program that the tape runs."""
    step = autograd.compile(function, engine="tape", **options)
    step(*args)
    return step._latest().program


def test_the_tapes_work_is_counted():
    x, y = np.array([1.0, 2.0, 3.0]), np.array([0.5, 0.5, 0.5])

    def function(x, y):
        return autograd.tanh(autograd.dot(x, y)) + autograd.sin(x[0])

    work = tape_work(scalars_of(function, x, y), 0)
    assert (work.node, work.edge, work.pullback) == (4, 10, 10)
    assert (work.vector, work.function) == (1, 1)
    assert (work.batch, work.array, work.number) == (0, 0, 12)
    of_x = tape_work(scalars_of(function, x, y, wrt=["x"]), 0)
    assert of_x.edge - of_x.pullback == 3
    assert tape_work(scalars_of(function, x, y, gradients=False), 0).pullback == 0
    batch = tape_work(scalars_of(function, x, np.array([y, y]), batch=["y"]), 2)
    assert (batch.batch, batch.array, batch.node, batch.pullback) == (1, 6, 8, 14)


def test_a_choice_by_position_reads_one_number():
    short, long = (
        tape_work(scalars_of(lambda x, k: autograd.take(x, k) * 2.0, np.ones(n), 1), 0)
        for n in (3, 300)
    )
    assert short[2:4] != long[2:4]
    assert short[4:] == long[4:]


def test_work_of_arrays_is_counted():
    step = autograd.compile(product, engine="numpy", batch=["x"])
    step(np.ones((3, 4)), np.ones((5, 4)))
    one, five = (array_work(step.program, samples) for samples in (1, 5))
    assert five.product == 5 * one.product == 5 * (12 + 3 + 12)  # W x, a square, and of W
    assert five.operation == one.operation
    assert five.number - one.number == 4 * 4
    room = blocked_work(step.program, 5)
    assert (room.product, room.operation) == (8 * one.product, one.operation)
    assert blocked_work(step.program, 300).operation == 3 * one.operation


@pytest.mark.parametrize("size", [3, 30])
def test_packs_tell_before_lowering_how_many_operations_there_are(size):
    step = autograd.compile(product, engine="numpy")
    step(np.ones((size, size)), np.ones(size))
    program = step.program
    estimate, packs = pack_operations(program, canonical(program))
    count = operation_count(program.equations)
    assert 0.5 * count <= estimate <= count + 2  # a root's cotangent is a number
    assert packs == len(program.instructions)


def irregular(x):
    draw, pool = random.Random(0), list(x)
    for _ in range(3_000):
        a, b, c = draw.choices(pool[-400:], k=3)
        pool.append(draw.choice([a * b + c, a - b * 0.3, autograd.sin(a + c)]))
    return autograd.sum(pool[-400:])


@pytest.mark.skipif(not COMPILED, reason="the tape in plain Python is never faster")
def test_an_irregular_graph_goes_to_the_tape_before_it_is_lowered():
    step = autograd.compile(irregular)
    step(np.linspace(-1, 1, 100))
    assert step.engine == "tape"
    assert not text_is_known(step)
    program = step.program
    normal = canonical(program)
    whole, _ = pack_operations(program, normal)
    assert 300 < pack_operations(program, normal, 300)[0] < whole


def waves(p, start):
    x, v = start
    for _ in range(100):
        x, v = x + 0.01 * v, v - 0.01 * p * autograd.sin(x)
    return x


@pytest.mark.skipif(not COMPILED, reason="the tape in plain Python is never faster")
def test_a_small_batch_of_a_thin_program_is_replayed_whatever_was_called_before():
    starts = np.random.default_rng(0).random((2_000, 2))
    first, second = (autograd.compile(waves, batch=["start"]) for _ in range(2))
    small = first(1.3, starts[:2])
    assert first.engine == "tape"
    large = first(1.3, starts)
    assert first.engine == "blocked"
    assert str(second(1.3, starts)) == str(large)
    assert str(second(1.3, starts[:2])) == str(small)


@pytest.mark.skipif(not COMPILED, reason="the tape in plain Python is never faster")
@pytest.mark.parametrize("steps", [200, 600])  # beyond no sample, or one, the tape costs more
def test_all_calls_of_a_batch_give_the_same_bits(steps):
    def sines(x, p):
        y = x * p
        for _ in range(steps):
            y = autograd.sin(y)
        return y

    step = autograd.compile(sines, batch=["x"])
    first, *others = (step(np.linspace(0.1, 2.0, 20), 0.7) for _ in range(3))
    assert step.engine == "blocked"
    assert others == [first, first]


@pytest.mark.skipif(not COMPILED, reason="the tape in plain Python is never faster")
def test_a_batch_of_a_wide_program_is_run_as_arrays():
    step = autograd.compile(product, batch=["x"])
    step(np.ones((10, 10)), np.ones((1, 10)))
    assert step.engine == "blocked"


@pytest.mark.skipif(not COMPILED, reason="the tape in plain Python is never faster")
def test_parameters_of_a_program_that_is_not_lowered_have_their_names():
    rate, start = autograd.Value(0.3, "rate"), autograd.values([1.0, 0.5], "start")

    def decay(x):
        for _ in range(500):
            x = x - 0.01 * rate * autograd.sin(x) + 0.001 * start[0] * start[1]
        return x

    step, known = (autograd.compile(decay, wrt=[], engine=e) for e in ("auto", "numpy"))
    (value, slopes), (expected, others) = step(1.0), known(1.0)
    assert not text_is_known(step)
    assert value == pytest.approx(expected, rel=1e-12)
    assert slopes.keys() == others.keys() >= {"rate", "start"}
    for name, slope in others.items():
        np.testing.assert_allclose(slopes[name], slope, rtol=1e-9)


@pytest.mark.skipif(not COMPILED, reason="the tape in plain Python is never faster")
def test_no_batch_of_a_thin_program_is_lowered():
    starts = np.random.default_rng(0).random((2_000, 2))
    step = autograd.compile(waves, batch=["start"])
    step(1.3, starts[:1])
    assert (step.engine, text_is_known(step)) == ("tape", False)
    step(1.3, starts)
    assert (step.engine, text_is_known(step)) == ("blocked", False)
    for _ in range(2):  # quick calls, too
        step(1.3, starts[:1])
        assert step.engine == "tape"
        step(1.3, starts)
        assert step.engine == "blocked"
    engine = step._latest()._larger.engine
    step(1.3, starts[:3])
    step(1.3, starts)
    assert step._latest()._larger.engine is engine
