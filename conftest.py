"""What all tests share: a folder for each example, a clean table, and who runs beside whom."""

import gc
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from _pytest.doctest import DoctestItem
from hypothesis import HealthCheck, settings

from autograd.compiler.executors import specialization as variant
from autograd.compiler.executors.comparison import compare
from autograd.compiler.ir.validate import validate_equations
from autograd.compiler.programs.lowering import lower_program
from autograd.compiler.programs.program import Program
from autograd.compiler.tape.choice import COMPILED
from autograd.compiler.vectorize.instructions import NoArrayFormError
from autograd.custom_ops.custom import OWN
from autograd.functions.install import uninstall
from autograd.rules.backends import ARRAYS, FLOATS, OPAQUE

LARGEST_COMPARED = 2_000  # nodes of a program: larger ones take seconds to check place by place

# Parts of MkDocs and Griffe, which are no extras of the tests.
collect_ignore = ["docs/reference.py", "docs/examples.py"]

# The same examples each time, none kept: what pytest says of a tree does not depend on luck.
# `python -m tests.fuzz` draws new ones, and so does `pytest --hypothesis-profile=random`.
settings.register_profile(
    "fixed",
    derandomize=True,
    database=None,
    deadline=None,  # a busy machine would miss them
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("random", parent=settings.get_profile("fixed"), derandomize=False)
settings.load_profile("fixed")

# What shares something dear, such as a browser, all demos or JAX, runs in one of several processes.
TOGETHER = (
    "tests/demos/",
    "tests/docs/",
    "tests/viz/html/",
    "tests/viz/test_animation.py",
    "tests/viz/test_graph_animation.py",
    "tests/viz/javascript/",
    "tests/autograd/export/",
    "tests/autograd/test_graph.py",
    "tests/nn/engines/test_jax",
)
# No kernel is told from another by these: they ask nodes for numbers alone, or for none. In `viz`,
# only what looks at graphs and tells of them asks for more; of the compiler, only what runs the
# function and the tape; of `nn`, what builds, steps and trains.
ONCE = (
    *(place for place in TOGETHER if "test_graph.py" not in place),
    *("docs/", "viz/", "tests/benchmarks/", "tests/courses/", "tests/problems/"),
    *(f"tests/test_{name}.py" for name in ("arguments", "layout", "lazy", "warnings")),
    *(f"tests/autograd/{name}" for name in ("expressions/", "test_tree.py", "test_files.py")),
    *(f"tests/autograd/rules/test_{name}" for name in ("arrays", "floats", "parsing", "special")),
    *(f"tests/autograd/compiler/{room}/" for room in ("vectorize", "layout", "programs")),
    *(f"tests/autograd/compiler/{room}" for room in ("runtime/", "ir/", "test_long.py")),
    *("tests/nn/inspect/", "tests/nn/test_checkpoint", "tests/nn/test_data.py"),
    *(f"tests/nn/test_{name}.py" for name in ("estimators", "forged_checkpoints", "initializers")),
    *(f"tests/nn/test_{name}.py" for name in ("metrics", "resume", "schedules", "serialization")),
    *("tests/fuzz/test_lifted.py", "tests/fuzz/test_training.py"),
    *(f"tests/viz/{room}/" for room in ("formulas", "programs", "rendering")),
    *(f"tests/viz/test_{name}" for name in ("arguments", "colours", "dot", "files", "formatting")),
    *(f"tests/viz/test_{name}" for name in ("picture", "plots", "scene", "text_width", "training")),
)
# These run everything again and again, or something very long: coverage doubles their time, and
# learns nothing from them that it has not learned from others.
SEARCHES = (
    *("tests/benchmarks/", "tests/courses/", "tests/docs/", "tests/fuzz/", "tests/problems/"),
    *("tests/autograd/compiler/test_long.py", "tests/autograd/compiler/test_random_"),
    *(
        "tests/autograd/kernels/cython/test_agreement.py",
        "tests/autograd/kernels/cython/test_memory.py",
    ),
    *("tests/autograd/rules/test_borders.py", "tests/autograd/test_derivatives.py"),
    *("tests/autograd/test_graph.py", "tests/autograd/test_value_array_everything.py"),
    "tests/autograd/transforms/test_table.py",
)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Run the whole suite on all cores; a part of it, asked for by name, in this process.

    As ``-n auto`` would, which is said here since it must not be said where there is no xdist, and
    since to start the processes takes longer than most parts do. Coverage has begun before this is
    called, and would not follow the processes: beside ``--cov``, say ``-n auto``.
    """
    option, plugins = config.option, config.pluginmanager
    if hasattr(config, "workerinput") or not plugins.hasplugin("xdist"):
        return
    whole = config.args_source is not pytest.Config.ArgsSource.ARGS
    is_free = option.numprocesses is None and not option.tx and not plugins.hasplugin("_cov")
    if whole and is_free and not option.collectonly:
        option.numprocesses = "auto"
    if not option.numprocesses:
        return
    for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "AUTOGRAD_NUM_THREADS"):
        os.environ.setdefault(threads, "1")  # each core has a process of its own
    if sys.dont_write_bytecode:
        # Workers and the many processes that tests start would each compile everything anew.
        del os.environ["PYTHONDONTWRITEBYTECODE"]
        os.environ["PYTHONPYCACHEPREFIX"] = str(config.rootpath / ".pytest_cache" / "bytecode")


def pytest_configure() -> None:
    """Let tests interrupt themselves, also in the background of a shell, which turns that off."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Leave what is there before the first test out of what the collector looks through.

    Libraries and twelve thousand tests are a million objects, which a test that asks for a
    collection, or makes a million nodes, would wait for each time.
    """
    gc.collect()
    gc.freeze()


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what runs on one kernel only: ``-m "not once"`` leaves it out."""
    if item.nodeid.startswith(ONCE):
        item.add_marker("once")
    if item.nodeid.startswith(SEARCHES) and item.config.pluginmanager.hasplugin("pytest_cov"):
        item.add_marker("no_cover")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Deal out tests one by one, but those together that share something dear or a parameter."""
    from xdist.scheduler import LoadScopeScheduling  # noqa: PLC0415 - where xdist asks, it is there

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file, _, test = nodeid.partition("::")
            alone = file + test[test.find("[") :] if "[" in test else nodeid
            return next((place for place in TOGETHER if nodeid.startswith(place)), alone)

    return Together(config, log)


@pytest.fixture(autouse=True)
def _examples_in_a_folder_of_their_own(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    if isinstance(request.node, DoctestItem):
        request.getfixturevalue("monkeypatch").chdir(tmp_path_factory.mktemp("example"))


@pytest.fixture(autouse=True, scope="session")
def _programs_are_compared() -> Iterator[None]:
    """Run every program that any test compiles on all engines, on the numbers of its trace.

    Once, where the tape is compiled: programs are lowered alike on both kernels.
    """
    choose = variant.choose
    if not COMPILED:
        yield
        return

    def compared(given: Program, wish: str, *, exact: bool = False, **options: Any) -> Any:
        found = choose(given, wish, exact=exact, **options)
        program, scalars = found.program, found.program.scalars
        small = len(scalars.ops) <= LARGEST_COMPARED and not OWN.keys() & set(scalars.ops)
        small = small and not program.is_derived  # else a way of its own has lowered it
        if program.equations is None and small:
            with suppress(NoArrayFormError):
                program = lower_program(program, exact=exact)
        if program.equations is not None:
            validate_equations(program.equations)
        if small:
            numbers = [scalars.numbers[array.ids] for array in program.arrays]
            pairs = zip(program.arrays, numbers, strict=True)
            compare(program, [row[..., None] if own.sample else row for own, row in pairs])
        return found

    variant.choose = compared
    yield
    variant.choose = choose


@pytest.fixture(autouse=True)
def _operations_are_forgotten() -> Iterator[None]:
    """Take operations that an example or a test defined out of the table; others read it all."""
    kept = len(FLOATS)
    yield
    if len(FLOATS) == kept:
        return
    for entry in OWN.values():
        uninstall(entry)
    OWN.clear()
    for name in OPAQUE:
        FLOATS.pop(name)
        ARRAYS.pop(name)
    OPAQUE.clear()
