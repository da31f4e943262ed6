import signal
import threading

import pytest

from nn.training.interrupts import DeferInterrupts


def test_an_interrupt_outside_the_blocks_comes_at_once():
    with DeferInterrupts() as guard:
        with guard.block:
            pass
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert not guard.torn


def test_several_interrupts_in_a_block_are_one():
    done = []

    def interrupted(guard):
        with guard.block:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            done.append("all")

    with DeferInterrupts() as guard:
        with pytest.raises(KeyboardInterrupt):
            interrupted(guard)
        with guard.block:
            done.append("again")
    assert done == ["all", "again"]
    assert not guard.torn


def test_what_is_raised_in_a_block_tears_it():
    with DeferInterrupts() as guard, pytest.raises(OSError, match="full"), guard.block:
        raise OSError("full")
    assert guard.torn


def test_the_handler_is_restored():
    before = signal.getsignal(signal.SIGINT)
    with DeferInterrupts():
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before
    with pytest.raises(OSError, match="full"), DeferInterrupts():
        raise OSError("full")
    assert signal.getsignal(signal.SIGINT) == before


def test_another_handler_that_was_set_meanwhile_stays():
    before = signal.getsignal(signal.SIGINT)

    def other(*_):
        raise AssertionError

    try:
        with DeferInterrupts():
            signal.signal(signal.SIGINT, other)
        assert signal.getsignal(signal.SIGINT) == other
    finally:
        signal.signal(signal.SIGINT, before)


def test_an_ignored_signal_stays_ignored():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with DeferInterrupts() as guard, guard.block:
            signal.raise_signal(signal.SIGINT)
            assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_other_threads_have_no_signals_and_guard_nothing():
    found = []

    def work():
        before = signal.getsignal(signal.SIGINT)
        with DeferInterrupts() as guard, guard.block:
            found.append(signal.getsignal(signal.SIGINT) == before)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [True]
