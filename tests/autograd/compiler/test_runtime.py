"""What a program's lines call."""

import platform
import resource

import numpy as np
import pytest

from autograd.compiler.runtime import keep_memory


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
