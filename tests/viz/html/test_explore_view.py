"""The page in a browser: keyboard, folding, search, zoom, details, themes, labels."""

import pytest

import viz
from autograd import Value, detect_anomaly
from tests.helpers.networks import classifier_loss

NASTY = '<script>alert("x")</script>&\'"</svg><img src=x onerror=alert(1)>🙂\u202eابت'


@pytest.fixture(scope="module")
def pages():
    """Explorations, each laid out once."""
    return {
        "network": viz.explore(classifier_loss([0.5, -0.5], 4, 1, label="x[{}]")),
        "large": viz.explore(classifier_loss([0.5, -0.5, -1.5, -2.5], 8, 6, 1)),
    }


@pytest.fixture
def lecture(graphs):
    return viz.explore(graphs["lecture"]())


def focused(tab):
    return tab.evaluate("document.activeElement.id || document.activeElement.tagName")


def shown(tab, selector):
    return tab.locator(selector).filter(visible=True).count()


def boxes(tab):
    """Return the outlines of all cards and covers that are shown, in points."""
    return tab.evaluate(
        """[...document.querySelectorAll("#graph .cover, #graph .node[role]")]
             .filter((g) => !g.matches(".folded")).map((g) => g.getBoundingClientRect())
             .map(({ left, top, right, bottom }) => [left, top, right, bottom])"""
    )


def overlap(a, b, slack=1.0):
    return min(a[2], b[2]) - max(a[0], b[0]) > slack and min(a[3], b[3]) - max(a[1], b[1]) > slack


def test_the_keyboard_alone_reaches_everything(opened, pages):
    tab = opened(pages["network"])
    reached = []
    while "BODY" not in reached[1:]:  # once around
        tab.keyboard.press("Tab")
        reached.append(focused(tab))
    buttons = ["play", "next", "last", "out", "in", "fit", "fold", "find", "theme"]
    numbers = tab.evaluate("leaves.filter((i) => nodes[i].role === 'input')")
    x = [f"{what}{i}" for i in numbers for what in ("slider", "field")]
    rest = ["graph", "NODE", "details", "inputs", *x, "SUMMARY", "BUTTON", "SUMMARY", "BODY"]
    kinds = ["NODE" if one[:1] == "n" and one[1:].isdigit() else one for one in reached]
    assert kinds == [*buttons, *rest]


def test_up_and_down_go_through_the_nodes_and_enter_folds(opened, pages):
    tab = opened(pages["network"])
    tab.focus("#graph")
    walked = []
    for _ in range(6):
        tab.keyboard.press("ArrowDown")
        walked.append(focused(tab))
    assert walked[:2] == ["frame:layer-1", "frame:layer-1/neuron-0"]
    assert walked[2].startswith("n")
    label = tab.evaluate("document.activeElement.getAttribute('aria-label')")
    assert "value" in label
    tab.keyboard.press("ArrowUp")
    assert focused(tab) == walked[-2]
    assert tab.inner_text("#say").startswith("49 steps")  # the arrows did not step
    tab.evaluate("frames.find((f) => f.title === 'layer 0').group.focus()")
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.getAttribute('aria-expanded')") == "false"
    assert "layer 0" in tab.evaluate("document.activeElement.getAttribute('aria-label')")
    tab.keyboard.press(" ")
    assert focused(tab) == "frame:layer-0"


def test_up_and_down_go_through_the_list_of_steps(opened, lecture):
    tab = opened(lecture)
    tab.focus("#ledger [tabindex='0']")
    for _ in range(4):
        tab.keyboard.press("ArrowDown")
    tab.keyboard.press("ArrowUp")
    tab.keyboard.press("Enter")
    assert tab.inner_text("#say").startswith("Step 4 of 9")
    assert tab.locator("#ledger [tabindex='0']").count() == 1


def test_folding_keeps_order_and_makes_the_picture_smaller(opened, pages):
    tab = opened(pages["network"])
    area = tab.evaluate("size.width * size.height")
    nodes = shown(tab, "#graph .node[role]")
    paths = "drawn.lines.flatMap(({ paths }) => paths.map(({ path }) => path.getAttribute('d')))"
    before = tab.evaluate(paths)
    tab.click("#fold")
    assert shown(tab, "#graph .cover") == 5
    tab.click("#fold")
    assert shown(tab, "#graph .cover") == 2
    assert tab.is_disabled("#fold")
    assert shown(tab, "#graph .node[role]") == 4  # two inputs, a logarithm, the result
    assert tab.evaluate("size.width * size.height") < area / 3
    found = boxes(tab)
    assert not any(overlap(a, b) for k, a in enumerate(found) for b in found[:k])
    for _ in range(2):
        tab.click("#unfold")
    assert tab.is_disabled("#unfold")
    assert shown(tab, "#graph .node[role]") == nodes
    assert tab.evaluate("size.width * size.height") == pytest.approx(area)
    assert tab.evaluate(paths) == before


@pytest.mark.parametrize("closed", ["layer 0", "neuron 2"])
def test_a_title_folds_its_frame_and_boxes_never_overlap(opened, pages, closed):
    tab = opened(pages["network"])
    tab.click(f"#graph .frame text:text-is('{closed}')")
    assert shown(tab, "#graph .cover") == 1
    found = boxes(tab)
    assert not any(overlap(a, b) for k, a in enumerate(found) for b in found[:k])
    tab.click("#graph .cover:not(.folded)")
    assert shown(tab, "#graph .cover") == 0


def test_a_folded_frame_follows_steps_and_inputs(opened, pages):
    tab = opened(pages["network"])
    tab.click("#fold")
    tab.click("#fold")
    cover = tab.locator("#graph .cover", has_text="layer 1")
    assert "out –" in cover.text_content()
    first = next(k for k, step in enumerate(pages["network"].steps) if step.kind == "seed")
    tab.evaluate("(k) => show(k)", first)
    out = cover.text_content()
    assert "out 0." in out
    tab.get_by_label("x[0]", exact=True).fill("4")
    assert cover.text_content() != out
    tab.evaluate("show(1)")
    assert tab.locator("#graph .cover.now").count() == 1


def test_a_large_graph_begins_folded_and_search_unfolds(opened, pages):
    tab = opened(pages["large"])
    assert shown(tab, "#graph .cover") == 15
    tab.fill("#find", "layers.1.neurons.5.w")
    assert tab.inner_text("#found") == "8 matches"
    tab.press("#find", "Enter")
    tab.press("#find", "Enter")
    assert tab.inner_text("#found") == "2 of 8: layers.1.neurons.5.w.1"
    tab.press("#find", "Shift+Enter")
    assert tab.inner_text("#found") == "1 of 8: layers.1.neurons.5.w.0"
    assert "layers.1.neurons.5.w.0" in tab.inner_text("#details")
    node = tab.locator("#graph .node.chosen")
    assert node.is_visible()
    seen, box = tab.locator("#graph").bounding_box(), node.bounding_box()
    assert seen["x"] <= box["x"] <= seen["x"] + seen["width"]
    assert seen["y"] <= box["y"] <= seen["y"] + seen["height"]
    assert tab.locator("#graph .node.match").count() == 8
    tab.fill("#find", "nothing like it")
    assert tab.inner_text("#found") == "0 matches"
    tab.press("#find", "Enter")
    tab.fill("#find", "")
    assert tab.inner_text("#found") == ""


def test_zoom_pan_and_fit(opened, pages):
    tab = opened(pages["network"])
    fits = tab.evaluate("scale")
    tab.click("#in")
    assert tab.evaluate("scale") > fits
    tab.click("#out")
    tab.focus("#graph")
    for _ in range(8):
        tab.keyboard.press("+")
    wide = tab.evaluate("scale")
    tab.keyboard.press("-")
    assert fits < tab.evaluate("scale") < wide
    box = tab.locator("#graph").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    left = tab.evaluate("graph.scrollLeft")
    tab.keyboard.press("Shift+ArrowRight")
    assert tab.evaluate("graph.scrollLeft") == left + 60
    tab.mouse.move(x, y)
    tab.mouse.down()
    tab.mouse.move(x + 25, y + 10, steps=3)
    tab.mouse.up()
    assert tab.evaluate("graph.scrollLeft") == left + 35
    under = "({ x, y }) => [(graph.scrollLeft + x) / scale, (graph.scrollTop + y) / scale]"
    inside = {"x": x - box["x"], "y": y - box["y"]}
    point, scale = tab.evaluate(under, inside), tab.evaluate("scale")
    tab.keyboard.down("Control")
    tab.mouse.wheel(0, -60)
    tab.wait_for_function("(s) => scale > s", arg=scale)
    tab.keyboard.up("Control")
    assert tab.evaluate(under, inside) == pytest.approx(point, abs=3)
    tab.keyboard.press("0")
    assert tab.evaluate(
        "graph.scrollWidth <= graph.clientWidth && graph.scrollHeight <= graph.clientHeight"
    )


def test_details_of_the_node_that_is_pointed_at(opened, lecture):
    tab = opened(lecture)
    tab.keyboard.press("End")
    tab.hover("#n4")
    assert tab.locator("#details h2").inner_text() == "× u"
    assert tab.locator("#details dt").all_inner_texts() == [
        "Formula",
        "Value",
        "Gradient",
        "Local derivatives",
    ]
    assert tab.locator("#details dd").all_inner_texts() == [
        "u = b * c = −3 * 10 = −30",
        "−30",
        "3",
        "du/db = c = 10",
        "du/dc = b = −3",
    ]
    tab.hover("#say")
    assert tab.locator("#details h2").inner_text() == "c"  # the node of the last step
    tab.click("#n1")
    assert focused(tab) == "n1"
    assert tab.locator("#details dd").all_inner_texts() == ["input", "2", "3"]


def test_details_tell_the_line_where_it_is_known(opened):
    with detect_anomaly():
        a = Value(1.0, "a")
        J = (a * a).exp()
        page = viz.explore(J)
    tab = opened(page)
    assert "J = (a * a).exp()" in tab.inner_text("#details")
    assert "test_explore_view.py:" in tab.inner_text("#details")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_the_system_and_a_choice(opened, lecture, scheme):
    colours = {"light": "rgb(255, 255, 253)", "dark": "rgb(13, 17, 23)"}
    other = {"light": "dark", "dark": "light"}[scheme]
    tab = opened(lecture, scheme=scheme)
    paper = "getComputedStyle(document.querySelector('#graph .background')).fill"
    assert tab.evaluate(paper) == colours[scheme]
    assert (
        tab.evaluate("getComputedStyle(document.body).backgroundColor")[:7] == colours[scheme][:7]
    )
    tab.select_option("#theme", label=other.capitalize())
    assert tab.evaluate(paper) == colours[other]
    tab.select_option("#theme", label="System")
    assert tab.evaluate(paper) == colours[scheme]


def test_motion_is_for_those_who_want_it(opened, lecture, tab):
    opened(lecture)
    tab.keyboard.press("ArrowRight")
    moves = "getComputedStyle(document.querySelector('.chip')).animationName"
    assert tab.evaluate(moves) == "appear"
    tab.emulate_media(reduced_motion="reduce")
    assert tab.evaluate(moves) == "none"
    tab.emulate_media(reduced_motion="null")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_accessibility_checker_finds_nothing(opened, lecture, scheme):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="needs the extra test"
    )
    small = viz.explore(classifier_loss([0.5, -0.5], 2, 1, label="x[{}]"))
    for key, page in {"Home": lecture, "ArrowRight": lecture, "End": small}.items():
        tab = opened(page, scheme=scheme)
        tab.keyboard.press(key)
        if key == "End":
            tab.click("#graph .frame text:text-is('neuron 1')")
            tab.fill("#find", "x")
            tab.get_by_text("Keys").click()
            tab.get_by_label("x[0]", exact=True).fill("1")
        found = axe.Axe().run(tab)
        assert found.violations_count == 0, found.generate_report()


def test_a_narrow_window_scrolls_downwards_only(opened, pages):
    tab = opened(pages["network"], width=390, height=800)
    assert tab.evaluate("document.documentElement.scrollWidth") == 390
    tab.keyboard.press("ArrowRight")
    assert tab.evaluate("window.scrollY") == 0  # the list scrolls, and not the page


def test_labels_run_nothing_in_the_browser(opened):
    a, long = Value(2.0, NASTY), Value(3.0, "x" * 10_000)
    tab = opened(viz.explore(a * long, names={}))
    tab.keyboard.press("End")
    assert "Step 4 of 4" in tab.inner_text("#say")
    tab.evaluate("choose(0)")
    shown = NASTY.replace("\u202e", "\ufffd")  # it would turn the text around it
    assert tab.locator("#details h2").text_content() == shown
    assert tab.locator("#details img, #inputs img, #ledger img").count() == 0
    assert tab.evaluate("document.documentElement.scrollWidth") == 1280


def test_a_notebook_shows_the_page_inline(tab, opened, lecture):
    opened(lecture)
    tab.set_content(f"<main>{lecture._repr_html_()}</main>")
    frame = tab.frame_locator("iframe")
    frame.locator("#next").click()
    assert lecture.steps[0].words in frame.locator("#say").inner_text()
    frame.get_by_label("a", exact=True).fill("7")
    assert "J = 3 * v = 3 * (−23) = −69" in frame.locator("#ledger").inner_text()
