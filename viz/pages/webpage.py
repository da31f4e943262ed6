"""Write a page that is one file: its own script alone may run, and it may load nothing."""

import base64
import hashlib
import html
import json

from viz.basics.labels import encodable


def document(
    title: str, body: str, data: str, *, style: str, script: str, images: bool = False
) -> str:
    """Put a page together; the policy in its head allows the script by its hash.

    ``data`` is JSON as `as_json` writes it; the script finds it by the id ``data``. ``images``
    allows pictures that stand in the data itself.
    """
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    if images:
        policy += "; img-src data:"
    return encodable(
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>\n{style}</style></head>\n<body>\n{body}\n"
        f'<script type="application/json" id="data">{data}</script>\n'
        f"<script>{script}</script>\n</body></html>\n"
    )


def as_json(data: object) -> str:
    r"""Write JSON in which no tag can begin.

    >>> print(as_json({"label": "</script>"}))
    {"label":"\u003c/script>"}
    """
    written = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return written.replace("<", "\\u003c")


def framed(page: str, title: str, height: int = 640) -> str:
    """Write a page as a frame in a notebook."""
    return (
        f'<iframe srcdoc="{html.escape(page)}" title="{html.escape(title)}" '
        f'style="width: 100%; height: {height}px; border: 0"></iframe>'
    )
