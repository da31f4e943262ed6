"""The number of threads that one call may use, as PyTorch's functions of the same names.

The environment variable ``AUTOGRAD_NUM_THREADS`` sets it for a process from the start, but for
BLAS, which has variables of its own. Without either, a call may use all processors that the process
may.
"""

import os
from functools import cache
from typing import Any

from autograd._checks import checked_keywords, error_text, whole_number

ENVIRONMENT = "AUTOGRAD_NUM_THREADS"


def available() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "process_cpu_count"):  # from Python 3.13 on
        return os.process_cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def initial(written: str | None) -> int:
    """Return the number of threads that the environment says; else, of processors.

    >>> initial("3"), initial(None) == initial("") == available()
    (3, True)
    >>> initial("many")
    Traceback (most recent call last):
    ValueError: AUTOGRAD_NUM_THREADS: got a str ('many'); allowed: a whole number of at least 1;
    unset it
    """
    if not written:
        return available()
    if not written.isdecimal() or not int(written):
        allowed = "a whole number of at least 1"
        raise ValueError(error_text(ENVIRONMENT, written, allowed, "unset it"))
    return int(written)


_number = initial(os.environ.get(ENVIRONMENT))


def get_num_threads() -> int:
    """Return the number of threads that one call may use.

    >>> get_num_threads() >= 1
    True
    """
    return _number


@checked_keywords
def set_num_threads(number: int) -> None:
    """Set the number of threads that one call may use, the caller's own included.

    It holds for all threads of the process, from their next call on. Results are the same whatever
    it is, bit by bit, where batches are run by blocks in C: these use more than one thread where a
    call is worth it, from about 50 microseconds on. It also bounds the threads of NumPy's BLAS, for
    all products of the process; BLAS never gets more than it had at first.

    Parameters
    ----------
    number
        At least 1; with 1, a call runs in the thread that makes it.

    >>> before = get_num_threads()
    >>> set_num_threads(1)
    >>> get_num_threads()
    1
    >>> set_num_threads(before)
    >>> set_num_threads(0)
    Traceback (most recent call last):
    ValueError: number: got an int (0); allowed: a whole number of at least 1
    """
    global _number  # noqa: PLW0603 - one setting for the process
    _number = whole_number("number", number)
    for library, most in _blas():
        library.set_num_threads(min(_number, most))


@cache
def _blas() -> list[tuple[Any, int]]:
    """Return the BLAS libraries that are loaded, with the threads that each had at first."""
    from threadpoolctl import ThreadpoolController  # noqa: PLC0415 - takes 20 ms

    libraries = ThreadpoolController().select(user_api="blas").lib_controllers
    return [(library, library.num_threads) for library in libraries]
