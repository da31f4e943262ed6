"""Graphs that several tests draw, and the golden DOT files.

Run ``REFRESH_GOLDEN=1 pytest tests/viz -k as_it_was`` to write the golden files anew; look at the
difference before committing it.
"""

import os
import shutil
from itertools import pairwise
from pathlib import Path

import pytest

import autograd
from autograd import Value
from autograd.primitives import TABLE
from tests.helpers import programs

GOLDEN = Path(__file__).parent / "golden"
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)


def lecture():
    """J = 3(a + bc), as the lecture names it."""
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    u = b * c
    u.label = "u"
    v = a + u
    v.label = "v"
    J = 3 * v
    J.label = "J"
    J.backward()
    return J


def logistic():
    """One sample's loss of logistic regression: the result, its variables, its parameters."""
    w = [Value(n) for n in (0.5, -0.25, 0.125, 1.0)]
    x = [Value(n) for n in (5.0, 3.5, 1.5, 0.25)]
    b = Value(0.5, "b")
    z = autograd.dot(w, x, b)
    a = z.sigmoid()
    y = autograd.constant(1.0)
    y.label = "y"
    L = -(y * a.log() + (1 - y) * (1 - a).log())
    L.backward()
    return L, {"w": w, "x": x, "z": z, "ŷ": a, "L": L}, [*w, b]


def network(sizes=(2, 4, 1), activation=Value.sigmoid):
    """A network with the dotted names that a model gives; weights are exact in binary."""
    layer = [Value(0.5 - k, f"x[{k}]") for k in range(sizes[0])]
    for number, (inputs, outputs) in enumerate(pairwise(sizes)):
        before, layer = layer, []
        for k in range(outputs):
            name = f"layers.{number}.neurons.{k}"
            w = [Value((3 * i - 5 * k + 2) % 7 / 8 - 0.375, f"{name}.w.{i}") for i in range(inputs)]
            z = autograd.dot(w, before, Value(0.125 * k, f"{name}.b"))
            layer.append(activation(z) if activation else z)
    return layer


def loss(sizes=(2, 4, 1)):
    """The negative logarithm of a network's first output, differentiated."""
    L = -network(sizes)[0].log()
    L.label = "L"
    L.backward()
    return L


def chain(length):
    """A long chain of products and sums."""
    value, w = Value(1.0, "start"), Value(1.0, "w")
    for _ in range(length):
        value = value * w + 1.0
    value.label = "end"
    return value


@pytest.fixture
def graphs():
    """The builders of graphs."""
    return {f.__name__: f for f in (lecture, logistic, network, loss, chain)}


@pytest.fixture
def applied():
    """Application of an operation of the table somewhere in its domain, by a share of it."""

    def apply(op, share):
        row = TABLE[op]
        low, high = row.domain[0]
        numbers = [low + share * (high - low) * (1 + k / 9) / 1.7 for k in range(5)]
        if row.variadic:
            count = 5 if row.arguments == ("xs", "ys", "b") else 3
            return programs.apply(op, [Value(x, f"x{k}") for k, x in enumerate(numbers[:count])])
        operands = [Value(x, name) for x, name in zip(numbers, row.arguments, strict=False)]
        return getattr(autograd, op)(*operands)

    return apply


@pytest.fixture
def golden():
    """A check of a text against the golden file of a name."""

    def check(name, text):
        file = GOLDEN / name
        if os.environ.get("REFRESH_GOLDEN"):
            file.write_text(text, encoding="utf-8")
            pytest.skip(f"wrote {file}")
        assert text == file.read_text(encoding="utf-8"), (
            f"the text differs from {file}; if it should, REFRESH_GOLDEN=1 writes it anew"
        )

    return check


@pytest.fixture(scope="module")
def tab():
    """A tab of Chromium, one for a file of tests."""
    api = pytest.importorskip("playwright.sync_api", reason="needs the extra test: playwright")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    with api.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium.new_page()
        chromium.close()


@pytest.fixture
def opened(tab, tmp_path):
    """Open what saves itself as a page; at its end, it has said nothing and asked for nothing."""
    file, said, asked = tmp_path / "page.html", [], []
    listeners = {
        "console": lambda message: said.append(message.text),
        "pageerror": lambda error: said.append(str(error)),
        "request": lambda request: asked.append(request.url.partition("data:image/png;")[0]),
        "dialog": lambda dialog: (said.append(dialog.message), dialog.dismiss()),
    }

    def open_page(page, scheme="light", width=1280, height=800, motion="no-preference"):
        page.save(file)
        tab.emulate_media(color_scheme=scheme, reduced_motion=motion)
        tab.set_viewport_size({"width": width, "height": height})
        tab.goto(file.as_uri())
        return tab

    for name, listener in listeners.items():
        tab.on(name, listener)
    yield open_page
    for name, listener in listeners.items():
        tab.remove_listener(name, listener)
    assert said == []
    assert set(asked) - {""} == {file.as_uri()}  # pictures in the page's own data are its own
