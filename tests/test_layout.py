"""The house: imports point down, wheels are whole, the two commands are where readers look."""

import ast
import re
import sys
import tomllib
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import autograd
import autograd.compiler
import nn
import viz

ROOT = Path(__file__).parent.parent
FLOORS = {"autograd": 0, "nn": 1, "viz": 1, "demos": 2, "benchmarks": 2}
ROOMS = {  # the packages in a package, from the ground up
    "autograd": (
        "rules", "expressions", "engine", "kernels", "functions", "arrays", "custom_ops",
        "transforms", "compiler", "check", "export",
    ),
    "autograd.compiler": (
        "runtime", "tracing", "layout", "vectorize", "ir", "tape", "programs", "executors",
        "dispatch",
    ),
    "nn": ("engines", "inspect", "training"),
    "viz": ("rendering", "javascript", "formulas", "reports", "programs", "html"),
}  # fmt: skip
PLACES = [(package, room) for package, rooms in ROOMS.items() for room in rooms]
GROUND = {  # standard library only
    *(
        "primitives",
        "graph",
        "errors",
        "files",
        "rules/__init__",
        "rules/parsing",
        "rules/special",
        "rules/floats",
        "expressions/__init__",
        "expressions/tree",
        "expressions/printer",
        "expressions/dialects",
        "expressions/latex",
    )
}
SOURCES = [path for name in FLOORS for path in sorted((ROOT / name).rglob("*.py"))]


@cache
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


def test_imports_point_down():
    wrong = {
        str(path.relative_to(ROOT)): misplaced(
            path.relative_to(ROOT).parts[0], imported(path), is_program=path.name == "__main__.py"
        )
        for path in SOURCES
    }
    assert {path: names for path, names in wrong.items() if names} == {}


def test_an_import_that_points_up_is_found():
    assert misplaced("nn", ["viz.draw", "autograd.Value"]) == ["viz.draw"]
    assert misplaced("autograd", ["nn.layers"]) == ["nn.layers"]
    assert misplaced("autograd", ["viz", "demos"], is_program=True) == ["demos"]
    names = ["autograd.compiler.tape.plain", "autograd.compiler.lift", "autograd.primitives"]
    assert reached("autograd.compiler", names) == {"tape", "lift"}
    assert reached("viz", ["viz.reports.tree", "viz.draw", "autograd.Value"]) == {"reports", "draw"}


def reached(package: str, names: list[str]) -> set[str]:
    """Return the rooms, files or names of a package that imports reach."""
    inner = [full.removeprefix(f"{package}.") for full in names if full.startswith(f"{package}.")]
    return {name.partition(".")[0] for name in inner}


def folder(package: str) -> Path:
    """Return where a package stands."""
    return ROOT.joinpath(*package.split("."))


def beside(package: str) -> set[str]:
    """Return the files of a package that stand beside its rooms, but for its face and program."""
    files = {path.stem for path in folder(package).glob("*.py")}
    return files - {"__init__", "__main__"}


@pytest.mark.parametrize(("package", "room"), PLACES, ids=".".join)
def test_rooms_import_downwards(package, room):
    rooms = ROOMS[package]
    allowed = {*rooms[: rooms.index(room) + 1]}
    if package != "autograd.compiler":  # whose other files are what users call, on top of all rooms
        allowed |= beside(package)
    files = sorted((folder(package) / room).rglob("*.py"))
    above = {str(path): reached(package, imported(path)) - allowed for path in files}
    assert {name: others for name, others in above.items() if others} == {}


@pytest.mark.parametrize(
    "package", [autograd, autograd.compiler, nn, viz], ids=lambda package: package.__name__
)
def test_no_other_rooms_and_none_is_called_as_something_public(package):
    name = package.__name__
    packages = {path.parent.name for path in folder(name).glob("*/__init__.py")}
    assert packages == {*ROOMS[name]}
    public = {"check", "export"} if package is autograd else set()  # which are rooms
    assert packages & {*package.__all__} == public


def files_of(names: list[str]) -> set[Path]:
    """Return the files of ours that dotted names stand for: modules, or names in them."""
    found = set()
    for name in names:
        if name.partition(".")[0] in FLOORS:
            place = ROOT.joinpath(*name.split("."))
            tries = (place.with_suffix(".py"), place / "__init__.py", place.parent / "__init__.py",
                     place.parent.with_suffix(".py"))  # fmt: skip
            found |= {path for path in tries[:2] if path.is_file()} or {
                path for path in tries[2:] if path.is_file()
            }
    return found


@cache
def graph() -> dict[Path, set[Path]]:
    """Return the files that each file imports."""
    return {path: files_of(imported(path)) for path in SOURCES}


def room_of(name: str) -> str:
    """Return the room of `autograd`, or the package above it, that a dotted name is in, if any."""
    package, _, rest = name.partition(".")
    if package == "autograd":
        return rest.partition(".")[0] if rest.partition(".")[0] in ROOMS[package] else ""
    return package if package in FLOORS else ""


def arrows_of_imports() -> set[tuple[str, str]]:
    """Return who imports whom, but for what follows from the other arrows."""
    files = {
        path: room_of(".".join(path.relative_to(ROOT).with_suffix("").parts)) for path in SOURCES
    }
    arrows = {
        (room, other)
        for path, room in files.items()
        for other in map(room_of, imported(path))
        if room and other and room != other
    }
    below: dict[str, set[str]] = {}
    for room in TopologicalSorter(
        {a: {y for x, y in arrows if x == a} for a, _ in arrows}
    ).static_order():
        direct = {other for one, other in arrows if one == room}
        below[room] = direct.union(*(below[other] for other in direct))
    return {
        (one, other)
        for one, other in arrows
        if not any(other in below[between] for x, between in arrows if x == one)
    }


def arrows_of_picture(text: str) -> set[tuple[str, str]]:
    """Return the arrows of a flow chart: ``a & b --> c --> d``, a chain a line."""
    arrows = set()
    for line in text.splitlines():
        stages = [stage.split(" & ") for stage in line.strip().split(" --> ")]
        arrows |= {(a, b) for i in range(len(stages) - 1) for a in stages[i] for b in stages[i + 1]}
    return arrows


def test_the_picture_of_who_imports_whom_is_true():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    _, _, rest = text.partition("```mermaid\nflowchart TD\n")
    assert arrows_of_picture(rest.partition("```")[0]) == arrows_of_imports()


def test_no_files_import_each_other_in_a_circle():
    tuple(TopologicalSorter(graph()).static_order())  # raises CycleError, which names the files


@pytest.mark.parametrize("name", sorted(GROUND))
def test_the_ground_floor_needs_the_standard_library_only(name):
    path = ROOT / "autograd" / f"{name}.py"
    tops = {full.partition(".")[0] for full in imported(path)}
    assert tops <= {*sys.stdlib_module_names, "autograd"}
    assert graph()[path] <= {ROOT / "autograd" / f"{other}.py" for other in GROUND}


def test_ci_runs_the_test_command_of_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    commands = [readme[i + 1] for i, line in enumerate(readme) if line in {"# demo", "# test"}]
    assert [command.split()[-1] for command in commands] == ["demos", "pytest"]
    assert "README.md" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_extras_that_errors_name_are_there():
    metadata = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    texts = [path.read_text() for package in FLOORS for path in (ROOT / package).rglob("*.py")]
    named = {name for text in texts for name in re.findall(r'\bextra="(\w+)"', text)}
    assert {"jax", "scipy"} <= named <= set(metadata["optional-dependencies"])


def test_a_wheel_has_every_package():
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    folders = {
        path.parent.relative_to(ROOT).as_posix().replace("/", ".")
        for top in ("autograd", "nn", "viz")
        for path in (ROOT / top).rglob("*.py")
    }
    assert sorted(folders) == configuration["tool"]["setuptools"]["packages"]


def test_the_groups_of_tests_name_files_that_are_there(pytestconfig):
    conftest = pytestconfig.pluginmanager.get_plugin(str(ROOT / "conftest.py"))
    paths = [path for top in ("tests", "docs", "viz") for path in (ROOT / top).rglob("*.*")]
    files = [path.relative_to(ROOT).as_posix() for path in paths]
    groups = {*conftest.TOGETHER, *conftest.ONCE, *conftest.SEARCHES}
    assert {group for group in groups if not any(name.startswith(group) for name in files)} == set()
