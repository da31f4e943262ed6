import contextlib
import io
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from demos import __main__ as command


class Tour(NamedTuple):
    out: Path
    text: str

    def of(self, name):
        """Return what one demo printed."""
        return self.text.partition(f": {name}\n")[2].partition("\n== ")[0]

    def rows(self, name, pattern):
        """Return the groups of each line of a demo's text that matches as a whole."""
        matches = (re.fullmatch(pattern, line) for line in self.of(name).splitlines())
        return [match.groups() for match in matches if match]


@pytest.fixture(scope="session")
def tour(tmp_path_factory):
    """Run all demos once, as ``python -m demos`` does; the tests look at what came out."""
    out = tmp_path_factory.mktemp("tour") / "new" / "pictures"
    stream = io.StringIO()
    with contextlib.redirect_stdout(stream):
        command.main(["--out", str(out)])
    return Tour(out, stream.getvalue())
