"""The pictures of the README and the guide are there, are shown, and follow the reader's system."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PICTURES = sorted((ROOT / "docs" / "pictures").iterdir())


def test_every_picture_is_shown_or_linked_and_none_is_missing():
    shown = {
        (ROOT / page).parent / path
        for page in ("README.md", "docs/guide.md")
        for path in re.findall(
            r"\]\(([^)]*pictures/[^)]*)\)", (ROOT / page).read_text(encoding="utf-8")
        )
    }
    assert shown == set(PICTURES)


@pytest.mark.parametrize(
    "path", [path for path in PICTURES if path.suffix == ".svg"], ids=lambda path: path.stem
)
def test_drawings_are_dark_where_the_reader_s_system_is(path):
    text = path.read_text(encoding="utf-8")
    assert "@media (prefers-color-scheme: dark)" in text
    assert 'class="graph auto"' in text
