"""The page of a program and its scalar nodes: its text, and what it does in a browser."""

import html
import json
import re

import pytest

import autograd
import viz
from autograd import Value
from tests.helpers.networks import compiled_classifier

NASTY = '<script>alert("x")</script>&\'"</svg>'


def lecture():
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    return autograd.lift(3 * (a + b * c), wrt=[a, b, c])


def scattered():
    step = autograd.compile(lambda xs: xs[0].exp() * xs[2], engine="numpy")
    step([1.0, 2.0, 3.0])
    return step


def data(page):
    return json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])


def buttons(page):
    """Return the text of each line with the number of its home."""
    found = re.findall(r'<button data-home="(\d+)".*?<span>(.*?)</span></button>', page)
    return [(html.unescape(text), int(home)) for home, text in found]


@pytest.mark.parametrize(
    "build", [lecture, compiled_classifier, scattered], ids=lambda build: build.__name__
)
def test_every_line_is_there_and_every_node_has_a_home(build):
    step = build()
    page = viz.explore_program(step).html()
    found = data(page)
    texts = [html.unescape(text) for text in re.findall(r"<span>(?:<i></i>)?([^<]*)</span>", page)]
    arrays = [*step.program.arrays, *(line.out for line in step.program.instructions)]
    wanted = [line.strip() for line in step.source.splitlines()[1:] if line]
    assert [t.replace(" ", "") for t in texts[len(step.program.arrays) :]] == [
        line.replace(" ", "") for line in wanted
    ]
    nodes_by_array = {home for _, home in buttons(page)}
    for k, array in enumerate(arrays):
        inside = [node["key"] for node in found["nodes"] if node["home"] == k]
        assert set(inside) >= {f"n{i}" for i in array.ids.ravel().tolist()}
        assert k in nodes_by_array
    for node in found["nodes"]:
        assert f'id="{node["key"]}"' in page
        assert (node["home"] == -1) == ("folded" in node["says"])


def test_gradients_lead_to_the_same_nodes():
    nodes_by_array = dict(buttons(viz.explore_program(compiled_classifier(engine="numpy")).html()))
    assert nodes_by_array["Z1 = W1 @ x + b1"] == nodes_by_array["dZ1 = W2.T @ dZ2 * (1 - A1 * A1)"]
    assert nodes_by_array["W1 (4, 2)"] == nodes_by_array["dW1 = dZ1 @ x.T"]
    parts = [
        home for text, home in buttons(viz.explore_program(scattered()).html()) if "dxs" in text
    ]
    assert parts == [0, 0, 0]


def test_what_is_said():
    found = data(viz.explore_program(compiled_classifier(engine="numpy")).html())
    assert found["homes"][6] == (
        "Line 1, Z1 = W1 @ x + b1: 4 scalar nodes; Z1[0, :] is v₁, Z1[1, :] is v₃, Z1[2, :] is v₅, "
        "Z1[3, :] is v₇"
    )
    assert found["homes"][2].startswith("W1 (4, 2), parameter: 8 scalar nodes; W1[0, 0] is ")
    assert found["homes"][2].endswith(", 4 more")
    says = [node["says"] for node in found["nodes"] if node["home"] == 7]
    assert re.fullmatch(r"v₂ = \S+ is A1\[0, :\], line 2: A1 = tanh\(Z1\)", says[0])
    folded = data(viz.explore_program(compiled_classifier(engine="numpy"), limit=10).html())
    assert "4 scalar nodes, line 1: Z1 = W1 @ x + b1" in [n["says"] for n in folded["nodes"]]


def test_names_in_repr_and_notebooks():
    page = viz.explore_program(compiled_classifier(engine="numpy"))
    assert (
        repr(page)
        == "<ProgramExploration of loss: 30 scalar nodes in 4 lines; .save('program.html')>"
    )
    assert page._repr_html_().startswith('<iframe srcdoc="&lt;!doctype html&gt;')


def test_a_page_is_small_and_asks_for_nothing(tmp_path):
    page = viz.explore_program(compiled_classifier(engine="numpy"))
    text = page.html()
    assert len(text) < 120_000
    assert set(re.findall(r"https?://[^\s\"'<]+", text)) <= {
        "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink",
    }  # fmt: skip
    assert page.save(tmp_path / "p.html").read_text(encoding="utf-8") == text


def test_labels_are_text():
    a = Value(2.0, NASTY)
    page = viz.explore_program(autograd.lift((a * a).exp(), wrt=[a])).html()
    assert "<script>alert" not in page
    assert page.count("<script") == page.count("</script>") == 2


def test_wrong_arguments():
    with pytest.raises(TypeError, match=r"program: got .*; allowed: what autograd"):
        viz.explore_program(3.0)
    with pytest.raises(ValueError, match=r"direction: got .*; allowed: 'LR', 'TB', 'RL' or 'BT'"):
        viz.explore_program(compiled_classifier(engine="numpy"), direction="up")
    with pytest.raises(ValueError, match=r"limit: got .*; allowed: a whole number from 0 to 500"):
        viz.explore_program(compiled_classifier(engine="numpy"), limit=-1)


def marked(tab):
    """Return the marked nodes and the texts of the marked lines."""
    nodes = tab.eval_on_selector_all("#graph .node.on", "all => all.map((e) => e.id)")
    lines = tab.eval_on_selector_all("#program .on span", "all => all.map((e) => e.textContent)")
    return set(nodes), lines


POINTED = """(selector) => [...document.querySelectorAll(selector)].map((element) => {
  element.dispatchEvent(new Event("pointerenter"));
  const texts = (found) => [...document.querySelectorAll(found)].map((e) => e.id || e.textContent);
  return [texts("#graph .node.on"), texts("#program .on span"),
          document.getElementById("say").textContent];
})"""


def test_pointing_at_a_line_marks_its_nodes_and_the_reverse(opened):
    page = viz.explore_program(compiled_classifier(engine="numpy"))
    found, nodes_by_array = data(page.html()), buttons(page.html())
    tab = opened(page)
    inside = [{n["key"] for n in found["nodes"] if n["home"] == k} for k in range(10)]
    pointed = tab.evaluate(POINTED, "#program button")
    for (_, home), (nodes, texts, says) in zip(nodes_by_array, pointed, strict=True):
        assert set(nodes) == inside[home] != set()
        assert texts == [text for text, other in nodes_by_array if other == home]
        assert says == found["homes"][home]
    keys = ", ".join(f"#{node['key']}" for node in found["nodes"])
    saying = {says: (set(nodes), texts) for nodes, texts, says in tab.evaluate(POINTED, keys)}
    for node in found["nodes"]:
        home = node["home"]
        assert saying[node["says"]] == (
            inside[home],
            [t for t, other in nodes_by_array if other == home],
        )


def test_a_pointer_marks_what_it_is_on_and_nothing_once_it_left(opened):
    tab = opened(viz.explore_program(lecture()))
    tab.hover("#program button >> nth=3")
    assert marked(tab) == ({"n4", "n5"}, ["T1 = a + b * c"])
    tab.hover("#n1")
    assert marked(tab) == ({"n1"}, ["b one number", "db = 3.0 * c"])
    tab.hover("h1")
    assert marked(tab) == (set(), [])


def test_a_click_holds_on_and_escape_lets_go(opened):
    tab = opened(viz.explore_program(compiled_classifier(engine="numpy")))
    line = tab.get_by_role("button", name="2 A1 = tanh(Z1)")
    line.click()
    tab.hover("h1")
    assert len(marked(tab)[0]) == 4
    assert line.get_attribute("aria-pressed") == "true"
    tab.keyboard.press("Escape")
    assert marked(tab) == (set(), [])
    assert line.get_attribute("aria-pressed") == "false"
    line.click()
    line.click()
    tab.hover("h1")
    assert line.get_attribute("aria-pressed") == "false"


def test_the_keyboard_alone_reaches_lines_and_nodes(opened):
    page = viz.explore_program(compiled_classifier(engine="numpy"))
    nodes = data(page.html())["nodes"]
    tab = opened(page)
    met, home = [], []
    for _ in range(23):
        tab.keyboard.press("Tab")
        met.append(tab.evaluate("document.activeElement.id || document.activeElement.textContent"))
        home.append(tab.evaluate("document.activeElement.dataset?.home ?? null"))
    assert {"fit", "graph", "n0", "program"} <= set(met)
    assert met.count("n0") == 1
    assert {h for h in home if h} == {str(k) for k in range(10)}
    tab.focus("#n0")
    tab.keyboard.press("ArrowRight")
    assert tab.inner_text("#say") == nodes[1]["says"]
    tab.keyboard.press("End")
    assert tab.inner_text("#say") == nodes[-1]["says"]
    tab.keyboard.press("Enter")
    assert tab.get_attribute(f"#{nodes[-1]['key']}", "aria-pressed") == "true"
    tab.keyboard.press("Home")
    tab.keyboard.press("ArrowLeft")
    assert tab.inner_text("#say") == nodes[0]["says"]
    assert tab.evaluate("document.activeElement.id") == "n0"
    tab.click("#fit")
    assert tab.get_attribute("#fit", "aria-pressed") == "false"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_accessibility_checker_finds_nothing(opened, scheme):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="needs the extra test"
    )
    tab = opened(viz.explore_program(lecture()), scheme)
    for selector in ("h1", "#program button >> nth=3"):
        tab.hover(selector)
        found = axe.Axe().run(tab)
        assert found.violations_count == 0, found.generate_report()
    colour = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert colour == {"light": "rgb(255, 255, 254)", "dark": "rgb(13, 17, 23)"}[scheme]
    paper = tab.evaluate("getComputedStyle(document.querySelector('#graph .background')).fill")
    assert paper == {"light": "rgb(255, 255, 253)", "dark": "rgb(13, 17, 23)"}[scheme]
