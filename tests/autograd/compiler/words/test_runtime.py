"""What a program's lines call."""

import platform
import resource

import numpy as np
import pytest

from autograd.compiler.words.runtime import keep_memory, take


def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="a setting of glibc")
def test_memory_of_arrays_is_kept_between_calls():
    keep_memory()

    def work():
        return [np.ones(160_000) for _ in range(10)]  # 1.3 MB each

    work()
    before = faults()
    for _ in range(5):
        work()
    assert faults() - before < 5 * 10 * 100  # of 313 pages an array, were they got anew


@pytest.mark.parametrize(
    ("xs", "k"),
    [((3,), ()), ((3,), (4,)), ((3, 4), (4,)), ((3, 4), ()), ((3, 4, 2), (4, 2)), ((3, 1), (4,))],
)
def test_take_reads_one_number_for_each_index(xs, k):
    rng = np.random.default_rng(0)
    numbers, index = rng.normal(size=xs), rng.integers(0, 3, k)
    shape = np.broadcast_shapes(xs[1:], k)
    alike = numbers.reshape(*xs, *[1] * (len(shape) + 1 - len(xs)))
    rest = np.broadcast_to(alike, (3, *shape)).reshape(3, -1)
    columns = np.broadcast_to(index, shape).ravel()
    expected = [rest[i, j] for j, i in enumerate(columns)]
    assert take(numbers, index).tolist() == np.reshape(expected, shape).tolist()
