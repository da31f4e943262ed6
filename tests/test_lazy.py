"""Lazy packages: a name comes when it is asked for; what is public is said the same everywhere."""

import ast
import importlib.util
import subprocess
import sys
from inspect import ismodule
from pathlib import Path

import pytest

import autograd
import nn
import viz
from autograd._lazy import attach

PACKAGES = [autograd, nn, viz]
NEEDS_AN_EXTRA = {"Classifier", "Regressor"}  # `from nn import *` works without it
PAINTERS = ("pygraphviz", "resvg_py", "fpdf", "fontTools", "PIL", "matplotlib")


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Make a lazy package of two modules, of which one is public itself."""
    folder = tmp_path / "cupboard"
    folder.mkdir()
    (folder / "__init__.py").write_text(
        "from autograd._lazy import attach\n"
        "names = {'cupboard.shelf': ['cup']}\n"
        "__getattr__, __dir__ = attach(__name__, names, submodules=['drawer'])\n"
    )
    (folder / "shelf.py").write_text("cup = object()\nhidden = 1\n")
    (folder / "drawer.py").write_text("spoon = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("cupboard")
    for name in [name for name in sys.modules if name.partition(".")[0] == "cupboard"]:
        del sys.modules[name]


def test_a_name_imports_its_module_when_it_is_first_used(package):
    assert "cupboard.shelf" not in sys.modules
    assert "cup" not in vars(package)
    cup = package.cup
    assert cup is sys.modules["cupboard.shelf"].cup
    assert vars(package)["cup"] is cup


def test_a_public_submodule_comes_the_same_way(package):
    assert "cupboard.drawer" not in sys.modules
    assert package.drawer.spoon == 1


def test_dir_shows_what_is_public_and_only_that(package):
    assert dir(package) == ["cup", "drawer"]
    assert package.cup
    assert dir(package) == ["cup", "drawer"]


def test_another_name_is_an_attribute_error_that_knows_where_it_was_looked_for(package):
    with pytest.raises(AttributeError, match="module 'cupboard' has no attribute 'hidden'") as info:
        _ = package.hidden
    assert (info.value.name, info.value.obj) == ("hidden", package)
    with pytest.raises(ImportError, match="cannot import name 'saucer' from 'cupboard'"):
        from cupboard import saucer  # noqa: F401


@pytest.mark.parametrize(
    ("names", "submodules", "message"),
    [
        ({"p.a": ["x"], "p.b": ["x"]}, (), "'x' is defined in p.a and in p.b"),
        ({"p.x": ["x"]}, (), "'x' is the name of a module of p, too"),
        ({"p.a": ["x"]}, ("x",), "'x' is the name of a module of p, too"),
    ],
)
def test_a_name_with_two_meanings_is_refused(names, submodules, message):
    with pytest.raises(ValueError, match=message):
        attach("p", names, submodules)


def imports_for_type_checkers(package):
    """Return the names that a package imports below ``if TYPE_CHECKING``, with their modules."""
    tree = ast.parse(Path(package.__file__).read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    return {alias.name: node.module for node in block.body for alias in node.names}


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
def test_what_is_public_is_the_same_for_people_programs_and_type_checkers(package):
    optional = NEEDS_AN_EXTRA.intersection(dir(package))
    assert dir(package) == sorted({*package.__all__, *optional})
    assert not optional.intersection(package.__all__)
    for name, module in imports_for_type_checkers(package).items():
        found = getattr(package, name)
        if ismodule(found):
            assert found.__name__ == f"{module}.{name}"
        else:
            assert found is getattr(importlib.import_module(module), name), name
    if package is not autograd:  # whose Values come at once
        assert sorted(imports_for_type_checkers(package)) == dir(package)


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
def test_no_public_name_is_also_that_of_a_submodule(package):
    names = [name for name in dir(package) if not ismodule(getattr(package, name))]
    specs = {name: importlib.util.find_spec(f"{package.__name__}.{name}") for name in names}
    assert {name for name, spec in specs.items() if spec} == set()


WITHOUT_PAINTERS = f"""
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {PAINTERS!r}:
            raise ImportError(f"{{name}} is imported before a picture is rendered")

sys.meta_path.insert(0, Blocked())

import autograd
import viz

a, b = autograd.Value(2.0, "a"), autograd.Value(3.0, "b")
J = a * b.exp()
J.backward()
assert "├─ a" in viz.text(J).render(width=80, encoding="utf-8")
assert "dJ/da" in str(viz.explain(J, [a, b]))
assert "frac{{dJ}}{{da}}" in viz.explain(J, a).markdown
assert len(viz.ledger(J).rows) == 3
assert "<table>" in viz.ledger(J).html
assert viz.draw(J).dot.startswith("digraph")
assert len(viz.explore(J).steps) == 6
lifted = autograd.lift(J, wrt=[a, b])
assert viz.draw_program(lifted, nodes=True).dot.startswith("digraph")
assert "exp(b)" in str(viz.program_nodes(lifted))
"""


def test_texts_tables_and_dot_text_need_nothing_that_paints():
    result = subprocess.run(
        [sys.executable, "-c", WITHOUT_PAINTERS],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("package", "absent"),
    [
        ("autograd", ("autograd.compiler", "autograd.export", "autograd.transforms", "scipy")),
        ("nn", ("nn.", "autograd.compiler", "sklearn")),
        ("viz", ("viz.", "autograd.compiler", *PAINTERS)),
    ],
)
def test_importing_a_package_imports_what_its_values_need(package, absent):
    program = f"import sys, {package}; print([n for n in sys.modules if n.startswith({absent!r})])"
    result = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=120
    )
    assert result.stdout.strip() == "[]"
