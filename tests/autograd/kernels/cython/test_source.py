"""The compiled kernel's source is the table's, with the plain kernel's docstrings."""

import ast
import re

import pytest

from autograd.kernels.cython import source
from autograd.primitives import TABLE


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    target = tmp_path_factory.mktemp("build") / "deep" / "_kernel.pyx"
    source.write(target)
    return target.read_text(encoding="utf-8")


def test_no_place_is_left_open(written):
    assert re.findall(r"^@(?!cython|property|\w+\.setter)\w+@?$", written, flags=re.MULTILINE) == []


@pytest.mark.parametrize("entry", source.FIXED, ids=lambda entry: entry.name)
def test_each_primitive_has_its_code(written, entry):
    assert f"    CODE_{entry.name} = " in written
    assert f"\ndef apply_{entry.name}(" in written
    if len(entry.arguments) == 1:  # methods with other operands are attached: these may be lists
        assert f"    def {entry.name}(self)" in written
    assert f"double z = {source.for_c(entry.rule)}" in written
    if entry.operator and len(entry.arguments) == 2:
        assert f"    def __{entry.operator}__(self, other" in written
        assert f"    def __r{entry.operator}__(self, other)" in written


@pytest.mark.parametrize("name", [e.name for e in TABLE.values() if e.variadic])
def test_each_list_function_has_its_loop(written, name):
    assert f'\n    "{name}": list_{name},' in written


def test_docstrings_come_from_the_plain_kernel(written):
    assert '"""Compute the gradient of this number with respect to every node' in written
    assert written.count('"""One number that remembers how it was computed.') == 1


def test_for_c_leaves_pure_arithmetic():
    text = source.for_c("where((x < 0) & (abs(x) > 2), nan, 1 / exp(x))")
    assert text == "nan if (x < 0.0) & (c_abs(x) > 2.0) else 1.0 / c_exp(x)"
    assert ast.parse(text)
