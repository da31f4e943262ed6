"""Rendering of DOT text as SVG, PNG and PDF, with or without Graphviz, fonts or a display.

An engine lays out the graph and writes SVG (`engines`); `finish` makes it smaller, sets it in a
monospaced font that fits its boxes, and prepares it for web pages; PNG and PDF are converted from
the finished SVG (`convert`), never made by the engine.

`finish` relies on how every Graphviz writes SVG: one element per line, attributes in double quotes,
``<``, ``>`` and ``&`` escaped in text and attributes.
"""

import html
import re

from autograd._checks import check_type, real_number
from viz.formatting import encodable
from viz.rendering import convert
from viz.rendering.convert import FAMILY, STACK
from viz.rendering.engines import RenderError, graphviz_svg
from viz.text_width import COLUMN, columns

_TEXT = re.compile(r"<text ([^>]*)>([^<]*)</text>")
_FONT_SIZE = re.compile(r'font-size="([\d.]+)"')
_DROPPED = re.compile(r' (?:font-family|textLength|lengthAdjust|xml:space)="[^"]*"')
_COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)
_NAME = re.compile(r'(<g id="[^"]*" class="(?:node|edge|cluster)[^>]*>)\n<title>[^<]*</title>')
_TOOLTIP = re.compile(r'(<a [^>]*?) ?xlink:title="([^"]*)"([^>]*)>')
_VIEW_BOX = re.compile(r'viewBox="\S+ \S+ (\S+) (\S+)"')
_BACKGROUND = re.compile(
    r'(<g id="graph0"[^>]*>\n(?:<title>[^<]*</title>\n)?)'
    r'<polygon fill="([^"(]+)"( fill-opacity="[^"]*")? stroke="none"[^>]*/>\n'
)


def finish(raw: str, *, family: str = STACK, style: str | None = None) -> str:
    """Turn Graphviz's SVG into the SVG of a picture.

    Parameters
    ----------
    raw
        A document as ``dot -Tsvg`` writes it. Of several graphs the first is taken.
    family
        CSS list of font families; set once, on the root.
    style
        CSS rules for a ``<style>`` element. Nodes, edges, clusters and the graph keep the ``id``
        and ``class`` of the DOT text; the background has the class ``background``.
    """
    body = raw[raw.index("<svg") : raw.index("</svg>") + len("</svg>")]
    body = _COMMENT.sub("", body)
    body = body.replace('="transparent"', '="none"')  # Graphviz before 3.0; not valid in SVG 1.1
    body = _NAME.sub(r"\1", body)  # a node's name in DOT would be its tooltip
    body = _TOOLTIP.sub(r"\1\3><title>\2</title>", body).replace("<a >", "<a>")
    body = _background(body)
    body = _TEXT.sub(_fit, body)
    root, rest = body.split(">", 1)
    quoted = html.escape(family, quote=False).replace('"', "&quot;")
    root += f' font-family="{quoted}"'
    rules = f"\n<style>{html.escape(style, quote=False)}</style>" if style else ""
    return encodable(f"{root}>{rules}{rest}\n")


def _background(body: str) -> str:
    """Replace Graphviz's background, which may fall short of the edges, by a full one."""
    view_box, background = _VIEW_BOX.search(body), _BACKGROUND.search(body)
    if view_box is None or background is None:  # a transparent or a shaded background
        return body
    group, fill, opacity = background.groups(default="")
    width, height = view_box.groups()
    full = f'<rect class="background" width="{width}" height="{height}" fill="{fill}"{opacity}/>\n'
    return body.replace(background[0], full + group, 1)


def _fit(match: re.Match[str]) -> str:
    """Set the width of a text element to the one that its box was computed for."""
    attributes, content = _DROPPED.sub("", " " + match[1]), html.unescape(match[2])
    size = _FONT_SIZE.search(attributes)
    width = COLUMN * float(size[1]) * columns(content) if size else 0.0
    if width:
        attributes += f' textLength="{width:.2f}" lengthAdjust="spacingAndGlyphs"'
    if content != " ".join(content.split()):
        attributes += ' xml:space="preserve"'
    return f"<text{attributes}>{match[2]}</text>"


__all__ = ["RenderError", "pdf", "png", "svg"]

# XML 1.0 has no place for these, not even escaped; NUL would also end the text in C.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def svg(
    dot_text: str,
    style: str | None = None,
    *,
    family: str = STACK,
    engine: str | None = None,
    timeout: float | None = None,
) -> str:
    """Render DOT text as SVG, one ``<svg>`` element without an XML declaration.

    All text has a monospaced font, and the width that its box was computed for.

    Parameters
    ----------
    dot_text
        One graph in the DOT language; its font should be Courier New, whose metrics every
        Graphviz knows.
    style
        CSS rules for a ``<style>`` element, such as for ``@media (prefers-color-scheme: dark)``.
        Nodes, edges, clusters and the graph keep the ``class`` and ``id`` that DOT gave them, the
        background is ``.background``. In a page that shows the SVG inline, rules reach the whole
        page: begin each selector with a class of the graph.
    family
        CSS list of monospaced font families.
    engine
        ``"system"``, ``"bundled"``, or a ``dot`` executable; by default the environment variable
        ``AUTOGRAD_DOT``, else a ``dot`` on the PATH, else the Graphviz in pygraphviz's wheel.
    timeout
        Seconds that an engine may take; by default those of the environment variable
        ``AUTOGRAD_DOT_TIMEOUT``, else 60. Then it is ended, with all that it started.

    Raises
    ------
    RenderError
        In one line, if the text is not DOT, no engine works, or the time is over.

    Examples
    --------
    >>> picture = svg('digraph { a [label="σ", class="operation"] }')
    >>> picture.startswith("<svg"), 'class="node operation"' in picture
    (True, True)
    """
    raw = graphviz_svg(_checked(dot_text), engine=engine, timeout=timeout)
    return finish(raw, family=family, style=style)


def png(
    dot_text: str, scale: float = 2.0, *, engine: str | None = None, timeout: float | None = None
) -> bytes:
    """Render DOT text as PNG.

    ``scale`` 1 is the size on screen (96 pixels an inch), 2 is sharp on dense screens and in print.
    Text is set in Source Code Pro, which comes with the library. See `svg` for the rest.

    Raises
    ------
    RenderError
        As `svg`, and for a picture of more than a hundred million pixels.

    Examples
    --------
    >>> png("digraph { a -> b }")[1:4]
    b'PNG'
    """
    scale = real_number("scale", scale, 0, open_low=True)
    picture = svg(dot_text, family=FAMILY, engine=engine, timeout=timeout)
    return convert.png(picture, scale)


def pdf(dot_text: str, *, engine: str | None = None, timeout: float | None = None) -> bytes:
    """Render DOT text as a one-page PDF of the picture's size, with vectors and selectable text.

    See `svg` for the parameters and errors.

    Examples
    --------
    >>> pdf("digraph { a -> b }")[:5]
    b'%PDF-'
    """
    return convert.pdf(svg(dot_text, family=FAMILY, engine=engine, timeout=timeout))


def _checked(dot_text: object) -> str:
    check_type("dot_text", dot_text, str, "a str")
    assert isinstance(dot_text, str)
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", dot_text)
