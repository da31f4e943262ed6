"""Calls of small programs: straight to C where all is as it was, the general way elsewhere."""

import functools
import gc
import sys
import threading

import numpy as np
import pytest

import autograd
from autograd.compiler.compiled import Compiled
from autograd.compiler.dispatch.dispatcher import MAX_NATIVE
from autograd.compiler.tape.choice import COMPILED

needs_c = pytest.mark.skipif(not COMPILED, reason="plain Python has no calls in C")


def called(f, *args, **options):
    """Compile a function and call it twice, so that its quick calls are there."""
    step = autograd.compile(f, engine="tape", **options)
    step(*args)
    assert not step.quick, "the next call traces the function again"
    step(*args)
    return step


def test_calls_with_floats_agree_with_the_first():
    step = called(lambda a, b, c: 3 * (a + b * c), 2.0, -3.0, 10.0)
    assert step(2.0, -3.0, 10.0) == (-84.0, (3.0, 30.0, -9.0))
    assert step(1.0, 2.0, 3.0) == (21.0, (3.0, 9.0, 6.0))
    assert [type(x) for x in (step(1.0, 2.0, 3.0)[0], *step(1.0, 2.0, 3.0)[1])] == [float] * 4


def in_c(step):
    """Whether a function's last variant is called in C."""
    return bool(step.quick) and type(step.quick[0][0]).__name__ == "NativeCall"


def test_all_ways_to_call_agree():
    step = called(lambda a, b=3.0: a * b, 2.0, 3.0)
    args, expected = (2.0, 3.0), (6.0, (3.0, 2.0))
    for _ in range(2):
        assert step(2.0, 3.0) == step(*args) == step(b=3.0, a=2.0) == expected
        assert step(2.0) == step(2.0, b=3.0) == step(*[2.0], b=3.0) == expected
        assert step.__call__(2.0, 3.0) == step.__call__(2.0, b=3.0) == expected
        assert [*map(step, [2.0], [3.0])] == [functools.partial(step, b=3.0)(2.0)] == [expected]
        assert step.value(2.0, 3.0) == step.value(2.0) == step.value(b=3.0, a=2.0) == 6.0
    for wrong in (step, lambda: step(1.0, 2.0, 3.0), lambda: step(1.0, c=2.0)):
        with pytest.raises(TypeError, match="<lambda>"):
            wrong()
    assert step(2.0, 3.0) == expected


def test_arguments_by_name_alone_come_by_name():
    step = autograd.compile(lambda a, *, b: a * b, engine="tape")
    for _ in range(3):
        assert step(2.0, b=3.0) == (6.0, (3.0, 2.0))
        assert step.value(2.0, b=3.0) == 6.0
    with pytest.raises(TypeError, match="give 2: a, b="):
        step(2.0, 3.0)


def test_a_derived_class_may_call_otherwise():
    class Logged(Compiled):
        def __call__(self, *args, **named):
            return "called", super().__call__(*args, **named)

    class Same(Compiled):
        pass

    step = called(lambda a: a * a, 3.0)
    for kind, expected in ((Logged, ("called", (9.0, 6.0))), (Same, (9.0, 6.0))):
        derived = kind(step.function, step.settings)
        for _ in range(3):
            assert derived(3.0) == expected
            assert derived(a=3.0) == expected


def test_a_call_that_is_replaced_in_the_class_is_called(monkeypatch):
    step = called(lambda a: a * a, 3.0)
    monkeypatch.setattr(Compiled, "__call__", lambda _, *args, **named: (args, named))
    assert step(3.0) == ((3.0,), {})
    assert step(a=3.0) == ((), {"a": 3.0})
    monkeypatch.undo()
    assert step(3.0) == step(a=3.0) == (9.0, 6.0)


def test_a_value_alone_follows_what_the_function_reads():
    factor = 2.0

    def scaled(a):
        return a * factor

    step = autograd.compile(scaled, engine="tape")
    assert [step.value(3.0) for _ in range(4)] == [6.0] * 4
    assert step(3.0) == (6.0, 2.0)
    factor = 5.0
    assert step.value(3.0) == 15.0
    assert step(3.0) == (15.0, 5.0)
    assert [step.value(3.0) for _ in range(4)] == [15.0] * 4


@needs_c
def test_a_call_makes_no_tuple_of_its_arguments():
    assert has_vectorcall(type(called(lambda a: a, 1.0)))


def has_vectorcall(kind):
    """Whether a class's instances are called without a tuple of the arguments."""
    return bool(kind.__flags__ & 1 << 11)


@needs_c
def test_which_calls_have_a_program_in_c():
    w = autograd.Value(2.0)
    for f, args in [
        (lambda a, b: a * b, (1.0, 2.0)),
        (lambda a: a * w, (1.0,)),
        (lambda: w * w, ()),
        (lambda a: a if a > 0 else -a, (1.0,)),
        (lambda a, k: autograd.take([a, 2 * a], k), (1.0, 1)),
        (lambda a: a[0] * a[1], ([1.0, 2.0],)),
        (lambda a: a["x"][1] * a["y"][0][0], ({"x": np.ones(2), "y": ([1.0],)},)),
    ]:
        assert in_c(called(f, *args))
        assert in_c(called(f, *args, gradients=False))
    assert in_c(called(lambda a: a * a, 1.0, wrt=[])), "no gradient"


@needs_c
def test_which_calls_have_none():
    k = autograd.Value(1.0)
    picks = lambda a, k: autograd.take([a[0], a[1]], k)  # noqa: E731
    square = lambda a: a * a  # noqa: E731
    assert not in_c(called(square, 1.0, check=True)), "numbers are looked at"
    assert not in_c(called(lambda a: picks([a, a], k), 1.0)), "a parameter that selects"
    assert not in_c(called(lambda a, k: picks(a, k[0]), [1.0, 2.0], [1, 0])), "one of a list"
    assert not in_c(called(lambda a, b: a[0] * b, np.array([1, 2]), 1.0)), "whole numbers"
    assert not in_c(called(square, np.ones(3), batch="a")), "samples"
    assert not in_c(called(square, np.ones(3), batch="a", gradients=False))
    assert not in_c(called(lambda a: None, 1.0, gradients=False)), "None"  # noqa: ARG005
    numpy = autograd.compile(square, engine="numpy")
    numpy(1.0)
    assert not in_c(numpy)


@needs_c
def test_a_program_too_large_gives_other_threads_a_turn():
    def long(a):
        for _ in range(MAX_NATIVE + 1):
            a = a.sin()
        return a

    assert not in_c(called(long, 1.0))


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


@pytest.mark.parametrize("engine", ["numpy", "blocked", "tape"])
@pytest.mark.parametrize("count", [1, 3])
def test_a_wrong_number_of_arguments_is_refused_after_quick_calls(engine, count):
    step = autograd.compile(lambda a, b: a * b, engine=engine)
    step(2.0, 4.0)
    with pytest.raises(TypeError, match=f"got {count} arguments; give 2: a, b"):
        step(*[1.0] * count)
    assert step(b=5.0, a=2.0) == (10.0, (5.0, 2.0))


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


def test_threads_meet_in_a_rule_of_python_s():
    """`lgamma` is Python's: another thread may call while the program in C is running."""
    f = autograd.grad(lambda x: autograd.lgamma(x[0]) * x[1] if x[0] > x[1] else x[1] ** 3)
    step = autograd.compile(f, engine="tape")
    places = [[float(n), 2.5] for n in range(1, 6)]
    expected, wrong = [f(x) for x in places], []
    for x in places:
        step(x)

    def work(n):
        wrong.extend(n for _ in range(300) if step(places[n]) != expected[n])

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=work, args=(n,)) for n in range(len(places))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert not wrong


@needs_c
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"numbers": np.zeros(2)}, "got 2 numbers for 3 nodes"),
        ({"taken": [4]}, "got node 4 of 3 nodes"),
        ({"takes": [[0, 0, 0]]}, "got something else than a tuple"),
        ({"gives": [[0, 0, 0]], "given": [8]}, "got node 8 of 3 nodes"),
        ({"guards": [[0, 0, 3, 1]]}, "got node 3 of 3 nodes"),
        ({"watched": [-1]}, "got node -1 of 3 nodes"),
        ({"parameters": [3]}, "got node 3 of 3 nodes"),
        ({"parameters": [2]}, "got 0 numbers for 1 parameters"),
    ],
)
def test_what_c_is_given_is_checked(change, message):
    from autograd.kernels.cython._tape import NativeCall, Structure

    def row(name, default):
        return np.array(change.get(name, default), np.int32)

    tape = called(lambda a, b: a * b, 1.0, 2.0).last.engine.tape

    def given():
        takes = Structure(row("takes", [[5, 1, 0], [0, 0, 0]]), row("taken", [0]), ())
        gives = Structure(row("gives", [[0, 0, 0]]), row("given", [2]), ())
        guards = row("guards", np.zeros((0, 4)))
        numbers = change.get("numbers", np.zeros(3))
        rest = row("watched", []), None, np.zeros(0), row("parameters", [])
        return tape, numbers, takes, gives, guards, *rest

    with pytest.raises(ValueError, match=message):
        NativeCall(*given())
    change = {}
    small = NativeCall(*given())
    assert small((5.0, 5.0)) is None, "what is taken is a tuple of one"
    assert small((5.0,)) == 0.0
    with pytest.raises(RuntimeError, match="made once"):
        small.__init__(*given())
