import threading
import time
import traceback

import pytest

import nn
from nn.data.prefetch import Prefetched


def alive():
    return [thread for thread in threading.enumerate() if thread.name == "nn.fit batches"]


@pytest.mark.parametrize("size", [0, 1, 2, 100])
def test_the_order_is_the_iterators(size):
    with Prefetched(iter(range(50)), size) as items:
        assert list(items) == list(range(50))
    assert alive() == []


def test_no_more_are_made_than_fit_the_queue():
    made = []

    def source():
        for i in range(100):
            made.append(i)
            yield i

    with Prefetched(source(), 3) as items:
        assert next(items) == 0
        deadline = time.monotonic() + 5
        while len(made) < 5 and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(0.02)
        assert len(made) == 5, "one used, three ready, one waiting for its place"
    assert alive() == []


@pytest.mark.parametrize("size", [0, 2])
def test_an_error_comes_out_after_the_items_before_it_with_its_own_lines(size):
    def broken_source():
        yield 1
        raise OSError("the disk is gone")

    got = []
    with (
        pytest.raises(OSError, match="the disk is gone") as caught,
        Prefetched(broken_source(), size) as items,
    ):
        got.extend(items)  # what came before an error stays
    assert got == [1]
    assert "broken_source" in "".join(traceback.format_tb(caught.value.__traceback__))
    assert alive() == []


def test_batches_are_made_in_another_thread_while_the_training_goes_on():
    threads = set()

    def batches():
        threads.add(threading.current_thread().name)
        yield [[1.0]], [1.0]

    nn.fit(nn.Neuron(1), batches, epochs=2, progress=False)
    assert threads == {"nn.fit batches"}
    nn.fit(nn.Neuron(1), batches, epochs=1, progress=False, prefetch=0)
    assert threads == {"nn.fit batches", "MainThread"}


def test_the_thread_ends_with_an_interrupt():
    def batches():
        while True:
            yield [[1.0]], [1.0]

    def schedule(step):
        if step == 5:
            raise KeyboardInterrupt
        return 1.0

    history = nn.fit(nn.Neuron(1), batches, schedule=schedule, steps_per_epoch=3, progress=False)
    assert (history.epochs, history.interrupted) == (1, True)
    assert alive() == []


def test_closing_does_not_wait_long_for_an_item_that_never_comes(monkeypatch):
    monkeypatch.setattr("nn.data.prefetch.PATIENCE", 0.01)
    release = threading.Event()

    def source():
        yield 1
        release.wait(10)
        yield 2

    with Prefetched(source(), 2) as items:
        assert next(items) == 1
    thread, *others = alive()
    assert others == []
    release.set()
    thread.join(5)
    assert not thread.is_alive()
