"""A program drawn beside its scalar graph: one number and one colour tie a line to its nodes."""

import html
import re

import numpy as np
import pytest

import autograd
import nn
import viz
from autograd import Value
from autograd.compiler.programs.origins import origins
from viz.colours import DARK, LIGHT


def lecture():
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    J = 3 * (a + b * c)
    J.label = "J"
    return autograd.lift(J, wrt=[a, b, c])


def network():
    model = nn.MLP(2, [4, 1], activation="tanh", output="sigmoid", rng=0)
    for k, p in enumerate(model.parameters()):
        p.data = (3 * k + 2) % 7 / 8 - 0.375
    step = autograd.compile(lambda x, y: nn.binary_cross_entropy(model(x), y), batch=("x", "y"))
    step([[0.5, 1.0], [-1.0, 2.0], [0.0, 1.5]], [1.0, 0.0, 1.0])
    return step


def loops():
    def function(W, x):
        return autograd.sum([sum(w * v for w, v in zip(r, x, strict=True)).tanh() for r in W])

    step = autograd.compile(function, engine="numpy")
    step(np.ones((2, 3)), [1.0, -1.0, 0.5])
    return step


def twice():
    step = autograd.compile(lambda a, b: (a * b).exp() + (a * b).exp().tanh(), engine="numpy")
    step(1.0, 2.0)
    return step


PROGRAMS = (lecture, network, loops, twice)


def cards(picture):
    """Return each box's key with the texts of its cells and the colours behind them."""
    found = {}
    for key, label in re.findall(r"^\t+(\w+) \[label=<(.*?)> (?:tooltip|class)", picture.dot,
                                 re.MULTILINE | re.DOTALL):  # fmt: skip
        cells = re.findall(r"<TD[^>]*>(.*?)</TD>", label)
        texts = [html.unescape(re.sub(r"<[^>]*>", "", cell)) for cell in cells]
        found[key] = ([text for text in texts if text], re.findall(r'BGCOLOR="(#\w+)"', label))
    return found


@pytest.mark.parametrize("build", PROGRAMS, ids=lambda build: build.__name__)
def test_every_node_has_a_card_with_its_element_and_the_number_of_its_line(build):
    step = build()
    found = cards(viz.draw_program(step, nodes=True))
    lines = step.program.instructions
    for i, origin in enumerate(origins(step.program)):
        texts, colours = found[f"n{i}"]
        if origin.kind == "constant":
            continue
        assert texts[-1] == origin.element
        assert texts[-2] == {"absorbed": "in", "merged": "as"}.get(origin.kind, "is")
        if origin.line >= 0:
            assert texts[0] == str(origin.line + 1)
            assert LIGHT.hues[origin.line] in colours
    for k, line in enumerate(lines):
        titles = [text[:2] for key, (text, _) in found.items() if key.startswith("p")]
        assert any(t[0] == str(k + 1) and t[1].startswith(f"{line.out.name} =") for t in titles)


def test_nodes_of_one_line_are_framed_in_its_colour():
    text = viz.draw_program(network(), nodes=True).dot
    frames = re.findall(r'color="(#\w+)" fillcolor="#\w+" .*?label="" .*?style=rounded', text)
    assert sorted(frames) == sorted(LIGHT.hues[:4])
    dark = viz.draw_program(network(), nodes=True, theme="dark").dot
    assert all(hue in dark for hue in DARK.hues[:4])
    assert not any(hue in dark for hue in LIGHT.hues)


@pytest.mark.parametrize("build", PROGRAMS, ids=lambda build: build.__name__)
def test_folded_nodes_are_one_box_a_line_or_array(build):
    step = build()
    picture = viz.draw_program(step, nodes=True, limit=0)
    boxes = {key: texts for key, (texts, _) in cards(picture).items() if key.startswith("n")}
    arrays = [*step.program.arrays, *(line.out for line in step.program.instructions)]
    names = [array.name for array in arrays]
    titles = [next(text for text in texts if not text.isdigit()) for texts in boxes.values()]
    assert sorted(title.split(" → ")[0] for title in titles) == sorted(names)


def test_a_folded_box_says_how_many_nodes_it_has_and_their_ranges():
    (box,) = [
        texts
        for key, (texts, _) in cards(viz.draw_program(network(), nodes=True, limit=10)).items()
        if texts[:2] == ["1", "Z1"]
    ]
    rows = dict(zip(box[2::2], box[3::2], strict=True))
    program = network().program
    ids = program.instructions[0].out.ids
    low, high = program.scalars.numbers[ids].min(), program.scalars.numbers[ids].max()
    assert rows["nodes"] == "4"
    ends = [float(end.replace("−", "-")) for end in rows["out"].split(" … ")]
    assert ends == pytest.approx([low, high], rel=1e-3)
    assert " … " in rows["grad"]


def test_gradients_that_the_program_does_not_compute_are_dashes():
    found = cards(viz.draw_program(network(), nodes=True))
    (y,) = [texts for key, (texts, _) in found.items() if key[0] == "n" and texts[0] == "y"]
    assert y == ["y", "val", "1", "grad", "–", "is", "y[:]"]


def test_a_line_stands_beside_its_first_node():
    text = viz.draw_program(lecture(), nodes=True).dot
    assert re.findall(r"^\t(n\d) -> (p\d) \[minlen=0 style=invis", text, re.MULTILINE) == [
        ("n4", "p3"), ("n6", "p4"),
    ]  # fmt: skip


def test_without_nodes_nothing_changes():
    step = network()
    assert viz.draw_program(step, nodes=False).dot == viz.draw_program(step).dot
    assert "scalar graph" not in viz.draw_program(step).dot


@pytest.mark.parametrize("limit", [-1, 501, 2.0, True, "all"])
def test_a_limit_is_a_whole_number(limit):
    with pytest.raises(
        (TypeError, ValueError), match=r"limit: got .*; allowed: a whole number from 0 to 500"
    ):
        viz.draw_program(network(), nodes=True, limit=limit)


@pytest.mark.parametrize("name", ["beside-lecture", "beside-network", "beside-folded"])
def test_dot_text_is_as_it_was(name, golden):
    build, options = {
        "beside-lecture": (lecture, {}),
        "beside-network": (network, {"title": "Lifted", "theme": "auto"}),
        "beside-folded": (network, {"limit": 10}),
    }[name]
    golden(f"{name}.dot", viz.draw_program(build(), nodes=True, **options).dot)


@pytest.mark.parametrize("direction", ["TB", "LR"])
def test_it_can_be_laid_out(direction):
    svg = viz.draw_program(twice(), nodes=True, direction=direction).svg()
    assert "same as" in svg
    assert ">NumPy program<" in svg


def test_a_constant_result_and_a_given_one():
    constant = autograd.compile(lambda _: autograd.constant(3.0), engine="numpy")
    constant(2.0)
    given = autograd.compile(lambda a: a, engine="numpy")
    given(2.0)
    assert ["3"] in [texts for texts, _ in cards(viz.draw_program(constant, nodes=True)).values()]
    assert cards(viz.draw_program(given, nodes=True))["n0"][0][-2:] == ["is", "a"]
