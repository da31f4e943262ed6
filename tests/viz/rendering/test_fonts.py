import types

import pytest
from fontTools.ttLib import TTFont

from viz.text_width import COLUMN
from viz.rendering import convert as fonts
from viz.rendering.engines import RenderError


@pytest.mark.parametrize("italic", [False, True])
def test_the_face_has_the_width_that_pictures_are_laid_out_with(italic):
    with TTFont(fonts.path(italic=italic)) as font:
        assert font["name"].getBestFamilyName() == fonts.FAMILY
        widths = {font["hmtx"][name][0] for name in map(font.getBestCmap().get, b"iWm0.")}
        assert widths == {COLUMN * font["head"].unitsPerEm}
        assert {axis.axisTag for axis in font["fvar"].axes} == {"wght"}
        assert ("Italic" in fonts.path(italic=italic).name) == italic


def test_the_stack_begins_with_the_face_and_ends_with_any_monospaced_one():
    families = fonts.STACK.split(", ")
    assert families[0] == f"'{fonts.FAMILY}'"
    assert families[-1] == "monospace"


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("plain\n", True),
        ("−×÷·²₁√σΣθ∂→≤≥≠∞—…‖", True),
        ("a\N{NO-BREAK SPACE}b\N{THIN SPACE}", True),
        ("重み", False),
        ("🙂", False),
    ],
)
def test_covers(text, covered):
    assert fonts.covers(text) is covered


@pytest.mark.parametrize(
    "spec", [None, types.SimpleNamespace(submodule_search_locations=["/nowhere"])]
)
def test_without_the_font_one_line_says_what_to_install(spec, monkeypatch):
    monkeypatch.setattr(fonts.importlib.util, "find_spec", lambda _: spec)
    with pytest.raises(RenderError, match="pip install fontpkg-source-code-pro; SVG and DOT text"):
        fonts.path.__wrapped__()
