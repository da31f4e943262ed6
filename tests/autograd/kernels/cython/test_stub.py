"""The stub of the compiled kernel says what both kernels have."""

import ast
from pathlib import Path

import pytest

import autograd
from autograd import value
from autograd.kernels.python import value as plain
from autograd.rules import stubs

STUB = Path(autograd.__file__).parent / "kernels" / "cython" / "_kernel.pyi"


def exported(text):
    """Return the names that a stub of imports exports."""
    imports = [node for node in ast.parse(text).body if isinstance(node, ast.ImportFrom)]
    return [alias.asname for node in imports for alias in node.names]


def declared_methods():
    """Return the names of all methods that type checkers see on a Value."""
    tree = ast.parse(stubs.operations())
    operations = next(node for node in tree.body if isinstance(node, ast.ClassDef))
    generated = [node.name for node in operations.body if isinstance(node, ast.FunctionDef)]
    pythons = {"__slots__", "__module__", "__doc__", "__annotations__", "__static_attributes__"}
    written = [name for name in vars(plain.Value) if name not in {*pythons, "__init_subclass__"}]
    return sorted({*generated, *written})


@pytest.mark.parametrize("name", exported(STUB.read_text(encoding="utf-8")))
def test_the_kernel_in_use_has_what_the_stub_says(name):
    assert hasattr(value, name)


@pytest.mark.parametrize("name", [n for n in declared_methods() if not n.startswith("_label")])
def test_the_value_in_use_has_what_type_checkers_see(name):
    assert hasattr(value.Value, name)
