"""The compiled tape's source has the table's rules."""

import re

import pytest

from autograd.kernels.cython import tape_source
from autograd.primitives import CONSTANT, LEAF, TABLE


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    target = tmp_path_factory.mktemp("build") / "deep" / "_tape.pyx"
    tape_source.write(target)
    return target.read_text(encoding="utf-8")


def test_no_place_is_left_open(written):
    assert re.findall(r"^ *@\w+@$", written, flags=re.MULTILINE) == []


def test_every_operation_has_one_code():
    assert sorted(tape_source.NAMES) == sorted((LEAF, CONSTANT, *TABLE))


def test_what_asks_python_is_not_among_the_operations_of_chains():
    names = {entry.name for entry in tape_source.WIDE if len(entry.arguments) <= 2}
    assert names == {"cbrt", "lgamma", "digamma", "polygamma", "round"}


def test_the_stub_names_what_the_module_has():
    module = pytest.importorskip("autograd.kernels.cython._tape")
    assert tuple(module.NAMES) == tape_source.NAMES
    for name in ("run", "backward", "value_and_grad"):
        assert callable(getattr(module.Replay, name))
