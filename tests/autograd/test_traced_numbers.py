"""While a function is traced, no number leaves a Value but through an error, on both kernels."""

import copy
import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import autograd
from autograd import Value
from autograd.compiler.tracing.trace import Tracing, record
from autograd.context import context
from autograd.errors import ConcretizationError
from tests.helpers.effort import calls

# ruff: noqa: PLW0108 - a line that calls float() is what is tested
READS = {
    ".data": lambda x: x.data,
    ".grad": lambda x: x.grad,
    ".has_grad": lambda x: x.has_grad,
    ".partials": lambda x: x.partials,
    "float()": lambda x: float(x),
    "int()": lambda x: int(x),
    "format()": lambda x: f"{x:.2f}",
    "get_data()": lambda x: autograd.get_data([x]),
    "pickle()": pickle.dumps,
    "gradient() without create_graph": lambda x: autograd.gradient(x * x, [x]),
}
CHANGES = {
    "setting .data": lambda x: setattr(x, "data", 1.0),
    "setting .grad": lambda x: setattr(x, "grad", 1.0),
    "backward()": lambda x: (x * x).backward(),
    "zero_grad()": Value.zero_grad,
    "set_data()": lambda x: autograd.set_data([x], [1.0]),
}


@pytest.fixture
def x():
    return Value(3.0, "x")


@pytest.mark.parametrize("what", READS)
def test_a_read_is_refused(what, x):
    with Tracing("f"), pytest.raises(ConcretizationError) as caught:
        READS[what](x)
    text = str(caught.value)
    assert text.startswith(f"f: {what} of Value(<traced>")
    assert "test_traced_numbers.py:" in text
    assert "3.0" not in text
    assert "autograd.where" in text
    READS[what](x)  # and not afterwards


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_refused(what, x):
    with Tracing("f"), pytest.raises(ConcretizationError) as caught:
        CHANGES[what](x)
    assert str(caught.value).startswith(f"f: {what} of Value(<traced>")
    assert "in this one run alone" in str(caught.value)
    assert (x.data, x.has_grad) == (3.0, False)
    CHANGES[what](x)


@pytest.mark.parametrize("what", READS)
def test_a_constant_is_the_same_at_each_call(what):
    with Tracing("f"):
        READS[what](autograd.constant(2.0)) if "gradient" not in what else None


def test_repr_shows_no_number(x):
    y = x * 2
    y.backward()
    with Tracing("f"):
        assert repr(x) == str(x) == "Value(<traced>, label='x')"
        assert repr(y) == "Value(<traced>, op='mul')"
        assert f"{x}" == format(x) == "Value(<traced>, label='x')"
        assert repr(autograd.constant(2.0)) == "Value(2.0, op='constant')"
    assert repr(x) == "Value(3.0, label='x', grad=2.0)"


def test_a_copy_is_the_node_itself(x):
    with Tracing("f"):
        y = x * x
        assert copy.copy(y) is copy.deepcopy(y) is y
        assert copy.deepcopy({"w": [x]})["w"][0] is x
    assert copy.deepcopy(x) is not x


@pytest.mark.parametrize("transform", [autograd.grad, lambda f: autograd.compile(autograd.grad(f))])
def test_the_gradient_flows_through_copies(transform):
    def f(p):
        q = copy.deepcopy(p)
        q["w"] = copy.copy(q["w"] * 2) + copy.deepcopy(p["w"] * p["b"])
        return q["w"] ** 2 + q["b"]

    plain = autograd.grad(lambda p: (p["w"] * 2 + p["w"] * p["b"]) ** 2 + p["b"])
    point = {"w": 3.0, "b": 1.0}
    assert transform(f)(point) == plain(point)


def test_a_derivative_leaves_other_nodes_to_be_copied():
    w = Value(2.0)
    u = w * 3

    def f(x):
        mine, other = copy.deepcopy((w, u * x))
        mine.data = 5.0
        return mine.data * x + other

    assert autograd.grad(f)(1.0) == 11.0
    assert w.data == 2.0


def test_a_derivative_does_not_lose_what_is_pickled():
    with pytest.raises(ConcretizationError, match=r"pickle of .* would lose its gradient .* at "):
        autograd.grad(lambda x: pickle.loads(pickle.dumps(x * x)))(3.0)
    w = Value(2.0)
    kept = autograd.grad(lambda x: x * pickle.loads(pickle.dumps((w * w).detach())).data)
    assert kept(1.0) == 4.0


class Around:
    """The modes of a caller, none of which reaches into a trace."""

    no_grad = autograd.no_grad
    detect_anomaly = autograd.detect_anomaly

    @staticmethod
    def checkpoint():
        return autograd.value.Recorder()


@pytest.mark.parametrize("mode", ["no_grad", "detect_anomaly", "checkpoint"])
def test_modes_of_the_caller_stay_outside(mode, x):
    with getattr(Around, mode)():
        with Tracing("f") as tracing:
            y = x * x + np.inf
        after = x * x
    assert y.op == "add"
    assert record(y, tracing).scalars.ops == ("leaf", "mul", "constant", "add")
    assert after.is_constant == (mode == "no_grad")
    assert (context.active, context.thread.no_grad_depth, context.thread.anomaly_detectors) == (
        0,
        0,
        [],
    )


def test_a_derivative_of_the_caller_stays_outside():
    step = autograd.compile(lambda a: a * a)
    slope = autograd.grad(lambda x: x * step(3.0)[0] * float(autograd.constant(1.0)))
    assert slope(1.0) == 9.0
    assert not context.thread.transforms


def test_no_grad_inside_gives_the_number_of_each_call(x):
    def f(v):
        with autograd.no_grad():
            y = v * v + 1
            w = autograd.sum([y, v, 1.0])
            slope = autograd.grad(lambda t: t**3)(v)
        return w * v + slope

    with Tracing("f") as tracing:
        result = f(x)
    ops = record(result, tracing).scalars.ops
    assert "stop_gradient" in ops
    assert result.data == 14.0 * 3 + 27
    result.backward()
    assert x.grad == 14.0


def test_trunc_is_a_comparison(x):
    with Tracing("f") as tracing:
        x.__trunc__()
    assert [pair[0] for pair in tracing.compared_pairs] == ["<"]


@pytest.mark.parametrize(("sign", "test"), [("==", Value.__eq__), ("!=", Value.__ne__)])
def test_equality_is_guarded(sign, test, x):
    with Tracing("f") as tracing:
        outcome = test(x, 3)
        assert test(x, "3") is NotImplemented
    assert [(pair[0], pair[3]) for pair in tracing.compared_pairs] == [(sign, sign == "==")]
    assert outcome == (sign == "==")
    guard = record(x, tracing).guards[0]
    assert (guard.sign, guard.outcome) == (sign, outcome)


@pytest.fixture
def pool():
    with ThreadPoolExecutor(1) as pool:
        yield pool


@pytest.mark.parametrize("what", [*READS, *CHANGES, "x < y", "x == y", "x != y", "bool"])
def test_another_thread_freezes_nothing(what, x, pool):
    asks = {
        "x < y": lambda v: v < 2,
        "x == y": lambda v: [v].count(2.0),
        "x != y": lambda v: v != 2.0,
        "bool": bool,
    }
    ask = {**READS, **CHANGES, **asks}[what]
    other = Value(1.0)
    with Tracing("f") as tracing:
        tracing.arguments = [x]
        y = x * 2 + 1
        for node in (x, y):
            if what in CHANGES and node is y:
                continue  # a result's number cannot be set at all
            with pytest.raises(ConcretizationError, match="in another thread would freeze"):
                pool.submit(ask, node).result()
        pool.submit(ask, other).result()  # what does not concern the trace
    pool.submit(ask, x).result()


def test_another_thread_s_copies_and_constants_stay_nodes(x, pool):
    def computed(v):
        with autograd.no_grad():
            return v * v

    with Tracing("f") as tracing:
        tracing.arguments = [x]
        assert pool.submit(copy.deepcopy, x).result() is x
        assert pool.submit(x.detach).result().op == "stop_gradient"
        assert pool.submit(computed, x).result().op == "stop_gradient"
        assert pool.submit(computed, Value(2.0)).result().is_constant
        assert pool.submit(repr, x).result() == "Value(<traced>, label='x')"


def test_each_node_is_looked_at_once(x):
    def work(length):
        chain = [x]
        for _ in range(length):
            chain.append(chain[-1] * 1.5)
        with Tracing("f") as tracing:
            tracing.arguments = [x]
            return calls(lambda: looked.extend(map(tracing.holds, chain)))

    looked = []
    assert work(2000) < 2.1 * work(1000)
    assert all(looked)
    assert not Tracing("g").holds(x)


FORKED = """
import os, threading
import autograd
from autograd import Value
from autograd.context import context

inside, done = threading.Event(), threading.Event()

def block(a):
    inside.set()
    done.wait(10)
    return a * a

w = Value(3.0)
thread = threading.Thread(target=lambda: autograd.checkpoint(block)(w))
thread.start()
inside.wait(10)
child = os.fork()
if child == 0:
    inside.clear()
    done.set()
    y = autograd.checkpoint(lambda a: a * a)(w) * 2
    y.backward()
    os._exit(0 if (w.grad, context.active, context.tracers) == (12.0, 0, ()) else 1)
done.set()
thread.join()
raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_fork_forgets_the_modes_of_other_threads():
    """A child has one thread: nothing waits for a lock, and nothing stays switched on.

    In a process of its own: libraries that other tests import warn of forks beside threads.
    """
    subprocess.run([sys.executable, "-W", "ignore", "-c", FORKED], check=True, timeout=60)
