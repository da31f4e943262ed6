"""Animations: frames with words, saved as a GIF or as one HTML file that plays itself.

A GIF has 256 colours. A separate palette for each frame would make still parts flicker, and
dithering would make them crawl. So all frames share one palette, and a pixel that does not change
keeps its index. Nothing else in ``viz`` uses Pillow.
"""

import base64
import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from viz.files import Contents, as_json, asset, document, framed, save
from viz.formatting import shorten

if TYPE_CHECKING:
    from PIL import Image

COLOURS = 255  # one is left for "as in the frame before"
_CENTISECONDS = 100  # a GIF counts time in these
Codes = NDArray[np.uint32]  # 0xBBGGRR


def packed(png: bytes) -> Codes:
    """Return the pixels of a PNG, shape (height, width), each coded as 0xBBGGRR."""
    from PIL import Image  # noqa: PLC0415 - graphs are drawn without it

    with Image.open(BytesIO(png)) as image:
        pixels = np.frombuffer(image.convert("RGBA").tobytes(), "<u4").reshape(image.size[::-1])
    return pixels & np.uint32(0xFFFFFF)


def palette(colours: Codes, counts: NDArray[np.int64], size: int = COLOURS) -> Codes:
    """Choose the colours of the palette, sorted: all of them, if they are few.

    Otherwise colours are added one at a time, always the one with the largest error: its number of
    pixels times the squared distance to the nearest colour kept so far.

    >>> codes, counts = np.array([0, 1, 0xFFFFFF], np.uint32), np.array([5, 1, 2])
    >>> palette(codes, counts, 2).tolist()
    [0, 16777215]
    """
    if len(colours) <= size:
        return colours
    rgb = _rgb(colours).astype(np.float64)
    chosen = [int(np.argmax(counts))]
    distance = np.full(len(colours), np.inf)
    for _ in range(size - 1):
        np.minimum(distance, ((rgb - rgb[chosen[-1]]) ** 2).sum(axis=1), out=distance)
        chosen.append(int(np.argmax(distance * counts)))
    return np.unique(colours[chosen])


def shared(pictures: Sequence[bytes]) -> "list[Image.Image]":
    """Turn PNGs of one size into images of one palette."""
    from PIL import Image  # noqa: PLC0415 - as above

    colours, counts = np.empty(0, np.uint32), np.empty(0, np.int64)
    for picture in pictures:  # one at a time: sixty frames of a megapixel are 180 MB
        present, times = np.unique(packed(picture), return_counts=True)
        joined = np.concatenate([colours, present])
        colours, inverse = np.unique(joined, return_inverse=True)
        counts = np.bincount(inverse, np.concatenate([counts, times])).astype(np.int64)
    kept = palette(colours, counts)
    nearest = _nearest(colours, kept)
    images = []
    for picture in pictures:
        image = Image.fromarray(nearest[np.searchsorted(colours, packed(picture))])
        image.putpalette(_rgb(kept).tobytes())  # from here on, grey levels are indices of colours
        images.append(image)
    return images


def encode_gif(pictures: Sequence[bytes], seconds: Sequence[float], *, loop: bool = True) -> bytes:
    """Encode PNGs of one size as an animated GIF, each shown for ``seconds``."""
    first, *others = shared(pictures)
    file = BytesIO()
    first.save(
        file,
        format="GIF",
        save_all=True,
        append_images=others,
        duration=[round(s * _CENTISECONDS) * 10 for s in seconds],
        optimize=False,  # the palette is chosen
        **({"loop": 0} if loop else {}),
    )
    return file.getvalue()


def shrink_pngs(pictures: Sequence[bytes]) -> list[bytes]:
    """Encode PNGs with a shared palette, at a third of their size."""
    return [_encode_png(image) for image in shared(pictures)]


def _encode_png(image: "Image.Image") -> bytes:
    file = BytesIO()
    image.save(file, format="PNG", optimize=True)
    return file.getvalue()


def _nearest(colours: Codes, kept: Codes) -> NDArray[np.uint8]:
    """Return the palette index nearest to each colour."""
    targets = _rgb(kept).astype(np.float32)
    nearest = np.empty(len(colours), np.uint8)
    for start in range(0, len(colours), 4096):  # 4096 x 255 x 3 numbers at a time: 12 MB
        some = _rgb(colours[start : start + 4096]).astype(np.float32)
        distance = ((some[:, None] - targets) ** 2).sum(axis=2)
        nearest[start : start + 4096] = distance.argmin(axis=1)
    return nearest


def _rgb(codes: Codes) -> NDArray[np.uint8]:
    return np.stack([codes & 255, codes >> 8 & 255, codes >> 16], axis=-1).astype(np.uint8)


@dataclass(frozen=True, repr=False)
class Animation:
    """An animation: frames with captions, rendered when they are first needed.

    Attributes
    ----------
    name
        What the animation shows.
    words
        The caption of each frame.
    seconds
        The duration of each frame.
    loop
        Whether it repeats.
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
        """Encode as an animated GIF with one palette of at most 255 colours."""
        return encode_gif(self.pngs, self.seconds, loop=self.loop)

    def html(self) -> str:
        """Return a page with a pause button, a slider, and the caption of each frame.

        If the reader's system asks for reduced motion, it waits for the button. The page allows
        only its own script to run, and loads nothing.
        """
        title, last = self.name[:1].upper() + self.name[1:], len(self.words) - 1
        body = (
            f"<main>\n<h1>{html.escape(title)}</h1>\n"
            '<img id="frame" alt="">\n'
            '<div id="controls"><button id="play">Play</button>\n'
            f'<input id="at" type="range" max="{last}" value="0" aria-label="Frame"></div>\n'
            '<p id="say" aria-live="polite"></p></main>'
        )
        script, style = (asset(f"html/animation.{ending}") for ending in ("js", "css"))
        data = as_json({"frames": self._frames(), "loop": self.loop})
        return document(title, body, data, style=style, script=script, images=True)

    def _frames(self) -> list[dict[str, object]]:
        return [
            {
                "image": f"data:image/png;base64,{base64.b64encode(png).decode()}",
                "words": words.replace("\n", ": ", 1).replace("\n", " "),
                "seconds": seconds,
            }
            for png, words, seconds in zip(
                shrink_pngs(self.pngs), self.words, self.seconds, strict=True
            )
        ]

    def save(self, path: str | PathLike[str]) -> Path:
        """Write to a file, in the format of its suffix: .gif or .html; return its path.

        Raises ValueError for another suffix, OSError if the file cannot be written.
        """
        contents: Contents = {".gif": self.gif, ".html": self.html, ".htm": self.html}
        film = "; for a film, give the GIF to a program such as ffmpeg"
        return save(path, contents, "an animation", film)

    def _repr_html_(self) -> str:
        return framed(self.html(), self.name)
