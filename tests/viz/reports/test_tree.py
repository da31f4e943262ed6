import io
import re
import sys

import pytest

import autograd
import viz
from autograd import Value
from tests.helpers.effort import calls
from viz.graph_model import GraphModel
from viz.reports.tree import LineMark, tree
from viz.text_width import columns


def lines(root, limit=60, depth=20):
    graph = GraphModel.build([root])
    made = tree(graph, [len(graph.nodes) - 1], limit, depth)
    names = [node.label or node.op for node in graph.nodes]
    return [
        (
            "".join("|" if follows else "." for follows in line.stem)
            + ("" if line.node is None else names[line.node])
            + line.mark.value,
            line.hidden,
        )
        for line in made.lines
    ], made


def test_a_tree():
    a, b = Value(1.0, "a"), Value(2.0, "b")
    found, made = lines((a * b).exp())
    assert found == [("exp", 0), (".mul", 0), (".|a", 0), ("..b", 0)]
    assert (made.shown, made.total) == (4, 4)


def test_a_node_is_unrolled_once():
    a = Value(1.0, "a")
    u = a.exp()
    found, _ = lines(u * u + 1)
    assert [text for text, _ in found] == [
        "add", "|mul", "||exp", "||.a", "|.exp↑", ".constant",
    ]  # fmt: skip


def test_settings_are_left_out():
    found, made = lines(Value(1.0, "a").leaky_relu())
    assert [text for text, _ in found] == ["leaky_relu", ".a"]
    assert made.total == 2


def test_what_lies_too_deep_is_folded_and_counted():
    x = Value(1.0, "x")
    found, made = lines(x.exp().log().tanh().sin(), depth=2)
    assert found == [("sin", 0), (".tanh", 0), ("..log…", 2)]
    assert (made.shown, made.total) == (3, 5)


def test_lines_are_spent_near_the_result():
    x, y = Value(1.0, "x"), Value(2.0, "y")
    deep = x.exp().log().tanh().sin()
    found, made = lines(deep * y.exp(), limit=5)
    assert [text for text, _ in found] == ["mul", "|sin", "|.tanh…", ".exp", "..y"]
    assert made.shown + sum(hidden for _, hidden in found) == made.total


def test_a_node_below_two_folds_counts_for_the_first():
    x = Value(1.0, "x")
    u = x.exp()
    found, _ = lines(u.sin() * u.cos(), limit=3)
    assert found == [("mul", 0), ("|sin…", 2), (".cos…", 0)]


def test_a_folded_node_that_comes_again():
    u = Value(1.0, "x").exp().log()
    found, _ = lines(u * u, depth=1)
    assert found == [("mul", 0), ("|log…", 2), (".log↑", 0)]


def test_a_node_too_deep_here_may_be_unrolled_further_down():
    u = Value(1.0, "x").exp()
    found, made = lines(u.sin().cos() * u, depth=3)
    assert [text for text, _ in found] == ["mul", "|cos", "|.sin", "|..exp↓", ".exp", "..x"]
    assert made.lines[3].mark is LineMark.BELOW
    assert made.shown == made.total


def test_many_operands_are_left_out_in_the_middle():
    xs = [Value(float(k), f"x{k}").exp() for k in range(100)]
    found, _ = lines(autograd.sum(xs), limit=10)
    assert [text for text, _ in found] == [
        "sum", "|exp…", "|exp…", "|exp…", "|exp…", "|exp…", "|exp…", "|", "|exp…", ".exp…",
    ]  # fmt: skip
    assert [hidden for _, hidden in found] == [0, 1, 1, 1, 1, 1, 1, 184, 1, 1]


def test_without_limit_all_is_shown():
    xs = [Value(float(k)).exp().log() for k in range(10)]
    found, made = lines(autograd.sum(xs), limit=None)
    assert len(found) == made.shown == made.total == 31


class Screen(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


def test_a_session_on_a_terminal_gets_colours(graphs, monkeypatch):
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    tree = viz.text(graphs["lecture"]())
    monkeypatch.setattr(sys, "stdout", Screen())
    assert "\x1b[" in repr(tree)
    assert "\x1b[" not in str(tree)
    assert re.sub(r"\x1b\[[\d;]*m", "", repr(tree)) == str(tree)
    monkeypatch.setenv("NO_COLOR", "1")
    assert repr(tree) == str(tree)


def test_colours_tell_roles_and_signs(graphs):
    text = viz.text(graphs["loss"]()).render(width=100, encoding="utf-8", colour=True)
    for code in ("36", "33", "1;35", "94"):  # inputs, parameters, the result, a negative gradient
        assert f"\x1b[{code}m" in text
    x = Value(0.0, "x")
    J = x.log() + 1
    assert "\x1b[1;31m" in viz.text(J).render(colour=True)  # a value that is not finite
    J.backward()
    assert viz.text(J).render(colour=True).count("\x1b[1;31m") == 3


def test_signs_that_an_encoding_lacks(monkeypatch):
    screen = Screen()
    screen.encoding = "ascii"
    monkeypatch.setattr(sys, "stdout", screen)
    p = autograd.softmax([Value(1.0, "t₀"), Value(-2.0, "重み")])[1]
    text = str(viz.text(p, width=60))
    assert text.isascii()
    assert text.splitlines() == [
        "             value  grad",
        "softmax J  0.04743     -",
        "|- t0            1     -",
        "`- ??           -2     -",
    ]


def test_several_results():
    a = Value(2.0, "a")
    text = str(viz.text([a.exp(), a.log()], width=60))
    assert [line.split("  ")[0] for line in text.splitlines()[1:5]] == [
        "exp J₁", "└─ a", "log J₂", "└─ a",
    ]  # fmt: skip


def test_a_result_given_twice_is_drawn_once():
    J = Value(2.0, "a").exp()
    assert str(viz.text([J, J])) == str(viz.text(J))


def test_numbers_are_those_of_the_time_of_drawing():
    x = Value(2.0, "x")
    J = x * x
    tree = viz.text(J)
    J.backward()
    assert str(tree) != str(viz.text(J))
    assert str(tree).splitlines()[1].endswith("4     –")


def test_constants_with_and_without_a_name():
    y = autograd.constant(1.5, "y")
    text = str(viz.text(Value(2.0, "x") * y + 7, width=60))
    assert "│  └─ y    1.5\n" in text
    assert text.splitlines()[-1] == "└─ 7"


@pytest.mark.parametrize("width", [20, 40, 80, 120])
def test_lines_fit_the_width(width, graphs):
    label = "layers.0.neurons.0.w.0"
    names = {"a_rather_long_name_for_a_loss": graphs["loss"]()}
    text = viz.text(names["a_rather_long_name_for_a_loss"], names, width=width)
    body = str(text).splitlines()
    assert label not in body[0]
    most = max(width, 12 + 2 * 10 + 4 + 16)  # a name keeps 12 columns, numbers are never cut
    table = [line for line in body if not line.startswith(("↑", "…", "w₀"))]
    assert max(map(columns, table)) <= most


def test_what_does_not_fit_is_folded_and_counted():
    value = Value(1.0, "x")
    for _ in range(40):
        value = value.exp().log()
    text = str(viz.text(value, width=60))
    assert "… 76 nodes" in text
    assert text.endswith("… 76 of 81 nodes are folded; limit= and depth= show more.")
    assert len(str(viz.text(value, depth=100, limit=None)).splitlines()) == 82


def test_many_operands():
    text = str(viz.text(autograd.sum([Value(1.0) for _ in range(30)]), width=80))
    assert "├─ … 22 more operands" in text
    assert "22 nodes" not in text


def test_the_work_grows_with_the_nodes(graphs):
    short, long = graphs["chain"](2000), graphs["chain"](4000)
    assert calls(lambda: str(viz.text(long))) < 2.2 * calls(lambda: str(viz.text(short)))


def test_a_hundred_thousand_nodes(graphs):
    text = str(viz.text(graphs["chain"](33_333), width=80))
    assert len(text.splitlines()) < 60
    assert "of 100,001 nodes are folded" in text


HOSTILE = ("\x1b[31mred", "two\nlines", "\u202eevil", "שלום", "👩‍🔬" * 40, "x" * 10_000, "\x00\x07")


@pytest.mark.parametrize("label", HOSTILE)
def test_no_label_breaks_the_lines(label):
    x = Value(2.0, label)
    text = viz.text(x * x, width=80).render(encoding="utf-8")
    assert len(text.splitlines()) == 5
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", text)
    assert {columns(line) for line in text.splitlines()[2:4]} <= set(range(81))


@pytest.mark.parametrize(
    ("argument", "options", "error", "message"),
    [
        (3.0, {}, TypeError, r"J: got a float \(3.0\); allowed: a Value or a list of Values"),
        ([1.0], {}, TypeError, r"J\[0\]: got a float \(1.0\); allowed: a Value"),
        ([], {}, ValueError, "J: got a list of 0; allowed: a Value or a list of Values"),
        (
            Value(1.0),
            {"limit": 0},
            ValueError,
            "limit: got .*; allowed: a whole number of at least 1, or None for",
        ),
        (
            Value(1.0),
            {"depth": -1},
            ValueError,
            "depth: got .*; allowed: a whole number of at least 0",
        ),
        (
            Value(1.0),
            {"width": 10},
            ValueError,
            "width: got .*; allowed: a whole number of at least 20",
        ),
        (
            Value(1.0),
            {"digits": 0},
            ValueError,
            "digits: got .*; allowed: a whole number from 1 to 17",
        ),
    ],
)
def test_wrong_arguments(argument, options, error, message):
    with pytest.raises(error, match=message):
        viz.text(argument, **options)


def test_a_gradient_from_other_calls_has_a_star():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    J = a * b
    J.backward()
    (a * 5).backward()
    lines = viz.text(J).render(encoding="utf-8").splitlines()
    assert [line.endswith("*") for line in lines] == [False, False, True, False, False]
    assert lines[-1].startswith("* not the sum of what flows back here: other backward calls added")
