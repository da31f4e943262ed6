"""Turn a finished SVG picture into PNG and PDF, with the font that travels with the library.

The result does not depend on the machine's fonts, except for characters that ours lacks.
"""

import datetime
import logging
import re

import resvg_py

from viz import fonts
from viz.engines import RenderError

PIXELS_PER_INCH = 96  # CSS: a point of SVG is 4/3 pixels at scale 1
LARGEST = 100_000_000  # pixels; at 4 bytes each 400 MB while painting
_SIZE = re.compile(r'<svg width="([\d.]+)pt" height="([\d.]+)pt"')
_BACKGROUND = re.compile(r'class="background"[^>]* fill="([^"]+)"/>')
_TEXT = re.compile(r">([^<>]*)</text>")
_UNWANTED = re.compile(r"</?a(?: [^>]*)?>|<title>[^<]*</title>")
_EPOCH = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)

# fpdf2 reports each glyph that a font lacks; without a handler Python prints that on stderr.
logging.getLogger("fpdf").addHandler(logging.NullHandler())


def size(svg: str) -> tuple[float, float]:
    """Return the width and height of a finished picture, in points.

    >>> size('<svg width="12pt" height="30.5pt" viewBox="0 0 12 30.5"></svg>')
    (12.0, 30.5)
    """
    match = _SIZE.match(svg)
    if match is None:
        raise RenderError("the SVG has no size in points: give the text that viz.render.svg made")
    return float(match[1]), float(match[2])


def png(svg: str, scale: float = 2.0) -> bytes:
    """Paint a finished picture whose family is `fonts.FAMILY`."""
    width, height = (side * scale * PIXELS_PER_INCH / 72 for side in size(svg))
    if width * height > LARGEST:
        raise RenderError(
            f"a PNG of {width:.0f} x {height:.0f} pixels is too large: give a scale below"
            f" {scale * (LARGEST / (width * height)) ** 0.5:.2g}, or save SVG or PDF"
        )
    background = _BACKGROUND.search(svg)  # also for the fraction of a pixel at two edges
    try:
        return bytes(
            resvg_py.svg_to_bytes(
                svg_string=svg,
                zoom=scale,
                dpi=PIXELS_PER_INCH,
                background=background and background[1],
                font_files=[str(fonts.path()), str(fonts.path(italic=True))],
                font_family=fonts.FAMILY,
                skip_system_fonts=fonts.covers("".join(_TEXT.findall(svg))),
            )
        )
    except ValueError as error:
        raise RenderError(f"the PNG could not be painted ({error}): save SVG instead") from None


def pdf(svg: str) -> bytes:
    """Write a finished picture as a one-page PDF: vectors, selectable text, the font embedded."""
    from fpdf import FPDF  # noqa: PLC0415 - 0.3 s that SVG and PNG need not wait for
    from fpdf.svg import SVGObject  # noqa: PLC0415

    document = FPDF(unit="pt", format=size(svg))
    document.set_creation_date(_EPOCH)  # the same picture gives the same bytes
    document.set_margin(0)
    document.set_auto_page_break(False)
    for face, weight in _faces(svg):
        file = fonts.path(italic="I" in face)
        document.add_font(fonts.FAMILY, face, file, variations={"wght": weight})
    document.add_page()
    document.set_font(fonts.FAMILY)
    SVGObject(_UNWANTED.sub("", svg)).draw_to_page(document, 0, 0)
    return bytes(document.output())


def _faces(svg: str) -> tuple[tuple[str, int], ...]:
    """Choose the faces and weights to embed; each takes 0.15 s to cut from the variable font."""
    upright = (("", 400), ("B", 700)) if 'font-weight="bold"' in svg else (("", 400),)
    return (*upright, ("I", 400), ("BI", 700)) if 'font-style="italic"' in svg else upright
