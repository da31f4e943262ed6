"""What all tests share: a folder for each example, a clean table, and who runs beside whom."""

from collections.abc import Iterator

import pytest
from _pytest.doctest import DoctestItem

from autograd.custom import OWN
from autograd.primitives import uninstall
from autograd.readings import ARRAYS, FLOATS, OPAQUE

collect_ignore = ["docs/reference.py"]  # a hook of MkDocs, which is no extra of the tests


@pytest.hookimpl(tryfirst=True)  # before xdist looks for groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep tests that share a fixture in one process: a browser, or all demos, start once."""
    if not config.pluginmanager.hasplugin("xdist"):
        return
    for item in items:
        found = getattr(item, "_fixtureinfo", None)
        for definitions in found.name2fixturedefs.values() if found else ():
            if definitions[-1].baseid.startswith("tests") and definitions[-1].scope in _SHARED:
                item.add_marker(pytest.mark.xdist_group(definitions[-1].baseid))
                break


_SHARED = {"module", "session"}


@pytest.fixture(autouse=True)
def _examples_in_a_folder_of_their_own(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    if isinstance(request.node, DoctestItem):
        request.getfixturevalue("monkeypatch").chdir(tmp_path_factory.mktemp("example"))


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
