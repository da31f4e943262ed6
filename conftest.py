"""Give examples of pages and docstrings a folder of their own; forget operations that tests add."""

from collections.abc import Iterator

import pytest
from _pytest.doctest import DoctestItem

from autograd.custom import OWN
from autograd.primitives import uninstall
from autograd.readings import ARRAYS, FLOATS, OPAQUE


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
