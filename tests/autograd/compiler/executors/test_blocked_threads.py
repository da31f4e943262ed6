"""The blocked executor on several threads: the same bits, errors, forks, ends."""

import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import autograd
from autograd.compiler.executors.blocked import build
from autograd.compiler.executors.blocked_engine import COMPILED, plan_of, records_of
from autograd.compiler.ir.builder import Builder
from autograd.rules import special
from tests.autograd.compiler.executors.test_blocked import (
    classifier,
    input_arrays,
    lifted,
    random_programs,
    results_of,
    samples,
)
from tests.helpers.blocked import LEVELS

pytestmark = pytest.mark.skipif(not COMPILED, reason="needs the compiled kernel")
if COMPILED:
    from autograd.kernels.cython import _blocked
SIZES = (1, 128, 129, 256, 300, 1003, 5000)
THREADS = (1, 2, 3, 7)


@pytest.fixture(autouse=True)
def _restored():
    before = autograd.get_num_threads()
    yield
    autograd.set_num_threads(before)


def shared_plan(program, level=None):
    """Return a plan whose runs are shared by threads however short they are."""
    return plan_of(records_of(program), level, least_work=1.0)


def network_plan(n):
    """Return a plan of a network, and its numbers."""
    program, numbers = lifted(classifier(), ("x", "k"), *samples(n))
    return shared_plan(program), numbers


def bits(found):
    """Return results that compare by their bits."""
    return found and [np.asarray(x).tobytes() for x in found]


def on_threads(plan, numbers, count, **options):
    """Run a plan on so many threads; return its results' bits."""
    autograd.set_num_threads(count)
    return bits(plan.run(numbers, **options))


@pytest.mark.parametrize("level", LEVELS)
def test_bits_do_not_depend_on_the_threads(level):
    for program, draw in random_programs(40):
        plan = shared_plan(program, level)
        for n in SIZES:
            numbers = draw(n)
            expected = on_threads(plan, numbers, 1, finite=False)
            for count in THREADS[1:]:
                assert on_threads(plan, numbers, count, finite=False) == expected


def test_bits_of_rows_do_not_depend_on_the_threads():
    """A scalar program as rows of numbers, with results that a comparison chose."""

    def function(x):
        for _ in range(20):
            x = [x[0] + 0.1 * x[1], x[1] - 0.1 * autograd.sin(x[0])]
        return x[0] * x[1] if x[0] > -100.0 else x[0]

    x = np.random.default_rng(0).normal(size=(5000, 2))
    step = autograd.compile(function, batch=("x",), engine="tape")
    step(x)
    plan = shared_plan(step.program)
    for n in SIZES:
        expected = on_threads(plan, [x[:n].T], 1)
        assert expected is not None
        assert all(on_threads(plan, [x[:n].T], count) == expected for count in THREADS)


def test_helpers_take_part():
    """In runs that are long enough, where another thread gets a processor at all."""
    plan, numbers = network_plan(20_000)
    autograd.set_num_threads(1)
    plan.run(numbers)
    assert plan.helped == 0
    autograd.set_num_threads(2)
    end = time.monotonic() + 60
    while not plan.helped and time.monotonic() < end:
        plan.run(numbers)
    assert plan.helped


def test_more_threads_than_there_can_be():
    plan, numbers = network_plan(9000)
    expected = on_threads(plan, numbers, 1)
    for count in (33, 1000, 10**30):
        assert on_threads(plan, numbers, count) == expected


def test_work_is_estimated():
    """About in proportion to samples; none that threads can share where Python computes."""
    plan, _ = network_plan(9)
    assert plan.work(12800) == 50 * plan.work(256) > 100
    program, _ = lifted(autograd.lgamma, ("x",), np.arange(1.0, 12.0))
    assert shared_plan(program).work(1000) == 0.0


def test_short_runs_are_the_caller_s():
    program, numbers = lifted(classifier(), ("x", "k"), *samples(300))
    plan = plan_of(records_of(program))
    autograd.set_num_threads(4)
    for _ in range(200):
        plan.run(numbers)
    assert plan.helped == 0


def test_many_callers():
    """One has the helpers, the others run alone; all get the same bits."""
    plan, numbers = network_plan(2000)
    expected = on_threads(plan, numbers, 1)
    autograd.set_num_threads(3)
    found = []

    def work():
        found.extend(bits(plan.run(numbers)) for _ in range(30))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 180
    assert all(each == expected for each in found)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 3.0, -1.0])
def test_numbers_that_records_are_not_made_for(bad):
    """Of one sample, in any chunk: a position that there is not, or a result that is not finite."""
    plan, numbers = network_plan(1003)
    array = numbers[1] if abs(bad) < 10 else numbers[0][2]
    expected = on_threads(plan, numbers, 1)
    for place in (0, 500, 1002):
        array[place], kept = bad, array[place]
        for count in THREADS:
            assert on_threads(plan, numbers, count) is None
        array[place] = kept
        assert on_threads(plan, numbers, 3) == expected


def test_functions_in_python_stay_in_the_caller_s_thread(monkeypatch):
    """They would wait for its lock; and what they raise is raised there."""
    program, numbers = lifted(autograd.lgamma, ("x",), np.arange(1.0, 1003.0))
    plan = shared_plan(program)
    expected, lgamma, calls = on_threads(plan, numbers, 1), special.lgamma, []

    def note(x):
        calls.append(threading.get_ident())
        if len(calls) == 900:
            raise KeyError(x)
        return lgamma(x)

    monkeypatch.setattr(special, "lgamma", note)
    with pytest.raises(KeyError):
        on_threads(plan, numbers, 3)
    assert set(calls) == {threading.get_ident()}
    assert plan.helped == 0
    monkeypatch.undo()
    assert on_threads(plan, numbers, 3) == expected


def test_interrupts():
    """An interrupt reaches the caller, and the helpers can be used again."""
    plan, numbers = network_plan(20_000)
    expected = on_threads(plan, numbers, 2)
    for _ in range(5):
        timer = threading.Timer(0.02, signal.raise_signal, (signal.SIGINT,))
        timer.start()
        with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - it comes in one of them
            while True:
                plan.run(numbers)
        timer.join()
        assert on_threads(plan, numbers, 2) == expected


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:.*fork:RuntimeWarning")  # JAX's, where a test imported it
def test_forks():
    """A child has no helpers of its parent's, and starts its own; also one of a busy parent."""
    plan, numbers = network_plan(20_000)
    expected = on_threads(plan, numbers, 2)
    is_over = threading.Event()

    def work():
        while not is_over.is_set():
            plan.run(numbers)

    for is_busy in (False, True):
        busy = threading.Thread(target=work)
        if is_busy:
            busy.start()
        for _ in range(5):
            child = os.fork()
            if not child:
                signal.alarm(60)  # else one that hangs would stay
                os._exit(0 if bits(plan.run(numbers)) == expected else 1)
            assert os.waitpid(child, 0)[1] == 0
            assert on_threads(plan, numbers, 2) == expected
        is_over.set()
        if is_busy:
            busy.join()


ENDING = """
import threading, time, sys
import numpy as np, autograd
autograd.set_num_threads(3)
w = autograd.values([0.1] * 16, "w")
step = autograd.compile(lambda x: autograd.exp(autograd.dot(w, x)), batch=("x",), engine="blocked")
x = np.ones((50_000, 16))
step(x)
def work():
    while True:
        step(x)
if sys.argv[1] == "busy":
    for _ in range(3):
        threading.Thread(target=work, daemon=True).start()
    time.sleep(0.2)
"""


@pytest.mark.parametrize("how", ["idle", "busy"])
def test_the_interpreter_ends(how):
    """Whatever helpers, and other callers, do then."""
    subprocess.run([sys.executable, "-c", ENDING, how], check=True, timeout=60)


def test_what_is_added_before_a_block_is_no_part_of_a_chunk():
    """Numbers without samples, and those of samples, added to parts of the same zeros."""
    make = Builder()
    k, x, j, y = inputs = input_arrays(("n",), ("n",), (2,), (2,))
    paths = ((("gather", k),), (("gather", j),))
    total = make.make("accumulate", x, y, attributes=(paths, (3,)))
    program = results_of(make.call("mul", total, make.number(2.0)), inputs=inputs)
    plan = plan_of(build(program, _blocked.OPERATIONS, _blocked.KINDS), least_work=1.0)
    numbers = [np.arange(1003.0) % 3, np.ones(1003), np.array([0.0, 2.0]), np.array([0.5, 0.25])]
    for count in THREADS:
        autograd.set_num_threads(count)
        (found,) = plan.run(numbers)
        np.testing.assert_array_equal(found, [2 * 335.5, 2 * 334, 2 * 334.25])


def test_half_a_block_is_worth_a_thread_in_a_program_that_takes_long():
    """Samples that would be one block are two, whatever the threads; few samples are one."""
    program, _ = lifted(classifier(), ("x", "k"), *samples(9))
    long, short = shared_plan(program), plan_of(records_of(program))
    assert long.work(128) == 2 * long.work(64)
    assert long.work(65) == 2 * long.work(40)
    assert short.work(64) < short.work(128) < 2 * short.work(64)
