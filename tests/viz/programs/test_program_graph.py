import html
import re
from dataclasses import replace

import pytest

import autograd
import nn
import viz
from autograd import Value
from viz.colours import DARK, LIGHT
from viz.programs import program_graph as drawing


def lecture():
    """The lecture's network, one sample's loss, compiled and run on three samples."""
    model = nn.MLP(2, [4, 1], activation="tanh", output="sigmoid", rng=0)
    step = autograd.compile(lambda x, y: nn.binary_cross_entropy(model(x), y), batch=("x", "y"))
    step([[0.5, 1.0], [-1.0, 2.0], [0.0, 1.5]], [1.0, 0.0, 1.0])
    return step


def compiled(function, *args, **options):
    step = autograd.compile(function, **options)
    step(*args)
    return step


def boxes(picture):
    """Map each box's title to its class and its rows, as texts."""
    found = {}
    for label, role in re.findall(
        r"^\tn\d+ \[label=<(.*?)>(?: tooltip=.*?)? class=(\w+)",
        picture.dot,
        re.MULTILINE | re.DOTALL,
    ):
        cells = [re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<TD.*?</TD>", label)]
        title, *rows = cells[1:] if role == "parameter" else cells
        found[html.unescape(title)] = (role, dict(zip(rows[::2], rows[1::2], strict=True)))
    return found


def edges(picture):
    return re.findall(r"^\t(n\d+) -> (n\d+)[: ]", picture.dot, re.MULTILINE)


def test_the_lecture_as_boxes():
    picture = viz.draw_program(lecture())
    assert boxes(picture) == {
        "W1": ("parameter", {"shape": "(4, 2)", "dW1": "dZ1 @ x.T"}),
        "x": ("input", {"shape": "(2, n)"}),
        "b1": ("parameter", {"shape": "(4, 1)", "db1": "dZ1.sum(axis=1, keepdims=True)"}),
        "Z1 = W1 @ x + b1": (
            "group",
            {
                "matrix product": "(4, 2) @ (2, n)",
                "shape": "(4, n)",
                "nodes": "4",
                "dZ1": "W2.T @ dZ2 * (1 - A1 * A1)",
            },
        ),
        "A1 = tanh(Z1)": ("operation", {"shape": "(4, n)", "nodes": "4"}),
        "W2": ("parameter", {"shape": "(1, 4)", "dW2": "dZ2 @ A1.T"}),
        "b2": ("parameter", {"shape": "(1, 1)", "db2": "dZ2.sum(axis=1, keepdims=True)"}),
        "Z2 = W2 @ A1 + b2": (
            "group",
            {
                "matrix product": "(1, 4) @ (4, n)",
                "shape": "(1, n)",
                "nodes": "1",
                "dZ2": "(sigmoid(Z2) - y) / n",
            },
        ),
        "y": ("input", {"shape": "(n,)"}),
        "T1 = sigmoid_cross_entropy(Z2, y)": ("operation", {"shape": "(1, n)", "nodes": "1"}),
        "J = T1.mean()": ("result", {}),
    }
    assert edges(picture) == [
        ("n0", "n3"), ("n1", "n3"), ("n2", "n3"), ("n3", "n4"), ("n5", "n7"), ("n4", "n7"),
        ("n6", "n7"), ("n7", "n9"), ("n8", "n9"), ("n9", "n10"),
    ]  # fmt: skip
    assert picture.note == "30 scalar nodes in 4 lines, 2 matrix products"
    assert (picture.nodes, picture.edges, picture.name) == (11, 10, "<lambda>")


def test_dot_text_is_as_it_was(golden):
    golden("program.dot", viz.draw_program(lecture(), title="Lifted").dot)


@pytest.mark.parametrize("direction", ["TB", "LR"])
def test_it_can_be_laid_out(direction):
    svg = viz.draw_program(lecture(), direction=direction).svg()
    assert ">Z1 = W1 @ x + b1<" in svg
    assert "sum: 4 scalar nodes" in svg  # a tooltip
    assert "read as A1" in svg


def test_themes_and_title():
    dark = viz.draw_program(lecture(), theme="dark", title="A network").dot
    assert DARK.ink in dark
    assert LIGHT.ink not in dark
    assert 'label="A network\\l30 scalar nodes in 4 lines' in dark


def test_gradients_may_stay_away():
    text = viz.draw_program(lecture(), gradients=False).dot
    assert "dZ1" not in text
    assert ">shape<" in text


def test_a_graph_and_its_program_are_drawn_alike():
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    lifted = autograd.lift(3 * (a + b * c), wrt=[a, b, c])
    picture = viz.draw_program(lifted)
    assert picture.dot == viz.draw_program(lifted.program).dot
    assert boxes(picture)["T2 = 3.0 * T1"] == (
        "result",
        {"shape": "one number", "nodes": "1"},
    )
    assert boxes(picture)["b"] == ("input", {"shape": "one number", "db": "3.0 * c"})
    assert repr(picture).startswith("<Picture: 5 nodes, 4 edges (7 scalar nodes in 2 lines);")


def test_the_program_of_the_last_call_is_drawn():
    step = compiled(lambda xs: autograd.sum([x.exp() for x in xs]), [1.0, 2.0])
    step([1.0, 2.0, 3.0])
    assert boxes(viz.draw_program(step))["xs"] == ("input", {"shape": "(3,)", "dxs": "T1"})


def test_a_matrix_product_can_be_the_result():
    w = autograd.values([[1.0, 2.0]], "w")
    picture = viz.draw_program(compiled(lambda x: autograd.dot(w[0], x), [[1.0, 2.0]], batch="x"))
    assert boxes(picture)["Z1 = W @ x"][0] == "group"
    assert boxes(picture)["J = Z1.mean()"][0] == "result"
    alone = viz.draw_program(compiled(lambda x: autograd.dot(w[0], x), [1.0, 2.0]))
    (products,) = re.findall(r"n2 \[label=<(.*?)> class", alone.dot)
    assert products.startswith(f'<TABLE BORDER="3" COLOR="{LIGHT.accents["result"]}"')


def test_constants_are_small_and_their_arrows_light():
    picture = viz.draw_program(
        compiled(lambda xs: sum((i + 1) * x for i, x in enumerate(xs)), [1.0, 2.0, 3.0])
    )
    assert boxes(picture)["C1 (3,)"] == ("constant", {})
    assert re.search(r"n0 -> n2 \[.*class=constant .*style=dashed", picture.dot)


def test_what_nothing_reads_is_there_too():
    picture = viz.draw_program(compiled(lambda a, _b: a.exp(), 1.0, 2.0))
    assert boxes(picture)["_b"] == ("input", {"shape": "one number", "d_b": "zeros(())"})


def test_arrays_that_are_read_as_one():
    step = compiled(lambda xs, ys: autograd.logsumexp([*xs, *ys]), [1.0, 2.0], [3.0, 4.0])
    assert "concatenate" in step.source
    picture = viz.draw_program(step)
    assert list(boxes(picture))[:2] == ["xs", "ys"]
    assert edges(picture) == [("n0", "n2"), ("n1", "n2")]


def test_long_lines_are_cut_and_whole_in_the_tooltip():
    names = [f"a_long_name_of_an_argument_{i}" for i in "xyz"]
    a, b, c = (Value(1.0, name) for name in names)
    picture = viz.draw_program(autograd.lift((a * b + c).exp(), wrt=[a, b, c]))
    (cut,) = [title for title in boxes(picture) if title.startswith("T1")]
    assert len(cut) == drawing.MAX_COLUMNS
    assert f"T1 = {names[0]} * {names[1]} + {names[2]}" in picture.dot


def test_a_gradient_of_many_parts_is_counted():
    def pairs(xs):
        ends = [xs[i].exp() * xs[-i - 1].tanh() * xs[2 * i].sin() for i in range(5)]
        return autograd.sum([v.square() for v in ends])

    step = compiled(pairs, [float(i) for i in range(11)], engine="numpy")
    picture = viz.draw_program(step)
    lines = step.source.count("    dxs")
    assert lines > drawing.MAX_GRADIENT_LINES
    assert f">and {lines - drawing.MAX_GRADIENT_LINES} more lines<" in picture.dot


def test_comparisons_are_counted():
    picture = viz.draw_program(compiled(lambda a, b: a * b if a > b else b, 3.0, 2.0))
    assert picture.note == "3 scalar nodes in 1 line, 1 compared"


def test_a_program_without_lines_cannot_be_drawn():
    step = lecture()
    replayed = replace(step.program, instructions=(), equations=None)
    with pytest.raises(ValueError, match=r"the program has no lines to draw, .* engine='numpy'"):
        viz.draw_program(replayed)


def test_absorbed_nodes_are_counted():
    step = compiled(lambda x, y: (x[0] * y[0] + x[1] * y[1]).exp(), [1.0, 2.0], [3.0, 4.0])
    assert boxes(viz.draw_program(step))["T1 = vdot(x, y)"][1]["nodes"] == "3"


def test_long_programs_are_refused(monkeypatch):
    monkeypatch.setattr(drawing, "MAX_BOXES", 8)
    with pytest.raises(ValueError, match="the program has 10 lines and arrays; more than 8 cannot"):
        viz.draw_program(lecture())


@pytest.mark.parametrize("wrong", [3.0, "program", None, Value(1.0), lambda a: a])
def test_only_programs_are_drawn(wrong):
    with pytest.raises(TypeError, match=r"program: got .*; allowed: what autograd\.compile or"):
        viz.draw_program(wrong)


def test_a_function_that_was_not_called_has_no_program():
    with pytest.raises(RuntimeError, match="was not called yet"):
        viz.draw_program(autograd.compile(lambda a: a))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"direction": "left"}, "direction: got .*; allowed: 'LR', 'TB', 'RL' or 'BT'"),
        ({"theme": "neon"}, "theme: got a str .*; allowed: 'light', 'dark' or 'auto'"),
    ],
)
def test_wrong_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        viz.draw_program(lecture(), **options)


def test_drawing_twice_is_the_same():
    step = lecture()
    assert (
        viz.draw_program(step).dot == viz.draw_program(step).dot == viz.draw_program(lecture()).dot
    )


def test_a_hessian_is_drawn_equation_by_equation():
    def f(x):
        return autograd.exp(x[0] * x[1]) * x[2]

    step = compiled(autograd.hessian(f), [1.0, 2.0, 3.0], engine="numpy")
    picture = viz.draw_program(step)
    found = boxes(picture)
    assert found["x"][1]["shape"] == "(3,)"
    assert any(name.startswith("T1 = ") for name in found)
    assert "a Hessian of" in picture.dot
    with pytest.raises(ValueError, match="no line of it stands for scalar nodes"):
        viz.program_nodes(step)
    assert [row[0] for row in step.explain().rows][:2] == ["T1", "T2"]
