import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]


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
    """Run all demos once, by ``python -m demos``; the tests look at what came out.

    In a process of their own, they run without coverage: it would double their minute.
    """
    out = tmp_path_factory.mktemp("tour") / "new" / "pictures"
    command = [sys.executable, "-W", "error", "-m", "demos", "--out", str(out)]
    done = subprocess.run(
        command, check=False, cwd=ROOT, capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return Tour(out, done.stdout)
