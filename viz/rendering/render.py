"""Render DOT text as SVG, PNG and PDF on any machine, with or without Graphviz, fonts or a display.

The chain: an engine lays the graph out and writes SVG (`engines`), the SVG is finished
(`finish`), and PNG and PDF are made of the finished SVG (`convert`), never by the engine.
"""

import re

from viz.rendering import convert, fonts
from viz.rendering.engines import RenderError, graphviz_svg
from viz.rendering.finish import finish

__all__ = ["RenderError", "pdf", "png", "svg"]

# XML 1.0 has no place for these, not even escaped; NUL would also end the text in C.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def svg(
    dot_text: str,
    style: str | None = None,
    *,
    family: str = fonts.STACK,
    engine: str | None = None,
    timeout: float | None = None,
) -> str:
    """Render DOT text as SVG, one `<svg>` element without an XML declaration.

    All text is set in a monospaced face and is held to the width that its box was made for.

    Parameters
    ----------
    dot_text
        One graph in the DOT language; its font should be Courier New, whose metrics every
        Graphviz knows.
    style
        CSS rules for a `<style>` element, for instance for `@media (prefers-color-scheme: dark)`.
        Nodes, edges, clusters and the graph keep the `class` and `id` that DOT gave them, the
        background is `.background`. In a page that shows the SVG inline, rules reach the whole
        page: begin each selector with a class of the graph.
    family
        CSS list of monospaced font families.
    engine
        `"system"`, `"bundled"`, or a `dot` executable; by default the environment variable
        `AUTOGRAD_DOT`, else a `dot` on the PATH, else the Graphviz in pygraphviz's wheel.
    timeout
        Seconds that an engine may take; by default those of the environment variable
        `AUTOGRAD_DOT_TIMEOUT`, else 60. Then it is ended, with all that it started.

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

    `scale` 1 is the size on screen (96 pixels an inch), 2 is sharp on dense screens and in print.
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
    if not 0 < scale < float("inf"):
        raise ValueError(f"scale must be a positive number, got {scale!r}")
    picture = svg(dot_text, family=fonts.FAMILY, engine=engine, timeout=timeout)
    return convert.png(picture, scale)


def pdf(dot_text: str, *, engine: str | None = None, timeout: float | None = None) -> bytes:
    """Render DOT text as a one-page PDF of the picture's size, with vectors and selectable text.

    See `svg` for the parameters and errors.

    Examples
    --------
    >>> pdf("digraph { a -> b }")[:5]
    b'%PDF-'
    """
    return convert.pdf(svg(dot_text, family=fonts.FAMILY, engine=engine, timeout=timeout))


def _checked(dot_text: object) -> str:
    if not isinstance(dot_text, str):
        raise TypeError(f"DOT text must be a str, got a {type(dot_text).__name__}")
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", dot_text)
