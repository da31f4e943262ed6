"""The house: imports point down, files stay small, the two commands are where readers look."""

import ast
import sys
from pathlib import Path

import pytest

import viz

ROOT = Path(__file__).parent.parent
FLOORS = {"autograd": 0, "nn": 1, "viz": 1, "demos": 2, "benchmarks": 2}
GROUND = {"ops", "graph", "errors", "rules", "special", "ieee"}  # standard library only
ROOMS = (  # the packages in viz, from the ground up
    "basics", "plots", "rendering", "javascript", "graphs", "formulas", "words", "drawing",
    "programs", "pages", "motion",
)  # fmt: skip
SOURCES = [path for name in FLOORS for path in sorted((ROOT / name).rglob("*.py"))]


def imported(path: Path) -> list[str]:
    """Return the dotted names of all modules that a file imports."""
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


def misplaced(package: str, names: list[str], *, is_program: bool = False) -> list[str]:
    """Return the imports that do not point down from a package; its program stands on top."""
    floor = max(FLOORS.values()) if is_program else FLOORS[package]
    return [
        name
        for name in names
        for top in [name.partition(".")[0]]
        if top in FLOORS and top != package and FLOORS[top] >= floor
    ]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down(path):
    package = path.relative_to(ROOT).parts[0]
    assert misplaced(package, imported(path), is_program=path.name == "__main__.py") == []


def test_an_import_that_points_up_is_found():
    assert misplaced("nn", ["viz.draw", "autograd.Value"]) == ["viz.draw"]
    assert misplaced("autograd", ["nn.layers"]) == ["nn.layers"]
    assert misplaced("autograd", ["viz", "demos"], is_program=True) == ["demos"]
    assert reached(["viz.words.text.text", "viz.draw", "autograd.Value"]) == {"words", "draw"}


def reached(names: list[str]) -> set[str]:
    """Return the packages in viz that imports reach."""
    return {full.split(".")[1] for full in names if full.startswith("viz.")}


@pytest.mark.parametrize(("floor", "room"), [*enumerate(ROOMS)], ids=ROOMS)
def test_in_viz_too_imports_point_down(floor, room):
    files = sorted((ROOT / "viz" / room).glob("*.py"))
    above = {path.name: reached(imported(path)) - {*ROOMS[: floor + 1]} for path in files}
    assert {name: rooms for name, rooms in above.items() if rooms} == {}


def test_viz_has_no_other_rooms_and_none_is_called_as_something_public():
    packages = {path.parent.name for path in (ROOT / "viz").glob("*/__init__.py")}
    assert packages == {*ROOMS}
    assert [path.name for path in (ROOT / "viz").glob("*.py")] == ["__init__.py"]
    public = reached(imported(ROOT / "viz" / "__init__.py"))
    assert public <= {*ROOMS}
    assert {*ROOMS}.isdisjoint(viz.__all__)


@pytest.mark.parametrize("name", sorted(GROUND))
def test_the_ground_floor_needs_the_standard_library_only(name):
    tops = {full.partition(".")[0] for full in imported(ROOT / "autograd" / f"{name}.py")}
    assert tops <= {*sys.stdlib_module_names, "autograd"}
    inner = {
        full.split(".")[1] for full in imported(ROOT / "autograd" / f"{name}.py") if "." in full
    }
    assert inner & {path.stem for path in (ROOT / "autograd").glob("*.py")} <= GROUND


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_stay_small_enough_to_read(path):
    limit = {"ops.py": 420, "plain.py": 270}.get(
        path.name, 260
    )  # the table and Value are one thing each
    assert len(path.read_text(encoding="utf-8").splitlines()) <= limit


def test_ci_runs_the_test_command_of_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    commands = [readme[i + 1] for i, line in enumerate(readme) if line in {"# demo", "# test"}]
    assert [command.split()[-1] for command in commands] == ["demos", "pytest"]
    assert "README.md" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
