"""The typeface of pictures: one that a page's reader is likely to have, one that travels with us.

Every face named here is monospaced with an advance of 0.6 em or close to it, the figure that
pictures are laid out with.
"""

import functools
import importlib.util
from pathlib import Path

from viz.rendering.engines import RenderError

# Of the free faces on the package index with Greek and a bold weight: exactly 0.6 em, a minus sign
# that is no hyphen, and no ligatures, so `a->b` reads as it was written.
FAMILY = "Source Code Pro"
# For SVG, which is drawn with the reader's fonts. Ordered by likeness to FAMILY; Consolas (0.55 em)
# and Courier New (thin strokes) are left to `monospace`.
STACK = (
    "'Source Code Pro', ui-monospace, 'SF Mono', Menlo, 'Cascadia Mono', 'DejaVu Sans Mono',"
    " 'Liberation Mono', 'Noto Sans Mono', monospace"
)
_PACKAGE = "fontpkg_source_code_pro"


@functools.cache
def path(*, italic: bool = False) -> Path:
    """Find the font file that PNG and PDF are drawn with, under the SIL Open Font Licence.

    It is a variable font: one file has all weights.

    Raises
    ------
    RenderError
        If the package that carries it is absent.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for file in sorted(Path(folder).glob("files/*.ttf")):
            if ("Italic" in file.name) == italic:
                return file
    raise RenderError(
        "PNG and PDF need a font: pip install fontpkg-source-code-pro; SVG and DOT text can still"
        " be saved"
    )


@functools.cache
def _characters() -> frozenset[int]:
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - 0.1 s that SVG need not wait for

    with TTFont(path(), lazy=True) as font:
        return frozenset(font.getBestCmap())


def covers(text: str) -> bool:
    """Tell whether the font that travels with us has every character of `text`.

    >>> covers("σ(w·x) = −5.25"), covers("重み")
    (True, False)
    """
    return text.isascii() or all(ord(c) in _characters() for c in text if not c.isspace())
