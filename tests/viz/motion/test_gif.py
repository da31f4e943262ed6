"""GIFs in one palette: exact where the colours are few, near where they are many."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from viz import animation as gif


def png(rgb):
    file = BytesIO()
    Image.fromarray(np.asarray(rgb, dtype=np.uint8)).save(file, format="PNG")
    return file.getvalue()


def flat(seed, colours=12, shape=(20, 30)):
    rng = np.random.default_rng(seed)
    return np.random.default_rng(99).integers(0, 256, (colours, 3))[rng.integers(0, colours, shape)]


def frames(data):
    with Image.open(BytesIO(data)) as image:
        for k in range(image.n_frames):
            image.seek(k)
            yield np.asarray(image.convert("RGB")), image.info["duration"]


def test_few_colours_are_kept_exactly_in_every_frame():
    pictures = [flat(k) for k in range(4)]
    seen = list(frames(gif.gif([png(p) for p in pictures], [0.1, 0.2, 0.25, 3.0])))
    assert [duration for _, duration in seen] == [100, 200, 250, 3000]
    for picture, (shown, _) in zip(pictures, seen, strict=True):
        np.testing.assert_array_equal(shown, picture)


def test_many_colours_keep_what_is_large_and_come_near_elsewhere():
    rng = np.random.default_rng(0)
    picture = np.full((60, 60, 3), (12, 34, 56))
    picture[:30, :30] = rng.integers(0, 256, (30, 30, 3))
    (first, _), _ = frames(gif.gif([png(picture), png(picture[::-1])], [1, 1]))
    np.testing.assert_array_equal(first[30:], picture[30:])
    far = np.abs(first.astype(int) - picture).sum(axis=2)
    assert far.max() < 130
    assert np.unique(first.reshape(-1, 3), axis=0).shape[0] <= gif.COLOURS


def test_a_still_part_does_not_flicker():
    rng = np.random.default_rng(1)
    still = rng.integers(0, 256, (40, 20, 3))
    pictures = [np.hstack([still, rng.integers(0, 256, (40, 20, 3))]) for _ in range(3)]
    shown = [s[:, :20] for s, _ in frames(gif.gif([png(p) for p in pictures], [1] * 3))]
    np.testing.assert_array_equal(shown[0], shown[1])
    np.testing.assert_array_equal(shown[0], shown[2])


@pytest.mark.parametrize(("loop", "count"), [(True, 0), (False, None)])
def test_it_begins_again_or_not(loop, count):
    data = gif.gif([png(flat(0)), png(flat(1))], [1, 1], loop=loop)
    with Image.open(BytesIO(data)) as image:
        assert image.info.get("loop") == count


def test_the_same_frames_give_the_same_bytes():
    pictures = [png(flat(0)), png(flat(1))]
    assert gif.gif(pictures, [1, 1]) == gif.gif(pictures, [1, 1])


def test_small_pngs_show_the_same():
    pictures = [flat(0), flat(1)]
    for picture, data in zip(pictures, gif.small([png(p) for p in pictures]), strict=True):
        with Image.open(BytesIO(data)) as image:
            assert image.mode == "P"
            np.testing.assert_array_equal(np.asarray(image.convert("RGB")), picture)
