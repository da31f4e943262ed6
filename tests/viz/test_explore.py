"""The page that steps through both passes: its text, and what it does in a browser."""

import html
import json
import re
import shutil

import pytest

import nn
import viz
from autograd import Value

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
NASTY = '<script>alert("x")</script>&\'"</svg>🙂\u202eابت'


@pytest.fixture
def lecture(graphs):
    return graphs["lecture"]()


def network():
    model = nn.MLP(2, [3, 1], activation="tanh", output="sigmoid", rng=0)
    L = nn.binary_cross_entropy(model([Value(0.5, "x1"), Value(-1.0, "x2")]), 1)
    L.label = "L"
    return L


def data(page):
    text = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    return json.loads(text[1])


def test_the_graph_is_not_changed():
    a = Value(2.0, "a")
    u = a * a
    J = u * a
    page = viz.explore(J)
    assert not a.has_grad
    assert u.label is None
    assert data(page.html())["steps"][-1]["number"] == "12"


def test_nodes_and_edges_have_ids_by_which_the_script_finds_them():
    page = viz.explore(network())
    text = html.unescape(page.html())
    for step in page.steps:
        assert f'id="n{step.node}"' in text
        for tail, head in step.edges:
            assert re.search(rf'id="e{tail}-{head}-\d+"', text), (tail, head)


def test_labels_are_text():
    a = Value(2.0, NASTY)
    page = viz.explore(a * Value(3.0, "</script><b>")).html()
    assert "<script>alert" not in page
    assert page.count("<script") == page.count("</script>") == 2
    assert NASTY[8:13] in html.unescape(page)


def test_the_page_asks_for_nothing_outside_itself(lecture):
    page = viz.explore(lecture).html()
    assert "default-src 'none'" in page
    links = set(re.findall(r"https?://[^\s\"'<]+", page))
    assert links <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def test_a_page_is_small_beside_its_picture():
    page = viz.explore(network())
    assert len(page.html()) - len(page._svg()) < 60_000


def test_pages_are_saved_and_shown(lecture, tmp_path):
    page = viz.explore(lecture)
    assert page.save(tmp_path / "j.html").read_text(encoding="utf-8") == page.html()
    assert page._repr_html_().startswith('<iframe srcdoc="&lt;!doctype html&gt;')
    assert repr(page) == "<Exploration of J: 9 steps; .save('graph.html')>"
    with pytest.raises(ValueError, match=r"a page is saved as an \.html file, not 'j.svg'"):
        page.save("j.svg")
    with pytest.raises(TypeError, match="save takes the path of a file, not"):
        page.save(3)


def test_what_cannot_be_explored(graphs):
    with pytest.raises(ValueError, match="at most 500; this graph has 3,002: take one sample"):
        viz.explore(graphs["chain"](1000))
    with pytest.raises(TypeError, match="explore takes"):
        viz.explore([Value(1.0)])


@pytest.fixture(scope="module")
def browser():
    api = pytest.importorskip("playwright.sync_api", reason="needs the extra test: playwright")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    with api.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser, tmp_path):
    """Open an exploration; at the end, check that it said nothing and asked for nothing."""
    said, asked, tabs = [], [], []

    def open_page(page, **options):
        file = page.save(tmp_path / "page.html")
        tab = browser.new_page(**options)
        tabs.append(tab)
        tab.on("console", lambda message: said.append(message.text))
        tab.on("pageerror", lambda error: said.append(str(error)))
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
        tab.goto(file.as_uri())
        return tab

    yield open_page
    assert said == []
    assert asked == [(tmp_path / "page.html").as_uri()] * len(tabs)
    for tab in tabs:
        tab.close()


def numbers(tab, node):
    """Return what a node shows: value and gradient, hidden ones as None."""
    return tab.evaluate(
        """(id) => Object.fromEntries([...document.querySelectorAll(`#${id} text`)].flatMap(
             (text, k, all) => ["val", "grad"].includes(text.textContent) && all[k + 1]
               ? [[text.textContent, getComputedStyle(all[k + 1]).visibility === "hidden"
                   ? null : all[k + 1].textContent]] : []))""",
        f"n{node}",
    )


@pytest.mark.parametrize("build", [network, None], ids=["network", "lecture"])
def test_each_step_fills_in_its_number_and_marks_its_edges(opened, lecture, build):
    page = viz.explore(build() if build else lecture)
    tab = opened(page)
    for k, step in enumerate(page.steps, 1):
        before = numbers(tab, step.node)
        tab.keyboard.press("ArrowRight")
        said = tab.inner_text("#say")
        assert said.startswith(f"Step {k} of {len(page.steps)}, ")
        assert said.endswith(step.words)
        kind = "val" if step.kind == "value" else "grad"
        assert numbers(tab, step.node)[kind] == step.number != before[kind]
        marked = tab.eval_on_selector_all("#graph .edge.on", "all => all.map((e) => e.id)")
        assert {tuple(map(int, e[1:].split("-")[:2])) for e in marked} == set(step.edges)
        assert tab.locator("#steps [aria-current=step]").inner_text() == step.words
    tab.keyboard.press("Home")
    assert numbers(tab, page.steps[-1].node)["grad"] is None


def test_buttons_step_play_and_fit(opened, lecture):
    page = viz.explore(lecture)
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
    tab.click("#steps button >> nth=4")
    assert page.steps[4].words in tab.inner_text("#say")
    tab.click("#fit")
    assert tab.get_attribute("#fit", "aria-pressed") == "true"


def test_the_keyboard_alone_reaches_everything(opened, lecture):
    tab = opened(viz.explore(lecture))
    reached = set()
    for _ in range(30):
        tab.keyboard.press("Tab")
        reached.add(tab.evaluate("document.activeElement.id || document.activeElement.tagName"))
    assert {"play", "next", "last", "fit", "graph", "ledger", "BUTTON"} <= reached


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_accessibility_checker_finds_nothing(opened, lecture, scheme):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="needs the extra test"
    )
    tab = opened(viz.explore(lecture), color_scheme=scheme)
    for key in ("Home", "ArrowRight", "End"):
        tab.keyboard.press(key)
        found = axe.Axe().run(tab)
        assert found.violations_count == 0, found.generate_report()


def test_the_page_follows_a_dark_system(opened, lecture):
    tab = opened(viz.explore(lecture), color_scheme="dark")
    paper = "getComputedStyle(document.querySelector('#graph .background')).fill"
    assert tab.evaluate(paper) == "rgb(13, 17, 23)"
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(13, 17, 23)"


def test_labels_run_nothing_in_the_browser(opened):
    a, long = Value(2.0, NASTY), Value(3.0, "x" * 10_000)
    tab = opened(viz.explore(a * long))
    tab.keyboard.press("End")
    assert "Step 4 of 4" in tab.inner_text("#say")
