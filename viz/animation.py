"""Hold an animation: shown by notebooks, saved as a GIF or as one HTML file that plays itself."""

import base64
import hashlib
import html
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from os import PathLike
from pathlib import Path

from autograd.errors import list_of, shown
from viz import gif
from viz.style import shorten

ENDINGS = (".gif", ".html", ".htm")


@dataclass(frozen=True, repr=False)
class Animation:
    """Frames with words, painted when they are first needed.

    Attributes
    ----------
    name
        What it shows.
    words
        What each frame says.
    seconds
        How long each frame is seen.
    loop
        Whether it begins again at its end.
    """

    name: str
    words: tuple[str, ...]
    seconds: tuple[float, ...]
    loop: bool
    _paint: Callable[[], Sequence[bytes]]

    def __repr__(self) -> str:
        long = f"{len(self.words)} frames, {sum(self.seconds):.1f} s"
        return f"<Animation of {shorten(self.name)}: {long}; .save('animation.gif')>"

    @cached_property
    def pngs(self) -> tuple[bytes, ...]:
        """Each frame as PNG."""
        return tuple(self._paint())

    def gif(self) -> bytes:
        """Write as an animated GIF, in 255 colours at most, the same for all frames."""
        return gif.gif(self.pngs, self.seconds, loop=self.loop)

    def html(self) -> str:
        """Write as a page with a button to pause, a slider, and the words of each frame.

        Where the reader's system asks for reduced motion, it waits for the button. Its own script
        is the only one that the page allows to run, and it may load nothing.
        """
        script, style = (_asset(f"animation.{ending}") for ending in ("js", "css"))
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        policy += f"script-src 'sha256-{digest}'"
        title, last = html.escape(self.name[:1].upper() + self.name[1:]), len(self.words) - 1
        return (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{title}</title>\n<style>\n{style}</style></head>\n<body><main>\n"
            f"<h1>{title}</h1>\n"
            '<img id="frame" alt="">\n'
            '<div id="controls"><button id="play">Play</button>\n'
            f'<input id="at" type="range" max="{last}" value="0" aria-label="Frame"></div>\n'
            '<p id="say" aria-live="polite"></p></main>\n'
            f'<script type="application/json" id="data">{self._data()}</script>\n'
            f"<script>{script}</script>\n</body></html>\n"
        )

    def _data(self) -> str:
        """Write the frames as JSON in which no tag can begin."""
        frames = [
            {
                "image": f"data:image/png;base64,{base64.b64encode(png).decode()}",
                "words": words.replace("\n", ": ", 1).replace("\n", " "),
                "seconds": seconds,
            }
            for png, words, seconds in zip(
                gif.small(self.pngs), self.words, self.seconds, strict=True
            )
        ]
        made = json.dumps({"frames": frames, "loop": self.loop}, ensure_ascii=False)
        return made.replace("<", "\\u003c")

    def save(self, path: str | PathLike[str]) -> Path:
        """Write to a file, as its ending says: .gif or .html; return its path.

        Raises ValueError for another ending, OSError where the file cannot be written.
        """
        if not isinstance(path, (str, PathLike)):
            raise TypeError(f"save takes the path of a file, not {shown(path)}")
        file = Path(path).expanduser()
        ending = file.suffix.lower()
        if ending not in ENDINGS:
            raise ValueError(
                f"an animation is saved by its file's ending, {list_of(ENDINGS)}, "
                f"not {str(path)!r}; for a film, give the GIF to a program such as ffmpeg"
            )
        if not file.parent.is_dir():
            raise FileNotFoundError(f"there is no folder {str(file.parent)!r}; make it first")
        file.write_bytes(self.gif() if ending == ".gif" else self.html().encode())
        return file

    def _repr_html_(self) -> str:
        page = html.escape(self.html())
        return (
            f'<iframe srcdoc="{page}" title="{html.escape(self.name)}" '
            'style="width: 100%; height: 640px; border: 0"></iframe>'
        )


def _asset(name: str) -> str:
    return files("viz").joinpath(name).read_text(encoding="utf-8")
