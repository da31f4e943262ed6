"""Write frames as an animated GIF, or as small PNGs, in one palette that they share.

A GIF has 256 colours. A palette of its own for each frame would make still parts flicker, and
dithering would make them crawl: here every frame is written in the same colours, and a pixel that
does not change keeps its number. What Pillow does for `viz` is in this file.
"""

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL import Image

COLOURS = 255  # one is left for "as in the frame before"
_CENTISECONDS = 100  # a GIF counts time in these
Codes = NDArray[np.uint32]  # 0xBBGGRR


def packed(png: bytes) -> Codes:
    """Return the pixels of a PNG, shape (height, width), each as one number 0xBBGGRR."""
    from PIL import Image  # noqa: PLC0415 - graphs are drawn without it

    with Image.open(BytesIO(png)) as image:
        pixels = np.frombuffer(image.convert("RGBA").tobytes(), "<u4").reshape(image.size[::-1])
    return pixels & np.uint32(0xFFFFFF)


def palette(colours: Codes, counts: NDArray[np.int64], size: int = COLOURS) -> Codes:
    """Choose the colours to keep, sorted: all, if they are few.

    Otherwise they are taken one by one, each time the colour whose pixels would be furthest off
    together: number of pixels times squared distance to the nearest colour that was kept.

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
        found, times = np.unique(packed(picture), return_counts=True)
        every = np.concatenate([colours, found])
        colours, place = np.unique(every, return_inverse=True)
        counts = np.bincount(place, np.concatenate([counts, times])).astype(np.int64)
    kept = palette(colours, counts)
    nearest = _nearest(colours, kept)
    images = []
    for picture in pictures:
        image = Image.fromarray(nearest[np.searchsorted(colours, packed(picture))])
        image.putpalette(_rgb(kept).tobytes())  # turns levels of grey into numbers of colours
        images.append(image)
    return images


def gif(pictures: Sequence[bytes], seconds: Sequence[float], *, loop: bool = True) -> bytes:
    """Write PNGs of one size as an animated GIF, each shown for so many seconds."""
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


def small(pictures: Sequence[bytes]) -> list[bytes]:
    """Write PNGs anew, in a shared palette: a third of the size."""
    return [_png(image) for image in shared(pictures)]


def _png(image: "Image.Image") -> bytes:
    file = BytesIO()
    image.save(file, format="PNG", optimize=True)
    return file.getvalue()


def _nearest(colours: Codes, kept: Codes) -> NDArray[np.uint8]:
    """Return for each colour the place of the nearest that was kept."""
    targets = _rgb(kept).astype(np.float32)
    found = np.empty(len(colours), np.uint8)
    for start in range(0, len(colours), 4096):  # 4096 x 255 x 3 numbers at a time: 12 MB
        some = _rgb(colours[start : start + 4096]).astype(np.float32)
        distance = ((some[:, None] - targets) ** 2).sum(axis=2)
        found[start : start + 4096] = distance.argmin(axis=1)
    return found


def _rgb(codes: Codes) -> NDArray[np.uint8]:
    return np.stack([codes & 255, codes >> 8 & 255, codes >> 16], axis=-1).astype(np.uint8)
