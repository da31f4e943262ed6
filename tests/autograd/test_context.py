"""no_grad, and modes in threads."""

import sys
import threading

import pytest

import autograd
from autograd import Value, no_grad
from autograd.compiler.tracing.trace import Tracing
from autograd.context import FLAGS, context
from autograd.errors import ConcretizationError
from autograd.value import restore
from tests.helpers.effort import calls


def test_results_inside_are_constants():
    a = Value(2.0)
    with no_grad():
        results = [3 * a, a * a, a.exp(), autograd.dot([a], [a]), autograd.clip(a, 0, 1), -a]
        assert type(Value(1.0)) is Value
        assert not Value(1.0).is_constant
    assert [x.data for x in results[:2]] == [6.0, 4.0]
    assert all(x.is_constant and x.inputs == () for x in results)
    assert (a * a).inputs == (a, a)
    assert context.active == 0


def test_what_was_computed_inside_carries_no_gradient():
    a = Value(2.0)
    with no_grad():
        k = a * a
    (k * a).backward()
    assert a.grad == 4.0


def test_nested_and_left_by_an_error():
    a = Value(2.0)
    with no_grad():
        with pytest.raises(KeyError), no_grad():
            raise KeyError
        assert (3 * a).is_constant
    assert not (3 * a).is_constant
    assert context.active == 0


def test_decorator():
    a = Value(2.0)

    @no_grad()
    def predict(x, depth):
        return predict(x, depth - 1) if depth else 3 * x

    assert predict(a, 3).is_constant
    assert not (3 * a).is_constant


def test_one_block_object_used_again():
    block, a = no_grad(), Value(2.0)
    with block, block:
        assert (3 * a).is_constant
    assert not (3 * a).is_constant


def in_threads(*functions):
    errors = []

    def guarded(function):
        try:
            function()
        except BaseException as error:  # noqa: BLE001 - reported by the test
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


@pytest.fixture
def quick_switches():
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("quick_switches")
def test_a_mode_belongs_to_its_thread():
    inside, checked = threading.Event(), threading.Event()
    found = {}

    def without():
        a = Value(2.0)
        with no_grad():
            inside.set()
            assert checked.wait(10)
            found["without"] = [(3 * a).is_constant for _ in range(1000)]

    def recording():
        assert inside.wait(10)
        a = Value(2.0)
        x = a
        for _ in range(1000):
            x = x * 1.0 + a
        x.backward()
        found["recording"] = a.grad
        checked.set()

    in_threads(without, recording)
    assert found == {"without": [True] * 1000, "recording": 1001.0}
    assert context.active == 0


@pytest.mark.usefixtures("quick_switches")
def test_threads_with_graphs_of_their_own():
    results = [None] * 4

    def work(i):
        a = Value(float(i))
        for _ in range(50):
            a.zero_grad()
            x = a
            for _ in range(20):
                x = x + a * a
            x.backward()
        results[i] = a.grad

    in_threads(*(lambda i=i: work(i) for i in range(4)))
    assert results == [1.0 + 40.0 * i for i in range(4)]


@pytest.mark.usefixtures("quick_switches")
def test_threads_that_share_leaves():
    a = Value(1.0)

    def work():
        for _ in range(200):
            (a * 2 + a).backward()

    in_threads(work, work, work)
    assert a.grad == 3 * 200 * 3.0


@pytest.mark.usefixtures("quick_switches")
def test_threads_that_share_a_graph():
    a = Value(1.0)
    b = a * 2
    c = b * b + b

    def work():
        for _ in range(200):
            c.backward()

    in_threads(work, work)
    assert a.grad == 2 * 200 * 10.0


@pytest.mark.skipif(autograd.kernel == "python", reason="the plain kernel is Python code")
def test_modes_cost_no_python_code():
    """Neither a thread in `no_grad`, nor one beside it, nor a trace leaves the compiled kernel."""
    a = Value(2.0)

    def compute():
        for _ in range(100):
            (a * a + 1.5).tanh()
            a.data  # noqa: B018
            a > 1.0  # noqa: B015

    def build():
        for _ in range(100):
            autograd.clip(a * a + 1.5, a, 3.0).tanh()

    idle, idle_building = calls(compute), calls(build)
    with no_grad():
        assert calls(compute) == idle
        assert calls(build) == idle_building
    with Tracing("f"):
        assert calls(build) == idle_building
        found = []
        thread = threading.Thread(target=lambda: found.append(calls(compute)))
        thread.start()
        thread.join()
    assert found == [idle]


def test_what_depends_on_a_trace_is_known_to_other_threads():
    """However it was computed: by one, two or more operands, by a list, or from a copy."""
    a = Value(2.0)
    refused = []

    def read(nodes):
        for node in nodes:
            try:
                refused.append(node.data)
            except ConcretizationError:
                refused.append(None)

    with Tracing("f") as tracing:
        tracing.arguments = [a]
        nodes = [
            -a, 2.0 * a, a * 2.0, autograd.where(a > 1, 1.0, a), autograd.sum([1.0, a, 2.0]),
            autograd.sum([a]), autograd.dot([a], [3.0]), a.detach(),
            restore("neg", -2.0, None, (a,), (-1.0,), None),
        ]  # fmt: skip
        thread = threading.Thread(target=read, args=([*nodes, Value(1.0) * 3],))
        thread.start()
        thread.join()
    assert refused == [None] * len(nodes) + [3.0]


def test_flags_follow_the_modes():
    thread = context.thread
    assert thread.modes == 0
    with no_grad(), no_grad():
        assert thread.modes == FLAGS["no_grad_depth"]
        with autograd.detect_anomaly():
            assert thread.modes == FLAGS["no_grad_depth"] | FLAGS["anomaly_detectors"]
            with Tracing("f"):
                assert thread.modes == FLAGS["tracer"]
    assert thread.modes == 0
    thread.recording = []  # an empty list records, too
    assert thread.modes == FLAGS["recording"]
    thread.recording = None
    assert thread.modes == 0
