"""Calls of small programs: straight to C where all is as it was, the general way elsewhere."""

import gc
import sys
import threading

import numpy as np
import pytest

import autograd
from autograd.compiler.front import LARGEST, small_call
from autograd.compiler.tape import COMPILED

needs_c = pytest.mark.skipif(not COMPILED, reason="plain Python has no calls in C")


def called(f, *args, **options):
    """Compile a function and call it, so that its quick calls are there."""
    step = autograd.compile(f, engine="tape", **options)
    step(*args)
    return step


def test_calls_with_floats_agree_with_the_first():
    step = called(lambda a, b, c: 3 * (a + b * c), 2.0, -3.0, 10.0)
    assert step(2.0, -3.0, 10.0) == (-84.0, (3.0, 30.0, -9.0))
    assert step(1.0, 2.0, 3.0) == (21.0, (3.0, 9.0, 6.0))
    assert [type(x) for x in (step(1.0, 2.0, 3.0)[0], *step(1.0, 2.0, 3.0)[1])] == [float] * 4


@needs_c
def test_which_calls_have_a_program_in_c():
    assert called(lambda a, b: a * b, 1.0, 2.0).small is not None
    w = autograd.Value(2.0)
    assert called(lambda a: a * w, 1.0).small is None, "w is read at each call"
    assert called(lambda a: a if a > 0 else -a, 1.0).small is None, "a comparison"
    assert called(lambda a, k: autograd.take([a, 2 * a], k), 1.0, 1).small is None, "an index"
    assert called(lambda a: a[0] * a[1], [1.0, 2.0]).small is None, "no floats"
    assert called(lambda a: a * a, 1.0, check=True).small is None, "numbers are looked at"
    assert called(lambda a: a * a, 1.0, wrt=[]).small is None, "no gradient"
    numpy = autograd.compile(lambda a: a * a, engine="numpy")
    numpy(1.0)
    assert numpy.small is None


@needs_c
def test_a_program_too_large_gives_other_threads_a_turn():
    def long(a):
        for _ in range(LARGEST + 1):
            a = a.sin()
        return a

    assert called(long, 1.0).small is None


def test_an_argument_that_is_not_used_has_gradient_0():
    step = called(lambda a, b, c: a * c, 2.0, 3.0, 4.0)  # noqa: ARG005 - that is the point
    assert step(2.0, 5.0, 4.0) == (8.0, (4.0, 0.0, 2.0))


def test_a_result_that_is_an_argument_or_a_number():
    step = called(lambda a, b: b, 2.0, 3.0)  # noqa: ARG005 - as above
    assert step(2.0, 5.0) == (5.0, (0.0, 1.0))
    constant = called(lambda a: autograd.Value(3.0).detach() + 0 * a, 2.0)
    assert constant(5.0) == (3.0, 0.0)


def test_wrt_chooses_which_gradients_are_returned():
    one = called(lambda a, b: a * b, 2.0, 3.0, wrt="b")
    assert one(4.0, 5.0) == (20.0, 4.0)
    two = called(lambda a, b, c: a * b * c, 2.0, 3.0, 4.0, wrt=["c", "a"])
    assert two(2.0, 3.0, 5.0) == (30.0, (15.0, 6.0)), "in the order of the arguments"


@pytest.mark.parametrize("x", [3, True, np.float64(3.0), np.array(3.0), [1.0, 2.0]])
def test_other_arguments_go_the_general_way(x):
    step = called(lambda a, b: a * (b[0] if isinstance(b, list) else b), 2.0, 4.0)
    b = x[0] if isinstance(x, list) else x
    assert step(2.0, x)[0] == 2.0 * b
    assert step(2.0, 5.0) == (10.0, (5.0, 2.0)), "and floats theirs again"


@pytest.mark.parametrize("engine", ["numpy", "tape"])
@pytest.mark.parametrize("count", [1, 3])
def test_a_wrong_number_of_arguments_is_refused_after_quick_calls(engine, count):
    step = autograd.compile(lambda a, b: a * b, engine=engine)
    step(2.0, 4.0)
    with pytest.raises(TypeError, match=f"got {count} arguments; give 2: a, b"):
        step(*[1.0] * count)
    with pytest.raises(TypeError, match="keyword"):
        step(a=1.0, b=2.0)


def test_the_last_call_s_program_is_the_one_that_is_shown():
    step = called(lambda a: a[0] * 2 if isinstance(a, list) else a * 3, 1.0)
    step([1.0])
    listed = step.source
    step(2.0)
    assert step.source != listed
    step([1.0])
    assert step.source == listed


def test_operations_of_python_s_and_on_lists():
    """`lgamma` may raise and be interrupted; `softmax` needs room of its own."""
    f = lambda a, b: autograd.lgamma(a) * autograd.softmax([a, b, a * b])[1]  # noqa: E731
    step = called(f, 2.5, 0.5)
    for a, b in [(1.5, 0.25), (3.5, -2.0)]:
        x, y = autograd.Value(a), autograd.Value(b)
        J = f(x, y)
        J.backward()
        assert step(a, b) == (J.data, (x.grad, y.grad))


def test_a_call_made_while_another_runs_has_numbers_of_its_own():
    """A collection of garbage may call the function again while its results are built."""
    step = called(lambda a, b: a * b + a.exp(), 1.0, 2.0)
    expected, found = step(1.5, 2.5), []

    class Loop:
        def __init__(self):
            self.own = self

        def __del__(self):
            found.append(step(-7.0, 0.5)[1][1])

    before = gc.get_threshold()
    try:
        gc.set_threshold(1)
        for _ in range(200):
            Loop()
            assert step(1.5, 2.5) == expected
    finally:
        gc.set_threshold(*before)
    gc.collect()
    assert len(found) == 200
    assert set(found) == {-7.0}


@pytest.mark.parametrize("size", [1, 40])
def test_threads_that_call_one_function_do_not_share_numbers(size):
    """The general way, too: lists of numbers are taken apart there."""

    def f(a, b):
        return autograd.sum([x * b * x for x in a])

    step = called(f, [1.0] * size, 2.0)
    quick = called(lambda a, b: a * b * a, 1.0, 2.0)
    wrong = []

    def work(number):
        for _ in range(400):
            value, (da, db) = step([number] * size, 3.0)
            if (value, da[0], db) != (size * number**2 * 3, 6 * number, size * number**2):
                wrong.append((number, value, da, db))
            if quick(number, 3.0) != (number**2 * 3, (6 * number, number**2)):
                wrong.append(number)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=work, args=(float(n),)) for n in (1, 2, 4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert not wrong


@needs_c
def test_what_c_is_given_is_checked():
    from autograd.native._tape import Small

    step = called(lambda a, b: a * b, 1.0, 2.0)
    variant = step.last
    tape, numbers = variant.engine.tape, variant.program.scalars.numbers
    one, none = np.zeros(1, np.int32), np.zeros(0, np.int32)
    with pytest.raises(ValueError, match="got 2 numbers for 3 nodes"):
        Small(tape, variant, numbers[:2].copy(), one, one)
    with pytest.raises(ValueError, match="none wanted"):
        Small(tape, variant, numbers, one, none)
    with pytest.raises(ValueError, match="got node 4 of 3 nodes"):
        Small(tape, variant, numbers, one + 4, one)
    made = small_call(variant, (("n", (), False),) * 2, ("a", "b"), ("a", "b"))
    with pytest.raises(RuntimeError, match="made once"):
        made.__init__(tape, variant, numbers, one, one)
