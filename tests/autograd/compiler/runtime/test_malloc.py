"""Memory that is kept between calls; and what happens where it cannot be."""

import os
import platform
import subprocess
import sys

import numpy as np
import pytest

from autograd.compiler.runtime import malloc

PROGRAM = """
import resource, sys
import numpy as np
from autograd.compiler.runtime.malloc import keep_freed_memory

def work():
    return [np.ones(160_000) for _ in range(10)]  # 1.3 MB each

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

if sys.argv[1:] == ["keep"]:
    keep_freed_memory()
work()
before = faults()
for _ in range(5):
    work()
print(faults() - before)
"""


def faults(*arguments, **environment):
    """Count the page faults of five rounds of ten arrays, in a process that never had others."""
    found = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return int(found.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="a setting of glibc")
def test_memory_of_arrays_is_kept_between_calls():
    pages = 5 * 10 * 160_000 * 8 // 4096
    assert faults("keep") < pages / 3 < faults()


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="a variable of glibc")
def test_a_threshold_in_the_environment_holds():
    fixed = {"MALLOC_MMAP_THRESHOLD_": "131072"}
    assert faults("keep", **fixed) == pytest.approx(faults(**fixed), rel=0.3)


def test_a_limit_on_memory_is_no_error(monkeypatch):
    def empty(_):
        raise MemoryError

    monkeypatch.setattr(np, "empty", empty)
    malloc.keep_freed_memory.__wrapped__()
