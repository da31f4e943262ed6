"""The page in a browser: what each step shows, and that all follows the inputs."""

import math
import random

import pytest

import autograd
import viz
from autograd import Value
from tests.helpers.networks import classifier_loss
from viz.backward_trace import backward_trace
from viz.colours import AUTO, step
from viz.formatting import formatter
from viz.graph_model import GraphModel
from viz.html.explore import known_format
from viz.scene import LabelWriter

WRITE = formatter(4, None)


def lecture(numbers=(2.0, -3.0, 10.0)):
    a, b, c = (Value(x, name) for x, name in zip(numbers, "abc", strict=True))
    u = b * c
    v = a + u
    J = 3 * v
    u.label, v.label, J.label = "u", "v", "J"
    return J


def network(numbers=(0.5, -1.0)):
    return classifier_loss(numbers, 3, 1)


def mixed(numbers=(0.3, -0.7)):
    """Operations of all kinds, paths that meet, one operand in two places."""
    a, b = (Value(x, name) for x, name in zip(numbers, "ab", strict=True))
    J = (a * a).relu() + (a - 2 * b).exp() / (1 + b.sigmoid()) - autograd.max([a, b, a * b]) ** 3
    J.label = "J"
    return J


GRAPHS = {"lecture": lecture, "network": network, "mixed": mixed}


# What a node shows: value and gradient, hidden ones as null.
CARD = """(i) => [cards[i].value, cards[i].gradient].map((figure) => !figure ? null :
  getComputedStyle(figure.text).visibility === "hidden" ? null : figure.text.textContent)"""
# What a step shows beside: words, numbers that arrive by their edges, edges that are marked.
SHOWN = """[
  $("say").innerText,
  document.querySelector("#ledger [aria-current=step]")?.innerText,
  [...document.querySelectorAll(".chip")].map((c) => [data.edges[c.dataset.edge], c.textContent]),
  arrows.flatMap(({ groups }, k) =>
    groups.every((g) => g.matches(".on")) ? [data.edges[k]] : []),
]"""


def card(tab, i):
    return tab.evaluate(CARD, i)


def words(tab):
    return tab.eval_on_selector_all("#ledger button", "all => all.map((b) => b.textContent)")


@pytest.mark.parametrize("name", GRAPHS)
def test_each_step_shows_its_number_and_what_arrives(opened, name):
    J = GRAPHS[name]()
    graph, page = GraphModel.build([J]), viz.explore(J)
    back = list(backward_trace(graph))
    tab = opened(page)
    assert words(tab) == [step.words for step in page.steps]
    for k, step_ in enumerate(page.steps, 1):
        forward = step_.kind == "value"
        before = card(tab, step_.node)
        tab.keyboard.press("ArrowRight")
        pass_ = "forward" if forward else "backward"
        expected = f"Step {k} of {len(page.steps)}, {pass_}: {step_.words}"
        said, listed, chips, marked = tab.evaluate(SHOWN)
        assert said == expected
        assert listed == step_.words
        assert card(tab, step_.node)[0 if forward else 1] == step_.number
        met = {s.node for s in page.steps[: k - 1] if s.kind == step_.kind}
        assert (before[0 if forward else 1] is None) == (step_.node not in met)
        numbers = [
            graph.nodes[e[0]].data if forward else back[k - len(page.steps) - 1].product
            for e in step_.edges
        ]
        arriving = [[list(e), WRITE(x)] for e, x in zip(step_.edges, numbers, strict=True)]
        assert chips == arriving
        assert marked == [list(edge) for edge in step_.edges]
    tab.keyboard.press("Home")
    assert card(tab, len(graph.nodes) - 1) == [None, None]


def test_buttons_step_and_play(opened):
    page = viz.explore(lecture())
    tab = opened(page)
    assert tab.is_disabled("#back")
    tab.click("#next")
    tab.click("#next")
    tab.click("#back")
    assert "Step 1 of 9" in tab.inner_text("#say")
    tab.click("#last")
    assert tab.is_disabled("#next")
    tab.click("#play")
    assert tab.inner_text("#play") == "Pause"
    tab.get_by_text("Step 1 of 9").wait_for()
    tab.click("#play")
    assert tab.inner_text("#play") == "Play"
    tab.click("#ledger button >> nth=4")
    assert page.steps[4].words in tab.inner_text("#say")


def assert_all_is_as_python_has_it(tab, J):
    """Compare each number, text and colour of the page with a graph computed in Python."""
    page, graph = viz.explore(J), GraphModel.build([J])
    back = list(backward_trace(graph))
    totals = {len(graph.nodes) - 1: 1.0} | {flow.to: flow.total for flow in back}
    now = tab.evaluate(
        "({ ...now, flows: now.flows.map((f) => [f.incoming, f.local, f.product, f.total]) })"
    )
    assert now["values"] == pytest.approx([node.data for node in graph.nodes], rel=1e-12)
    for found, node in zip(now["partials"], graph.nodes, strict=True):
        kept = [
            0.0 if x.is_constant else d for x, d in zip(node.inputs, node.partials, strict=True)
        ]
        assert found == pytest.approx(kept, rel=1e-12)
    for i, total in totals.items():
        assert now["gradients"][i] == pytest.approx(total, rel=1e-12)
    assert now["flows"] == [pytest.approx(list(flow[3:]), rel=1e-12) for flow in back]
    assert words(tab) == [step.words for step in page.steps]
    tab.focus("#graph")
    tab.keyboard.press("End")
    shown = tab.evaluate(f"nodes.map((_, i) => ({CARD})(i))")
    for i, node in enumerate(graph.nodes):
        if not node.is_constant:
            assert shown[i] == [WRITE(node.data), WRITE(totals[i])]
            node.grad = totals[i]
    assert_colours(tab, graph, back)


def assert_colours(tab, graph, back):
    largest = LabelWriter(graph, WRITE, frozenset()).largest
    fills = tab.evaluate("cards.map(({ gradient }) => gradient?.cell.getAttribute('fill') ?? null)")
    for node, fill in zip(graph.nodes, fills, strict=True):
        if not node.is_constant:
            assert fill == AUTO.gradients[step(node.grad, largest) + 3]
    painted = tab.evaluate(
        """arrows.filter(({ light }) => !light).map(({ head, place, groups, label }) => [
             head, place, groups.at(-1).querySelector("path").getAttribute("stroke"),
             label?.textContent])"""
    )
    flowing = {(flow.node, flow.place): flow for flow in back}
    for head, place, stroke, label in painted:
        flow = flowing[head, place]
        assert stroke == AUTO.flows[step(flow.product, largest) + 3]
        assert label == f"×{WRITE(flow.local)}"


def typed(tab, name, number):
    tab.get_by_label(name, exact=True).fill(str(number))


@pytest.mark.parametrize(
    ("build", "names", "numbers"),
    [
        (lecture, "abc", (0.125, 1e6, -7.5)),
        (network, ("x0", "x1"), (-2.25, 3.5)),
        (mixed, "ab", (-1.5, 0.25)),
        (mixed, "ab", (0.0, 0.0)),
    ],
    ids=["lecture", "network", "mixed", "zeros"],
)
def test_everything_follows_numbers_that_are_typed(opened, build, names, numbers):
    tab = opened(viz.explore(build()))
    for name, number in zip(names, numbers, strict=True):
        typed(tab, name, number)
    assert_all_is_as_python_has_it(tab, build(numbers))


def test_everything_follows_a_slider_and_returns(opened):
    page = viz.explore(lecture())
    tab = opened(page)
    slider = tab.get_by_label("b, slider", exact=True)
    slider.focus()
    for _ in range(3):
        tab.keyboard.press("ArrowRight")
    assert tab.inner_text("#say").startswith("9 steps.")  # the arrow key moved the slider alone
    b = float(slider.input_value())
    assert b > -3
    assert float(tab.get_by_label("b", exact=True).input_value()) == b
    tab.click("#reset")
    assert words(tab) == [step.words for step in page.steps]
    slider.fill("-1.5")
    assert_all_is_as_python_has_it(tab, lecture((2.0, -1.5, 10.0)))
    tab.click("#reset")
    assert_all_is_as_python_has_it(tab, lecture())
    assert tab.is_disabled("#reset")


def test_numbers_that_stop_being_finite_are_marked(opened):
    tab = opened(viz.explore(Value(2.0, "a").log() * 3))
    typed(tab, "a", 0)
    tab.focus("#graph")
    tab.keyboard.press("End")
    shown = {text for i in range(4) for text in card(tab, i) if text}
    assert shown == {"0", "inf", "−inf", "3", "1"}
    colours = tab.evaluate("cards[1].value.text.getAttribute('fill')")
    assert colours == AUTO.alarm
    typed(tab, "a", 1)
    assert tab.evaluate("cards[1].value.text.getAttribute('fill')") == AUTO.ink


FORMATS = [(d, None) for d in (1, 4, 17)] + [(4, f".{f}") for f in ("0f", "2f", "3e", "0e", "2g")]


def test_numbers_are_written_as_in_python(opened):
    draw = random.Random(0)
    numbers = [draw.choice((-1, 1)) * 10 ** draw.uniform(-12, 12) for _ in range(300)]
    numbers += [draw.getrandbits(12) / 2 ** draw.randrange(12) for _ in range(500)]  # many ties
    numbers += [0.0, -0.0, 0.5, 2.5, 9.5, 99995.0, 1.0625, -1e-5, 1e-4, 9.9995e-5, 1e300, 5e-324]
    numbers += [
        0.005,
        0.015,
        0.125,
        99.996,
        0.996,
        0.004,
        0.05,
        9.995,
        2.0**53,
        1.7976931348623157e308,
    ]
    numbers += [math.inf, -math.inf, math.nan]
    tab = opened(viz.explore(lecture()))
    for digits, format in FORMATS:
        texts = tab.evaluate(
            "([format, xs]) => { data.format = format; written.clear(); return xs.map(write); }",
            [known_format(digits, format), numbers],
        )
        write = formatter(digits, format)
        found = {repr(x): text for x, text in zip(numbers, texts, strict=True)}
        assert found == {repr(x): write(x) for x in numbers}


def test_a_local_derivative_that_depends_on_the_case_is_its_number_elsewhere(opened):
    a = Value(2.0, "a")
    tab = opened(viz.explore(a.relu() * a.sin(), names={"a": a}))

    def details(i):
        tab.evaluate("(i) => choose(i)", i)
        return tab.locator("#details dd").all_inner_texts()

    assert details(1)[-1] == "dv₁/da = 1" or "∂v₁/∂a = 1" in details(1)
    typed(tab, "a", -2)
    assert "∂v₁/∂a = 0" in details(1)
    assert "∂v₂/∂a = cos(a) = −0.4161" in details(2)


def test_inputs_that_are_fixed_say_why(opened):
    page = viz.explore(lecture(), format=lambda x: f"<{x:.1f}>")
    tab = opened(page)
    assert tab.inner_text("#fixed").endswith("the page cannot repeat the format= of these numbers.")
    assert tab.is_hidden("#inputs")
    assert words(tab) == [step.words for step in page.steps]
    tab.keyboard.press("End")
    assert card(tab, 2) == ["<-3.0>", "<30.0>"]


ODD = {
    "a leaf alone": lambda a: a,
    "a default that is not drawn": lambda a: a.leaky_relu() * 2,
    "a softmax": lambda a: -autograd.softmax([a, a * a, Value(0.5, "b")])[1].log(),
    "a choice": lambda a: autograd.where(a > 0, a * 2, a) + autograd.cross_entropy([a, -a], 1),
    "frames of another kind": lambda a: (a * Value(0.5, "net.block_0.w")).tanh(),
}


@pytest.mark.parametrize("name", ODD)
def test_pages_of_odd_graphs_step_and_follow(opened, name):
    page = viz.explore(ODD[name](Value(1.5, "a")), direction="TB")
    tab = opened(page)
    tab.keyboard.press("End")
    assert tab.inner_text("#say").endswith(page.steps[-1].words)
    typed(tab, "a", 0.25)
    assert words(tab) == [s.words for s in viz.explore(ODD[name](Value(0.25, "a"))).steps]
