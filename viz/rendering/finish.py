"""Finish Graphviz's SVG: lighter, in a monospaced face that fits its boxes, fit for web pages.

Pure functions of text. They rely on how every Graphviz writes SVG: one element a line, attributes
in double quotes, `<`, `>` and `&` escaped in text and attributes.
"""

import html
import re

from viz.basics.columns import COLUMN, columns
from viz.basics.labels import encodable
from viz.rendering.fonts import STACK

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
    """Turn the SVG that Graphviz wrote into the SVG that people get.

    Parameters
    ----------
    raw
        A document as `dot -Tsvg` writes it. Of several graphs the first is taken.
    family
        CSS list of font families; set once, on the root.
    style
        CSS rules to put into a `<style>` element. Nodes, edges, clusters and the graph keep the
        `id` and `class` that the DOT text gave them; the background has the class `background`.
    """
    body = raw[raw.index("<svg") : raw.index("</svg>") + len("</svg>")]
    body = _COMMENT.sub("", body)
    body = body.replace('="transparent"', '="none"')  # Graphviz before 3.0; no word of SVG 1.1
    body = _NAME.sub(r"\1", body)  # a node's name in DOT is no tooltip
    body = _TOOLTIP.sub(r"\1\3><title>\2</title>", body).replace("<a >", "<a>")
    body = _background(body)
    body = _TEXT.sub(_fit, body)
    root, rest = body.split(">", 1)
    quoted = html.escape(family, quote=False).replace('"', "&quot;")
    root += f' font-family="{quoted}"'
    rules = f"\n<style>{html.escape(style, quote=False)}</style>" if style else ""
    return encodable(f"{root}>{rules}{rest}\n")


def _background(body: str) -> str:
    """Exchange Graphviz's background, up to half a point short of the edges, for a full one."""
    view_box, found = _VIEW_BOX.search(body), _BACKGROUND.search(body)
    if view_box is None or found is None:  # a transparent or a shaded background
        return body
    group, fill, opacity = found.groups(default="")
    width, height = view_box.groups()
    full = f'<rect class="background" width="{width}" height="{height}" fill="{fill}"{opacity}/>\n'
    return body.replace(found[0], full + group, 1)


def _fit(match: re.Match[str]) -> str:
    """Give one text element the width that its box was made for."""
    attributes, content = _DROPPED.sub("", " " + match[1]), html.unescape(match[2])
    size = _FONT_SIZE.search(attributes)
    width = COLUMN * float(size[1]) * columns(content) if size else 0.0
    if width:
        attributes += f' textLength="{width:.2f}" lengthAdjust="spacingAndGlyphs"'
    if content != " ".join(content.split()):
        attributes += ' xml:space="preserve"'
    return f"<text{attributes}>{match[2]}</text>"
