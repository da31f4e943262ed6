import html
import re

import pytest

import autograd
import viz
from autograd import Value


def test_rows_are_data(graphs):
    J = graphs["lecture"]()
    rows = viz.ledger(J).rows
    assert len(viz.ledger(J)) == len(rows) == 5
    assert rows[3].node.label == rows[3].name == "u"
    assert (rows[3].step, rows[3].op, rows[3].to_name, rows[3].place) == (4, "mul", "b", 0)
    assert rows[3].to is rows[3].node.inputs[0]
    assert rows[3][7:] == (3.0, 10.0, 30.0, 30.0)


def test_a_leaf_alone_has_no_rows():
    x = Value(2.0, "x")
    assert viz.ledger(x).rows == ()
    assert str(viz.ledger(x)).splitlines()[0] == "The backward pass of x = 2 starts with dx/dx = 1."


def test_a_terminal_that_is_wide_enough_gets_the_signs(graphs):
    ledger = viz.ledger(graphs["lecture"]())
    widest = max(map(len, ledger.text(1000).splitlines()))
    assert "dv/du = 1" in ledger.text(widest + 3)  # a head that ends in spaces
    narrow = ledger.text(60)
    assert "dv/du" not in narrow
    assert "c = 10" in narrow
    assert all(len(line) <= 60 for line in narrow.splitlines())


def test_the_width_is_the_terminals(graphs, monkeypatch):
    ledger = viz.ledger(graphs["lecture"]())
    monkeypatch.setenv("COLUMNS", "60")
    assert str(ledger) == repr(ledger) == ledger.text(60)


def test_many_rows_are_left_out_in_the_middle():
    value = Value(1.0, "x")
    for _ in range(100):
        value = value.exp().log()
    ledger = viz.ledger(value, limit=5)
    assert len(ledger.rows) == 200
    for text in (str(ledger), ledger.markdown, ledger.html):
        assert text.count("… 195 more steps") == 1
    assert [line.split()[0] for line in str(ledger).splitlines()[3:]] == [
        "1", "2", "3", "…", "199", "200",
    ]  # fmt: skip
    assert "more steps" not in str(viz.ledger(value, limit=None))


def test_several_places_of_one_operand():
    a = Value(3.0, "a")
    assert "∂J/∂a⁽²⁾ = a = 3" in str(viz.ledger(autograd.dot([a], [a])))


def test_a_network_has_a_legend(graphs):
    ledger = viz.ledger(graphs["loss"]())
    means = "w₀⁽¹·⁰⁾ is layers.1.neurons.0.w.0"
    assert str(ledger).endswith(means)
    assert ledger.markdown.endswith(means)
    assert ledger.html.endswith(f"<p>{means}</p>\n")
    assert ledger._repr_html_() == ledger.html


HOSTILE = ("<script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>", "&lt;b&gt;", "a\n|b|",
           "</td></table>", "\u202eevil", "שלום", "$x$", "x" * 10_000)  # fmt: skip


@pytest.mark.parametrize("label", HOSTILE)
def test_no_label_breaks_out(label):
    x = Value(2.0, label)
    J = x.exp() * x
    J.label = label
    ledger = viz.ledger(J)
    tags = re.findall(r"<[^>]*>", ledger.html)
    assert {re.match(r"</?(\w+)", tag)[1] for tag in tags} <= {
        "table", "caption", "thead", "tbody", "tr", "th", "td", "bdi",
    }  # fmt: skip
    assert all(re.fullmatch(r'</?\w+( (style="text-align: \w+"|scope="col"))?>', t) for t in tags)
    assert html.unescape(ledger.html).count("\n") == ledger.html.count("\n") == 9
    table = [line for line in ledger.markdown.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in table} == {8}
    assert "<" not in ledger.markdown
    assert len(str(ledger).splitlines()) == 6
    assert all(len(line) < 200 for line in str(ledger).splitlines())


def test_wrong_arguments():
    with pytest.raises(TypeError, match=r"J: got a list of 1; allowed: a Value"):
        viz.ledger([Value(1.0)])
    with pytest.raises(ValueError, match=r"ledger: Value.*is a constant"):
        viz.ledger(autograd.constant(1.0))
    with pytest.raises(
        ValueError, match=r"limit: got .*; allowed: a whole number of at least 2, or None for"
    ):
        viz.ledger(Value(1.0), limit=0)
