"""Hold an animation: shown by notebooks, saved as a GIF or as one HTML file that plays itself."""

import base64
import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path

from viz.basics.assets import asset
from viz.basics.labels import shorten
from viz.basics.saving import Contents, save
from viz.motion import gif
from viz.pages import webpage


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
        title, last = self.name[:1].upper() + self.name[1:], len(self.words) - 1
        body = (
            f"<main>\n<h1>{html.escape(title)}</h1>\n"
            '<img id="frame" alt="">\n'
            '<div id="controls"><button id="play">Play</button>\n'
            f'<input id="at" type="range" max="{last}" value="0" aria-label="Frame"></div>\n'
            '<p id="say" aria-live="polite"></p></main>'
        )
        script, style = (asset(f"motion/animation.{ending}") for ending in ("js", "css"))
        data = webpage.as_json({"frames": self._frames(), "loop": self.loop})
        return webpage.document(title, body, data, style=style, script=script, images=True)

    def _frames(self) -> list[dict[str, object]]:
        return [
            {
                "image": f"data:image/png;base64,{base64.b64encode(png).decode()}",
                "words": words.replace("\n", ": ", 1).replace("\n", " "),
                "seconds": seconds,
            }
            for png, words, seconds in zip(
                gif.small(self.pngs), self.words, self.seconds, strict=True
            )
        ]

    def save(self, path: str | PathLike[str]) -> Path:
        """Write to a file, as its ending says: .gif or .html; return its path.

        Raises ValueError for another ending, OSError where the file cannot be written.
        """
        contents: Contents = {".gif": self.gif, ".html": self.html, ".htm": self.html}
        film = "; for a film, give the GIF to a program such as ffmpeg"
        return save(path, contents, "an animation", film)

    def _repr_html_(self) -> str:
        return webpage.framed(self.html(), self.name)
