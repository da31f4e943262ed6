"""An animation as a file, in a notebook, and playing in a browser."""

import html
import json
import re
from io import BytesIO

import pytest
from PIL import Image

from viz.animation import Animation


def png(colour):
    file = BytesIO()
    Image.new("RGB", (40, 30), colour).save(file, format="PNG")
    return file.getvalue()


def film(seconds=(0.3, 0.3, 0.3), loop=True, name="three <b>colours</b>"):
    words = ("Red\nfirst", "Green\n</script><b>", "Blue\nlast")
    return Animation(name, words, seconds, loop, lambda: [png(c) for c in ("red", "green", "blue")])


def test_it_is_painted_once():
    calls = []
    animation = Animation("x", ("a",), (1.0,), True, lambda: calls.append(1) or [png("red")])
    assert not calls
    assert animation.gif()[:6] == b"GIF89a"
    assert "<img" in animation.html()
    assert calls == [1]


def test_the_ending_says_what_is_saved(tmp_path):
    assert film().save(tmp_path / "a.gif").read_bytes() == film().gif()
    assert film().save(tmp_path / "a.HTML").read_text() == film().html()
    with pytest.raises(ValueError, match=r"an animation .* \.htm, not \.mp4 \(in 'a.mp4'\); for"):
        film().save("a.mp4")
    with pytest.raises(TypeError, match="save takes the path of a file, not"):
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
