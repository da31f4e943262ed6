"""Files: the assets of pages, pages as single HTML files, and saving by suffix.

A page allows only its own script to run, and loads nothing from elsewhere.
"""

import base64
import hashlib
import html
import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from os import PathLike
from pathlib import Path

from autograd import files as atomic_files
from autograd._checks import check_type
from autograd.errors import list_of
from viz.formatting import encodable

Contents = Mapping[str, Callable[[], bytes] | Callable[[], str]]


def save(
    path: str | PathLike[str],
    contents: Contents,
    what: str,
    advice: str = "",
) -> Path:
    """Write a file atomically; return its path.

    ``contents`` has a function for each suffix, which is called before the file is touched.

    >>> import tempfile
    >>> path = save(Path(tempfile.mkdtemp()) / "a.txt", {".txt": lambda: "σ"}, "a text")
    >>> path.read_text(encoding="utf-8")
    'σ'

    Raises
    ------
    TypeError, ValueError
        If it is no path, or has another suffix.
    OSError
        If the folder does not exist or the file cannot be written; an existing file is then
        unchanged.
    """
    check_type("path", path, (str, PathLike), "the path of a file")
    file = Path(path).expanduser()
    ending = file.suffix.lower()
    if ending not in contents:
        got = f"{ending} (in {str(path)!r})" if ending else f"{str(path)!r}, which has none"
        allowed = list_of(contents)
        raise ValueError(f"{what} is saved by its file's ending, {allowed}, not {got}{advice}")
    if not file.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {str(file.parent)!r}; make it first")
    content = contents[ending]()
    data = content.encode() if isinstance(content, str) else content
    atomic_files.write(file, data, action=f"write {what}")
    return file


@cache
def asset(path: str) -> str:
    """Read a script or a style sheet of the package by its path below ``viz``."""
    return files("viz").joinpath(path).read_text(encoding="utf-8")


def document(
    title: str, body: str, data: str, *, style: str, script: str, images: bool = False
) -> str:
    """Build a page; its content security policy allows the script by its hash.

    ``data`` is JSON as `as_json` writes it; the script finds it by the id ``data``. ``images``
    allows images in data URLs.
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
    r"""Write JSON that cannot contain an HTML tag.

    >>> print(as_json({"label": "</script>"}))
    {"label":"\u003c/script>"}
    """
    written = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return written.replace("<", "\\u003c")


def framed(page: str, title: str, height: int = 640) -> str:
    """Wrap a page in an iframe, for notebooks."""
    return (
        f'<iframe srcdoc="{html.escape(page)}" title="{html.escape(title)}" '
        f'style="width: 100%; height: {height}px; border: 0"></iframe>'
    )
