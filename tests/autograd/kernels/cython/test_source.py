"""The compiled kernel's source is the table's, with the plain kernel's docstrings."""

import ast
import re

import pytest

from autograd.kernels.cython import source
from autograd.kernels.cython.c_expressions import for_c


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    target = tmp_path_factory.mktemp("build") / "deep" / "_kernel.pyx"
    source.write(target)
    return target.read_text(encoding="utf-8")


def test_no_place_is_left_open(written):
    assert re.findall(r"^@(?!cython|property|\w+\.setter)\w+@?$", written, flags=re.MULTILINE) == []


def test_docstrings_come_from_the_plain_kernel(written):
    assert '"""Compute the gradient of this number with respect to every node' in written
    assert written.count('"""One number that remembers how it was computed.') == 1


def test_for_c_leaves_pure_arithmetic():
    text = for_c("where((x < 0) & (abs(x) > 2), nan, 1 / exp(x))")
    assert text == "nan if (x < 0.0) & (c_abs(x) > 2.0) else 1.0 / c_exp(x)"
    assert ast.parse(text)
