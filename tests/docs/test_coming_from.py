"""The pages for people who come from elsewhere: each pair of programs prints what the page says."""

import contextlib
import io
import re
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "docs" / "coming-from"
PROGRAM = r"```python\n# (\S+)\n(.*?)```\n\n"
PAIR = re.compile(rf"{PROGRAM}{PROGRAM}```text\n(.*?)```", re.DOTALL)
PROGRAMS = [
    pytest.param(name, program, printed, id=f"{page.stem}-{k}-{name}")
    for page in sorted(PAGES.glob("*.md"))
    for k, (other, theirs, us, ours, printed) in enumerate(PAIR.findall(page.read_text("utf-8")))
    for name, program in ((other, theirs), (us, ours))
]


@pytest.mark.parametrize(("name", "program", "printed"), PROGRAMS)
def test_a_program_prints_what_the_page_says(name, program, printed):
    if name != "scalar-autograd":
        pytest.importorskip(name, reason=f"needs {name}: the extra bench")
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(program, f"<{name}>", "exec"), {})
    assert out.getvalue() == printed


def test_every_program_of_every_page_is_in_a_pair():
    found = [page.read_text("utf-8").count("```python") for page in sorted(PAGES.glob("*.md"))]
    assert len(found) == 4
    assert sum(found) == len(PROGRAMS) > 8
