"""The frames of both passes: what is known at each step, what is marked, what is said."""

import html
import re
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

import autograd
import viz
from autograd import Value
from viz.colours import AUTO, DARK
from viz.graph_animation import FrameRenderer, FrameState, _fitting, frame_states
from viz.rendering import convert, render
from viz.rendering.convert import size

NASTY = '<script>alert("x")</script>&\'"</svg>🙂'


def frames(J):
    """Return the SVG of each frame."""
    return viz.animate(J)._paint.args[0]


def row(svg, node, title):
    """Return the left edge, the width and the text of a number that a node shows; None if none."""
    group = re.search(rf'<g id="n{node}".*?\n</g>', svg, re.DOTALL)[0]
    found = re.search(
        rf'font-size="10.00"[^\n]*>{title}</text>\n(?:<polygon fill="#[^\n]*\n)?'
        r'<text[^\n]*? x="([-\d.]+)"[^\n]* font-size="12.00"'
        r'[^\n]* textLength="([\d.]+)"[^>]*>([^<]*)<',
        group,
    )
    return found and (float(found[1]), float(found[2]), html.unescape(found[3]))


def numbers(svg, node):
    """Return what a node shows: value and gradient, None where it shows none."""
    found = {title: row(svg, node, title) for title in ("val", "grad")}
    return {title: each and each[2] for title, each in found.items()}


def marked(svg, edges=()):
    """Return which node and which of the edges are drawn with thick lines of ink."""
    nodes = re.findall(
        rf'<g id="n(\d+)"(?:(?!<g id="[ne]\d).)*?fill="none" stroke="{AUTO.ink}" stroke-width="4"',
        svg,
        re.DOTALL,
    )
    thick = re.findall(
        rf'<g id="e(\d+)a?" [^>]*>(?:(?!<g id="[ne]\d).)*?<path fill="none"'
        rf' stroke="{AUTO.ink}" stroke-width="4"',
        svg,
        re.DOTALL,
    )
    return [int(n) for n in nodes], {edges[int(k)] for k in thick}


@pytest.mark.parametrize("name", ["lecture", "loss"])
def test_each_frame_fills_in_its_number_and_marks_its_node_and_edges(graphs, name):
    J = graphs[name]()
    page = viz.explore(J)
    pictures, steps, edges = frames(J), page.steps, page._drawing.edges
    assert len(pictures) == len(steps) + 2
    for before, svg, step in zip(pictures, pictures[1:], steps, strict=False):
        kind = "val" if step.kind == "value" else "grad"
        assert numbers(svg, step.node)[kind] == step.number != numbers(before, step.node)[kind]
        assert marked(svg, edges) == ([step.node], set(step.edges))
    assert marked(pictures[0]) == marked(pictures[-1]) == ([], set())
    assert all(numbers(pictures[0], step.node)["grad"] is None for step in steps)


def test_the_last_frame_is_the_picture_as_explore_has_it(graphs):
    J = graphs["lecture"]()
    whole = render.svg(viz.explore(J)._drawing.dot, family=convert.FAMILY)
    group = re.compile(r'<g id="n6".*?\n</g>', re.DOTALL)
    assert group.search(frames(J)[-1])[0] == group.search(whole)[0]


def test_words_and_times():
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    film = viz.animate(a * b, names={"y": a * b}, seconds=2.0)
    assert film.words[1] == "Forward, step 1 of 4\nJ = a * b = 2 * (−3) = −6"
    assert film.words[2].startswith("Backward, step 2 of 4\ndJ/dJ = 1")
    assert film.seconds == (2.0, 2.0, 3.0, 2.0, 2.0, 6.0)


def test_a_caption_has_its_lines_beneath_the_picture_and_fits():
    long = Value(2.0, "a" * 200)
    for svg in frames(long * long):
        width, height = size(svg)
        assert f'viewBox="0 0 {width:g} {height:g}"' in svg
        caption = re.findall(r'<text x="12" y="([\d.]+)".*textLength="([\d.]+)"', svg)
        assert caption
        assert all(float(y) < height and float(length) <= width - 24 for y, length in caption)


def test_a_running_sum_keeps_its_right_edge():
    x = Value(1000.0, "x")
    film = viz.animate(x + 0.5 * x * x * 1e-9, digits=9)
    pictures = film._paint.args[0]
    found = [each for svg in pictures if (each := row(svg, 0, "grad"))]
    assert [text for *_, text in found][-2:] == ["1.000001", "1.000001"]
    assert {text for *_, text in found} == {"1", "1.0000005", "1.000001"}
    assert len({round(left + width, 1) for left, width, _ in found}) == 1


def test_the_graph_is_not_changed():
    a = Value(2.0, "a")
    J = a * a
    viz.animate(J)
    assert not a.has_grad
    assert J.label is None


@pytest.mark.parametrize("label", [NASTY, "val", "grad"])
def test_labels_are_text(label):
    a = Value(2.0, label)
    pictures = frames(a * Value(3.0, "b"))
    for svg in pictures:
        assert "<script" not in svg
        assert html.escape(label, quote=False).replace("'", "&#39;")[:5] in svg
    assert numbers(pictures[-1], 0) == {"val": "2", "grad": "3"}


def test_what_is_not_finite_appears_in_its_step_too():
    x = Value(0.0, "x")
    first, then, *_, last = frames(autograd.log(x))
    assert numbers(first, 1)["val"] is None
    assert numbers(then, 1)["val"] == "−inf"
    assert numbers(last, 0)["grad"] == "inf"


def test_themes_are_painted_in_their_colours(graphs):
    for theme, paper in (("light", AUTO.paper), ("dark", DARK.paper)):
        film = viz.animate(graphs["lecture"](), theme=theme, scale=0.5)
        with Image.open(BytesIO(film.pngs[0])) as image:
            corner = image.convert("RGB").getpixel((2, 2))
        assert "#{:02x}{:02x}{:02x}".format(*corner) == paper
        assert all(AUTO.paper not in svg for svg in film._paint.args[0]) == (theme == "dark")


def test_the_gif_of_the_lecture_is_small_and_has_a_frame_a_step(graphs):
    film = viz.animate(graphs["lecture"]())
    data = film.gif()
    assert len(data) < 300_000
    with Image.open(BytesIO(data)) as image:
        assert image.n_frames == len(film.words) == 11
        shown = []
        for k in range(11):
            image.seek(k)
            shown.append(np.asarray(image.convert("RGB")).astype(int))
    for picture, png in zip(shown, film.pngs, strict=True):
        with Image.open(BytesIO(png)) as image:
            assert np.abs(np.asarray(image.convert("RGB")) - picture).max() < 40


def test_a_wide_picture_is_scaled_to_a_page(graphs):
    small, large = frames(graphs["lecture"]())[0], frames(graphs["loss"]())[0]
    assert _fitting(small) == 1.5
    assert _fitting(large) < 1.5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seconds": 0}, r"seconds: got .*; allowed: a finite number above 0"),
        ({"scale": float("nan")}, "scale: got .*; allowed: a finite number above 0"),
        ({"seconds": True}, "seconds: got .*; allowed: a finite number above 0"),
        ({"theme": "auto"}, "theme: got a str .*; allowed: 'light' or 'dark'"),
    ],
)
def test_wrong_arguments(graphs, options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        viz.animate(graphs["lecture"](), **options)


def test_what_cannot_be_animated(graphs):
    with pytest.raises(ValueError, match=r"at most 80; this graph has 302: .* viz\.explore"):
        viz.animate(graphs["chain"](100))
    with pytest.raises(TypeError, match=r"J: got .*; allowed: a Value"):
        viz.animate([Value(1.0)])
    with pytest.raises(ValueError, match="is a constant"):
        viz.animate(autograd.constant(1.0))


def test_states_do_not_share_what_they_know(graphs):
    steps = viz.explore(graphs["lecture"]()).steps
    known = [(len(state.values), len(state.gradients)) for state in frame_states(steps)]
    assert known[:4] == [(0, 0), (1, 0), (2, 0), (3, 0)]
    assert known[-1] == (3, 6)


def test_a_still_of_a_light_picture_keeps_its_colours():
    svg = render.svg('digraph { bgcolor="#fffffd"; n0 [label=a, id=n0] }', family=convert.FAMILY)
    film = FrameRenderer(svg, (), frozenset(), AUTO, ("a\nb",))
    assert AUTO.paper in film.frame(FrameState((), {}, ()), "a\nb")


def test_no_arrow_nor_piece_of_one_has_its_colour_before_something_flows(graphs):
    first, *_, last = frames(graphs["loss"]())
    coloured = [colour for colour in AUTO.flows if colour in last]
    assert len(coloured) > 1
    assert re.search(r'<g id="n\d+_\d+p"', last)
    assert not [colour for colour in coloured if colour in first]
