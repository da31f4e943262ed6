"""The list of the scalar nodes that each line of a program stands for."""

import re

import numpy as np
import pytest

import autograd
import nn
import viz
from autograd import Value


def compiled(function, *args, **options):
    step = autograd.compile(function, engine="numpy", **options)
    step(*args)
    return step


def network(sizes=(4, 1)):
    model = nn.MLP(2, list(sizes), activation="tanh", output="sigmoid", rng=0)
    return compiled(lambda x, y: nn.binary_cross_entropy(model(x), y),
                    [[0.5, 1.0], [-1.0, 2.0]], [1.0, 0.0], batch=("x", "y"))  # fmt: skip


def softmax():
    return compiled(lambda xs: -autograd.log(autograd.softmax(xs)[1]) * 2.0, [1.0, 2.0, 3.0])


def loops():
    def function(W, x):
        return autograd.sum([sum(w * v for w, v in zip(r, x, strict=True)).tanh() for r in W])

    return compiled(function, np.ones((3, 4)), np.ones(4))


@pytest.mark.parametrize("build", [network, softmax, loops], ids=lambda build: build.__name__)
def test_every_node_is_in_one_row_with_its_number(build):
    step = build()
    nodes = viz.program_nodes(step)
    scalars = step.program.scalars
    assert len(nodes) == len(nodes.rows) == len(scalars.ops)
    assert sorted(row.value for row in nodes.rows) == sorted(scalars.numbers.tolist())
    names = [row.name for row in nodes.rows if row.op != "constant"]
    assert len(set(names)) == len(names)
    for row in nodes.rows:
        in_line = row.kind in {"computed", "absorbed", "merged"}
        assert (row.number > 0) == in_line
        assert (row.line.startswith((f"{row.array} =", f"{row.array}, "))) == in_line


def test_a_neuron_is_said_with_its_layer_and_formula():
    nodes = viz.program_nodes(network())
    fourth = nodes.of("Z1")[3]
    assert fourth.formula == "layer 0 neuron 3: w₀ * x₀ + w₁ * x₁ + b"
    assert (fourth.line, fourth.number) == ("Z1 = W1 @ x + b1", 1)
    assert (fourth.element, fourth.array, fourth.indices) == ("Z1[3, :]", "Z1", (3,))
    assert fourth.op == "dot"
    assert nodes.of("W1")[0].name == "w₀⁽⁰·⁰⁾"
    assert nodes.of("y")[0].gradient is None
    assert nodes.of("b2")[0].gradient == nodes.of("Z2")[0].gradient


def test_numbers_and_gradients_are_those_of_the_trace():
    a, b = Value(3.0, "a"), Value(0.5, "b")
    J = (a * b).tanh() * a
    J.backward()
    rows = {row.name: row for row in viz.program_nodes(autograd.lift(J, wrt=[a, b])).rows}
    assert (rows["a"].value, rows["a"].gradient) == (3.0, a.grad)
    assert (rows["b"].gradient, rows["J"].value) == (b.grad, J.data)


def test_text_names_a_line_once_and_cuts_what_is_long():
    text = viz.program_nodes(network((20, 1)), limit=4).text(100)
    assert text.startswith("The 126 scalar nodes of the program's 4 lines and 6 arrays:\n\nline ")
    assert text.count("1  Z1 = W1 @ x + b1") == 1
    assert len(re.findall(r"Z1\[\d+, :\]", text)) == 4
    assert "  … 16 more nodes\n" in text
    assert re.search(r"^3  Z2 = .* v₄₁ .*…", text, re.MULTILINE)
    assert max(map(len, text.splitlines())) <= 100
    assert "… 1 more node\n" in viz.program_nodes(network((5, 1)), limit=4).text(100)
    whole = viz.program_nodes(network((20, 1)), limit=None).text(100)
    assert len(re.findall(r"Z1\[\d+, :\]", whole)) == 20


def test_parts_and_constants_are_said_to_be_such():
    text = str(viz.program_nodes(compiled(lambda x, y: 2 * (x * y + x).exp(), 1.0, 2.0)))
    assert re.search(r"^1  T1 = x \* y \+ x +T1 ", text, re.MULTILINE)
    assert re.search(r"^ +part of T1 +v₁ +x \* y ", text, re.MULTILINE)
    assert re.search(r"^no line +folded into the text +2 +2$", text, re.MULTILINE)
    text = str(
        viz.program_nodes(compiled(lambda x, y: (x * y).exp() + (x * y).exp().tanh(), 1.0, 2.0))
    )
    assert "same as T1" in text


def test_arrays_of_constants_are_named():
    step = compiled(lambda xs: sum((i + 1) * x for i, x in enumerate(xs)), [1.0, 2.0, 3.0])
    assert re.search(
        r"^C1 \(3,\), constant +C1\[0\] +1 ", str(viz.program_nodes(step)), re.MULTILINE
    )


def test_markdown_and_html_are_escaped():
    a = Value(2.0, "<b>|a*</b>")
    nodes = viz.program_nodes(autograd.lift((a * a).exp(), wrt=[a]))
    assert "<b>" not in nodes.markdown
    assert "\\|a\\*" in nodes.markdown
    assert "<b>" not in nodes._repr_html_()
    assert nodes._repr_html_() == nodes.html
    assert repr(nodes) == str(nodes)


def test_an_array_that_is_not_there():
    with pytest.raises(KeyError, match="has no array 'Z9'; it has x, y, W1, b1, W2, b2, Z1, A1"):
        viz.program_nodes(network()).of("Z9")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (3.0, r"got a float \(3\.0\); allowed: what autograd.compile or"),
        (None, "program: got None;"),
    ],
)
def test_only_programs_have_nodes(wrong, message):
    with pytest.raises(TypeError, match=message):
        viz.program_nodes(wrong)


def test_a_limit_is_two_at_least():
    with pytest.raises(
        ValueError, match=r"limit: got .*; allowed: a whole number of at least 2, or None for"
    ):
        viz.program_nodes(network(), limit=1)
