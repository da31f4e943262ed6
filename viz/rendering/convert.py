"""Conversion of a finished SVG picture to PNG and PDF, with the bundled font.

The result does not depend on the machine's fonts, except for characters that ours lacks. Every
face named here is monospaced with an advance of 0.6 em or close to it, the figure that pictures are
laid out with.
"""

import datetime as dt
import functools
import importlib
import importlib.util
import logging
import re
from pathlib import Path
from types import ModuleType

from viz.rendering.engines import RenderError

# Of the free faces on the package index with Greek and a bold weight: exactly 0.6 em, a minus sign
# that is no hyphen, and no ligatures, so ``a->b`` reads as it was written.
FAMILY = "Source Code Pro"
# For SVG, which is drawn with the reader's fonts. Ordered by likeness to FAMILY; Consolas (0.55 em)
# and Courier New (thin strokes) are left to ``monospace``.
STACK = (
    "'Source Code Pro', ui-monospace, 'SF Mono', Menlo, 'Cascadia Mono', 'DejaVu Sans Mono',"
    " 'Liberation Mono', 'Noto Sans Mono', monospace"
)
_PACKAGE = "fontpkg_source_code_pro"


@functools.cache
def font_path(*, italic: bool = False) -> Path:
    """Return the font file for PNG and PDF, which is under the SIL Open Font Licence.

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

    with TTFont(font_path(), lazy=True) as font:
        return frozenset(font.getBestCmap())


def font_covers(text: str) -> bool:
    """Return whether the bundled font has every character of ``text``.

    >>> font_covers("σ(w·x) = −5.25"), font_covers("重み")
    (True, False)
    """
    return text.isascii() or all(ord(c) in _characters() for c in text if not c.isspace())


PIXELS_PER_INCH = 96  # CSS: a point of SVG is 4/3 pixels at scale 1
MAX_PIXELS = 100_000_000  # pixels; at 4 bytes each 400 MB while painting
_SIZE = re.compile(r'<svg width="([\d.]+)pt" height="([\d.]+)pt"')
_BACKGROUND = re.compile(r'class="background"[^>]* fill="([^"]+)"/>')
_TEXT = re.compile(r">([^<>]*)</text>")
_FACE = re.compile(r'<text (?:[^>]*?)( font-weight="bold")?( font-style="italic")? font-size=')
_UNWANTED = re.compile(r"</?a(?: [^>]*)?>|<title>[^<]*</title>")
_EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)

# fpdf2 reports each glyph that a font lacks; without a handler Python prints that on stderr.
logging.getLogger("fpdf").addHandler(logging.NullHandler())


def size(svg: str) -> tuple[float, float]:
    """Return the width and height of a finished picture, in points.

    >>> size('<svg width="12pt" height="30.5pt" viewBox="0 0 12 30.5"></svg>')
    (12.0, 30.5)
    """
    match = _SIZE.match(svg)
    if match is None:
        raise RenderError(
            "the SVG has no size in points: give the text that viz.rendering.render.svg made"
        )
    return float(match[1]), float(match[2])


def png(svg: str, scale: float = 2.0) -> bytes:
    """Render a finished picture, whose font family is `FAMILY`, as PNG."""
    width, height = (side * scale * PIXELS_PER_INCH / 72 for side in size(svg))
    if width * height > MAX_PIXELS:
        raise RenderError(
            f"a PNG of {width:.0f} x {height:.0f} pixels is too large: give a scale below"
            f" {scale * (MAX_PIXELS / (width * height)) ** 0.5:.2g}, or save SVG or PDF"
        )
    background = _BACKGROUND.search(svg)  # also for the fraction of a pixel at two edges
    resvg = _require("resvg_py", "PNG", "resvg-py")
    try:
        return bytes(
            resvg.svg_to_bytes(
                svg_string=svg,
                zoom=scale,
                dpi=PIXELS_PER_INCH,
                background=background and background[1],
                font_files=[str(font_path()), str(font_path(italic=True))],
                font_family=FAMILY,
                skip_system_fonts=font_covers("".join(_TEXT.findall(svg))),
            )
        )
    except ValueError as error:
        raise RenderError(f"the PNG could not be painted ({error}): save SVG instead") from None


def pdf(svg: str) -> bytes:
    """Write a finished picture as a one-page PDF: vectors, selectable text, the font embedded."""
    fpdf = _require("fpdf", "PDF", "fpdf2")
    document = fpdf.FPDF(unit="pt", format=size(svg))
    document.set_creation_date(_EPOCH)  # the same picture gives the same bytes
    document.set_margin(0)
    document.set_auto_page_break(False)
    for face, weight in _faces(svg):
        file = font_path(italic="I" in face)
        document.add_font(FAMILY, face, file, variations={"wght": float(weight)})
    document.add_page()
    document.set_font(FAMILY)
    try:
        fpdf.svg.SVGObject(_UNWANTED.sub("", svg)).draw_to_page(document, 0, 0)
        return bytes(document.output())
    except ValueError as error:
        raise RenderError(f"the PDF could not be written ({error}): save SVG instead") from None
    finally:
        for font in document.fonts.values():
            font.ttfont.close()  # fpdf2 leaves the files open, which is a ResourceWarning


def _require(module: str, what: str, package: str) -> ModuleType:
    """Import a module only when it is needed: fpdf takes 0.3 s, which SVG need not wait for."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise RenderError(
            f"{what} needs {package} ({error}): pip install {package}; SVG and DOT text can still"
            " be saved"
        ) from None


def _faces(svg: str) -> list[tuple[str, int]]:
    """Choose the faces and weights to embed; each takes 0.15 s to cut from the variable font."""
    attributes = set(_FACE.findall(svg))
    bold, italic = ' font-weight="bold"', ' font-style="italic"'
    faces = {"B": (bold, ""), "I": ("", italic), "BI": (bold, italic)}
    used = [face for face, wanted in faces.items() if wanted in attributes]
    return [(face, 700 if "B" in face else 400) for face in ["", *used]]
