"""no_grad, and modes in threads."""

import sys
import threading

import pytest

import autograd
from autograd import Value, no_grad
from autograd.context import context


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
