"""The compiled tape's source has the table's rules."""

import re

import pytest

from autograd.kernels.cython import source, tape_source
from autograd.primitives import CONSTANT, LEAF, TABLE


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    target = tmp_path_factory.mktemp("build") / "deep" / "_tape.pyx"
    tape_source.write(target)
    return target.read_text(encoding="utf-8")


def test_no_place_is_left_open(written):
    assert re.findall(r"^ *@\w+@$", written, flags=re.MULTILINE) == []


@pytest.mark.parametrize("entry", source.FIXED, ids=lambda entry: entry.name)
def test_each_primitive_has_its_rules(written, entry):
    assert f"\n    return {source.for_c(entry.rule)}\n" in written
    for k, text in enumerate(entry.partials):
        has_rule = f" d_{entry.name}_{k}(" in written
        assert has_rule == (source.for_c(text) != "0.0")
        assert not has_rule or f"\n    return {source.for_c(text)}\n" in written
    assert f"CODE_{entry.name} = {tape_source.NAMES.index(entry.name)}\n" in written


@pytest.mark.parametrize("name", [e.name for e in TABLE.values() if e.variadic])
def test_each_list_function_has_its_branches(written, name):
    assert len(re.findall(rf"code == CODE_{name}\b", written)) >= 2


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
