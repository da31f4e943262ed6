"""Long chains of nodes are freed in every way that they can be dropped, and nothing leaks."""

import gc
import sys
import threading

import pytest

import autograd
from autograd import Value

# What freed one node within the other would end both kernels at the shorter length.
LENGTH = 1_000_000 if autograd.kernel == "native" else 200_000


def chain(length=LENGTH):
    """Return the end of a chain, and its first node."""
    first = v = Value(1.0)
    for _ in range(length):
        v = v * 1.0000001
    return first, v


def in_a_local():
    _, v = chain()
    assert v.data > 1


def in_a_list():
    ends = list(chain())
    ends.clear()


def in_a_frame_of_an_exception():
    def fail():
        _, v = chain()
        raise ValueError(v.data)

    with pytest.raises(ValueError, match=r"1\."):
        fail()


def in_a_generator():
    def produce():
        _, v = chain()
        yield v.data

    generator = produce()
    assert next(generator) > 1
    generator.close()


def in_a_thread():
    thread = threading.Thread(target=in_a_local)
    thread.start()
    thread.join()


def in_the_middle():
    first, v = chain()
    middle = v
    for _ in range(LENGTH // 2):
        middle = middle.inputs[0]
    del v
    middle.backward()
    assert first.has_grad


def through_lists_of_operands():
    from autograd import sum

    v = Value(1.0)
    for _ in range(LENGTH // 10):
        v = sum([v, 0.0, 0.0, 0.0])
    assert v.data == 1.0


WAYS = (
    in_a_local, in_a_list, in_a_frame_of_an_exception, in_a_generator, in_a_thread, in_the_middle,
    through_lists_of_operands,
)  # fmt: skip


@pytest.mark.parametrize("drop", WAYS, ids=lambda way: way.__name__)
def test_a_long_chain_is_freed(drop):
    before = sys.getallocatedblocks()
    drop()
    gc.collect()
    assert sys.getallocatedblocks() - before < 20_000


def test_threads_with_graphs_of_their_own_get_right_answers():
    found = {}

    def work(k):
        for _ in range(200):
            x = Value(float(k))
            y = x
            for _ in range(50):
                y = y + x * 2
            y.backward()
            found.setdefault(k, set()).add((y.data, x.grad))

    threads = [threading.Thread(target=work, args=(k,)) for k in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {k: {(101.0 * k, 101.0)} for k in (1, 2, 3)}


def test_threads_that_share_leaves_add_up():
    x = Value(3.0)

    def work():
        for _ in range(500):
            (x * x + x).backward()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert x.grad == 4 * 500 * 7
