"""Animations: one palette for all frames, and files, notebooks and browsers that play them."""

import html
import json
import re
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from viz.animation import COLOURS, Animation, encode_gif, shrink_pngs


def png_of(rgb):
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
    seen = list(frames(encode_gif([png_of(p) for p in pictures], [0.1, 0.2, 0.25, 3.0])))
    assert [duration for _, duration in seen] == [100, 200, 250, 3000]
    for picture, (shown, _) in zip(pictures, seen, strict=True):
        np.testing.assert_array_equal(shown, picture)


def test_many_colours_keep_what_is_large_and_come_near_elsewhere():
    rng = np.random.default_rng(0)
    picture = np.full((60, 60, 3), (12, 34, 56))
    picture[:30, :30] = rng.integers(0, 256, (30, 30, 3))
    (first, _), _ = frames(encode_gif([png_of(picture), png_of(picture[::-1])], [1, 1]))
    np.testing.assert_array_equal(first[30:], picture[30:])
    far = np.abs(first.astype(int) - picture).sum(axis=2)
    assert far.max() < 130
    assert np.unique(first.reshape(-1, 3), axis=0).shape[0] <= COLOURS


def test_a_still_part_does_not_flicker():
    rng = np.random.default_rng(1)
    still = rng.integers(0, 256, (40, 20, 3))
    pictures = [np.hstack([still, rng.integers(0, 256, (40, 20, 3))]) for _ in range(3)]
    shown = [s[:, :20] for s, _ in frames(encode_gif([png_of(p) for p in pictures], [1] * 3))]
    np.testing.assert_array_equal(shown[0], shown[1])
    np.testing.assert_array_equal(shown[0], shown[2])


@pytest.mark.parametrize(("loop", "count"), [(True, 0), (False, None)])
def test_it_begins_again_or_not(loop, count):
    data = encode_gif([png_of(flat(0)), png_of(flat(1))], [1, 1], loop=loop)
    with Image.open(BytesIO(data)) as image:
        assert image.info.get("loop") == count


def test_the_same_frames_give_the_same_bytes():
    pictures = [png_of(flat(0)), png_of(flat(1))]
    assert encode_gif(pictures, [1, 1]) == encode_gif(pictures, [1, 1])


def test_small_pngs_show_the_same():
    pictures = [flat(0), flat(1)]
    for picture, data in zip(pictures, shrink_pngs([png_of(p) for p in pictures]), strict=True):
        with Image.open(BytesIO(data)) as image:
            assert image.mode == "P"
            np.testing.assert_array_equal(np.asarray(image.convert("RGB")), picture)


def colour_png(colour):
    file = BytesIO()
    Image.new("RGB", (40, 30), colour).save(file, format="PNG")
    return file.getvalue()


def film(seconds=(0.3, 0.3, 0.3), loop=True, name="three <b>colours</b>"):
    words = ("Red\nfirst", "Green\n</script><b>", "Blue\nlast")
    return Animation(
        name, words, seconds, loop, lambda: [colour_png(c) for c in ("red", "green", "blue")]
    )


def test_it_is_painted_once():
    calls = []
    animation = Animation("x", ("a",), (1.0,), True, lambda: calls.append(1) or [colour_png("red")])
    assert not calls
    assert animation.gif()[:6] == b"GIF89a"
    assert "<img" in animation.html()
    assert calls == [1]


def test_the_ending_says_what_is_saved(tmp_path):
    assert film().save(tmp_path / "a.gif").read_bytes() == film().gif()
    assert film().save(tmp_path / "a.HTML").read_text() == film().html()
    with pytest.raises(ValueError, match=r"an animation .* \.htm, not \.mp4 \(in 'a.mp4'\); for"):
        film().save("a.mp4")
    with pytest.raises(TypeError, match=r"path: got .*; allowed: the path of a file"):
        film().save(3)
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        film().save(tmp_path / "none" / "a.gif")


def test_the_page_has_the_frames_as_text_that_is_text():
    page = film().html()
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page)[1]
    frames = json.loads(data)["frames"]
    assert [f["words"] for f in frames] == ["Red: first", "Green: </script><b>", "Blue: last"]
    assert page.count("<script") == page.count("</script>") == 2
    assert "Three &lt;b&gt;colours" in page
    assert """'; img-src data:">""" in page
    assert not re.search(r"https?://", page)


def test_notebooks_show_the_page_in_a_frame():
    shown = film()._repr_html_()
    assert shown.startswith('<iframe srcdoc="&lt;!doctype html&gt;')
    assert repr(film()) == (
        "<Animation of three <b>colours</b>: 3 frames, 0.9 s; .save('animation.gif')>"
    )
    assert html.unescape(shown).count("data:image/png;base64,") == 3


def test_it_plays_pauses_and_begins_again(opened):
    tab = opened(film())
    for words in ("Green: </script><b>", "Blue: last", "Red: first"):
        tab.get_by_text(words, exact=True).wait_for()
    assert tab.inner_text("#play") == "Pause"
    tab.click("#play")
    assert tab.inner_text("#play") == "Play"
    before = tab.inner_text("#say")
    tab.wait_for_timeout(500)
    assert tab.inner_text("#say") == before == tab.get_attribute("#frame", "alt")


def test_reduced_motion_waits_for_the_reader(opened):
    tab = opened(film(), motion="reduce")
    tab.wait_for_timeout(500)
    assert tab.inner_text("#say") == "Red: first"
    tab.focus("#at")
    tab.keyboard.press("ArrowRight")
    assert tab.inner_text("#say") == "Green: </script><b>"
    assert tab.get_attribute("#at", "aria-valuetext") == "2 of 3"
    assert tab.eval_on_selector("#frame", "image => image.naturalWidth") == 40
    tab.click("#play")
    tab.get_by_text("Blue: last").wait_for()


def test_without_a_loop_it_stops_at_its_end(opened):
    tab = opened(film((0.05, 0.05, 0.05), loop=False))
    tab.get_by_text("Blue: last").wait_for()
    tab.get_by_text("Play", exact=True).wait_for()
    tab.click("#play")
    tab.get_by_text("Blue: last").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_accessibility_checker_finds_nothing(opened, scheme):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="needs the extra test"
    )
    tab = opened(film(name="three colours"), scheme, motion="reduce")
    found = axe.Axe().run(tab)
    assert found.violations_count == 0, found.generate_report()
