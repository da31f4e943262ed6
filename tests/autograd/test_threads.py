"""The number of threads: the setting, the environment, errors."""

import os
import subprocess
import sys

import numpy as np
import pytest
from threadpoolctl import threadpool_info

import autograd
from autograd import threads


@pytest.fixture(autouse=True)
def _restored():
    before = autograd.get_num_threads()
    yield
    autograd.set_num_threads(before)


def test_what_is_set_is_what_is_got():
    for number in (1, np.int64(3), 1000):
        autograd.set_num_threads(number)
        assert autograd.get_num_threads() == number
        assert type(autograd.get_num_threads()) is int


@pytest.mark.parametrize(
    ("wrong", "error", "got"),
    [(0, ValueError, "an int (0)"), (-1, ValueError, "an int (-1)"), (1.5, TypeError, "a float")],
)
def test_wrong_numbers(wrong, error, got):
    before = autograd.get_num_threads()
    with pytest.raises(error) as raised:
        autograd.set_num_threads(wrong)
    assert str(raised.value).startswith(f"number: got {got}")
    assert str(raised.value).endswith("; allowed: a whole number of at least 1")
    assert autograd.get_num_threads() == before


def started(written):
    """Return what a new process with an environment prints, and its errors."""
    code = "import autograd; print(autograd.get_num_threads())"
    env = {**os.environ, "AUTOGRAD_NUM_THREADS": written}
    return subprocess.run(
        [sys.executable, "-c", code], check=False, env=env, capture_output=True, text=True
    )


def test_the_environment():
    assert started("5").stdout == "5\n"
    assert started("").stdout == f"{threads.available()}\n"


@pytest.mark.parametrize("wrong", ["0", "-2", "two", "1.5"])
def test_a_wrong_environment(wrong):
    expected = (
        f"ValueError: AUTOGRAD_NUM_THREADS: got a str ({wrong!r}); "
        "allowed: a whole number of at least 1; unset it"
    )
    assert expected in started(wrong).stderr


def test_blas_has_no_more_threads():
    """And never more than at first."""

    def found():
        return [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]

    autograd.set_num_threads(1000)
    first = found()
    autograd.set_num_threads(1)
    assert found() == [1] * len(first)
    autograd.set_num_threads(2)
    assert found() == [min(2, most) for most in first]
    autograd.set_num_threads(1000)
    assert found() == first


def test_processors_that_the_process_may_use(monkeypatch):
    """By the newest function that Python has."""
    monkeypatch.setattr(threads.os, "process_cpu_count", lambda: 7, raising=False)
    assert threads.available() == 7
    monkeypatch.delattr(threads.os, "process_cpu_count")
    monkeypatch.setattr(threads.os, "sched_getaffinity", lambda _: {1, 4}, raising=False)
    assert threads.available() == 2
    monkeypatch.delattr(threads.os, "sched_getaffinity")
    monkeypatch.setattr(threads.os, "cpu_count", lambda: None)
    assert threads.available() == 1
